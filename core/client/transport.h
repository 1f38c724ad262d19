// Transport port: how a client reaches an HTTP server (API server, kubelet,
// etcd). In the virtual world it goes over the virtual network from a process'
// host (refused connections, missing routes and wrong certificates included);
// natively over real TLS connections.
#pragma once

#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/base/task.h"
#include "core/machinery/http_message.h"

namespace drydock {

// Where and as whom a client connects.
struct Endpoint {
  std::string host;  // name or address
  std::uint16_t port = 443;
  bool tls = true;
  std::string certificate_authority_pem;  // "": system roots
  bool insecure_skip_verify = false;
  std::string client_certificate_pem;
  std::string client_key_pem;
  std::string server_name;  // TLS name to check; "" means `host`
  std::string url() const;  // "https://10.0.0.2:6443"
};

class Transport {
 public:
  virtual ~Transport() = default;
  // Sends the request and returns the response head (with its body, or with a
  // stream for watches and upgrades). Errors are below HTTP and worded as Go's
  // net package words them: "dial tcp 10.0.0.2:6443: connect: connection refused",
  // "tls: failed to verify certificate: x509: certificate signed by unknown authority".
  // An HTTP error status is a response, not an error.
  virtual Task<Result<HttpResponse>> round_trip(const Endpoint& endpoint, HttpRequest request) = 0;
};

}  // namespace drydock
