// What runs on a node beside the shell: kubelet, containerd, crictl.
#pragma once

namespace drydock {

class Host;
class ImageRegistry;
class ProgramRegistry;

void register_node_programs(ProgramRegistry& programs);
// Gives a machine its container runtime, with the CNI plugins of its files.
void install_container_runtime(Host& host, ImageRegistry& registry);

}  // namespace drydock
