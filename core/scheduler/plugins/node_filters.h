// Filters that look at one node alone: NodeUnschedulable, NodeName, NodeAffinity,
// TaintToleration, NodePorts.
#pragma once

#include "core/scheduler/plugin.h"

namespace drydock::scheduler {

class NodeUnschedulable final : public FilterPlugin {
 public:
  explicit NodeUnschedulable(ReasonTable& reasons) : reason_(reasons.id("node(s) were unschedulable")) {}
  std::string_view name() const override { return "NodeUnschedulable"; }
  bool prepare(const PodInfo& pod, const ClusterCache& cache) override;
  Verdict filter(const PodInfo& pod, const NodeInfo& node) const override;

 private:
  ReasonId reason_;
};

class NodeName final : public FilterPlugin {
 public:
  explicit NodeName(ReasonTable& reasons) : reason_(reasons.id("node(s) didn't match the requested node name")) {}
  std::string_view name() const override { return "NodeName"; }
  bool prepare(const PodInfo& pod, const ClusterCache&) override { return !pod.node_name.empty(); }
  Verdict filter(const PodInfo& pod, const NodeInfo& node) const override;

 private:
  ReasonId reason_;
};

class NodeAffinity final : public FilterPlugin {
 public:
  explicit NodeAffinity(ReasonTable& reasons)
      : reason_(reasons.id("node(s) didn't match Pod's node affinity/selector")) {}
  std::string_view name() const override { return "NodeAffinity"; }
  bool prepare(const PodInfo& pod, const ClusterCache&) override { return !pod.node_selection.empty(); }
  Verdict filter(const PodInfo& pod, const NodeInfo& node) const override;

 private:
  ReasonId reason_;
};

class TaintToleration final : public FilterPlugin {
 public:
  explicit TaintToleration(ReasonTable& reasons) : reason_(reasons.id("node(s) had untolerated taint(s)")) {}
  std::string_view name() const override { return "TaintToleration"; }
  bool prepare(const PodInfo&, const ClusterCache&) override { return true; }
  Verdict filter(const PodInfo& pod, const NodeInfo& node) const override;

 private:
  ReasonId reason_;
};

class NodePorts final : public FilterPlugin {
 public:
  explicit NodePorts(ReasonTable& reasons)
      : reason_(reasons.id("node(s) didn't have free ports for the requested pod ports")) {}
  std::string_view name() const override { return "NodePorts"; }
  bool prepare(const PodInfo& pod, const ClusterCache&) override { return !pod.host_ports.empty(); }
  Verdict filter(const PodInfo& pod, const NodeInfo& node) const override;

 private:
  ReasonId reason_;
};

}  // namespace drydock::scheduler
