// Entry points of the control plane's programs.
#pragma once

#include "core/base/task.h"

namespace drydock {

class Process;

Task<int> etcd_main(Process& process);
Task<int> kube_apiserver_main(Process& process);
Task<int> kube_controller_manager_main(Process& process);
Task<int> kube_scheduler_main(Process& process);
Task<int> kube_proxy_main(Process& process);

}  // namespace drydock
