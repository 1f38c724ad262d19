#include "core/client/loopback_transport.h"

namespace drydock {

Task<Result<HttpResponse>> LoopbackTransport::round_trip(const Endpoint& endpoint, HttpRequest request) {
  const std::pair<std::string, std::uint16_t> address{endpoint.host, endpoint.port};
  request.peer_address = "127.0.0.1";
  request.client_certificate_pem = endpoint.client_certificate_pem;
  request.local_address = address.first + ":" + std::to_string(address.second);
  co_await loop_.sleep(latency_);
  const auto handler = handlers_.find(address);
  if (handler == handlers_.end())
    co_return Status::plain("dial tcp " + address.first + ":" + std::to_string(address.second) +
                            ": connect: connection refused");
  HttpResponse response = co_await handler->second->handle(std::move(request));
  co_await loop_.sleep(latency_);
  co_return response;
}

}  // namespace drydock
