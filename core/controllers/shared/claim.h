// Claiming: a controller adopts the orphans its selector matches and releases
// pods it owns that no longer match.
// https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#pod-template-acquisitions
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/base/task.h"
#include "core/machinery/object.h"

namespace drydock {
class LabelSelector;
}

namespace drydock::controllers {

struct ControllerContext;

// Who claims. `api_version` and `kind` go into the owner reference.
struct Claimant {
  Object owner;
  std::string api_version;
  std::string kind;
};

// Patches what must change; the cache follows through the watch. `template_labels`
// are known to match: pods that share them cost one pointer comparison.
Task<Result<void>> claim_pods(ControllerContext& context, Claimant claimant, const LabelSelector& selector,
                              Value template_labels);

// The strategic merge patches that hand an object over and let go of it.
Value adopt_patch(const Claimant& claimant, const Object& orphan);
Value release_patch(const Claimant& claimant, const Object& owned);

}  // namespace drydock::controllers
