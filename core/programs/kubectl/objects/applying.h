// What apply and diff share: the annotation, and the patch from what was applied
// last, what is wanted, and what is there.
#pragma once

#include <string_view>

#include "core/base/result.h"
#include "core/machinery/value.h"
#include "core/programs/kubectl/connection/discovery.h"
#include "core/programs/kubectl/objects/mutation.h"

namespace drydock::kubectl {

// The object with itself in the last-applied-configuration annotation.
Value with_last_applied(const Value& object);

struct ApplyPatch {
  Value body;  // empty: nothing to change
  std::string_view type = kStrategicPatch;
  Result<Value> applied_to(const Value& current) const;
};
// `modified` carries the annotation already.
Result<ApplyPatch> apply_patch(const ApiResource& resource, const Value& modified, const Value& current);

}  // namespace drydock::kubectl
