// The agents of pod network add-ons, as their images run them: weave-init,
// weave-kube, weave-npc (weaveworks/weave-kube, weave-npc), flanneld
// (flannel/flannel), calico-install, calico-node, calico-kube-controllers
// (calico/*).
#pragma once

namespace drydock {

class ProgramRegistry;

void register_network_addons(ProgramRegistry& programs);

}  // namespace drydock
