#include "server/http/client/http_client.h"

#include <algorithm>
#include <optional>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/network/http_wire.h"
#include "core/programs/archive/gzip_format.h"
#include "server/http/client/client_upgrade.h"

namespace drydock::server {
namespace {

constexpr std::size_t kIdleLimit = 16;
constexpr std::size_t kBodyLimit = 512u * 1024 * 1024;

bool truth(std::string_view text) { return text == "true" || text == "1"; }
bool is_watch(const HttpRequest& request) { return truth(request.query.get("watch")); }
bool wants_stream(const HttpRequest& request) { return is_watch(request) || truth(request.query.get("follow")); }

bool same_endpoint(const Endpoint& a, const Endpoint& b) {
  return a.port == b.port && a.tls == b.tls && a.insecure_skip_verify == b.insecure_skip_verify && a.host == b.host &&
         a.server_name == b.server_name && a.client_certificate_pem == b.client_certificate_pem &&
         a.client_key_pem == b.client_key_pem && a.certificate_authority_pem == b.certificate_authority_pem;
}

bool is_json(const HttpHeaders& headers) {
  const std::string type = to_lower(headers.get("Content-Type"));
  return type.starts_with("application/json") || type.starts_with("application/vnd.kubernetes.json");
}

// Unpacks the body and makes a document of it.
void finish_body(HttpResponse& response) {
  if (to_lower(response.headers.get("Content-Encoding")) == "gzip") {
    Gunzipped whole = gzip_unpack(response.body.bytes);
    if (whole.error.empty()) response.body.bytes = std::move(whole.bytes);
  }
  if (!is_json(response.headers) || response.body.bytes.empty()) return;
  if (auto document = parse_json(response.body.bytes); document && !document->is_null()) {
    response.body.document = *std::move(document);
    response.body.bytes.clear();
  }
}

// Cuts chunks open as they come; "done" after the last one.
class ChunkReader {
 public:
  explicit ChunkReader(bool chunked) : chunked_(chunked) {}
  std::string take(std::string bytes) {
    if (!chunked_) return bytes;
    buffer_ += bytes;
    std::string out;
    while (!done_) {
      if (left_ == 0) {
        const std::size_t line_end = buffer_.find("\r\n");
        if (line_end == std::string::npos) break;
        std::size_t size = 0;
        for (const char c : to_lower(std::string_view(buffer_).substr(0, std::min(line_end, buffer_.find(';'))))) {
          const std::size_t digit = std::string_view("0123456789abcdef").find(c);
          if (digit != std::string_view::npos) size = size * 16 + digit;
        }
        buffer_.erase(0, line_end + 2);
        if (size == 0) done_ = true;
        left_ = size + 2;  // with the line end behind it
        continue;
      }
      if (buffer_.empty()) break;
      const std::size_t count = std::min(left_, buffer_.size());
      const std::size_t content = left_ > 2 ? std::min(count, left_ - 2) : 0;
      out.append(buffer_, 0, content);
      buffer_.erase(0, count);
      left_ -= count;
    }
    return out;
  }
  bool done() const { return done_; }

 private:
  bool chunked_;
  std::string buffer_;
  std::size_t left_ = 0;
  bool done_ = false;
};

// Hands a body on as it comes, until it ends or nobody listens any more.
Task<void> pump_stream(EventLoop& loop, std::shared_ptr<ByteStream> link, std::string rest, bool chunked, bool lines,
                       std::shared_ptr<StreamEnd> out) {
  TaskGroup watching(loop);
  watching.spawn([](std::shared_ptr<ByteStream> connection, std::shared_ptr<StreamEnd> end) -> Task<void> {
    (void)co_await end->receive();  // only ever the reader's leaving
    connection->abort();
  }(link, out));
  ChunkReader chunks(chunked);
  std::string pending;
  bool first = true;
  while (!chunks.done()) {
    std::string bytes = first ? std::move(rest) : co_await link->read();
    if (!first && bytes.empty()) break;
    first = false;
    std::string text = chunks.take(std::move(bytes));
    if (!lines) {
      if (!text.empty() && !out->send({1, std::move(text), Value()})) break;
      continue;
    }
    pending += text;
    std::size_t begin = 0;
    for (std::size_t end = pending.find('\n'); end != std::string::npos; end = pending.find('\n', begin)) {
      StreamMessage message;
      if (auto event = parse_json(std::string_view(pending).substr(begin, end - begin)))
        message.document = *std::move(event);
      else
        message.bytes = pending.substr(begin, end + 1 - begin);
      begin = end + 1;
      if (!out->send(std::move(message))) break;
    }
    pending.erase(0, begin);
  }
  if (!pending.empty()) out->send({1, std::move(pending), Value()});
  out->close();
  link->close();
}

}  // namespace

HttpTransport::HttpTransport(EventLoop& loop, Dial dial) : loop_(loop), dial_(std::move(dial)), tasks_(loop) {}
HttpTransport::~HttpTransport() { tasks_.cancel_all(); }

std::shared_ptr<ByteStream> HttpTransport::take_idle(const Endpoint& endpoint) {
  std::erase_if(idle_, [](const Idle& idle) { return idle.link->ended(); });
  for (auto at = idle_.begin(); at != idle_.end(); ++at) {
    if (!same_endpoint(at->endpoint, endpoint)) continue;
    std::shared_ptr<ByteStream> link = std::move(at->link);
    idle_.erase(at);
    return link;
  }
  return nullptr;
}

Task<Result<HttpResponse>> HttpTransport::round_trip(const Endpoint& to, HttpRequest request) {
  const Endpoint endpoint = to;
  const bool streams = wants_stream(request);
  const bool lines = is_watch(request);
  const std::shared_ptr<StreamEnd> upgrade = std::move(request.upgrade);
  std::string key;
  if (upgrade) {
    key = websocket_key();
    request.headers.set("Connection", "Upgrade");
    request.headers.set("Upgrade", "websocket");
    request.headers.set("Sec-WebSocket-Version", "13");
    request.headers.set("Sec-WebSocket-Key", key);
  } else if (!streams && !request.headers.has("Accept-Encoding")) {
    request.headers.set("Accept-Encoding", "gzip");
  }
  const bool default_port = endpoint.port == (endpoint.tls ? 443 : 80);
  const std::string host = default_port ? endpoint.host : endpoint.host + ":" + std::to_string(endpoint.port);
  const std::string bytes = write_request(request, host);
  const bool head_only = request.method == "HEAD";

  std::shared_ptr<ByteStream> link = upgrade ? nullptr : take_idle(endpoint);
  bool reused = link != nullptr;
  for (;;) {
    if (!link) {
      DRYDOCK_CO_TRY(link, co_await dial_(endpoint));
    }
    link->write(bytes);
    HttpParser parser(HttpParser::Mode::kResponse, kBodyLimit);
    if (head_only) parser.expect_no_body();
    bool begun = false;
    bool failed = false;
    std::optional<std::string> held;
    if (streams || upgrade) held.emplace();
    for (;;) {
      const std::string piece = co_await link->read();
      if (piece.empty()) {
        parser.end();
        if (!begun) break;
      }
      begun = true;
      // What follows the head may be no body to wait for: the parser sees the head first.
      if (held) {
        *held += piece;
        const std::size_t end = held->find("\r\n\r\n");
        if (end == std::string::npos && !piece.empty()) continue;
        parser.feed(std::string_view(*held).substr(0, end == std::string::npos ? end : end + 4));
        held->erase(0, end == std::string::npos ? end : end + 4);
      } else {
        parser.feed(piece);
      }
      HttpParser::State state = parser.parse();
      if (state == HttpParser::State::kFailed) {
        failed = true;
        break;
      }
      const bool head_read = parser.in_body() || state == HttpParser::State::kMessage;
      if (head_read && upgrade && parser.response().status == 101) {
        HttpResponse response = std::move(parser.response());
        std::string rest = *std::move(held);
        const bool ports = request.path.ends_with("/portforward");
        const std::string protocol(response.headers.get("Sec-WebSocket-Protocol"));
        tasks_.spawn(run_client_upgrade(loop_, link, std::move(rest), protocol, ports, upgrade));
        response.body = {};
        co_return response;
      }
      if (parser.in_body() && streams && parser.response().status < 300) {
        HttpResponse response = std::move(parser.response());
        const bool chunked = contains(to_lower(response.headers.get("Transfer-Encoding")), "chunked");
        if (chunked || !response.headers.has("Content-Length")) {
          auto [ours, theirs] = StreamEnd::make_pair(loop_);
          response.stream = theirs;
          tasks_.spawn(pump_stream(loop_, link, *std::move(held), chunked, lines, ours));
          co_return response;
        }
        parser.response() = std::move(response);
      }
      if (held && parser.in_body()) {  // an ordinary answer after all
        parser.feed(*held);
        held.reset();
        state = parser.parse();
      }
      if (state == HttpParser::State::kMessage) {
        HttpResponse response = std::move(parser.response());
        finish_body(response);
        const bool keep = parser.keep_alive() && !upgrade && !link->ended() && parser.empty();
        if (!keep) {
          link->close();
        } else {
          if (idle_.size() >= kIdleLimit) idle_.erase(idle_.begin());
          idle_.push_back({endpoint, std::move(link)});
        }
        co_return response;
      }
      if (piece.empty()) {
        failed = true;
        break;
      }
    }
    link->abort();
    link.reset();
    // The server may have ended an idle connection just now.
    if (reused && !begun) {
      reused = false;
      continue;
    }
    if (!begun) co_return Status::plain("EOF");
    if (failed && parser.in_body()) co_return Status::plain("unexpected EOF");
    co_return Status::plain("net/http: HTTP/1.x transport connection broken: malformed HTTP response");
  }
}

}  // namespace drydock::server
