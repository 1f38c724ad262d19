#include "core/scheduler/plugins/node_resources.h"

#include <algorithm>
#include <cmath>

namespace drydock::scheduler {

NodeResourcesFit::NodeResourcesFit(ReasonTable& reasons)
    : reasons_(reasons),
      too_many_pods_(reasons.id("Too many pods")),
      cpu_(reasons.id("Insufficient cpu")),
      memory_(reasons.id("Insufficient memory")),
      ephemeral_storage_(reasons.id("Insufficient ephemeral-storage")) {}

Verdict NodeResourcesFit::filter(const PodInfo& pod, const NodeInfo& node) const {
  Verdict verdict;
  if (static_cast<std::int64_t>(node.pods.size()) + 1 > node.pods_max)
    verdict.add(Verdict::Code::kUnschedulable, too_many_pods_);
  // A node too small even when empty cannot be helped by preemption.
  const auto check = [&verdict](std::int64_t wanted, std::int64_t offered, std::int64_t used, ReasonId reason) {
    if (wanted <= 0 || wanted <= offered - used) return;
    verdict.add(wanted > offered ? Verdict::Code::kUnresolvable : Verdict::Code::kUnschedulable, reason);
  };
  const Resources& wanted = pod.requests;
  check(wanted.milli_cpu, node.allocatable.milli_cpu, node.requested.milli_cpu, cpu_);
  check(wanted.memory, node.allocatable.memory, node.requested.memory, memory_);
  check(wanted.ephemeral_storage, node.allocatable.ephemeral_storage, node.requested.ephemeral_storage,
        ephemeral_storage_);
  for (const auto& [resource, amount] : wanted.extended) {
    const std::int64_t offered = node.allocatable.extended_amount(resource);
    const std::int64_t used = node.requested.extended_amount(resource);
    if (amount > offered - used) check(amount, offered, used, reasons_.id("Insufficient " + resource));
  }
  return verdict;
}

std::int64_t LeastAllocated::score(const PodInfo& pod, const NodeInfo& node) const {
  const auto free_share = [](std::int64_t capacity, std::int64_t used) {
    return capacity == 0 || used > capacity ? 0 : (capacity - used) * kScoreMax / capacity;
  };
  const std::int64_t cpu = free_share(node.allocatable.milli_cpu, node.non_zero.milli_cpu + pod.non_zero.milli_cpu);
  const std::int64_t memory = free_share(node.allocatable.memory, node.non_zero.memory + pod.non_zero.memory);
  return (cpu + memory) / 2;
}

bool BalancedAllocation::prepare(const PodInfo& pod, const ClusterCache&, const std::vector<const NodeInfo*>&) {
  return pod.requests.milli_cpu > 0 || pod.requests.memory > 0;
}

std::int64_t BalancedAllocation::score(const PodInfo& pod, const NodeInfo& node) const {
  const auto share = [](std::int64_t capacity, std::int64_t used) {
    return capacity == 0 ? 0.0 : std::min(1.0, static_cast<double>(used) / static_cast<double>(capacity));
  };
  const double cpu = share(node.allocatable.milli_cpu, node.requested.milli_cpu + pod.requests.milli_cpu);
  const double memory = share(node.allocatable.memory, node.requested.memory + pod.requests.memory);
  // The standard deviation of two numbers is half their distance.
  return static_cast<std::int64_t>((1.0 - std::abs(cpu - memory) / 2) * static_cast<double>(kScoreMax));
}

}  // namespace drydock::scheduler
