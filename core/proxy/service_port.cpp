#include "core/proxy/service_port.h"

#include <algorithm>
#include <set>

#include "core/base/strings.h"

namespace drydock::proxy {
namespace {

struct Selected {
  std::set<std::string> all;
  std::set<std::string> local;
};

// `terminating`: look for endpoints that are on their way out but still serve.
Selected select(const std::vector<Object>& slices, std::string_view port_name, std::string_view protocol,
                const std::string& node_name, bool terminating) {
  Selected selected;
  for (const Object& slice : slices) {
    if (slice.doc()["addressType"].as_string() != "IPv4") continue;
    for (const Value& port : slice.doc()["ports"].items()) {
      const std::string_view port_protocol = port["protocol"].as_string();
      if (port["name"].as_string() != port_name || to_lower(port_protocol.empty() ? "TCP" : port_protocol) != protocol)
        continue;
      for (const Value& endpoint : slice.doc()["endpoints"].items()) {
        const Value& conditions = endpoint["conditions"];
        const bool ready = conditions["ready"].as_bool(true);
        const bool still_serves = conditions["serving"].as_bool(ready) && conditions["terminating"].as_bool();
        if (terminating ? !still_serves : !ready) continue;
        const std::string address = endpoint["addresses"][0].str() + ":" + std::to_string(port["port"].as_int());
        selected.all.insert(address);
        if (endpoint["nodeName"].as_string() == node_name) selected.local.insert(address);
      }
    }
  }
  return selected;
}

std::vector<std::string> strings(const Value& list) {
  std::vector<std::string> texts;
  for (const Value& item : list.items()) texts.push_back(item.str());
  return texts;
}

}  // namespace

std::vector<ServicePort> read_service_ports(const Object& service, const std::vector<Object>& slices,
                                            const std::string& node_name) {
  std::vector<ServicePort> ports;
  const Value& spec = service.spec();
  const std::string_view cluster_ip = spec["clusterIP"].as_string();
  if (cluster_ip.empty() || cluster_ip == "None" || spec["type"].as_string() == "ExternalName") return ports;
  for (const Value& entry : spec["ports"].items()) {
    ServicePort port;
    const std::string_view name = entry["name"].as_string();
    const std::string_view protocol = entry["protocol"].as_string();
    port.name = service.key().str() + (name.empty() ? "" : ":" + std::string(name));
    port.protocol = to_lower(protocol.empty() ? "TCP" : protocol);
    port.cluster_ip = std::string(cluster_ip);
    port.port = static_cast<std::uint16_t>(entry["port"].as_int());
    port.node_port = static_cast<std::uint16_t>(entry["nodePort"].as_int());
    port.external_ips = strings(spec["externalIPs"]);
    for (const Value& ingress : service.status().get("loadBalancer", "ingress").items()) {
      if (!ingress["ip"].empty() && ingress["ipMode"].as_string() != "Proxy")
        port.load_balancer_ips.push_back(ingress["ip"].str());
    }
    if (spec["sessionAffinity"].as_string() == "ClientIP") {
      port.affinity_seconds = spec.get("sessionAffinityConfig", "clientIP", "timeoutSeconds").as_int(10800);
    }
    port.internal_local = spec["internalTrafficPolicy"].as_string() == "Local";
    port.external_local = spec["externalTrafficPolicy"].as_string() == "Local";
    Selected selected = select(slices, name, port.protocol, node_name, false);
    if (selected.all.empty()) selected = select(slices, name, port.protocol, node_name, true);
    port.endpoints = {selected.all.begin(), selected.all.end()};
    port.local_endpoints = {selected.local.begin(), selected.local.end()};
    ports.push_back(std::move(port));
  }
  return ports;
}

}  // namespace drydock::proxy
