// NetworkTransport: the Transport of the virtual world: from a network stack, by
// names that a resolver looks up, over kept-alive connections. Errors are worded
// as Go's net and crypto/tls packages word them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/client/transport.h"
#include "core/network/http_client.h"

namespace drydock {

class NetworkTransport final : public Transport {
 public:
  // Addresses of a name; the error reads "lookup nosuch on 10.96.0.10:53: no such host".
  using Resolve = std::function<Task<Result<std::vector<Ipv4>>>(std::string host)>;
  // `verifier` outlives the transport; without one every certificate is taken.
  NetworkTransport(std::shared_ptr<NetNamespace> stack, Resolve resolve, const TlsVerifier* verifier,
                   SocketOwner owner = {});
  ~NetworkTransport() override;
  Task<Result<HttpResponse>> round_trip(const Endpoint& endpoint, HttpRequest request) override;

 private:
  struct Pooled;
  Task<Result<std::shared_ptr<HttpConnection>>> connection(const Endpoint& endpoint);
  std::shared_ptr<NetNamespace> stack_;
  Resolve resolve_;
  const TlsVerifier* verifier_;
  SocketOwner owner_;
  std::vector<Pooled> pool_;
};

}  // namespace drydock
