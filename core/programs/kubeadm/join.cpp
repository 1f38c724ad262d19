// kubeadm join: trusts a cluster by token and CA hash, then lets the kubelet ask
// for its certificate.
// https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-join/#discovery-token-ca-hash
#include <algorithm>

#include "core/base/strings.h"
#include "core/client/kubeconfig.h"
#include "core/host/host.h"
#include "core/host/process.h"
#include "core/host/services.h"
#include "core/machinery/timestamp.h"
#include "core/machinery/yaml.h"
#include "core/programs/kubeadm/assets.h"
#include "core/programs/kubeadm/phases.h"

namespace drydock::kubeadm {
namespace {

constexpr Duration kDiscoveryTimeout = std::chrono::minutes(5);
constexpr Duration kDiscoveryInterval = seconds(5);
constexpr Duration kBootstrapTimeout = std::chrono::minutes(5);

Endpoint endpoint_of(const std::string& host_and_port) {
  Endpoint endpoint;
  const std::size_t colon = host_and_port.rfind(':');
  endpoint.host = host_and_port.substr(0, colon);
  endpoint.port = static_cast<std::uint16_t>(parse_int(host_and_port.substr(colon + 1)).value_or(6443));
  return endpoint;
}

struct Discovered {
  std::string server;
  std::string ca_pem;
};

// One attempt: reads cluster-info without trusting the server, checks its signature
// with the token and the CA with the hash.
Task<Result<Discovered>> discover_once(Session& session, const JoinConfiguration& configuration) {
  Endpoint endpoint = endpoint_of(configuration.api_server_endpoint);
  endpoint.insecure_skip_verify = true;
  Client client = session.client(endpoint);
  const ObjectKey key{"kube-public", "cluster-info"};
  DRYDOCK_CO_TRY(Object info, co_await client.get(resources::kConfigMaps, key));
  const Value& data = info.doc()["data"];
  const std::string text = data["kubeconfig"].str();
  const std::string id = configuration.token.substr(0, 6);
  const std::string signature = data["jws-kubeconfig-" + id].str();
  if (signature.empty()) {
    co_return Status::plain("could not find a JWS signature in the cluster-info ConfigMap for token ID " +
                            go_quote(id));
  }
  if (signature != pki::sign_detached_hs256(text, id, configuration.token.substr(7))) {
    co_return Status::plain(
        "failed to verify JWS signature of received cluster info object, can't trust this API Server");
  }
  DRYDOCK_CO_TRY(Value document, parse_yaml(text));
  const Value& cluster = document["clusters"][0]["cluster"];
  const auto ca_pem = base64_decode(cluster["certificate-authority-data"].as_string());
  if (!ca_pem) co_return Status::plain("failed to parse the certificate authority data of the cluster info");
  if (!configuration.unsafe_skip_ca_verification) {
    DRYDOCK_CO_TRY(std::string hash, ca_hash(*ca_pem));
    if (std::count(configuration.ca_cert_hashes.begin(), configuration.ca_cert_hashes.end(), hash) == 0) {
      co_return Status::plain("cluster CA found in cluster-info ConfigMap is invalid: none of the public keys \"" +
                              hash + "\" are pinned");
    }
  }
  co_return Discovered{cluster["server"].str(), *ca_pem};
}

Task<Result<Discovered>> discover(Session& session, const JoinConfiguration& configuration) {
  const TimePoint begun = session.process().now();
  for (;;) {
    Result<Discovered> found = co_await discover_once(session, configuration);
    if (found) co_return found;
    const std::string why = found.error().message;
    const bool hopeless = contains(why, "are pinned") || contains(why, "can't trust");
    if (hopeless || session.process().now() - begun >= kDiscoveryTimeout) {
      co_return Status::plain("couldn't validate the identity of the API Server: " +
                              (contains(why, "cluster-info\" is forbidden")
                                   ? "failed to request the cluster-info ConfigMap: " + why
                                   : why));
    }
    (void)co_await session.process().sleep(kDiscoveryInterval);
  }
}

}  // namespace

Task<int> run_join(Process& process, std::vector<std::string> arguments) {
  auto parsed = parse_join(process, std::move(arguments));
  if (!parsed) co_return co_await fail_usage(process, "kubeadm join", parsed.error().message);
  const JoinConfiguration configuration = *std::move(parsed);
  if (configuration.control_plane) {
    co_return co_await fail_phase(
        process, "preflight",
        "\nOne or more conditions for hosting a new control plane instance is not satisfied.\n\n"
        "unable to add a new control plane instance to a cluster that doesn't have a stable controlPlaneEndpoint "
        "address\n\n"
        "Please ensure that:\n* The cluster has a stable controlPlaneEndpoint address.\n"
        "* The certificates that must be shared among control plane instances are provided.\n");
  }
  Session session(process);
  co_await session.say("[preflight] Running pre-flight checks");
  auto checked =
      co_await session.run_preflight(join_preflight(process, configuration), configuration.ignore_preflight_errors);
  if (!checked) co_return co_await fail_phase(process, "preflight", checked.error().message);
  Result<Discovered> cluster = co_await discover(session, configuration);
  if (!cluster) co_return co_await fail_phase(process, "preflight", cluster.error().message);

  co_await session.say(
      "[preflight] Reading configuration from the \"kubeadm-config\" ConfigMap in namespace \"kube-system\"...");
  co_await session.say(
      "[preflight] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it.");
  KubeconfigIdentity identity;
  identity.user = "tls-bootstrap-token-user";
  identity.token = configuration.token;
  const std::string bootstrap_text = dump_yaml(kubeconfig(cluster->server, cluster->ca_pem, identity));
  auto bootstrap = load_kubeconfig(bootstrap_text);
  if (!bootstrap) co_return co_await fail_phase(process, "preflight", bootstrap.error().message);
  Client client = session.client(bootstrap->endpoint);
  client.set_bearer_token(configuration.token);
  const ObjectKey kubeadm_key{"kube-system", "kubeadm-config"};
  const Result<Object> stored = co_await client.get(resources::kConfigMaps, kubeadm_key);
  if (!stored) {
    co_return co_await fail_phase(
        process, "preflight",
        "unable to fetch the kubeadm-config ConfigMap: failed to get config map: " + stored.error().message);
  }
  const ObjectKey kubelet_key{"kube-system", "kubelet-config"};
  const Result<Object> kubelet = co_await client.get(resources::kConfigMaps, kubelet_key);
  if (!kubelet) {
    co_return co_await fail_phase(process, "kubelet-start",
                                  "failed to get component configs: " + kubelet.error().message);
  }
  auto kubelet_document = parse_yaml(kubelet->doc()["data"]["kubelet"].as_string());
  if (!kubelet_document) co_return co_await fail_phase(process, "kubelet-start", kubelet_document.error().message);
  auto cluster_document = parse_yaml(stored->doc()["data"]["ClusterConfiguration"].as_string());
  auto init = cluster_document ? from_cluster_configuration(*cluster_document)
                               : Result<InitConfiguration>(cluster_document.error());
  if (!init) co_return co_await fail_phase(process, "preflight", init.error().message);

  auto written = session.write("/etc/kubernetes/bootstrap-kubelet.conf", bootstrap_text);
  if (written) written = session.write("/etc/kubernetes/pki/ca.crt", cluster->ca_pem, 0644);
  if (!written) co_return co_await fail_phase(process, "kubelet-start", written.error().message);
  // A node of that name that is Ready would be taken over.
  const ObjectKey node_key{"", configuration.node_name};
  const Result<Object> existing = co_await client.get(resources::kNodes, node_key);
  if (existing) {
    for (const Value& condition : existing->status()["conditions"].items()) {
      if (condition["type"].as_string() == "Ready" && condition["status"].as_string() == "True") {
        co_return co_await fail_phase(process, "kubelet-start",
                                      "a Node with name " + go_quote(configuration.node_name) +
                                          " and status \"Ready\" already exists in the cluster. You must delete the "
                                          "existing Node or change the name of this new joining Node");
      }
    }
  }
  const std::string flags =
      "--pod-infra-container-image=" + init->image_repository + "/pause:" + pause_image_tag(init->minor());
  auto started = co_await session.start_kubelet(*kubelet_document, init->minor() >= 35 ? "" : flags);
  if (!started) co_return co_await fail_phase(process, "kubelet-start", started.error().message);
  co_await session.say(
      "[kubelet-check] Waiting for a healthy kubelet at http://127.0.0.1:10248/healthz. This can take up to 4m0s");
  Endpoint health;
  health.host = "127.0.0.1";
  health.port = 10248;
  health.tls = false;
  const TimePoint begun = process.now();
  bool healthy = false;
  while (!healthy && process.now() - begun < std::chrono::minutes(4)) {
    healthy = co_await session.healthy(health, "/healthz");
    if (!healthy) (void)co_await process.sleep(milliseconds(500));
  }
  if (!healthy)
    co_return co_await fail_phase(process, "kubelet-start",
                                  "failed while waiting for the kubelet to start: context deadline exceeded");
  co_await session.say("[kubelet-check] The kubelet is healthy after " + format_go_duration(process.now() - begun));
  co_await session.say("[kubelet-start] Waiting for the kubelet to perform the TLS Bootstrap");
  const TimePoint waiting_since = process.now();
  while (!process.exists("/etc/kubernetes/kubelet.conf")) {
    if (process.now() - waiting_since >= kBootstrapTimeout) {
      co_return co_await fail_phase(process, "kubelet-start", "timed out waiting for the condition");
    }
    (void)co_await process.sleep(seconds(1));
  }
  (void)process.unlink("/etc/kubernetes/bootstrap-kubelet.conf");
  co_await session.say(
      "\nThis node has joined the cluster:\n"
      "* Certificate signing request was sent to apiserver and a response was received.\n"
      "* The Kubelet was informed of the new secure connection details.\n\n"
      "Run 'kubectl get nodes' on the control-plane to see this node join the cluster.\n");
  co_return 0;
}

Task<int> run_reset(Process& process, std::vector<std::string> arguments) {
  static constexpr FlagSpec kFlags[] = {{"force", 'f', false},    {"cert-dir", 0, true},
                                        {"cri-socket", 0, true},  {"ignore-preflight-errors", 0, true},
                                        {"kubeconfig", 0, true},  {"cleanup-tmp-dir", 0, false},
                                        {"skip-phases", 0, true}, {"v", 'v', true},
                                        {"help", 'h', false}};
  auto flags = parse_flags(arguments, kFlags);
  if (!flags) co_return co_await fail_usage(process, "kubeadm reset", flags.error().message);
  if (process.exists("/etc/kubernetes/manifests/kube-apiserver.yaml")) {
    co_await process.out(
        "[reset] Reading configuration from the \"kubeadm-config\" ConfigMap in namespace \"kube-system\"...\n"
        "[reset] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it.\n");
  }
  if (!flags->has("force")) {
    co_await process.out(
        "[reset] WARNING: Changes made to this host by 'kubeadm init' or 'kubeadm join' will be reverted.\n"
        "[reset] Are you sure you want to proceed? [y/N]: ");
    const auto answer = co_await process.read_line(0);
    if (!answer || (to_lower(trim(*answer)) != "y" && to_lower(trim(*answer)) != "yes")) {
      co_return co_await fail_phase(process, "preflight", "aborted reset operation");
    }
  }
  co_await process.out(
      "[preflight] Running pre-flight checks\n"
      "[reset] Deleted contents of the etcd data directory: /var/lib/etcd\n"
      "[reset] Stopping the kubelet service\n");
  (void)process.host().services().stop("kubelet");
  co_await process.out("[reset] Unmounting mounted directories in \"/var/lib/kubelet\"\n");
  SpawnOptions remove_pods;
  remove_pods.argv = {"crictl", "rmp", "-fa"};
  const OpenFilePtr quiet = make_null_file();
  remove_pods.files = {{1, quiet}, {2, quiet}};
  (void)co_await process.run(std::move(remove_pods));
  co_await process.out(
      "[reset] Deleting contents of directories: [/etc/kubernetes/manifests /var/lib/kubelet /etc/kubernetes/pki]\n"
      "[reset] Deleting files: [/etc/kubernetes/admin.conf /etc/kubernetes/super-admin.conf "
      "/etc/kubernetes/kubelet.conf "
      "/etc/kubernetes/bootstrap-kubelet.conf /etc/kubernetes/controller-manager.conf "
      "/etc/kubernetes/scheduler.conf]\n");
  const TimePoint now = process.now();
  for (const char* directory :
       {"/var/lib/etcd", "/etc/kubernetes/manifests", "/var/lib/kubelet", "/etc/kubernetes/pki"}) {
    auto names = process.list_directory(directory);
    if (!names) continue;
    for (const std::string& name : *names) (void)process.files().remove_tree(std::string(directory) + "/" + name, now);
  }
  for (const char* file : {"admin.conf", "super-admin.conf", "kubelet.conf", "bootstrap-kubelet.conf",
                           "controller-manager.conf", "scheduler.conf"}) {
    (void)process.unlink(std::string("/etc/kubernetes/") + file);
  }
  co_await process.out(
      "\nThe reset process does not perform cleanup of CNI plugin configuration,\n"
      "network filtering rules and kubeconfig files.\n\n"
      "For information on how to perform this cleanup manually, please see:\n"
      "    https://k8s.io/docs/reference/setup-tools/kubeadm/kubeadm-reset/\n\n");
  co_return 0;
}

}  // namespace drydock::kubeadm
