// What `kubeadm init` and `kubeadm join` were asked for: flags, a --config file and defaults.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/task.h"
#include "core/machinery/value.h"

namespace drydock {
class Process;
}

namespace drydock::kubeadm {

struct InitConfiguration {
  std::string kubernetes_version;  // "v1.36.3"
  std::string advertise_address;
  std::uint16_t bind_port = 6443;
  std::string node_name;
  std::string control_plane_endpoint;  // "" or host[:port]
  std::string service_subnet = "10.96.0.0/12";
  std::string pod_subnet;  // "" unless asked for
  std::string dns_domain = "cluster.local";
  std::string image_repository = "registry.k8s.io";
  std::string cri_socket = "unix:///var/run/containerd/containerd.sock";
  std::string certificates_dir = "/etc/kubernetes/pki";
  std::string token;  // "abcdef.0123456789abcdef"; drawn when empty
  std::string token_ttl = "24h0m0s";
  std::vector<std::string> extra_sans;
  std::vector<std::string> ignore_preflight_errors;
  bool skip_print_token = false;
  std::vector<std::string> skip_phases;

  std::string dns_address() const;          // tenth address of the service subnet
  std::string api_service_address() const;  // first address of the service subnet
  std::string endpoint_host() const;        // what clients are told to connect to
  std::string endpoint() const;             // host:port
  int minor() const;                        // 36 for v1.36.3
};

struct JoinConfiguration {
  std::string api_server_endpoint;
  std::string token;
  std::vector<std::string> ca_cert_hashes;
  bool unsafe_skip_ca_verification = false;
  std::string node_name;
  std::string cri_socket = "unix:///var/run/containerd/containerd.sock";
  std::vector<std::string> ignore_preflight_errors;
  bool control_plane = false;
  std::string certificate_key;
};

// kubeadm's default version: that of its own program file.
std::string default_kubernetes_version(Process& process);
// Versions of what kubeadm ships with a Kubernetes version.
std::string etcd_image_tag(int minor);
std::string coredns_image_tag(int minor);
std::string pause_image_tag(int minor);
std::string coredns_image(const InitConfiguration& configuration);
std::vector<std::string> control_plane_images(const InitConfiguration& configuration);

// Reads the flags of `kubeadm init` / `join`; an error is the text kubeadm prints.
Result<InitConfiguration> parse_init(Process& process, std::vector<std::string> arguments);
Result<JoinConfiguration> parse_join(Process& process, std::vector<std::string> arguments);
// The ClusterConfiguration document that ends up in config map kubeadm-config.
Value cluster_configuration(const InitConfiguration& configuration);
Result<InitConfiguration> from_cluster_configuration(const Value& document);
// The KubeletConfiguration written to /var/lib/kubelet/config.yaml.
Value kubelet_configuration(const InitConfiguration& configuration);

bool valid_token(std::string_view token);
std::string draw_token(Process& process);

// Problems that stop kubeadm (text after "[ERROR …]") unless ignored by name.
struct PreflightError {
  std::string check;  // "Port-6443"
  std::string text;
};
std::string preflight_failure(const std::vector<PreflightError>& errors);

// Flags as pflag reads them: --name value, --name=value, -x; the rest is positional.
struct FlagSpec {
  const char* name;
  char shorthand;
  bool takes_value;
};
struct ParsedFlags {
  std::vector<std::pair<std::string, std::string>> values;  // in order
  std::vector<std::string> positional;
  bool has(std::string_view name) const;
  std::string get(std::string_view name, std::string fallback = "") const;
  std::vector<std::string> list(std::string_view name) const;  // comma separated or repeated
};
Result<ParsedFlags> parse_flags(const std::vector<std::string>& arguments, std::span<const FlagSpec> specs);

}  // namespace drydock::kubeadm
