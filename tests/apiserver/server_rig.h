// ServerRig: an API server over MemoryStore and LoopbackTransport, as every client of
// ours reaches it, and users that ask it things.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/apiserver/api_server.h"
#include "core/base/strings.h"
#include "core/client/client.h"
#include "core/client/loopback_transport.h"
#include "core/machinery/json.h"
#include "core/machinery/yaml.h"
#include "core/store/memory_store.h"

namespace drydock::testing {

// A token names who asks: "admin", or "name,group,group".
inline std::optional<Identity> identity_of(std::string_view token) {
  std::vector<std::string> parts = split(token, ',');
  Identity who{parts[0], {parts.begin() + 1, parts.end()}, ""};
  if (who.name == "admin") who.groups = {"system:masters"};
  return who;
}

struct ServerRig {
  VirtualClock clock{TimePoint(seconds(1767225600))};
  EventLoop loop{clock};
  MemoryStore store{loop};
  LoopbackTransport transport{loop};
  std::unique_ptr<ApiServer> server;
  TaskGroup tasks{loop};

  explicit ServerRig(ApiServerOptions options = {}) {
    options.credentials.static_token = identity_of;
    server = std::make_unique<ApiServer>(loop, Prng(1), store, transport, std::move(options));
    transport.listen("api", 6443, *server);
    auto serve = [](ApiServer& target) -> Task<void> { (void)co_await target.run(); };
    tasks.spawn(serve(*server));
    while (!server->ready() && loop.run_one(loop.now() + seconds(30))) {
    }
    REQUIRE(server->ready());
    settle();
    REQUIRE(admin("POST", "/api/v1/namespaces/default/serviceaccounts", "{metadata: {name: default}}").status == 201);
    settle();
  }
  ~ServerRig() { tasks.cancel_all(); }

  // Lets caches see what was written.
  void settle(Duration time = milliseconds(10)) {
    const TimePoint end = loop.now() + time;
    while (loop.run_one(end)) {
    }
    clock.wait_until(end);
  }

  template <class T>
  T wait(Task<T> task) {
    std::optional<T> out;
    auto body = [](Task<T> inner, std::optional<T>& result) -> Task<void> { result.emplace(co_await inner); };
    TaskGroup group(loop);
    group.spawn(body(std::move(task), out));
    while (!out && loop.run_one(loop.now() + seconds(60))) {
    }
    REQUIRE(out.has_value());
    return std::move(*out);
  }

  // `body` is YAML; a path may have a query.
  HttpResponse ask(const std::string& who, const std::string& method, const std::string& path,
                   const std::string& body = "", const std::string& type = "application/json") {
    HttpRequest made;
    made.method = method;
    made.path = path.substr(0, path.find('?'));
    if (made.path.size() < path.size()) made.query = HttpQuery::parse(path.substr(made.path.size() + 1));
    made.headers.set("Authorization", "Bearer " + who);
    made.headers.set("Content-Type", type);
    if (!body.empty()) {
      auto document = parse_yaml(body);
      REQUIRE_MESSAGE(document.ok(), body);
      made.body.document = *std::move(document);
    }
    HttpResponse answer = wait(server->handle(std::move(made)));
    settle();
    return answer;
  }
  HttpResponse admin(const std::string& method, const std::string& path, const std::string& body = "",
                     const std::string& type = "application/json") {
    return ask("admin", method, path, body, type);
  }
  // A creation that must succeed.
  Value made(const std::string& path, const std::string& body) {
    const HttpResponse answer = admin("POST", path, body);
    REQUIRE_MESSAGE(answer.status == 201, answer.body.text());
    return answer.body.document;
  }
};

// "403 Forbidden: message".
inline std::string status_text(const HttpResponse& answer) {
  const Value& document = answer.body.document;
  return std::to_string(answer.status) + " " + document["reason"].str() + ": " + document["message"].str();
}

inline std::string warnings_of(const HttpResponse& answer) {
  std::string text;
  for (const auto& [name, value] : answer.headers.fields()) {
    if (name == "Warning") text += value + "\n";
  }
  return text;
}

}  // namespace drydock::testing
