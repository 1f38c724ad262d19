#include "core/base/strings.h"
#include "core/network/http_wire.h"
#include "core/network/network_transport.h"
#include "core/network/tls_verifier.h"
#include "tests/network/network_fixture.h"

using namespace drydock;

namespace {

class FakeVerifier final : public TlsVerifier {
 public:
  Result<void> verify_server(std::string_view certificate, std::string_view roots, std::string_view name,
                             TimePoint) const override {
    if (roots != "ca") return Status::plain("x509: certificate signed by unknown authority");
    if (certificate != name)
      return Status::plain("x509: certificate is valid for " + std::string(certificate) + ", not " + std::string(name));
    return {};
  }
  Result<void> verify_client(std::string_view certificate, std::string_view, TimePoint) const override {
    if (certificate != "admin") return Status::plain("x509: certificate signed by unknown authority");
    return {};
  }
  bool key_matches(std::string_view certificate, std::string_view key) const override {
    return std::string(certificate) + "-key" == key;
  }
};

Task<Result<std::vector<Ipv4>>> resolve(std::string host) {
  if (host == "localhost") co_return std::vector<Ipv4>{kLoopbackAddress};
  if (host == "web") co_return std::vector<Ipv4>{ip("10.0.0.3")};
  co_return Status::plain("lookup " + host + " on 10.96.0.10:53: no such host");
}

Endpoint plain(std::string host, std::uint16_t port) {
  Endpoint endpoint;
  endpoint.host = std::move(host);
  endpoint.port = port;
  endpoint.tls = false;
  return endpoint;
}

}  // namespace

TEST_CASE("the parser takes messages in any pieces") {
  const std::string text =
      "POST /a%20b?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.0\r\n\r\n";
  HttpParser parser(HttpParser::Mode::kRequest);
  int messages = 0;
  for (char c : text) {
    parser.feed(std::string_view(&c, 1));
    if (parser.parse() != HttpParser::State::kMessage) continue;
    if (messages++ == 0) {
      CHECK(parser.request().path == "/a b");
      CHECK(parser.request().query.get("x") == "1");
      CHECK(parser.request().body.bytes == "hello");
      CHECK(parser.keep_alive());
    } else {
      CHECK(parser.request().method == "GET");
      CHECK(!parser.keep_alive());
    }
  }
  CHECK(messages == 2);
}

TEST_CASE("bad requests fail and stay failed") {
  for (const char* bad : {"hello\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nbroken header\r\n\r\n",
                          "G(T / HTTP/1.1\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                          "POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
                          "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    CAPTURE(bad);
    HttpParser parser(HttpParser::Mode::kRequest);
    parser.feed(bad);
    CHECK(parser.parse() == HttpParser::State::kFailed);
    parser.feed("GET / HTTP/1.1\r\n\r\n");
    CHECK(parser.parse() == HttpParser::State::kFailed);
  }
}

TEST_CASE("chunked bodies and bodies until the end") {
  HttpParser chunked(HttpParser::Mode::kResponse);
  chunked.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
  REQUIRE(chunked.parse() == HttpParser::State::kMessage);
  CHECK(chunked.response().body.bytes == "hello world");
  HttpParser until_end(HttpParser::Mode::kResponse);
  until_end.feed("HTTP/1.0 404 Not Found\r\n\r\nabc");
  CHECK(until_end.parse() == HttpParser::State::kNeedMore);
  until_end.end();
  REQUIRE(until_end.parse() == HttpParser::State::kMessage);
  CHECK(until_end.response().status == 404);
  CHECK(until_end.response().body.bytes == "abc");
}

TEST_CASE_FIXTURE(NetworkFixture, "typed client, typed server") {
  EchoHandler handler;
  auto listener = HttpListener::open(node2, 80, handler);
  REQUIRE(listener.ok());
  NetworkTransport transport(node1, resolve, nullptr);
  HttpRequest request;
  request.path = "/info";
  auto response = run(transport.round_trip(plain("web", 80), request));
  REQUIRE(response.ok());
  CHECK(response->body.bytes == "GET /info from 10.0.0.2: ");
  listener->reset();
  auto gone = run(transport.round_trip(plain("web", 80), request));
  CHECK(gone.error().message == "dial tcp 10.0.0.3:80: connect: connection refused");
  CHECK(run(transport.round_trip(plain("nosuch", 80), request)).error().message ==
        "dial tcp: lookup nosuch on 10.96.0.10:53: no such host");
  CHECK(run(transport.round_trip(plain("localhost", 8080), request)).error().message ==
        "dial tcp [::1]:8080: connect: connection refused");
  CHECK(run(transport.round_trip(plain("10.0.0.88", 80), request)).error().message ==
        "dial tcp 10.0.0.88:80: connect: no route to host");
  CHECK(run(transport.round_trip(plain("198.51.100.7", 80), request)).error().message ==
        "dial tcp 198.51.100.7:80: i/o timeout");
}

TEST_CASE_FIXTURE(NetworkFixture, "a server that dies leaves its clients with EOF") {
  class Never final : public HttpHandler {
   public:
    explicit Never(EventLoop& loop) : loop_(loop) {}
    Task<HttpResponse> handle(HttpRequest) override {
      co_await loop_.sleep(std::chrono::hours(9));
      co_return HttpResponse{};
    }
    EventLoop& loop_;
  } handler(loop);
  auto listener = HttpListener::open(node2, 80, handler);
  NetworkTransport transport(node1, resolve, nullptr);
  loop.call_after(seconds(1), [&] { listener->reset(); });
  const Endpoint endpoint = plain("web", 80);
  CHECK(run(transport.round_trip(endpoint, HttpRequest{})).error().message == "EOF");
}

TEST_CASE_FIXTURE(NetworkFixture, "bytes meet typed servers and the other way round") {
  EchoHandler handler;
  auto listener = HttpListener::open(node2, 80, handler);
  auto stream = run(tcp_connect(node1, ip("10.0.0.3"), 80));
  REQUIRE((*stream)->write("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").ok());
  CHECK(run((*stream)->read_all()) ==
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 22\r\nConnection: close\r\n\r\nGET /x from "
        "10.0.0.2: ");
  auto rubbish = run(tcp_connect(node1, ip("10.0.0.3"), 80));
  REQUIRE((*rubbish)->write("hello there\r\n").ok());
  CHECK(run((*rubbish)->read_all()).starts_with("HTTP/1.1 400 Bad Request\r\n"));

  auto raw = TcpListener::open(node2, {}, 81);
  NetworkTransport transport(node1, resolve, nullptr);
  auto serve = [](TcpListener& on) -> Task<void> {
    auto peer = co_await on.accept();
    auto request = co_await peer->read();
    CHECK(request->starts_with("GET /q HTTP/1.1\r\nHost: web:81\r\n"));
    (void)peer->write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    co_await on.changed().wait();
  };
  TaskGroup group(loop);
  group.spawn(serve(**raw));
  HttpRequest request;
  request.path = "/q";
  const Endpoint endpoint = plain("web", 81);
  auto response = run(transport.round_trip(endpoint, request));
  REQUIRE(response.ok());
  CHECK(response->body.bytes == "ok");
}

TEST_CASE_FIXTURE(NetworkFixture, "TLS is verified on both sides, and mixed up as in life") {
  FakeVerifier verifier;
  EchoHandler handler;
  HttpListenerOptions options;
  options.certificate_pem = "web";
  options.client_ca_pem = "client-ca";
  options.verifier = &verifier;
  auto listener = HttpListener::open(node2, 6443, handler, options);
  auto clear = HttpListener::open(node2, 80, handler);
  NetworkTransport transport(node1, resolve, &verifier);
  Endpoint endpoint = plain("web", 6443);
  CHECK(run(transport.round_trip(endpoint, HttpRequest{}))->body.bytes ==
        "Client sent an HTTP request to an HTTPS server.\n");
  endpoint.tls = true;
  CHECK(run(transport.round_trip(endpoint, HttpRequest{})).error().message ==
        "tls: failed to verify certificate: x509: certificate signed by unknown authority");
  endpoint.certificate_authority_pem = "ca";
  CHECK(run(transport.round_trip(endpoint, HttpRequest{})).ok());
  endpoint.server_name = "other";
  CHECK(run(transport.round_trip(endpoint, HttpRequest{})).error().message ==
        "tls: failed to verify certificate: x509: certificate is valid for web, not other");
  endpoint.insecure_skip_verify = true;
  CHECK(run(transport.round_trip(endpoint, HttpRequest{})).ok());
  endpoint.client_certificate_pem = "stranger";
  endpoint.client_key_pem = "stranger-key";
  CHECK(run(transport.round_trip(endpoint, HttpRequest{}))->status == 401);
  endpoint.client_key_pem = "wrong";
  CHECK(run(transport.round_trip(endpoint, HttpRequest{})).error().message ==
        "tls: private key does not match public key");
  endpoint.port = 80;
  CHECK(run(transport.round_trip(endpoint, HttpRequest{})).error().message ==
        "http: server gave HTTP response to HTTPS client");
}

TEST_CASE_FIXTURE(NetworkFixture, "a kept connection does not keep a deleted machine alive") {
  EchoHandler handler;
  auto listener = HttpListener::open(node2, 80, handler);
  NetworkTransport transport(node1, resolve, nullptr);
  const Endpoint endpoint = plain("web", 80);
  CHECK(run(transport.round_trip(endpoint, HttpRequest{})).ok());
  listener->reset();
  const std::weak_ptr<NetNamespace> gone = node2;
  node2.reset();
  CHECK(gone.expired());
  CHECK(run(transport.round_trip(endpoint, HttpRequest{})).error().message ==
        "dial tcp 10.0.0.3:80: connect: no route to host");
}
