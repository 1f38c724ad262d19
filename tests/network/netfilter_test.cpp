#include "core/network/netfilter.h"

#include "core/base/strings.h"
#include "core/network/tcp.h"
#include "core/network/udp.h"
#include "tests/network/network_fixture.h"

using namespace drydock;

namespace {

const char* kService = R"(*nat
:KUBE-SERVICES - [0:0]
:KUBE-SVC-AAAA - [0:0]
:KUBE-SEP-ONE - [0:0]
:KUBE-SEP-TWO - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A KUBE-SERVICES -d 10.96.0.10/32 -p tcp -m comment --comment "default/web cluster IP" -m tcp --dport 80 -j KUBE-SVC-AAAA
-A KUBE-SVC-AAAA -m comment --comment "default/web -> one" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-ONE
-A KUBE-SVC-AAAA -m comment --comment "default/web -> two" -j KUBE-SEP-TWO
-A KUBE-SEP-ONE -p tcp -m tcp -j DNAT --to-destination 10.0.0.2:8080
-A KUBE-SEP-TWO -p tcp -m tcp -j DNAT --to-destination 10.0.0.3:8080
COMMIT
)";

}  // namespace

TEST_CASE("rules read back as they are printed") {
  for (const char* rule : {
           "-s 10.244.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE --random-fully",
           "-d 10.96.0.1/32 -p tcp -m comment --comment \"default/kubernetes:https cluster IP\" -m tcp --dport 443 -j "
           "KUBE-SVC-NPX46M4PTMTKRN6Y",
           "-m mark ! --mark 0x4000/0x4000 -j RETURN",
           "-j MARK --set-xmark 0x4000/0x4000",
           "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
           "-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS",
           "! -i weave -o eth0 -p udp -m udp --dport 53 -j REJECT --reject-with icmp-port-unreachable",
           "-m statistic --mode random --probability 0.33333333349 -j KUBE-SEP-X",
       }) {
    auto parsed = NetfilterRule::parse(Netfilter::words(rule));
    REQUIRE(parsed.ok());
    CHECK(parsed->text() == rule);
  }
  CHECK(NetfilterRule::parse({"-s", "nonsense"}).error().message == "host/network `nonsense' not found");
  CHECK(NetfilterRule::parse({"--frob"}).error().message == "unknown option \"--frob\"");
  CHECK(NetfilterRule::parse({"-j"}).error().message == "option \"-j\" requires an argument");
}

TEST_CASE("restore is all or nothing") {
  Netfilter rules;
  CHECK(rules.idle());
  CHECK(!rules.restore("*nat\n-A OUTPUT -j NOWHERE\nCOMMIT\n", true).ok());
  CHECK(rules.idle());
  CHECK(!rules.restore("*nat\n-A NOCHAIN -j ACCEPT\nCOMMIT\n", true).ok());
  REQUIRE(rules.restore(kService, true).ok());
  CHECK(contains(rules.save("nat"), "-A KUBE-SEP-ONE -p tcp -j DNAT --to-destination 10.0.0.2:8080\n"));
  REQUIRE(rules.restore("*nat\n:KUBE-SVC-AAAA - [0:0]\nCOMMIT\n", true).ok());
  CHECK(!contains(rules.save("nat"), "-A KUBE-SVC-AAAA"));
}

TEST_CASE_FIXTURE(NetworkFixture, "a service address is balanced over its endpoints") {
  REQUIRE(node1->netfilter().restore(kService, true).ok());
  auto one = TcpListener::open(node1, {}, 8080, {}, 1000);
  auto two = TcpListener::open(node2, {}, 8080, {}, 1000);
  int first = 0;
  int second = 0;
  std::vector<TcpStreamPtr> keep;
  for (int i = 0; i < 100; ++i) {
    auto stream = run(tcp_connect(node1, ip("10.96.0.10"), 80));
    REQUIRE(stream.ok());
    CHECK((*stream)->ends().peer == ip("10.96.0.10"));
    keep.push_back(*stream);
  }
  while ((*one)->try_accept()) ++first;
  while ((*two)->try_accept()) ++second;
  CHECK(first + second == 100);
  CHECK(first > 30);
  CHECK(second > 30);
}

TEST_CASE_FIXTURE(NetworkFixture, "DROP is silence, REJECT an answer") {
  auto listener = TcpListener::open(node2, {}, 80);
  REQUIRE(node2->netfilter().restore("*filter\n-A INPUT -p tcp -m tcp --dport 80 -j REJECT\nCOMMIT\n", true).ok());
  CHECK(run(tcp_connect(node1, ip("10.0.0.3"), 80)).error() == Errno::kConnRefused);
  REQUIRE(node2->netfilter().restore("*filter\n-A INPUT -s 10.0.0.2/32 -j DROP\nCOMMIT\n", false).ok());
  CHECK(run(tcp_connect(node1, ip("10.0.0.3"), 80, {loop.now() + seconds(2)})).error() == Errno::kTimedOut);
}

TEST_CASE_FIXTURE(NetworkFixture, "pods behind bridges reach each other and are masqueraded outside") {
  auto bridge = [&](NetNamespace& host, const char* gateway) {
    host.add_link("cni0", LinkKind::kBridge);
    REQUIRE(host.add_address("cni0", *Cidr::parse(gateway)).ok());
  };
  auto pod = [&](NetNamespace& host, const char* name, const char* address, const char* gateway) {
    auto stack = network.make_namespace(name);
    NetNamespace::connect(*stack, "eth0", host, std::string("veth") + name);
    host.link(std::string("veth") + name)->master = "cni0";
    REQUIRE(stack->add_address("eth0", *Cidr::parse(address)).ok());
    Route way;
    way.destination = Cidr{Ipv4{}, 0};
    way.gateway = ip(gateway);
    way.device = "eth0";
    REQUIRE(stack->add_route(way).ok());
    return stack;
  };
  bridge(*node1, "10.244.0.1/24");
  bridge(*node2, "10.244.1.1/24");
  auto a = pod(*node1, "a", "10.244.0.2/24", "10.244.0.1");
  auto b = pod(*node1, "b", "10.244.0.3/24", "10.244.0.1");
  auto c = pod(*node2, "c", "10.244.1.2/24", "10.244.1.1");
  CHECK(run(icmp_echo(a, ip("10.244.0.3"), seconds(1))).verdict == Verdict::kDelivered);
  // No route between the hosts' pod networks yet: the default gateway throws it away.
  CHECK(run(icmp_echo(a, ip("10.244.1.2"), seconds(1))).verdict != Verdict::kDelivered);
  auto route = [&](NetNamespace& host, const char* to, const char* via) {
    Route way;
    way.destination = *Cidr::parse(to);
    way.gateway = ip(via);
    way.device = "eth0";
    REQUIRE(host.add_route(way).ok());
  };
  route(*node1, "10.244.1.0/24", "10.0.0.3");
  route(*node2, "10.244.0.0/24", "10.0.0.2");
  CHECK(run(icmp_echo(a, ip("10.244.1.2"), seconds(1))).verdict == Verdict::kDelivered);
  CHECK(run(icmp_echo(node1, ip("10.244.1.2"), seconds(1))).verdict == Verdict::kDelivered);
  auto listener = TcpListener::open(c, {}, 80);
  auto direct = run(tcp_connect(a, ip("10.244.1.2"), 80));
  CHECK(run((*listener)->accept())->ends().peer == ip("10.244.0.2"));
  REQUIRE(
      node1->netfilter().restore("*nat\n-A POSTROUTING -s 10.244.0.0/16 -o eth0 -j MASQUERADE\nCOMMIT\n", true).ok());
  auto hidden = run(tcp_connect(a, ip("10.244.1.2"), 80));
  CHECK(run((*listener)->accept())->ends().peer == ip("10.0.0.2"));
}
