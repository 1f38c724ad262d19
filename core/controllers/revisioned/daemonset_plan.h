// Decides on which nodes a DaemonSet's pods are to be created and which pods are
// to go, including rolling updates, and what its status says. Pure.
// https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
#pragma once

#include <string>
#include <vector>

#include "core/controllers/shared/pod_view.h"
#include "core/machinery/node_selection.h"

namespace drydock::controllers {

struct DaemonSetPlan {
  std::vector<Object> creates;  // pods, complete
  std::vector<Object> deletes;
  std::vector<Object> failed;  // of `deletes`: pods that failed, to be told about
  Value status;
  TimePoint recheck = TimePoint::max();
};

// `nodes` in name order; `owned`: pods the set controls; `hash`: of the present template.
DaemonSetPlan plan_daemon_set(const Object& set, const std::vector<const Object*>& nodes,
                              const std::vector<const PodView*>& owned, const std::string& hash, TimePoint now);

// What a node is for a DaemonSet's pod.
struct NodeFit {
  bool should_run = false;  // a pod is to be created
  bool may_stay = false;    // one that is there is left alone
};
class DaemonSetNodes {
 public:
  explicit DaemonSetNodes(const Object& set);
  NodeFit fit(const Object& node) const;

 private:
  NodeSelection selection_;
  std::string node_name_;
  std::vector<Toleration> tolerations_;
};

// The node a daemon pod is for, bound to it already or not.
std::string target_node(const Object& pod);

}  // namespace drydock::controllers
