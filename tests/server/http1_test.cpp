#include "server/http/http1.h"

#include "core/base/strings.h"
#include "doctest/doctest.h"
#include "server/http/compression.h"
#include "tests/server/fixtures.h"

namespace drydock::server::testing {
namespace {

struct Served {
  explicit Served(FunctionHandler::Function function, HttpLimits with = {})
      : handler(std::move(function)), limits(with) {
    auto [client_end, server_end] = make_memory_streams(bench.loop);
    client = client_end;
    ConnectionFacts facts;
    facts.peer_address = "192.0.2.7";
    bench.tasks.spawn(serve_http1(bench.loop, server_end, facts, handler, limits));
    bench.run(milliseconds(1));
  }
  std::string ask(std::string text) {
    client->write(std::move(text));
    return bench.read(*client);
  }
  Bench bench;
  FunctionHandler handler;
  HttpLimits limits;
  std::shared_ptr<ByteStream> client;
};

HttpResponse echo(HttpRequest request) {
  HttpResponse response;
  response.headers.set("Content-Type", "text/plain");
  response.body.bytes = request.method + " " + request.path + " " + request.peer_address + " " + request.body.bytes;
  return response;
}

}  // namespace

TEST_CASE("HTTP/1.1: requests one after the other on one connection") {
  Served served(echo);
  CHECK(served.ask("GET /a HTTP/1.1\r\nHost: x\r\n\r\n").ends_with("\r\n\r\nGET /a 192.0.2.7 "));
  const std::string second = served.ask("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");
  CHECK(second.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(second.ends_with("POST /b 192.0.2.7 body"));
  // Two at once, answered in order.
  const std::string both = served.ask("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
  CHECK(both.find("GET /1") < both.find("GET /2"));
  CHECK(both.find("GET /2") != std::string::npos);
  CHECK(served.ask("GET /c HTTP/1.1\r\nConnection: close\r\n\r\n").find("Connection: close") != std::string::npos);
  CHECK(served.client->ended());
}

TEST_CASE("HTTP/1.1: HEAD has no body, chunked bodies are put together") {
  Served served(echo);
  CHECK(served.ask("HEAD /a HTTP/1.1\r\n\r\n").ends_with("\r\n\r\n"));
  CHECK(served.ask("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            .ends_with("abcde"));
}

TEST_CASE("HTTP/1.1: who breaks the rules gets a Status and is left") {
  struct Row {
    const char* text;
    const char* status;
    const char* message;
  };
  const Row rows[] = {
      {"nonsense\r\n\r\n", "HTTP/1.1 400 ", "malformed HTTP request"},
      {"GET / HTTP/3.0\r\n\r\n", "HTTP/1.1 505 ", "unsupported HTTP version"},
      {"POST / HTTP/1.1\r\nContent-Length: 3145729\r\n\r\n", "HTTP/1.1 413 ", "limit is 3145728"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFF\r\n", "HTTP/1.1 413 ", "limit is 3145728"},
      {"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 400 ", "malformed"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    Served served(echo);
    const std::string answer = served.ask(row.text);
    CHECK(answer.starts_with(row.status));
    CHECK(answer.find(row.message) != std::string::npos);
    CHECK(answer.find("\"kind\":\"Status\"") != std::string::npos);
    served.bench.run(seconds(2));
    CHECK(served.client->ended());
  }
  Served served(echo);
  CHECK(served.ask("GET / HTTP/1.1\r\nX: " + std::string(70000, 'a')).starts_with("HTTP/1.1 431 "));
}

TEST_CASE("HTTP/1.1: slow requests time out, idle connections end quietly") {
  Served slow(echo);
  slow.client->write("GET / HT");
  slow.bench.run(seconds(31));
  CHECK_FALSE(slow.client->ended());
  CHECK(slow.bench.read(*slow.client, seconds(3)).starts_with("HTTP/1.1 408 "));
  Served idle(echo);
  CHECK(idle.bench.read(*idle.client, seconds(181)).empty());
  CHECK(idle.client->ended());
}

TEST_CASE("HTTP/1.1: a body that is announced with 100-continue is asked for") {
  Served served(echo);
  CHECK(served.ask("POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n") ==
        "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(served.ask("ok").ends_with("ok"));
}

TEST_CASE("HTTP/1.1: a watch is chunks of JSON lines, until either end goes") {
  std::shared_ptr<StreamEnd> ours;
  EventLoop* loop = nullptr;
  Served served([&](HttpRequest) {
    auto [mine, theirs] = StreamEnd::make_pair(*loop);
    ours = mine;
    HttpResponse response;
    response.stream = theirs;
    return response;
  });
  loop = &served.bench.loop;
  CHECK(served.ask("GET /w HTTP/1.1\r\n\r\n").find("Transfer-Encoding: chunked") != std::string::npos);
  ours->send({1, "", Value::object({{"type", "ADDED"}})});
  CHECK(served.bench.read(*served.client) == "11\r\n{\"type\":\"ADDED\"}\n\r\n");
  SUBCASE("the server ends it, the connection goes on") {
    ours->close();
    CHECK(served.bench.read(*served.client) == "0\r\n\r\n");
    CHECK(served.ask("GET /w HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 200 OK"));
  }
  SUBCASE("the client goes, the server's end notices") {
    served.client->abort();
    served.bench.run();
    CHECK(ours->peer_closed());
  }
}

TEST_CASE("gzip is for large answers to clients that take it") {
  CHECK(accepts_gzip("gzip"));
  CHECK(accepts_gzip("deflate, gzip;q=0.5"));
  CHECK_FALSE(accepts_gzip("gzip;q=0"));
  CHECK_FALSE(accepts_gzip("deflate"));
  CHECK_FALSE(accepts_gzip(""));
  HttpResponse response;
  response.body.bytes = std::string(200000, 'a');
  const std::string small = finish_response(response, "gzip", HttpLimits());
  CHECK(small.size() < 2000);
  CHECK(response.headers.get("Content-Encoding") == "gzip");
  HttpResponse plain;
  plain.body.bytes = std::string(2000, 'a');
  CHECK(finish_response(plain, "gzip", HttpLimits()).size() == 2000);
}

}  // namespace drydock::server::testing
