// LoopbackTransport: a Transport that calls handlers in the same process, for
// tests and for a native server's own components. No bytes are made.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "core/base/event_loop.h"
#include "core/client/transport.h"

namespace drydock {

class LoopbackTransport final : public Transport {
 public:
  // Requests and answers each take `latency`.
  explicit LoopbackTransport(EventLoop& loop, Duration latency = microseconds(200)) : loop_(loop), latency_(latency) {}

  // `handler` must outlive the transport or be taken off with close().
  void listen(const std::string& host, std::uint16_t port, HttpHandler& handler) { handlers_[{host, port}] = &handler; }
  void close(const std::string& host, std::uint16_t port) { handlers_.erase({host, port}); }

  Task<Result<HttpResponse>> round_trip(const Endpoint& endpoint, HttpRequest request) override;

 private:
  EventLoop& loop_;
  Duration latency_;
  std::map<std::pair<std::string, std::uint16_t>, HttpHandler*> handlers_;
};

}  // namespace drydock
