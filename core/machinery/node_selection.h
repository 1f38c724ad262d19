// Which nodes a pod may go to: node selectors, node affinity, taints and
// tolerations, read from documents once and matched often. Shared by the
// scheduler, the DaemonSet controller, taint eviction and the kubelet's admission.
// https://kubernetes.io/docs/concepts/scheduling-eviction/
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/machinery/value.h"

namespace drydock {

struct Taint {
  std::string key;
  std::string value;
  std::string effect;  // NoSchedule, PreferNoSchedule, NoExecute
};
std::vector<Taint> read_taints(const Value& list);

struct Toleration {
  std::string key;  // "": every key (with Exists)
  std::string value;
  std::string effect;  // "": every effect
  bool exists = false;
  std::int64_t seconds = -1;  // tolerationSeconds; -1: for ever

  bool tolerates(const Taint& taint) const;
};
std::vector<Toleration> read_tolerations(const Value& list);
bool tolerates(const std::vector<Toleration>& tolerations, const Taint& taint);

// One requirement of a node selector term.
struct NodeRequirement {
  std::string key;
  std::string op;
  std::vector<std::string> values;
  bool field = false;  // of matchFields: metadata.name
};
struct NodeSelectorTerm {
  std::vector<NodeRequirement> requirements;  // all must hold; empty matches nothing
  std::int64_t weight = 0;                    // preferred terms only

  bool matches(const std::string& node_name, const Value& node_labels) const;
};

// A pod spec's nodeSelector and node affinity.
struct NodeSelection {
  std::vector<std::pair<std::string, std::string>> labels;  // nodeSelector
  bool has_required_terms = false;
  std::vector<NodeSelectorTerm> required;  // one must match
  std::vector<NodeSelectorTerm> preferred;

  bool empty() const { return labels.empty() && !has_required_terms; }
  // The hard part only.
  bool matches(const std::string& node_name, const Value& node_labels) const;
};
NodeSelection read_node_selection(const Value& pod_spec);

}  // namespace drydock
