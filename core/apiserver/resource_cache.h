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

class ResourceCache {
 public:
  using Transform = std::function<Value(const Object&)>;

  void put(const Object& object, Revision revision);
  void remove(const ObjectKey& key, Revision revision);
  const std::map<ObjectKey, Object>& objects() const { return objects_; }

  // Starts a watch from `after`; false when changes since then are no longer known.
  // `transform` makes what is sent (tables, metadata only); null sends the object.
  bool watch(std::shared_ptr<StreamEnd> stream, ObjectFilter filter, Revision after, Transform transform);
  // Sends the current state first, as sendInitialEvents asks.
  void watch_from_state(std::shared_ptr<StreamEnd> stream, ObjectFilter filter, Transform transform, Value bookmark);
  // Watches from before it are refused from now on.
  void forget_before(Revision revision);
  std::size_t watchers() const { return by_node_.size() + watchers_.size(); }

 private:
  struct Watcher {
    std::shared_ptr<StreamEnd> stream;
    ObjectFilter filter;
    Transform transform;
  };
  struct Change {
    Revision revision = 0;
    Object old;
    Object current;                  // empty: deleted
    Value added, modified, deleted;  // built when first sent
  };
  void publish(Change change);
  void deliver(Watcher& watcher, Change& change);
  static bool send(Watcher& watcher, const char* type, const Object& object, Value* shared);

  std::map<ObjectKey, Object> objects_;
  std::deque<Change> history_;
  Revision oldest_ = 0;
  std::vector<Watcher> watchers_;
  // Kubelets watch the pods of their node: a change wakes only those of its node.
  std::multimap<std::string, Watcher> by_node_;
};

}  // namespace drydock
