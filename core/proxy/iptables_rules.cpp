#include "core/proxy/iptables_rules.h"

#include "core/base/strings.h"
#include "core/proxy/chain_names.h"

namespace drydock::proxy {
namespace {

std::string comment(const std::string& text) { return "-m comment --comment \"" + text + "\""; }

std::string to(const ServicePort& port, const std::string& address) {
  return "-m " + port.protocol + " -p " + port.protocol + " -d " + address + " --dport " + std::to_string(port.port);
}

// Balancing: each rule takes its share of what the rules before it left.
void add_endpoints(const ServicePort& port, const std::vector<std::string>& endpoints, std::vector<std::string>& chain,
                   PortRules& rules) {
  for (const std::string& endpoint : endpoints) {
    const std::string name = endpoint_chain(port.name, port.protocol, endpoint);
    if (port.affinity_seconds > 0) {
      chain.push_back(comment(port.name + " -> " + endpoint) + " -m recent --name " + name + " --rcheck --seconds " +
                      std::to_string(port.affinity_seconds) + " --reap -j " + name);
    }
  }
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const std::string name = endpoint_chain(port.name, port.protocol, endpoints[i]);
    std::string rule = comment(port.name + " -> " + endpoints[i]);
    if (const std::size_t left = endpoints.size() - i; left > 1) {
      rule += format(" -m statistic --mode random --probability %.10f", 1.0 / static_cast<double>(left));
    }
    chain.push_back(rule + " -j " + name);
    std::vector<std::string>& own = rules.chains[name];
    if (!own.empty()) continue;
    own.push_back(comment(port.name) + " -s " + endpoints[i].substr(0, endpoints[i].rfind(':')) + " -j KUBE-MARK-MASQ");
    own.push_back(comment(port.name) + (port.affinity_seconds > 0 ? " -m recent --name " + name + " --set" : "") +
                  " -m " + port.protocol + " -p " + port.protocol + " -j DNAT --to-destination " + endpoints[i]);
  }
}

void add_external_chain(const ServicePort& port, const std::string& cluster_cidr, PortRules& rules) {
  std::vector<std::string>& chain = rules.chains[external_chain(port.name, port.protocol)];
  const std::string service = service_chain(port.name, port.protocol);
  if (!port.external_local) {
    chain.push_back(comment("masquerade traffic for " + port.name + " external destinations") + " -j KUBE-MARK-MASQ");
    chain.push_back("-j " + service);
    return;
  }
  // The client's address is kept, so only endpoints of this node may answer;
  // pods and the node itself are served as inside.
  if (!cluster_cidr.empty())
    chain.push_back(comment("pod traffic for " + port.name + " external destinations") + " -s " + cluster_cidr +
                    " -j " + service);
  chain.push_back(comment("masquerade LOCAL traffic for " + port.name + " external destinations") +
                  " -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ");
  chain.push_back(comment("route LOCAL traffic for " + port.name + " external destinations") +
                  " -m addrtype --src-type LOCAL -j " + service);
  if (!port.local_endpoints.empty()) chain.push_back("-j " + local_chain(port.name, port.protocol));
}

void refuse(const ServicePort& port, const std::string& why, const std::string& target, bool internal,
            PortRules& rules) {
  const std::string text = comment(port.name + " " + why);
  if (internal) rules.filter_services.push_back(text + " " + to(port, port.cluster_ip) + " -j " + target);
  for (const auto* addresses : {&port.external_ips, &port.load_balancer_ips}) {
    for (const std::string& address : *addresses)
      rules.filter_external.push_back(text + " " + to(port, address) + " -j " + target);
  }
  if (port.node_port != 0) {
    rules.filter_external.push_back(text + " -m addrtype --dst-type LOCAL -m " + port.protocol + " -p " +
                                    port.protocol + " --dport " + std::to_string(port.node_port) + " -j " + target);
  }
}

struct BaseJump {
  const char* table;
  const char* chain;
  const char* comment;
  const char* extra;
  const char* target;
};
constexpr BaseJump kJumps[] = {
    {"filter", "INPUT", "kubernetes externally-visible service portals", "-m conntrack --ctstate NEW ",
     "KUBE-EXTERNAL-SERVICES"},
    {"filter", "FORWARD", "kubernetes externally-visible service portals", "-m conntrack --ctstate NEW ",
     "KUBE-EXTERNAL-SERVICES"},
    {"filter", "INPUT", "kubernetes health check service ports", "", "KUBE-NODEPORTS"},
    {"filter", "FORWARD", "kubernetes service portals", "-m conntrack --ctstate NEW ", "KUBE-SERVICES"},
    {"filter", "OUTPUT", "kubernetes service portals", "-m conntrack --ctstate NEW ", "KUBE-SERVICES"},
    {"filter", "FORWARD", "kubernetes forwarding rules", "", "KUBE-FORWARD"},
    {"filter", "INPUT", "kubernetes load balancer firewall", "-m conntrack --ctstate NEW ", "KUBE-PROXY-FIREWALL"},
    {"filter", "OUTPUT", "kubernetes load balancer firewall", "-m conntrack --ctstate NEW ", "KUBE-PROXY-FIREWALL"},
    {"filter", "FORWARD", "kubernetes load balancer firewall", "-m conntrack --ctstate NEW ", "KUBE-PROXY-FIREWALL"},
    {"nat", "OUTPUT", "kubernetes service portals", "", "KUBE-SERVICES"},
    {"nat", "PREROUTING", "kubernetes service portals", "", "KUBE-SERVICES"},
    {"nat", "POSTROUTING", "kubernetes postrouting rules", "", "KUBE-POSTROUTING"},
};

class Script {
 public:
  void declare(const std::string& chain) { declarations_ += ":" + chain + " - [0:0]\n"; }
  void add(const std::string& chain, const std::string& rule) { rules_ += "-A " + chain + " " + rule + "\n"; }
  void drop(const std::string& chain) {
    declare(chain);
    removals_ += "-X " + chain + "\n";
  }
  std::string table(const std::string& name) const {
    return "*" + name + "\n" + declarations_ + rules_ + removals_ + "COMMIT\n";
  }

 private:
  std::string declarations_, rules_, removals_;
};

}  // namespace

PortRules rules_for(const ServicePort& port, const std::string& cluster_cidr) {
  PortRules rules;
  if (port.endpoints.empty()) {
    refuse(port, "has no endpoints", "REJECT", true, rules);
    return rules;
  }
  const std::string service = service_chain(port.name, port.protocol);
  const std::string local = local_chain(port.name, port.protocol);
  const bool needs_cluster = !port.internal_local || port.has_external();
  const bool needs_local =
      (port.internal_local || (port.external_local && port.has_external())) && !port.local_endpoints.empty();
  const std::string internal = port.internal_local ? local : service;
  if (port.internal_local && port.local_endpoints.empty()) {
    rules.filter_services.push_back(comment(port.name + " has no local endpoints") + " " + to(port, port.cluster_ip) +
                                    " -j DROP");
  } else {
    rules.nat_services.push_back(comment(port.name + " cluster IP") + " " + to(port, port.cluster_ip) + " -j " +
                                 internal);
  }
  if (needs_cluster) rules.chains[service];
  if (needs_local) rules.chains[local];
  // Traffic to the cluster address from outside of the pod network must come back this way.
  if (!cluster_cidr.empty() && rules.chains.contains(internal)) {
    rules.chains[internal].push_back(comment(port.name + " cluster IP") + " " + to(port, port.cluster_ip) + " ! -s " +
                                     cluster_cidr + " -j KUBE-MARK-MASQ");
  }
  if (needs_cluster) add_endpoints(port, port.endpoints, rules.chains[service], rules);
  if (needs_local) add_endpoints(port, port.local_endpoints, rules.chains[local], rules);
  if (!port.has_external()) return rules;

  add_external_chain(port, cluster_cidr, rules);
  const std::string external = external_chain(port.name, port.protocol);
  for (const std::string& address : port.external_ips)
    rules.nat_services.push_back(comment(port.name + " external IP") + " " + to(port, address) + " -j " + external);
  for (const std::string& address : port.load_balancer_ips) {
    rules.nat_services.push_back(comment(port.name + " loadbalancer IP") + " " + to(port, address) + " -j " + external);
  }
  if (port.node_port != 0) {
    rules.nat_node_ports.push_back(comment(port.name) + " -m " + port.protocol + " -p " + port.protocol + " --dport " +
                                   std::to_string(port.node_port) + " -j " + external);
  }
  if (port.external_local && port.local_endpoints.empty()) refuse(port, "has no local endpoints", "DROP", false, rules);
  return rules;
}

void IptablesRules::put(const std::string& service, const std::vector<ServicePort>& ports) {
  if (ports.empty()) {
    services_.erase(service);
    return;
  }
  std::vector<PortRules>& rules = services_[service];
  rules.clear();
  for (const ServicePort& port : ports) rules.push_back(rules_for(port, cluster_cidr_));
}

ServiceRules IptablesRules::take_changes() {
  Script nat, filter;
  for (const char* chain :
       {"KUBE-NODEPORTS", "KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES", "KUBE-FORWARD", "KUBE-PROXY-FIREWALL"})
    filter.declare(chain);
  for (const char* chain : {"KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-MARK-MASQ"})
    nat.declare(chain);
  nat.add("KUBE-POSTROUTING", "-m mark ! --mark 0x4000/0x4000 -j RETURN");
  nat.add("KUBE-POSTROUTING", "-j MARK --xor-mark 0x4000");
  nat.add("KUBE-POSTROUTING",
          "-m comment --comment \"kubernetes service traffic requiring SNAT\" -j MASQUERADE --random-fully");
  nat.add("KUBE-MARK-MASQ", "-j MARK --or-mark 0x4000");
  Chains chains;
  for (const auto& [name, ports] : services_) {
    for (const PortRules& rules : ports) {
      for (const std::string& rule : rules.nat_services) nat.add("KUBE-SERVICES", rule);
      for (const std::string& rule : rules.nat_node_ports) nat.add("KUBE-NODEPORTS", rule);
      for (const std::string& rule : rules.filter_services) filter.add("KUBE-SERVICES", rule);
      for (const std::string& rule : rules.filter_external) filter.add("KUBE-EXTERNAL-SERVICES", rule);
      chains.insert(rules.chains.begin(), rules.chains.end());
    }
  }
  for (const auto& [chain, rules] : chains) {
    if (auto old = applied_.find(chain); old != applied_.end() && old->second == rules) continue;
    nat.declare(chain);
    for (const std::string& rule : rules) nat.add(chain, rule);
  }
  for (const auto& [chain, rules] : applied_) {
    if (!chains.contains(chain)) nat.drop(chain);
  }
  nat.add("KUBE-SERVICES",
          "-m comment --comment \"kubernetes service nodeports; NOTE: this must be the last rule in this chain\" -m "
          "addrtype --dst-type LOCAL -j KUBE-NODEPORTS");
  filter.add("KUBE-FORWARD", "-m conntrack --ctstate INVALID -j DROP");
  filter.add("KUBE-FORWARD",
             "-m comment --comment \"kubernetes forwarding rules\" -m mark --mark 0x4000/0x4000 -j ACCEPT");
  filter.add("KUBE-FORWARD",
             "-m comment --comment \"kubernetes forwarding conntrack rule\" -m conntrack --ctstate RELATED,ESTABLISHED "
             "-j ACCEPT");

  ServiceRules result;
  result.restore = filter.table("filter") + nat.table("nat");
  if (first_) {
    for (const BaseJump& jump : kJumps) {
      result.jumps.push_back(
          {jump.table, jump.chain, std::string(jump.extra) + comment(jump.comment) + " -j " + jump.target});
    }
  }
  first_ = false;
  applied_ = std::move(chains);
  return result;
}

}  // namespace drydock::proxy
