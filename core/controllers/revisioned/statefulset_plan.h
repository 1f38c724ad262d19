// Decides the next step of a StatefulSet: pods with names, claims and an order of
// their own. Pure. https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
//
// Invariant: with podManagementPolicy OrderedReady at most one pod is created or
// deleted in a step, and only when all before it are healthy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/controllers/shared/pod_view.h"

namespace drydock::controllers {

struct StatefulPodCreation {
  Object pod;
  std::vector<Object> claims;  // PersistentVolumeClaims that must be there before it
};

struct StatefulSetPlan {
  std::vector<StatefulPodCreation> creates;
  std::vector<Object> deletes;
  std::vector<Object> failed;  // of `deletes`: pods that ended and are made anew
  Value status;
  TimePoint recheck = TimePoint::max();
};

// Names of ControllerRevisions; `current_template` is what `current` stores.
struct StatefulRevisions {
  std::string current;
  std::string update;
  Value current_template;
};

StatefulSetPlan plan_stateful_set(const Object& set, const std::vector<const PodView*>& owned,
                                  const StatefulRevisions& revisions, TimePoint now);

// The ordinal in a pod's name, if it is one of the set's.
std::optional<std::int64_t> ordinal_of(const Object& set, const Object& pod);

}  // namespace drydock::controllers
