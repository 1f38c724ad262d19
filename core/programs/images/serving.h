// What the small servers of images share: a handler made of a function, and
// serving until a signal comes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/task.h"
#include "core/host/process.h"
#include "core/machinery/http_message.h"
#include "core/network/http_server.h"

namespace drydock {

HttpResponse text_page(int status, std::string type, std::string body);

// "01/Jan/2026:00:00:00 +0000", as access logs have it.
std::string log_time(TimePoint when);
// "Thu, 01 Jan 2026 00:00:00 GMT".
std::string http_time(TimePoint when);
std::optional<TimePoint> parse_http_time(std::string_view text);
// "2026/01/01 00:00:00", Go's log package and nginx' error log.
std::string slash_time(TimePoint when);

// "/path?query" as it was asked for.
std::string request_target(const HttpRequest& request);

// Answers by a function: it may wait, and what it captures lives as long as the handler.
class FunctionHandler final : public HttpHandler {
 public:
  using Answer = std::function<Task<HttpResponse>(HttpRequest)>;
  explicit FunctionHandler(Answer answer) : answer_(std::move(answer)) {}
  Task<HttpResponse> handle(HttpRequest request) override { co_return co_await answer_(std::move(request)); }

 private:
  Answer answer_;
};

// Opens a listener in the process' name; ":80" words its error as Go does:
// "listen tcp :80: bind: address already in use".
SysResult<std::unique_ptr<HttpListener>> open_http(Process& process, std::uint16_t port, HttpHandler& handler,
                                                   Ipv4 address = {});

struct ServeOptions {
  std::uint16_t port = 8080;
  int exit_code = 0;         // after SIGTERM or SIGINT
  bool ignore_term = false;  // servers that have no handler: as pid 1 they do not die of it
};
// Serves until SIGTERM, SIGINT or SIGQUIT. A port that is taken: Go's log.Fatal line, 1.
Task<int> serve_http(Process& process, ServeOptions options, FunctionHandler::Answer answer);

// The value of "--name=value" or "-name value" in the arguments; `fallback` when absent.
std::string flag_value(const Process& process, std::string_view name, std::string_view fallback = "");
bool has_flag(const Process& process, std::string_view name);

}  // namespace drydock
