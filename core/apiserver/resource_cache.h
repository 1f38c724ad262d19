// ResourceCache: the objects of one resource as the store has them, with the recent
// changes: lists and watches are served from it, never from the store.
//
// Objects are decoded once; a change is one document that every watcher shares.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/machinery/http_message.h"
#include "core/machinery/object.h"
#include "core/machinery/selectors.h"
#include "core/store/store.h"

namespace drydock {

// What a list or watch asks for.
struct ObjectFilter {
  std::string ns;
  LabelSelector labels;
  std::vector<FieldTerm> fields;
  bool matches(const Object& object) const;
};

// A field path's value for a field selector: "spec.nodeName".
std::string field_value(const Object& object, std::string_view path);

// The object that a store's item is: its revision is the object's resourceVersion.
Object with_version(const KeyValue& item);

class ResourceCache {
 public:
  using Transform = std::function<Value(const Object&)>;

  // What the store says; `previous` is what it held before, if anything.
  void put(const KeyValue& item, const std::optional<KeyValue>& previous);
  void remove(const ObjectKey& key, Revision revision, const std::optional<KeyValue>& previous);
  const std::map<ObjectKey, Object>& objects() const { return objects_; }
  // Keeps pods also by the node they are bound to; before the first put().
  void index_nodes() { indexes_nodes_ = true; }
  const std::vector<const Object*>& on_node(const std::string& node) const;

  // Starts a watch from `after`; false when changes since then are no longer known.
  // `transform` makes what is sent (tables, metadata only); null sends the object.
  bool watch(std::shared_ptr<StreamEnd> stream, ObjectFilter filter, Revision after, Transform transform);
  // Sends the current state first, as sendInitialEvents asks.
  void watch_from_state(std::shared_ptr<StreamEnd> stream, ObjectFilter filter, Transform transform, Value bookmark);
  // Watches from before it are refused from now on.
  void forget_before(Revision revision);
  // Ends every watch and forgets everything: the store is read anew.
  void reset();
  std::size_t watchers() const { return by_node_.size() + watchers_.size(); }

 private:
  struct Watcher {
    std::shared_ptr<StreamEnd> stream;
    ObjectFilter filter;
    Transform transform;
  };
  // A document as the store keeps it, which shares it, and its revision.
  struct Stored {
    Value document;  // null: none
    Revision revision = 0;
    Object object() const;  // with its resourceVersion; empty when there is none
  };
  struct Change {
    Revision revision = 0;
    Stored old;
    Stored current;  // none: deleted
  };
  // A change on its way to watchers.
  struct News {
    Object old;
    Object current;
    Value added, modified, deleted;  // built when first sent
  };
  void publish(News news);
  static void deliver(Watcher& watcher, News& news);
  void keep(Change change);
  static bool send(Watcher& watcher, const char* type, const Object& object, Value* shared);

  std::map<ObjectKey, Object> objects_;
  bool indexes_nodes_ = false;
  std::map<std::string, std::vector<const Object*>> on_node_;
  std::deque<Change> history_;
  Revision oldest_ = 0;
  std::vector<Watcher> watchers_;
  // Kubelets watch the pods of their node: a change wakes only those of its node.
  std::multimap<std::string, Watcher> by_node_;
};

}  // namespace drydock
