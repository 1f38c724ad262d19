// The native Transport: its contract over memory and over real TLS, upgrades against our
// own server, and connections that are used again.
#include "server/http/client/http_client.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "core/base/strings.h"
#include "doctest/doctest.h"
#include "server/cluster/authority.h"
#include "server/http/http1.h"
#include "server/io/dialer.h"
#include "server/io/listener.h"
#include "server/io/real_time.h"
#include "tests/ports/transport_suite.h"
#include "tests/server/fixtures.h"

namespace drydock::server::testing {
namespace {

// A transport whose connections end at `handler`, in memory and virtual time.
struct MemoryServer {
  explicit MemoryServer(HttpHandler& with)
      : handler(with), transport(bench.loop, [this](Endpoint) { return dial(); }) {}
  Task<Result<std::shared_ptr<ByteStream>>> dial() {
    ++dialled;
    auto [client_end, server_end] = make_memory_streams(bench.loop);
    last_client_end = client_end;
    bench.tasks.spawn(serve_http1(bench.loop, server_end, {}, handler, {}));
    co_return client_end;
  }
  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    auto wait = [](Task<T> inner, std::optional<T>& out) -> Task<void> { out = co_await std::move(inner); };
    TaskGroup group(bench.loop);
    group.spawn(wait(std::move(task), result));
    bench.run(seconds(2));
    REQUIRE(result.has_value());
    return *std::move(result);
  }
  Bench bench;
  HttpHandler& handler;
  int dialled = 0;
  std::shared_ptr<ByteStream> last_client_end;
  HttpTransport transport;
};

HttpRequest request_of(std::string path) {
  HttpRequest request;
  request.path = std::move(path);
  return request;
}

// Answers exec with its input in capitals, and a forwarded port with what it got.
class Upgrading final : public HttpHandler {
 public:
  explicit Upgrading(std::shared_ptr<TaskGroup>& tasks) : tasks_(tasks) {}
  Task<HttpResponse> handle(HttpRequest request) override {
    HttpResponse response;
    if (request.query.get("container") == "nosuch") {
      response.status = 400;
      response.body.document = Value::object({{"kind", "Status"}, {"message", "container nosuch is not valid"}});
      co_return response;
    }
    tasks_->spawn(answer(request.upgrade, request.path.ends_with("/portforward")));
    response.status = 101;
    co_return response;
  }

 private:
  static Task<void> answer(std::shared_ptr<StreamEnd> stream, bool port) {
    while (std::optional<StreamMessage> message = co_await stream->receive()) {
      if (message->channel == 255) break;
      if (message->channel != 0) continue;
      stream->send({port ? 0 : 1, to_upper(message->bytes), Value()});
    }
    if (!port) {
      stream->send({3, "", Value::object({{"status", "Failure"}, {"reason", "NonZeroExitCode"}})});
      stream->close();
    }
  }
  std::shared_ptr<TaskGroup>& tasks_;
};

}  // namespace

TEST_CASE("HttpTransport keeps the Transport contract in memory") {
  std::optional<TransportSuiteServer> handler;
  struct Late final : HttpHandler {
    explicit Late(std::optional<TransportSuiteServer>& to) : inner(to) {}
    Task<HttpResponse> handle(HttpRequest request) override { return inner->handle(std::move(request)); }
    std::optional<TransportSuiteServer>& inner;
  } late(handler);
  MemoryServer server(late);
  handler.emplace(server.bench.loop);
  Endpoint endpoint;
  endpoint.host = "memory";
  check_transport_contract({server.transport, endpoint, std::nullopt,
                            [&](Task<Result<HttpResponse>> task) { return server.run(std::move(task)); },
                            [&](StreamEnd& stream) { return server.run(stream.receive()); }});
  // One connection for what came in whole, another for the watch.
  CHECK(server.dialled == 1);
}

TEST_CASE("HttpTransport keeps the Transport contract over TLS, and words what fails as Go does") {
  const std::string folder =
      (std::filesystem::temp_directory_path() / ("drydock-tls-" + std::to_string(::getpid()))).string();
  VirtualClock clock(real_now());
  EventLoop loop(clock);
  RealTime driver(loop, [&clock](TimePoint now) { clock.wait_until(now); });
  auto authority = Authority::open(folder, real_now());
  REQUIRE(authority.ok());
  auto key = authority->issue_server({"drydock.test"}, {"127.0.0.1"});
  REQUIRE(key.ok());
  TransportSuiteServer handler(loop);
  ListenerOptions options;
  options.port = 0;
  options.certificate_pem = key->certificate_pem;
  options.key_pem = key->key_pem;
  options.client_ca_pem = authority->ca_pem();
  auto listener = Listener::open(driver, options, [&](std::shared_ptr<ByteStream> link, ConnectionFacts facts) {
    return serve_http1(loop, std::move(link), std::move(facts), handler, {});
  });
  REQUIRE(listener.ok());
  Dialer dialer(driver);
  HttpTransport transport(loop, [&dialer](Endpoint endpoint) { return dialer.dial(std::move(endpoint)); });
  auto run = [&]<class T>(Task<T> task) {
    std::optional<T> result;
    auto wait = [](Task<T> inner, std::optional<T>& out) -> Task<void> { out = co_await std::move(inner); };
    TaskGroup group(loop);
    group.spawn(wait(std::move(task), result));
    driver.run_until([&] { return result.has_value(); }, seconds(20));
    REQUIRE(result.has_value());
    return *std::move(result);
  };
  Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = (*listener)->port();
  endpoint.certificate_authority_pem = authority->ca_pem();
  Endpoint nobody = endpoint;
  nobody.port = 1;
  check_transport_contract({transport, endpoint, nobody,
                            [&](Task<Result<HttpResponse>> task) { return run(std::move(task)); },
                            [&](StreamEnd& stream) { return run(stream.receive()); }});

  Endpoint wrong_name = endpoint;
  wrong_name.server_name = "elsewhere.test";
  CHECK(run(transport.round_trip(wrong_name, request_of("/document"))).error().message ==
        "tls: failed to verify certificate: x509: certificate is valid for drydock.test, not elsewhere.test");
  Endpoint stranger = endpoint;
  auto other = Authority::open(folder + "-other", real_now());
  REQUIRE(other.ok());
  stranger.certificate_authority_pem = other->ca_pem();
  CHECK(run(transport.round_trip(stranger, request_of("/document"))).error().message ==
        "tls: failed to verify certificate: x509: certificate signed by unknown authority");
  stranger.insecure_skip_verify = true;
  CHECK(run(transport.round_trip(stranger, request_of("/document"))).ok());
  Endpoint named = endpoint;
  named.server_name = "drydock.test";
  CHECK(run(transport.round_trip(named, request_of("/document"))).ok());
  std::filesystem::remove_all(folder);
  std::filesystem::remove_all(folder + "-other");
}

TEST_CASE("HttpTransport: exec and port-forward over WebSocket") {
  std::shared_ptr<TaskGroup> tasks;
  Upgrading handler(tasks);
  MemoryServer server(handler);
  tasks = std::make_shared<TaskGroup>(server.bench.loop);
  Endpoint endpoint;
  auto upgrade = [&](std::string path, std::string container, std::string protocol) {
    auto [mine, theirs] = StreamEnd::make_pair(server.bench.loop);
    HttpRequest request = request_of(std::move(path));
    request.query.add("container", std::move(container));
    request.query.add("stdin", "true");
    request.query.add("stdout", "true");
    request.query.add("ports", "80");
    request.headers.add("Sec-Websocket-Protocol", std::move(protocol));
    request.upgrade = std::move(theirs);
    Result<HttpResponse> response = server.run(server.transport.round_trip(endpoint, std::move(request)));
    REQUIRE(response.ok());
    return std::make_pair(*std::move(response), mine);
  };
  auto [switched, stream] = upgrade("/api/v1/namespaces/d/pods/p/exec", "c", "v5.channel.k8s.io");
  CHECK(switched.status == 101);
  const std::string big(100000, 'x');
  stream->send({0, "typed", Value()});
  CHECK(server.run(stream->receive())->bytes == "TYPED");
  stream->send({0, big, Value()});
  std::string got;
  while (got.size() < big.size()) got += server.run(stream->receive())->bytes;
  CHECK(got == to_upper(big));
  stream->send({255, std::string(1, '\0'), Value()});
  const std::optional<StreamMessage> end = server.run(stream->receive());
  REQUIRE(end.has_value());
  CHECK(end->channel == 3);
  CHECK(contains(end->bytes, "NonZeroExitCode"));
  CHECK(!server.run(stream->receive()).has_value());

  auto [forwarded, port] = upgrade("/api/v1/namespaces/d/pods/p/portforward", "c", "v4.channel.k8s.io");
  CHECK(forwarded.status == 101);
  port->send({0, "ping", Value()});
  const std::optional<StreamMessage> pong = server.run(port->receive());
  REQUIRE(pong.has_value());
  CHECK(pong->channel == 0);
  CHECK(pong->bytes == "PING");  // without the port's number in front

  auto [refused, nothing] = upgrade("/api/v1/namespaces/d/pods/p/exec", "nosuch", "v5.channel.k8s.io");
  CHECK(refused.status == 400);
  CHECK(refused.body.document["message"].as_string() == "container nosuch is not valid");
}

TEST_CASE("HttpTransport: a connection that the server has ended is not used again") {
  FunctionHandler handler([](HttpRequest request) {
    HttpResponse response;
    response.body.bytes = request.path;
    return response;
  });
  MemoryServer server(handler);
  Endpoint endpoint;
  CHECK(server.run(server.transport.round_trip(endpoint, request_of("/a")))->body.bytes == "/a");
  CHECK(server.run(server.transport.round_trip(endpoint, request_of("/b")))->body.bytes == "/b");
  CHECK(server.dialled == 1);
  server.last_client_end->abort();
  server.bench.run();
  CHECK(server.run(server.transport.round_trip(endpoint, request_of("/c")))->body.bytes == "/c");
  CHECK(server.dialled == 2);
}

}  // namespace drydock::server::testing
