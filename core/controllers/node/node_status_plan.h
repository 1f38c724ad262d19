// What follows from a node's conditions and silence: taints, and conditions that
// nobody vouches for any more. Pure.
// https://kubernetes.io/docs/reference/labels-annotations-taints/#node-kubernetes-io-not-ready
#pragma once

#include "core/base/clock.h"
#include "core/machinery/object.h"

namespace drydock::controllers {

// spec.taints as they should be: NoSchedule by condition, NoExecute for nodes
// that are not ready or unreachable. Other people's taints stay.
Value plan_taints(const Object& node, TimePoint now);

// The status of a node that has been silent for the grace period: its conditions
// become Unknown. Equal to the present one when they are already.
Value silent_status(const Object& node, TimePoint now);

// Status of the Ready condition: "True", "False", "Unknown" or "" for none.
std::string_view readiness(const Object& node);

}  // namespace drydock::controllers
