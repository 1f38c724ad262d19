#include "server/http/websocket_streams.h"

#include "core/base/strings.h"

namespace drydock::server {
namespace {

constexpr std::string_view kBase64 = "base64.channel.k8s.io";
constexpr Duration kLeaveTimeout = seconds(3);

// The channel byte and the bytes behind it, in the protocol's form.
class ChannelFraming {
 public:
  explicit ChannelFraming(std::string_view protocol)
      : base64_(protocol.ends_with(kBase64)), version_(channel_version(unwrapped_protocol(protocol))) {}
  int version() const { return version_; }
  std::string wrap(int channel, std::string_view bytes) const {
    return base64_ ? std::string(1, static_cast<char>('0' + channel)) + base64_encode(bytes)
                   : std::string(1, static_cast<char>(channel)) + std::string(bytes);
  }
  struct Piece {
    int channel = 0;
    std::string bytes;
  };
  std::optional<Piece> unwrap(std::string text) const {
    if (text.empty()) return std::nullopt;
    const int channel = static_cast<unsigned char>(text[0]);
    text.erase(0, 1);
    if (!base64_) return Piece{channel, std::move(text)};
    auto bytes = base64_decode(text);
    if (!bytes) return std::nullopt;
    return Piece{channel - '0', *std::move(bytes)};
  }
  bool text() const { return base64_; }

 private:
  bool base64_;
  int version_;
};

Task<void> read_client(std::shared_ptr<WebSocket> socket, ChannelFraming framing, std::shared_ptr<StreamEnd> stream,
                       drydock::Event& ended, bool& gone) {
  while (std::optional<WebSocket::Message> frame = co_await socket->receive()) {
    auto piece = framing.unwrap(std::move(frame->bytes));
    if (!piece) continue;
    const bool close = piece->channel == kCloseChannel && framing.version() >= 5;
    if (close || piece->channel == kStdin || piece->channel == kResize)
      stream->send(client_message(piece->channel, std::move(piece->bytes)));
  }
  gone = true;
  ended.notify_all();
  stream->close();
}

}  // namespace

std::string unwrapped_protocol(std::string_view protocol) {
  if (!protocol.ends_with(kBase64)) return std::string(protocol);
  return std::string(protocol.substr(0, protocol.size() - kBase64.size())) + "channel.k8s.io";
}

Task<void> stream_over_websocket(EventLoop& loop, std::shared_ptr<ByteStream> link, std::shared_ptr<WebSocket> socket,
                                 StreamWishes wishes, std::string protocol, std::shared_ptr<StreamEnd> stream,
                                 HttpLimits limits) {
  const ChannelFraming framing(protocol);
  drydock::Event ended(loop);
  bool gone = false;
  TaskGroup reader(loop);
  reader.spawn(read_client(socket, framing, stream, ended, gone));
  // An empty message tells the client that the command has its streams.
  const int first = wishes.output ? kStdout : wishes.errors ? kStderr : kErrorChannel;
  socket->send(framing.wrap(first, ""), framing.text());
  for (;;) {
    std::optional<StreamMessage> message = co_await stream->receive();
    if (!message) break;
    const int channel = message->channel;
    if ((channel == kStdout && !wishes.output) || (channel == kStderr && !wishes.errors)) continue;
    const std::string bytes =
        channel == kErrorChannel ? error_channel_bytes(*message, framing.version()) : std::move(message->bytes);
    if (!bytes.empty()) socket->send(framing.wrap(channel, bytes), framing.text());
    const TimePoint deadline = loop.now() + limits.write_timeout;
    if (link->unsent() > limits.unsent && !co_await link->drained(limits.unsent / 2, deadline)) co_return;
  }
  socket->close(1000);
  const TimePoint leave = loop.now() + kLeaveTimeout;
  while (!gone && co_await ended.wait_until(leave)) {
  }
}

namespace {

Task<void> run_port(EventLoop& loop, std::shared_ptr<ByteStream> link, std::shared_ptr<WebSocket> socket,
                    ChannelFraming framing, int data_channel, std::shared_ptr<StreamEnd> stream, HttpLimits limits) {
  for (;;) {
    std::optional<StreamMessage> message = co_await stream->receive();
    if (!message) break;
    const int channel = data_channel + (message->channel == 0 ? 0 : 1);
    if (!message->bytes.empty()) socket->send(framing.wrap(channel, message->bytes), framing.text());
    const TimePoint deadline = loop.now() + limits.write_timeout;
    if (link->unsent() > limits.unsent && !co_await link->drained(limits.unsent / 2, deadline)) break;
  }
  // There is no way to end one channel: the last connection ends the socket.
  socket->close(1000);
  link->close();
}

}  // namespace

Task<void> forward_ports_over_websocket(EventLoop& loop, std::shared_ptr<ByteStream> link,
                                        std::shared_ptr<WebSocket> socket, std::string protocol, HttpRequest request,
                                        HttpHandler& handler, HttpLimits limits) {
  const ChannelFraming framing(protocol);
  std::vector<std::shared_ptr<StreamEnd>> streams;
  TaskGroup ports(loop);
  for (const std::string& list : request.query.all("ports")) {
    for (const std::string& text : split(list, ',')) {
      const auto port = parse_int(text);
      if (!port || *port < 1 || *port > 65535 || streams.size() >= 100) {
        socket->close(1008, "port \"" + text + "\" must be a positive number");
        co_return;
      }
      const auto number = static_cast<std::uint16_t>(*port);
      const int channel = static_cast<int>(streams.size() * 2);
      // Both channels begin with the port, little-endian.
      const std::string bytes{static_cast<char>(number & 0xff), static_cast<char>(number >> 8)};
      socket->send(framing.wrap(channel, bytes), framing.text());
      socket->send(framing.wrap(channel + 1, bytes), framing.text());
      std::string why;
      std::shared_ptr<StreamEnd> stream = co_await open_port(loop, request, number, handler, why);
      if (!stream) {
        socket->send(framing.wrap(channel + 1, why), framing.text());
      } else {
        ports.spawn(run_port(loop, link, socket, framing, channel, stream, limits));
      }
      streams.push_back(std::move(stream));
    }
  }
  while (std::optional<WebSocket::Message> frame = co_await socket->receive()) {
    auto piece = framing.unwrap(std::move(frame->bytes));
    if (!piece || piece->channel < 0 || piece->channel % 2 != 0) continue;
    const std::size_t index = static_cast<std::size_t>(piece->channel) / 2;
    if (index < streams.size() && streams[index]) streams[index]->send({0, std::move(piece->bytes), Value()});
  }
  for (const auto& stream : streams) {
    if (stream) stream->close();
  }
}

}  // namespace drydock::server
