// The contract of the Transport port, run on every implementation.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>

#include "core/base/strings.h"
#include "core/client/transport.h"

namespace drydock {

// What the server behind the endpoint has to be.
class TransportSuiteServer final : public HttpHandler {
 public:
  explicit TransportSuiteServer(EventLoop& loop) : loop_(loop) {}
  Task<HttpResponse> handle(HttpRequest request) override {
    HttpResponse response;
    if (request.path == "/document") {
      response.body.document = Value::object({{"kind", "Pod"}, {"query", request.query.get("watch")}});
    } else if (request.path == "/body") {
      response.status = 201;
      response.body = request.body;
      response.headers.set("Content-Type", "application/json");
    } else if (request.path == "/watch") {
      auto [ours, theirs] = StreamEnd::make_pair(loop_);
      StreamMessage event;
      event.document = Value::object({{"type", "ADDED"}});
      ours->send(event);
      ours->send(event);
      response.stream = std::move(theirs);  // `ours` ends here: two events, then the end
    } else {
      response.status = 404;
      response.body.bytes = "404 page not found\n";
    }
    co_return response;
  }

 private:
  EventLoop& loop_;
};

struct TransportUnderTest {
  Transport& transport;
  Endpoint endpoint;                     // of a TransportSuiteServer
  std::optional<Endpoint> nobody_there;  // a port where nothing listens
  std::function<Result<HttpResponse>(Task<Result<HttpResponse>>)> run;
  std::function<std::optional<StreamMessage>(StreamEnd&)> receive;
};

inline void check_transport_contract(const TransportUnderTest& test) {
  auto ask = [&](HttpRequest request) {
    return test.run(test.transport.round_trip(test.endpoint, std::move(request)));
  };
  HttpRequest document;
  document.path = "/document";
  document.query.add("watch", "false");
  auto answer = ask(document);
  REQUIRE(answer.ok());
  CHECK(answer->body.document["kind"].as_string() == "Pod");
  CHECK(answer->body.document["query"].as_string() == "false");

  HttpRequest body;
  body.method = "POST";
  body.path = "/body";
  body.body.document = Value::object({{"a", 1}});
  auto created = ask(body);
  REQUIRE(created.ok());
  CHECK(created->status == 201);
  CHECK(created->body.document["a"].as_int() == 1);

  // An HTTP error is an answer, not an error.
  HttpRequest missing;
  missing.path = "/missing";
  auto refused = ask(missing);
  REQUIRE(refused.ok());
  CHECK(refused->status == 404);

  HttpRequest watch;
  watch.path = "/watch";
  watch.query.add("watch", "true");  // what asks for a stream
  auto stream = ask(watch);
  REQUIRE(stream.ok());
  REQUIRE(stream->stream != nullptr);
  CHECK(test.receive(*stream->stream)->document["type"].as_string() == "ADDED");
  CHECK(test.receive(*stream->stream).has_value());
  CHECK(!test.receive(*stream->stream).has_value());

  if (test.nobody_there) {
    auto nobody = test.run(test.transport.round_trip(*test.nobody_there, HttpRequest{}));
    REQUIRE(!nobody.ok());
    CHECK(nobody.error().code == 0);
    CHECK(nobody.error().message.ends_with("connect: connection refused"));
  }
}

}  // namespace drydock
