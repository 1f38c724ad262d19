#include "core/scheduler/plugins/node_filters.h"

#include <algorithm>

namespace drydock::scheduler {
bool NodeUnschedulable::prepare(const PodInfo& pod, const ClusterCache&) {
  return !tolerates(pod.tolerations, {"node.kubernetes.io/unschedulable", "", "NoSchedule"});
}

Verdict NodeUnschedulable::filter(const PodInfo&, const NodeInfo& node) const {
  return node.unschedulable ? Verdict::no(Verdict::Code::kUnresolvable, reason_) : Verdict();
}

Verdict NodeName::filter(const PodInfo& pod, const NodeInfo& node) const {
  return pod.node_name != node.name ? Verdict::no(Verdict::Code::kUnresolvable, reason_) : Verdict();
}

Verdict NodeAffinity::filter(const PodInfo& pod, const NodeInfo& node) const {
  return pod.node_selection.matches(node.name, node.object.labels())
             ? Verdict()
             : Verdict::no(Verdict::Code::kUnresolvable, reason_);
}

Verdict TaintToleration::filter(const PodInfo& pod, const NodeInfo& node) const {
  for (const Taint& taint : node.taints) {
    if (taint.effect != "PreferNoSchedule" && !tolerates(pod.tolerations, taint))
      return Verdict::no(Verdict::Code::kUnresolvable, reason_);
  }
  return {};
}

Verdict NodePorts::filter(const PodInfo& pod, const NodeInfo& node) const {
  for (const HostPort& wanted : pod.host_ports) {
    const bool taken =
        std::ranges::any_of(node.used_ports, [&wanted](const HostPort& used) { return used.conflicts_with(wanted); });
    if (taken) return Verdict::no(Verdict::Code::kUnschedulable, reason_);
  }
  return {};
}

}  // namespace drydock::scheduler
