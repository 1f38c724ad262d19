#include "core/controllers/gc/garbage_collector.h"

#include <algorithm>

namespace drydock::controllers {

std::vector<CollectedKind> collected_kinds() {
  return {
      {resources::kPods, "Pod"},
      {resources::kReplicaSets, "ReplicaSet"},
      {resources::kReplicationControllers, "ReplicationController"},
      {resources::kDeployments, "Deployment"},
      {resources::kStatefulSets, "StatefulSet"},
      {resources::kDaemonSets, "DaemonSet"},
      {resources::kControllerRevisions, "ControllerRevision"},
      {resources::kJobs, "Job"},
      {resources::kCronJobs, "CronJob"},
      {resources::kServices, "Service"},
      {resources::kEndpoints, "Endpoints"},
      {resources::kEndpointSlices, "EndpointSlice"},
      {resources::kConfigMaps, "ConfigMap"},
      {resources::kSecrets, "Secret"},
      {resources::kServiceAccounts, "ServiceAccount"},
      {resources::kPersistentVolumeClaims, "PersistentVolumeClaim"},
      {resources::kLeases, "Lease"},
      {resources::kNodes, "Node", false},
  };
}

GarbageCollector::GarbageCollector(ControllerContext& context, std::vector<CollectedKind> kinds)
    : KeyedController(context, "garbage-collector-controller", 20), kinds_(std::move(kinds)) {
  for (const CollectedKind& kind : kinds_) {
    context.informers.get(kind.resource)
        .add_handler([this, resource = kind.resource](const Object& old, const Object& current) {
          object_changed(resource, old, current);
        });
  }
}

void GarbageCollector::object_changed(const ResourceRef& resource, const Object& old, const Object& current) {
  if (!current) {
    const std::string uid(old.uid());
    const std::vector<OwnerReference> owners = read_owners(old);
    for (const std::string& dependent : graph_.remove(uid)) {
      absent_.insert(uid);
      enqueue_uid(dependent);
    }
    for (const OwnerReference& owner : owners) {
      const GraphNode* node = graph_.find(owner.uid);
      if (node != nullptr && node->deleting_dependents()) enqueue_uid(owner.uid);
      if (node == nullptr) absent_.erase(owner.uid);  // nobody refers to it any more
    }
    return;
  }
  const std::string uid(current.uid());
  const std::vector<std::string> unseen = graph_.put(resource, current);
  const GraphNode* node = graph_.find(uid);
  if (node->orphaning() || node->deleting_dependents()) enqueue_uid(uid);
  // An owner that should have come before its dependents may be gone already.
  if (!unseen.empty()) enqueue_uid(uid);
}

const CollectedKind* GarbageCollector::find_kind(std::string_view api_version, std::string_view kind) const {
  // Versions of a group serve the same objects.
  const std::string_view group =
      api_version.find('/') == std::string_view::npos ? "" : api_version.substr(0, api_version.find('/'));
  auto it = std::ranges::find_if(
      kinds_, [&](const CollectedKind& known) { return known.kind == kind && known.resource.group == group; });
  return it == kinds_.end() ? nullptr : &*it;
}

Task<Result<void>> GarbageCollector::reconcile(ObjectKey uid) {
  const GraphNode* node = graph_.find(uid.name);
  if (node == nullptr || node->is_virtual()) co_return Result<void>();
  if (node->orphaning()) co_return co_await orphan_dependents(uid.name);
  if (node->deleting_dependents()) co_return co_await finish_foreground(uid.name);
  co_return co_await delete_item(uid.name);
}

Task<Result<bool>> GarbageCollector::exists(OwnerReference owner, std::string ns) {
  const CollectedKind* kind = find_kind(owner.api_version, owner.kind);
  // Owners of kinds that are not collected are taken to exist.
  if (kind == nullptr) co_return true;
  const ObjectKey key{kind->namespaced ? ns : "", owner.name};
  Result<Object> found = co_await context_.client.get(kind->resource, key);
  if (found) co_return found->uid() == owner.uid;
  if (found.error().is_not_found()) co_return false;
  co_return found.error();
}

Task<Result<void>> GarbageCollector::delete_item(std::string uid) {
  const GraphNode* node = graph_.find(uid);
  if (node->object.deleting() || node->owners.empty()) co_return Result<void>();
  const ResourceRef resource = node->resource;
  const Object object = node->object;
  const std::vector<OwnerReference> owners = node->owners;
  std::set<std::string> solid, leaving;  // leaving: absent, or waiting for its dependents to go
  bool any_waiting = false;
  for (const OwnerReference& owner : owners) {
    const GraphNode* owner_node = graph_.find(owner.uid);
    if (owner_node != nullptr && !owner_node->is_virtual()) {
      const bool waiting = owner_node->deleting_dependents();
      any_waiting = any_waiting || waiting;
      (waiting ? leaving : solid).insert(owner.uid);
      continue;
    }
    if (absent_.contains(owner.uid)) {
      leaving.insert(owner.uid);
      continue;
    }
    DRYDOCK_CO_TRY(const bool there, co_await exists(owner, std::string(object.ns())));
    (there ? solid : leaving).insert(owner.uid);
  }
  if (!solid.empty()) {
    if (leaving.empty()) co_return Result<void>();
    co_return co_await drop_owners(resource, object, std::move(leaving));
  }
  node = graph_.find(uid);
  if (node == nullptr) co_return Result<void>();
  // An owner waits for this object, and this one would wait for a dependent that already
  // waits itself: they may be the same.
  const bool circle = any_waiting && std::ranges::any_of(node->dependents, [this](const std::string& dependent_uid) {
                        const GraphNode* dependent = graph_.find(dependent_uid);
                        return dependent != nullptr && dependent->deleting_dependents();
                      });
  const bool foreground = has_finalizer(object, "foregroundDeletion") || (any_waiting && !node->dependents.empty());
  if (circle) DRYDOCK_CO_TRY_VOID(co_await unblock_owners(resource, object));
  DeleteOptions options;
  options.precondition_uid = uid;
  if (has_finalizer(object, "orphan"))
    options.propagation_policy = "Orphan";
  else if (foreground)
    options.propagation_policy = "Foreground";
  else
    options.propagation_policy = "Background";
  Result<Object> removed = co_await context_.client.remove(resource, object.key(), options);
  if (!removed && !removed.error().is_not_found() && !removed.error().is_conflict()) co_return removed.error();
  co_return Result<void>();
}

Task<Result<void>> GarbageCollector::finish_foreground(std::string uid) {
  const GraphNode* node = graph_.find(uid);
  bool blocked = false;
  for (const std::string& dependent_uid : node->dependents) {
    const GraphNode* dependent = graph_.find(dependent_uid);
    if (dependent == nullptr || dependent->is_virtual()) continue;
    if (!dependent->object.deleting()) enqueue_uid(dependent_uid);
    blocked = blocked || std::ranges::any_of(dependent->owners, [&uid](const OwnerReference& owner) {
                return owner.uid == uid && owner.blocks_deletion;
              });
  }
  if (blocked) co_return Result<void>();  // the last dependent's end brings this back
  co_return co_await remove_finalizer(node->resource, node->object, "foregroundDeletion");
}

Task<Result<void>> GarbageCollector::orphan_dependents(std::string uid) {
  const GraphNode* node = graph_.find(uid);
  const ResourceRef resource = node->resource;
  const Object owner = node->object;
  const std::set<std::string> dependents = node->dependents;
  for (const std::string& dependent_uid : dependents) {
    const GraphNode* dependent = graph_.find(dependent_uid);
    if (dependent == nullptr || dependent->is_virtual()) continue;
    DRYDOCK_CO_TRY_VOID(co_await drop_owners(dependent->resource, dependent->object, {uid}));
  }
  co_return co_await remove_finalizer(resource, owner, "orphan");
}

Task<Result<void>> GarbageCollector::drop_owners(ResourceRef resource, Object object,
                                                 std::set<std::string> owner_uids) {
  Value kept = Value::array();
  for (const Value& reference : object.metadata()["ownerReferences"].items()) {
    if (!owner_uids.contains(reference["uid"].str())) kept.push_back(reference);
  }
  co_return co_await patch_owners(std::move(resource), std::move(object), std::move(kept));
}

Task<Result<void>> GarbageCollector::unblock_owners(ResourceRef resource, Object object) {
  Value references = Value::array();
  for (Value reference : object.metadata()["ownerReferences"].items()) {
    if (reference["blockOwnerDeletion"].as_bool()) reference.set("blockOwnerDeletion", false);
    references.push_back(std::move(reference));
  }
  co_return co_await patch_owners(std::move(resource), std::move(object), std::move(references));
}

Task<Result<void>> GarbageCollector::patch_owners(ResourceRef resource, Object object, Value references) {
  Value metadata = Value::object(
      {{"uid", object.uid()}, {"resourceVersion", object.resource_version()}, {"ownerReferences", references}});
  Value patch = Value::object({{"metadata", metadata}});
  Result<Object> patched =
      co_await context_.client.patch(std::move(resource), object.key(), PatchType::kMerge, std::move(patch));
  if (!patched && !patched.error().is_not_found()) co_return patched.error();
  co_return Result<void>();
}

Task<Result<void>> GarbageCollector::remove_finalizer(ResourceRef resource, Object object, std::string finalizer) {
  Value kept = Value::array();
  for (const Value& own : object.metadata()["finalizers"].items()) {
    if (own.as_string() != finalizer) kept.push_back(own);
  }
  Value metadata =
      Value::object({{"uid", object.uid()}, {"resourceVersion", object.resource_version()}, {"finalizers", kept}});
  Value patch = Value::object({{"metadata", metadata}});
  Result<Object> patched =
      co_await context_.client.patch(std::move(resource), object.key(), PatchType::kMerge, std::move(patch));
  if (!patched && !patched.error().is_not_found()) co_return patched.error();
  co_return Result<void>();
}

}  // namespace drydock::controllers
