#include "core/controllers/revisioned/statefulset_controller.h"

#include "core/controllers/revisioned/history_writer.h"
#include "core/controllers/shared/claim.h"
#include "core/machinery/selectors.h"

namespace drydock::controllers {

StatefulSetController::StatefulSetController(ControllerContext& context)
    : KeyedController(context, "statefulset-controller"),
      sets_(context.informers.get(resources::kStatefulSets)),
      revisions_(context.informers.get(resources::kControllerRevisions)),
      claims_(context.informers.get(resources::kPersistentVolumeClaims)) {
  revisions_.add_owner_index();
  enqueue_changes_of(sets_);
  context.informers.get(resources::kPods).add_handler([this](const Object& old, const Object& current) {
    const Object& pod = current ? current : old;
    const Value& owner = pod.controller_ref();
    if (owner["kind"].as_string() == "StatefulSet") enqueue(ObjectKey{std::string(pod.ns()), owner["name"].str()});
  });
}

Task<Result<void>> StatefulSetController::reconcile(ObjectKey key) {
  const Object set = sets_.get(key);
  if (!set || set.deleting()) co_return Result<void>();
  Result<LabelSelector> selector = LabelSelector::from_document(set.spec()["selector"]);
  if (!selector) co_return Result<void>();
  Claimant claimant{set, "apps/v1", "StatefulSet"};
  DRYDOCK_CO_TRY_VOID(
      co_await claim_pods(context_, std::move(claimant), *selector, set.spec().get("template", "metadata", "labels")));

  const std::string prefix = std::string(set.name()) + "-";
  std::vector<std::string> hashes_in_use;
  for (const PodView* pod : context_.pods.owned_by(set.uid())) {
    const std::string_view revision = pod->object.label("controller-revision-hash");
    if (revision.starts_with(prefix)) hashes_in_use.emplace_back(revision.substr(prefix.size()));
  }
  StatefulRevisions revisions{.current = set.status()["currentRevision"].str(), .update = "", .current_template = {}};
  if (revisions.current.starts_with(prefix)) hashes_in_use.push_back(revisions.current.substr(prefix.size()));
  HistoryPlan history = plan_history(set, "StatefulSet", revisions_.by_owner(std::string(set.uid())), hashes_in_use);
  revisions.update = history.current_name;
  if (revisions.current.empty()) revisions.current = revisions.update;
  revisions.current_template = revisions_.get({key.ns, revisions.current}).doc()["data"].get("spec", "template");
  if (revisions.current_template.is_object()) revisions.current_template.erase("$patch");
  DRYDOCK_CO_TRY_VOID(co_await write_history(context_.client, std::move(history)));

  StatefulSetPlan plan = plan_stateful_set(set, context_.pods.owned_by(set.uid()), revisions, context_.now());
  enqueue_at(key, plan.recheck);
  for (const Object& pod : plan.failed) {
    recorder_.event(set, "Warning", "RecreatingFailedPod",
                    "StatefulSet " + key.str() + " is recreating failed Pod " + std::string(pod.name()));
  }
  Result<void> outcome;
  for (StatefulPodCreation& creation : plan.creates) {
    Result<void> created = co_await create(set, std::move(creation));
    if (!created) outcome = std::move(created);
  }
  for (const Object& pod : plan.deletes) {
    Result<void> removed = co_await remove(set, pod);
    if (!removed) outcome = std::move(removed);
  }
  if (plan.status != set.status()) {
    Object next = set;
    next.mutable_doc().set("status", std::move(plan.status));
    Result<Object> written = co_await context_.client.update_status(resources::kStatefulSets, std::move(next));
    if (!written && !written.error().is_not_found()) co_return written.error();
  }
  co_return outcome;
}

Task<Result<void>> StatefulSetController::create(Object set, StatefulPodCreation creation) {
  const std::string pod_name(creation.pod.name()), set_name(set.name());
  for (Object& claim : creation.claims) {
    if (claims_.get(claim.key())) continue;
    const std::string subject =
        "create Claim " + std::string(claim.name()) + " Pod " + pod_name + " in StatefulSet " + set_name;
    Result<Object> created = co_await context_.client.create(resources::kPersistentVolumeClaims, std::move(claim));
    if (created) {
      recorder_.event(set, "Normal", "SuccessfulCreate", subject + " success");
    } else if (!created.error().is_already_exists()) {
      recorder_.event(set, "Warning", "FailedCreate", subject + " failed error: " + created.error().message);
      co_return created.error();
    }
  }
  const std::string subject = "create Pod " + pod_name + " in StatefulSet " + set_name;
  Result<Object> created = co_await context_.client.create(resources::kPods, std::move(creation.pod));
  if (created) {
    recorder_.event(set, "Normal", "SuccessfulCreate", subject + " successful");
  } else if (!created.error().is_already_exists()) {  // the cache may be late
    recorder_.event(set, "Warning", "FailedCreate", subject + " failed error: " + created.error().message);
    co_return created.error();
  }
  co_return Result<void>();
}

Task<Result<void>> StatefulSetController::remove(Object set, Object pod) {
  const std::string subject = "delete Pod " + std::string(pod.name()) + " in StatefulSet " + std::string(set.name());
  DeleteOptions options;
  options.precondition_uid = std::string(pod.uid());
  Result<Object> removed = co_await context_.client.remove(resources::kPods, pod.key(), options);
  if (removed) {
    recorder_.event(set, "Normal", "SuccessfulDelete", subject + " successful");
  } else if (!removed.error().is_not_found() && !removed.error().is_conflict()) {
    recorder_.event(set, "Warning", "FailedDelete", subject + " failed error: " + removed.error().message);
    co_return removed.error();
  }
  co_return Result<void>();
}

}  // namespace drydock::controllers
