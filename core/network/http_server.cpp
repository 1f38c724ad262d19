#include "core/network/http_server.h"

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/network/http_wire.h"
#include "core/network/network.h"

namespace drydock {
namespace {

const std::string kPlainToTls = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";

// Tells the client when its request's task is destroyed before an answer.
struct BreakGuard {
  std::shared_ptr<HttpExchange> exchange;
  ~BreakGuard() {
    if (exchange->response) return;
    exchange->broken = true;
    exchange->done.notify_all();
  }
};

Task<void> answer(EventLoop& loop, HttpHandler& handler, HttpRequest request, Duration latency,
                  std::shared_ptr<HttpExchange> exchange) {
  const BreakGuard guard{exchange};
  co_await loop.sleep(latency);
  HttpResponse response = co_await handler.handle(std::move(request));
  exchange->response.emplace(std::move(response));
  exchange->done.notify_all();
}

// Until the client has sent something: a TLS server that is spoken to in plain text.
Task<void> refuse_plain(TcpStreamPtr stream) {
  auto first = co_await stream->read();
  if (first && !first->empty()) (void)stream->write(kPlainToTls);
}

std::string stream_bytes(const StreamMessage& message) {
  return message.document.is_null() ? message.bytes : dump_json(message.document) + "\n";
}

}  // namespace

Task<void> serve_http_stream(TcpStreamPtr stream, HttpHandler& handler) {
  HttpParser parser(HttpParser::Mode::kRequest);
  while (true) {
    HttpParser::State state = parser.parse();
    if (state == HttpParser::State::kNeedMore) {
      auto piece = co_await stream->read();
      if (!piece || piece->empty()) co_return;
      parser.feed(*piece);
      continue;
    }
    if (state == HttpParser::State::kFailed) {
      HttpResponse refusal;
      refusal.status = parser.error_status();
      refusal.headers.add("Content-Type", "text/plain; charset=utf-8");
      refusal.body.bytes = std::to_string(refusal.status) + " " + std::string(http_reason(refusal.status));
      (void)stream->write(write_response(refusal, false, false));
      co_return;
    }
    HttpRequest request = std::move(parser.request());
    const bool head_only = request.method == "HEAD";
    const bool keep_alive = parser.keep_alive();
    request.peer_address = stream->ends().peer.text();
    request.local_address = endpoint_text(stream->ends().local, stream->ends().local_port);
    HttpResponse response = co_await handler.handle(std::move(request));
    auto sent = co_await stream->send(write_response(response, head_only, keep_alive));
    if (!sent) co_return;
    if (response.stream && !head_only) {
      while (auto message = co_await response.stream->receive()) {
        const std::string bytes = stream_bytes(*message);
        if (bytes.empty()) continue;
        auto went = co_await stream->send(write_chunk(bytes));
        if (!went) co_return;
      }
      (void)stream->write("0\r\n\r\n");
    }
    if (!keep_alive) co_return;
  }
}

HttpListener::HttpListener(std::shared_ptr<NetNamespace> stack, HttpHandler& handler, HttpListenerOptions options)
    : stack_(std::move(stack)), handler_(handler), endpoint_(std::make_shared<HttpEndpoint>()), tasks_(stack_->loop()) {
  endpoint_->listener = this;
  endpoint_->options = std::move(options);
}

SysResult<std::unique_ptr<HttpListener>> HttpListener::open(std::shared_ptr<NetNamespace> stack, std::uint16_t port,
                                                            HttpHandler& handler, HttpListenerOptions options) {
  NetNamespace::Bound socket{Protocol::kTcp, options.address, port, options.owner, nullptr, nullptr};
  auto listener = std::unique_ptr<HttpListener>(new HttpListener(stack, handler, std::move(options)));
  socket.acceptor = listener.get();
  DRYDOCK_TRY(listener->port_, stack->bind(std::move(socket)));
  return listener;
}

HttpListener::~HttpListener() {
  stack_->unbind(static_cast<TcpAcceptor*>(this));
  endpoint_->listener = nullptr;
}

bool HttpListener::on_connect(TcpStreamPtr stream) {
  if (!endpoint_->options.tls())
    tasks_.spawn(serve_http_stream(std::move(stream), handler_));
  else
    tasks_.spawn(refuse_plain(std::move(stream)));
  return true;
}

std::shared_ptr<HttpExchange> HttpListener::begin(HttpRequest request, Duration latency) {
  auto exchange = std::make_shared<HttpExchange>(stack_->loop());
  tasks_.spawn(answer(stack_->loop(), handler_, std::move(request), latency, exchange));
  return exchange;
}

}  // namespace drydock
