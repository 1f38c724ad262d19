// Flannel: a VXLAN between the nodes' pod subnets, or plain routes (host-gw).
#pragma once

#include "core/base/task.h"

namespace drydock {

class Process;

Task<int> flanneld_main(Process& process);

}  // namespace drydock
