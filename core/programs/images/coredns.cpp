// CoreDNS with the kubernetes plugin: names of Services and pods from the API server.
// https://github.com/kubernetes/dns/blob/master/docs/specification.md
#include <algorithm>

#include "core/base/strings.h"
#include "core/client/informer.h"
#include "core/host/process.h"
#include "core/network/dns.h"
#include "core/network/http_server.h"
#include "core/programs/control_plane/component.h"
#include "core/programs/images/entry_points.h"
#include "core/programs/process_transport.h"

namespace drydock {
namespace {

class ClusterDns final : public DnsServer {
 public:
  ClusterDns(Process& process, Informer& services, Informer& slices, std::string domain)
      : process_(process), services_(services), slices_(slices), domain_(std::move(domain)) {}

  Task<DnsMessage> answer(DnsMessage query, Ipv4) override {
    DnsMessage reply = query;
    const std::string zone = domain_ + ".";
    if (query.type == DnsType::kPtr) {
      if (const auto address = address_of_reverse_name(query.name)) {
        for (const auto& [key, service] : services_.objects()) {
          if (service.spec()["clusterIP"].as_string() == address->text())
            reply.answers.push_back({query.name, DnsType::kPtr, 5, key.name + "." + key.ns + ".svc." + zone});
        }
      }
      if (!reply.answers.empty()) co_return reply;
    }
    if (!query.name.ends_with("." + zone) && query.name != zone) co_return co_await forward(std::move(query));
    reply.authoritative = true;
    const std::vector<std::string> labels =
        split(query.name.substr(0, query.name.size() - std::min(query.name.size(), zone.size() + 1)), '.');
    if (!lookup(labels, query, reply)) reply.code = DnsCode::kNxDomain;
    co_return reply;
  }

 private:
  // labels: "web", "default", "svc"; or a pod's name or a port in front.
  bool lookup(const std::vector<std::string>& labels, const DnsMessage& query, DnsMessage& reply) {
    if (labels.size() < 3 || labels.back() != "svc")
      return labels.size() == 1 || (labels.size() == 2 && labels[1] == "svc");
    const std::string ns = labels[labels.size() - 2];
    const std::string name = labels[labels.size() - 3];
    const Object& service = services_.get({ns, name});
    if (!service) return false;
    const std::string address = service.spec()["clusterIP"].str();
    auto add = [&](const std::string& text) {
      if (query.type == DnsType::kA) reply.answers.push_back({query.name, DnsType::kA, 5, text});
    };
    if (service.spec()["type"].as_string() == "ExternalName") {
      reply.answers.push_back({query.name, DnsType::kCname, 5, service.spec()["externalName"].str() + "."});
      return true;
    }
    if (query.type == DnsType::kSrv && labels.size() == 5) {
      for (const Value& port : service.spec()["ports"].items()) {
        if ("_" + port["name"].str() == labels[0]) {
          reply.answers.push_back(
              {query.name, DnsType::kSrv, 5,
               "0 100 " + std::to_string(port["port"].as_int()) + " " + name + "." + ns + ".svc." + domain_ + "."});
        }
      }
      return !reply.answers.empty();
    }
    if (labels.size() == 3 && address != "None") {
      add(address);
      return true;
    }
    bool found = false;
    for (const Object& slice : slices_.list_namespace(ns)) {
      if (slice.label("kubernetes.io/service-name") != name) continue;
      for (const Value& endpoint : slice.doc()["endpoints"].items()) {
        if (!endpoint["conditions"]["ready"].as_bool(true)) continue;
        if (labels.size() == 4 && endpoint["hostname"].as_string() != labels[0]) continue;
        add(endpoint["addresses"][0].str());
        found = true;
      }
    }
    return labels.size() == 3 || found;
  }

  Task<DnsMessage> forward(DnsMessage query) {
    const ResolverConfig config = parse_resolver_config(process_.read_file("/etc/resolv.conf").value_or(""), "");
    for (const Ipv4& server : config.nameservers) {
      auto answer = co_await dns_query(process_.namespaces().network, server, query.name, query.type);
      if (answer) co_return *answer;
    }
    query.code = DnsCode::kServFail;
    co_return query;
  }

  Process& process_;
  Informer& services_;
  Informer& slices_;
  std::string domain_;
};

}  // namespace

Task<int> coredns_main(Process& process) {
  process.on_signal(kSigTerm, Process::Disposition::kCatch);
  process.set_memory(20 << 20);
  std::string corefile;
  for (std::size_t i = 1; i + 1 < process.argv().size(); ++i) {
    if (process.argv()[i] == "-conf") corefile = process.read_file(process.argv()[i + 1]).value_or("");
  }
  std::string domain = "cluster.local";
  for (const std::string& line : split(corefile, '\n')) {
    const std::vector<std::string> words = split_whitespace(line);
    if (words.size() > 1 && words[0] == "kubernetes") domain = words[1];
  }
  std::unique_ptr<Transport> transport = make_process_transport(process);
  Endpoint endpoint;
  endpoint.host = process.env("KUBERNETES_SERVICE_HOST");
  endpoint.port = static_cast<std::uint16_t>(parse_int(process.env("KUBERNETES_SERVICE_PORT")).value_or(443));
  endpoint.certificate_authority_pem =
      process.read_file("/var/run/secrets/kubernetes.io/serviceaccount/ca.crt").value_or("");
  Client client(*transport, endpoint, "coredns");
  client.set_bearer_token(process.read_file("/var/run/secrets/kubernetes.io/serviceaccount/token").value_or(""));
  Informer services(process.loop(), client, resources::kServices);
  Informer slices(process.loop(), client, resources::kEndpointSlices);
  TaskGroup work(process.loop());
  work.spawn(services.run());
  work.spawn(slices.run());
  ClusterDns server(process, services, slices, domain);
  auto dns = DnsService::open(process.namespaces().network, 53, server, {process.host_pid(), "coredns"});
  OkHandler health;
  HttpListenerOptions options;
  options.owner = {process.host_pid(), "coredns"};
  auto live = HttpListener::open(process.namespaces().network, 8080, health, options);
  co_await services.wait_synced();
  auto ready = HttpListener::open(process.namespaces().network, 8181, health, options);
  co_await process.out(".:53\n[INFO] plugin/reload: Running configuration SHA512 = " +
                       hex_encode(sha256(corefile)).substr(0, 32) + "\nCoreDNS-1.14.1\nlinux/amd64, go1.25.6\n");
  (void)co_await process.wait_signal();
  co_return 0;
}

}  // namespace drydock
