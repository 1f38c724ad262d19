#include "core/network/http_client.h"

#include <algorithm>

#include "core/network/http_server.h"
#include "core/network/http_wire.h"
#include "core/network/network.h"
#include "core/network/tls_verifier.h"

namespace drydock {
namespace {

constexpr Duration kProbeInterval = seconds(1);  // how often a broken way is looked at again
constexpr Duration kGiveUp = seconds(924);       // net.ipv4.tcp_retries2 = 15

HttpResponse unauthorized() {
  HttpResponse response;
  response.status = 401;
  response.body.document = Value::object({{"kind", "Status"},
                                          {"apiVersion", "v1"},
                                          {"metadata", Value::object()},
                                          {"status", "Failure"},
                                          {"message", "Unauthorized"},
                                          {"reason", "Unauthorized"},
                                          {"code", 401}});
  return response;
}

}  // namespace

HttpConnection::HttpConnection(std::shared_ptr<NetNamespace> stack, FlowTrace flow, HttpDial dial)
    : stack_(std::move(stack)),
      flow_(std::move(flow)),
      dial_(std::move(dial)),
      checked_version_(stack_->network().version()) {
  local_ = stack_ == flow_.target;
  flow_.target.reset();
  ends_ = {flow_.sent.source, flow_.sent.source_port, flow_.sent.destination, flow_.sent.destination_port};
}

Task<Result<std::shared_ptr<HttpConnection>, HttpFailure>> HttpConnection::dial(std::shared_ptr<NetNamespace> stack,
                                                                                HttpDial dial) {
  EventLoop& loop = stack->loop();
  auto arrival = co_await tcp_handshake(stack, dial.address, dial.port, dial.connect);
  if (!arrival) co_return HttpFailure{HttpFailure::Kind::kConnect, arrival.error(), ""};
  auto connection = std::shared_ptr<HttpConnection>(new HttpConnection(stack, arrival->flow, std::move(dial)));
  const HttpDial& wanted = connection->dial_;
  connection->endpoint_ = arrival->acceptor->http_endpoint();
  if (!connection->endpoint_) {
    auto [near, far] = TcpStream::make_pair(stack, arrival->flow);
    near->set_owner(wanted.connect.owner);
    if (!arrival->acceptor->on_connect(std::move(far)))
      co_return HttpFailure{HttpFailure::Kind::kConnect, Errno::kConnRefused, ""};
    connection->stream_ = std::move(near);
    if (wanted.tls) {
      co_await loop.sleep(arrival->flow.latency * 2);
      co_return HttpFailure{HttpFailure::Kind::kPlainServer, Errno::kProtoNoSupport, ""};
    }
    co_return connection;
  }
  const HttpListenerOptions& server = connection->endpoint_->options;
  const bool server_tls = server.tls();
  if (!wanted.tls) {
    connection->misdirected_ = server_tls;
    co_return connection;
  }
  co_await loop.sleep(arrival->flow.latency * 2);  // ClientHello … Finished
  if (!server_tls) co_return HttpFailure{HttpFailure::Kind::kPlainServer, Errno::kProtoNoSupport, ""};
  connection->server_certificate_pem_ = server.certificate_pem;
  const TlsVerifier* verifier = wanted.verifier;
  if (verifier != nullptr && !wanted.skip_verify) {
    auto verified = verifier->verify_server(server.certificate_pem, wanted.roots_pem, wanted.server_name, loop.now());
    if (!verified)
      co_return HttpFailure{HttpFailure::Kind::kCertificate, Errno::kProtoNoSupport, verified.error().message};
  }
  if (!wanted.client_certificate_pem.empty() && !server.client_ca_pem.empty()) {
    if (verifier != nullptr && !verifier->key_matches(wanted.client_certificate_pem, wanted.client_key_pem)) {
      co_return HttpFailure{HttpFailure::Kind::kClientCertificate, Errno::kProtoNoSupport,
                            "tls: private key does not match public key"};
    }
    const TlsVerifier* checker = server.verifier != nullptr ? server.verifier : verifier;
    connection->client_verified_ =
        checker == nullptr ||
        checker->verify_client(wanted.client_certificate_pem, server.client_ca_pem, loop.now()).ok();
    if (!connection->client_verified_ && server.client_certificate_required) {
      co_return HttpFailure{HttpFailure::Kind::kClientCertificate, Errno::kProtoNoSupport,
                            "remote error: tls: bad certificate"};
    }
  } else if (server.client_certificate_required) {
    co_return HttpFailure{HttpFailure::Kind::kClientCertificate, Errno::kProtoNoSupport,
                          "remote error: tls: certificate required"};
  }
  co_return connection;
}

bool HttpConnection::reusable() const {
  if (endpoint_) return endpoint_->listener != nullptr;
  return false;
}

// Whether the server can still be reached. The flow keeps the backend it was given.
bool HttpConnection::way_stands() {
  Network& network = stack_->network();
  if (checked_version_ == network.version()) return true;
  if (local_) {
    checked_version_ = network.version();
    return true;
  }
  Packet probe = flow_.sent;
  probe.destination = flow_.arrived.destination;
  probe.destination_port = flow_.arrived.destination_port;
  const FlowTrace way = stack_->trace(probe);
  const bool stands = way.verdict == Verdict::kDelivered;
  if (stands) checked_version_ = network.version();
  return stands;
}

Task<Result<HttpResponse, HttpFailure>> HttpConnection::request(HttpRequest request, std::string host,
                                                                std::optional<TimePoint> deadline) {
  Network& network = stack_->network();
  if (network.observed()) {
    network.report({TrafficEvent::Kind::kHttp, stack_->loop().now(), stack_.get(), &flow_, false,
                    request.method + " " + request.path});
  }
  if (endpoint_) co_return co_await typed_request(std::move(request), deadline);
  co_return co_await stream_request(std::move(request), std::move(host), deadline);
}

Task<Result<HttpResponse, HttpFailure>> HttpConnection::typed_request(HttpRequest request,
                                                                      std::optional<TimePoint> deadline) {
  EventLoop& loop = stack_->loop();
  const TimePoint give_up = std::min(deadline.value_or(TimePoint::max()), loop.now() + kGiveUp);
  while (!way_stands()) {
    if (loop.now() >= give_up) {
      if (deadline && give_up == *deadline) co_return HttpFailure{HttpFailure::Kind::kDeadline, Errno::kTimedOut, ""};
      co_return HttpFailure{HttpFailure::Kind::kTransfer, Errno::kTimedOut, ""};
    }
    co_await loop.sleep_until(std::min(loop.now() + kProbeInterval, give_up));
  }
  if (endpoint_->listener == nullptr) co_return HttpFailure{HttpFailure::Kind::kClosed, Errno::kConnReset, ""};
  if (misdirected_) {
    co_await loop.sleep(flow_.latency * 2);
    HttpResponse response;
    response.status = 400;
    response.body.bytes = "Client sent an HTTP request to an HTTPS server.\n";
    co_return response;
  }
  const bool presents_certificate =
      dial_.tls && !dial_.client_certificate_pem.empty() && !endpoint_->options.client_ca_pem.empty();
  if (presents_certificate && !client_verified_) {
    // The server asked, but does not know who signed: what its authenticator answers.
    co_await loop.sleep(flow_.latency * 2);
    co_return unauthorized();
  }
  request.peer_address = flow_.arrived.source.text();
  request.local_address = endpoint_text(flow_.arrived.destination, flow_.arrived.destination_port);
  request.client_certificate_pem = presents_certificate ? dial_.client_certificate_pem : "";
  const std::shared_ptr<HttpExchange> exchange = endpoint_->listener->begin(std::move(request), flow_.latency);
  while (!exchange->response && !exchange->broken) {
    if (!deadline)
      co_await exchange->done.wait();
    else if (!co_await exchange->done.wait_until(*deadline))
      co_return HttpFailure{HttpFailure::Kind::kDeadline, Errno::kTimedOut, ""};
  }
  if (exchange->broken) co_return HttpFailure{HttpFailure::Kind::kClosed, Errno::kConnReset, ""};
  co_await loop.sleep(flow_.latency);
  co_return std::move(*exchange->response);
}

Task<Result<HttpResponse, HttpFailure>> HttpConnection::stream_request(HttpRequest request, std::string host,
                                                                       std::optional<TimePoint> deadline) {
  auto sent = stream_->write(write_request(request, host));
  if (!sent) co_return HttpFailure{HttpFailure::Kind::kTransfer, sent.error(), ""};
  HttpParser parser(HttpParser::Mode::kResponse);
  if (request.method == "HEAD") parser.expect_no_body();
  bool any = false;
  while (true) {
    const HttpParser::State state = parser.parse();
    if (state == HttpParser::State::kMessage) co_return std::move(parser.response());
    if (state == HttpParser::State::kFailed) {
      co_return HttpFailure{any ? HttpFailure::Kind::kMalformed : HttpFailure::Kind::kClosed, Errno::kProtoNoSupport,
                            ""};
    }
    auto piece = stream_->try_read();
    if (!piece) {
      if (!deadline)
        co_await stream_->changed().wait();
      else if (!co_await stream_->changed().wait_until(*deadline))
        co_return HttpFailure{HttpFailure::Kind::kDeadline, Errno::kTimedOut, ""};
      continue;
    }
    if (!*piece) co_return HttpFailure{HttpFailure::Kind::kTransfer, piece->error(), ""};
    if ((*piece)->empty()) {
      if (!any) co_return HttpFailure{HttpFailure::Kind::kClosed, Errno::kConnReset, ""};
      parser.end();
      if (parser.parse() != HttpParser::State::kMessage)
        co_return HttpFailure{HttpFailure::Kind::kMalformed, Errno::kProtoNoSupport, ""};
      co_return std::move(parser.response());
    }
    any = true;
    parser.feed(**piece);
  }
}

}  // namespace drydock
