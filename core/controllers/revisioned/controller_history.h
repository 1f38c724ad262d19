// ControllerRevisions: the history of templates that StatefulSets and DaemonSets
// keep, for rollout history and undo.
// https://kubernetes.io/docs/tasks/manage-daemon/rollback-daemon-set/
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/machinery/object.h"

namespace drydock::controllers {

struct HistoryPlan {
  std::string current_name;      // metadata.name of the present template's revision
  std::string current_hash;      // its controller-revision-hash
  std::optional<Object> create;  // the present template has no revision yet
  std::optional<Object> update;  // an old revision becomes the newest again
  std::vector<Object> deletes;   // beyond revisionHistoryLimit, and in use nowhere
};

// `revisions`: those that `owner` controls. `hashes_in_use`: of live pods.
HistoryPlan plan_history(const Object& owner, std::string_view owner_kind, const std::vector<Object>& revisions,
                         const std::vector<std::string>& hashes_in_use);

}  // namespace drydock::controllers
