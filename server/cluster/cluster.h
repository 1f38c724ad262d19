// Cluster: a control plane on real time, over any Store, with virtual nodes.
//
// API server, controllers and scheduler run beside each other in this process and
// speak through memory. Nodes are machines of a World, with kubelet, containerd and
// CNI as always; they reach the API server over the virtual network, where it also
// listens. Clients from outside come through `handler()`.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/apiserver/api_server.h"
#include "core/client/leader_election.h"
#include "core/client/loopback_transport.h"
#include "core/controllers/controller_manager.h"
#include "core/network/http_server.h"
#include "core/scheduler/scheduler.h"
#include "core/world/world.h"
#include "server/cluster/authority.h"

namespace drydock::server {

class NodePool;

struct ClusterOptions {
  std::string version;
  int nodes = 1;
  bool anonymous = false;
  std::string service_cidr = "10.96.0.0/12";
  std::string pod_cidr = "10.244.0.0/16";
  // Several servers share a store: one of them runs the controllers.
  bool leader_election = false;
  LeaderElectionOptions election;  // its times
  // audit.k8s.io/v1 Policy, and who writes the events; null: nobody.
  Value audit_policy;
  std::function<void(const Value& event)> audit;
  std::string token_file;  // lines "token,user,uid,\"group1,group2\""; "" for none
};

class Cluster {
 public:
  // Everything that is given outlives the cluster.
  static Result<std::unique_ptr<Cluster>> start(World& world, Store& store, Authority& authority,
                                                ClusterOptions options);
  ~Cluster();

  HttpHandler& handler() { return *server_; }
  bool ready() const { return server_->ready(); }
  // Names and addresses that the server's certificate must hold, besides those it is asked for.
  static std::vector<std::string> server_names();
  std::vector<std::string> server_addresses() const;

  // Machines join one after the other; the cluster serves meanwhile.
  void add_nodes();
  // One more, later; its name.
  Result<std::string> add_node();
  // kubernetes-admin's, for use inside the virtual network.
  Result<std::string> admin_kubeconfig();
  // Why the store was lost, once it was.
  const std::string& failure() const { return failure_; }

 private:
  Cluster(World& world, Store& store, Authority& authority, ClusterOptions options);
  Result<void> begin();
  CredentialReaders credentials();
  Task<void> run_server();
  // A component at work, made anew for each term that it leads.
  struct Term {
    std::shared_ptr<void> owner;
    Task<void> work;
  };
  Task<void> lead(Client& client, std::string name, std::function<Term()> begin_term);

  World& world_;
  Store& store_;
  Authority& authority_;
  ClusterOptions options_;
  Prng prng_;
  std::string address_;  // of the control plane in the virtual network
  std::shared_ptr<NetNamespace> stack_;
  std::unique_ptr<Transport> to_kubelets_;
  std::unique_ptr<ApiServer> server_;
  LoopbackTransport transport_;
  std::unique_ptr<Client> admin_;
  std::unique_ptr<Client> manager_client_;
  std::unique_ptr<Client> scheduler_client_;
  std::unique_ptr<HttpListener> listener_;
  std::unique_ptr<NodePool> nodes_;
  std::string failure_;
  TaskGroup tasks_;  // last: its tasks use everything above
};

}  // namespace drydock::server
