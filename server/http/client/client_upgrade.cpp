#include "server/http/client/client_upgrade.h"

#include <openssl/rand.h>

#include "core/base/strings.h"
#include "core/base/sync.h"
#include "core/machinery/json.h"
#include "server/http/upgrade.h"
#include "server/http/websocket.h"

namespace drydock::server {
namespace {

constexpr std::size_t kUnsentLimit = 1 << 20;
constexpr Duration kWriteTimeout = seconds(60);
constexpr Duration kLeaveTimeout = seconds(1);

std::string channel_bytes(StreamMessage message) {
  if (message.channel == kResize && !message.document.is_null()) return dump_json(message.document);
  return std::move(message.bytes);
}

// What is typed goes to the server.
Task<void> send_channels(EventLoop& loop, std::shared_ptr<ByteStream> link, std::shared_ptr<WebSocket> socket,
                         int version, std::shared_ptr<StreamEnd> stream) {
  while (std::optional<StreamMessage> message = co_await stream->receive()) {
    const int channel = message->channel;
    // Before version 5 there is no way to end one channel.
    if (channel == kCloseChannel && version < 5) continue;
    socket->send(std::string(1, static_cast<char>(channel)) + channel_bytes(*std::move(message)));
    const TimePoint deadline = loop.now() + kWriteTimeout;
    if (link->unsent() > kUnsentLimit && !co_await link->drained(kUnsentLimit / 2, deadline)) break;
  }
  socket->close();
  // The peer answers the goodbye; then the connection may go.
  co_await loop.sleep(kLeaveTimeout);
  link->close();
}

}  // namespace

std::string websocket_key() {
  unsigned char bytes[16];
  const int drawn = RAND_bytes(bytes, sizeof bytes);
  DRYDOCK_CHECK(drawn == 1);
  return base64_encode(std::string_view(reinterpret_cast<const char*>(bytes), sizeof bytes));
}

Task<void> run_client_upgrade(EventLoop& loop, std::shared_ptr<ByteStream> link, std::string rest, std::string protocol,
                              bool ports, std::shared_ptr<StreamEnd> stream) {
  auto socket = std::make_shared<WebSocket>(*link, std::move(rest), WebSocket::Role::kClient);
  TaskGroup sending(loop);
  sending.spawn(send_channels(loop, link, socket, channel_version(protocol), stream));
  std::size_t to_skip[2] = {2, 2};
  while (std::optional<WebSocket::Message> frame = co_await socket->receive()) {
    if (frame->bytes.empty()) continue;
    StreamMessage message;
    message.channel = static_cast<unsigned char>(frame->bytes[0]);
    message.bytes = frame->bytes.substr(1);
    if (ports && message.channel < 2) {
      std::size_t& skip = to_skip[message.channel];
      const std::size_t count = std::min(skip, message.bytes.size());
      message.bytes.erase(0, count);
      skip -= count;
    }
    // An empty message only says that the streams stand.
    if (message.bytes.empty()) continue;
    if (!stream->send(std::move(message))) break;
  }
  stream->close();
  link->close();
}

}  // namespace drydock::server
