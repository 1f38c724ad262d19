// HttpListener: serves an HttpHandler on a port of a network stack. Typed clients
// hand their messages over as objects; byte streams are parsed and answered.
//
// The handler's work runs in the listener's tasks: a client that goes away does not
// disturb it, and when the listener goes away its clients see the connection end.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/sync.h"
#include "core/machinery/http_message.h"
#include "core/network/tcp.h"

namespace drydock {

class TlsVerifier;

struct HttpListenerOptions {
  Ipv4 address;  // any: all
  SocketOwner owner;
  // TLS when there is a certificate, or (the virtual internet, which every system's
  // roots vouch for) when it says so.
  std::string certificate_pem;
  bool tls_without_certificate = false;
  bool tls() const { return tls_without_certificate || !certificate_pem.empty(); }
  // Client certificates are asked for when there is an authority to check them against.
  std::string client_ca_pem;
  bool client_certificate_required = false;
  const TlsVerifier* verifier = nullptr;
};

// One request in the server's hands; shared by both sides.
struct HttpExchange {
  explicit HttpExchange(EventLoop& loop) : done(loop) {}
  std::optional<HttpResponse> response;
  bool broken = false;  // the server went away
  Event done;
};

class HttpListener;

// What clients hold of a listener; outlives it.
struct HttpEndpoint {
  HttpListener* listener = nullptr;  // null once it is closed
  HttpListenerOptions options;
};

class HttpListener final : public TcpAcceptor {
 public:
  // EADDRINUSE, EADDRNOTAVAIL. `handler` outlives the listener.
  static SysResult<std::unique_ptr<HttpListener>> open(std::shared_ptr<NetNamespace> stack, std::uint16_t port,
                                                       HttpHandler& handler, HttpListenerOptions options = {});
  ~HttpListener() override;
  std::uint16_t port() const { return port_; }

  bool on_connect(TcpStreamPtr stream) override;
  std::shared_ptr<HttpEndpoint> http_endpoint() override { return endpoint_; }
  // Hands the request to the handler after `latency`.
  std::shared_ptr<HttpExchange> begin(HttpRequest request, Duration latency);

 private:
  HttpListener(std::shared_ptr<NetNamespace> stack, HttpHandler& handler, HttpListenerOptions options);
  std::shared_ptr<NetNamespace> stack_;
  HttpHandler& handler_;
  std::uint16_t port_ = 0;
  std::shared_ptr<HttpEndpoint> endpoint_;
  TaskGroup tasks_;
};

// The server's side of one byte stream until it ends.
Task<void> serve_http_stream(TcpStreamPtr stream, HttpHandler& handler);

}  // namespace drydock
