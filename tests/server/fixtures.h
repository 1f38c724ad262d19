// What the server's tests share: a loop in virtual time, a client end of a connection,
// a handler that does what the test says.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/event_loop.h"
#include "core/base/sync.h"
#include "core/machinery/http_message.h"
#include "server/io/byte_stream.h"

namespace drydock::server::testing {

struct Bench {
  VirtualClock clock{TimePoint(seconds(1767225600))};
  EventLoop loop{clock};
  TaskGroup tasks{loop};

  void run(Duration time = milliseconds(50)) { loop.run_until(loop.now() + time); }
  // What has arrived at the stream within `time`.
  std::string read(ByteStream& stream, Duration time = milliseconds(50)) {
    std::string got;
    auto reading = [](ByteStream& from, std::string& out, TimePoint until) -> Task<void> {
      for (;;) {
        const std::string bytes = co_await from.read(until);
        if (bytes.empty()) co_return;
        out += bytes;
      }
    };
    TaskGroup group(loop);
    group.spawn(reading(stream, got, loop.now() + time));
    run(time + milliseconds(1));
    return got;
  }
};

class FunctionHandler final : public HttpHandler {
 public:
  using Function = std::function<HttpResponse(HttpRequest)>;
  explicit FunctionHandler(Function function) : function_(std::move(function)) {}
  Task<HttpResponse> handle(HttpRequest request) override { co_return function_(std::move(request)); }

 private:
  Function function_;
};

}  // namespace drydock::server::testing
