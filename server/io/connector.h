// Connector: makes connections to real servers, plain or over TLS with a client
// certificate. The listener's counterpart.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/base/task.h"
#include "server/io/byte_stream.h"

namespace drydock::server {

class RealTime;

struct ConnectorOptions {
  std::string ca_pem;           // who vouches for servers; "": the machine's own authorities
  std::string certificate_pem;  // ours, with its chain; "" for none
  std::string key_pem;
  std::string protocol;  // ALPN: "h2"
};

class Connector {
 public:
  // `driver` outlives the connector. Errors name what is wrong with the certificates.
  static Result<std::unique_ptr<Connector>> open(RealTime& driver, ConnectorOptions options);
  ~Connector();

  // Over TLS the server must prove to be `host`. Errors are worded as Go words them:
  // "dial tcp 127.0.0.1:2379: connect: connection refused".
  Task<Result<std::shared_ptr<ByteStream>>> connect(std::string host, std::uint16_t port, bool secure,
                                                    TimePoint deadline);

 private:
  struct State;
  explicit Connector(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace drydock::server
