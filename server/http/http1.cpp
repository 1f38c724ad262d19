#include "server/http/http1.h"

#include "core/base/strings.h"
#include "core/client/client.h"
#include "core/network/http_wire.h"
#include "core/programs/archive/gzip_format.h"
#include "server/http/compression.h"
#include "server/http/encoded_documents.h"
#include "server/http/upgrade.h"

namespace drydock::server {
namespace {

constexpr std::size_t kOwnWrite = 64 * 1024;  // a body from so many bytes on is not copied behind its head
constexpr int kQuickest = 1;                  // gzip: the level upstream compresses with
// How long the rest of a refused request is listened to.
constexpr Duration kRefusedPatience = milliseconds(500);

std::string header_text(const HttpResponse& response, bool head_only, bool keep_alive) {
  return write_response_head(response, head_only, keep_alive);
}

// Sends what the stream brings, as chunks, until it ends, the client goes away or is too slow.
Task<bool> send_stream(EventLoop& loop, ByteStream& link, std::shared_ptr<StreamEnd> stream, const HttpLimits& limits) {
  TaskGroup watching(loop);
  watching.spawn([](ByteStream& connection, std::shared_ptr<StreamEnd> end) -> Task<void> {
    co_await connection.wait_ended();
    end->close();
  }(link, stream));
  for (;;) {
    std::optional<StreamMessage> message = co_await stream->receive();
    if (!message) break;
    std::string bytes = stream_bytes(*std::move(message));
    while (bytes.size() < limits.compress_from) {
      std::optional<StreamMessage> more = stream->try_receive();
      if (!more) break;
      bytes += stream_bytes(*std::move(more));
    }
    if (!bytes.empty()) link.write(write_chunk(bytes));
    const TimePoint deadline = loop.now() + limits.write_timeout;
    if (link.unsent() > limits.unsent && !co_await link.drained(limits.unsent / 2, deadline)) {
      link.abort();
      co_return false;
    }
  }
  if (link.ended()) co_return false;
  link.write("0\r\n\r\n");
  co_return true;
}

enum class Received { kRequest, kEnd, kFailed };

// Reads one request into the parser.
Task<Received> receive_request(EventLoop& loop, ByteStream& link, HttpParser& parser, const HttpLimits& limits,
                               int& error_status) {
  TimePoint deadline = loop.now() + (parser.empty() ? limits.idle_timeout : limits.head_timeout);
  bool begun = !parser.empty();
  bool continued = false;
  for (;;) {
    const HttpParser::State state = parser.parse();
    if (state == HttpParser::State::kMessage) co_return Received::kRequest;
    if (state == HttpParser::State::kFailed) {
      error_status = parser.error_status();
      co_return Received::kFailed;
    }
    if (parser.in_body() && !continued) {
      continued = true;
      if (to_lower(parser.request().headers.get("Expect")) == "100-continue")
        link.write("HTTP/1.1 100 Continue\r\n\r\n");
    }
    std::string bytes = co_await link.read(deadline);
    if (bytes.empty()) {
      if (link.ended() || !begun) co_return Received::kEnd;
      error_status = 408;
      co_return Received::kFailed;
    }
    if (!begun) deadline = loop.now() + limits.head_timeout;
    begun = true;
    parser.feed(bytes);
  }
}

// One for all connections: it only saves work.
EncodedDocuments& encoded() {
  static EncodedDocuments documents;
  return documents;
}

}  // namespace

std::string stream_bytes(StreamMessage message) {
  if (message.document.is_null()) return std::move(message.bytes);
  return encoded().text(message.document) + "\n";
}

std::string finish_response(HttpResponse& response, std::string_view accept_encoding, const HttpLimits& limits) {
  std::string body;
  if (!response.body.document.is_null()) {
    if (!response.headers.has("Content-Type")) response.headers.set("Content-Type", "application/json");
    body = encoded().text(response.body.document) + "\n";
  } else {
    body = std::move(response.body.bytes);
  }
  if (body.size() >= limits.compress_from && !response.stream && !response.headers.has("Content-Encoding") &&
      accepts_gzip(accept_encoding)) {
    body = gzip_pack(body, kQuickest);
    response.headers.set("Content-Encoding", "gzip");
    response.headers.add("Vary", "Accept-Encoding");
  }
  if (!response.headers.has("Cache-Control")) response.headers.set("Cache-Control", "no-cache, private");
  response.body = {};
  return body;
}

HttpResponse protocol_error(int status, const HttpLimits& limits) {
  Status why;
  why.code = status;
  switch (status) {
    case 408:
      why.reason = "Timeout";
      why.message = "the request did not arrive in time";
      break;
    case 413:
      why.reason = "RequestEntityTooLarge";
      why.message = "Request entity too large: limit is " + std::to_string(limits.body);
      break;
    case 431:
      why.reason = "BadRequest";
      why.message = "request header fields too large";
      break;
    case 505:
      why.reason = "BadRequest";
      why.message = "unsupported HTTP version";
      break;
    default:
      why.reason = "BadRequest";
      why.message = "malformed HTTP request";
  }
  HttpResponse response;
  response.status = status;
  response.body.document = status_to_document(why);
  return response;
}

Task<void> serve_http1(EventLoop& loop, std::shared_ptr<ByteStream> link, ConnectionFacts facts, HttpHandler& handler,
                       HttpLimits limits) {
  HttpParser parser(HttpParser::Mode::kRequest, limits.body);
  for (;;) {
    int error_status = 400;
    const Received received = co_await receive_request(loop, *link, parser, limits, error_status);
    if (received == Received::kEnd) break;
    if (received == Received::kFailed) {
      HttpResponse response = protocol_error(error_status, limits);
      const std::string body = finish_response(response, "", limits);
      response.headers.set("Content-Length", std::to_string(body.size()));
      link->write(header_text(response, false, false) + body);
      // What the client still sends is taken and dropped, or it would see a reset
      // instead of the answer.
      const TimePoint patience = loop.now() + kRefusedPatience;
      for (std::size_t dropped = 0; dropped < 4 * limits.body;) {
        const std::string rest = co_await link->read(patience);
        if (rest.empty()) break;
        dropped += rest.size();
      }
      break;
    }
    HttpRequest request = std::move(parser.request());
    request.peer_address = facts.peer_address;
    request.local_address = facts.local_address;
    request.client_certificate_pem = facts.client_certificate_pem;
    const bool head_only = request.method == "HEAD";
    if (head_only) request.method = "GET";
    const bool keep_alive = parser.keep_alive();
    const std::string accept_encoding(request.headers.get("Accept-Encoding"));
    if (const Upgrade kind = wanted_upgrade(request); kind != Upgrade::kNone) {
      std::optional<HttpResponse> refusal =
          co_await serve_upgrade(loop, link, parser.take_rest(), kind, request, handler, limits);
      if (!refusal) break;
      const std::string body = finish_response(*refusal, accept_encoding, limits);
      refusal->headers.set("Content-Length", std::to_string(body.size()));
      link->write(header_text(*refusal, false, keep_alive) + body);
      if (!keep_alive) break;
      continue;
    }
    HttpResponse response = co_await handler.handle(std::move(request));
    std::string body = finish_response(response, accept_encoding, limits);
    if (response.stream && !head_only) {
      link->write(header_text(response, false, keep_alive) + (body.empty() ? "" : write_chunk(body)));
      if (!co_await send_stream(loop, *link, std::move(response.stream), limits)) break;
    } else {
      if (response.status != 204 && response.status != 304)
        response.headers.set("Content-Length", std::to_string(body.size()));
      response.stream.reset();
      std::string head = header_text(response, head_only, keep_alive);
      if (head_only || body.size() < kOwnWrite) {
        link->write(head_only ? std::move(head) : std::move(head += body));
      } else {
        link->write(std::move(head));
        link->write(std::move(body));
      }
      const TimePoint deadline = loop.now() + limits.write_timeout;
      if (link->unsent() > limits.unsent && !co_await link->drained(limits.unsent / 2, deadline)) {
        link->abort();
        break;
      }
    }
    if (!keep_alive) break;
  }
  link->close();
}

}  // namespace drydock::server
