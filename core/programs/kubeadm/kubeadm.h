// kubeadm: makes a cluster out of hosts: certificates, kubeconfigs, static pod
// manifests, bootstrap tokens, add-ons; by the phases and messages of the real one.
// https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/
#pragma once

namespace drydock {

class ProgramRegistry;

void register_kubeadm(ProgramRegistry& programs);

}  // namespace drydock
