#include "server/http/http2.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "core/base/strings.h"
#include "server/http/http1.h"

namespace drydock::server {
namespace {

constexpr std::uint32_t kStreamLimit = 250;  // as kube-apiserver's http2-max-streams-per-connection

constexpr std::size_t kForgetFrom = 1024 * 1024;

// One request and its answer.
struct Exchange {
  explicit Exchange(EventLoop& loop) : drained(loop) {}
  HttpRequest request;
  std::string target;
  std::size_t header_bytes = 0;
  bool begun = false;
  bool too_large = false;
  std::string out;  // of the answer's body; what is before `sent` has been framed
  std::size_t sent = 0;
  std::size_t unsent() const { return out.size() - sent; }
  // Forgets framed bytes now and then, not for every frame.
  void take(std::size_t count) {
    sent += count;
    if (sent != out.size() && sent < kForgetFrom) return;
    out.erase(0, sent);
    sent = 0;
  }
  bool out_ended = false;
  std::shared_ptr<StreamEnd> stream;
  drydock::Event drained;
};

class Session {
 public:
  Session(EventLoop& loop, std::shared_ptr<ByteStream> link, ConnectionFacts facts, HttpHandler& handler,
          HttpLimits limits)
      : loop_(loop),
        link_(std::move(link)),
        facts_(std::move(facts)),
        handler_(handler),
        limits_(limits),
        tasks_(loop) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_server_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kStreamLimit},
                                               {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, kHeaderLimit}};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, 2);
  }
  ~Session() {
    tasks_.cancel_all();
    nghttp2_session_del(session_);
  }
  Session(const Session&) = delete;

  Task<void> run() {
    flush();
    while (nghttp2_session_want_read(session_) != 0 || nghttp2_session_want_write(session_) != 0) {
      const bool idle = exchanges_.empty();
      const std::string bytes = co_await link_->read(loop_.now() + limits_.idle_timeout);
      if (bytes.empty()) {
        if (!link_->ended() && !idle) continue;  // a watch that had nothing to say
        break;
      }
      const auto taken =
          nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      if (taken < 0) break;
      flush();
    }
    nghttp2_session_terminate_session(session_, NGHTTP2_NO_ERROR);
    flush();
    link_->close();
  }

 private:
  static constexpr std::uint32_t kHeaderLimit = 64 * 1024;

  static Session& self(void* user) { return *static_cast<Session*>(user); }
  Exchange* find(std::int32_t id) {
    const auto at = exchanges_.find(id);
    return at == exchanges_.end() ? nullptr : at->second.get();
  }

  static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
      self(user).exchanges_[frame->hd.stream_id] = std::make_shared<Exchange>(self(user).loop_);
    return 0;
  }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                       const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
    Exchange* exchange = self(user).find(frame->hd.stream_id);
    if (exchange == nullptr) return 0;
    exchange->header_bytes += name_size + value_size + 32;
    if (exchange->header_bytes > kHeaderLimit) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    std::string key(reinterpret_cast<const char*>(name), name_size);
    std::string text(reinterpret_cast<const char*>(value), value_size);
    if (key == ":method")
      exchange->request.method = std::move(text);
    else if (key == ":path")
      exchange->target = std::move(text);
    else if (key == ":authority")
      exchange->request.headers.set("Host", std::move(text));
    else if (!key.starts_with(":"))
      exchange->request.headers.add(std::move(key), std::move(text));
    return 0;
  }
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data, std::size_t size,
                     void* user) {
    Session& session = self(user);
    Exchange* exchange = session.find(id);
    if (exchange == nullptr || exchange->too_large) return 0;
    std::string& body = exchange->request.body.bytes;
    if (body.size() + size > session.limits_.body) {
      exchange->too_large = true;
      body.clear();
      session.begin(id);
      return 0;
    }
    body.append(reinterpret_cast<const char*>(data), size);
    return 0;
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    const bool message = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (message && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) self(user).begin(frame->hd.stream_id);
    return 0;
  }
  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t, void* user) {
    Session& session = self(user);
    if (Exchange* exchange = session.find(id)) {
      if (exchange->stream) exchange->stream->close();
      exchange->drained.notify_all();
    }
    session.exchanges_.erase(id);
    return 0;
  }
  static ssize_t read_body(nghttp2_session*, std::int32_t id, std::uint8_t* to, std::size_t size, std::uint32_t* flags,
                           nghttp2_data_source*, void* user) {
    Exchange* exchange = self(user).find(id);
    if (exchange == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const std::size_t count = std::min(size, exchange->unsent());
    if (count == 0 && !exchange->out_ended) return NGHTTP2_ERR_DEFERRED;
    std::memcpy(to, exchange->out.data() + exchange->sent, count);
    exchange->take(count);
    if (exchange->out.empty() && exchange->out_ended) *flags |= NGHTTP2_DATA_FLAG_EOF;
    exchange->drained.notify_all();
    return static_cast<ssize_t>(count);
  }

  // The request is whole: to the handler with it.
  void begin(std::int32_t id) {
    Exchange* exchange = find(id);
    if (exchange == nullptr || exchange->begun) return;
    exchange->begun = true;
    tasks_.spawn(answer(id, exchanges_.at(id)));
  }

  Task<void> answer(std::int32_t id, std::shared_ptr<Exchange> exchange) {
    HttpRequest& request = exchange->request;
    const std::string accept_encoding(request.headers.get("Accept-Encoding"));
    const bool head_only = request.method == "HEAD";
    HttpResponse response;
    if (exchange->too_large) {
      response = protocol_error(413, limits_);
    } else {
      const std::size_t question = exchange->target.find('?');
      request.path = url_decode(std::string_view(exchange->target).substr(0, question));
      if (question != std::string::npos)
        request.query = HttpQuery::parse(std::string_view(exchange->target).substr(question + 1));
      if (head_only) request.method = "GET";
      request.peer_address = facts_.peer_address;
      request.local_address = facts_.local_address;
      request.client_certificate_pem = facts_.client_certificate_pem;
      response = co_await handler_.handle(std::move(request));
    }
    if (find(id) == nullptr) co_return;  // the client has changed its mind
    const std::string body = finish_response(response, accept_encoding, limits_);
    exchange->out = head_only ? "" : body;
    exchange->stream = head_only ? nullptr : response.stream;
    exchange->out_ended = !exchange->stream;
    submit(id, response, body.size(), exchange->out.empty() && exchange->out_ended);
    flush();
    while (exchange->stream) {
      std::optional<StreamMessage> message = co_await exchange->stream->receive();
      if (find(id) == nullptr) co_return;
      if (!message) break;
      exchange->out += stream_bytes(*std::move(message));
      nghttp2_session_resume_data(session_, id);
      flush();
      const TimePoint deadline = loop_.now() + limits_.write_timeout;
      while (find(id) != nullptr && exchange->unsent() > limits_.unsent) {
        if (co_await exchange->drained.wait_until(deadline)) continue;
        nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_ENHANCE_YOUR_CALM);
        flush();
        co_return;
      }
    }
    if (!exchange->out_ended && find(id) != nullptr) {
      exchange->out_ended = true;
      nghttp2_session_resume_data(session_, id);
      flush();
    }
  }

  void submit(std::int32_t id, const HttpResponse& response, std::size_t body_size, bool bodyless) {
    std::vector<std::pair<std::string, std::string>> fields{{":status", std::to_string(response.status)}};
    for (const auto& [name, value] : response.headers.fields()) {
      std::string key = to_lower(name);
      if (key == "connection" || key == "transfer-encoding" || key == "keep-alive" || key == "upgrade") continue;
      fields.emplace_back(std::move(key), value);
    }
    if (!response.stream && response.status != 204 && response.status != 304)
      fields.emplace_back("content-length", std::to_string(body_size));
    std::vector<nghttp2_nv> lines;
    for (auto& [name, value] : fields) {
      lines.push_back({reinterpret_cast<std::uint8_t*>(name.data()), reinterpret_cast<std::uint8_t*>(value.data()),
                       name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    nghttp2_data_provider provider{};
    provider.read_callback = read_body;
    nghttp2_submit_response(session_, id, lines.data(), lines.size(), bodyless ? nullptr : &provider);
  }

  // Hands the link what the session has to say, as long as the link takes it.
  void flush() {
    while (link_->unsent() <= limits_.unsent) {
      const std::uint8_t* data = nullptr;
      const auto size = nghttp2_session_mem_send(session_, &data);
      if (size <= 0) return;
      link_->write(std::string(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)));
    }
    if (waiting_) return;
    waiting_ = true;
    tasks_.spawn(flush_later());
  }
  Task<void> flush_later() {
    const bool drained = co_await link_->drained(limits_.unsent / 2, loop_.now() + limits_.write_timeout);
    waiting_ = false;
    if (drained)
      flush();
    else
      link_->abort();
  }

  EventLoop& loop_;
  std::shared_ptr<ByteStream> link_;
  ConnectionFacts facts_;
  HttpHandler& handler_;
  HttpLimits limits_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, std::shared_ptr<Exchange>> exchanges_;
  bool waiting_ = false;
  TaskGroup tasks_;
};

}  // namespace

Task<void> serve_http2(EventLoop& loop, std::shared_ptr<ByteStream> link, ConnectionFacts facts, HttpHandler& handler,
                       HttpLimits limits) {
  Session session(loop, std::move(link), std::move(facts), handler, limits);
  co_await session.run();
}

}  // namespace drydock::server
