// kube-controller-manager, kube-scheduler, kube-proxy.
#include "core/base/strings.h"
#include "core/client/leader_election.h"
#include "core/controllers/controller_manager.h"
#include "core/host/host.h"
#include "core/machinery/yaml.h"
#include "core/pki/pki.h"
#include "core/programs/control_plane/component.h"
#include "core/programs/control_plane/control_plane.h"
#include "core/programs/control_plane/programs.h"
#include "core/programs/net/virtual_dataplane.h"
#include "core/programs/process_transport.h"
#include "core/proxy/proxy.h"
#include "core/scheduler/scheduler.h"

namespace drydock {
namespace {

// A component that works while it leads: until SIGTERM, or until the lead is lost.
Task<int> lead(Process& process, Client& client, std::string name, Task<void> work) {
  LeaderElectionOptions options;
  options.name = name;
  options.identity = process.hostname() + "_" + process.prng().uuid();
  LeaderElection election(process.loop(), process.prng().split("election"), client, std::move(options));
  TaskGroup group(process.loop());
  Event ended(process.loop());
  bool lost = false;
  group.spawn([](LeaderElection& seat, Task<void> job, bool& flag, Event& event) -> Task<void> {
    co_await seat.lead(std::move(job));
    flag = true;
    event.notify_all();
  }(election, std::move(work), lost, ended));
  while (!lost) {
    if (co_await process.wait_event(ended) == Process::WaitResult::kInterrupted) co_return 0;
  }
  co_await component_log(process, 'E', "leaderelection.go:340", "\"leaderelection lost\"");
  co_return 1;
}

// Reads --kubeconfig; prints why when it can't.
Task<std::optional<Kubeconfig>> component_kubeconfig(Process& process, std::string path) {
  auto text = process.read_file(path);
  auto config = text ? load_kubeconfig(*text, component_file_reader(process))
                     : Result<Kubeconfig>(Status::plain("stat " + path + ": no such file or directory"));
  if (config) co_return *std::move(config);
  co_await process.err("Error: invalid configuration: " + config.error().message + "\n");
  co_return std::nullopt;
}

}  // namespace

Task<int> kube_controller_manager_main(Process& process) {
  process.on_signal(kSigTerm, Process::Disposition::kCatch);
  process.set_memory(70 << 20);
  OkHandler health;
  auto listener = listen_health(process, 10257, health, true);
  auto config = co_await component_kubeconfig(process, component_flag(process, "kubeconfig"));
  if (!config || !listener) co_return 1;
  std::unique_ptr<Transport> transport = make_process_transport(process);
  Client client(*transport, config->endpoint, "kube-controller-manager");
  controllers::ControllerManagerOptions options;
  const std::string wanted = component_flag(process, "controllers");
  if (!wanted.empty()) options.controllers = split(wanted, ',');
  options.allocate_node_cidrs = component_flag(process, "allocate-node-cidrs") == "true";
  options.cluster_cidr = component_flag(process, "cluster-cidr");
  options.root_ca_pem = process.read_file(component_flag(process, "root-ca-file")).value_or("");
  options.read_csr = [](const std::string& pem) -> std::optional<controllers::CsrSubject> {
    auto parsed = pki::parse_request(pem);
    if (!parsed) return std::nullopt;
    return controllers::CsrSubject{parsed->common_name, parsed->organizations,
                                   !parsed->dns_names.empty() || !parsed->ip_addresses.empty()};
  };
  pki::SignedKey authority;
  authority.certificate_pem = process.read_file(component_flag(process, "cluster-signing-cert-file")).value_or("");
  authority.key_pem = process.read_file(component_flag(process, "cluster-signing-key-file")).value_or("");
  Prng prng = process.prng().split("signer");
  Process* self = &process;
  options.sign_csr = [authority, prng, self](const controllers::CsrSigningJob& job) mutable -> Result<std::string> {
    DRYDOCK_TRY(pki::RequestInfo parsed, pki::parse_request(job.request_pem));
    pki::CertificateSpec spec;
    spec.common_name = parsed.common_name;
    spec.organizations = parsed.organizations;
    spec.dns_names = parsed.dns_names;
    spec.ip_addresses = parsed.ip_addresses;
    spec.client_auth = true;
    spec.not_before = self->now();
    spec.lifetime =
        job.expiration_seconds > 0 ? Duration(seconds(job.expiration_seconds)) : Duration(std::chrono::hours(8760));
    return pki::sign_public_key(prng, spec, parsed.public_pem, authority);
  };
  controllers::ControllerManager manager(process.loop(), process.prng().split("controllers"), client,
                                         std::move(options));
  co_await component_log(process, 'I', "controllermanager.go:185",
                         "\"Starting\" version=\"" + process.program_version() + "\"");
  co_return co_await lead(process, client, "kube-controller-manager", manager.run());
}

Task<int> kube_scheduler_main(Process& process) {
  process.on_signal(kSigTerm, Process::Disposition::kCatch);
  process.set_memory(40 << 20);
  OkHandler health;
  auto listener = listen_health(process, 10259, health, true);
  auto config = co_await component_kubeconfig(process, component_flag(process, "kubeconfig"));
  if (!config || !listener) co_return 1;
  std::unique_ptr<Transport> transport = make_process_transport(process);
  Client client(*transport, config->endpoint, "kube-scheduler");
  scheduler::Scheduler scheduler(process.loop(), process.prng().split("scheduler"), client);
  co_await component_log(process, 'I', "server.go:176",
                         "\"Starting Kubernetes Scheduler\" version=\"" + process.program_version() + "\"");
  co_return co_await lead(process, client, "kube-scheduler", scheduler.run());
}

Task<int> kube_proxy_main(Process& process) {
  process.on_signal(kSigTerm, Process::Disposition::kCatch);
  process.set_memory(18 << 20);
  const std::string path = component_flag(process, "config");
  auto document = parse_yaml(process.read_file(path).value_or(""));
  if (!document || document->is_null()) {
    co_await process.err("E server.go:1: \"command failed\" err=\"failed complete: open " + path +
                         ": no such file or directory\"\n");
    co_return 1;
  }
  auto config = co_await component_kubeconfig(process, (*document)["clientConnection"]["kubeconfig"].str());
  if (!config) co_return 1;
  std::unique_ptr<Transport> transport = make_process_transport(process);
  Client client(*transport, config->endpoint, "kube-proxy");
  client.set_bearer_token(config->bearer_token);
  VirtualDataplane dataplane(process.namespaces().network);
  proxy::ProxyOptions options;
  options.node_name = component_flag(process, "hostname-override");
  options.cluster_cidr = (*document)["clusterCIDR"].str();
  proxy::Proxy proxy(process.loop(), client, dataplane, std::move(options));
  OkHandler health;
  auto listener = listen_health(process, 10256, health, false);
  co_await component_log(process, 'I', "server.go:484",
                         "\"Version info\" version=\"" + process.program_version() + "\"");
  TaskGroup work(process.loop());
  work.spawn(proxy.run());
  (void)co_await process.wait_signal();
  co_return 0;
}

void register_control_plane_programs(ProgramRegistry& programs) {
  programs.add("etcd", etcd_main);
  programs.add("kube-apiserver", kube_apiserver_main);
  programs.add("kube-controller-manager", kube_controller_manager_main);
  programs.add("kube-scheduler", kube_scheduler_main);
  programs.add("kube-proxy", kube_proxy_main);
}

}  // namespace drydock
