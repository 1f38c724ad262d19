#include "core/scheduler/plugins/pod_topology_spread.h"

#include <algorithm>

namespace drydock::scheduler {
namespace {

constexpr const char* kHostname = "kubernetes.io/hostname";
constexpr const char* kZone = "topology.kubernetes.io/zone";

bool counts(const SpreadConstraint& constraint, const PodInfo& pod, const NodeInfo& node) {
  if (constraint.honor_affinity && !pod.node_selection.matches(node.name, node.object.labels())) return false;
  if (!constraint.honor_taints) return true;
  return std::ranges::all_of(node.taints, [&pod](const Taint& taint) {
    return taint.effect == "PreferNoSchedule" || tolerates(pod.tolerations, taint);
  });
}

std::int64_t matching_pods(const LabelSelector& selector, const PodInfo& pod, const NodeInfo& node) {
  return std::ranges::count_if(node.pods, [&](const PodInfo* other) {
    return other->key.ns == pod.key.ns && !other->object.deleting() && selector.matches(other->object.labels());
  });
}

// ln(x) for x >= 1 from additions, multiplications and divisions alone: the C
// library's log() may differ between builds, and scores must not.
double natural_log(double x) {
  double result = 0;
  constexpr double kLn2 = 0.6931471805599453;
  while (x > 1.5) {
    x /= 2;
    result += kLn2;
  }
  const double y = (x - 1) / (x + 1);
  double power = y;
  for (int n = 1; n < 20; n += 2) {
    result += 2 * power / n;
    power *= y * y;
  }
  return result;
}

}  // namespace

bool PodTopologySpreadFilter::prepare(const PodInfo& pod, const ClusterCache& cache) {
  counted_.clear();
  for (const SpreadConstraint& constraint : pod.spread) {
    if (constraint.required) counted_.push_back({&constraint, {}, 0, constraint.selector.matches(pod.object.labels())});
  }
  if (counted_.empty()) return false;
  for (const NodeInfo* node : cache.nodes()) {
    const bool has_all =
        std::ranges::all_of(counted_, [node](const Counted& c) { return node->has_label(c.constraint->topology_key); });
    if (!has_all) continue;
    for (Counted& counted : counted_) {
      if (!counts(*counted.constraint, pod, *node)) continue;
      counted.domains[std::string(node->label(counted.constraint->topology_key))] +=
          matching_pods(counted.constraint->selector, pod, *node);
    }
  }
  for (Counted& counted : counted_) {
    counted.lowest = INT64_MAX;
    for (const auto& [domain, pods] : counted.domains) counted.lowest = std::min(counted.lowest, pods);
    const bool too_few = static_cast<std::int64_t>(counted.domains.size()) < counted.constraint->min_domains;
    if (counted.domains.empty() || too_few) counted.lowest = 0;
  }
  return true;
}

Verdict PodTopologySpreadFilter::filter(const PodInfo&, const NodeInfo& node) const {
  for (const Counted& counted : counted_) {
    if (!node.has_label(counted.constraint->topology_key)) return Verdict::no(Verdict::Code::kUnresolvable, no_label_);
    auto it = counted.domains.find(node.label(counted.constraint->topology_key));
    const std::int64_t here = it == counted.domains.end() ? 0 : it->second;
    const std::int64_t skew = here + (counted.counts_itself ? 1 : 0) - counted.lowest;
    if (skew > counted.constraint->max_skew) return Verdict::no(Verdict::Code::kUnschedulable, uneven_);
  }
  return {};
}

bool PodTopologySpreadScore::prepare(const PodInfo& pod, const ClusterCache& cache,
                                     const std::vector<const NodeInfo*>& feasible) {
  counted_.clear();
  const bool has_own = std::ranges::any_of(pod.spread, [](const SpreadConstraint& c) { return !c.required; });
  if (has_own) {
    for (const SpreadConstraint& constraint : pod.spread) {
      if (constraint.required) continue;
      Counted counted{.topology_key = constraint.topology_key, .max_skew = constraint.max_skew};
      for (const NodeInfo* node : feasible) {
        if (node->has_label(constraint.topology_key))
          counted.domains[std::string(node->label(constraint.topology_key))] = 0;
      }
      for (const NodeInfo* node : cache.nodes()) {
        auto it = counted.domains.find(node->label(constraint.topology_key));
        if (it != counted.domains.end() && counts(constraint, pod, *node))
          it->second += matching_pods(constraint.selector, pod, *node);
      }
      counted.weight = natural_log(static_cast<double>(counted.domains.size()) + 2);
      counted_.push_back(std::move(counted));
    }
    return true;
  }
  // The default constraints, for pods of a controller: hosts (skew 3), zones (skew 5).
  if (pod.owner_uid.empty() || !pod.spread.empty()) return false;
  owner_pods_.assign(cache.index_limit(), 0);
  if (const auto* spread = cache.spread_of(pod.owner_uid)) {
    for (const auto& [node, pods] : *spread) owner_pods_[node] = pods;
  }
  counted_.push_back({.topology_key = kHostname,
                      .max_skew = 3,
                      .weight = natural_log(static_cast<double>(feasible.size()) + 2),
                      .by_node = true});
  const bool zones = std::ranges::any_of(feasible, [](const NodeInfo* node) { return node->has_label(kZone); });
  if (zones) {
    Counted counted{.topology_key = kZone, .max_skew = 5};
    for (const NodeInfo* node : cache.nodes()) {
      if (node->has_label(kZone)) counted.domains[std::string(node->label(kZone))] += owner_pods_[node->index];
    }
    counted.weight = natural_log(static_cast<double>(counted.domains.size()) + 2);
    counted_.push_back(std::move(counted));
  }
  return true;
}

std::int64_t PodTopologySpreadScore::score(const PodInfo&, const NodeInfo& node) const {
  double score = 0;
  for (const Counted& counted : counted_) {
    std::int64_t pods = 0;
    if (counted.by_node) {
      pods = owner_pods_[node.index];
    } else {
      auto it = counted.domains.find(node.label(counted.topology_key));
      if (it == counted.domains.end()) continue;
      pods = it->second;
    }
    score += static_cast<double>(pods) * counted.weight + static_cast<double>(counted.max_skew - 1);
  }
  return static_cast<std::int64_t>(score + 0.5);
}

void PodTopologySpreadScore::normalize(std::vector<std::int64_t>& scores) const {
  const auto [lowest, highest] = std::ranges::minmax(scores);
  for (std::int64_t& score : scores)
    score = highest == 0 ? kScoreMax : kScoreMax * (highest + lowest - score) / highest;
}

}  // namespace drydock::scheduler
