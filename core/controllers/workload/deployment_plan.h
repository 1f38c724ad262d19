// Decides the next step of a Deployment: which ReplicaSet to create, scale,
// annotate or delete, and what the status says. One step at a time: the changes
// of the ReplicaSets bring the next call.
// Pure: equal inputs give equal plans.
// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
//
// Invariant 1: the sum of wanted replicas never exceeds replicas + maxSurge,
//              unless it already did when the Deployment was scaled down.
// Invariant 2: no step takes available replicas below replicas - maxUnavailable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/machinery/object.h"

namespace drydock::controllers {

struct ReplicaSetUpdate {
  Object set;             // the whole document to write
  std::int64_t from = 0;  // spec.replicas before and after; equal: annotations only
  std::int64_t to = 0;
};

struct DeploymentPlan {
  // The annotation deployment.kubernetes.io/revision to put on the Deployment; "" to leave it.
  std::string revision;
  std::optional<Object> create;
  std::vector<ReplicaSetUpdate> updates;
  std::vector<Object> deletes;  // history beyond revisionHistoryLimit
  Value status;
  TimePoint recheck = TimePoint::max();  // when the progress deadline may pass
};

// `sets`: the ReplicaSets that the Deployment controls. `old_pods_running`: pods of
// old sets that are not finished yet (Recreate waits for them).
DeploymentPlan plan_deployment(const Object& deployment, const std::vector<Object>& sets, bool old_pods_running,
                               TimePoint now);

// The set made from the Deployment's present template; empty when there is none.
Object find_new_replica_set(const Object& deployment, const std::vector<Object>& sets);

// The ReplicaSet of the present template, as it would be created.
Object new_replica_set(const Object& deployment, const std::vector<Object>& old_sets, std::int64_t revision);

// spec.strategy.rollingUpdate with percentages worked out.
struct RolloutBounds {
  std::int64_t max_surge = 0;
  std::int64_t max_unavailable = 0;
};
RolloutBounds rollout_bounds(const Object& deployment);

}  // namespace drydock::controllers
