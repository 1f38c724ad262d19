#include <algorithm>

#include "core/apiserver/openapi/protobuf.h"
#include "core/base/check.h"
#include "server/http/http1.h"
#include "server/http/http2.h"
#include "server/http/spdy.h"
#include "tests/fuzz/targets.h"
#include "tests/server/fixtures.h"

namespace drydock::fuzz {
namespace {

using server::ByteStream;
using server::testing::Bench;

constexpr Duration kPatience = std::chrono::minutes(30);  // virtual: every timeout has passed

// Answers as an API server would: documents, streams, an echo on upgraded connections.
class Handler final : public HttpHandler {
 public:
  explicit Handler(EventLoop& loop) : loop_(loop), tasks_(loop) {}
  Task<HttpResponse> handle(HttpRequest request) override {
    HttpResponse response;
    if (request.upgrade) {
      tasks_.spawn(echo(request.upgrade));
      response.status = 101;
    } else if (request.query.get("watch") == "true") {
      auto [ours, theirs] = StreamEnd::make_pair(loop_);
      ours->send({1, "", Value::object({{"type", "ADDED"}, {"object", Value::object()}})});
      response.stream = theirs;
    } else {
      response.body.document = Value::object({{"path", request.path}, {"bytes", request.body.bytes.size()}});
    }
    co_return response;
  }

 private:
  static Task<void> echo(std::shared_ptr<StreamEnd> stream) {
    while (std::optional<StreamMessage> message = co_await stream->receive()) {
      if (message->channel == 255) break;
      stream->send({1, std::move(message->bytes), Value()});
    }
    stream->send({3, "", Value::object({{"status", "Success"}})});
    stream->close();
  }
  EventLoop& loop_;
  TaskGroup tasks_;
};

using Serve = Task<void> (*)(EventLoop&, std::shared_ptr<ByteStream>, server::ConnectionFacts, HttpHandler&,
                             server::HttpLimits);

// Plays the bytes to a server in pieces, and listens until all of its timeouts have passed.
// The first byte says how large the pieces are.
void converse(Serve serve, std::string_view head, std::string_view bytes) {
  Bench bench;
  Handler handler(bench.loop);
  auto [client, server_end] = server::make_memory_streams(bench.loop);
  bench.tasks.spawn(serve(bench.loop, server_end, {}, handler, {}));
  const std::size_t piece = bytes.empty() ? 1 : static_cast<unsigned char>(bytes[0]) * 16 + 1;
  if (!bytes.empty()) bytes.remove_prefix(1);
  if (!head.empty()) client->write(std::string(head));
  while (!bytes.empty() && !client->ended()) {
    const std::size_t size = std::min(piece, bytes.size());
    client->write(std::string(bytes.substr(0, size)));
    bytes.remove_prefix(size);
    bench.run(milliseconds(1));
  }
  (void)bench.read(*client, milliseconds(10));
  client->close();
  bench.run(kPatience);
  DRYDOCK_CHECK(bench.tasks.running() == 0);
}

void http(std::string_view bytes) { converse(server::serve_http1, "", bytes); }

void http2(std::string_view bytes) {
  converse(server::serve_http2, std::string_view("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33), bytes);
}

// Half of the inputs are forwarded ports, which are framed otherwise.
std::string upgrade(std::string_view bytes, std::string_view headers) {
  const bool ports = !bytes.empty() && (bytes.back() & 1) != 0;
  return "GET " +
         std::string(ports ? "/api/v1/namespaces/a/pods/b/portforward?ports=80"
                           : "/api/v1/namespaces/a/pods/b/exec?stdin=true&stdout=true&stderr=true&command=sh") +
         " HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n" + std::string(headers) + "\r\n";
}

void websocket(std::string_view bytes) {
  converse(server::serve_http1,
           upgrade(bytes,
                   "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                   "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n"),
           bytes);
}

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

// SPDY's headers are compressed with one history for a whole connection, which no
// fuzzer finds by itself: after an 'x' the bytes are orders for frames, else frames.
//   'o' <stream> <type of the stream: 0 error 1 stdin 2 stdout 3 stderr 4 resize 5 data>
//   'd' <stream> <flags> <length> bytes      'f' <type> <flags> <length> bytes
std::string spdy_frames(std::string_view orders) {
  static constexpr std::string_view kTypes[] = {"error", "stdin", "stdout", "stderr", "resize", "data"};
  server::SpdyHeaderCodec codec;
  std::string frames;
  auto take = [&] {
    if (orders.empty()) return static_cast<unsigned char>(0);
    const auto byte = static_cast<unsigned char>(orders[0]);
    orders.remove_prefix(1);
    return byte;
  };
  auto take_bytes = [&] {
    const std::size_t size = std::min<std::size_t>(take(), orders.size());
    std::string bytes(orders.substr(0, size));
    orders.remove_prefix(size);
    return bytes;
  };
  while (!orders.empty()) {
    switch (take()) {
      case 'o': {
        const std::uint32_t stream = take();
        const std::string block = codec.encode(
            {{"streamtype", std::string(kTypes[take() % std::size(kTypes)])}, {"port", "80"}, {"requestid", "0"}});
        frames += big_endian(0x80030001) + big_endian(static_cast<std::uint32_t>(block.size() + 10)) +
                  big_endian(stream) + big_endian(0) + std::string(2, '\0') + block;
        break;
      }
      case 'd': {
        const std::uint32_t stream = take();
        const std::uint32_t flags = take();
        const std::string bytes = take_bytes();
        frames += big_endian(stream) + big_endian(flags << 24 | static_cast<std::uint32_t>(bytes.size())) + bytes;
        break;
      }
      default: {
        const std::uint32_t type = take();
        const std::uint32_t flags = take();
        const std::string bytes = take_bytes();
        frames +=
            big_endian(0x80030000 | type) + big_endian(flags << 24 | static_cast<std::uint32_t>(bytes.size())) + bytes;
      }
    }
  }
  return frames;
}

void spdy(std::string_view bytes) {
  const bool ports = !bytes.empty() && (bytes.back() & 1) != 0;
  const std::string head =
      upgrade(bytes, ports ? "Upgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: portforward.k8s.io\r\n"
                           : "Upgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n");
  if (bytes.starts_with('x')) {
    converse(server::serve_http1, head, "\x10" + spdy_frames(bytes.substr(1)));
  } else {
    converse(server::serve_http1, head, bytes);
    server::SpdyHeaderCodec codec;
    (void)codec.decode(bytes);
  }
}

void protobuf(std::string_view bytes) {
  (void)decode_protobuf_body(bytes);
  ProtobufReader reader(bytes);
  ProtobufField field;
  while (reader.next(field)) DRYDOCK_CHECK(field.bytes.size() <= bytes.size());
}

constexpr Target kTargets[] = {
    {"http", http}, {"http2", http2}, {"websocket", websocket}, {"spdy", spdy}, {"protobuf", protobuf},
};

}  // namespace

std::span<const Target> wire_targets() { return kTargets; }

}  // namespace drydock::fuzz
