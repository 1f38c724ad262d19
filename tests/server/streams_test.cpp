#include <zlib.h>

#include <map>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "doctest/doctest.h"
#include "server/http/http1.h"
#include "server/http/spdy.h"
#include "server/http/websocket.h"
#include "tests/server/fixtures.h"

namespace drydock::server::testing {
namespace {

std::string masked(std::uint8_t first, std::string_view payload) {
  std::string out;
  out += static_cast<char>(first);
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else {
    out += static_cast<char>(0x80 | 126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size() & 0xff);
  }
  const char mask[4] = {1, 2, 3, 4};
  out.append(mask, 4);
  for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ mask[i % 4]);
  return out;
}

// An exec that repeats its input in capitals and ends with 7.
class Echo final : public HttpHandler {
 public:
  explicit Echo(EventLoop& loop) : tasks_(loop) {}
  Task<HttpResponse> handle(HttpRequest request) override {
    HttpResponse response;
    if (request.query.get("container") == "nosuch") {
      response.status = 400;
      response.body.document = Value::object({{"kind", "Status"}, {"message", "container nosuch is not valid"}});
      co_return response;
    }
    seen = request;
    if (request.path.ends_with("/portforward"))
      tasks_.spawn(forward(request.upgrade, std::string(request.query.get("ports"))));
    else
      tasks_.spawn(exec(request.upgrade));
    response.status = 101;
    co_return response;
  }
  HttpRequest seen;
  std::string sizes;

 private:
  Task<void> exec(std::shared_ptr<StreamEnd> stream) {
    for (;;) {
      std::optional<StreamMessage> message = co_await stream->receive();
      if (!message) co_return;
      if (message->channel == 255) break;
      if (message->channel == 4) sizes += std::to_string(message->document["Width"].as_int()) + " ";
      if (message->channel == 0) stream->send({1, to_upper(message->bytes), Value()});
    }
    stream->send({2, "bye", Value()});
    stream->send({3, "", Value::object({{"status", "Failure"}, {"message", "exit 7"}})});
    stream->close();
  }
  static Task<void> forward(std::shared_ptr<StreamEnd> stream, std::string port) {
    if (port == "81") {
      stream->send({1, "refused", Value()});
      stream->close();
      co_return;
    }
    for (;;) {
      std::optional<StreamMessage> message = co_await stream->receive();
      if (!message || message->channel == 255) break;
      stream->send({0, port + ":" + message->bytes, Value()});
    }
    stream->close();
  }
  TaskGroup tasks_;
};

struct Served {
  Served() : handler(bench.loop) {
    auto [client_end, server_end] = make_memory_streams(bench.loop);
    client = client_end;
    bench.tasks.spawn(serve_http1(bench.loop, server_end, {}, handler, {}));
    bench.run(milliseconds(1));
  }
  std::string ask(std::string text) {
    client->write(std::move(text));
    return bench.read(*client);
  }
  Bench bench;
  Echo handler;
  std::shared_ptr<ByteStream> client;
};

std::string websocket_request(const std::string& path, const std::string& protocol) {
  return "GET " + path +
         " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: " +
         protocol + "\r\n\r\n";
}

// A client that speaks SPDY: collects what streams bring.
struct SpdyClient {
  explicit SpdyClient(Served& with) : served(with) {}
  void open(std::uint32_t stream, const SpdyHeaders& headers) {
    std::string payload = number(stream) + number(0) + std::string(2, '\0') + codec.encode(headers);
    served.client->write(number(0x80030001) + number(static_cast<std::uint32_t>(payload.size())) + payload);
  }
  void data(std::uint32_t stream, std::string_view bytes, bool fin = false) {
    served.client->write(number(stream) + number((fin ? 0x1000000u : 0) | static_cast<std::uint32_t>(bytes.size())) +
                         std::string(bytes));
  }
  void collect() {
    rest += served.bench.read(*served.client);
    while (rest.size() >= 8) {
      const std::uint32_t first = parse(0);
      const std::uint32_t second = parse(4);
      const std::size_t size = second & 0xffffff;
      if (rest.size() < 8 + size) break;
      if ((first & 0x80000000u) == 0) {
        got[first] += rest.substr(8, size);
        if ((second >> 24) != 0) got[first] += "<end>";
      } else {
        control += std::to_string(first & 0xffff) + " ";
      }
      rest.erase(0, 8 + size);
    }
  }
  static std::string number(std::uint32_t value) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 0xff);
    return out;
  }
  std::uint32_t parse(std::size_t at) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(rest[at + i]);
    return value;
  }
  Served& served;
  SpdyHeaderCodec codec;
  std::string rest;
  std::map<std::uint32_t, std::string> got;
  std::string control;
};

}  // namespace

TEST_CASE("WebSocket: the handshake of RFC 6455, then channels of v5") {
  CHECK(websocket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  Served served;
  const std::string path = "/api/v1/namespaces/default/pods/p/exec?stdin=true&stdout=true&stderr=true&command=sh";
  const std::string head = served.ask(websocket_request(path, "v5.channel.k8s.io, v4.channel.k8s.io"));
  CHECK(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
  CHECK(contains(head, "Sec-WebSocket-Protocol: v5.channel.k8s.io\r\n"));
  CHECK(head.ends_with(std::string("\x82\x01\x01", 3)));  // the empty message that says: ready
  CHECK(served.handler.seen.query.get("command") == "sh");
  SUBCASE("input, output, status") {
    CHECK(served.ask(masked(0x82, std::string("\0hello", 6))) == std::string("\x82\x06\x01HELLO", 8));
    CHECK(served.ask(masked(0x82, "\4{\"Width\":120,\"Height\":40}")).empty());
    CHECK(served.handler.sizes == "120 ");
    // Channel 255 closes standard input; the command ends.
    const std::string end = served.ask(masked(0x82, std::string("\xff\0", 2)));
    CHECK(contains(end, std::string("\x02") + "bye"));
    CHECK(contains(end, std::string("\x03") + "{\"message\":\"exit 7\",\"status\":\"Failure\"}"));
    CHECK(end.ends_with(std::string("\x88\x02\x03\xe8", 4)));
  }
  SUBCASE("fragments and pings") {
    CHECK(served.ask(masked(0x02, std::string("\0he", 3))).empty());
    CHECK(served.ask(masked(0x89, "hi")) == "\x8a\x02hi");
    CHECK(served.ask(masked(0x80, "llo")) == std::string("\x82\x06\x01HELLO", 8));
    const std::string big(300, 'x');
    CHECK(contains(served.ask(masked(0x82, std::string(1, '\0') + big)), std::string(300, 'X')));
  }
  SUBCASE("an unmasked frame ends it with 1002") {
    CHECK(contains(served.ask(std::string("\x82\x02\0a", 4)), std::string("\x03\xea")));
  }
}

TEST_CASE("upgrades that are refused leave the connection as it was") {
  Served served;
  const std::string no = served.ask(websocket_request("/x/exec?container=nosuch", "v5.channel.k8s.io"));
  CHECK(no.starts_with("HTTP/1.1 400 Bad Request\r\n"));
  CHECK(contains(no, "container nosuch is not valid"));
  const std::string unknown = served.ask(websocket_request("/x/exec", "nonsense"));
  CHECK(unknown.starts_with("HTTP/1.1 403 "));
  CHECK(contains(unknown, "client supports [nonsense]"));
}

TEST_CASE("SPDY: the dictionary is the protocol's own, headers survive both ways") {
  const std::string& words = SpdyHeaderCodec::dictionary();
  CHECK(words.size() == 1423);
  CHECK(adler32(1, reinterpret_cast<const Bytef*>(words.data()), static_cast<uInt>(words.size())) == 0xe3c6a7c2);
  SpdyHeaderCodec one;
  SpdyHeaderCodec other;
  for (int i = 0; i < 3; ++i) {
    const auto headers = other.decode(one.encode({{"streamtype", "error"}, {"port", std::to_string(i)}}));
    REQUIRE(headers);
    CHECK((*headers)[1].second == std::to_string(i));
  }
  CHECK_FALSE(SpdyHeaderCodec().decode("garbage"));
}

TEST_CASE("SPDY: exec as kubectl 1.20 does it") {
  Served served;
  const std::string head = served.ask(
      "POST /api/v1/namespaces/default/pods/p/exec?stdin=true&stdout=true&stderr=true HTTP/1.1\r\nConnection: "
      "Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n"
      "X-Stream-Protocol-Version: v3.channel.k8s.io\r\n\r\n");
  CHECK(contains(head, "X-Stream-Protocol-Version: v4.channel.k8s.io\r\n"));
  SpdyClient client(served);
  client.open(1, {{"streamtype", "error"}});
  client.open(3, {{"streamtype", "stdin"}});
  client.open(5, {{"streamtype", "stdout"}});
  client.open(7, {{"streamtype", "stderr"}});
  client.collect();
  CHECK(client.control == "2 2 2 2 ");
  client.data(3, "hello");
  client.collect();
  CHECK(client.got[5] == "HELLO");
  client.data(3, "", true);
  client.collect();
  CHECK(client.got[7] == "bye<end>");
  CHECK(client.got[1] == "{\"message\":\"exit 7\",\"status\":\"Failure\"}<end>");
  CHECK(client.got[5] == "HELLO<end>");
}

TEST_CASE("SPDY: each pair of streams is a connection to a port") {
  Served served;
  CHECK(contains(served.ask("POST /api/v1/namespaces/default/pods/p/portforward HTTP/1.1\r\nConnection: Upgrade\r\n"
                            "Upgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: portforward.k8s.io\r\n\r\n"),
                 "101 Switching"));
  SpdyClient client(served);
  client.open(1, {{"streamtype", "error"}, {"port", "80"}, {"requestid", "0"}});
  client.open(3, {{"streamtype", "data"}, {"port", "80"}, {"requestid", "0"}});
  client.data(3, "GET");
  client.collect();
  CHECK(client.got[3] == "80:GET");
  client.open(5, {{"streamtype", "error"}, {"port", "81"}, {"requestid", "1"}});
  client.open(7, {{"streamtype", "data"}, {"port", "81"}, {"requestid", "1"}});
  client.collect();
  CHECK(client.got[5] == "refused<end>");
  client.data(3, "", true);
  client.collect();
  CHECK(client.got[3] == "80:GET<end>");
}

}  // namespace drydock::server::testing
