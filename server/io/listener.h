// Listener: accepts connections on a real port and hands each to a coroutine that serves
// it. They speak TLS 1.2+, and are handed on once their handshake is done; client
// certificates are asked for and, when given, must come from the client CA.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/base/sync.h"
#include "server/io/byte_stream.h"

namespace drydock::server {

class RealTime;

// Facts of a connection that its requests carry.
struct ConnectionFacts {
  std::string peer_address;            // "127.0.0.1"
  std::string local_address;           // "127.0.0.1:6443"
  std::string client_certificate_pem;  // "" when the client sent none
  std::string protocol;                // ALPN: "http/1.1", "h2", or ""
};

struct ListenerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 6443;    // 0 takes a free one
  bool tls = true;              // false: plain, for this machine's own browser; the rest is then unused
  std::string certificate_pem;  // with its chain
  std::string key_pem;
  std::string client_ca_pem;
  std::string protocols = "http/1.1";  // ALPN, in order of preference, separated by commas
  std::size_t connection_limit = 4096;
  Duration handshake_timeout = seconds(10);
};

class Listener {
 public:
  using Serve = std::function<Task<void>(std::shared_ptr<ByteStream>, ConnectionFacts)>;
  // The error reads "listen tcp 127.0.0.1:6443: bind: address already in use".
  static Result<std::unique_ptr<Listener>> open(RealTime& driver, ListenerOptions options, Serve serve);
  ~Listener();
  std::uint16_t port() const;

 private:
  struct State;
  explicit Listener(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace drydock::server
