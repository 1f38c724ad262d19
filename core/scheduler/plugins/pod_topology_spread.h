// PodTopologySpread: keeps pods even over zones, hosts, …; and, for pods that do
// not say, the cluster's default: a controller's pods apart over hosts and zones.
// https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
#pragma once

#include <map>
#include <string>

#include "core/scheduler/plugin.h"

namespace drydock::scheduler {

class PodTopologySpreadFilter final : public FilterPlugin {
 public:
  explicit PodTopologySpreadFilter(ReasonTable& reasons)
      : uneven_(reasons.id("node(s) didn't match pod topology spread constraints")),
        no_label_(reasons.id("node(s) didn't match pod topology spread constraints (missing required label)")) {}
  std::string_view name() const override { return "PodTopologySpread"; }
  bool prepare(const PodInfo& pod, const ClusterCache& cache) override;
  Verdict filter(const PodInfo& pod, const NodeInfo& node) const override;
  bool looks_beyond_node() const override { return true; }

 private:
  struct Counted {
    const SpreadConstraint* constraint;
    std::map<std::string, std::int64_t, std::less<>> domains;
    std::int64_t lowest = 0;
    bool counts_itself = false;
  };
  std::vector<Counted> counted_;
  ReasonId uneven_;
  ReasonId no_label_;
};

class PodTopologySpreadScore final : public ScorePlugin {
 public:
  std::string_view name() const override { return "PodTopologySpread"; }
  std::int64_t weight() const override { return 2; }
  bool prepare(const PodInfo& pod, const ClusterCache& cache, const std::vector<const NodeInfo*>& feasible) override;
  std::int64_t score(const PodInfo& pod, const NodeInfo& node) const override;
  void normalize(std::vector<std::int64_t>& scores) const override;

 private:
  struct Counted {
    std::string topology_key;
    std::int64_t max_skew = 1;
    double weight = 0;  // log(number of domains + 2): rare domains count less
    std::map<std::string, std::int64_t, std::less<>> domains;
    bool by_node = false;  // hostname: one domain a node
  };
  std::vector<Counted> counted_;
  std::vector<std::uint32_t> owner_pods_;  // by node index: pods of the same controller
};

}  // namespace drydock::scheduler
