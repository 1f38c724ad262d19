// Scores that need little state: TaintToleration, NodeAffinity, ImageLocality,
// and the default spreading of a controller's pods over nodes and zones.
#pragma once

#include "core/scheduler/plugin.h"

namespace drydock::scheduler {

class TaintTolerationScore final : public ScorePlugin {
 public:
  std::string_view name() const override { return "TaintToleration"; }
  std::int64_t weight() const override { return 3; }
  bool prepare(const PodInfo& pod, const ClusterCache& cache, const std::vector<const NodeInfo*>& feasible) override;
  std::int64_t score(const PodInfo& pod, const NodeInfo& node) const override;
  void normalize(std::vector<std::int64_t>& scores) const override { normalize_scores(scores, true); }
};

class NodeAffinityScore final : public ScorePlugin {
 public:
  std::string_view name() const override { return "NodeAffinity"; }
  std::int64_t weight() const override { return 2; }
  bool prepare(const PodInfo& pod, const ClusterCache&, const std::vector<const NodeInfo*>&) override {
    return !pod.node_selection.preferred.empty();
  }
  std::int64_t score(const PodInfo& pod, const NodeInfo& node) const override;
  void normalize(std::vector<std::int64_t>& scores) const override { normalize_scores(scores, false); }
};

class ImageLocality final : public ScorePlugin {
 public:
  std::string_view name() const override { return "ImageLocality"; }
  bool prepare(const PodInfo& pod, const ClusterCache& cache, const std::vector<const NodeInfo*>& feasible) override;
  std::int64_t score(const PodInfo& pod, const NodeInfo& node) const override;

 private:
  std::vector<const ClusterCache::ImageState*> images_;
  std::int64_t node_count_ = 0;
};

}  // namespace drydock::scheduler
