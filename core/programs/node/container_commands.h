// crictl and ctr: the container runtime of this machine by hand.
// https://kubernetes.io/docs/tasks/debug/debug-cluster/crictl/
#pragma once

#include "core/base/task.h"

namespace drydock {

class Process;

Task<int> crictl_main(Process& process);
Task<int> ctr_main(Process& process);

}  // namespace drydock
