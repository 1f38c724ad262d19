#include "core/controllers/workload/replicaset_controller.h"

#include "core/controllers/shared/claim.h"
#include "core/controllers/shared/owner_reference.h"
#include "core/machinery/selectors.h"

namespace drydock::controllers {

ReplicaKind replica_set_kind() {
  return {resources::kReplicaSets, "apps/v1", "ReplicaSet", "replicaset-controller", false};
}
ReplicaKind replication_controller_kind() {
  return {resources::kReplicationControllers, "v1", "ReplicationController", "replication-controller", true};
}

ReplicaSetController::ReplicaSetController(ControllerContext& context, ReplicaKind kind)
    : KeyedController(context, kind.component),
      kind_(std::move(kind)),
      sets_(context.informers.get(kind_.resource)),
      pod_control_(context, recorder_, expectations_) {
  sets_.add_owner_index();
  enqueue_changes_of(sets_);
  context.informers.get(resources::kPods).add_handler([this](const Object& old, const Object& current) {
    pod_changed(old, current);
  });
}

void ReplicaSetController::pod_changed(const Object& old, const Object& current) {
  const Object& pod = current ? current : old;
  const Value& owner = pod.controller_ref();
  if (const ObjectKey key = observe_owned_pod(expectations_, kind_.kind, old, current); !key.name.empty()) {
    enqueue(key);
  } else if (owner.is_null() && current && !pod.labels().empty() &&
             (!old || !old.labels().same_as(pod.labels()) || !old.controller_ref().is_null())) {
    // An orphan may be adopted by any set of its namespace whose selector matches.
    for (const Object& set : sets_.list_namespace(std::string(pod.ns()))) enqueue(set);
  }
  // A pod let go of is replaced by its former owner.
  if (old && current) {
    const Value& before = old.controller_ref();
    if (before["kind"].as_string() == kind_.kind && before["uid"] != owner["uid"]) {
      enqueue(ObjectKey{std::string(pod.ns()), before["name"].str()});
    }
  }
}

Task<Result<void>> ReplicaSetController::reconcile(ObjectKey key) {
  const Object set = sets_.get(key);
  if (!set) {
    expectations_.forget(key.str());
    co_return Result<void>();
  }
  const Value& selector_document = set.spec()["selector"];
  Result<LabelSelector> selector = kind_.flat_selector
                                       ? Result<LabelSelector>(LabelSelector::from_labels(selector_document))
                                       : LabelSelector::from_document(selector_document);
  if (!selector) co_return Result<void>();  // cannot get better by trying again
  const bool fresh = expectations_.satisfied(key.str(), context_.now());
  Claimant claimant{set, kind_.api_version, kind_.kind};
  DRYDOCK_CO_TRY_VOID(
      co_await claim_pods(context_, std::move(claimant), *selector, set.spec().get("template", "metadata", "labels")));
  Result<void> managed;
  std::int64_t difference = 0;
  if (fresh && !set.deleting()) {
    for (const PodView* pod : context_.pods.owned_by(set.uid())) difference += pod->active() ? 1 : 0;
    difference -= set.spec()["replicas"].as_int(1);
    managed = co_await manage(set);
  }
  co_return co_await write_status(set, std::move(managed), difference);
}

std::vector<const PodView*> ReplicaSetController::siblings(const Object& set) const {
  std::vector<const PodView*> found;
  const std::string_view owner = controller_uid(set);
  if (owner.empty()) return found;
  for (const Object& sibling : sets_.by_owner(std::string(owner))) {
    if (sibling.uid() == set.uid()) continue;
    for (const PodView* pod : context_.pods.owned_by(sibling.uid())) found.push_back(pod);
  }
  return found;
}

Task<Result<void>> ReplicaSetController::manage(Object set) {
  const std::int64_t wanted = set.spec()["replicas"].as_int(1);
  ReplicaSetPlan plan = plan_replicas(wanted, context_.pods.owned_by(set.uid()), siblings(set), context_.now());
  if (plan.creates > 0) {
    Object pod = pod_from_template(set.spec()["template"], set, kind_.api_version, kind_.kind);
    co_return co_await pod_control_.create_many(set, std::move(pod), plan.creates);
  }
  co_return co_await pod_control_.remove_many(set, std::move(plan.deletes));
}

Task<Result<void>> ReplicaSetController::write_status(Object set, Result<void> managed, std::int64_t difference) {
  const std::int64_t min_ready = set.spec()["minReadySeconds"].as_int();
  const ReplicaSetCounts counts = count_replicas(
      context_.pods.owned_by(set.uid()), set.spec().get("template", "metadata", "labels"), min_ready, context_.now());
  ManageFailure failure;
  if (!managed) failure = {difference < 0 ? "FailedCreate" : "FailedDelete", managed.error().message};
  Value status = replica_set_status(set, counts, managed ? nullptr : &failure, !kind_.flat_selector, context_.now());
  if (status != set.status()) {
    Object next = set;
    next.mutable_doc().set("status", std::move(status));
    Result<Object> written = co_await context_.client.update_status(kind_.resource, std::move(next));
    if (!written && !written.error().is_not_found()) co_return written.error();
  }
  enqueue_at(set.key(), counts.next_available);
  co_return managed;
}

}  // namespace drydock::controllers
