// Pulls an image to this host's container runtime, as `crictl pull` does.
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/base/task.h"

namespace drydock {

class Process;

// Nothing to do when it is there already. The error is the runtime's.
Task<Result<void>> pull_image(Process& process, std::string image);

}  // namespace drydock
