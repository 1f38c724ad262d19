#include "core/network/dns.h"

#include "tests/network/network_fixture.h"

using namespace drydock;

namespace {

class Zone final : public DnsServer {
 public:
  Task<DnsMessage> answer(DnsMessage query, Ipv4) override {
    DnsMessage reply;
    ++questions;
    if (query.name == "web.default.svc.cluster.local." && query.type == DnsType::kA) {
      reply.answers.push_back({query.name, DnsType::kA, 30, "10.96.1.2"});
    } else if (query.name == "alias.example.com.") {
      reply.answers.push_back({query.name, DnsType::kCname, 30, "real.example.com."});
      reply.answers.push_back({"real.example.com.", DnsType::kA, 30, "192.0.2.1"});
    } else {
      reply.code = DnsCode::kNxDomain;
    }
    co_return reply;
  }
  int questions = 0;
};

}  // namespace

TEST_CASE("resolv.conf and hosts are read leniently") {
  const ResolverConfig config = parse_resolver_config(
      "# comment\nnameserver 10.96.0.10\nnameserver bad\nsearch a.local b.local\noptions ndots:5 timeout:2\nrubbish\n",
      "127.0.0.1 localhost\n10.0.0.2 node1 n1 # me\nnonsense x\n");
  CHECK(config.nameservers.size() == 1);
  CHECK(config.search.size() == 2);
  CHECK(config.ndots == 5);
  CHECK(config.timeout == seconds(2));
  CHECK(config.hosts.at("n1").front() == ip("10.0.0.2"));
  CHECK(search_candidates(config, "web") == std::vector<std::string>{"web.a.local.", "web.b.local.", "web."});
  CHECK(search_candidates(config, "a.b.c.d.e.f").front() == "a.b.c.d.e.f.");
  CHECK(search_candidates(config, "web.") == std::vector<std::string>{"web."});
}

TEST_CASE("reverse names") {
  CHECK(reverse_dns_name(ip("10.0.0.2")) == "2.0.0.10.in-addr.arpa.");
  CHECK(address_of_reverse_name("2.0.0.10.in-addr.arpa.") == ip("10.0.0.2"));
  CHECK(!address_of_reverse_name("2.0.10.in-addr.arpa."));
}

TEST_CASE_FIXTURE(NetworkFixture, "names are resolved over the network") {
  Zone zone;
  auto service = DnsService::open(node2, 53, zone);
  REQUIRE(service.ok());
  ResolverConfig config = parse_resolver_config(
      "nameserver 10.0.0.3\nsearch default.svc.cluster.local svc.cluster.local\noptions ndots:5\n", "10.0.0.2 node1\n");
  CHECK(run(resolve_host(node1, config, "web")).addresses == std::vector<Ipv4>{ip("10.96.1.2")});
  CHECK(run(resolve_host(node1, config, "node1")).addresses == std::vector<Ipv4>{ip("10.0.0.2")});
  const Resolution alias = run(resolve_host(node1, config, "alias.example.com"));
  CHECK(alias.canonical_name == "real.example.com");
  CHECK(alias.addresses == std::vector<Ipv4>{ip("192.0.2.1")});
  CHECK(run(resolve_for_go(node1, config, "nosuch")).error().message == "lookup nosuch on 10.0.0.3:53: no such host");
  service->reset();
  CHECK(run(resolve_for_go(node1, config, "web")).error().message == "lookup web on 10.0.0.3:53: server misbehaving");
  network.set_host_link(*node2, false);
  const TimePoint before = loop.now();
  CHECK(run(resolve_host(node1, config, "web")).kind == Resolution::Kind::kTemporary);
  CHECK(loop.now() - before == seconds(10));
}
