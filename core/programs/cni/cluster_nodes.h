// What the agents of network add-ons share: their pod's access to the API, and the
// nodes of the cluster as they come and go.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/client/client.h"
#include "core/client/informer.h"
#include "core/network/ip_address.h"

namespace drydock {

class Process;

struct ClusterNode {
  std::string name;
  Ipv4 address;                  // InternalIP
  std::optional<Cidr> pod_cidr;  // spec.podCIDR
  auto operator<=>(const ClusterNode&) const = default;
};

class ClusterNodes {
 public:
  // With the service account of the pod; an error when there is none, as
  // rest.InClusterConfig words it.
  static Result<std::unique_ptr<ClusterNodes>> open(Process& process, std::string user_agent);
  ~ClusterNodes();

  // Until the nodes are known, and again after every change.
  Task<void> next_change();
  std::vector<ClusterNode> nodes() const;
  // The node this process runs on.
  std::optional<ClusterNode> own() const;
  Client& client() { return *client_; }

 private:
  ClusterNodes(Process& process, Endpoint endpoint, std::string token, std::string user_agent);
  Process& process_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Client> client_;
  std::unique_ptr<Informer> informer_;
  Event changed_;
  bool dirty_ = true;
  TaskGroup tasks_;
};

}  // namespace drydock
