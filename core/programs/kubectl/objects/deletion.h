// Deleting objects and waiting until they are gone: delete, replace --force,
// run --rm, apply --prune.
#pragma once

#include <string>
#include <vector>

#include "core/programs/kubectl/objects/selection.h"

namespace drydock::kubectl {

struct DeletionOptions {
  std::string cascade;             // "background", "orphan", "foreground", "true", "false"
  std::int64_t grace_period = -1;  // seconds; -1: the object's own
  bool dry_run = false;            // on the server
};

// metav1.DeleteOptions; the error is about --cascade.
Result<Value> delete_options(const DeletionOptions& options);

// Asks for the deletion. Returns the uid of what is being deleted.
Task<Result<std::string>> delete_target(Session& session, Target target, DeletionOptions options);

// Waits until no object of that uid is there any more; false at the deadline.
Task<Result<bool>> wait_gone(Session& session, Target target, std::string uid, std::optional<TimePoint> deadline);

}  // namespace drydock::kubectl
