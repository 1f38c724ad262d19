// PodInfo: what the scheduler needs to know about a pod, read from its document
// once. Everything that most pods do not have is an empty vector.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/machinery/node_selection.h"
#include "core/machinery/object.h"
#include "core/machinery/selectors.h"
#include "core/scheduler/resources.h"

namespace drydock::scheduler {

struct HostPort {
  std::string ip;
  std::string protocol;
  std::int64_t port = 0;
  bool conflicts_with(const HostPort& other) const {
    const bool same_ip = ip == other.ip || ip == "0.0.0.0" || other.ip == "0.0.0.0";
    return port == other.port && protocol == other.protocol && same_ip;
  }
};

struct SpreadConstraint {
  std::string topology_key;
  std::int64_t max_skew = 1;
  std::int64_t min_domains = 1;
  bool required = true;  // DoNotSchedule
  bool honor_taints = false;
  bool honor_affinity = true;
  LabelSelector selector;
};

struct AffinityTerm {
  std::string topology_key;
  LabelSelector selector;
  std::vector<std::string> namespaces;
  std::optional<LabelSelector> namespace_selector;
  std::int64_t weight = 0;  // preferred terms only
};
struct PodAffinity {
  std::vector<AffinityTerm> required;
  std::vector<AffinityTerm> preferred;
  bool empty() const { return required.empty() && preferred.empty(); }
};

struct PodInfo {
  Object object;
  ObjectKey key;
  std::string uid;
  std::string owner_uid;  // of the controller; spreading keeps its pods apart
  std::string node_name;  // spec.nodeName
  std::int64_t priority = 0;
  bool may_preempt = true;  // preemptionPolicy is not Never
  Resources requests;
  NonZeroRequests non_zero;
  std::vector<Toleration> tolerations;
  NodeSelection node_selection;
  std::vector<HostPort> host_ports;
  std::vector<SpreadConstraint> spread;
  PodAffinity affinity;
  PodAffinity anti_affinity;
  std::vector<std::string> images;

  bool has_pod_affinity() const { return !affinity.empty() || !anti_affinity.empty(); }
};

PodInfo read_pod(const Object& pod);

}  // namespace drydock::scheduler
