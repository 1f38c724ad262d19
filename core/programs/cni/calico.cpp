#include "core/programs/cni/calico.h"

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/process.h"
#include "core/network/network.h"
#include "core/programs/cni/addon_helpers.h"
#include "core/programs/cni/cluster_nodes.h"
#include "core/programs/cni/pod_ranges.h"

namespace drydock {
namespace {

const std::string kConfigList = R"({
  "name": "k8s-pod-network",
  "cniVersion": "0.3.1",
  "plugins": [
    {
      "type": "calico",
      "log_level": "info",
      "log_file_path": "/var/log/calico/cni/cni.log",
      "datastore_type": "kubernetes",
      "mtu": 0,
      "ipam": {"type": "calico-ipam"},
      "policy": {"type": "k8s"},
      "kubernetes": {"kubeconfig": "/etc/cni/net.d/calico-kubeconfig"}
    },
    {"type": "portmap", "snat": true, "capabilities": {"portMappings": true}},
    {"type": "bandwidth", "capabilities": {"bandwidth": true}}
  ]
}
)";

Cidr pool_of(Process& process) {
  const auto configured = Cidr::parse(process.env("CALICO_IPV4POOL_CIDR"));
  return configured.value_or(Cidr{Ipv4{0xc0a80000}, 16});  // 192.168.0.0/16
}

void set_routes(NetNamespace& stack, Cidr pool, const std::vector<ClusterNode>& nodes) {
  const Ipv4 mine = stack.primary_address();
  for (const ClusterNode& node : nodes) {
    Route route;
    route.destination = calico_block_of(pool, node.address);
    route.protocol = "bird";
    if (node.address == mine) {
      route.blackhole = true;  // addresses of the block that no pod has
    } else {
      route.gateway = node.address;
      route.device = "eth0";
    }
    stack.replace_route(std::move(route));
  }
}

}  // namespace

Task<int> calico_install_main(Process& process) {
  install_cni_plugins(process, "/host/opt/cni/bin", {"calico", "calico-ipam"});
  (void)process.make_directories("/host/etc/cni/net.d");
  (void)process.write_file("/host/etc/cni/net.d/10-calico.conflist", kConfigList);
  co_await process.out(
      "Installed /host/opt/cni/bin/calico\nInstalled /host/opt/cni/bin/calico-ipam\nCreated "
      "/host/etc/cni/net.d/10-calico.conflist\n");
  co_return 0;
}

Task<int> calico_node_main(Process& process) {
  process.set_memory(110LL << 20);
  auto nodes = ClusterNodes::open(process, "calico-node");
  if (!nodes) {
    co_await process.err("[ERROR][1] startup/startup.go 158: failed to create Calico client: " + nodes.error().message +
                         "\n");
    co_return 1;
  }
  NetNamespace& stack = process.network();
  const Cidr pool = pool_of(process);
  (void)process.make_directories("/var/lib/calico");
  (void)process.write_file("/var/lib/calico/pool", pool.text() + "\n");
  (void)process.write_file("/var/lib/calico/nodename", process.host().name());
  if (stack.link("tunl0") == nullptr) {
    stack.add_link("tunl0", LinkKind::kBridge).mtu = 1480;
    (void)stack.add_address("tunl0", Cidr{calico_block_of(pool, stack.primary_address()).address, 32});
  }
  ensure_nat_rules(stack, "cali-nat-outgoing",
                   "*nat\n:cali-nat-outgoing - [0:0]\n-A POSTROUTING -j cali-nat-outgoing\n"
                   "-A cali-nat-outgoing -s " +
                       pool.text() + " ! -d " + pool.text() + " -j MASQUERADE --random-fully\nCOMMIT\n");
  co_await process.out("Calico node started successfully\n");
  auto follow = [](Process& self, ClusterNodes& cluster, Cidr addresses) -> Task<void> {
    while (true) {
      co_await cluster.next_change();
      set_routes(self.network(), addresses, cluster.nodes());
    }
  };
  TaskGroup tasks(process.loop());
  tasks.spawn(follow(process, **nodes, pool));
  co_await wait_for_termination(process);
  co_return 0;
}

Task<int> calico_controllers_main(Process& process) {
  process.set_memory(30LL << 20);
  co_await process.err("[INFO][1] main.go 107: Loaded configuration from environment\n");
  co_await wait_for_termination(process);
  co_return 0;
}

}  // namespace drydock
