#include "core/controllers/node/node_lifecycle_controller.h"

#include <algorithm>

#include "core/controllers/node/node_status_plan.h"
#include "core/controllers/shared/conditions.h"
#include "core/machinery/timestamp.h"

namespace drydock::controllers {

NodeLifecycleController::NodeLifecycleController(ControllerContext& context, NodeMonitorOptions options)
    : KeyedController(context, "node-controller", 1),
      options_(options),
      nodes_(context.informers.get(resources::kNodes)) {
  nodes_.add_handler([this](const Object& old, const Object& current) { node_changed(old, current); });
  context.informers.get(resources::kLeases).add_handler([this](const Object&, const Object& current) {
    if (current && current.ns() == "kube-node-lease") lease_changed(current);
  });
}

void NodeLifecycleController::lease_changed(const Object& current) {
  last_heard_.insert_or_assign(std::string(current.name()), context_.now());
}

void NodeLifecycleController::node_changed(const Object& old, const Object& current) {
  const Object& node = current ? current : old;
  const std::string name(node.name());
  if (!current) {
    last_heard_.erase(name);
    last_readiness_.erase(name);
    recorder_.event(old, "Normal", "RemovingNode",
                    "Node " + name + " event: Removing Node " + name + " from Controller");
    return;
  }
  if (!old) {
    recorder_.event(current, "Normal", "RegisteredNode",
                    "Node " + name + " event: Registered Node " + name + " in Controller");
  } else {
    // A kubelet that posts its status is heard as well.
    const Value& before = find_condition(old.status(), "Ready")["lastHeartbeatTime"];
    if (before != find_condition(current.status(), "Ready")["lastHeartbeatTime"])
      last_heard_.insert_or_assign(name, context_.now());
  }
  enqueue(current);
}

TimePoint NodeLifecycleController::silence_begins(const Object& node) const {
  auto it = last_heard_.find(std::string(node.name()));
  if (it != last_heard_.end()) return it->second + options_.grace_period;
  return time_or_epoch(node.metadata()["creationTimestamp"].as_string()) + options_.startup_grace_period;
}

// One timer a node, moved on when it finds that the node was heard meanwhile:
// heartbeats themselves cost a map entry and nothing else.
Task<Result<void>> NodeLifecycleController::reconcile(ObjectKey key) {
  Object node = nodes_.get(key);
  if (!node) co_return Result<void>();
  const TimePoint now = context_.now();
  const TimePoint silent_at = silence_begins(node);
  if (silent_at <= now) {
    Value status = silent_status(node, now);
    if (status != node.status()) {
      Object next = node;
      next.mutable_doc().set("status", std::move(status));
      DRYDOCK_CO_TRY(node, co_await context_.client.update_status(resources::kNodes, std::move(next)));
    }
    enqueue_after(key, options_.monitor_period);
  } else {
    enqueue_at(key, silent_at);
  }
  const std::string now_ready(readiness(node));
  std::string& before = last_readiness_[key.name];
  if (before == "True" && now_ready != "True") {
    recorder_.event(node, "Normal", "NodeNotReady", "Node " + key.name + " status is now: NodeNotReady");
    DRYDOCK_CO_TRY_VOID(co_await mark_pods_not_ready(key.name));
  }
  last_readiness_[key.name] = now_ready;
  Value taints = plan_taints(node, now);
  if (taints != node.spec()["taints"] && !(taints.empty() && node.spec()["taints"].empty())) {
    Object next = node;
    next.mutable_doc().ref("spec").set("taints", std::move(taints));
    DRYDOCK_CO_TRY_VOID(co_await context_.client.update(resources::kNodes, std::move(next)));
  }
  co_return Result<void>();
}

Task<Result<void>> NodeLifecycleController::mark_pods_not_ready(std::string node) {
  std::vector<Object> pods;
  for (const PodView* pod : context_.pods.on_node(node)) {
    if (pod->ready) pods.push_back(pod->object);
  }
  for (const Object& pod : pods) {
    Value condition = Value::object(
        {{"type", "Ready"}, {"status", "False"}, {"lastTransitionTime", format_timestamp(context_.now())}});
    Value patch = Value::object({{"status", Value::object({{"conditions", Value::array({condition})}})}});
    Result<Object> patched = co_await context_.client.patch(resources::kPods, pod.key(), PatchType::kStrategicMerge,
                                                            std::move(patch), "status");
    if (!patched && !patched.error().is_not_found()) co_return patched.error();
    recorder_.event(pod, "Warning", "NodeNotReady", "Node is not ready");
  }
  co_return Result<void>();
}

}  // namespace drydock::controllers
