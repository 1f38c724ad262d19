// A small world for network tests: two hosts on the switch, a web server on demand.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/base/sync.h"
#include "core/network/http_client.h"
#include "core/network/http_server.h"
#include "core/network/network.h"

namespace drydock {

struct NetworkFixture {
  VirtualClock clock{TimePoint(seconds(1767225600))};
  EventLoop loop{clock};
  Network network{loop, Prng(1)};
  std::shared_ptr<NetNamespace> node1 = network.attach_host("node1", *Ipv4::parse("10.0.0.2"));
  std::shared_ptr<NetNamespace> node2 = network.attach_host("node2", *Ipv4::parse("10.0.0.3"));

  // Runs the task to its end in virtual time.
  template <class T>
  T run(Task<T> task, Duration limit = std::chrono::hours(1)) {
    std::optional<T> result;
    auto body = [](Task<T> inner, std::optional<T>& out) -> Task<void> { out.emplace(co_await inner); };
    TaskGroup group(loop);
    group.spawn(body(std::move(task), result));
    const TimePoint end = loop.now() + limit;
    while (!result && loop.run_one(end)) {
    }
    REQUIRE(result.has_value());
    return std::move(*result);
  }
};

// Answers with what it was asked.
class EchoHandler final : public HttpHandler {
 public:
  Task<HttpResponse> handle(HttpRequest request) override {
    HttpResponse response;
    response.headers.add("Content-Type", "text/plain");
    response.body.bytes =
        request.method + " " + request.path + " from " + request.peer_address + ": " + request.body.text();
    co_return response;
  }
};

inline Ipv4 ip(std::string_view text) { return *Ipv4::parse(text); }

}  // namespace drydock
