// Weave Net 2.8.1: one layer-2 network over all nodes.
#pragma once

#include "core/base/task.h"

namespace drydock {

class Process;

Task<int> weave_init_main(Process& process);  // /home/weave/init.sh: installs the CNI plugins
Task<int> weave_kube_main(Process& process);  // /home/weave/launch.sh: the router
Task<int> weave_npc_main(Process& process);   // the network policy controller

}  // namespace drydock
