#include "core/programs/cni/flannel.h"

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/process.h"
#include "core/machinery/json.h"
#include "core/network/network.h"
#include "core/programs/cni/addon_helpers.h"
#include "core/programs/cni/cluster_nodes.h"

namespace drydock {
namespace {

const std::string kConfigFile = "/etc/kube-flannel/net-conf.json";
const std::string kEnvironmentFile = "/run/flannel/subnet.env";
constexpr std::uint32_t kFlannelVni = 1;
constexpr std::uint16_t kFlannelPort = 8472;

struct Backend {
  Cidr network;
  bool vxlan = true;
};

Result<Backend> load_backend(Process& process) {
  const auto text = process.read_file(kConfigFile);
  if (!text) return Status::plain("failed to read net conf: open " + kConfigFile + ": no such file or directory");
  DRYDOCK_TRY(const Value document, parse_json(*text));
  const auto network = Cidr::parse(document["Network"].as_string());
  if (!network) return Status::plain("failed to read net conf: invalid CIDR address: " + document["Network"].str());
  return Backend{*network, document["Backend"]["Type"].as_string() != "host-gw"};
}

void make_device(NetNamespace& stack, const ClusterNode& own) {
  if (stack.link("flannel.1") != nullptr) return;
  Link& tunnel = stack.add_link("flannel.1", LinkKind::kVxlan);
  tunnel.vni = kFlannelVni;
  tunnel.overlay_port = kFlannelPort;
  tunnel.mtu = 1450;
  (void)stack.add_address("flannel.1", Cidr{own.pod_cidr->network(), 32});
}

void set_nat_rules(NetNamespace& stack, const Backend& backend, Cidr subnet) {
  const std::string network = backend.network.text();
  ensure_nat_rules(stack, "FLANNEL-POSTRTG",
                   "*nat\n:FLANNEL-POSTRTG - [0:0]\n"
                   "-A POSTROUTING -m comment --comment \"flanneld masq\" -j FLANNEL-POSTRTG\n"
                   "-A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 -m comment --comment \"flanneld masq\" -j RETURN\n"
                   "-A FLANNEL-POSTRTG -s " +
                       subnet.text() + " -d " + network +
                       " -m comment --comment \"flanneld masq\" -j RETURN\n"
                       "-A FLANNEL-POSTRTG -s " +
                       network + " -d " + subnet.text() +
                       " -m comment --comment \"flanneld masq\" -j RETURN\n"
                       "-A FLANNEL-POSTRTG ! -s " +
                       network + " -d " + subnet.text() +
                       " -m comment --comment \"flanneld masq\" -j RETURN\n"
                       "-A FLANNEL-POSTRTG -s " +
                       network +
                       " ! -d 224.0.0.0/4 -m comment --comment \"flanneld masq\" -j MASQUERADE --random-fully\n"
                       "-A FLANNEL-POSTRTG ! -s " +
                       network + " -d " + network +
                       " -m comment --comment \"flanneld masq\" -j MASQUERADE --random-fully\n"
                       "COMMIT\n");
}

// Makes the routes to the other nodes' subnets what they should be.
void set_routes(NetNamespace& stack, const Backend& backend, const std::vector<ClusterNode>& nodes,
                const ClusterNode& own) {
  const std::string device = backend.vxlan ? "flannel.1" : "eth0";
  std::vector<Route> wanted;
  std::map<Ipv4, Ipv4> forwarding;
  for (const ClusterNode& node : nodes) {
    if (node.name == own.name || !node.pod_cidr) continue;
    Route route;
    route.destination = *node.pod_cidr;
    route.device = device;
    route.protocol = "static";
    route.onlink = backend.vxlan;
    route.gateway = backend.vxlan ? node.pod_cidr->network() : node.address;
    forwarding[node.pod_cidr->network()] = node.address;
    wanted.push_back(std::move(route));
  }
  std::vector<Cidr> stale;
  for (const Route& route : stack.routes()) {
    if (route.device != device || route.protocol != "static" || route.destination.length == 0) continue;
    bool keep = false;
    for (const Route& other : wanted) keep = keep || other.destination == route.destination;
    if (!keep) stale.push_back(route.destination);
  }
  for (const Cidr& destination : stale) stack.remove_route(destination, device);
  for (Route& route : wanted) stack.replace_route(std::move(route));
  if (Link* tunnel = stack.link("flannel.1")) tunnel->forwarding = std::move(forwarding);
}

}  // namespace

Task<int> flanneld_main(Process& process) {
  process.set_memory(24LL << 20);
  auto nodes = ClusterNodes::open(process, "flanneld");
  if (!nodes) {
    co_await klog(process, "main.go:229", "Failed to create SubnetManager: " + nodes.error().message, 'E');
    co_return 1;
  }
  auto backend = load_backend(process);
  if (!backend) {
    co_await klog(process, "main.go:229", "Failed to create SubnetManager: " + backend.error().message, 'E');
    co_return 1;
  }
  co_await klog(process, "kube.go:139", "Waiting 10m0s for node controller to sync");
  co_await (*nodes)->next_change();
  co_await klog(process, "kube.go:163", "Node controller sync successful");
  std::optional<ClusterNode> own = (*nodes)->own();
  if (!own || !own->pod_cidr) {
    co_await klog(process, "main.go:359",
                  "Error registering network: failed to acquire lease: node \"" + process.host().name() +
                      "\" pod cidr not assigned",
                  'E');
    co_return 1;
  }
  NetNamespace& stack = process.network();
  if (backend->vxlan) make_device(stack, *own);
  set_nat_rules(stack, *backend, *own->pod_cidr);
  set_routes(stack, *backend, (*nodes)->nodes(), *own);
  (void)process.make_directories("/run/flannel");
  (void)process.write_file(kEnvironmentFile, "FLANNEL_NETWORK=" + backend->network.text() + "\nFLANNEL_SUBNET=" +
                                                 Cidr{own->pod_cidr->network().next(), own->pod_cidr->length}.text() +
                                                 "\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n");
  co_await klog(process, "main.go:435", "Wrote subnet file to " + kEnvironmentFile);
  co_await klog(process, "main.go:439", "Running backend.");

  auto follow = [](Process& self, ClusterNodes& cluster, Backend kind, ClusterNode here) -> Task<void> {
    while (true) {
      co_await cluster.next_change();
      set_routes(self.network(), kind, cluster.nodes(), here);
    }
  };
  TaskGroup tasks(process.loop());
  tasks.spawn(follow(process, **nodes, *backend, *own));
  co_await wait_for_termination(process);
  co_return 0;
}

}  // namespace drydock
