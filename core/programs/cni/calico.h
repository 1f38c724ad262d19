// Calico: every pod a routed interface, blocks of addresses a node, IP-in-IP between nodes.
#pragma once

#include "core/base/task.h"

namespace drydock {

class Process;

Task<int> calico_install_main(Process& process);      // /opt/cni/bin/install, init container install-cni
Task<int> calico_node_main(Process& process);         // start_runit
Task<int> calico_controllers_main(Process& process);  // kube-controllers

}  // namespace drydock
