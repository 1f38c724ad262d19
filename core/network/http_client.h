// HttpConnection: a client's connection to an HTTP server, typed where the server
// is typed, bytes otherwise. curl and NetworkTransport stand on it and word its
// errors each in their own way.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/machinery/http_message.h"
#include "core/network/tcp.h"

namespace drydock {

class TlsVerifier;
struct HttpEndpoint;

struct HttpFailure {
  enum class Kind {
    kConnect,            // `error` says why
    kPlainServer,        // TLS was spoken to a server that speaks plain HTTP
    kCertificate,        // `text` is the verifier's
    kClientCertificate,  // the server wants another one; `text` as Go's tls words it
    kClosed,             // the connection ended before an answer
    kTransfer,           // reading or writing failed with `error`
    kMalformed,          // the answer is not HTTP
    kDeadline,
  };
  Kind kind = Kind::kConnect;
  Errno error = Errno::kConnRefused;
  std::string text;
};

struct HttpDial {
  Ipv4 address;
  std::uint16_t port = 80;
  bool tls = false;
  std::string server_name;
  std::string roots_pem;
  bool skip_verify = false;
  std::string client_certificate_pem;
  std::string client_key_pem;
  const TlsVerifier* verifier = nullptr;
  ConnectOptions connect;
};

class HttpConnection {
 public:
  static Task<Result<std::shared_ptr<HttpConnection>, HttpFailure>> dial(std::shared_ptr<NetNamespace> stack,
                                                                         HttpDial dial);
  // `host` is the Host header of byte servers. A typed connection carries any number at once.
  Task<Result<HttpResponse, HttpFailure>> request(HttpRequest request, std::string host,
                                                  std::optional<TimePoint> deadline = std::nullopt);
  // Whether another request may be sent on it.
  bool reusable() const;
  const SocketEnds& ends() const { return ends_; }
  const std::string& server_certificate_pem() const { return server_certificate_pem_; }

 private:
  HttpConnection(std::shared_ptr<NetNamespace> stack, FlowTrace flow, HttpDial dial);
  Task<Result<HttpResponse, HttpFailure>> typed_request(HttpRequest request, std::optional<TimePoint> deadline);
  Task<Result<HttpResponse, HttpFailure>> stream_request(HttpRequest request, std::string host,
                                                         std::optional<TimePoint> deadline);
  bool way_stands();

  std::shared_ptr<NetNamespace> stack_;
  FlowTrace flow_;      // without its target, which must not be kept alive from here
  bool local_ = false;  // the server is on this very stack
  HttpDial dial_;
  SocketEnds ends_;
  std::uint64_t checked_version_ = 0;
  std::shared_ptr<HttpEndpoint> endpoint_;  // typed servers
  bool client_verified_ = false;
  bool misdirected_ = false;  // plain HTTP to a TLS server
  std::string server_certificate_pem_;
  TcpStreamPtr stream_;  // byte servers
};

}  // namespace drydock
