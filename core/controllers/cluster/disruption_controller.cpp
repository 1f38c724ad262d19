#include "core/controllers/cluster/disruption_controller.h"

#include <algorithm>
#include <set>

#include "core/controllers/shared/conditions.h"
#include "core/controllers/workload/int_or_percent.h"
#include "core/machinery/selectors.h"
#include "core/machinery/timestamp.h"

namespace drydock::controllers {
namespace {

// A pod whose eviction was granted but which has not started to go counts as gone for so long.
constexpr Duration kDeletionTimeout = std::chrono::minutes(2);

bool selects(const Object& budget, const Object& pod) {
  Result<LabelSelector> selector = LabelSelector::from_document(budget.spec()["selector"]);
  return selector && selector->matches(pod.labels());
}

}  // namespace

Value plan_budget_status(const Object& budget, const std::vector<const PodView*>& pods, std::int64_t expected,
                         TimePoint now) {
  const Value& spec = budget.spec();
  std::int64_t desired = 0;
  if (const Value& max = spec["maxUnavailable"]; !max.is_null()) {
    desired = std::max<std::int64_t>(0, expected - resolve_int_or_percent(max, expected, Rounding::kUp));
  } else if (const Value& min = spec["minAvailable"]; !min.is_null()) {
    if (min.is_number()) expected = static_cast<std::int64_t>(pods.size());
    desired = resolve_int_or_percent(min, expected, Rounding::kUp);
  }
  Value status = budget.status().is_object() ? budget.status() : Value::object();
  Value disrupted = Value::object();
  for (const Value::Member& entry : status["disruptedPods"].members()) {
    const bool still_there = std::ranges::any_of(
        pods, [&entry](const PodView* pod) { return !pod->deleting && pod->object.name() == entry.key.view(); });
    if (still_there && time_or_epoch(entry.value.as_string()) + kDeletionTimeout > now)
      disrupted.set(entry.key, entry.value);
  }
  const std::int64_t healthy = std::ranges::count_if(pods, [&disrupted](const PodView* pod) {
    return pod->ready && !pod->deleting && !disrupted.has(pod->object.name());
  });
  const std::int64_t allowed = expected > 0 ? std::max<std::int64_t>(0, healthy - desired) : 0;
  status.set("currentHealthy", healthy);
  status.set("desiredHealthy", desired);
  status.set("expectedPods", expected);
  status.set("disruptionsAllowed", allowed);
  if (budget.generation() != 0) status.set("observedGeneration", budget.generation());
  if (disrupted.empty())
    status.erase("disruptedPods");
  else
    status.set("disruptedPods", std::move(disrupted));
  set_condition(status,
                allowed > 0 ? Condition{"DisruptionAllowed", "True", "SufficientPods", ""}
                            : Condition{"DisruptionAllowed", "False", "InsufficientPods", ""},
                now);
  return status;
}

DisruptionController::DisruptionController(ControllerContext& context)
    : KeyedController(context, "controllermanager", 1),
      budgets_(context.informers.get(resources::kPodDisruptionBudgets)),
      replica_sets_(context.informers.get(resources::kReplicaSets)),
      stateful_sets_(context.informers.get(resources::kStatefulSets)),
      replication_controllers_(context.informers.get(resources::kReplicationControllers)) {
  enqueue_changes_of(budgets_);
  context.informers.get(resources::kPods).add_handler([this](const Object& old, const Object& current) {
    pod_changed(old, current);
  });
}

void DisruptionController::pod_changed(const Object& old, const Object& current) {
  if (budgets_.size() == 0) return;
  const Object& pod = current ? current : old;
  for (const Object& budget : budgets_.list_namespace(std::string(pod.ns()))) {
    if (selects(budget, pod) || (old && selects(budget, old))) enqueue(budget);
  }
}

std::int64_t DisruptionController::expected_pods(const std::vector<const PodView*>& pods) const {
  std::set<std::string> owners;
  std::int64_t expected = 0;
  for (const PodView* pod : pods) {
    const Value& owner = pod->object.controller_ref();
    if (owner.is_null() || !owners.insert(owner["uid"].str()).second) continue;
    const ObjectKey key{std::string(pod->object.ns()), owner["name"].str()};
    const std::string_view kind = owner["kind"].as_string();
    const Informer* informer = kind == "ReplicaSet"              ? &replica_sets_
                               : kind == "StatefulSet"           ? &stateful_sets_
                               : kind == "ReplicationController" ? &replication_controllers_
                                                                 : nullptr;
    if (informer != nullptr) expected += informer->get(key).spec()["replicas"].as_int(0);
  }
  return expected;
}

Task<Result<void>> DisruptionController::reconcile(ObjectKey key) {
  const Object budget = budgets_.get(key);
  if (!budget) co_return Result<void>();
  std::vector<const PodView*> pods = context_.pods.in_namespace(key.ns);
  std::erase_if(pods, [&budget](const PodView* pod) { return pod->finished() || !selects(budget, pod->object); });
  if (pods.empty()) recorder_.event(budget, "Normal", "NoPods", "No matching pods found");
  Value status = plan_budget_status(budget, pods, expected_pods(pods), context_.now());
  if (status.has("disruptedPods")) enqueue_after(key, kDeletionTimeout);
  if (status == budget.status()) co_return Result<void>();
  Object next = budget;
  next.mutable_doc().set("status", std::move(status));
  DRYDOCK_CO_TRY_VOID(co_await context_.client.update_status(resources::kPodDisruptionBudgets, std::move(next)));
  co_return Result<void>();
}

}  // namespace drydock::controllers
