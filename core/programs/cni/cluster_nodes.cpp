#include "core/programs/cni/cluster_nodes.h"

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/process.h"
#include "core/network/net_namespace.h"
#include "core/programs/process_transport.h"

namespace drydock {
namespace {

const std::string kServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount/";

}  // namespace

Result<std::unique_ptr<ClusterNodes>> ClusterNodes::open(Process& process, std::string user_agent) {
  const auto token = process.read_file(kServiceAccount + "token");
  if (!token) return Status::plain("open " + kServiceAccount + "token: no such file or directory");
  const std::string host(process.env("KUBERNETES_SERVICE_HOST"));
  const auto port = parse_int(process.env("KUBERNETES_SERVICE_PORT"));
  if (host.empty() || !port) {
    return Status::plain(
        "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined");
  }
  Endpoint endpoint;
  endpoint.host = host;
  endpoint.port = static_cast<std::uint16_t>(*port);
  endpoint.certificate_authority_pem = process.read_file(kServiceAccount + "ca.crt").value_or("");
  return std::unique_ptr<ClusterNodes>(new ClusterNodes(process, std::move(endpoint), *token, std::move(user_agent)));
}

ClusterNodes::ClusterNodes(Process& process, Endpoint endpoint, std::string token, std::string user_agent)
    : process_(process), transport_(make_process_transport(process)), changed_(process.loop()), tasks_(process.loop()) {
  client_ = std::make_unique<Client>(*transport_, std::move(endpoint), std::move(user_agent));
  client_->set_bearer_token(std::move(token));
  informer_ = std::make_unique<Informer>(process.loop(), *client_, resources::kNodes);
  informer_->add_handler([this](const Object& old, const Object& current) {
    // Heartbeats change nodes all the time; only what routes depend on counts.
    if (old && current && old.spec() == current.spec() && old.status()["addresses"] == current.status()["addresses"])
      return;
    dirty_ = true;
    changed_.notify_all();
  });
  tasks_.spawn(informer_->run());
}

ClusterNodes::~ClusterNodes() { tasks_.cancel_all(); }

Task<void> ClusterNodes::next_change() {
  co_await informer_->wait_synced();
  while (!dirty_) co_await changed_.wait();
  dirty_ = false;
}

std::vector<ClusterNode> ClusterNodes::nodes() const {
  std::vector<ClusterNode> all;
  for (const auto& [key, object] : informer_->objects()) {
    ClusterNode node;
    node.name = key.name;
    for (const Value& address : object.status()["addresses"].items()) {
      if (address["type"].as_string() != "InternalIP") continue;
      if (const auto parsed = Ipv4::parse(address["address"].as_string())) node.address = *parsed;
    }
    node.pod_cidr = Cidr::parse(object.spec()["podCIDR"].as_string());
    if (!node.address.any()) all.push_back(std::move(node));
  }
  return all;
}

std::optional<ClusterNode> ClusterNodes::own() const {
  const Ipv4 mine = process_.host().network().primary_address();
  for (ClusterNode& node : nodes()) {
    if (node.address == mine) return std::move(node);
  }
  return std::nullopt;
}

}  // namespace drydock
