#include "core/controllers/workload/deployment_controller.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/controllers/shared/claim.h"
#include "core/controllers/shared/conditions.h"
#include "core/controllers/shared/owner_reference.h"
#include "core/machinery/selectors.h"

namespace drydock::controllers {

DeploymentController::DeploymentController(ControllerContext& context)
    : KeyedController(context, "deployment-controller"),
      deployments_(context.informers.get(resources::kDeployments)),
      sets_(context.informers.get(resources::kReplicaSets)) {
  sets_.add_owner_index();
  enqueue_changes_of(deployments_);
  sets_.add_handler([this](const Object& old, const Object& current) { set_changed(old, current); });
  context.informers.get(resources::kPods).add_handler([this](const Object& old, const Object& current) {
    pod_changed(old, current);
  });
}

void DeploymentController::set_changed(const Object& old, const Object& current) {
  const Object& set = current ? current : old;
  const Value& owner = set.controller_ref();
  if (current && owner.is_null())
    orphan_sets_.insert(set.key());
  else
    orphan_sets_.erase(set.key());
  if (owner["kind"].as_string() == "Deployment") {
    enqueue(ObjectKey{std::string(set.ns()), owner["name"].str()});
  } else if (owner.is_null() && current) {
    for (const Object& deployment : deployments_.list_namespace(std::string(set.ns()))) enqueue(deployment);
  }
}

// Recreate waits for the last old pod to go.
void DeploymentController::pod_changed(const Object& old, const Object& current) {
  if (current) return;
  const Value& owner = old.controller_ref();
  if (owner["kind"].as_string() != "ReplicaSet") return;
  const Object& set = sets_.get({std::string(old.ns()), owner["name"].str()});
  if (!set) return;
  const Value& grand_owner = set.controller_ref();
  const ObjectKey key{std::string(old.ns()), grand_owner["name"].str()};
  const Object& deployment = deployments_.get(key);
  if (deployment && deployment.spec().get("strategy", "type").as_string() == "Recreate") enqueue(key);
}

bool DeploymentController::old_pods_running(const Object& deployment, const std::vector<Object>& sets) const {
  if (deployment.spec().get("strategy", "type").as_string() != "Recreate") return false;
  const Object new_set = find_new_replica_set(deployment, sets);
  return std::ranges::any_of(sets, [&](const Object& set) {
    if (new_set && set.uid() == new_set.uid()) return false;
    const std::vector<const PodView*> pods = context_.pods.owned_by(set.uid());
    return set.status()["replicas"].as_int() > 0 ||
           std::ranges::any_of(pods, [](const PodView* pod) { return !pod->finished(); });
  });
}

Task<Result<void>> DeploymentController::reconcile(ObjectKey key) {
  const Object deployment = deployments_.get(key);
  if (!deployment) co_return Result<void>();
  const Value& selector = deployment.spec()["selector"];
  if (selector["matchLabels"].empty() && selector["matchExpressions"].empty()) {
    recorder_.event(deployment, "Warning", "SelectingAll",
                    "This deployment is selecting all pods. A non-empty selector is required.");
    co_return Result<void>();
  }
  DRYDOCK_CO_TRY_VOID(co_await adopt_sets(deployment));
  const std::vector<Object> sets = sets_.by_owner(std::string(deployment.uid()));
  DeploymentPlan plan = plan_deployment(deployment, sets, old_pods_running(deployment, sets), context_.now());
  enqueue_at(key, plan.recheck);
  co_return co_await act(deployment, std::move(plan));
}

Task<Result<void>> DeploymentController::adopt_sets(Object deployment) {
  if (deployment.deleting()) co_return Result<void>();
  Result<LabelSelector> selector = LabelSelector::from_document(deployment.spec()["selector"]);
  if (!selector) co_return Result<void>();
  const Claimant claimant{deployment, "apps/v1", "Deployment"};
  std::vector<Object> matching;
  for (auto it = orphan_sets_.lower_bound({std::string(deployment.ns()), ""});
       it != orphan_sets_.end() && it->ns == deployment.ns(); ++it) {
    const Object& set = sets_.get(*it);
    if (set && !set.deleting() && selector->matches(set.labels())) matching.push_back(set);
  }
  for (const Object& set : matching) {
    DRYDOCK_CO_TRY_VOID(co_await context_.client.patch(resources::kReplicaSets, set.key(), PatchType::kStrategicMerge,
                                                       adopt_patch(claimant, set)));
  }
  co_return Result<void>();
}

Task<Result<void>> DeploymentController::act(Object deployment, DeploymentPlan plan) {
  if (plan.create) DRYDOCK_CO_TRY_VOID(co_await create_set(deployment, std::move(*plan.create)));
  for (ReplicaSetUpdate& update : plan.updates) DRYDOCK_CO_TRY_VOID(co_await update_set(deployment, std::move(update)));
  for (const Object& set : plan.deletes) {
    Result<Object> removed = co_await context_.client.remove(resources::kReplicaSets, set.key());
    if (!removed && !removed.error().is_not_found()) co_return removed.error();
  }
  Object next = deployment;
  if (!plan.revision.empty()) {
    Value annotations = Value::object({{"deployment.kubernetes.io/revision", plan.revision}});
    Value patch = Value::object({{"metadata", Value::object({{"annotations", annotations}})}});
    DRYDOCK_CO_TRY(next, co_await context_.client.patch(resources::kDeployments, deployment.key(), PatchType::kMerge,
                                                        std::move(patch)));
  }
  if (plan.status == deployment.status()) co_return Result<void>();
  next.mutable_doc().set("status", std::move(plan.status));
  Result<Object> written = co_await context_.client.update_status(resources::kDeployments, std::move(next));
  if (!written && !written.error().is_not_found()) co_return written.error();
  co_return Result<void>();
}

Task<Result<void>> DeploymentController::create_set(Object deployment, Object set) {
  const std::int64_t replicas = set.spec()["replicas"].as_int();
  Result<Object> created = co_await context_.client.create(resources::kReplicaSets, set);
  if (created) {
    if (replicas > 0) {
      recorder_.event(deployment, "Normal", "ScalingReplicaSet",
                      "Scaled up replica set " + std::string(set.name()) + " from 0 to " + std::to_string(replicas));
    }
    co_return Result<void>();
  }
  if (created.error().is_already_exists()) {
    // Ours, not yet in the cache? Then the watch brings it. Else two templates
    // share a hash: count the collision, which gives another name.
    Result<Object> existing = co_await context_.client.get(resources::kReplicaSets, set.key());
    if (!existing) co_return existing.error();
    const std::vector<Object> alone{*existing};
    if (controller_uid(*existing) == deployment.uid() && find_new_replica_set(deployment, alone))
      co_return Result<void>();
    Object next = deployment;
    Value& status = next.mutable_doc().ref("status");
    status.set("collisionCount", status["collisionCount"].as_int() + 1);
    DRYDOCK_CO_TRY_VOID(co_await context_.client.update_status(resources::kDeployments, std::move(next)));
    co_return created.error();
  }
  const std::string message =
      "Failed to create new replica set " + go_quote(set.name()) + ": " + created.error().message;
  recorder_.event(deployment, "Warning", "ReplicaSetCreateError", message);
  Object next = deployment;
  if (set_condition(next.mutable_doc().ref("status"), {"Progressing", "False", "ReplicaSetCreateError", message},
                    context_.now(), true)) {
    DRYDOCK_CO_TRY_VOID(co_await context_.client.update_status(resources::kDeployments, std::move(next)));
  }
  co_return created.error();
}

Task<Result<void>> DeploymentController::update_set(Object deployment, ReplicaSetUpdate update) {
  const std::string name(update.set.name());
  DRYDOCK_CO_TRY_VOID(co_await context_.client.update(resources::kReplicaSets, std::move(update.set)));
  if (update.from != update.to) {
    recorder_.event(deployment, "Normal", "ScalingReplicaSet",
                    std::string(update.to > update.from ? "Scaled up" : "Scaled down") + " replica set " + name +
                        " from " + std::to_string(update.from) + " to " + std::to_string(update.to));
  }
  co_return Result<void>();
}

}  // namespace drydock::controllers
