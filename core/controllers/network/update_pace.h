// How long changes of a Service's endpoints are gathered before they are written.
#pragma once

#include <cstddef>

#include "core/base/clock.h"

namespace drydock::controllers {

// A small Service is told at once. Writing a big one costs as much as it has
// endpoints, and its pods start in crowds: upstream has the flag
// --endpointslice-updates-batch-period for that.
inline Duration update_pace(std::size_t endpoints) { return endpoints <= 50 ? Duration::zero() : milliseconds(200); }

}  // namespace drydock::controllers
