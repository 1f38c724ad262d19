// Dialer: opens real connections, with TLS 1.2+ where the endpoint asks for it.
// Errors are worded as Go's net and crypto/tls packages word them (core/client/transport.h).
#pragma once

#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/client/transport.h"
#include "server/io/byte_stream.h"

namespace drydock::server {

class RealTime;

class Dialer {
 public:
  explicit Dialer(RealTime& driver) : driver_(driver) {}
  // Names are looked up by the machine's resolver; every address is tried in turn, and
  // the first one's error is told. Without an authority the machine's roots vouch.
  // `protocol` is offered by ALPN ("h2").
  Task<Result<std::shared_ptr<ByteStream>>> dial(Endpoint endpoint, std::string protocol = "http/1.1",
                                                 Duration patience = seconds(30));
  // What is wrong with the endpoint's certificates, without dialling.
  static Result<void> check(const Endpoint& endpoint);

 private:
  RealTime& driver_;
};

}  // namespace drydock::server
