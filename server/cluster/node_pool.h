// NodePool: the virtual machines of a served cluster, joined without kubeadm: each is
// given a kubeconfig of its own, and a bridge for its pods once the controller manager
// has given the Node its range (as kindnet does).
#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/client/client.h"
#include "core/client/informer.h"
#include "core/world/world.h"
#include "server/cluster/authority.h"

namespace drydock::server {

struct NodePoolOptions {
  std::string version;
  std::string api_server;  // "10.0.0.2:6443", in the virtual network
  std::string service_cidr;
  std::string pod_cidr;
};

class NodePool {
 public:
  // Everything that is given outlives the pool.
  NodePool(World& world, Authority& authority, Client& admin, NodePoolOptions options);

  // Makes `count` machines, one after the other.
  Task<void> run(int count);
  // One more machine, which joins; its name. The first one brings the add-ons:
  // kube-proxy and CoreDNS.
  Result<std::string> add_node();

 private:
  void node_changed(const Object& node);
  Task<void> install_addons();

  World& world_;
  Authority& authority_;
  Client& admin_;
  NodePoolOptions options_;
  bool addons_ = false;
  std::map<std::string, std::string> ranges_;  // node -> range its bridge has
  Informer nodes_;
  TaskGroup tasks_;
};

}  // namespace drydock::server
