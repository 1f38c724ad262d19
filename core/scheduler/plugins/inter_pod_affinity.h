// InterPodAffinity: pods near to or away from other pods.
// https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "core/scheduler/plugin.h"

namespace drydock::scheduler {

// Labels of a namespace, for namespaceSelector.
using NamespaceLabels = std::function<Value(const std::string& ns)>;

class InterPodAffinityFilter final : public FilterPlugin {
 public:
  InterPodAffinityFilter(ReasonTable& reasons, NamespaceLabels namespace_labels)
      : namespace_labels_(std::move(namespace_labels)),
        affinity_(reasons.id("node(s) didn't match pod affinity rules")),
        anti_affinity_(reasons.id("node(s) didn't match pod anti-affinity rules")),
        existing_(reasons.id("node(s) didn't satisfy existing pods anti-affinity rules")) {}
  std::string_view name() const override { return "InterPodAffinity"; }
  bool prepare(const PodInfo& pod, const ClusterCache& cache) override;
  Verdict filter(const PodInfo& pod, const NodeInfo& node) const override;
  bool looks_beyond_node() const override { return true; }

 private:
  // Number of matching pods by (topology key, value).
  using Domains = std::map<std::pair<std::string, std::string>, std::int64_t>;

  NamespaceLabels namespace_labels_;
  std::vector<Domains> wanted_;    // one for each required affinity term
  std::vector<Domains> unwanted_;  // one for each required anti-affinity term
  Domains refused_by_others_;
  bool first_of_its_kind_ = false;  // nothing matches yet but the pod itself
  ReasonId affinity_;
  ReasonId anti_affinity_;
  ReasonId existing_;
};

class InterPodAffinityScore final : public ScorePlugin {
 public:
  explicit InterPodAffinityScore(NamespaceLabels namespace_labels) : namespace_labels_(std::move(namespace_labels)) {}
  std::string_view name() const override { return "InterPodAffinity"; }
  std::int64_t weight() const override { return 2; }
  bool prepare(const PodInfo& pod, const ClusterCache& cache, const std::vector<const NodeInfo*>& feasible) override;
  std::int64_t score(const PodInfo& pod, const NodeInfo& node) const override;
  void normalize(std::vector<std::int64_t>& scores) const override;

 private:
  NamespaceLabels namespace_labels_;
  std::map<std::string, std::map<std::string, std::int64_t, std::less<>>> points_;  // topology key -> value -> points
};

}  // namespace drydock::scheduler
