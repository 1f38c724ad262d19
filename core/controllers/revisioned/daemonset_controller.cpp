#include "core/controllers/revisioned/daemonset_controller.h"

#include "core/controllers/revisioned/daemonset_plan.h"
#include "core/controllers/revisioned/history_writer.h"
#include "core/controllers/shared/claim.h"
#include "core/machinery/selectors.h"

namespace drydock::controllers {

DaemonSetController::DaemonSetController(ControllerContext& context)
    : KeyedController(context, "daemonset-controller", 2),
      sets_(context.informers.get(resources::kDaemonSets)),
      nodes_(context.informers.get(resources::kNodes)),
      revisions_(context.informers.get(resources::kControllerRevisions)),
      pod_control_(context, recorder_, expectations_) {
  revisions_.add_owner_index();
  enqueue_changes_of(sets_);
  nodes_.add_handler([this](const Object& old, const Object& current) { node_changed(old, current); });
  context.informers.get(resources::kPods).add_handler([this](const Object& old, const Object& current) {
    if (const ObjectKey key = observe_owned_pod(expectations_, "DaemonSet", old, current); !key.name.empty())
      enqueue(key);
  });
}

// Heartbeats do not matter; labels, taints and the node's coming and going do.
void DaemonSetController::node_changed(const Object& old, const Object& current) {
  if (old && current && old.labels() == current.labels() && old.spec() == current.spec()) return;
  for (const auto& [key, set] : sets_.objects()) enqueue(key);
}

Task<Result<void>> DaemonSetController::reconcile(ObjectKey key) {
  const Object set = sets_.get(key);
  if (!set) {
    expectations_.forget(key.str());
    co_return Result<void>();
  }
  Result<LabelSelector> selector = LabelSelector::from_document(set.spec()["selector"]);
  if (!selector || set.deleting()) co_return Result<void>();
  Claimant claimant{set, "apps/v1", "DaemonSet"};
  DRYDOCK_CO_TRY_VOID(
      co_await claim_pods(context_, std::move(claimant), *selector, set.spec().get("template", "metadata", "labels")));
  std::vector<std::string> hashes_in_use;
  for (const PodView* pod : context_.pods.owned_by(set.uid()))
    hashes_in_use.emplace_back(pod->object.label("controller-revision-hash"));
  HistoryPlan history = plan_history(set, "DaemonSet", revisions_.by_owner(std::string(set.uid())), hashes_in_use);
  const std::string hash = history.current_hash;
  DRYDOCK_CO_TRY_VOID(co_await write_history(context_.client, std::move(history)));

  std::vector<const Object*> nodes;
  for (const auto& [node_key, node] : nodes_.objects()) nodes.push_back(&node);
  DaemonSetPlan plan = plan_daemon_set(set, nodes, context_.pods.owned_by(set.uid()), hash, context_.now());
  Result<void> managed;
  if (expectations_.satisfied(key.str(), context_.now())) {
    for (const Object& pod : plan.failed) {
      recorder_.event(
          set, "Warning", "FailedDaemonPod",
          "Found failed daemon pod " + pod.key().str() + " on node " + target_node(pod) + ", will try to kill it");
    }
    managed = co_await pod_control_.replace(set, std::move(plan.creates), std::move(plan.deletes));
  }
  if (plan.status != set.status()) {
    Object next = set;
    next.mutable_doc().set("status", std::move(plan.status));
    Result<Object> written = co_await context_.client.update_status(resources::kDaemonSets, std::move(next));
    if (!written && !written.error().is_not_found()) co_return written.error();
  }
  enqueue_at(key, plan.recheck);
  co_return managed;
}

}  // namespace drydock::controllers
