#include "core/controllers/node/taint_eviction_controller.h"

#include <algorithm>

#include "core/machinery/timestamp.h"

namespace drydock::controllers {
namespace {

std::vector<Taint> no_execute_taints(const Object& node) {
  std::vector<Taint> taints = read_taints(node.spec()["taints"]);
  std::erase_if(taints, [](const Taint& taint) { return taint.effect != "NoExecute"; });
  return taints;
}

}  // namespace

std::optional<Duration> tolerated_for(const std::vector<Taint>& no_execute,
                                      const std::vector<Toleration>& tolerations) {
  std::optional<Duration> shortest;
  for (const Taint& taint : no_execute) {
    bool tolerated = false;
    for (const Toleration& toleration : tolerations) {
      if (!toleration.tolerates(taint)) continue;
      tolerated = true;
      if (toleration.seconds >= 0)
        shortest = std::min(shortest.value_or(Duration::max()), Duration(seconds(toleration.seconds)));
    }
    if (!tolerated) return Duration::zero();
  }
  return shortest;
}

TaintEvictionController::TaintEvictionController(ControllerContext& context)
    : KeyedController(context, "taint-eviction-controller"), nodes_(context.informers.get(resources::kNodes)) {
  nodes_.add_handler([this](const Object& old, const Object& current) { node_changed(old, current); });
  context.informers.get(resources::kPods).add_handler([this](const Object& old, const Object& current) {
    const bool placed_now = current && !current.spec()["nodeName"].empty() && (!old || old.spec()["nodeName"].empty());
    if (placed_now && !no_execute_taints(nodes_.get({"", current.spec()["nodeName"].str()})).empty()) enqueue(current);
    if (!current) deadlines_.erase(old.key());
  });
}

void TaintEvictionController::node_changed(const Object& old, const Object& current) {
  if (!current || (old && old.spec()["taints"] == current.spec()["taints"])) return;
  const bool matters = !no_execute_taints(current).empty() || (old && !no_execute_taints(old).empty());
  if (!matters) return;
  for (const PodView* pod : context_.pods.on_node(current.name())) enqueue(pod->object);
}

Task<Result<void>> TaintEvictionController::reconcile(ObjectKey key) {
  const PodView* view = context_.pods.find(key);
  if (view == nullptr || view->deleting) {
    deadlines_.erase(key);
    co_return Result<void>();
  }
  const Object pod = view->object;
  const std::vector<Taint> taints = no_execute_taints(nodes_.get({"", view->node}));
  const std::optional<Duration> stay = tolerated_for(taints, read_tolerations(pod.spec()["tolerations"]));
  if (!stay || taints.empty()) {
    if (deadlines_.erase(key) > 0)
      recorder_.event(pod, "Normal", "TaintManagerEviction", "Cancelling deletion of Pod " + key.str());
    co_return Result<void>();
  }
  const auto [deadline, is_new] = deadlines_.try_emplace(key, context_.now() + *stay);
  if (deadline->second > context_.now()) {
    enqueue_at(key, deadline->second);
    co_return Result<void>();
  }
  recorder_.event(pod, "Normal", "TaintManagerEviction", "Marking for deletion Pod " + key.str());
  Value condition = Value::object({{"type", "DisruptionTarget"},
                                   {"status", "True"},
                                   {"reason", "DeletionByTaintManager"},
                                   {"message", "Taint manager: deleting due to NoExecute taint"},
                                   {"lastTransitionTime", format_timestamp(context_.now())}});
  Value patch = Value::object({{"status", Value::object({{"conditions", Value::array({condition})}})}});
  Result<Object> patched =
      co_await context_.client.patch(resources::kPods, key, PatchType::kStrategicMerge, std::move(patch), "status");
  if (!patched && !patched.error().is_not_found()) co_return patched.error();
  Result<Object> removed = co_await context_.client.remove(resources::kPods, key);
  if (!removed && !removed.error().is_not_found()) co_return removed.error();
  deadlines_.erase(key);
  co_return Result<void>();
}

}  // namespace drydock::controllers
