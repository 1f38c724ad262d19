// The phases of kubeadm init that need no API server: checks, certificates,
// kubeconfigs, manifests, the kubelet.
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/process.h"
#include "core/host/services.h"
#include "core/machinery/yaml.h"
#include "core/network/network.h"
#include "core/programs/image_puller.h"
#include "core/programs/kubeadm/assets.h"
#include "core/programs/kubeadm/phases.h"
#include "core/programs/process_transport.h"

namespace drydock::kubeadm {
namespace {

constexpr auto kCertificateLifetime = std::chrono::hours(8760);
constexpr auto kAuthorityLifetime = std::chrono::hours(87600);
const std::string kManifests = "/etc/kubernetes/manifests";

void check_file_absent(Process& process, const std::string& path, std::vector<PreflightError>& errors) {
  if (process.exists(path)) {
    errors.push_back({"FileAvailable-" + replace_all(path, "/", "-"), path + " already exists"});
  }
}

void check_port(Process& process, int port, std::vector<PreflightError>& errors) {
  if (process.network().is_listening(static_cast<std::uint16_t>(port))) {
    errors.push_back({"Port-" + std::to_string(port), "Port " + std::to_string(port) + " is in use"});
  }
}

}  // namespace

Session::Session(Process& process) : process_(process), transport_(make_process_transport(process)) {}
Session::~Session() = default;

Task<void> Session::say(std::string line) { co_await process_.out(line + "\n"); }

std::vector<PreflightError> init_preflight(Process& process, const InitConfiguration& configuration) {
  std::vector<PreflightError> errors;
  const HostOptions& machine = process.host().options();
  if (machine.cpus < 2) {
    errors.push_back(
        {"NumCPU", "the number of available CPUs " + std::to_string(machine.cpus) + " is less than the required 2"});
  }
  if (machine.memory_bytes < 1700LL << 20) {
    errors.push_back({"Mem", "the system RAM (" + std::to_string(machine.memory_bytes >> 20) +
                                 " MB) is less than the minimum 1700 MB"});
  }
  if (process.credentials().uid != 0) errors.push_back({"IsPrivilegedUser", "user is not running as root"});
  check_port(process, configuration.bind_port, errors);
  check_port(process, 10259, errors);
  check_port(process, 10257, errors);
  for (const char* name : {"kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"}) {
    check_file_absent(process, kManifests + "/" + name + ".yaml", errors);
  }
  check_port(process, 10250, errors);
  check_port(process, 2379, errors);
  check_port(process, 2380, errors);
  const auto data = process.list_directory("/var/lib/etcd");
  if (data && !data->empty()) errors.push_back({"DirAvailable--var-lib-etcd", "/var/lib/etcd is not empty"});
  return errors;
}

std::vector<PreflightError> join_preflight(Process& process, const JoinConfiguration&) {
  std::vector<PreflightError> errors;
  if (process.credentials().uid != 0) errors.push_back({"IsPrivilegedUser", "user is not running as root"});
  const auto manifests = process.list_directory(kManifests);
  if (manifests && !manifests->empty())
    errors.push_back({"DirAvailable--etc-kubernetes-manifests", kManifests + " is not empty"});
  check_file_absent(process, "/etc/kubernetes/kubelet.conf", errors);
  check_file_absent(process, "/etc/kubernetes/bootstrap-kubelet.conf", errors);
  check_port(process, 10250, errors);
  check_file_absent(process, "/etc/kubernetes/pki/ca.crt", errors);
  return errors;
}

Task<Result<void>> Session::run_preflight(std::vector<PreflightError> errors, const std::vector<std::string>& ignored) {
  const bool ignore_all = std::count(ignored.begin(), ignored.end(), "all") > 0;
  std::vector<PreflightError> fatal;
  for (const PreflightError& error : errors) {
    const bool skip = ignore_all || std::any_of(ignored.begin(), ignored.end(), [&](const std::string& name) {
                        return to_lower(name) == to_lower(error.check);
                      });
    if (skip) {
      co_await process_.err("\t[WARNING " + error.check + "]: " + error.text + "\n");
    } else {
      fatal.push_back(error);
    }
  }
  if (fatal.empty()) co_return Result<void>();
  co_return Status::plain(preflight_failure(fatal));
}

Task<Result<void>> Session::pull_images(const std::vector<std::string>& images) {
  for (const std::string& image : images) {
    Result<void> pulled = co_await pull_image(process_, image);
    if (!pulled) {
      std::vector<PreflightError> errors;
      errors.push_back({"ImagePull", "failed to pull image " + image + ": " + pulled.error().message});
      co_return Status::plain(preflight_failure(errors));
    }
  }
  co_return Result<void>();
}

Result<void> Session::write(const std::string& path, std::string content, std::uint32_t mode) {
  const SysResult<void> made = process_.make_directories(directory_name(path));
  const SysResult<void> written = made ? process_.write_file(path, std::move(content), mode) : made;
  if (written) return {};
  return Status::plain("open " + path + ": " + to_lower(errno_text(written.error())));
}

Result<std::string> Session::read(const std::string& path) {
  auto text = process_.read_file(path);
  if (!text) return Status::plain("open " + path + ": " + to_lower(errno_text(text.error())));
  return *std::move(text);
}

// --- certificates ---

namespace {

struct LeafSpec {
  const char* base;  // path below the certificates directory
  const char* authority;
  pki::CertificateSpec spec;
};

Result<pki::SignedKey> load_or_make(Session& session, const std::string& path, const pki::CertificateSpec& spec,
                                    const pki::SignedKey* issuer, bool& made) {
  made = false;
  if (session.process().exists(path + ".crt") && session.process().exists(path + ".key")) {
    pki::SignedKey existing;
    DRYDOCK_TRY(existing.certificate_pem, session.read(path + ".crt"));
    DRYDOCK_TRY(existing.key_pem, session.read(path + ".key"));
    DRYDOCK_TRY_VOID(
        pki::inspect(existing.certificate_pem).ok()
            ? Result<void>()
            : Result<void>(Status::plain("failure loading " + std::string(base_name(path)) +
                                         " certificate: couldn't load the certificate file " + path +
                                         ".crt: data does not contain any valid RSA or ECDSA certificates")));
    return existing;
  }
  made = true;
  DRYDOCK_TRY(pki::SignedKey fresh, pki::issue(session.process().prng(), spec, issuer));
  DRYDOCK_TRY_VOID(session.write(path + ".key", fresh.key_pem, 0600));
  DRYDOCK_TRY_VOID(session.write(path + ".crt", fresh.certificate_pem, 0644));
  return fresh;
}

std::string list_text(const std::vector<std::string>& names) { return "[" + join(names, " ") + "]"; }

}  // namespace

Task<Result<void>> phase_certs(Session& session, const InitConfiguration& configuration) {
  Process& process = session.process();
  const std::string directory = configuration.certificates_dir;
  const TimePoint not_before = process.now();
  co_await session.say("[certs] Using certificateDir folder \"" + directory + "\"");

  auto authority_spec = [&](const char* common_name) {
    pki::CertificateSpec spec;
    spec.common_name = common_name;
    spec.dns_names = {common_name};
    spec.is_ca = true;
    spec.not_before = not_before;
    spec.lifetime = kAuthorityLifetime;
    return spec;
  };
  auto leaf_spec = [&](const char* common_name, bool server, bool client) {
    pki::CertificateSpec spec;
    spec.common_name = common_name;
    spec.server_auth = server;
    spec.client_auth = client;
    spec.not_before = not_before;
    spec.lifetime = kCertificateLifetime;
    return spec;
  };
  // The phase's fixed order: an authority, then what it signs.
  struct Step {
    const char* name;
    const char* authority;  // "" for an authority itself
    pki::CertificateSpec spec;
  };
  std::vector<Step> steps;
  steps.push_back({"ca", "", authority_spec("kubernetes")});
  pki::CertificateSpec api_server = leaf_spec("kube-apiserver", true, false);
  api_server.dns_names = {"kubernetes", "kubernetes.default", "kubernetes.default.svc",
                          "kubernetes.default.svc." + configuration.dns_domain, configuration.node_name};
  api_server.ip_addresses = {configuration.api_service_address(), configuration.advertise_address};
  std::vector<std::string> extra = configuration.extra_sans;
  if (!configuration.control_plane_endpoint.empty()) extra.push_back(configuration.endpoint_host());
  for (const std::string& name : extra) {
    const bool address = !name.empty() && name.find_first_not_of("0123456789.") == std::string::npos;
    std::vector<std::string>& list = address ? api_server.ip_addresses : api_server.dns_names;
    if (std::count(list.begin(), list.end(), name) == 0) list.push_back(name);
  }
  steps.push_back({"apiserver", "ca", api_server});
  pki::CertificateSpec kubelet_client = leaf_spec("kube-apiserver-kubelet-client", false, true);
  kubelet_client.organizations = {configuration.minor() >= 29 ? "kubeadm:cluster-admins" : "system:masters"};
  steps.push_back({"apiserver-kubelet-client", "ca", kubelet_client});
  steps.push_back({"front-proxy-ca", "", authority_spec("front-proxy-ca")});
  steps.push_back({"front-proxy-client", "front-proxy-ca", leaf_spec("front-proxy-client", false, true)});
  steps.push_back({"etcd/ca", "", authority_spec("etcd-ca")});
  for (const char* name : {"etcd/server", "etcd/peer"}) {
    pki::CertificateSpec spec = leaf_spec(configuration.node_name.c_str(), true, true);
    spec.dns_names = {"localhost", configuration.node_name};
    spec.ip_addresses = {configuration.advertise_address, "127.0.0.1", "::1"};
    steps.push_back({name, "etcd/ca", spec});
  }
  steps.push_back({"etcd/healthcheck-client", "etcd/ca", leaf_spec("kube-etcd-healthcheck-client", false, true)});
  steps.push_back({"apiserver-etcd-client", "etcd/ca", leaf_spec("kube-apiserver-etcd-client", false, true)});

  std::map<std::string, pki::SignedKey> authorities;
  for (const Step& step : steps) {
    const std::string name = step.name;
    const std::string path = directory + "/" + name;
    const auto issuer = authorities.find(step.authority);
    bool made = false;
    Result<pki::SignedKey> key =
        load_or_make(session, path, step.spec, issuer == authorities.end() ? nullptr : &issuer->second, made);
    if (!key) co_return key.error();
    if (step.spec.is_ca) authorities.emplace(name, *key);
    if (!made) {
      co_await session.say("[certs] Using existing " + name +
                           (step.spec.is_ca ? " certificate authority" : " certificate and key on disk"));
      continue;
    }
    co_await session.say("[certs] Generating \"" + name + "\" certificate and key");
    if (step.spec.server_auth) {
      co_await session.say("[certs] " + name + " serving cert is signed for DNS names " +
                           list_text(step.spec.dns_names) + " and IPs " + list_text(step.spec.ip_addresses));
    }
    (void)co_await process.sleep(milliseconds(process.prng().between(60, 220)));
  }
  if (process.exists(directory + "/sa.key")) {
    co_await session.say("[certs] Using the existing \"sa\" key");
    co_return Result<void>();
  }
  co_await session.say("[certs] Generating \"sa\" key and public key");
  const pki::KeyPair service_accounts = pki::generate_key(process.prng());
  DRYDOCK_CO_TRY_VOID(session.write(directory + "/sa.key", service_accounts.private_pem, 0600));
  DRYDOCK_CO_TRY_VOID(session.write(directory + "/sa.pub", service_accounts.public_pem, 0600));
  co_return Result<void>();
}

// --- kubeconfigs ---

Task<Result<void>> phase_kubeconfig(Session& session, const InitConfiguration& configuration) {
  Process& process = session.process();
  co_await session.say("[kubeconfig] Using kubeconfig folder \"/etc/kubernetes\"");
  pki::SignedKey authority;
  DRYDOCK_CO_TRY(authority.certificate_pem, session.read(configuration.certificates_dir + "/ca.crt"));
  DRYDOCK_CO_TRY(authority.key_pem, session.read(configuration.certificates_dir + "/ca.key"));
  const bool split_admin = configuration.minor() >= 29;
  struct File {
    const char* name;
    std::string user;
    std::string common_name;
    std::string organization;
    bool local;  // talks to its own API server even behind a load balancer
  };
  std::vector<File> files;
  files.push_back({"admin.conf", "kubernetes-admin", "kubernetes-admin",
                   split_admin ? "kubeadm:cluster-admins" : "system:masters", false});
  if (split_admin)
    files.push_back({"super-admin.conf", "kubernetes-super-admin", "kubernetes-super-admin", "system:masters", false});
  const std::string node = "system:node:" + configuration.node_name;
  files.push_back({"kubelet.conf", node, node, "system:nodes", false});
  files.push_back(
      {"controller-manager.conf", "system:kube-controller-manager", "system:kube-controller-manager", "", true});
  files.push_back({"scheduler.conf", "system:kube-scheduler", "system:kube-scheduler", "", true});
  for (const File& file : files) {
    const std::string path = std::string("/etc/kubernetes/") + file.name;
    if (process.exists(path)) {
      co_await session.say("[kubeconfig] Using existing kubeconfig file: \"" + path + "\"");
      continue;
    }
    pki::CertificateSpec spec;
    spec.common_name = file.common_name;
    if (!file.organization.empty()) spec.organizations = {file.organization};
    spec.client_auth = true;
    spec.not_before = process.now();
    spec.lifetime = kCertificateLifetime;
    DRYDOCK_CO_TRY(pki::SignedKey signed_key, pki::issue(process.prng(), spec, &authority));
    KubeconfigIdentity identity;
    identity.user = file.user;
    identity.client_certificate_pem = signed_key.certificate_pem;
    identity.client_key_pem = signed_key.key_pem;
    const std::string server =
        "https://" + (file.local ? configuration.advertise_address + ":" + std::to_string(configuration.bind_port)
                                 : configuration.endpoint());
    DRYDOCK_CO_TRY_VOID(session.write(path, dump_yaml(kubeconfig(server, authority.certificate_pem, identity)), 0600));
    co_await session.say(std::string("[kubeconfig] Writing \"") + file.name + "\" kubeconfig file");
    (void)co_await process.sleep(milliseconds(process.prng().between(60, 200)));
  }
  co_return Result<void>();
}

// --- static pods and the kubelet ---

Task<Result<void>> phase_manifests(Session& session, const InitConfiguration& configuration) {
  co_await session.say("[etcd] Creating static Pod manifest for local etcd in \"" + kManifests + "\"");
  DRYDOCK_CO_TRY_VOID(session.write(kManifests + "/etcd.yaml", dump_yaml(etcd_manifest(configuration))));
  co_await session.say("[control-plane] Using manifest folder \"" + kManifests + "\"");
  const std::pair<const char*, Value> pods[] = {
      {"kube-apiserver", api_server_manifest(configuration)},
      {"kube-controller-manager", controller_manager_manifest(configuration)},
      {"kube-scheduler", scheduler_manifest(configuration)},
  };
  for (const auto& [name, manifest] : pods) {
    co_await session.say(std::string("[control-plane] Creating static Pod manifest for \"") + name + "\"");
    DRYDOCK_CO_TRY_VOID(session.write(kManifests + "/" + name + ".yaml", dump_yaml(manifest)));
  }
  co_return Result<void>();
}

Task<Result<void>> Session::start_kubelet(const Value& configuration, const std::string& flags) {
  co_await say(
      "[kubelet-start] Writing kubelet environment file with flags to file \"/var/lib/kubelet/kubeadm-flags.env\"");
  DRYDOCK_CO_TRY_VOID(write("/var/lib/kubelet/kubeadm-flags.env", "KUBELET_KUBEADM_ARGS=\"" + flags + "\"\n", 0644));
  co_await say("[kubelet-start] Writing kubelet configuration to file \"/var/lib/kubelet/config.yaml\"");
  DRYDOCK_CO_TRY_VOID(write("/var/lib/kubelet/config.yaml", dump_yaml(configuration), 0644));
  co_await say("[kubelet-start] Starting the kubelet");
  if (!process_.host().services().restart("kubelet")) {
    co_return Status::plain(
        "error execution phase kubelet-start: could not start the kubelet service: unit kubelet.service not found");
  }
  co_return Result<void>();
}

}  // namespace drydock::kubeadm
