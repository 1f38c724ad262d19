#include "core/programs/cni/weave.h"

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/process.h"
#include "core/network/http_server.h"
#include "core/network/network.h"
#include "core/programs/cni/addon_helpers.h"
#include "core/programs/cni/cluster_nodes.h"
#include "core/programs/cni/pod_ranges.h"

namespace drydock {
namespace {

constexpr std::uint16_t kControlPort = 6783;
constexpr std::uint16_t kDataPort = 6784;
constexpr std::uint16_t kStatusPort = 6784;  // 127.0.0.1
constexpr std::uint32_t kWeaveVni = 6784;

const std::string kConfigList = R"({
    "cniVersion": "0.3.0",
    "name": "weave",
    "plugins": [
        {
            "name": "weave",
            "type": "weave-net",
            "hairpinMode": true
        },
        {
            "type": "portmap",
            "capabilities": {"portMappings": true},
            "snat": true
        }
    ]
}
)";

const std::string kNatRules = R"(*nat
:WEAVE - [0:0]
-A POSTROUTING -j WEAVE
-A WEAVE -s 10.32.0.0/12 -d 224.0.0.0/4 -j RETURN
-A WEAVE ! -s 10.32.0.0/12 -d 10.32.0.0/12 -j MASQUERADE
-A WEAVE -s 10.32.0.0/12 ! -d 10.32.0.0/12 -j MASQUERADE
COMMIT
)";

// http://127.0.0.1:6784/status: the readiness probe of the weave container.
class StatusPage final : public HttpHandler {
 public:
  std::size_t peers = 1;
  std::string address;
  Task<HttpResponse> handle(HttpRequest request) override {
    HttpResponse response;
    response.headers.add("Content-Type", "text/plain");
    if (request.path == "/status") {
      response.body.bytes =
          "        Version: 2.8.1\n\n        Service: router\n       Protocol: weave 1..2\n     Encryption: disabled\n"
          "  PeerDiscovery: enabled\n        Targets: " +
          std::to_string(peers - 1) + "\n    Connections: " + std::to_string(peers - 1) + " (" +
          std::to_string(peers - 1) + " established)\n          Peers: " + std::to_string(peers) +
          "\n TrustedSubnets: none\n\n        Service: ipam\n         Status: ready\n          Range: 10.32.0.0/12\n"
          "  DefaultSubnet: 10.32.0.0/12\n";
    } else {
      response.status = 404;
      response.body.bytes = "404 page not found\n";
    }
    co_return response;
  }
};

void make_bridge(NetNamespace& stack) {
  const AddressRange range = weave_range(stack.primary_address());
  if (stack.link("weave") == nullptr) {
    stack.add_link("weave", LinkKind::kBridge).mtu = 1376;
    (void)stack.add_address("weave", Cidr{range.first, range.subnet.length});
  }
  if (stack.link("vxlan-6784") == nullptr) {
    Link& tunnel = stack.add_link("vxlan-6784", LinkKind::kVxlan);
    tunnel.vni = kWeaveVni;
    tunnel.overlay_port = kDataPort;
    tunnel.master = "weave";
    tunnel.mtu = 65535;
  }
  ensure_nat_rules(stack, "WEAVE", kNatRules);
}

}  // namespace

Task<int> weave_init_main(Process& process) {
  install_cni_plugins(process, "/host/opt/cni/bin", {"weave-plugin-2.8.1", "weave-net", "weave-ipam"});
  co_return 0;
}

Task<int> weave_kube_main(Process& process) {
  process.set_memory(42LL << 20);
  auto nodes = ClusterNodes::open(process, "weave-kube");
  if (!nodes) {
    co_await process.err("FATA: " + nodes.error().message + "\n");
    co_return 1;
  }
  const std::shared_ptr<NetNamespace> stack = process.namespaces().network;
  make_bridge(*stack);
  // The data plane needs a socket to receive on; peers find the tunnel by it.
  StatusPage page;
  HttpListenerOptions options;
  options.address = kLoopbackAddress;
  options.owner = {process.host_pid(), "weaver"};
  auto listener = HttpListener::open(stack, kStatusPort, page, options);
  if (!listener) {
    co_await process.err("FATA: listen tcp 127.0.0.1:6784: bind: address already in use\n");
    co_return 1;
  }
  auto control = TcpListener::open(stack, {}, kControlPort, {process.host_pid(), "weaver"});
  co_await process.err("INFO: " +
                       std::string("Command line options: map[conn-limit:200 datapath:datapath "
                                   "db-prefix:/weavedb/weave-net http-addr:127.0.0.1:6784 "
                                   "ipalloc-range:10.32.0.0/12 nickname:") +
                       process.host().name() + " no-dns:true port:6783]\nINFO: weave  2.8.1\n");
  (void)process.make_directories("/host/etc/cni/net.d");
  (void)process.write_file("/host/etc/cni/net.d/10-weave.conflist", kConfigList);

  auto follow = [](Process& own, ClusterNodes& cluster, StatusPage& status) -> Task<void> {
    while (true) {
      co_await cluster.next_change();
      Link* tunnel = own.network().link("vxlan-6784");
      if (tunnel == nullptr) co_return;
      const Ipv4 mine = own.network().primary_address();
      std::vector<Ipv4> peers;
      for (const ClusterNode& node : cluster.nodes()) {
        if (node.address != mine) peers.push_back(node.address);
      }
      if (peers != tunnel->flood) {
        tunnel->flood = peers;
        tunnel->forwarding.clear();
        own.network().network().touch();
        std::string text;
        for (Ipv4 peer : peers)
          text += "INFO: ->[" + endpoint_text(peer, kControlPort) + "] connection ready; using protocol version 2\n";
        co_await own.err(text);
      }
      status.peers = peers.size() + 1;
    }
  };
  TaskGroup tasks(process.loop());
  tasks.spawn(follow(process, **nodes, page));
  co_await wait_for_termination(process);
  co_return 0;
}

Task<int> weave_npc_main(Process& process) {
  process.set_memory(18LL << 20);
  co_await process.err("INFO: Starting Weaveworks NPC 2.8.1; node name \"" + process.host().name() + "\"\n");
  co_await wait_for_termination(process);
  co_return 0;
}

}  // namespace drydock
