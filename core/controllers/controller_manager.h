// ControllerManager: the wanted controllers of one kube-controller-manager, over
// one set of informers.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/controllers/bootstrap/csr_controllers.h"
#include "core/controllers/cluster/service_account_tokens.h"
#include "core/controllers/controller_context.h"
#include "core/controllers/node/node_lifecycle_controller.h"
#include "core/controllers/shared/keyed_controller.h"

namespace drydock::controllers {

struct ControllerManagerOptions {
  // As --controllers: names, "*" for all that are on by default, "-name" to leave
  // one out. kubeadm gives {"*", "bootstrapsigner", "tokencleaner"}.
  std::vector<std::string> controllers = {"*"};
  bool allocate_node_cidrs = false;
  std::string cluster_cidr;
  int node_cidr_mask_size = 24;
  std::string root_ca_pem;                // for kube-root-ca.crt; "": not published
  CsrReader read_csr;                     // absent: requests are not approved
  CsrSigningFunction sign_csr;            // absent: requests are not signed
  AccountTokenSigner sign_account_token;  // absent: token Secrets are not filled
  NodeMonitorOptions node_monitor;
};

class ControllerManager {
 public:
  ControllerManager(EventLoop& loop, Prng prng, Client& client, ControllerManagerOptions options);
  ControllerManager(const ControllerManager&) = delete;
  ControllerManager& operator=(const ControllerManager&) = delete;

  // Runs the controllers until the frame is destroyed. Leader election is the
  // caller's: several managers must not run at the same time.
  Task<void> run();

  // Full names of the controllers that run, in the order they were started.
  const std::vector<std::string>& running() const { return names_; }

 private:
  ControllerContext context_;
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<Controller>> controllers_;
};

// Names that --controllers knows, with their old short forms.
struct ControllerName {
  std::string_view name;
  std::string_view alias;
  bool on_by_default = true;
};
const std::vector<ControllerName>& controller_names();

}  // namespace drydock::controllers
