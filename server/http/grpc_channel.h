// GrpcChannel: the client's end of one HTTP/2 connection that carries gRPC calls, many
// at once: requests as messages with a five-byte head, the outcome in trailers.
// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
//
// Messages are bytes here; compression is neither offered nor accepted.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/io/byte_stream.h"

namespace drydock::server {

enum class GrpcCode {
  kOk = 0,
  kUnknown = 2,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kUnavailable = 14,
};

struct GrpcStatus {
  int code = static_cast<int>(GrpcCode::kOk);
  std::string message;
  // The peer is known not to have begun with the call: it may be made again.
  bool untouched = false;
  bool is(GrpcCode wanted) const { return code == static_cast<int>(wanted); }
};
// "Unavailable", as in "rpc error: code = Unavailable desc = …".
std::string_view grpc_code_name(int code);

// One call. Dropping it cancels it.
class GrpcCall {
 public:
  virtual ~GrpcCall() = default;
  virtual void send(std::string_view message) = 0;
  // No message of ours comes any more.
  virtual void finish() = 0;
  // The next message; nullopt once the call has ended, or when `deadline` passes first.
  virtual Task<std::optional<std::string>> receive(std::optional<TimePoint> deadline = std::nullopt) = 0;
  virtual bool ended() const = 0;
  // Known once it has ended.
  virtual const GrpcStatus& status() const = 0;
};

class GrpcChannel {
 public:
  // Speaks HTTP/2 at once, over TLS or not. `authority` is the server's "host:port".
  static std::shared_ptr<GrpcChannel> open(EventLoop& loop, std::shared_ptr<ByteStream> link, std::string scheme,
                                           std::string authority);
  virtual ~GrpcChannel() = default;
  // Reads until the connection ends; somebody must run it. A peer that does not answer
  // a ping is taken for dead.
  virtual Task<void> run() = 0;
  // New calls can be made.
  virtual bool usable() const = 0;
  // `path` is "/package.Service/Method"; `timeout` is told to the peer.
  virtual std::unique_ptr<GrpcCall> start(std::string_view path,
                                          const std::vector<std::pair<std::string, std::string>>& metadata = {},
                                          std::optional<Duration> timeout = std::nullopt) = 0;
  virtual void close() = 0;
};

}  // namespace drydock::server
