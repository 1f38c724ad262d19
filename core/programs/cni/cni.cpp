#include "core/programs/cni/cni.h"

#include <algorithm>
#include <map>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/network/netfilter.h"
#include "core/network/network.h"
#include "core/programs/cni/host_local.h"
#include "core/programs/cni/network_config.h"
#include "core/programs/cni/pod_ranges.h"

namespace drydock {
namespace {

const std::string kPluginFolder = "/opt/cni/bin/";
// What the kubernetes-cni package brings; the others are put there by their add-ons.
constexpr std::string_view kPackaged[] = {"bridge",  "host-local", "ptp",      "loopback",
                                          "portmap", "bandwidth",  "firewall", "tuning"};

// What one plugin wants for a pod.
struct Attachment {
  std::string bridge;  // "" for a routed veth
  AddressRange range;
  std::optional<Ipv4> gateway;  // the bridge's own address
  int address_length = 32;      // of the pod's interface
  bool masquerade = false;
  int mtu = 1500;
};

Route default_route(Ipv4 gateway, bool onlink = false) {
  Route route;
  route.destination = Cidr{Ipv4{}, 0};
  route.gateway = gateway;
  route.device = "eth0";
  route.protocol = "static";
  route.onlink = onlink;
  return route;
}

Result<Attachment> bridge_attachment(Cidr subnet, const Value& plugin, const std::string& fallback_bridge) {
  Attachment wanted;
  wanted.bridge = plugin["bridge"].as_string().empty() ? fallback_bridge : plugin["bridge"].str();
  wanted.range = whole_range(subnet);
  wanted.gateway = wanted.range.subnet.address.next();
  wanted.address_length = subnet.length;
  wanted.masquerade = plugin["ipMasq"].as_bool();
  if (plugin["mtu"].is_int()) wanted.mtu = static_cast<int>(plugin["mtu"].as_int());
  return wanted;
}

Result<Cidr> host_local_subnet(const Value& ipam) {
  std::string text = ipam["subnet"].str();
  if (text.empty()) text = ipam["ranges"][0][0]["subnet"].str();
  const auto subnet = Cidr::parse(text);
  if (!subnet) return Status::plain("no IP ranges specified");
  return *subnet;
}

Result<Attachment> attachment_for(Host& host, const Value& plugin) {
  const std::string type = plugin["type"].str();
  if (type == "bridge" || type == "ptp") {
    if (plugin["ipam"]["type"].as_string() != "host-local")
      return Status::plain("failed to find plugin \"" + plugin["ipam"]["type"].str() + "\" in path [/opt/cni/bin]");
    DRYDOCK_TRY(const Cidr subnet, host_local_subnet(plugin["ipam"]));
    return bridge_attachment(subnet, plugin, "cni0");
  }
  if (type == "flannel") {
    DRYDOCK_TRY(const FlannelEnvironment environment, load_flannel_environment(host.files()));
    return bridge_attachment(environment.subnet, plugin["delegate"], "cni0");
  }
  if (type == "weave-net") {
    if (host.network().link("weave") == nullptr) {
      return Status::plain(
          "unable to allocate IP address: Post \"http://127.0.0.1:6784/ip/\": dial tcp 127.0.0.1:6784: connect: "
          "connection refused");
    }
    Attachment wanted;
    wanted.bridge = "weave";
    wanted.range = weave_range(host.network().primary_address());
    wanted.gateway = wanted.range.first;
    wanted.range.first = wanted.range.first.next();
    wanted.address_length = wanted.range.subnet.length;
    wanted.mtu = 1376;
    return wanted;
  }
  if (type == "calico") {
    DRYDOCK_TRY(const AddressRange block, calico_block(host));
    Attachment wanted;
    wanted.range = block;
    wanted.mtu = 1480;
    return wanted;
  }
  return Status::plain("failed to find plugin \"" + type + "\" in path [/opt/cni/bin]");
}

std::string host_interface(const std::string& sandbox_id, std::string_view prefix) {
  return std::string(prefix) + sandbox_id.substr(0, 8);
}

void add_masquerade(NetNamespace& stack, Cidr subnet) {
  const std::string rule = "-s " + subnet.text() + " ! -o cni0 -j MASQUERADE";
  if (contains(stack.netfilter().save("nat"), "-A POSTROUTING " + rule + "\n")) return;
  (void)stack.netfilter().restore("*nat\n-A POSTROUTING " + rule + "\nCOMMIT\n", true);
}

// The portmap plugin: one chain for all, a rule a port, marked by the sandbox's id.
void add_port_mappings(NetNamespace& stack, const CniPod& pod, Ipv4 address) {
  if (pod.ports.empty()) return;
  Netfilter& netfilter = stack.netfilter();
  std::string text = "*nat\n";
  if (!netfilter.table("nat")->contains("CNI-HOSTPORT-DNAT")) {
    text +=
        ":CNI-HOSTPORT-DNAT - [0:0]\n"
        "-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT\n"
        "-A OUTPUT -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT\n";
  }
  for (const CniPortMapping& port : pod.ports) {
    text += "-A CNI-HOSTPORT-DNAT " +
            (port.host_ip.empty() || port.host_ip == "0.0.0.0" ? "" : "-d " + port.host_ip + " ") + "-p " +
            to_lower(port.protocol) + " -m comment --comment \"dnat name: \\\"portmap\\\" id: \\\"" + pod.sandbox_id +
            "\\\"\" -m " + to_lower(port.protocol) + " --dport " + std::to_string(port.host_port) +
            " -j DNAT --to-destination " + endpoint_text(address, port.container_port) + "\n";
  }
  (void)netfilter.restore(text + "COMMIT\n", true);
}

void remove_port_mappings(NetNamespace& stack, const std::string& sandbox_id) {
  if (stack.netfilter_if_any() == nullptr) return;
  NetfilterTable& nat = *stack.netfilter().table("nat");
  const auto chain = nat.find("CNI-HOSTPORT-DNAT");
  if (chain == nat.end()) return;
  std::erase_if(chain->second.rules, [&](const NetfilterRule& rule) { return contains(rule.comment, sandbox_id); });
}

}  // namespace

std::string cni_not_ready_reason(Host& host) {
  return load_cni_config(host.files()) ? "" : "cni plugin not initialized";
}

Result<CniResult> cni_add(Host& host, const std::shared_ptr<NetNamespace>& sandbox, const CniPod& pod) {
  const auto config = load_cni_config(host.files());
  if (!config) return Status::plain("cni plugin not initialized");
  const std::string type = config->type();
  auto failed = [&](const std::string& why) {
    return Status::plain("plugin type=\"" + type + "\" failed (add): " + why);
  };
  const bool packaged = std::find(std::begin(kPackaged), std::end(kPackaged), type) != std::end(kPackaged);
  if (!packaged && !host.files().exists(kPluginFolder + type)) {
    return Status::plain("failed to find plugin \"" + type + "\" in path [/opt/cni/bin]");
  }
  auto wanted = attachment_for(host, config->plugins.front());
  if (!wanted) return failed(wanted.error().message);
  const TimePoint now = host.loop().now();
  auto address = reserve_address(host.files(), config->name, wanted->range, pod.sandbox_id, now);
  if (!address) return failed(address.error().message);

  NetNamespace& stack = host.network();
  sandbox->set_name(pod.ns + "/" + pod.name);
  CniResult result{"eth0", Cidr{*address, wanted->address_length}, wanted->gateway.value_or(Ipv4{}), config->name};
  if (wanted->bridge.empty()) {
    // Routed: the host's end answers for every address, and has a route to the pod.
    const std::string device = host_interface(pod.sandbox_id, "cali");
    NetNamespace::connect(*sandbox, "eth0", stack, device);
    stack.link(device)->proxy_arp = true;
    stack.link(device)->mtu = wanted->mtu;
    (void)sandbox->add_address("eth0", result.address);
    result.gateway = Ipv4{0xa9fe0101};  // 169.254.1.1, on no interface
    (void)sandbox->add_route(default_route(result.gateway, true));
    Route to_pod;
    to_pod.destination = Cidr{*address, 32};
    to_pod.device = device;
    stack.replace_route(std::move(to_pod));
  } else {
    if (stack.link(wanted->bridge) == nullptr) {
      stack.add_link(wanted->bridge, LinkKind::kBridge).mtu = wanted->mtu;
      (void)stack.add_address(wanted->bridge, Cidr{*wanted->gateway, wanted->address_length});
    }
    const std::string device = host_interface(pod.sandbox_id, wanted->bridge == "weave" ? "vethwepl" : "veth");
    NetNamespace::connect(*sandbox, "eth0", stack, device);
    Link* port = stack.link(device);
    port->master = wanted->bridge;
    port->mtu = wanted->mtu;
    (void)sandbox->add_address("eth0", result.address);
    (void)sandbox->add_route(default_route(*wanted->gateway));
    if (wanted->masquerade) add_masquerade(stack, wanted->range.subnet);
  }
  sandbox->link("eth0")->mtu = wanted->mtu;
  if (config->has_plugin("portmap")) add_port_mappings(stack, pod, *address);
  return result;
}

void cni_delete(Host& host, const std::string& sandbox_id) {
  const auto config = load_cni_config(host.files());
  if (!config) return;
  const auto address = release_address(host.files(), config->name, sandbox_id, host.loop().now());
  NetNamespace& stack = host.network();
  if (address) (void)stack.remove_route(Cidr{*address, 32});
  for (std::string_view prefix : {"veth", "vethwepl", "cali"}) stack.remove_link(host_interface(sandbox_id, prefix));
  remove_port_mappings(stack, sandbox_id);
}

}  // namespace drydock
