// The scheduling framework: filters say where a pod may run, scores where it
// runs best. https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/
//
// One cycle is one synchronous call chain: prepare(), then filter() or score()
// for some nodes. What prepare() computes is kept in the plugin until the next
// cycle. prepare() returning false takes the plugin out of this cycle.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/scheduler/cluster_cache.h"
#include "core/scheduler/verdict.h"

namespace drydock::scheduler {

class FilterPlugin {
 public:
  virtual ~FilterPlugin() = default;
  virtual std::string_view name() const = 0;
  virtual bool prepare(const PodInfo& pod, const ClusterCache& cache) = 0;
  virtual Verdict filter(const PodInfo& pod, const NodeInfo& node) const = 0;
  // Whether removing pods from a node can change the verdict on another one.
  virtual bool looks_beyond_node() const { return false; }
};

inline constexpr std::int64_t kScoreMax = 100;

class ScorePlugin {
 public:
  virtual ~ScorePlugin() = default;
  virtual std::string_view name() const = 0;
  virtual std::int64_t weight() const { return 1; }
  virtual bool prepare(const PodInfo& pod, const ClusterCache& cache, const std::vector<const NodeInfo*>& feasible) = 0;
  virtual std::int64_t score(const PodInfo& pod, const NodeInfo& node) const = 0;
  // Brings raw scores into 0 … kScoreMax.
  virtual void normalize(std::vector<std::int64_t>&) const {}
};

// Scales so that the highest becomes kScoreMax; `reverse`: the lowest is best.
void normalize_scores(std::vector<std::int64_t>& scores, bool reverse);

}  // namespace drydock::scheduler
