// The control plane's programs, as their images run them: etcd, kube-apiserver,
// kube-controller-manager, kube-scheduler, kube-proxy.
#pragma once

namespace drydock {

class ProgramRegistry;

void register_control_plane_programs(ProgramRegistry& programs);

}  // namespace drydock
