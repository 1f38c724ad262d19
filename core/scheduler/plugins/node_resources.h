// NodeResourcesFit (filter and LeastAllocated score) and
// NodeResourcesBalancedAllocation.
#pragma once

#include "core/scheduler/plugin.h"

namespace drydock::scheduler {

class NodeResourcesFit final : public FilterPlugin {
 public:
  explicit NodeResourcesFit(ReasonTable& reasons);
  std::string_view name() const override { return "NodeResourcesFit"; }
  bool prepare(const PodInfo&, const ClusterCache&) override { return true; }
  Verdict filter(const PodInfo& pod, const NodeInfo& node) const override;

 private:
  ReasonTable& reasons_;
  ReasonId too_many_pods_;
  ReasonId cpu_;
  ReasonId memory_;
  ReasonId ephemeral_storage_;
};

class LeastAllocated final : public ScorePlugin {
 public:
  std::string_view name() const override { return "NodeResourcesFit"; }
  bool prepare(const PodInfo&, const ClusterCache&, const std::vector<const NodeInfo*>&) override { return true; }
  std::int64_t score(const PodInfo& pod, const NodeInfo& node) const override;
};

class BalancedAllocation final : public ScorePlugin {
 public:
  std::string_view name() const override { return "NodeResourcesBalancedAllocation"; }
  // Best-effort pods balance nothing.
  bool prepare(const PodInfo& pod, const ClusterCache&, const std::vector<const NodeInfo*>&) override;
  std::int64_t score(const PodInfo& pod, const NodeInfo& node) const override;
};

}  // namespace drydock::scheduler
