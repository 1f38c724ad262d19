#include "core/programs/cni/addons.h"

#include "core/host/program.h"
#include "core/programs/cni/calico.h"
#include "core/programs/cni/flannel.h"
#include "core/programs/cni/weave.h"

namespace drydock {

void register_network_addons(ProgramRegistry& programs) {
  programs.add("weave-init", weave_init_main);
  programs.add("weave-kube", weave_kube_main);
  programs.add("weave-npc", weave_npc_main);
  programs.add("flanneld", flanneld_main);
  programs.add("calico-install", calico_install_main);
  programs.add("calico-node", calico_node_main);
  programs.add("calico-kube-controllers", calico_controllers_main);
}

}  // namespace drydock
