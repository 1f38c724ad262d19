// The rollout history of Deployments (their ReplicaSets), DaemonSets and
// StatefulSets (their ControllerRevisions).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/programs/kubectl/objects/selection.h"

namespace drydock::kubectl {

struct RolloutRevision {
  std::int64_t number = 0;
  std::string change_cause;
  Value pod_template;  // of a Deployment: with the pod-template-hash label
  Value source;        // the ReplicaSet or ControllerRevision
};

// Oldest first.
Task<Result<std::vector<RolloutRevision>>> revisions_of(Session& session, Target target);

}  // namespace drydock::kubectl
