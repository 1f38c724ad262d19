// Informer: a local, indexed copy of a resource, kept fresh by list and watch.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
//
// - Handlers run after the cache has changed; they only enqueue keys.
// - Lookups touch the index only: O(log n) plus the objects returned.
// - run() reconnects for ever with back-off; after 410 Gone it lists again and
//   reports the difference.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/base/event_loop.h"
#include "core/base/sync.h"
#include "core/client/client.h"

namespace drydock {

class Informer {
 public:
  // `old` is empty for an addition, `current` for a deletion.
  using Handler = std::function<void(const Object& old, const Object& current)>;
  // The values under which an object is found in an index, e.g. its node name.
  using IndexFunction = std::function<std::vector<std::string>(const Object&)>;

  Informer(EventLoop& loop, Client& client, ResourceRef resource, std::string ns = "", ListOptions filter = {});
  void add_handler(Handler handler);                               // before run()
  void add_index(std::string index_name, IndexFunction function);  // before run()
  // Owner index: objects by the uid of their controller. Namespace index is built in.
  void add_owner_index();

  // Runs until its frame is destroyed.
  Task<void> run();
  bool synced() const { return synced_; }
  Task<void> wait_synced();

  // Empty Object when absent.
  const Object& get(const ObjectKey& key) const;
  // In key order.
  std::vector<Object> list() const;
  std::vector<Object> list_namespace(const std::string& ns) const;
  std::vector<Object> by_index(const std::string& index_name, const std::string& value) const;
  std::vector<Object> by_owner(const std::string& owner_uid) const;
  std::size_t size() const { return objects_.size(); }
  const std::map<ObjectKey, Object>& objects() const { return objects_; }

 private:
  struct Index {
    IndexFunction function;
    std::map<std::string, std::set<ObjectKey>> keys;
  };
  void apply(const Object& object, bool deleted);
  void replace(const ObjectList& list);
  Task<bool> list_once();
  Task<void> watch_once();

  EventLoop& loop_;
  Client& client_;
  ResourceRef resource_;
  std::string ns_;
  ListOptions filter_;
  std::vector<Handler> handlers_;
  std::map<std::string, Index> indexes_;
  std::map<ObjectKey, Object> objects_;
  std::string last_version_;
  bool synced_ = false;
  Event synced_event_;
};

}  // namespace drydock
