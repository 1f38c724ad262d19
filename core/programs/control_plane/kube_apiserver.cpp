// kube-apiserver: an ApiServer over the etcd of its machine.
#include <map>
#include <memory>

#include "core/apiserver/access/audit.h"
#include "core/apiserver/api_server.h"
#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/machinery/json.h"
#include "core/machinery/yaml.h"
#include "core/pki/pki.h"
#include "core/programs/certificate_verifier.h"
#include "core/programs/control_plane/component.h"
#include "core/programs/control_plane/local_etcd.h"
#include "core/programs/control_plane/programs.h"
#include "core/programs/control_plane/schema_texts.h"
#include "core/programs/process_transport.h"

namespace drydock {
namespace {

// The Store port over loopback: works while the machine's etcd runs.
class LocalStore final : public Store {
 public:
  explicit LocalStore(Host& host) : host_(host) {}
  Task<Result<RangeResult>> range(RangeRequest request) override {
    const auto store = current();
    if (!store) co_return gone();
    co_return co_await store->range(std::move(request));
  }
  Task<Result<TxnResult>> txn(TxnRequest request) override {
    const auto store = current();
    if (!store) co_return gone();
    co_return co_await store->txn(std::move(request));
  }
  Task<Result<std::unique_ptr<StoreWatch>>> watch(std::string key, std::string range_end, Revision start) override {
    const auto store = current();
    if (!store) co_return gone();
    co_return co_await store->watch(std::move(key), std::move(range_end), start);
  }
  Task<Result<void>> compact(Revision revision) override {
    const auto store = current();
    if (!store) co_return gone();
    co_return co_await store->compact(revision);
  }
  Task<Result<LeaseId>> grant_lease(std::int64_t ttl_seconds) override {
    const auto store = current();
    if (!store) co_return gone();
    co_return co_await store->grant_lease(ttl_seconds);
  }
  Task<Result<void>> keep_alive(LeaseId lease) override {
    const auto store = current();
    if (!store) co_return gone();
    co_return co_await store->keep_alive(lease);
  }
  Task<Result<void>> revoke_lease(LeaseId lease) override {
    const auto store = current();
    if (!store) co_return gone();
    co_return co_await store->revoke_lease(lease);
  }
  bool up() const { return current() != nullptr; }

 private:
  std::shared_ptr<MemoryStore> current() const {
    const auto* local = host_.attached<LocalEtcd>();
    return local != nullptr && local->running ? local->store : nullptr;
  }
  static Status gone() {
    Status status = Status::timeout("etcdserver: request timed out");
    status.code = 500;
    return status;
  }
  Host& host_;
};

CredentialReaders credential_readers(Process& process) {
  CredentialReaders readers;
  readers.certificate = [](std::string_view pem) -> std::optional<Identity> {
    const pki::CertificateInfo* info = CertificateVerifier::shared().inspect(pem);
    if (info == nullptr) return std::nullopt;
    return Identity{info->common_name, info->organizations, ""};
  };
  const std::string public_pem = process.read_file(component_flag(process, "service-account-key-file")).value_or("");
  // A signature holds or does not for ever, so each token is verified once; its claims
  // (expiry, the account's uid) are looked at with each request.
  auto verified = std::make_shared<std::map<std::string, Value, std::less<>>>();
  readers.token_claims = [public_pem, verified](std::string_view token) -> Value {
    constexpr std::size_t kMostRemembered = 4096;
    const auto known = verified->find(token);
    if (known != verified->end()) return known->second;
    auto claims = pki::verify_token(token, {public_pem});
    if (!claims) return Value();
    if (verified->size() >= kMostRemembered) verified->clear();
    verified->emplace(token, *claims);
    return *claims;
  };
  const std::string private_pem =
      process.read_file(component_flag(process, "service-account-signing-key-file")).value_or("");
  // Every pod gets a token and few read it: signing waits until somebody does.
  readers.sign_token = [private_pem](const Value& claims) {
    return Value::deferred(
        [private_pem, claims] { return pki::sign_token(private_pem, claims, "drydock").value_or(""); });
  };
  readers.request_organizations = [](std::string_view pem) {
    const auto request = pki::parse_request(std::string(pem));
    return request ? request->organizations : std::vector<std::string>();
  };
  return readers;
}

// --audit-policy-file and --audit-log-path; what is wrong with the policy, if anything.
std::string set_audit(Process& process, ApiServerOptions& options) {
  const std::string path = component_flag(process, "audit-policy-file");
  const std::string log = component_flag(process, "audit-log-path");
  if (path.empty() || log.empty()) return "";
  const auto text = process.read_file(path);
  if (!text) return "failed to read file path " + go_quote(path) + ": open " + path + ": no such file or directory";
  const auto policy = parse_yaml(*text);
  const std::string problem = policy ? audit_policy_problem(*policy) : policy.error().message;
  if (!problem.empty()) return "loading audit policy file: failed decoding: " + problem;
  options.audit_policy = *policy;
  options.audit = [&process, log](const Value& event) {
    if (log != "-") (void)process.append_file(log, dump_json(event) + "\n", 0600);
  };
  return "";
}

}  // namespace

Task<int> kube_apiserver_main(Process& process) {
  process.on_signal(kSigTerm, Process::Disposition::kCatch);
  process.set_memory(220 << 20);
  LocalStore store(process.host());
  const TimePoint begun = process.now();
  while (!store.up()) {
    if (process.now() - begun > seconds(20)) {
      co_await component_log(process, 'F', "instance.go:226",
                             "Error creating leases: error creating storage factory: context deadline exceeded");
      co_return 1;
    }
    co_await component_log(
        process, 'W', "logging.go:55",
        "[core] grpc: addrConn.createTransport failed to connect to {Addr: \"127.0.0.1:2379\"}. Err: connection error: "
        "desc = \"transport: Error while dialing: dial tcp 127.0.0.1:2379: connect: connection refused\"");
    if (!co_await process.sleep(seconds(1))) co_return 0;
  }
  ApiServerOptions options;
  options.version = process.program_version().empty() ? "v1.36.3" : process.program_version();
  options.advertise_address = component_flag(process, "advertise-address");
  options.port = static_cast<std::uint16_t>(parse_int(component_flag(process, "secure-port")).value_or(6443));
  if (!component_flag(process, "service-cluster-ip-range").empty())
    options.service_cidr = component_flag(process, "service-cluster-ip-range");
  if (!component_flag(process, "service-account-issuer").empty())
    options.service_account_issuer = component_flag(process, "service-account-issuer");
  options.rbac = contains(component_flag(process, "authorization-mode"), "RBAC");
  options.kubelet_client.insecure_skip_verify = true;
  options.kubelet_client.client_certificate_pem =
      process.read_file(component_flag(process, "kubelet-client-certificate")).value_or("");
  options.kubelet_client.client_key_pem = process.read_file(component_flag(process, "kubelet-client-key")).value_or("");
  options.credentials = credential_readers(process);
  options.client_ca_pem = process.read_file(component_flag(process, "client-ca-file")).value_or("");
  options.front_proxy_ca_pem = process.read_file(component_flag(process, "requestheader-client-ca-file")).value_or("");
  options.aggregator_certificate_pem =
      process.read_file(component_flag(process, "proxy-client-cert-file")).value_or("");
  options.aggregator_key_pem = process.read_file(component_flag(process, "proxy-client-key-file")).value_or("");
  if (const std::string problem = set_audit(process, options); !problem.empty()) {
    co_await process.err("Error: " + problem + "\n");
    co_return 1;
  }
  options.texts = schema_texts();
  HttpListenerOptions secure;
  secure.owner = {process.host_pid(), "kube-apiserver"};
  secure.certificate_pem = process.read_file(component_flag(process, "tls-cert-file")).value_or("");
  secure.client_ca_pem = process.read_file(component_flag(process, "client-ca-file")).value_or("");
  secure.verifier = &CertificateVerifier::shared();
  if (secure.certificate_pem.empty()) {
    co_await process.err("Error: open " + component_flag(process, "tls-cert-file") + ": no such file or directory\n");
    co_return 1;
  }
  const std::uint16_t port = options.port;
  std::unique_ptr<Transport> to_kubelets = make_process_transport(process);
  ApiServer server(process.loop(), process.prng().split("apiserver"), store, *to_kubelets, std::move(options));
  auto listener = HttpListener::open(process.namespaces().network, port, server, secure);
  if (!listener) {
    co_await process.err("Error: failed to create listener: failed to listen on 0.0.0.0:" + std::to_string(port) +
                         ": listen tcp 0.0.0.0:" + std::to_string(port) + ": bind: address already in use\n");
    co_return 1;
  }
  (void)co_await process.sleep(milliseconds(process.prng().between(300, 700)));
  co_await component_log(process, 'I', "secure_serving.go:211", "Serving securely on [::]:" + std::to_string(port));
  TaskGroup work(process.loop());
  Event ended(process.loop());
  bool lost = false;
  work.spawn([](ApiServer& api, bool& flag, Event& event) -> Task<void> {
    (void)co_await api.run();
    flag = true;
    event.notify_all();
  }(server, lost, ended));
  while (!lost) {
    if (co_await process.wait_event(ended) == Process::WaitResult::kInterrupted) co_return 0;
  }
  co_await component_log(process, 'F', "controller.go:145", "etcd client connection lost");
  co_return 1;
}

}  // namespace drydock
