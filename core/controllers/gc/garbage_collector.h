// GarbageCollector deletes objects whose owners are gone, lets go of orphans and
// completes foreground deletions.
// https://kubernetes.io/docs/concepts/architecture/garbage-collection/
#pragma once

#include <set>

#include "core/controllers/gc/owner_graph.h"
#include "core/controllers/shared/keyed_controller.h"

namespace drydock::controllers {

// A kind that may own or be owned.
struct CollectedKind {
  ResourceRef resource;
  std::string kind;
  bool namespaced = true;
};
// The built-in ones that ever have owners or dependents in practice.
std::vector<CollectedKind> collected_kinds();

class GarbageCollector final : public KeyedController {
 public:
  GarbageCollector(ControllerContext& context, std::vector<CollectedKind> kinds = collected_kinds());

 private:
  // Keys are uids.
  Task<Result<void>> reconcile(ObjectKey uid) override;
  Task<Result<void>> delete_item(std::string uid);
  Task<Result<void>> finish_foreground(std::string uid);
  Task<Result<void>> orphan_dependents(std::string uid);
  // Looks the owner up with the API server: the cache may be late.
  Task<Result<bool>> exists(OwnerReference owner, std::string ns);
  Task<Result<void>> remove_finalizer(ResourceRef resource, Object object, std::string finalizer);
  // Its own references hold no owner back any more: what breaks a circle of owners.
  Task<Result<void>> unblock_owners(ResourceRef resource, Object object);
  Task<Result<void>> patch_owners(ResourceRef resource, Object object, Value references);
  Task<Result<void>> drop_owners(ResourceRef resource, Object object, std::set<std::string> owner_uids);
  const CollectedKind* find_kind(std::string_view api_version, std::string_view kind) const;
  void object_changed(const ResourceRef& resource, const Object& old, const Object& current);
  void enqueue_uid(const std::string& uid) { enqueue(ObjectKey{"", uid}); }

  std::vector<CollectedKind> kinds_;
  OwnerGraph graph_;
  std::set<std::string> absent_;  // owners known not to exist
};

}  // namespace drydock::controllers
