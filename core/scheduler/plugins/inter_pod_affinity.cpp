#include "core/scheduler/plugins/inter_pod_affinity.h"

#include <algorithm>

namespace drydock::scheduler {
namespace {

bool term_matches(const AffinityTerm& term, const PodInfo& pod, const NamespaceLabels& namespace_labels) {
  const bool named = std::ranges::find(term.namespaces, pod.key.ns) != term.namespaces.end();
  if (!named && !(term.namespace_selector && term.namespace_selector->matches(namespace_labels(pod.key.ns))))
    return false;
  return term.selector.matches(pod.object.labels());
}

std::int64_t count_at(const auto& domains, const AffinityTerm& term, const NodeInfo& node) {
  auto it = domains.find({term.topology_key, std::string(node.label(term.topology_key))});
  return it == domains.end() ? 0 : it->second;
}

}  // namespace

bool InterPodAffinityFilter::prepare(const PodInfo& pod, const ClusterCache& cache) {
  const std::vector<AffinityTerm>& near = pod.affinity.required;
  const std::vector<AffinityTerm>& away = pod.anti_affinity.required;
  wanted_.assign(near.size(), {});
  unwanted_.assign(away.size(), {});
  refused_by_others_.clear();
  for (const PodInfo* other : cache.pods_with_affinity()) {
    for (const AffinityTerm& term : other->anti_affinity.required) {
      if (!term_matches(term, pod, namespace_labels_)) continue;
      for (const NodeInfo* node : cache.nodes()) {
        if (std::ranges::find(node->pods, other) == node->pods.end()) continue;
        if (node->has_label(term.topology_key))
          ++refused_by_others_[{term.topology_key, std::string(node->label(term.topology_key))}];
      }
    }
  }
  if (near.empty() && away.empty()) return !refused_by_others_.empty();
  bool any_match = false;
  for (const NodeInfo* node : cache.nodes()) {
    for (const PodInfo* other : node->pods) {
      // A pod counts for affinity only where it satisfies all terms.
      const bool all_near = !near.empty() && std::ranges::all_of(near, [&](const AffinityTerm& term) {
        return term_matches(term, *other, namespace_labels_);
      });
      for (std::size_t i = 0; all_near && i < near.size(); ++i) {
        if (!node->has_label(near[i].topology_key)) continue;
        ++wanted_[i][{near[i].topology_key, std::string(node->label(near[i].topology_key))}];
        any_match = true;
      }
      for (std::size_t i = 0; i < away.size(); ++i) {
        if (!node->has_label(away[i].topology_key) || !term_matches(away[i], *other, namespace_labels_)) continue;
        ++unwanted_[i][{away[i].topology_key, std::string(node->label(away[i].topology_key))}];
      }
    }
  }
  first_of_its_kind_ = !any_match && std::ranges::all_of(near, [&](const AffinityTerm& term) {
    return term_matches(term, pod, namespace_labels_);
  });
  return true;
}

Verdict InterPodAffinityFilter::filter(const PodInfo& pod, const NodeInfo& node) const {
  const std::vector<AffinityTerm>& near = pod.affinity.required;
  for (std::size_t i = 0; i < near.size(); ++i) {
    const bool has_label = node.has_label(near[i].topology_key);
    if (!has_label || (!first_of_its_kind_ && count_at(wanted_[i], near[i], node) == 0)) {
      return Verdict::no(Verdict::Code::kUnresolvable, affinity_);
    }
  }
  const std::vector<AffinityTerm>& away = pod.anti_affinity.required;
  for (std::size_t i = 0; i < away.size(); ++i) {
    if (count_at(unwanted_[i], away[i], node) > 0) return Verdict::no(Verdict::Code::kUnschedulable, anti_affinity_);
  }
  for (const auto& [domain, pods] : refused_by_others_) {
    if (pods > 0 && node.has_label(domain.first) && node.label(domain.first) == domain.second) {
      return Verdict::no(Verdict::Code::kUnschedulable, existing_);
    }
  }
  return {};
}

bool InterPodAffinityScore::prepare(const PodInfo& pod, const ClusterCache& cache,
                                    const std::vector<const NodeInfo*>&) {
  points_.clear();
  const auto give = [this](const AffinityTerm& term, const NodeInfo& node, std::int64_t points) {
    if (node.has_label(term.topology_key))
      points_[term.topology_key][std::string(node.label(term.topology_key))] += points;
  };
  const bool has_preferences = !pod.affinity.preferred.empty() || !pod.anti_affinity.preferred.empty();
  if (!has_preferences && cache.pods_with_affinity().empty()) return false;
  for (const NodeInfo* node : cache.nodes()) {
    for (const PodInfo* other : node->pods) {
      if (!has_preferences && !other->has_pod_affinity()) continue;
      for (const AffinityTerm& term : pod.affinity.preferred) {
        if (term_matches(term, *other, namespace_labels_)) give(term, *node, term.weight);
      }
      for (const AffinityTerm& term : pod.anti_affinity.preferred) {
        if (term_matches(term, *other, namespace_labels_)) give(term, *node, -term.weight);
      }
      // What the pods already there prefer counts as well; a hard wish counts one point.
      for (const AffinityTerm& term : other->affinity.required) {
        if (term_matches(term, pod, namespace_labels_)) give(term, *node, 1);
      }
      for (const AffinityTerm& term : other->affinity.preferred) {
        if (term_matches(term, pod, namespace_labels_)) give(term, *node, term.weight);
      }
      for (const AffinityTerm& term : other->anti_affinity.preferred) {
        if (term_matches(term, pod, namespace_labels_)) give(term, *node, -term.weight);
      }
    }
  }
  return !points_.empty();
}

std::int64_t InterPodAffinityScore::score(const PodInfo&, const NodeInfo& node) const {
  std::int64_t sum = 0;
  for (const auto& [key, values] : points_) {
    if (!node.has_label(key)) continue;
    auto it = values.find(node.label(key));
    if (it != values.end()) sum += it->second;
  }
  return sum;
}

void InterPodAffinityScore::normalize(std::vector<std::int64_t>& scores) const {
  const auto [lowest, highest] = std::ranges::minmax(scores);
  for (std::int64_t& score : scores) score = highest == lowest ? 0 : kScoreMax * (score - lowest) / (highest - lowest);
}

}  // namespace drydock::scheduler
