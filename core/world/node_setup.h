// What a fresh node holds: a CentOS-like machine with a shell, the usual tools,
// containerd, kubeadm, kubectl and a kubelet service, as Play with Kubernetes had.
#pragma once

#include <string>
#include <string_view>

namespace drydock {

class Host;
class ProgramRegistry;

// Registers every program of the world; `on_nodes` gets those that nodes have
// installed, the rest exists only inside images.
void register_all_programs(ProgramRegistry& all, ProgramRegistry& on_nodes);

// Fills the file system and starts the services. `version` is that of kubeadm, kubectl and kubelet.
void set_up_node(Host& host, const ProgramRegistry& on_nodes, std::string_view version);

}  // namespace drydock
