// drydock serve: a Kubernetes API server over HTTPS, with controllers, scheduler and
// virtual nodes, in one process and one thread.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

#include "core/apiserver/access/audit.h"
#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/timestamp.h"
#include "core/machinery/yaml.h"
#include "server/cluster/authority.h"
#include "server/cluster/cluster.h"
#include "server/commands.h"
#include "server/flags.h"
#include "server/http/http1.h"
#include "server/http/http2.h"
#include "server/io/listener.h"
#include "server/io/real_time.h"
#include "server/page/attached_page.h"
#include "server/store/store_flags.h"

namespace drydock::server {
namespace {

constexpr const char* kServeUsage =
    "Usage: drydock serve [FLAGS]\n"
    "\n"
    "Serves a Kubernetes cluster over HTTPS until it is interrupted: API server, controllers,\n"
    "scheduler and virtual nodes. Clients use the kubeconfig that it writes:\n"
    "\n"
    "    drydock serve &\n"
    "    kubectl --kubeconfig ~/.local/share/drydock/kubeconfig get nodes\n"
    "\n"
    "Flags:\n"
    "  --data-dir D              keys, kubeconfig and state (default ~/.local/share/drydock)\n"
    "  --listen ADDRESS:PORT     where clients connect (default 127.0.0.1:6443; port 0 takes a free one)\n"
    "%s"
    "  --cert-dir D              the CA's and the service accounts' keys (default pki in the data directory):\n"
    "                            servers that share a store share them, or have copies of the files\n"
    "  --leader-elect-lease-duration 15s, --leader-elect-renew-deadline 10s, --leader-elect-retry-period 2s\n"
    "                            with --store etcd, which server runs controllers and scheduler\n"
    "  --nodes N                 virtual nodes (default 1; with --store etcd 0: one server may have nodes)\n"
    "  --page ADDRESS:PORT       where a browser finds the page, attached to this cluster\n"
    "                            (default 127.0.0.1:6444; none: no page)\n"
    "  --page-dir D              the built page (default build/web beside the program's folder)\n"
    "  --token-auth-file FILE    static bearer tokens: lines of token,user,uid,\"group1,group2\"\n"
    "  --anonymous-auth          answer requests without credentials as system:anonymous\n"
    "  --audit-policy-file FILE  which requests are recorded (audit.k8s.io/v1 Policy)\n"
    "  --audit-log-path FILE     where: one JSON line an event; - for standard output\n"
    "  --tls-san NAME            a further name or address of this server; may be repeated\n";

constexpr Duration kReadyTimeout = seconds(30);
constexpr Duration kForEver = std::chrono::hours(24 * 365 * 100);

int fail(const std::string& text) {
  std::fprintf(stderr, "drydock serve: %s\n", text.c_str());
  return 1;
}

struct ServeOptions {
  std::string data_dir;
  std::string address = "127.0.0.1";
  std::uint16_t port = 6443;
  StoreOptions store;
  std::string cert_dir;
  std::vector<std::string> names;
  bool page = true;
  bool page_asked_for = false;  // by a flag: then it must be there
  std::string page_address = "127.0.0.1";
  std::uint16_t page_port = 6444;
  std::string page_dir;
  ClusterOptions cluster;
};

std::string default_data_dir() {
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && data[0] != '\0') return std::string(data) + "/drydock";
  const char* home = std::getenv("HOME");
  return std::string(home == nullptr ? "." : home) + "/.local/share/drydock";
}

// "ADDRESS:PORT", an IPv6 address in brackets, into its parts.
Result<void> read_place(const Flags& flags, const char* flag, std::string& address, std::uint16_t& port) {
  const std::optional<std::string> given = flags.get(flag);
  if (!given) return {};
  const std::size_t colon = given->rfind(':');
  const auto number = colon == std::string::npos ? std::nullopt : parse_int(given->substr(colon + 1));
  if (!number || *number < 0 || *number > 65535)
    return Status::plain(std::string(flag) + ": expected ADDRESS:PORT, got " + *given);
  address = given->substr(0, colon);
  if (address.starts_with("[") && address.ends_with("]")) address = address.substr(1, address.size() - 2);
  port = static_cast<std::uint16_t>(*number);
  return {};
}

Result<void> read_election(const Flags& flags, LeaderElectionOptions& options) {
  const std::pair<const char*, Duration*> rows[] = {{"--leader-elect-lease-duration", &options.lease_duration},
                                                    {"--leader-elect-renew-deadline", &options.renew_deadline},
                                                    {"--leader-elect-retry-period", &options.retry_period}};
  for (const auto& [flag, duration] : rows) {
    const std::optional<std::string> text = flags.get(flag);
    const auto parsed = text ? parse_go_duration(*text) : std::optional<Duration>(*duration);
    if (!parsed)
      return Status::plain("invalid argument " + go_quote(*text) + " for " + go_quote(flag) +
                           " flag: time: invalid duration " + go_quote(*text));
    if (*parsed <= Duration{0}) return Status::plain(std::string(flag) + " must be greater than zero");
    *duration = *parsed;
  }
  // client-go's words.
  if (options.lease_duration <= options.renew_deadline)
    return Status::plain("leaseDuration must be greater than renewDeadline");
  if (options.renew_deadline * 5 <= options.retry_period * 6)
    return Status::plain("renewDeadline must be greater than retryPeriod*JitterFactor");
  return {};
}

// The two flags of the audit log, as kube-apiserver's.
Result<void> set_audit(const Flags& flags, ClusterOptions& options) {
  const std::string policy_path = flags.get("--audit-policy-file").value_or("");
  const std::string log_path = flags.get("--audit-log-path").value_or("");
  if (policy_path.empty() || log_path.empty()) return {};
  DRYDOCK_TRY(const std::string text, read_text_file(policy_path));
  DRYDOCK_TRY(options.audit_policy, parse_yaml(text));
  if (const std::string problem = audit_policy_problem(options.audit_policy); !problem.empty())
    return Status::plain("--audit-policy-file: " + problem);
  std::shared_ptr<std::FILE> log(log_path == "-" ? stdout : std::fopen(log_path.c_str(), "ae"), [](std::FILE* file) {
    if (file != nullptr && file != stdout) std::fclose(file);
  });
  if (log == nullptr) return Status::plain("--audit-log-path: cannot open " + log_path);
  options.audit = [log](const Value& event) {
    const std::string line = dump_json(event) + "\n";
    (void)std::fwrite(line.data(), 1, line.size(), log.get());
    (void)std::fflush(log.get());
  };
  return {};
}

Result<ServeOptions> options_of(const Flags& flags) {
  ServeOptions options;
  options.data_dir = flags.get("--data-dir").value_or(default_data_dir());
  DRYDOCK_TRY_VOID(read_place(flags, "--listen", options.address, options.port));
  options.page = flags.get("--page").value_or("") != "none";
  options.page_asked_for = options.page && (flags.has("--page") || flags.has("--page-dir"));
  if (options.page) DRYDOCK_TRY_VOID(read_place(flags, "--page", options.page_address, options.page_port));
  options.page_dir = flags.get("--page-dir").value_or(default_page_folder());
  DRYDOCK_TRY(options.store, read_store_flags(flags, options.data_dir));
  options.cert_dir = flags.get("--cert-dir").value_or(options.data_dir + "/pki");
  options.cluster.leader_election = options.store.shared();
  DRYDOCK_TRY_VOID(read_election(flags, options.cluster.election));
  const std::string nodes = flags.get("--nodes").value_or(options.store.shared() ? "0" : "1");
  const auto count = parse_int(nodes);
  if (!count || *count < 0 || *count > 5000) return Status::plain("--nodes: expected 0 to 5000, got " + nodes);
  options.cluster.nodes = static_cast<int>(*count);
  options.cluster.version = kubernetes_version();
  options.cluster.anonymous = flags.has("--anonymous-auth");
  options.cluster.token_file = flags.get("--token-auth-file").value_or("");
  DRYDOCK_TRY_VOID(set_audit(flags, options.cluster));
  options.names = flags.all("--tls-san");
  return options;
}

// One process a data directory: holds the lock until it ends.
Result<int> lock_data_dir(const std::string& folder) {
  const std::string path = folder + "/lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return Status::plain("cannot open " + path);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) return Status::plain(folder + " is used by another drydock serve");
  return file;
}

bool is_address(const std::string& text) {
  return contains(text, ":") || text.find_first_not_of("0123456789.") == std::string::npos;
}

Result<pki::SignedKey> server_certificate(Authority& authority, const Cluster& cluster, const ServeOptions& options) {
  std::vector<std::string> names = Cluster::server_names();
  std::vector<std::string> addresses = cluster.server_addresses();
  addresses.emplace_back("127.0.0.1");
  addresses.emplace_back("::1");
  for (const std::string& name : options.names) (is_address(name) ? addresses : names).push_back(name);
  const bool everywhere = options.address == "0.0.0.0" || options.address == "::";
  if (!everywhere && options.address != "127.0.0.1" && options.address != "::1") addresses.push_back(options.address);
  return authority.issue_server(std::move(names), std::move(addresses));
}

// The host part of an URL of what listens there.
std::string reached_at(const std::string& address) {
  const std::string host = address == "0.0.0.0" ? "127.0.0.1" : address == "::" ? "::1" : address;
  return contains(host, ":") ? "[" + host + "]" : host;
}

Result<std::string> write_kubeconfig(Authority& authority, const ServeOptions& options, std::uint16_t port) {
  DRYDOCK_TRY(const std::string text,
              authority.admin_kubeconfig("https://" + reached_at(options.address) + ":" + std::to_string(port)));
  const std::string path = options.data_dir + "/kubeconfig";
  DRYDOCK_TRY_VOID(write_text_file(path, text, 0600));
  return path;
}

// Servers that share a store must trust the same certificates and tokens: the first one
// leaves a mark in it.
Result<void> same_authority(RealTime& driver, Store& store, const Authority& authority) {
  TxnRequest request;
  StoreOp mark;
  mark.key = "/registry/drydock/authority";
  mark.value = Value::object({{"ca", hex_encode(sha256(authority.ca_pem()))},
                              {"serviceAccounts", hex_encode(sha256(authority.account_key().public_pem))}});
  const Value ours = mark.value;
  StoreOp look;
  look.type = StoreOp::Type::kGet;
  look.key = mark.key;
  request.compares.push_back({mark.key, 0});
  request.success.push_back(std::move(mark));
  request.failure.push_back(std::move(look));
  std::optional<Result<TxnResult>> result;
  TaskGroup group(driver.loop());
  group.spawn([](Store& into, TxnRequest what, std::optional<Result<TxnResult>>& out) -> Task<void> {
    out.emplace(co_await into.txn(std::move(what)));
  }(store, std::move(request), result));
  if (!driver.run_until([&] { return result.has_value(); }, kReadyTimeout))
    return Status::plain("context deadline exceeded");
  if (!result->ok()) return result->error();
  const TxnResult& done = result->value();
  if (!done.succeeded && !done.gets.empty() && !(done.gets[0].value == ours))
    return Status::plain(
        "the store belongs to a cluster with other keys: give this server the ca.crt, ca.key, sa.key and sa.pub of the "
        "others (--cert-dir)");
  return {};
}

struct ServedPage {
  std::unique_ptr<AttachedPage> page;
  std::unique_ptr<Listener> listener;
  std::string address;
};

Result<ServedPage> serve_page(RealTime& driver, World& world, Cluster& cluster, Store& store,
                              const ServeOptions& options) {
  DRYDOCK_TRY(PageFiles files, PageFiles::open(options.page_dir));
  const std::string token = format("%016llx%016llx", static_cast<unsigned long long>(random_seed()),
                                   static_cast<unsigned long long>(random_seed()));
  ServedPage served;
  served.page = std::make_unique<AttachedPage>(world, cluster, store, std::move(files), token);
  EventLoop& loop = world.loop();
  HttpHandler& handler = *served.page;
  ListenerOptions plain;
  plain.address = options.page_address;
  plain.port = options.page_port;
  plain.tls = false;
  plain.connection_limit = 256;
  DRYDOCK_TRY(served.listener,
              Listener::open(driver, std::move(plain),
                             [&loop, &handler](std::shared_ptr<ByteStream> link, ConnectionFacts facts) {
                               return serve_http1(loop, std::move(link), std::move(facts), handler, HttpLimits());
                             }));
  served.address = "http://" + reached_at(options.page_address) + ":" + std::to_string(served.listener->port()) +
                   "/#attach=" + token;
  return served;
}

Result<void> serve(const ServeOptions& options) {
  const TimePoint begun = real_now();
  DRYDOCK_TRY_VOID(make_private_folder(options.data_dir));
  DRYDOCK_TRY(const int lock, lock_data_dir(options.data_dir));
  (void)lock;  // until the process ends
  DRYDOCK_TRY(Authority authority, Authority::open(options.cert_dir, begun));
  WorldOptions world_options;
  world_options.seed = random_seed();
  world_options.start = begun;
  world_options.version = options.cluster.version;
  World world(std::move(world_options));
  RealTime driver(world.loop(), [&world](TimePoint now) { world.follow(now); });
  driver.stop_on_signals();
  DRYDOCK_TRY(const std::unique_ptr<Store> store, open_store(driver, options.store));
  if (options.store.shared()) DRYDOCK_TRY_VOID(same_authority(driver, *store, authority));
  DRYDOCK_TRY(const std::unique_ptr<Cluster> cluster, Cluster::start(world, *store, authority, options.cluster));

  ListenerOptions secure;
  secure.address = options.address;
  secure.port = options.port;
  DRYDOCK_TRY(const pki::SignedKey certificate, server_certificate(authority, *cluster, options));
  secure.certificate_pem = certificate.certificate_pem;
  secure.key_pem = certificate.key_pem;
  secure.client_ca_pem = authority.ca_pem();
  secure.protocols = "h2,http/1.1";
  EventLoop& loop = world.loop();
  HttpHandler& handler = cluster->handler();
  DRYDOCK_TRY(const std::unique_ptr<Listener> listener,
              Listener::open(driver, std::move(secure),
                             [&loop, &handler](std::shared_ptr<ByteStream> link, ConnectionFacts facts) {
                               const bool h2 = facts.protocol == "h2";
                               return (h2 ? serve_http2 : serve_http1)(loop, std::move(link), std::move(facts), handler,
                                                                       HttpLimits());
                             }));
  DRYDOCK_TRY(const std::string kubeconfig, write_kubeconfig(authority, options, listener->port()));
  const bool ready = driver.run_until([&] { return cluster->ready() || !cluster->failure().empty(); }, kReadyTimeout);
  if (!ready || !cluster->failure().empty()) {
    return Status::plain(cluster->failure().empty() ? "the API server did not get ready" : cluster->failure());
  }
  ServedPage page;
  std::string page_text;
  if (options.page) {
    Result<ServedPage> served = serve_page(driver, world, *cluster, *store, options);
    if (!served && options.page_asked_for) return served.error();
    page_text = served ? "page " + served->address : "no page: " + served.error().message;
    if (served) page = *std::move(served);
  }
  const auto taken = std::chrono::duration_cast<milliseconds>(real_now() - begun).count();
  std::printf("serving https://%s:%u\nkubeconfig %s\n", options.address.c_str(),
              static_cast<unsigned>(listener->port()), kubeconfig.c_str());
  if (!page_text.empty()) std::printf("%s\n", page_text.c_str());
  std::printf("ready after %lld ms\n", static_cast<long long>(taken));
  std::fflush(stdout);
  cluster->add_nodes();
  (void)driver.run_until([&] { return !cluster->failure().empty(); }, kForEver);
  if (!cluster->failure().empty()) return Status::plain(cluster->failure());
  return {};
}

}  // namespace

int serve_command(const std::vector<std::string>& arguments) {
  Flags flags;
  std::vector<Flag> known{{"--data-dir", true},
                          {"--listen", true},
                          {"--cert-dir", true},
                          {"--leader-elect-lease-duration", true},
                          {"--leader-elect-renew-deadline", true},
                          {"--leader-elect-retry-period", true},
                          {"--nodes", true},
                          {"--page", true},
                          {"--page-dir", true},
                          {"--token-auth-file", true},
                          {"--anonymous-auth"},
                          {"--audit-policy-file", true},
                          {"--audit-log-path", true},
                          {"--tls-san", true},
                          {"--help"}};
  known.insert(known.end(), store_flags().begin(), store_flags().end());
  if (!flags.parse("serve", arguments, known)) return 2;
  if (flags.has("--help")) {
    std::printf(kServeUsage, kStoreUsage);
    return 0;
  }
  if (!flags.positional().empty()) {
    std::fprintf(stderr, "drydock serve: unexpected argument: %s\n", flags.positional()[0].c_str());
    return 2;
  }
  const Result<ServeOptions> options = options_of(flags);
  if (!options) return fail(options.error().message);
  const Result<void> served = serve(*options);
  return served ? 0 : fail(served.error().message);
}

}  // namespace drydock::server
