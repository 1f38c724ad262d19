// What a Deployment's status says: counts summed over its ReplicaSets, and the
// conditions Available, Progressing (with its deadline) and ReplicaFailure.
// Pure. https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
#pragma once

#include <string>
#include <vector>

#include "core/controllers/workload/deployment_plan.h"

namespace drydock::controllers {

struct DeploymentStatusInput {
  const Object& deployment;
  const std::vector<Object>& sets;
  const Object& new_set;  // empty: none yet
  RolloutBounds bounds;
  bool rolling_out = false;  // not paused, being scaled or deleted: progress is judged
};

// Why Progressing is true at the start of a rollout.
struct ProgressNote {
  std::string reason;
  std::string message;
};

struct DeploymentStatusPlan {
  Value status;
  TimePoint recheck = TimePoint::max();
};
DeploymentStatusPlan plan_deployment_status(const DeploymentStatusInput& input, const ProgressNote& note,
                                            TimePoint now);

// All replicas are of the present template and available, and nothing else runs.
bool deployment_complete(const Object& deployment, const Value& status);

}  // namespace drydock::controllers
