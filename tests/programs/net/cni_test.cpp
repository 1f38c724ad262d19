// CNI plugins and the dataplane over netfilter, between two machines.
#include "core/programs/cni/cni.h"

#include "core/base/strings.h"
#include "core/network/netfilter.h"
#include "core/network/tcp.h"
#include "core/network/udp.h"
#include "core/programs/net/virtual_dataplane.h"
#include "tests/programs/net/net_fixture.h"

using namespace drydock;

namespace {

struct CniFixture : NetFixture {
  int pods = 0;

  void configure(Host& host, const std::string& file, const std::string& text) {
    (void)host.files().make_directories("/etc/cni/net.d", loop.now());
    (void)host.files().write_file("/etc/cni/net.d/" + file, text, loop.now());
  }
  CniPod pod(const std::string& name) {
    return {"default", name, "uid", std::to_string(10000000 + ++pods) + std::string(56, 'a'), {}};
  }
  bool reaches(const std::shared_ptr<NetNamespace>& from, Ipv4 to) {
    Packet packet;
    packet.destination = to;
    return from->trace(packet).verdict == Verdict::kDelivered;
  }
};

std::string bridge_config(const std::string& subnet) {
  return R"({"cniVersion":"0.3.1","name":"mynet","plugins":[{"type":"bridge","bridge":"cni0","isGateway":true,"ipMasq":true,"ipam":{"type":"host-local","subnet":")" +
         subnet + R"("}},{"type":"portmap","capabilities":{"portMappings":true}}]})";
}

}  // namespace

TEST_CASE_FIXTURE(CniFixture, "without a configuration nothing works") {
  CHECK(cni_not_ready_reason(*node1) == "cni plugin not initialized");
  auto sandbox = network.make_namespace("pod");
  CHECK(cni_add(*node1, sandbox, pod("a")).error().message == "cni plugin not initialized");
  configure(*node1, "10-flannel.conflist",
            R"({"name":"cbr0","plugins":[{"type":"flannel","delegate":{"isDefaultGateway":true}}]})");
  CHECK(cni_not_ready_reason(*node1).empty());
  CHECK(cni_add(*node1, sandbox, pod("a")).error().message ==
        "failed to find plugin \"flannel\" in path [/opt/cni/bin]");
  (void)node1->files().make_directories("/opt/cni/bin", loop.now());
  (void)node1->files().write_file("/opt/cni/bin/flannel", "x", loop.now());
  CHECK(cni_add(*node1, sandbox, pod("a")).error().message ==
        "plugin type=\"flannel\" failed (add): loadFlannelSubnetEnv failed: open /run/flannel/subnet.env: no such file "
        "or directory");
}

TEST_CASE_FIXTURE(CniFixture, "the bridge plugin: addresses, gateway, ports of the host") {
  configure(*node1, "10-bridge.conflist", bridge_config("10.244.0.0/24"));
  auto a = network.make_namespace("a");
  auto b = network.make_namespace("b");
  const CniPod first = pod("a");
  CniPod second = pod("b");
  second.ports.push_back({8080, 80, "tcp", ""});
  auto one = cni_add(*node1, a, first);
  auto two = cni_add(*node1, b, second);
  REQUIRE(one.ok());
  REQUIRE(two.ok());
  CHECK(one->address.text() == "10.244.0.2/24");
  CHECK(one->gateway.text() == "10.244.0.1");
  CHECK(two->address.text() == "10.244.0.3/24");
  CHECK(reaches(a, two->address.address));
  CHECK(reaches(a, *Ipv4::parse("10.0.0.3")));
  CHECK(reaches(node1->namespaces().network, one->address.address));
  auto listener = TcpListener::open(b, {}, 80);
  CHECK(contains(run("nc -zv 10.0.0.2 8080", "", node2.get()).err, "succeeded!"));
  cni_delete(*node1, second.sandbox_id);
  CHECK(!reaches(a, two->address.address));
  CHECK(!contains(run("nc -zv 10.0.0.2 8080", "", node2.get()).err, "succeeded!"));
  auto c = network.make_namespace("c");
  CHECK(cni_add(*node1, c, pod("c"))->address.text() == "10.244.0.4/24");
}

TEST_CASE_FIXTURE(CniFixture, "a small range runs out") {
  configure(*node1, "10-bridge.conflist", bridge_config("10.244.0.0/30"));
  auto a = network.make_namespace("a");
  auto b = network.make_namespace("b");
  CHECK(cni_add(*node1, a, pod("a")).ok());
  CHECK(cni_add(*node1, b, pod("b")).error().message ==
        "plugin type=\"bridge\" failed (add): failed to allocate for range 0: no IP addresses available in range set: "
        "10.244.0.2-10.244.0.2");
}

TEST_CASE_FIXTURE(CniFixture, "a VXLAN joins the bridges of two machines") {
  auto overlay = [&](Host& host, const char* address, Ipv4 peer) {
    NetNamespace& stack = host.network();
    stack.add_link("weave", LinkKind::kBridge);
    REQUIRE(stack.add_address("weave", *Cidr::parse(address)).ok());
    Link& tunnel = stack.add_link("vxlan-6784", LinkKind::kVxlan);
    tunnel.vni = 6784;
    tunnel.master = "weave";
    tunnel.flood = {peer};
    (void)host.files().make_directories("/opt/cni/bin", loop.now());
    (void)host.files().write_file("/opt/cni/bin/weave-net", "x", loop.now());
    configure(host, "10-weave.conflist", R"({"name":"weave","plugins":[{"type":"weave-net"}]})");
  };
  overlay(*node1, "10.32.0.1/12", *Ipv4::parse("10.0.0.3"));
  overlay(*node2, "10.40.0.0/12", *Ipv4::parse("10.0.0.2"));
  auto a = network.make_namespace("a");
  auto b = network.make_namespace("b");
  auto one = cni_add(*node1, a, pod("a"));
  auto two = cni_add(*node2, b, pod("b"));
  REQUIRE(one.ok());
  REQUIRE(two.ok());
  CHECK(one->address.text() == "10.32.0.2/12");
  CHECK(two->address.text() == "10.40.0.1/12");
  CHECK(reaches(a, two->address.address));
  CHECK(reaches(b, one->address.address));
  CHECK(reaches(node1->namespaces().network, two->address.address));
  network.set_host_link(node2->network(), false);
  CHECK(!reaches(a, two->address.address));
}

TEST_CASE_FIXTURE(CniFixture, "rules of the dataplane carry connections") {
  VirtualDataplane dataplane(node1->namespaces().network);
  const ServiceRules rules{{{"nat", "OUTPUT", "-m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES"}},
                           "*nat\n:KUBE-SERVICES - [0:0]\n-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m tcp --dport 443 "
                           "-j DNAT --to-destination 10.0.0.3:6443\nCOMMIT\n"};
  auto apply = [](VirtualDataplane& plane, const ServiceRules& wanted) -> Task<void> {
    CHECK((co_await plane.apply(wanted)).ok());
  };
  TaskGroup group(loop);
  group.spawn(apply(dataplane, rules));
  loop.run_until(loop.now() + seconds(1));
  auto listener = TcpListener::open(node2->namespaces().network, {}, 6443);
  CHECK(contains(run("nc -zv 10.96.0.1 443").err, "succeeded!"));
}
