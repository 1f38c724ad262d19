// kubeadm init: a control plane on this host.
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

constexpr Duration kHealthTimeout = std::chrono::minutes(4);

Endpoint loopback(std::uint16_t port, bool tls) {
  Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = port;
  endpoint.tls = tls;
  endpoint.insecure_skip_verify = tls;
  return endpoint;
}

std::string seconds_text(Duration took) { return format_go_duration(took); }

Task<Result<void>> wait_kubelet(Session& session) {
  co_await session.say(
      "[kubelet-check] Waiting for a healthy kubelet at http://127.0.0.1:10248/healthz. This can take up to 4m0s");
  const std::function<Task<bool>()> check = [&session] { return session.healthy(loopback(10248, false), "/healthz"); };
  Result<Duration> took = co_await session.wait_for(check, kHealthTimeout);
  if (!took) {
    co_await session.say("[kubelet-check] The kubelet is not healthy after 4m0s");
    co_return Status::plain(
        "failed while waiting for the kubelet to start: The HTTP call equal to 'curl -sSL "
        "http://127.0.0.1:10248/healthz' returned error");
  }
  co_await session.say("[kubelet-check] The kubelet is healthy after " + seconds_text(*took));
  co_return Result<void>();
}

Task<Result<void>> wait_control_plane(Session& session, const InitConfiguration& configuration) {
  co_await session.say("[control-plane-check] Waiting for healthy control plane components. This can take up to 4m0s");
  struct Component {
    std::string name;
    Endpoint endpoint;
    std::string path;
  };
  Endpoint api = loopback(configuration.bind_port, true);
  api.host = configuration.advertise_address;
  const Component components[] = {
      {"kube-apiserver", api, "/livez"},
      {"kube-controller-manager", loopback(10257, true), "/healthz"},
      {"kube-scheduler", loopback(10259, true), "/livez"},
  };
  for (const Component& component : components) {
    co_await session.say("[control-plane-check] Checking " + component.name + " at " + component.endpoint.url() +
                         component.path);
  }
  const TimePoint begun = session.process().now();
  std::vector<bool> up(3, false);
  for (;;) {
    bool all = true;
    for (std::size_t i = 0; i < 3; ++i) {
      if (up[i]) continue;
      up[i] = co_await session.healthy(components[i].endpoint, components[i].path);
      if (up[i]) {
        co_await session.say("[control-plane-check] " + components[i].name + " is healthy after " +
                             seconds_text(session.process().now() - begun));
      }
      all = all && up[i];
    }
    if (all) co_return Result<void>();
    if (session.process().now() - begun >= kHealthTimeout) break;
    (void)co_await session.process().sleep(milliseconds(500));
  }
  std::vector<std::string> failed;
  for (std::size_t i = 0; i < 3; ++i) {
    if (up[i]) continue;
    co_await session.say("[control-plane-check] " + components[i].name + " is not healthy after 4m0s");
    failed.push_back(components[i].name + " check failed at " + components[i].endpoint.url() + components[i].path);
  }
  co_await session.say(
      "\nA control plane component may have crashed or exited when started by the container runtime.\n"
      "To troubleshoot, list all containers using your preferred container runtimes CLI.\n"
      "Here is one example how you may list all running Kubernetes containers by using crictl:\n"
      "\t- 'crictl --runtime-endpoint " +
      configuration.cri_socket +
      " ps -a | grep kube | grep -v pause'\n"
      "\tOnce you have found the failing container, you can inspect its logs with:\n"
      "\t- 'crictl --runtime-endpoint " +
      configuration.cri_socket + " logs CONTAINERID'\n");
  co_return Status::plain("failed while waiting for the control plane to start: [" + join(failed, ", ") + "]");
}

Value config_map(const char* name, const char* ns, Value data) {
  return Value::object({
      {"apiVersion", "v1"},
      {"kind", "ConfigMap"},
      {"metadata", Value::object({{"name", name}, {"namespace", ns}})},
      {"data", std::move(data)},
  });
}

Task<Result<void>> mark_control_plane(Session& session, Client& client, const InitConfiguration& configuration) {
  const std::string node = configuration.node_name;
  co_await session.say("[mark-control-plane] Marking the node " + node +
                       " as control-plane by adding the labels: [node-role.kubernetes.io/control-plane "
                       "node.kubernetes.io/exclude-from-external-load-balancers]");
  co_await session.say("[mark-control-plane] Marking the node " + node +
                       " as control-plane by adding the taints [node-role.kubernetes.io/control-plane:NoSchedule]");
  for (int attempt = 0; attempt < 120; ++attempt) {
    const ObjectKey key{"", node};
    Result<Object> current = co_await client.get(resources::kNodes, key);
    if (current) {
      Value taints = current->spec()["taints"];
      bool tainted = false;
      for (const Value& taint : taints.items())
        tainted = tainted || taint["key"].as_string() == "node-role.kubernetes.io/control-plane";
      if (!tainted)
        taints.push_back(Value::object({{"effect", "NoSchedule"}, {"key", "node-role.kubernetes.io/control-plane"}}));
      Value labels = Value::object({
          {"node-role.kubernetes.io/control-plane", ""},
          {"node.kubernetes.io/exclude-from-external-load-balancers", ""},
      });
      Value metadata = Value::object({{"labels", labels}, {"resourceVersion", current->resource_version()}});
      metadata.set("annotations",
                   Value::object({{"kubeadm.alpha.kubernetes.io/cri-socket", configuration.cri_socket}}));
      Value patch = Value::object({{"metadata", metadata}, {"spec", Value::object({{"taints", taints}})}});
      const Result<Object> patched = co_await client.patch(resources::kNodes, key, PatchType::kMerge, patch);
      if (patched) co_return Result<void>();
      if (!patched.error().is_conflict()) co_return patched.error();
    }
    (void)co_await session.process().sleep(milliseconds(500));
  }
  co_return Status::plain("error marking node " + node + " as control-plane: nodes \"" + node + "\" not found");
}

Task<Result<void>> upload_configuration(Session& session, Client& client, const InitConfiguration& configuration) {
  co_await session.say(
      "[upload-config] Storing the configuration used in ConfigMap \"kubeadm-config\" in the \"kube-system\" "
      "Namespace");
  Value cluster = Value::object({{"ClusterConfiguration", dump_yaml(cluster_configuration(configuration))}});
  DRYDOCK_CO_TRY_VOID(co_await session.apply(client, config_map("kubeadm-config", "kube-system", cluster)));
  co_await session.say(
      "[kubelet] Creating a ConfigMap \"kubelet-config\" in namespace kube-system with the configuration for the "
      "kubelets in the cluster");
  Value kubelet = Value::object({{"kubelet", dump_yaml(kubelet_configuration(configuration))}});
  const char* name = configuration.minor() >= 24 ? "kubelet-config" : "kubelet-config-1.x";
  DRYDOCK_CO_TRY_VOID(co_await session.apply(client, config_map(name, "kube-system", kubelet)));
  co_await session.say("[upload-certs] Skipping phase. Please see --upload-certs");
  co_return Result<void>();
}

Task<Result<void>> bootstrap_token(Session& session, Client& client, InitConfiguration& configuration,
                                   const std::string& ca_pem) {
  if (configuration.token.empty()) configuration.token = draw_token(session.process());
  co_await session.say("[bootstrap-token] Using token: " + configuration.token);
  co_await session.say("[bootstrap-token] Configuring bootstrap tokens, cluster-info ConfigMap, RBAC Roles");
  const auto ttl = parse_go_duration(configuration.token_ttl);
  const bool never = !ttl || *ttl == Duration{0};
  const std::vector<std::string> usages{"authentication", "signing"};
  const std::vector<std::string> groups{"system:bootstrappers:kubeadm:default-node-token"};
  Value secret = token_secret(configuration.token, session.process().now() + ttl.value_or(Duration{0}), never,
                              "The default bootstrap token generated by 'kubeadm init'.", usages, groups);
  DRYDOCK_CO_TRY_VOID(co_await session.apply(client, secret));
  for (Value& object : bootstrap_objects(configuration)) DRYDOCK_CO_TRY_VOID(co_await session.apply(client, object));
  co_await session.say("[bootstrap-token] Configured RBAC rules to allow Node Bootstrap tokens to get nodes");
  co_await session.say(
      "[bootstrap-token] Configured RBAC rules to allow Node Bootstrap tokens to post CSRs in order for nodes to get "
      "long term certificate credentials");
  co_await session.say(
      "[bootstrap-token] Configured RBAC rules to allow the csrapprover controller automatically approve CSRs from a "
      "Node Bootstrap Token");
  co_await session.say(
      "[bootstrap-token] Configured RBAC rules to allow certificate rotation for all node client certificates in the "
      "cluster");
  co_await session.say("[bootstrap-token] Creating the \"cluster-info\" ConfigMap in the \"kube-public\" namespace");
  Value public_config = Value::object({
      {"apiVersion", "v1"},
      {"kind", "Config"},
      {"clusters", Value::array({Value::object({
                       {"name", ""},
                       {"cluster", Value::object({{"certificate-authority-data", base64_encode(ca_pem)},
                                                  {"server", "https://" + configuration.endpoint()}})},
                   })})},
      {"contexts", Value()},
      {"current-context", ""},
      {"preferences", Value::object()},
      {"users", Value()},
  });
  Value data = Value::object({{"kubeconfig", dump_yaml(public_config)}});
  DRYDOCK_CO_TRY_VOID(co_await session.apply(client, config_map("cluster-info", "kube-public", data)));
  co_return Result<void>();
}

std::string closing_words(const InitConfiguration& configuration, const std::string& hash) {
  std::string text =
      "\nYour Kubernetes control-plane has initialized successfully!\n\n"
      "To start using your cluster, you need to run the following as a regular user:\n\n"
      "  mkdir -p $HOME/.kube\n"
      "  sudo cp -i /etc/kubernetes/admin.conf $HOME/.kube/config\n"
      "  sudo chown $(id -u):$(id -g) $HOME/.kube/config\n\n"
      "Alternatively, if you are the root user, you can run:\n\n"
      "  export KUBECONFIG=/etc/kubernetes/admin.conf\n\n"
      "You should now deploy a pod network to the cluster.\n"
      "Run \"kubectl apply -f [podnetwork].yaml\" with one of the options listed at:\n"
      "  https://kubernetes.io/docs/concepts/cluster-administration/addons/\n\n"
      "Then you can join any number of worker nodes by running the following on each as root:\n\n"
      "kubeadm join " +
      configuration.endpoint() + " --token " +
      (configuration.skip_print_token ? "<value withheld>" : configuration.token) +
      " \\\n\t--discovery-token-ca-cert-hash " + hash + " ";
  return text;
}

}  // namespace

Task<int> run_init(Process& process, std::vector<std::string> arguments) {
  auto parsed = parse_init(process, std::move(arguments));
  if (!parsed) co_return co_await fail_usage(process, "kubeadm init", parsed.error().message);
  InitConfiguration configuration = *std::move(parsed);
  Session session(process);

  co_await session.say("[init] Using Kubernetes version: " + configuration.kubernetes_version);
  co_await session.say("[preflight] Running pre-flight checks");
  if (process.host().services().view("kubelet") && !process.host().services().view("kubelet")->enabled) {
    co_await process.err(
        "\t[WARNING Service-Kubelet]: kubelet service is not enabled, please run 'systemctl enable kubelet.service'\n");
  }
  auto checked =
      co_await session.run_preflight(init_preflight(process, configuration), configuration.ignore_preflight_errors);
  if (!checked) co_return co_await fail_phase(process, "preflight", checked.error().message);
  co_await session.say("[preflight] Pulling images required for setting up a Kubernetes cluster");
  co_await session.say(
      "[preflight] This might take a minute or two, depending on the speed of your internet connection");
  co_await session.say("[preflight] You can also perform this action beforehand using 'kubeadm config images pull'");
  auto pulled = co_await session.pull_images(control_plane_images(configuration));
  if (!pulled) co_return co_await fail_phase(process, "preflight", pulled.error().message);

  auto certs = co_await phase_certs(session, configuration);
  if (!certs) co_return co_await fail_phase(process, "certs", certs.error().message);
  auto kubeconfigs = co_await phase_kubeconfig(session, configuration);
  if (!kubeconfigs) co_return co_await fail_phase(process, "kubeconfig", kubeconfigs.error().message);
  auto manifests = co_await phase_manifests(session, configuration);
  if (!manifests) co_return co_await fail_phase(process, "control-plane", manifests.error().message);
  const std::string flags = "--pod-infra-container-image=" + configuration.image_repository +
                            "/pause:" + pause_image_tag(configuration.minor());
  auto kubelet =
      co_await session.start_kubelet(kubelet_configuration(configuration), configuration.minor() >= 35 ? "" : flags);
  if (!kubelet) co_return co_await fail_phase(process, "kubelet-start", kubelet.error().message);
  co_await session.say(
      "[wait-control-plane] Waiting for the kubelet to boot up the control plane as static Pods from directory "
      "\"/etc/kubernetes/manifests\"");
  auto kubelet_up = co_await wait_kubelet(session);
  if (!kubelet_up) co_return co_await fail_phase(process, "wait-control-plane", kubelet_up.error().message);
  auto up = co_await wait_control_plane(session, configuration);
  if (!up) co_return co_await fail_phase(process, "wait-control-plane", up.error().message);

  const char* admin_file =
      configuration.minor() >= 29 ? "/etc/kubernetes/super-admin.conf" : "/etc/kubernetes/admin.conf";
  auto admin_text = session.read(admin_file);
  if (!admin_text) co_return co_await fail_phase(process, "upload-config/kubeadm", admin_text.error().message);
  auto admin = load_kubeconfig(*admin_text);
  if (!admin) co_return co_await fail_phase(process, "upload-config/kubeadm", admin.error().message);
  Client client = session.client(admin->endpoint);
  auto uploaded = co_await upload_configuration(session, client, configuration);
  if (!uploaded) co_return co_await fail_phase(process, "upload-config", uploaded.error().message);
  auto marked = co_await mark_control_plane(session, client, configuration);
  if (!marked) co_return co_await fail_phase(process, "mark-control-plane", marked.error().message);
  auto ca_pem = session.read(configuration.certificates_dir + "/ca.crt");
  if (!ca_pem) co_return co_await fail_phase(process, "bootstrap-token", ca_pem.error().message);
  auto token = co_await bootstrap_token(session, client, configuration, *ca_pem);
  if (!token) co_return co_await fail_phase(process, "bootstrap-token", token.error().message);
  co_await session.say(
      "[kubelet-finalize] Updating \"/etc/kubernetes/kubelet.conf\" to point to a rotatable kubelet client certificate "
      "and key");
  for (Value& object : coredns_objects(configuration)) {
    auto applied = co_await session.apply(client, object);
    if (!applied) co_return co_await fail_phase(process, "addon/coredns", applied.error().message);
  }
  co_await session.say("[addons] Applied essential addon: CoreDNS");
  for (Value& object : kube_proxy_objects(configuration)) {
    auto applied = co_await session.apply(client, object);
    if (!applied) co_return co_await fail_phase(process, "addon/kube-proxy", applied.error().message);
  }
  co_await session.say("[addons] Applied essential addon: kube-proxy");
  auto hash = ca_hash(*ca_pem);
  if (!hash) co_return co_await fail_phase(process, "", hash.error().message);
  co_await session.say(closing_words(configuration, *hash));
  co_return 0;
}

}  // namespace drydock::kubeadm
