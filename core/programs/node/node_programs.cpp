#include "core/programs/node/node_programs.h"

#include <ctime>
#include <functional>

#include "core/base/strings.h"
#include "core/client/kubeconfig.h"
#include "core/host/host.h"
#include "core/kubelet/kubelet.h"
#include "core/machinery/timestamp.h"
#include "core/machinery/yaml.h"
#include "core/network/http_server.h"
#include "core/pki/pki.h"
#include "core/programs/certificate_verifier.h"
#include "core/programs/cni/cni.h"
#include "core/programs/image_puller.h"
#include "core/programs/node/container_commands.h"
#include "core/programs/node/host_node.h"
#include "core/programs/process_transport.h"
#include "core/runtime/virtual_runtime.h"

namespace drydock {
namespace {

constexpr const char* kClientCertificate = "/var/lib/kubelet/pki/kubelet-client-current.pem";
constexpr Duration kBootstrapInterval = milliseconds(500);

std::string flag(const Process& process, std::string_view name) {
  const std::string prefix = "--" + std::string(name) + "=";
  for (const std::string& word : process.argv()) {
    if (word.starts_with(prefix)) return word.substr(prefix.size());
  }
  return {};
}

// klog's line: "E0101 00:00:12.000000    1234 kubelet.go:1] …".
std::string klog(Process& process, char level, const std::string& where, const std::string& text) {
  const std::tm parts = utc_parts(process.now());
  return format("%c%02d%02d %02d:%02d:%02d.000000 %7d %s] %s\n", level, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                parts.tm_min, parts.tm_sec, process.pid(), where.c_str(), text.c_str());
}

ReadFile reader_of(Process& process) {
  return [&process](const std::string& path) -> Result<std::string> {
    auto text = process.read_file(path);
    if (!text)
      return Status::plain("unable to read " + path + " due to open " + path + ": " +
                           to_lower(errno_text(text.error())));
    return *std::move(text);
  };
}

// Asks for a client certificate with the bootstrap token and writes kubelet.conf.
// https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/
Task<Result<void>> bootstrap(Process& process, Transport& transport, const std::string& bootstrap_path,
                             const std::string& kubeconfig_path) {
  auto text = process.read_file(bootstrap_path);
  if (!text)
    co_return Status::plain("unable to load bootstrap kubeconfig: stat " + bootstrap_path +
                            ": no such file or directory");
  DRYDOCK_CO_TRY(Kubeconfig config, load_kubeconfig(*text, reader_of(process)));
  Client client(transport, config.endpoint, "kubelet");
  client.set_bearer_token(config.bearer_token);
  const std::string node = to_lower(process.hostname());
  const pki::KeyPair key = pki::generate_key(process.prng());
  pki::CertificateSpec spec;
  spec.common_name = "system:node:" + node;
  spec.organizations = {"system:nodes"};
  DRYDOCK_CO_TRY(std::string request_pem, pki::make_request(key.private_pem, spec));
  Value request =
      Value::object({{"apiVersion", "certificates.k8s.io/v1"},
                     {"kind", "CertificateSigningRequest"},
                     {"metadata", Value::object({{"generateName", "csr-"}})},
                     {"spec", Value::object({{"request", base64_encode(request_pem)},
                                             {"signerName", "kubernetes.io/kube-apiserver-client-kubelet"},
                                             {"usages", Value::array({"digital signature", "client auth"})}})}});
  Result<Object> created = Status::plain("");
  for (;;) {
    created = co_await client.create(resources::kCertificateSigningRequests, Object(request));
    if (created) break;
    if (created.error().code == 401) co_return created.error();
    (void)co_await process.sleep(kBootstrapInterval);
  }
  const ObjectKey request_key = created->key();
  for (;;) {
    const Result<Object> current = co_await client.get(resources::kCertificateSigningRequests, request_key);
    if (current && !current->status()["certificate"].empty()) {
      const std::string certificate = base64_decode(current->status()["certificate"].as_string()).value_or("");
      (void)process.make_directories("/var/lib/kubelet/pki");
      (void)process.write_file(kClientCertificate, certificate + key.private_pem, 0600);
      Value user = Value::object({{"client-certificate", kClientCertificate}, {"client-key", kClientCertificate}});
      auto document = parse_yaml(*text);
      if (!document) co_return document.error();
      document->set("users", Value::array({Value::object({{"name", "default-auth"}, {"user", user}})}));
      document->set(
          "contexts",
          Value::array({Value::object({{"name", "default-context"},
                                       {"context", Value::object({{"cluster", (*document)["clusters"][0]["name"]},
                                                                  {"user", "default-auth"},
                                                                  {"namespace", "default"}})}})}));
      document->set("current-context", "default-context");
      (void)process.write_file(kubeconfig_path, dump_yaml(*document), 0600);
      co_return Result<void>();
    }
    (void)co_await process.sleep(kBootstrapInterval);
  }
}

class HealthHandler final : public HttpHandler {
 public:
  Task<HttpResponse> handle(HttpRequest request) override {
    HttpResponse response;
    response.status = request.path == "/healthz" ? 200 : 404;
    response.body.bytes = response.status == 200 ? "ok" : "404 page not found\n";
    co_return response;
  }
};

Task<int> kubelet_main(Process& process) {
  process.on_signal(kSigTerm, Process::Disposition::kCatch);
  process.set_memory(38 << 20);
  const std::string config_path =
      flag(process, "config").empty() ? "/var/lib/kubelet/config.yaml" : flag(process, "config");
  auto config_text = process.read_file(config_path);
  if (!config_text) {
    co_await process.err(klog(process, 'E', "run.go:72",
                              "\"command failed\" err=\"failed to load kubelet config file, path: " + config_path +
                                  ", error: failed to load Kubelet config file " + config_path +
                                  ", error failed to read kubelet config file \\\"" + config_path +
                                  "\\\", error: open " + config_path + ": no such file or directory\""));
    co_return 1;
  }
  auto config = parse_yaml(*config_text);
  if (!config) {
    co_await process.err(klog(process, 'E', "run.go:72",
                              "\"command failed\" err=\"failed to load kubelet config file, path: " + config_path +
                                  ", error: " + config.error().message + "\""));
    co_return 1;
  }
  auto* runtime = process.host().attached<VirtualRuntime>();
  if (runtime == nullptr) {
    co_await process.err(klog(process, 'E', "run.go:72",
                              "\"command failed\" err=\"failed to run Kubelet: validate service connection: container "
                              "runtime is not running\""));
    co_return 1;
  }
  co_await process.err(
      klog(process, 'I', "server.go:530", "\"Kubelet version\" kubeletVersion=\"" + process.program_version() + "\""));
  KubeletOptions options;
  options.node_name = to_lower(process.hostname());
  options.version = process.program_version();
  if (!(*config)["staticPodPath"].empty()) options.static_pod_path = (*config)["staticPodPath"].str();
  for (const Value& address : (*config)["clusterDNS"].items()) options.cluster_dns.push_back(address.str());
  if (!(*config)["clusterDomain"].empty()) options.cluster_domain = (*config)["clusterDomain"].str();
  HostNode node(process);
  std::unique_ptr<Transport> transport = make_process_transport(process);
  std::unique_ptr<Client> client;
  Kubelet kubelet(process.loop(), process.prng().split("kubelet"), *runtime, node, std::move(options));

  HealthHandler health;
  HttpListenerOptions local;
  local.address = kLoopbackAddress;
  local.owner = {process.host_pid(), "kubelet"};
  auto health_listener = HttpListener::open(process.namespaces().network, 10248, health, local);
  pki::CertificateSpec own;
  own.common_name = process.hostname() + "@" +
                    std::to_string(std::chrono::duration_cast<seconds>(process.now().time_since_epoch()).count());
  own.dns_names = {process.hostname()};
  own.ip_addresses = {process.host().address()};
  own.server_auth = true;
  own.not_before = process.now();
  own.lifetime = std::chrono::hours(8760);
  auto certificate = pki::issue(process.prng(), own, nullptr);
  HttpListenerOptions secure;
  secure.owner = {process.host_pid(), "kubelet"};
  if (certificate) secure.certificate_pem = certificate->certificate_pem;
  secure.client_ca_pem =
      process.read_file((*config)["authentication"]["x509"]["clientCAFile"].as_string()).value_or("");
  secure.client_certificate_required = true;
  secure.verifier = &CertificateVerifier::shared();
  auto api_listener = HttpListener::open(process.namespaces().network, 10250, kubelet, secure);
  if (!health_listener || !api_listener) {
    co_await process.err(
        klog(process, 'E', "server.go:200",
             "\"Failed to listen and serve\" err=\"listen tcp 0.0.0.0:10250: bind: address already in use\""));
    co_return 1;
  }
  const std::string kubeconfig_path = flag(process, "kubeconfig");
  const std::string bootstrap_path = flag(process, "bootstrap-kubeconfig");
  if (!kubeconfig_path.empty()) {
    if (!process.exists(kubeconfig_path)) {
      Result<void> joined = co_await bootstrap(process, *transport, bootstrap_path, kubeconfig_path);
      if (!joined) {
        co_await process.err(klog(process, 'E', "run.go:72",
                                  "\"command failed\" err=\"failed to run Kubelet: " + joined.error().message + "\""));
        co_return 1;
      }
    }
    auto text = process.read_file(kubeconfig_path);
    auto kubeconfig = load_kubeconfig(text.value_or(""), reader_of(process));
    if (!kubeconfig) {
      co_await process.err(klog(
          process, 'E', "run.go:72",
          "\"command failed\" err=\"failed to run Kubelet: invalid kubeconfig: " + kubeconfig.error().message + "\""));
      co_return 1;
    }
    client = std::make_unique<Client>(*transport, kubeconfig->endpoint, "kubelet/" + process.program_version());
    kubelet.connect(*client);
  }
  process.tasks().spawn(kubelet.run());
  const int signal = co_await process.wait_signal();
  process.tasks().cancel_all();
  co_await process.err(klog(process, 'I', "server.go:900", "\"Shutting down\" signal=" + std::to_string(signal)));
  co_return 0;
}

Task<int> containerd_main(Process& process) {
  process.on_signal(kSigTerm, Process::Disposition::kCatch);
  process.set_memory(46 << 20);
  co_await process.err("time=\"" + format_timestamp(process.now()) +
                       "\" level=info msg=\"containerd successfully booted in 0.042s\"\n");
  (void)co_await process.wait_signal();
  co_return 0;
}

}  // namespace

Task<Result<void>> pull_image(Process& process, std::string image) {
  auto* runtime = process.host().attached<VirtualRuntime>();
  if (runtime == nullptr) co_return Status::plain("container runtime is not running");
  if (runtime->image(image)) co_return Result<void>();
  const Result<ImageStatus> pulled = co_await runtime->pull_image(std::move(image));
  if (!pulled) co_return pulled.error();
  co_return Result<void>();
}

void register_node_programs(ProgramRegistry& programs) {
  programs.add("kubelet", kubelet_main);
  programs.add("containerd", containerd_main);
  programs.add("crictl", crictl_main);
  programs.add("ctr", ctr_main);
}

void install_container_runtime(Host& host, ImageRegistry& registry) {
  PodNetworking networking;
  networking.not_ready = [&host] { return cni_not_ready_reason(host); };
  networking.add = [&host](const std::shared_ptr<NetNamespace>& stack, const SandboxConfig& config,
                           const std::string& id) -> Result<std::string> {
    CniPod pod;
    pod.ns = config.pod.ns;
    pod.name = config.pod.name;
    pod.uid = config.pod.uid;
    pod.sandbox_id = id;
    for (const SandboxConfig::PortMapping& port : config.ports)
      pod.ports.push_back({port.host_port, port.container_port, port.protocol, ""});
    DRYDOCK_TRY(CniResult result, cni_add(host, stack, pod));
    return result.address.address.text();
  };
  networking.remove = [&host](const std::string& id) { cni_delete(host, id); };
  host.attach(std::make_shared<VirtualRuntime>(host, registry, std::move(networking)));
}

}  // namespace drydock
