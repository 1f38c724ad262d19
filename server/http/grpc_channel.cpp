#include "server/http/grpc_channel.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>

#include "core/base/strings.h"
#include "core/machinery/http_message.h"

namespace drydock::server {
namespace {

constexpr std::size_t kFrameHead = 5;
constexpr std::size_t kLongestMessage = 1u << 30;
constexpr std::uint32_t kStreamWindow = 8u << 20;
constexpr std::int32_t kConnectionWindow = 32 << 20;
constexpr Duration kPingAfter = seconds(10);  // of silence; etcd allows one in five seconds
constexpr Duration kPingWait = seconds(5);

class Channel;

// What channel and caller share of one call.
struct CallState {
  explicit CallState(EventLoop& loop) : changed(loop) {}
  std::string out;  // what is before `sent` has been framed
  std::size_t sent = 0;
  bool out_ended = false;
  std::string in;  // of a message that is not whole yet
  std::deque<std::string> messages;
  std::string http_status;
  std::string grpc_status;
  std::string grpc_message;
  bool broken = false;
  bool ended = false;
  GrpcStatus status;
  drydock::Event changed;

  void end(GrpcStatus how) {
    if (ended) return;
    ended = true;
    status = std::move(how);
    changed.notify_all();
  }
  void take(std::string_view bytes) {
    in += bytes;
    std::size_t at = 0;
    while (in.size() - at >= kFrameHead) {
      std::size_t size = 0;
      for (std::size_t i = 1; i < kFrameHead; ++i) size = size << 8 | static_cast<unsigned char>(in[at + i]);
      if (in[at] != 0 || size > kLongestMessage) {
        broken = true;
        in.clear();
        return;
      }
      if (in.size() - at - kFrameHead < size) {
        // A long one grows once, not again and again.
        if (at == 0) in.reserve(kFrameHead + size);
        break;
      }
      if (at == 0 && in.size() == kFrameHead + size) {
        in.erase(0, kFrameHead);
        messages.push_back(std::exchange(in, {}));
        break;
      }
      messages.push_back(in.substr(at + kFrameHead, size));
      at += kFrameHead + size;
    }
    in.erase(0, at);
    if (!messages.empty()) changed.notify_all();
  }
};
using CallPtr = std::shared_ptr<CallState>;

class Call final : public GrpcCall {
 public:
  Call(std::weak_ptr<Channel> channel, std::int32_t id, CallPtr state)
      : channel_(std::move(channel)), id_(id), state_(std::move(state)) {}
  ~Call() override;
  void send(std::string_view message) override;
  void finish() override;
  Task<std::optional<std::string>> receive(std::optional<TimePoint> deadline) override {
    while (state_->messages.empty() && !state_->ended) {
      if (!deadline) {
        (void)co_await state_->changed.wait();
      } else if (!co_await state_->changed.wait_until(*deadline)) {
        break;
      }
    }
    if (state_->messages.empty()) co_return std::nullopt;
    std::string message = std::move(state_->messages.front());
    state_->messages.pop_front();
    co_return message;
  }
  bool ended() const override { return state_->ended && state_->messages.empty(); }
  const GrpcStatus& status() const override { return state_->status; }

 private:
  std::weak_ptr<Channel> channel_;
  std::int32_t id_;
  CallPtr state_;
};

class Channel final : public GrpcChannel, public std::enable_shared_from_this<Channel> {
 public:
  Channel(EventLoop& loop, std::shared_ptr<ByteStream> link, std::string scheme, std::string authority)
      : loop_(loop), link_(std::move(link)), scheme_(std::move(scheme)), authority_(std::move(authority)) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_client_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
                                               {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow}};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, 2);
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
    flush();
  }
  ~Channel() override {
    lose("client connection is closing");
    nghttp2_session_del(session_);
  }

  Task<void> run() override {
    const std::shared_ptr<Channel> self = shared_from_this();
    std::optional<TimePoint> pinged;
    while (nghttp2_session_want_read(session_) != 0 || nghttp2_session_want_write(session_) != 0) {
      const TimePoint patience = loop_.now() + (pinged ? kPingWait : kPingAfter);
      const std::string bytes = co_await link_->read(patience);
      if (bytes.empty()) {
        if (link_->ended() || pinged) break;
        if (calls_.empty()) continue;
        pinged = loop_.now();
        nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
        flush();
        continue;
      }
      pinged.reset();
      const auto taken =
          nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      if (taken < 0) break;
      flush();
    }
    lose("transport is closing");
    link_->abort();
  }

  bool usable() const override {
    return !lost_ && !link_->ended() && nghttp2_session_check_request_allowed(session_) != 0;
  }

  std::unique_ptr<GrpcCall> start(std::string_view path,
                                  const std::vector<std::pair<std::string, std::string>>& metadata,
                                  std::optional<Duration> timeout) override {
    auto state = std::make_shared<CallState>(loop_);
    std::vector<std::pair<std::string, std::string>> fields{{":method", "POST"},
                                                            {":scheme", scheme_},
                                                            {":path", std::string(path)},
                                                            {":authority", authority_},
                                                            {"content-type", "application/grpc"},
                                                            {"user-agent", "drydock"},
                                                            {"te", "trailers"}};
    if (timeout)
      fields.emplace_back("grpc-timeout",
                          std::to_string(std::chrono::duration_cast<milliseconds>(*timeout).count()) + "m");
    for (const auto& field : metadata) fields.push_back(field);
    std::vector<nghttp2_nv> lines;
    for (auto& [name, value] : fields) {
      lines.push_back({reinterpret_cast<std::uint8_t*>(name.data()), reinterpret_cast<std::uint8_t*>(value.data()),
                       name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    nghttp2_data_provider provider{};
    provider.read_callback = read_body;
    const std::int32_t id =
        usable() ? nghttp2_submit_request(session_, nullptr, lines.data(), lines.size(), &provider, nullptr) : -1;
    if (id < 0)
      state->end({static_cast<int>(GrpcCode::kUnavailable), "transport is closing", true});
    else
      calls_[id] = state;
    return std::make_unique<Call>(weak_from_this(), id, std::move(state));
  }

  void close() override {
    lose("client connection is closing");
    link_->abort();
  }

  void wake(std::int32_t id) {
    if (lost_ || !calls_.contains(id)) return;
    nghttp2_session_resume_data(session_, id);
    flush();
  }
  void cancel(std::int32_t id) {
    if (lost_ || calls_.erase(id) == 0) return;
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    flush();
  }

 private:
  static Channel& self(void* user) { return *static_cast<Channel*>(user); }
  CallState* find(std::int32_t id) {
    const auto at = calls_.find(id);
    return at == calls_.end() ? nullptr : at->second.get();
  }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                       const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
    CallState* call = self(user).find(frame->hd.stream_id);
    if (call == nullptr) return 0;
    const std::string_view key(reinterpret_cast<const char*>(name), name_size);
    const std::string_view text(reinterpret_cast<const char*>(value), value_size);
    if (key == ":status") call->http_status = text;
    if (key == "grpc-status") call->grpc_status = text;
    if (key == "grpc-message") call->grpc_message = url_decode(text);
    return 0;
  }
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data, std::size_t size,
                     void* user) {
    if (CallState* call = self(user).find(id)) call->take({reinterpret_cast<const char*>(data), size});
    return 0;
  }
  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t error, void* user) {
    Channel& channel = self(user);
    const auto at = channel.calls_.find(id);
    if (at == channel.calls_.end()) return 0;
    const CallPtr call = at->second;
    channel.calls_.erase(at);
    GrpcStatus status;
    const auto code = parse_int(call->grpc_status);
    if (call->broken) {
      status = {static_cast<int>(GrpcCode::kUnknown), "the peer sent a message that cannot be read"};
    } else if (code) {
      status = {static_cast<int>(*code), call->grpc_message};
    } else if (error != NGHTTP2_NO_ERROR || call->http_status.empty()) {
      status = {static_cast<int>(GrpcCode::kUnavailable),
                std::string("stream terminated: ") + nghttp2_http2_strerror(error), error == NGHTTP2_REFUSED_STREAM};
    } else {
      status = {static_cast<int>(GrpcCode::kUnknown),
                "unexpected HTTP status code received from server: " + call->http_status};
    }
    call->end(std::move(status));
    return 0;
  }
  static ssize_t read_body(nghttp2_session*, std::int32_t id, std::uint8_t* to, std::size_t size, std::uint32_t* flags,
                           nghttp2_data_source*, void* user) {
    CallState* call = self(user).find(id);
    if (call == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const std::size_t count = std::min(size, call->out.size() - call->sent);
    if (count == 0 && !call->out_ended) return NGHTTP2_ERR_DEFERRED;
    std::memcpy(to, call->out.data() + call->sent, count);
    call->sent += count;
    if (call->sent == call->out.size()) {
      call->out.clear();
      call->sent = 0;
      if (call->out_ended) *flags |= NGHTTP2_DATA_FLAG_EOF;
    }
    return static_cast<ssize_t>(count);
  }
  void flush() {
    if (lost_) return;
    for (;;) {
      const std::uint8_t* data = nullptr;
      const auto size = nghttp2_session_mem_send(session_, &data);
      if (size <= 0) return;
      link_->write(std::string(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)));
    }
  }
  void lose(const char* why) {
    lost_ = true;
    const auto calls = std::exchange(calls_, {});
    for (const auto& [id, call] : calls) call->end({static_cast<int>(GrpcCode::kUnavailable), why});
  }

  EventLoop& loop_;
  std::shared_ptr<ByteStream> link_;
  std::string scheme_;
  std::string authority_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, CallPtr> calls_;
  bool lost_ = false;
};

Call::~Call() {
  if (state_->ended) return;
  if (const auto channel = channel_.lock()) channel->cancel(id_);
}

void Call::send(std::string_view message) {
  std::string& out = state_->out;
  out += '\0';
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(message.size() >> shift & 0xff);
  out += message;
  if (const auto channel = channel_.lock()) channel->wake(id_);
}

void Call::finish() {
  state_->out_ended = true;
  if (const auto channel = channel_.lock()) channel->wake(id_);
}

}  // namespace

std::string_view grpc_code_name(int code) {
  static constexpr std::string_view kNames[] = {
      "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
      "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
      "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
      "DataLoss", "Unauthenticated"};
  return code >= 0 && code < static_cast<int>(std::size(kNames)) ? kNames[code] : "Unknown";
}

std::shared_ptr<GrpcChannel> GrpcChannel::open(EventLoop& loop, std::shared_ptr<ByteStream> link, std::string scheme,
                                               std::string authority) {
  return std::make_shared<Channel>(loop, std::move(link), std::move(scheme), std::move(authority));
}

}  // namespace drydock::server
