#include "server/http/spdy_streams.h"

#include <map>

#include "core/base/strings.h"
#include "server/http/spdy.h"

namespace drydock::server {
namespace {

// How long the client may take to open its streams, and to leave once all is said.
constexpr Duration kStreamsTimeout = seconds(30);
constexpr Duration kLeaveTimeout = seconds(3);

using Kind = SpdySession::Event::Kind;

int channel_of(const std::string& stream_type) {
  if (stream_type == "stdin") return kStdin;
  if (stream_type == "stdout") return kStdout;
  if (stream_type == "stderr") return kStderr;
  if (stream_type == "error") return kErrorChannel;
  if (stream_type == "resize") return kResize;
  return -1;
}

// The streams of one exec or attach.
struct Channels {
  explicit Channels(EventLoop& loop) : changed(loop) {}
  std::map<int, std::uint32_t> streams;  // by channel
  std::map<std::uint32_t, int> channels;
  drydock::Event changed;
  bool gone = false;
};

// What the client does, until it leaves.
Task<void> read_client(SpdySession& session, Channels& channels, std::shared_ptr<StreamEnd> stream) {
  while (std::optional<SpdySession::Event> event = co_await session.next()) {
    if (event->kind == Kind::kOpened) {
      const int channel = channel_of(event->header("streamtype"));
      if (channel < 0 || channels.streams.contains(channel)) {
        session.refuse(event->stream);
        continue;
      }
      session.accept(event->stream);
      channels.streams[channel] = event->stream;
      channels.channels[event->stream] = channel;
      channels.changed.notify_all();
      continue;
    }
    const auto at = channels.channels.find(event->stream);
    if (at == channels.channels.end()) continue;
    const bool input = at->second == kStdin || at->second == kResize;
    if (event->kind == Kind::kData && input) stream->send(client_message(at->second, std::move(event->bytes)));
    if (event->kind != Kind::kData && at->second == kStdin) {
      StreamMessage end;
      end.channel = kCloseChannel;
      end.bytes.assign(1, static_cast<char>(kStdin));
      stream->send(std::move(end));
    }
  }
  channels.gone = true;
  channels.changed.notify_all();
  stream->close();
}

bool complete(const Channels& channels, const StreamWishes& wishes, int version) {
  const auto have = [&](int channel) { return channels.streams.contains(channel); };
  return have(kErrorChannel) && (!wishes.input || have(kStdin)) && (!wishes.output || have(kStdout)) &&
         (!wishes.errors || have(kStderr)) && (!wishes.tty || version < 3 || have(kResize));
}

}  // namespace

Task<void> stream_over_spdy(EventLoop& loop, std::shared_ptr<ByteStream> link, std::string rest, StreamWishes wishes,
                            int version, std::shared_ptr<StreamEnd> stream, HttpLimits limits) {
  SpdySession session(*link, std::move(rest));
  Channels channels(loop);
  TaskGroup reader(loop);
  reader.spawn(read_client(session, channels, stream));
  const TimePoint patience = loop.now() + kStreamsTimeout;
  while (!complete(channels, wishes, version) && !channels.gone) {
    if (!co_await channels.changed.wait_until(patience)) break;
  }
  if (!complete(channels, wishes, version)) co_return;
  for (;;) {
    std::optional<StreamMessage> message = co_await stream->receive();
    if (!message) break;
    const auto at = channels.streams.find(message->channel);
    if (at == channels.streams.end()) continue;
    session.data(at->second, message->channel == kErrorChannel ? error_channel_bytes(*message, version)
                                                               : std::string_view(message->bytes));
    const TimePoint deadline = loop.now() + limits.write_timeout;
    if (link->unsent() > limits.unsent && !co_await link->drained(limits.unsent / 2, deadline)) co_return;
  }
  for (const auto& [channel, id] : channels.streams) session.finish(id);
  session.go_away();
  const TimePoint leave = loop.now() + kLeaveTimeout;
  while (!channels.gone && co_await channels.changed.wait_until(leave)) {
  }
}

namespace {

// One forwarded connection.
struct Forward {
  std::uint32_t data = 0;
  std::uint32_t error = 0;
  std::uint16_t port = 0;
  std::shared_ptr<StreamEnd> stream;   // once it is open
  std::vector<StreamMessage> waiting;  // what came before
  bool begun = false;
};

void deliver(Forward& forward, StreamMessage message) {
  if (forward.stream)
    forward.stream->send(std::move(message));
  else
    forward.waiting.push_back(std::move(message));
}

// Takes the pod's side of one connection until it ends.
Task<void> run_forward(EventLoop& loop, SpdySession& session, std::shared_ptr<ByteStream> link,
                       std::shared_ptr<Forward> forward, HttpRequest request, HttpHandler& handler, HttpLimits limits) {
  std::string why;
  std::shared_ptr<StreamEnd> stream = co_await open_port(loop, std::move(request), forward->port, handler, why);
  if (!stream) {
    session.data(forward->error, why);
  } else {
    forward->stream = stream;
    for (StreamMessage& message : forward->waiting) stream->send(std::move(message));
    forward->waiting.clear();
    for (;;) {
      std::optional<StreamMessage> message = co_await stream->receive();
      if (!message) break;
      if (!message->bytes.empty()) session.data(message->channel == 0 ? forward->data : forward->error, message->bytes);
      const TimePoint deadline = loop.now() + limits.write_timeout;
      if (link->unsent() > limits.unsent && !co_await link->drained(limits.unsent / 2, deadline)) break;
    }
    stream->close();
  }
  session.finish(forward->error);
  session.finish(forward->data);
}

}  // namespace

Task<void> forward_ports_over_spdy(EventLoop& loop, std::shared_ptr<ByteStream> link, std::string rest,
                                   HttpRequest request, HttpHandler& handler, HttpLimits limits) {
  SpdySession session(*link, std::move(rest));
  std::map<std::string, std::shared_ptr<Forward>> by_request;
  std::map<std::uint32_t, std::shared_ptr<Forward>> by_stream;
  TaskGroup forwards(loop);
  while (std::optional<SpdySession::Event> event = co_await session.next()) {
    if (event->kind == Kind::kOpened) {
      const std::string type = event->header("streamtype");
      const auto port = parse_int(event->header("port"));
      if ((type != "data" && type != "error") || !port || *port < 1 || *port > 65535) {
        session.refuse(event->stream);
        continue;
      }
      session.accept(event->stream);
      // Clients that name no request open error and data one after the other.
      std::string id = event->header("requestid");
      if (id.empty()) id = "stream " + std::to_string(type == "error" ? event->stream : event->stream - 2);
      std::shared_ptr<Forward>& forward = by_request[id];
      if (!forward) forward = std::make_shared<Forward>();
      forward->port = static_cast<std::uint16_t>(*port);
      (type == "data" ? forward->data : forward->error) = event->stream;
      by_stream[event->stream] = forward;
      if (forward->data != 0 && forward->error != 0 && !forward->begun) {
        forward->begun = true;
        forwards.spawn(run_forward(loop, session, link, forward, request, handler, limits));
        by_request.erase(id);
      }
      continue;
    }
    const auto at = by_stream.find(event->stream);
    if (at == by_stream.end()) continue;
    const std::shared_ptr<Forward> forward = at->second;
    const bool is_data = event->stream == forward->data;
    if (event->kind == Kind::kData) {
      if (is_data) deliver(*forward, {0, std::move(event->bytes), Value()});
      continue;
    }
    by_stream.erase(at);
    if (!is_data) continue;
    if (event->kind == Kind::kFinished)
      deliver(*forward, {kCloseChannel, std::string(1, '\0'), Value()});
    else if (forward->stream)
      forward->stream->close();
  }
}

}  // namespace drydock::server
