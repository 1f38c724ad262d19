// HTTP messages as the core passes them: one shape for the in-process path
// (documents travel as shared Values, nothing is serialized), for virtual
// sockets and for the native server.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/sync.h"
#include "core/base/task.h"
#include "core/machinery/value.h"

namespace drydock {

// Header fields in the order they were added; names compare case-insensitively.
class HttpHeaders {
 public:
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  void set(std::string name, std::string value);
  // First value of that name, or "".
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// Query parameters in order, decoded.
class HttpQuery {
 public:
  static HttpQuery parse(std::string_view text);  // "a=1&b=%20"; without the '?'
  std::string encode() const;
  void add(std::string name, std::string value) { parameters_.emplace_back(std::move(name), std::move(value)); }
  std::string_view get(std::string_view name) const;  // first value, or ""
  bool has(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;
  bool empty() const { return parameters_.empty(); }
  const std::vector<std::pair<std::string, std::string>>& parameters() const { return parameters_; }

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

std::string url_decode(std::string_view text);
std::string url_encode_path_segment(std::string_view text);

// A body is a document (not yet serialized) or bytes.
struct HttpBody {
  Value document;     // null when the body is bytes
  std::string bytes;  // used when document is null
  bool empty() const { return document.is_null() && bytes.empty(); }
  std::string text() const;  // bytes, or the document as JSON
};

// One piece of a stream. Watches: `document` is {"type","object"}. Upgraded
// connections (exec, attach, port-forward): `channel` as in v5.channel.k8s.io:
// 0 stdin, 1 stdout, 2 stderr, 3 error (a Status), 4 resize ({"Width","Height"}),
// 255 close-of-channel (bytes[0] names it). Plain byte streams use channel 1.
struct StreamMessage {
  int channel = 1;
  std::string bytes;
  Value document;
};

// One end of a two-way stream. What one end sends, the other receives after the
// latency of the link, in order. Dropping or closing an end ends the other's
// receive() with nullopt after what was sent before.
class StreamEnd {
 public:
  static std::pair<std::shared_ptr<StreamEnd>, std::shared_ptr<StreamEnd>> make_pair(EventLoop& loop,
                                                                                     Duration latency = Duration{0});
  ~StreamEnd();
  StreamEnd(const StreamEnd&) = delete;
  // False when the peer is gone (the message is dropped).
  bool send(StreamMessage message);
  Task<std::optional<StreamMessage>> receive();
  Task<std::optional<StreamMessage>> receive_until(TimePoint deadline);
  std::optional<StreamMessage> try_receive();
  void close();
  bool peer_closed() const;
  // Messages sent but not yet received by the peer: a sender that sees too many
  // drops a slow reader.
  std::size_t backlog() const;

 private:
  struct Shared;
  StreamEnd(std::shared_ptr<Shared> shared, int side) : shared_(std::move(shared)), side_(side) {}
  std::shared_ptr<Shared> shared_;
  int side_;
};

struct HttpRequest {
  std::string method = "GET";
  std::string path = "/";  // decoded path without query
  HttpQuery query;
  HttpHeaders headers;
  HttpBody body;
  // Two-way stream for upgraded requests (exec, attach, port-forward): the
  // server's end, present when the client asks for an upgrade.
  std::shared_ptr<StreamEnd> upgrade;

  // Facts of the connection, filled in by the transport, never by the client.
  std::string peer_address;            // "10.0.0.2"
  std::string client_certificate_pem;  // leaf certificate proved by TLS, or ""
  std::string local_address;           // address and port the server was reached at
};

struct HttpResponse {
  int status = 200;
  HttpHeaders headers;
  HttpBody body;
  // Set for watches, followed logs and other bodies that go on: read it after `body`.
  std::shared_ptr<StreamEnd> stream;
};

// What listens: an API server, a kubelet, an nginx.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  virtual Task<HttpResponse> handle(HttpRequest request) = 0;
};

}  // namespace drydock
