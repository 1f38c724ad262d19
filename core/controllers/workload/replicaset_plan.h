// Decides which pods a ReplicaSet (or ReplicationController) creates or deletes,
// and what its status says.
// Pure: equal inputs give equal plans.
// https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/
//
// Invariant 1: creates == 0 or deletes is empty.
// Invariant 2: creates and deletes.size() never exceed kBurstReplicas.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/controllers/shared/pod_view.h"

namespace drydock::controllers {

inline constexpr std::int64_t kBurstReplicas = 500;

struct ReplicaSetPlan {
  std::int64_t creates = 0;
  std::vector<Object> deletes;  // the first is the least worth keeping
};

// `owned`: the pods that the set controls, in key order; finished and deleting
// ones are skipped. `siblings`: pods of other sets of the same Deployment, which
// count when crowded nodes are relieved first.
ReplicaSetPlan plan_replicas(std::int64_t wanted, const std::vector<const PodView*>& owned,
                             const std::vector<const PodView*>& siblings, TimePoint now);

struct ReplicaSetCounts {
  std::int64_t replicas = 0;
  std::int64_t fully_labeled = 0;
  std::int64_t ready = 0;
  std::int64_t available = 0;
  std::int64_t terminating = 0;
  // When the next ready pod turns available by the passing of time alone.
  TimePoint next_available = TimePoint::max();
};
ReplicaSetCounts count_replicas(const std::vector<const PodView*>& owned, const Value& template_labels,
                                std::int64_t min_ready_seconds, TimePoint now);

// The status document for `set`; `failure` is the error of this pass, if any.
struct ManageFailure {
  std::string reason;  // FailedCreate or FailedDelete
  std::string message;
};
// `counts_terminating`: ReplicationControllers have no terminatingReplicas.
Value replica_set_status(const Object& set, const ReplicaSetCounts& counts, const ManageFailure* failure,
                         bool counts_terminating, TimePoint now);

}  // namespace drydock::controllers
