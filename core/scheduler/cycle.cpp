#include "core/scheduler/cycle.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/scheduler/plugins/node_filters.h"
#include "core/scheduler/plugins/node_resources.h"
#include "core/scheduler/plugins/pod_topology_spread.h"
#include "core/scheduler/plugins/scores.h"
#include "core/scheduler/scheduling_queue.h"

namespace drydock::scheduler {
namespace {

// How many fitting nodes are enough: upstream's adaptive percentageOfNodesToScore.
std::size_t enough_nodes(std::size_t total) {
  constexpr std::size_t kNodesMin = 100;
  if (total <= kNodesMin) return total;
  const std::size_t percentage = std::max<std::size_t>(5, total / 125 >= 45 ? 5 : 50 - total / 125);
  return std::max(kNodesMin, total * percentage / 100);
}

std::uint32_t events_that_help(std::string_view plugin) {
  if (plugin == "NodeResourcesFit" || plugin == "NodePorts") return kNodeChanged | kPodRemoved;
  if (plugin == "PodTopologySpread" || plugin == "InterPodAffinity") return kAnything;
  return kNodeChanged;
}

}  // namespace

Cycle::Cycle(ClusterCache& cache, Prng prng, NamespaceLabels namespace_labels) : cache_(cache), prng_(prng) {
  filters_.push_back(std::make_unique<NodeUnschedulable>(reasons_));
  filters_.push_back(std::make_unique<NodeName>(reasons_));
  filters_.push_back(std::make_unique<TaintToleration>(reasons_));
  filters_.push_back(std::make_unique<NodeAffinity>(reasons_));
  filters_.push_back(std::make_unique<NodePorts>(reasons_));
  filters_.push_back(std::make_unique<NodeResourcesFit>(reasons_));
  filters_.push_back(std::make_unique<PodTopologySpreadFilter>(reasons_));
  filters_.push_back(std::make_unique<InterPodAffinityFilter>(reasons_, namespace_labels));
  scores_.push_back(std::make_unique<TaintTolerationScore>());
  scores_.push_back(std::make_unique<NodeAffinityScore>());
  scores_.push_back(std::make_unique<PodTopologySpreadScore>());
  scores_.push_back(std::make_unique<InterPodAffinityScore>(namespace_labels));
  scores_.push_back(std::make_unique<LeastAllocated>());
  scores_.push_back(std::make_unique<BalancedAllocation>());
  scores_.push_back(std::make_unique<ImageLocality>());
}

std::vector<FilterPlugin*> Cycle::prepare_filters(const PodInfo& pod) {
  std::vector<FilterPlugin*> active;
  for (const auto& filter : filters_) {
    if (filter->prepare(pod, cache_)) active.push_back(filter.get());
  }
  return active;
}

std::optional<Cycle::Refusal> Cycle::refuse(const std::vector<FilterPlugin*>& active, const PodInfo& pod,
                                            const NodeInfo& node) const {
  for (const FilterPlugin* filter : active) {
    const Verdict verdict = filter->filter(pod, node);
    if (!verdict.fits()) return Refusal{&node, filter, verdict};
  }
  return std::nullopt;
}

bool Cycle::reserved_for_nominated(const PodInfo& pod, const NodeInfo& node) const {
  Resources taken = node.requested;
  bool any = false;
  for (const auto& [uid, nomination] : nominations_) {
    if (uid == pod.uid || nomination.node != node.name || nomination.priority < pod.priority) continue;
    taken.add(nomination.requests);
    any = true;
  }
  return any && (pod.requests.milli_cpu > node.allocatable.milli_cpu - taken.milli_cpu ||
                 pod.requests.memory > node.allocatable.memory - taken.memory);
}

CycleResult Cycle::schedule(const PodInfo& pod, TimePoint now) {
  CycleResult result;
  const std::vector<NodeInfo*>& nodes = cache_.nodes();
  Decision decision{.pod = pod.key, .time = now, .nodes_total = nodes.size()};
  if (nodes.empty()) {
    result.message = "no nodes available to schedule pods";
    result.waits_for = kNodeChanged;
    decision.message = result.message;
    decisions_.add(std::move(decision));
    return result;
  }
  const std::vector<FilterPlugin*> active = prepare_filters(pod);
  const std::size_t enough = enough_nodes(nodes.size());
  std::vector<const NodeInfo*> feasible;
  std::vector<Refusal> refusals;
  std::size_t looked_at = 0;
  const std::size_t start = next_start_ % nodes.size();
  for (; looked_at < nodes.size() && feasible.size() < enough; ++looked_at) {
    const NodeInfo& node = *nodes[(start + looked_at) % nodes.size()];
    std::optional<Refusal> refusal = refuse(active, pod, node);
    if (!refusal && !nominations_.empty() && reserved_for_nominated(pod, node)) {
      refusal = Refusal{&node, filters_[5].get(),
                        Verdict::no(Verdict::Code::kUnschedulable, reasons_.id("Insufficient cpu"))};
    }
    if (refusal)
      refusals.push_back(*refusal);
    else
      feasible.push_back(&node);
  }
  next_start_ = (start + looked_at) % nodes.size();
  for (std::size_t i = 0; i < refusals.size() && i < DecisionLog::kNodesMax; ++i) {
    decision.nodes.push_back(
        {.node = refusals[i].node->name, .plugin = refusals[i].plugin->name(), .verdict = refusals[i].verdict});
  }
  if (!feasible.empty()) {
    result.node = pick(pod, feasible, decision)->name;
    decision.node = result.node;
  } else {
    result.message = explain(refusals);
    for (const Refusal& refusal : refusals) result.waits_for |= events_that_help(refusal.plugin->name());
    result.preemption = preempt(pod, refusals, result.message);
    decision.message = result.message;
  }
  decisions_.add(std::move(decision));
  return result;
}

const NodeInfo* Cycle::pick(const PodInfo& pod, const std::vector<const NodeInfo*>& feasible, Decision& decision) {
  if (feasible.size() == 1) return feasible.front();
  const bool recorded = feasible.size() + decision.nodes.size() <= DecisionLog::kNodesMax;
  const std::size_t first_scored = decision.nodes.size();
  if (recorded) {
    for (const NodeInfo* node : feasible) decision.nodes.push_back({.node = node->name});
  }
  std::vector<std::int64_t> totals(feasible.size(), 0), scores(feasible.size());
  for (const auto& plugin : scores_) {
    if (!plugin->prepare(pod, cache_, feasible)) continue;
    for (std::size_t i = 0; i < feasible.size(); ++i) scores[i] = plugin->score(pod, *feasible[i]);
    plugin->normalize(scores);
    for (std::size_t i = 0; i < feasible.size(); ++i) {
      const std::int64_t weighted = scores[i] * plugin->weight();
      totals[i] += weighted;
      if (recorded) decision.nodes[first_scored + i].scores.push_back({plugin->name(), weighted});
    }
  }
  // Equal nodes share the luck: the k-th of the best replaces with chance 1/k.
  std::size_t best = 0;
  std::uint64_t equals = 1;
  for (std::size_t i = 1; i < feasible.size(); ++i) {
    if (totals[i] > totals[best]) {
      best = i;
      equals = 1;
    } else if (totals[i] == totals[best] && prng_.below(++equals) == 0) {
      best = i;
    }
  }
  if (recorded) {
    for (std::size_t i = 0; i < feasible.size(); ++i) decision.nodes[first_scored + i].total_score = totals[i];
  }
  return feasible[best];
}

std::string Cycle::explain(const std::vector<Refusal>& refusals) const {
  std::vector<std::int64_t> counts;
  for (const Refusal& refusal : refusals) {
    for (std::size_t i = 0; i < refusal.verdict.reason_count; ++i) {
      const ReasonId reason = refusal.verdict.reasons[i];
      if (counts.size() <= reason) counts.resize(reason + 1U);
      ++counts[reason];
    }
  }
  std::vector<std::string> reasons;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) reasons.push_back(std::to_string(counts[i]) + " " + reasons_.text(static_cast<ReasonId>(i)));
  }
  std::ranges::sort(reasons);
  return "0/" + std::to_string(cache_.nodes().size()) + " nodes are available: " + join(reasons, ", ") + ".";
}

void Cycle::nominate(const PodInfo& pod, const std::string& node) {
  nominations_[pod.uid] = {node, pod.priority, pod.requests};
}

}  // namespace drydock::scheduler
