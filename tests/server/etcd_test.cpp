// EtcdStore against a real etcd over TLS with client certificates: the contract of every
// Store, and what happens when etcd goes away and comes back.
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "core/base/strings.h"
#include "doctest/doctest.h"
#include "server/cluster/authority.h"
#include "server/store/etcd/etcd_store.h"
#include "tests/ports/store_suite.h"
#include "tests/server/real_bench.h"

namespace drydock::server::testing {
namespace {

// The program that set-up has unpacked.
std::string etcd_program() {
  if (const char* named = std::getenv("DRYDOCK_ETCD")) return named;
  std::string path;
  if (FILE* answer = popen("cmake/setup/setup.sh etcd", "r")) {
    char line[1024] = {};
    if (std::fgets(line, sizeof line, answer) != nullptr) path = line;
    pclose(answer);
  }
  return std::string(trim(path));
}

int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(socket);
  return ntohs(address.sin_port);
}

// One member of its own ports and folder, ended by its pid.
class EtcdProcess {
 public:
  EtcdProcess() {
    auto authority = Authority::open(folder_.file("pki"), real_now());
    REQUIRE(authority.ok());
    pki::CertificateSpec spec;
    spec.common_name = "etcd";
    spec.ip_addresses = {"127.0.0.1"};
    spec.server_auth = true;
    spec.client_auth = true;
    spec.not_before = real_now() - std::chrono::minutes(5);
    spec.lifetime = std::chrono::hours(1);
    const pki::KeyPair key = random_key();
    Prng prng(1);
    const auto certificate = pki::sign_public_key(prng, spec, key.public_pem, authority->ca());
    REQUIRE(certificate.ok());
    options.ca_pem = authority->ca_pem();
    options.certificate_pem = *certificate;
    options.key_pem = key.private_pem;
    REQUIRE(write_text_file(folder_.file("etcd.crt"), *certificate, 0600).ok());
    REQUIRE(write_text_file(folder_.file("etcd.key"), key.private_pem, 0600).ok());
    client_url_ = "https://127.0.0.1:" + std::to_string(free_port());
    peer_url_ = "http://127.0.0.1:" + std::to_string(free_port());
    options.endpoints = {client_url_};
    start();
  }
  ~EtcdProcess() { kill_it(); }
  EtcdProcess(const EtcdProcess&) = delete;

  void start() {
    const std::vector<std::string> arguments{program_,
                                             "--name=one",
                                             "--data-dir=" + folder_.file("data"),
                                             "--listen-client-urls=" + client_url_,
                                             "--advertise-client-urls=" + client_url_,
                                             "--listen-peer-urls=" + peer_url_,
                                             "--initial-advertise-peer-urls=" + peer_url_,
                                             "--initial-cluster=one=" + peer_url_,
                                             "--cert-file=" + folder_.file("etcd.crt"),
                                             "--key-file=" + folder_.file("etcd.key"),
                                             "--trusted-ca-file=" + folder_.file("pki/ca.crt"),
                                             "--client-cert-auth",
                                             "--logger=zap"};
    const std::string log = folder_.file("etcd.log");
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      dup2(out, 1);
      dup2(out, 2);
      std::vector<char*> words;
      for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
      words.push_back(nullptr);
      execv(words[0], words.data());
      _exit(127);
    }
  }
  void kill_it() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

  etcd::EtcdOptions options;

 private:
  Folder folder_;
  std::string program_ = etcd_program();
  std::string client_url_;
  std::string peer_url_;
  pid_t pid_ = 0;
};

struct OnEtcd : RealBench {
  explicit OnEtcd(const etcd::EtcdOptions& options) {
    auto opened = EtcdStore::open(driver, options);
    REQUIRE_MESSAGE(opened.ok(), opened.error().message);
    store = *std::move(opened);
  }
  Result<TxnResult> put(const std::string& key, Value value) {
    return run(store->txn(put_request(key, std::move(value))));
  }
  std::unique_ptr<EtcdStore> store;
};

}  // namespace

TEST_CASE("EtcdStore keeps the contract of a Store on a real etcd") {
  EtcdProcess server;
  {
    OnEtcd bench(server.options);
    const auto version = bench.run(bench.store->status());
    REQUIRE_MESSAGE(version.ok(), version.error().message);
    CHECK(version->starts_with("3."));
  }
  int parts = 0;
  check_store_contract([&]() -> StoreUnderTest {
    auto kept = std::make_shared<OnEtcd>(server.options);
    OnEtcd& bench = *kept;
    StoreUnderTest test{kept, *bench.store, bench.loop};
    test.prefix = "/suite/" + std::to_string(++parts) + "/";
    test.run = [&bench](Task<void> task) { bench.run_plain(std::move(task)); };
    return test;
  });
}

TEST_CASE("EtcdStore: etcd killed and started again: watches go on without loss or double, writes too") {
  EtcdProcess server;
  OnEtcd bench(server.options);
  REQUIRE(bench.run(bench.store->status()).ok());
  const auto first = bench.put("/registry/a", 0);
  REQUIRE(first.ok());
  auto watch = *bench.run(bench.store->watch("/registry/", prefix_end("/registry/"), first->revision));
  std::vector<std::int64_t> heard;
  auto listen = [](StoreWatch& from, std::vector<std::int64_t>& out) -> Task<void> {
    for (;;) {
      auto batch = co_await from.next();
      if (!batch) co_return;
      for (const StoreEvent& event : *batch) out.push_back(event.item.value.as_int());
    }
  };
  TaskGroup listeners(bench.loop);
  listeners.spawn(listen(*watch, heard));
  // A chain of writes, each compared with the one before, while etcd dies twice.
  Revision at = first->revision;
  std::vector<std::int64_t> wanted{0};
  for (int number = 1; number <= 30; ++number) {
    TxnRequest request = put_request("/registry/a", number);
    request.compares.push_back({"/registry/a", at});
    if (number % 10 == 5) {
      server.kill_it();
      server.start();
    }
    const auto done = bench.run(bench.store->txn(std::move(request)));
    REQUIRE_MESSAGE(done.ok(), done.error().message);
    REQUIRE(done->succeeded);
    CHECK(done->revision > at);
    at = done->revision;
    wanted.push_back(number);
  }
  bench.driver.run_until([&] { return heard.size() >= wanted.size(); }, seconds(10));
  CHECK(heard == wanted);
}

TEST_CASE("EtcdStore: a member that is not there is passed over; none at all is an error that says so") {
  EtcdProcess server;
  etcd::EtcdOptions options = server.options;
  options.endpoints.insert(options.endpoints.begin(), "https://127.0.0.1:" + std::to_string(free_port()));
  {
    OnEtcd bench(options);
    CHECK(bench.put("/registry/a", 1).ok());
  }
  options.endpoints.pop_back();
  options.request_timeout = milliseconds(300);
  OnEtcd bench(options);
  const auto refused = bench.put("/registry/a", 2);
  REQUIRE(!refused.ok());
  CHECK(contains(refused.error().message, "connect: connection refused"));

  // Without a certificate, and with an authority that does not vouch for the server.
  etcd::EtcdOptions stranger = server.options;
  stranger.certificate_pem = stranger.key_pem = "";
  stranger.request_timeout = seconds(1);
  OnEtcd nobody(stranger);
  CHECK(!nobody.put("/registry/a", 3).ok());
  Folder folder;
  stranger.ca_pem = Authority::open(folder.file("pki"), real_now())->ca_pem();
  OnEtcd doubtful(stranger);
  const auto distrusted = doubtful.put("/registry/a", 3);
  REQUIRE(!distrusted.ok());
  CHECK(contains(distrusted.error().message, "x509: "));

  OnEtcd fresh(server.options);
  CHECK(fresh.run(fresh.store->range(prefix_request("/registry/")))->items.at(0).value == Value(1));

  etcd::EtcdOptions wrong = server.options;
  wrong.endpoints = {"https://127.0.0.1:port"};
  CHECK(!EtcdStore::open(fresh.driver, wrong).ok());
  wrong = server.options;
  wrong.key_pem = random_key().private_pem;
  const auto mismatch = EtcdStore::open(fresh.driver, wrong);
  REQUIRE(!mismatch.ok());
  CHECK(contains(mismatch.error().message, "tls: "));
}

}  // namespace drydock::server::testing
