#include "server/cluster/cluster.h"

#include <unistd.h>
#include <cstdio>

#include "core/base/strings.h"
#include "core/network/net_namespace.h"
#include "core/network/network.h"
#include "core/network/network_transport.h"
#include "core/programs/certificate_verifier.h"
#include "core/programs/control_plane/schema_texts.h"
#include "server/cluster/node_pool.h"
#include "server/cluster/static_tokens.h"

namespace drydock::server {
namespace {

// Where the components of this process find the API server; any name does.
constexpr const char* kInside = "127.0.0.1";
constexpr std::uint16_t kPort = 6443;
constexpr std::size_t kRememberedTokens = 10000;

// Kubelets are named by their address.
Task<Result<std::vector<Ipv4>>> literal_address(std::string host) {
  const auto address = Ipv4::parse(host);
  if (!address) co_return Status::plain("lookup " + host + ": no such host");
  co_return std::vector<Ipv4>{*address};
}

std::string first_address(const std::string& cidr) {
  const auto range = Cidr::parse(cidr);
  return range ? range->network().next().text() : "";
}

std::string host_identity() {
  char name[256] = "drydock";
  ::gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace

Cluster::Cluster(World& world, Store& store, Authority& authority, ClusterOptions options)
    : world_(world),
      store_(store),
      authority_(authority),
      options_(std::move(options)),
      prng_(random_seed()),
      transport_(world.loop(), Duration{0}),
      tasks_(world.loop()) {}

Cluster::~Cluster() { tasks_.cancel_all(); }

std::vector<std::string> Cluster::server_names() {
  return {"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
          "kubernetes.default.svc.cluster.local"};
}

std::vector<std::string> Cluster::server_addresses() const { return {address_, first_address(options_.service_cidr)}; }

CredentialReaders Cluster::credentials() {
  CredentialReaders readers;
  readers.certificate = [](std::string_view pem) -> std::optional<Identity> {
    const pki::CertificateInfo* info = CertificateVerifier::shared().inspect(pem);
    if (info == nullptr) return std::nullopt;
    return Identity{info->common_name, info->organizations, ""};
  };
  // A signature that fits once fits for ever; the claims' dates are checked each time.
  auto verified = std::make_shared<std::map<std::string, Value, std::less<>>>();
  const std::string public_pem = authority_.account_key().public_pem;
  readers.token_claims = [verified, public_pem](std::string_view token) -> Value {
    const auto at = verified->find(token);
    if (at != verified->end()) return at->second;
    auto claims = pki::verify_token(token, {public_pem});
    if (!claims) return {};
    if (verified->size() >= kRememberedTokens) verified->clear();
    verified->emplace(std::string(token), *claims);
    return *claims;
  };
  const std::string private_pem = authority_.account_key().private_pem;
  readers.sign_token = [private_pem](const Value& claims) -> std::string {
    return pki::sign_token(private_pem, claims, "drydock").value_or("");
  };
  readers.request_organizations = [](std::string_view pem) {
    const auto request = pki::parse_request(std::string(pem));
    return request ? request->organizations : std::vector<std::string>();
  };
  return readers;
}

Result<std::unique_ptr<Cluster>> Cluster::start(World& world, Store& store, Authority& authority,
                                                ClusterOptions options) {
  std::unique_ptr<Cluster> cluster(new Cluster(world, store, authority, std::move(options)));
  DRYDOCK_TRY_VOID(cluster->begin());
  return cluster;
}

Result<void> Cluster::begin() {
  EventLoop& loop = world_.loop();
  const Ipv4 address = world_.network().next_host_address();
  address_ = address.text();
  stack_ = world_.network().attach_host("control-plane", address);
  const CertificateVerifier* verifier = &CertificateVerifier::shared();
  to_kubelets_ = std::make_unique<NetworkTransport>(stack_, literal_address, verifier);

  ApiServerOptions api;
  api.version = options_.version;
  api.advertise_address = address_;
  api.port = kPort;
  api.service_cidr = options_.service_cidr;
  api.anonymous = options_.anonymous;
  api.credentials = credentials();
  api.texts = schema_texts();
  if (!options_.token_file.empty()) {
    DRYDOCK_TRY(const std::string text, read_text_file(options_.token_file));
    DRYDOCK_TRY(api.credentials.static_token, parse_token_file(text));
  }
  DRYDOCK_TRY(const pki::SignedKey kubelet_client,
              authority_.issue_client("kube-apiserver-kubelet-client", {"system:masters"}));
  api.kubelet_client.insecure_skip_verify = true;
  // No kube-proxy runs beside this server: webhooks are reached at their pods.
  api.services_by_endpoint = true;
  api.client_ca_pem = authority_.ca_pem();
  api.front_proxy_ca_pem = authority_.ca_pem();
  DRYDOCK_TRY(const pki::SignedKey aggregator, authority_.issue_client("front-proxy-client", {}));
  api.aggregator_certificate_pem = aggregator.certificate_pem;
  api.aggregator_key_pem = aggregator.key_pem;
  api.audit_policy = options_.audit_policy;
  api.audit = options_.audit;
  api.kubelet_client.client_certificate_pem = kubelet_client.certificate_pem;
  api.kubelet_client.client_key_pem = kubelet_client.key_pem;
  server_ = std::make_unique<ApiServer>(loop, prng_.split("apiserver"), store_, *to_kubelets_, std::move(api));
  tasks_.spawn(run_server());
  transport_.listen(kInside, kPort, *server_);

  auto client = [&](const char* user, std::vector<std::string> groups,
                    const char* agent) -> Result<std::unique_ptr<Client>> {
    DRYDOCK_TRY(const pki::SignedKey key, authority_.issue_client(user, std::move(groups)));
    Endpoint endpoint;
    endpoint.host = kInside;
    endpoint.port = kPort;
    endpoint.client_certificate_pem = key.certificate_pem;
    return std::make_unique<Client>(transport_, endpoint, agent);
  };
  DRYDOCK_TRY(admin_, client("drydock", {"system:masters"}, "drydock"));
  DRYDOCK_TRY(manager_client_, client("system:kube-controller-manager", {}, "kube-controller-manager"));
  DRYDOCK_TRY(scheduler_client_, client("system:kube-scheduler", {}, "kube-scheduler"));

  controllers::ControllerManagerOptions manager;
  manager.controllers = {"*", "bootstrapsigner", "tokencleaner"};
  manager.allocate_node_cidrs = true;
  manager.cluster_cidr = options_.pod_cidr;
  manager.root_ca_pem = authority_.ca_pem();
  manager.read_csr = [](const std::string& pem) -> std::optional<controllers::CsrSubject> {
    auto parsed = pki::parse_request(pem);
    if (!parsed) return std::nullopt;
    return controllers::CsrSubject{parsed->common_name, parsed->organizations,
                                   !parsed->dns_names.empty() || !parsed->ip_addresses.empty()};
  };
  manager.sign_csr = [this](const controllers::CsrSigningJob& job) -> Result<std::string> {
    return authority_.sign_request(job.request_pem, seconds(job.expiration_seconds), world_.now());
  };
  tasks_.spawn(lead(*manager_client_, "kube-controller-manager", [this, manager] {
    auto term = std::make_shared<controllers::ControllerManager>(world_.loop(), prng_.split("controllers"),
                                                                 *manager_client_, manager);
    return Term{term, term->run()};
  }));
  tasks_.spawn(lead(*scheduler_client_, "kube-scheduler", [this] {
    auto term = std::make_shared<scheduler::Scheduler>(world_.loop(), prng_.split("scheduler"), *scheduler_client_);
    return Term{term, term->run()};
  }));

  NodePoolOptions pool;
  pool.version = options_.version;
  pool.api_server = address_ + ":" + std::to_string(kPort);
  pool.service_cidr = options_.service_cidr;
  pool.pod_cidr = options_.pod_cidr;
  nodes_ = std::make_unique<NodePool>(world_, authority_, *admin_, std::move(pool));

  HttpListenerOptions inside;
  inside.owner = {1, "kube-apiserver"};
  DRYDOCK_TRY(const pki::SignedKey certificate, authority_.issue_server(server_names(), server_addresses()));
  inside.certificate_pem = certificate.certificate_pem;
  inside.client_ca_pem = authority_.ca_pem();
  inside.verifier = verifier;
  auto listener = HttpListener::open(stack_, kPort, *server_, inside);
  if (!listener) return Status::plain("the control plane's virtual machine has no free port 6443");
  listener_ = *std::move(listener);
  return {};
}

Task<void> Cluster::run_server() {
  const Result<void> ended = co_await server_->run();
  failure_ = ended ? "the store ended" : ended.error().message;
}

// Waits until the API server serves, then works: always, or while it leads. Whoever has
// lost the lead waits for the next one; the real components end and are started again.
Task<void> Cluster::lead(Client& client, std::string name, std::function<Term()> begin_term) {
  while (!server_->ready()) co_await world_.loop().sleep(milliseconds(2));
  if (!options_.leader_election) {
    const Term term = begin_term();
    co_await term.work;
    co_return;
  }
  Prng prng = prng_.split(name);
  LeaderElectionOptions options = options_.election;
  options.name = name;
  options.identity = host_identity() + "_" + prng.uuid();
  for (;;) {
    LeaderElection election(world_.loop(), prng, client, options);
    co_await election.acquire();
    Term term = begin_term();
    TaskGroup work(world_.loop());
    work.spawn(std::move(term.work));
    co_await election.hold();
    std::fprintf(stderr, "drydock: %s: leaderelection lost\n", name.c_str());
  }
}

void Cluster::add_nodes() { tasks_.spawn(nodes_->run(options_.nodes)); }

Result<std::string> Cluster::add_node() { return nodes_->add_node(); }

Result<std::string> Cluster::admin_kubeconfig() {
  return authority_.admin_kubeconfig("https://" + address_ + ":" + std::to_string(kPort));
}

}  // namespace drydock::server
