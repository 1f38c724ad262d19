#include "server/cluster/node_pool.h"

#include <cstdio>

#include "core/host/host.h"
#include "core/host/services.h"
#include "core/machinery/json.h"
#include "core/machinery/resource_registry.h"
#include "core/machinery/yaml.h"
#include "core/network/net_namespace.h"
#include "core/network/network.h"
#include "core/programs/kubeadm/assets.h"

namespace drydock::server {
namespace {

kubeadm::InitConfiguration configuration_of(const NodePoolOptions& options) {
  kubeadm::InitConfiguration configuration;
  configuration.kubernetes_version = options.version;
  configuration.advertise_address = options.api_server.substr(0, options.api_server.find(':'));
  configuration.service_subnet = options.service_cidr;
  configuration.pod_subnet = options.pod_cidr;
  return configuration;
}

std::string bridge_configuration(const std::string& range) {
  const Value bridge = Value::object(
      {{"type", "bridge"},
       {"bridge", "cni0"},
       {"isGateway", true},
       {"ipam", Value::object({{"type", "host-local"},
                               {"ranges", Value::array({Value::array({Value::object({{"subnet", range}})})})}})}});
  const Value ports = Value::object({{"type", "portmap"}, {"capabilities", Value::object({{"portMappings", true}})}});
  return dump_json(
      Value::object({{"cniVersion", "1.0.0"}, {"name", "drydock"}, {"plugins", Value::array({bridge, ports})}}));
}

}  // namespace

NodePool::NodePool(World& world, Authority& authority, Client& admin, NodePoolOptions options)
    : world_(world),
      authority_(authority),
      admin_(admin),
      options_(std::move(options)),
      nodes_(world.loop(), admin, resources::kNodes),
      tasks_(world.loop()) {
  nodes_.add_handler([this](const Object&, const Object& current) {
    if (current) node_changed(current);
  });
}

Task<void> NodePool::run(int count) {
  tasks_.spawn(nodes_.run());
  for (int i = 0; i < count; ++i) {
    if (const Result<std::string> added = add_node(); !added) {
      std::fprintf(stderr, "drydock: %s\n", added.error().message.c_str());
      co_return;
    }
    co_await world_.loop().yield();  // clients are served between two machines
  }
}

Result<std::string> NodePool::add_node() {
  Input input;
  input.kind = "addNode";
  DRYDOCK_TRY(const Value made, world_.apply(std::move(input)));
  const std::string name = made["node"].str();
  Host& host = *world_.host(name);
  const TimePoint now = world_.now();
  auto put = [&](const std::string& path, const std::string& text, std::uint32_t mode) {
    (void)host.files().make_directories(path.substr(0, path.rfind('/')), now);
    (void)host.files().write_file(path, text, now, mode);
  };
  DRYDOCK_TRY(const pki::SignedKey key, authority_.issue_client("system:node:" + name, {"system:nodes"}));
  kubeadm::KubeconfigIdentity identity;
  identity.user = "system:node:" + name;
  identity.client_certificate_pem = key.certificate_pem;
  identity.client_key_pem = key.key_pem;
  put("/etc/kubernetes/pki/ca.crt", authority_.ca_pem(), 0644);
  put("/etc/kubernetes/kubelet.conf",
      dump_yaml(kubeadm::kubeconfig("https://" + options_.api_server, authority_.ca_pem(), identity)), 0600);
  put("/var/lib/kubelet/config.yaml", dump_yaml(kubeadm::kubelet_configuration(configuration_of(options_))), 0644);
  // The kubelet has found no configuration when the machine booted.
  host.services().restart("kubelet");
  if (const Object node = nodes_.get({"", name})) node_changed(node);
  if (!addons_) tasks_.spawn(install_addons());
  addons_ = true;
  return name;
}

void NodePool::node_changed(const Object& node) {
  const std::string name(node.name());
  const std::string range = node.spec()["podCIDR"].str();
  Host* host = world_.host(name);
  if (host == nullptr || range.empty() || ranges_[name] == range) return;
  ranges_[name] = range;
  (void)host->files().write_file("/etc/cni/net.d/10-drydock.conflist", bridge_configuration(range), world_.now(), 0644);
  // Pods of other machines are behind the gateway, which knows each one's range.
  const auto destination = Cidr::parse(range);
  const auto address = Ipv4::parse(host->address());
  if (!destination || !address) return;
  Route route;
  route.destination = *destination;
  route.gateway = *address;
  route.device = "eth0";
  world_.network().gateway()->replace_route(std::move(route));
}

Task<void> NodePool::install_addons() {
  const kubeadm::InitConfiguration configuration = configuration_of(options_);
  const ResourceRegistry registry = ResourceRegistry::builtin();
  std::vector<Value> objects = kubeadm::coredns_objects(configuration);
  for (Value& object : kubeadm::kube_proxy_objects(configuration)) objects.push_back(std::move(object));
  for (Value& document : objects) {
    const ResourceInfo* info = registry.find_kind(document["apiVersion"].as_string(), document["kind"].as_string());
    if (info == nullptr) continue;
    const ResourceRef resource{info->group, info->version, info->resource};
    const Result<Object> created = co_await admin_.create(resource, Object(document));
    if (!created && !created.error().is_already_exists())
      std::fprintf(stderr, "drydock: add-ons: %s\n", created.error().message.c_str());
  }
}

}  // namespace drydock::server
