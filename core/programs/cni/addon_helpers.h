// Small steps that network add-ons have in common.
#pragma once

#include <string>
#include <vector>

#include "core/base/task.h"

namespace drydock {

class NetNamespace;
class Process;

// Copies the add-on's CNI plugins to the host's /opt/cni/bin below `prefix` ("/host").
void install_cni_plugins(Process& process, const std::string& folder, const std::vector<std::string>& names);
// Until the process is told to stop.
Task<void> wait_for_termination(Process& process);
// "I1124 11:02:03.000000       1 main.go:212] text"
Task<void> klog(Process& process, std::string where, std::string text, char level = 'I');
// Adds lines to the nat table unless the first rule is there already.
void ensure_nat_rules(NetNamespace& stack, const std::string& chain, const std::string& restore_text);

}  // namespace drydock
