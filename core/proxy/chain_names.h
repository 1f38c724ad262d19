// Names of kube-proxy's chains: a prefix and the first 16 characters of the
// base32 of a sha256, as upstream makes them ("KUBE-SVC-NPX46M4PTMTKRN6Y" is
// default/kubernetes:https everywhere).
#pragma once

#include <string>
#include <string_view>

namespace drydock::proxy {

std::string base32_encode(std::string_view bytes);
// `service_port`: "namespace/name:port", without ":port" when it has no name.
std::string service_chain(std::string_view service_port, std::string_view protocol);   // KUBE-SVC-: all endpoints
std::string local_chain(std::string_view service_port, std::string_view protocol);     // KUBE-SVL-: those of this node
std::string external_chain(std::string_view service_port, std::string_view protocol);  // KUBE-EXT-: from outside
std::string endpoint_chain(std::string_view service_port, std::string_view protocol,
                           std::string_view endpoint);  // KUBE-SEP-

}  // namespace drydock::proxy
