// The files that kubeadm writes and the objects it applies, as pure functions of
// the configuration.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/machinery/value.h"
#include "core/programs/kubeadm/configuration.h"

namespace drydock::kubeadm {

// Static pod manifests, as documents.
Value etcd_manifest(const InitConfiguration& configuration);
Value api_server_manifest(const InitConfiguration& configuration);
Value controller_manager_manifest(const InitConfiguration& configuration);
Value scheduler_manifest(const InitConfiguration& configuration);

// A kubeconfig with embedded PEM data.
struct KubeconfigIdentity {
  std::string user;  // "kubernetes-admin"
  std::string client_certificate_pem;
  std::string client_key_pem;
  std::string client_certificate_path;  // used instead of the data when set
  std::string token;
};
Value kubeconfig(std::string_view server, std::string_view ca_pem, const KubeconfigIdentity& identity);

// Objects of the add-ons, in the order they are applied.
std::vector<Value> coredns_objects(const InitConfiguration& configuration);
std::vector<Value> kube_proxy_objects(const InitConfiguration& configuration);
// RBAC that lets nodes join (phase bootstrap-token) and read kubeadm's config maps.
std::vector<Value> bootstrap_objects(const InitConfiguration& configuration);

}  // namespace drydock::kubeadm
