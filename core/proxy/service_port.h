// ServicePort: one port of one Service with the endpoints that serve it now, read
// from the Service and its EndpointSlices. Pure.
// https://kubernetes.io/docs/reference/networking/virtual-ips/
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/machinery/object.h"

namespace drydock::proxy {

struct ServicePort {
  std::string name;      // "default/web:http"
  std::string protocol;  // "tcp", "udp", "sctp"
  std::string cluster_ip;
  std::uint16_t port = 0;
  std::uint16_t node_port = 0;
  std::vector<std::string> external_ips;
  std::vector<std::string> load_balancer_ips;
  std::int64_t affinity_seconds = 0;         // sessionAffinity: ClientIP
  bool internal_local = false;               // internalTrafficPolicy: Local
  bool external_local = false;               // externalTrafficPolicy: Local
  std::vector<std::string> endpoints;        // "10.244.1.2:80", sorted
  std::vector<std::string> local_endpoints;  // those on this node

  bool has_external() const { return node_port != 0 || !external_ips.empty() || !load_balancer_ips.empty(); }
};

// Endpoints that are ready; if none is, those that terminate but still serve.
// Headless and ExternalName Services have no ports here.
std::vector<ServicePort> read_service_ports(const Object& service, const std::vector<Object>& slices,
                                            const std::string& node_name);

}  // namespace drydock::proxy
