// Upgraded connections: exec, attach and port-forward over WebSocket or SPDY/3.1.
// https://kubernetes.io/docs/reference/using-api/api-concepts/ and KEP-4006
//
// The request goes to the handler first, with the server's end of a StreamEnd; only when
// the handler answers 101 is the connection switched, and the channels of
// v5.channel.k8s.io are carried over it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/machinery/http_message.h"
#include "server/http/server_options.h"
#include "server/io/byte_stream.h"

namespace drydock::server {

enum class Upgrade { kNone, kWebSocket, kSpdy };
Upgrade wanted_upgrade(const HttpRequest& request);

// Serves the connection to its end. A response: the upgrade was refused and the
// connection goes on as it was. `rest` is what the client has sent after the request.
Task<std::optional<HttpResponse>> serve_upgrade(EventLoop& loop, std::shared_ptr<ByteStream> link, std::string rest,
                                                Upgrade kind, HttpRequest request, HttpHandler& handler,
                                                HttpLimits limits);

// --- shared by both protocols (remote_channels.cpp) ---
constexpr int kStdin = 0;
constexpr int kStdout = 1;
constexpr int kStderr = 2;
constexpr int kErrorChannel = 3;
constexpr int kResize = 4;
constexpr int kCloseChannel = 255;

// What a request of exec or attach asks for.
struct StreamWishes {
  bool input = false;
  bool output = false;
  bool errors = false;
  bool tty = false;
  static StreamWishes of(const HttpQuery& query);
};
bool is_port_forward(const HttpRequest& request);

// A message from the client, in the core's shape: sizes of terminals are documents.
StreamMessage client_message(int channel, std::string bytes);
// Bytes for the error channel: a Status from version 4 on, a plain text before.
std::string error_channel_bytes(const StreamMessage& message, int protocol_version);
// "v4.channel.k8s.io" -> 4; "channel.k8s.io" -> 1; 0: not one of ours.
int channel_version(std::string_view protocol);

// One forwarded connection of a pod's port: asks the handler as the original request
// did, and gives our end of the stream; nullptr with `why` when refused.
Task<std::shared_ptr<StreamEnd>> open_port(EventLoop& loop, HttpRequest request, std::uint16_t port,
                                           HttpHandler& handler, std::string& why);

}  // namespace drydock::server
