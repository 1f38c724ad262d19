// The iptables rules of Service ports, word for word as kube-proxy's iptables mode
// writes them. Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/proxy/dataplane.h"
#include "core/proxy/service_port.h"

namespace drydock::proxy {

// Rules of one service port, by the chain they stand in.
struct PortRules {
  std::vector<std::string> nat_services;                   // lines for KUBE-SERVICES in nat
  std::vector<std::string> nat_node_ports;                 // lines for KUBE-NODEPORTS
  std::vector<std::string> filter_services;                // refusals: no endpoints
  std::vector<std::string> filter_external;                // refusals from outside
  std::map<std::string, std::vector<std::string>> chains;  // its own chains in nat
};
// `cluster_cidr`: pod addresses, "" when not known (then everything is masqueraded only as needed).
PortRules rules_for(const ServicePort& port, const std::string& cluster_cidr);

// Keeps the rules of all ports and tells the difference to what was applied last.
class IptablesRules {
 public:
  explicit IptablesRules(std::string cluster_cidr) : cluster_cidr_(std::move(cluster_cidr)) {}
  // Replaces the ports of one Service; none removes it.
  void put(const std::string& service, const std::vector<ServicePort>& ports);
  // What to apply now: the first time everything, then the chains that changed,
  // the lists of all Services and the removal of chains nobody uses.
  ServiceRules take_changes();

 private:
  using Chains = std::map<std::string, std::vector<std::string>>;
  std::string cluster_cidr_;
  std::map<std::string, std::vector<PortRules>> services_;
  Chains applied_;
  bool first_ = true;
};

}  // namespace drydock::proxy
