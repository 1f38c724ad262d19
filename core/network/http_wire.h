// HTTP/1.1 as bytes: for streams where one end does not speak typed messages
// (nc, telnet, redis, a person typing a request).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/machinery/http_message.h"

namespace drydock {

std::string_view http_reason(int status);  // "Not Found"
// Request and response with their bodies; a document is written as JSON.
std::string write_request(const HttpRequest& request, std::string_view host);
std::string write_response_head(const HttpResponse& response, bool head_only, bool keep_alive);
std::string write_response(const HttpResponse& response, bool head_only, bool keep_alive);
std::string write_chunk(std::string_view bytes);

// Takes bytes as they come and gives whole messages. After an error it stays failed.
class HttpParser {
 public:
  enum class Mode { kRequest, kResponse };
  static constexpr std::size_t kMaxBody = 64 * 1024 * 1024;
  explicit HttpParser(Mode mode, std::size_t max_body = kMaxBody) : mode_(mode), max_body_(max_body) {}
  void feed(std::string_view bytes) { buffer_.append(bytes); }
  // The stream ended: a response without a length is complete now.
  void end() { ended_ = true; }
  enum class State { kNeedMore, kMessage, kFailed };
  // Tries to take one message.
  State parse();
  // Valid after kMessage, until the next parse().
  HttpRequest& request() { return request_; }
  HttpResponse& response() { return response_; }
  bool keep_alive() const { return keep_alive_; }
  void expect_no_body() { no_body_ = true; }          // the answer to HEAD
  int error_status() const { return error_status_; }  // 400, 413, 431, 505
  // The head has been read and the body has not: request() holds the head.
  bool in_body() const { return in_body_; }
  // Bytes after the last message: what follows an upgrade is of another protocol.
  std::string take_rest() { return std::exchange(buffer_, {}); }
  bool empty() const { return buffer_.empty(); }

 private:
  State fail(int status);
  bool parse_head(std::string_view head);
  bool parse_chunks();

  Mode mode_;
  std::size_t max_body_;
  std::string buffer_;
  bool ended_ = false;
  bool in_body_ = false;
  bool chunked_ = false;
  bool until_end_ = false;
  bool no_body_ = false;
  bool keep_alive_ = true;
  bool failed_ = false;
  std::size_t length_ = 0;
  std::string body_;
  int error_status_ = 400;
  HttpRequest request_;
  HttpResponse response_;
};

}  // namespace drydock
