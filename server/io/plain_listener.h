// PlainListener: accepts connections without TLS on a real port, for what only this
// machine's own browser talks to. See TlsListener for the rest of the contract.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "server/io/tls_listener.h"

namespace drydock::server {

class RealTime;

class PlainListener {
 public:
  // Port 0 takes a free one. The error reads "listen tcp 127.0.0.1:6444: bind: address already in use".
  static Result<std::unique_ptr<PlainListener>> open(RealTime& driver, const std::string& address, std::uint16_t port,
                                                     TlsListener::Serve serve);
  ~PlainListener();
  std::uint16_t port() const;

 private:
  struct State;
  explicit PlainListener(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace drydock::server
