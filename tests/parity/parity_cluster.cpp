#include "tests/parity/parity_cluster.h"

#include "core/base/strings.h"
#include "core/machinery/timestamp.h"
#include "core/programs/kubectl/kubectl.h"
#include "doctest/doctest.h"

namespace drydock::testing {
namespace {

constexpr const char* kKubeconfig =
    "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster: {server: 'https://127.0.0.1:16443', "
    "certificate-authority: /etc/kubernetes/pki/ca.crt}\n"
    "contexts:\n- name: x\n  context: {cluster: c, user: u}\ncurrent-context: x\nusers:\n- name: u\n  user: {token: "
    "secret-token}\n";
constexpr int kPodStartMs = 300;
constexpr int kPodStopMs = 1500;
// The recording's first pod had to wait for its node.
constexpr Duration kReadyAfterFirstPod = seconds(2);
constexpr const char* kPodAddress = "192.168.192.168";  // every hollow pod has it

// A transport that kubectl owns, over the cluster's.
class Forwarding final : public Transport {
 public:
  explicit Forwarding(Transport& inner) : inner_(inner) {}
  Task<Result<HttpResponse>> round_trip(const Endpoint& endpoint, HttpRequest request) override {
    return inner_.round_trip(endpoint, std::move(request));
  }

 private:
  Transport& inner_;
};
struct TransportOfHost {
  Transport* transport = nullptr;
};

Task<int> test_kubectl(Process& process) {
  co_return co_await kubectl::run(process, [](Process& its) -> std::unique_ptr<Transport> {
    return std::make_unique<Forwarding>(*its.host().attached<TransportOfHost>()->transport);
  });
}

// The one person of this cluster, and everybody they impersonate.
constexpr const char* kAuthority = "-----BEGIN CERTIFICATE-----\nparity\n-----END CERTIFICATE-----\n";

ApiServerOptions options_of_server() {
  ApiServerOptions options;
  options.port = 16443;
  options.client_ca_pem = kAuthority;
  options.service_cidr = "10.0.0.0/16";
  // The recording's control plane was a distribution that mounts one more ConfigMap.
  options.token_config_maps = {{"openshift-service-ca.crt", "service-ca.crt"}};
  options.credentials.certificate = [](std::string_view) {
    return Identity{"admin", {"system:masters", "system:authenticated"}, ""};
  };
  options.credentials.token_claims = [](std::string_view) { return Value(); };
  options.credentials.sign_token = [](const Value&) { return std::string("header.claims.signature"); };
  return options;
}

// Marks every request as the administrator's.
class AsAdministrator final : public HttpHandler {
 public:
  explicit AsAdministrator(HttpHandler& inner) : inner_(inner) {}
  Task<HttpResponse> handle(HttpRequest request) override {
    request.client_certificate_pem = "administrator";
    HttpHeaders kept;
    for (const auto& [name, value] : request.headers.fields()) {
      if (to_lower(name) != "authorization") kept.add(name, value);
    }
    request.headers = std::move(kept);
    return inner_.handle(std::move(request));
  }

 private:
  HttpHandler& inner_;
};

}  // namespace

ParityCluster::ParityCluster() : clock_(parse_timestamp("2026-11-24T09:20:09Z").value()) {
  server_ = std::make_unique<ApiServer>(loop_, Prng(1), store_, transport_, options_of_server());
  static std::unique_ptr<AsAdministrator> front;
  front = std::make_unique<AsAdministrator>(*server_);
  transport_.listen("127.0.0.1", 16443, *front);
  auto serve = [](ApiServer& server) -> Task<void> { (void)co_await server.run(); };
  tasks_.spawn(serve(*server_));
  REQUIRE(run_until([this] { return server_->ready(); }, seconds(10)));
  Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = 16443;
  client_ = std::make_unique<Client>(transport_, endpoint, "hollow");
  pods_ = std::make_unique<Informer>(loop_, *client_, resources::kPods);
  pods_->add_handler([this](const Object& old, const Object& current) { pod_changed(old, current); });
  tasks_.spawn(pods_->run());
  controllers::ControllerManagerOptions options;
  options.root_ca_pem = kAuthority;
  manager_ = std::make_unique<controllers::ControllerManager>(loop_, Prng(2), *client_, std::move(options));
  tasks_.spawn(manager_->run());
  scheduler_ = std::make_unique<scheduler::Scheduler>(loop_, Prng(3), *client_);
  tasks_.spawn(scheduler_->run());
  tasks_.spawn(make_distribution());
  run_for(seconds(22));
  tasks_.spawn(make_node("hollow-1", false, "10.99.0.1"));
  tasks_.spawn(make_node("hollow-2", true, "10.99.0.2"));
  tasks_.spawn(make_node("hollow-3", false, "10.99.0.3"));
  run_for(seconds(6));

  network_ = std::make_unique<Network>(loop_, Prng(4));
  programs_.add("kubectl", test_kubectl);
  HostOptions host;
  host.name = "node1";
  host.address = "10.0.0.9";
  host_ =
      std::make_unique<Host>(loop_, Prng(5), programs_, host, network_->attach_host("node1", *Ipv4::parse("10.0.0.9")));
  auto transport = std::make_shared<TransportOfHost>();
  transport->transport = &transport_;
  host_->attach(std::move(transport));
  (void)host_->files().make_directories("/usr/bin", loop_.now());
  (void)host_->files().write_file("/usr/bin/kubectl", program_file("kubectl", "v1.36.4"), loop_.now(), 0755);
  put_file("/root/.kube/config", kKubeconfig);
  put_file("/etc/kubernetes/pki/ca.crt", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n");
  (void)host_->files().make_directories("/tmp", loop_.now(), 0777);
}

ParityCluster::~ParityCluster() { tasks_.cancel_all(); }

bool ParityCluster::run_until(const std::function<bool()>& condition, Duration limit) {
  const TimePoint deadline = loop_.now() + limit;
  while (!condition()) {
    if (loop_.now() >= deadline) return false;
    loop_.run_until(loop_.now() + milliseconds(1));
  }
  return true;
}

void ParityCluster::put_file(const std::string& path, const std::string& content) {
  (void)host_->files().make_directories(directory_name(path), loop_.now());
  REQUIRE(host_->files().write_file(path, content, loop_.now(), 0644));
}

std::string ParityCluster::read_file(const std::string& path) { return host_->files().read_file(path).value_or(""); }

CommandResult ParityCluster::run(std::vector<std::string> argv, const std::string& input) {
  CommandResult result;
  SpawnOptions options;
  options.argv = std::move(argv);
  options.environment = Environment{{"HOME", "/root"}, {"PATH", "/usr/bin:/bin"}, {"TERM", "xterm"}};
  options.cwd = "/root";
  options.files = {{0, make_string_source(input)},
                   {1, make_sink([&result](std::string_view bytes) { result.out += bytes; })},
                   {2, make_sink([&result](std::string_view bytes) { result.err += bytes; })}};
  SysResult<Pid> pid = host_->start(std::move(options));
  REQUIRE(pid);
  bool ended = false;
  host_->on_exit(*pid, [&](ExitStatus status) {
    ended = true;
    result.code = status.shell_code();
  });
  if (!run_until([&] { return ended; }, seconds(90))) {
    (void)host_->signal(*pid, kSigKill);
    run_for(seconds(1));
    result.err += "(still running after 90 s)\n";
  }
  return result;
}

Task<void> ParityCluster::make_distribution() {
  const std::string now = format_timestamp(loop_.now());
  for (const char* ns : {"default", "kube-system"}) {
    Value metadata = Value::object({{"name", "openshift-service-ca.crt"}, {"namespace", ns}});
    Object map(Value::object({{"apiVersion", "v1"},
                              {"kind", "ConfigMap"},
                              {"metadata", metadata},
                              {"data", Value::object({{"service-ca.crt", ""}})}}));
    (void)co_await client_->create(resources::kConfigMaps, map);
  }
  Value about = Value::object({{"kind", "Namespace"}, {"name", "openshift-kube-apiserver"}});
  Value metadata = Value::object({{"name", "openshift-kube-apiserver.1"}, {"namespace", "default"}});
  Object event(Value::object({{"apiVersion", "v1"},
                              {"kind", "Event"},
                              {"metadata", metadata},
                              {"involvedObject", about},
                              {"reason", "KubeAPIReadyz"},
                              {"message", "readyz=true"},
                              {"type", "Warning"},
                              {"count", 1},
                              {"firstTimestamp", now},
                              {"lastTimestamp", now}}));
  (void)co_await client_->create(resources::kEvents, event);
  const ResourceRef roles{"rbac.authorization.k8s.io", "v1", "clusterroles"};
  const ResourceRef bindings{"rbac.authorization.k8s.io", "v1", "clusterrolebindings"};
  const std::string name = "system:openshift:public-info-viewer";
  Value rule = Value::object({{"verbs", Value::array({"get"})}, {"nonResourceURLs", Value::array()}});
  for (const char* url : {"/.well-known", "/.well-known/*"}) rule.ref("nonResourceURLs").push_back(url);
  Value role_metadata = Value::object({{"name", name}});
  Object role(Value::object({{"apiVersion", "rbac.authorization.k8s.io/v1"},
                             {"kind", "ClusterRole"},
                             {"metadata", role_metadata},
                             {"rules", Value::array({rule})}}));
  (void)co_await client_->create(roles, role);
  Value reference = Value::object({{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "ClusterRole"}, {"name", name}});
  Value everybody =
      Value::object({{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "Group"}, {"name", "system:authenticated"}});
  Object binding(Value::object({{"apiVersion", "rbac.authorization.k8s.io/v1"},
                                {"kind", "ClusterRoleBinding"},
                                {"metadata", role_metadata},
                                {"roleRef", reference},
                                {"subjects", Value::array({everybody})}}));
  (void)co_await client_->create(bindings, binding);
}

Task<void> ParityCluster::make_node(std::string name, bool ready, std::string address) {
  const Value amounts =
      Value::object({{"cpu", "2"}, {"memory", "4Gi"}, {"pods", "110"}, {"ephemeral-storage", "10Gi"}});
  Value labels = Value::object({{"beta.kubernetes.io/arch", "amd64"},
                                {"beta.kubernetes.io/os", "linux"},
                                {"kubernetes.io/arch", "amd64"},
                                {"kubernetes.io/hostname", name},
                                {"kubernetes.io/os", "linux"}});
  Value metadata = Value::object({{"name", name}, {"labels", labels}});
  Object node(Value::object({{"apiVersion", "v1"}, {"kind", "Node"}, {"metadata", metadata}}));
  (void)co_await client_->create(resources::kNodes, node);
  while (true) {
    const std::string now = format_timestamp(loop_.now());
    const bool serves = ready && first_pod_ && loop_.now() >= *first_pod_ + kReadyAfterFirstPod;
    auto condition = [&](const char* type, const char* status, const char* reason, const char* message) {
      return Value::object({{"type", type},
                            {"status", status},
                            {"reason", reason},
                            {"message", message},
                            {"lastHeartbeatTime", now},
                            {"lastTransitionTime", now}});
    };
    Value conditions = Value::array(
        {condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
         condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
         condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
         serves ? condition("Ready", "True", "KubeletReady", "kubelet is posting ready status")
                : condition("Ready", "False", "KubeletNotReady", "container runtime network not ready")});
    Value info = Value::object({{"kubeletVersion", "v1.36.3"},
                                {"osImage", "Debian GNU/Linux 7 (wheezy)"},
                                {"kernelVersion", "3.16.0-0.bpo.4-amd64"},
                                {"containerRuntimeVersion", "fakeRuntime://0.1.0"},
                                {"operatingSystem", "linux"},
                                {"architecture", "amd64"},
                                {"machineID", ""},
                                {"systemUUID", ""},
                                {"bootID", ""},
                                {"kubeProxyVersion", ""}});
    Value addresses = Value::array({Value::object({{"type", "InternalIP"}, {"address", address}}),
                                    Value::object({{"type", "Hostname"}, {"address", name}})});
    Value status = Value::object({{"capacity", amounts},
                                  {"allocatable", amounts},
                                  {"conditions", conditions},
                                  {"nodeInfo", info},
                                  {"addresses", addresses}});
    const ObjectKey key{"", name};
    const Value patch = Value::object({{"status", status}});
    (void)co_await client_->patch(resources::kNodes, key, PatchType::kStrategicMerge, patch, "status");
    const ObjectKey lease_key{"kube-node-lease", name};
    Result<Object> lease = co_await client_->get(resources::kLeases, lease_key);
    const Value spec = Value::object(
        {{"holderIdentity", name}, {"leaseDurationSeconds", 40}, {"renewTime", format_micro_timestamp(loop_.now())}});
    if (lease) {
      Object next = *lease;
      next.mutable_doc().set("spec", spec);
      (void)co_await client_->update(resources::kLeases, next);
    } else {
      Value lease_metadata = Value::object({{"name", name}, {"namespace", "kube-node-lease"}});
      Object fresh(Value::object(
          {{"apiVersion", "coordination.k8s.io/v1"}, {"kind", "Lease"}, {"metadata", lease_metadata}, {"spec", spec}}));
      (void)co_await client_->create(resources::kLeases, fresh);
    }
    co_await loop_.sleep(ready && !serves ? seconds(1) : seconds(5));
  }
}

void ParityCluster::pod_changed(const Object& old, const Object& current) {
  if (!first_pod_) first_pod_ = loop_.now();
  if (!current || current.spec()["nodeName"].empty()) return;
  if (current.deleting()) {
    if (!old || !old.deleting()) tasks_.spawn(stop_pod(current));
  } else if (!old || old.spec()["nodeName"].empty() || !(old.spec()["containers"] == current.spec()["containers"])) {
    tasks_.spawn(start_pod(current));
  }
}

// The status as the recording's hollow kubelet writes it: containers by name, and a
// container whose image changed begins anew.
Task<void> ParityCluster::start_pod(Object pod) {
  co_await loop_.sleep(milliseconds(kPodStartMs));
  const std::string stamp = format_timestamp(loop_.now());
  Result<Object> latest = co_await client_->get(resources::kPods, pod.key());
  if (!latest || latest->deleting()) co_return;
  Value conditions = Value::array();
  for (const char* type : {"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"}) {
    conditions.push_back(Value::object({{"type", type},
                                        {"status", "True"},
                                        {"lastProbeTime", Value()},
                                        {"lastTransitionTime", stamp},
                                        {"observedGeneration", 1}}));
  }
  std::map<std::string, Value> by_name;
  for (const Value& container : latest->spec()["containers"].items()) {
    const std::string name = container["name"].str();
    Value before;
    for (const Value& status : latest->status()["containerStatuses"].items()) {
      if (status["name"].as_string() == name) before = status;
    }
    if (!before.is_null() && before["image"] == container["image"]) {
      by_name[name] = before;
      continue;
    }
    const std::int64_t restarts = before.is_null() ? 0 : before["restartCount"].as_int() + 1;
    const std::string id = "fakeRuntime://" + std::string(pod.name()) + "_" + std::string(pod.ns()) + "_" +
                           std::string(pod.uid()) + "_0_" + name + "_" + std::to_string(restarts);
    Value mounts = Value::array();
    for (const Value& mount : container["volumeMounts"].items()) {
      Value shown = mount;
      shown.set("recursiveReadOnly", "Disabled");
      mounts.push_back(std::move(shown));
    }
    Value last = Value::object();
    if (restarts > 0)
      last.set("terminated", Value::object({{"exitCode", 0}, {"finishedAt", stamp}, {"startedAt", stamp}}));
    by_name[name] = Value::object({{"name", name},
                                   {"image", container["image"]},
                                   {"imageID", container["image"]},
                                   {"containerID", id},
                                   {"ready", true},
                                   {"restartCount", restarts},
                                   {"lastState", last},
                                   {"resources", Value::object()},
                                   {"volumeMounts", mounts},
                                   {"state", Value::object({{"running", Value::object({{"startedAt", stamp}})}})}});
  }
  Value statuses = Value::array();
  for (auto& [name, status] : by_name) statuses.push_back(std::move(status));
  Value status = Value::object({{"phase", "Running"},
                                {"podIP", kPodAddress},
                                {"podIPs", Value::array({Value::object({{"ip", kPodAddress}})})},
                                {"hostIP", "10.99.0.2"},
                                {"hostIPs", Value::array({Value::object({{"ip", "10.99.0.2"}})})},
                                {"startTime", stamp},
                                {"conditions", conditions},
                                {"containerStatuses", statuses},
                                {"qosClass", latest->status()["qosClass"]},
                                {"resources", Value::object()},
                                {"observedGeneration", 1}});
  Object next = *latest;
  next.mutable_doc().set("status", status);
  next.mutable_doc().ref("metadata").erase("resourceVersion");
  (void)co_await client_->update_status(resources::kPods, next);
}

// Containers that never restart have then ended well.
Task<void> ParityCluster::stop_pod(Object pod) {
  co_await loop_.sleep(milliseconds(kPodStopMs));
  if (pod.spec()["restartPolicy"].as_string() != "Always") {
    const Value patch = Value::object({{"status", Value::object({{"phase", "Succeeded"}})}});
    (void)co_await client_->patch(resources::kPods, pod.key(), PatchType::kMerge, patch, "status");
  }
  DeleteOptions options;
  options.grace_period_seconds = 0;
  (void)co_await client_->remove(resources::kPods, pod.key(), options);
}

}  // namespace drydock::testing
