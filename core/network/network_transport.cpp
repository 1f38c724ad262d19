#include "core/network/network_transport.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/network/network.h"

namespace drydock {
namespace {

constexpr Duration kDialTimeout = seconds(30);  // client-go's dialer
constexpr std::size_t kPoolLimit = 16;

// Go's syscall.Errno texts.
std::string go_errno_text(Errno error) {
  switch (error) {
    case Errno::kTimedOut:
      return "connection timed out";
    default:
      return to_lower(errno_text(error));
  }
}

std::string dial_target(const Endpoint& endpoint, Ipv4 address) {
  // "localhost" is ::1 first on every machine of ours, as on most.
  if (endpoint.host == "localhost" || endpoint.host == "::1") return "[::1]:" + std::to_string(endpoint.port);
  return endpoint_text(address, endpoint.port);
}

std::string failure_text(const HttpFailure& failure, const Endpoint& endpoint, Ipv4 address) {
  switch (failure.kind) {
    case HttpFailure::Kind::kConnect: {
      const std::string target = "dial tcp " + dial_target(endpoint, address) + ": ";
      return failure.error == Errno::kTimedOut ? target + "i/o timeout"
                                               : target + "connect: " + go_errno_text(failure.error);
    }
    case HttpFailure::Kind::kPlainServer:
      return "http: server gave HTTP response to HTTPS client";
    case HttpFailure::Kind::kCertificate:
      return "tls: failed to verify certificate: " + failure.text;
    case HttpFailure::Kind::kClientCertificate:
      return failure.text;
    case HttpFailure::Kind::kClosed:
      return "EOF";
    case HttpFailure::Kind::kTransfer:
      return "read tcp " + dial_target(endpoint, address) + ": read: " + go_errno_text(failure.error);
    case HttpFailure::Kind::kMalformed:
      return "net/http: HTTP/1.x transport connection broken: malformed HTTP response";
    case HttpFailure::Kind::kDeadline:
      return "net/http: request canceled (Client.Timeout exceeded while awaiting headers)";
  }
  return "";
}

bool same_endpoint(const Endpoint& a, const Endpoint& b) {
  return a.port == b.port && a.tls == b.tls && a.insecure_skip_verify == b.insecure_skip_verify && a.host == b.host &&
         a.server_name == b.server_name && a.client_certificate_pem == b.client_certificate_pem &&
         a.client_key_pem == b.client_key_pem && a.certificate_authority_pem == b.certificate_authority_pem;
}

}  // namespace

struct NetworkTransport::Pooled {
  Endpoint endpoint;
  Ipv4 address;
  std::shared_ptr<HttpConnection> connection;
};

NetworkTransport::NetworkTransport(std::shared_ptr<NetNamespace> stack, Resolve resolve, const TlsVerifier* verifier,
                                   SocketOwner owner)
    : stack_(std::move(stack)), resolve_(std::move(resolve)), verifier_(verifier), owner_(std::move(owner)) {}
NetworkTransport::~NetworkTransport() = default;

Task<Result<std::shared_ptr<HttpConnection>>> NetworkTransport::connection(const Endpoint& endpoint) {
  for (const Pooled& pooled : pool_) {
    if (pooled.connection->reusable() && same_endpoint(pooled.endpoint, endpoint)) co_return pooled.connection;
  }
  std::erase_if(pool_, [](const Pooled& pooled) { return !pooled.connection->reusable(); });
  std::vector<Ipv4> addresses;
  if (const auto literal = Ipv4::parse(endpoint.host)) {
    addresses.push_back(*literal);
  } else {
    auto resolved = co_await resolve_(endpoint.host);
    if (!resolved) co_return Status::plain("dial tcp: " + resolved.error().message);
    addresses = std::move(*resolved);
  }
  std::optional<Status> first_failure;
  for (Ipv4 address : addresses) {
    HttpDial dial;
    dial.address = address;
    dial.port = endpoint.port;
    dial.tls = endpoint.tls;
    dial.server_name = endpoint.server_name.empty() ? endpoint.host : endpoint.server_name;
    dial.roots_pem = endpoint.certificate_authority_pem;
    dial.skip_verify = endpoint.insecure_skip_verify;
    dial.client_certificate_pem = endpoint.client_certificate_pem;
    dial.client_key_pem = endpoint.client_key_pem;
    dial.verifier = verifier_;
    dial.connect.deadline = stack_->loop().now() + kDialTimeout;
    dial.connect.owner = owner_;
    auto dialled = co_await HttpConnection::dial(stack_, std::move(dial));
    if (!dialled) {
      if (!first_failure) first_failure = Status::plain(failure_text(dialled.error(), endpoint, address));
      if (dialled.error().kind != HttpFailure::Kind::kConnect) break;
      continue;
    }
    if ((*dialled)->reusable()) {
      if (pool_.size() >= kPoolLimit) pool_.erase(pool_.begin());
      pool_.push_back({endpoint, address, *dialled});
    }
    co_return *dialled;
  }
  co_return first_failure ? *first_failure : Status::plain("dial tcp: lookup " + endpoint.host + ": no such host");
}

Task<Result<HttpResponse>> NetworkTransport::round_trip(const Endpoint& endpoint, HttpRequest request) {
  DRYDOCK_CO_TRY(const std::shared_ptr<HttpConnection> link, co_await connection(endpoint));
  const std::string host = endpoint.host + ":" + std::to_string(endpoint.port);
  auto response = co_await link->request(std::move(request), host);
  if (!response) co_return Status::plain(failure_text(response.error(), endpoint, link->ends().peer));
  co_return std::move(*response);
}

}  // namespace drydock
