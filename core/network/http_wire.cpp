#include "core/network/http_wire.h"

#include <algorithm>

#include "core/base/strings.h"

namespace drydock {
namespace {

constexpr std::size_t kMaxHead = 64 * 1024;

bool token_text(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

std::optional<std::size_t> parse_hex(std::string_view text) {
  if (text.empty() || text.size() > 8) return std::nullopt;
  std::size_t value = 0;
  for (char c : to_lower(text)) {
    if (c >= '0' && c <= '9')
      value = value * 16 + static_cast<std::size_t>(c - '0');
    else if (c >= 'a' && c <= 'f')
      value = value * 16 + static_cast<std::size_t>(c - 'a' + 10);
    else
      return std::nullopt;
  }
  return value;
}

std::string encode_path(std::string_view path) {
  std::string out;
  for (const std::string& segment : split(path, '/'))
    out += (out.empty() && segment.empty() ? "" : "/") + url_encode_path_segment(segment);
  return path.starts_with("/") && !out.starts_with("/") ? "/" + out : out.empty() ? "/" : out;
}

std::string header_lines(const HttpHeaders& headers) {
  std::string out;
  for (const auto& [name, value] : headers.fields()) out += name + ": " + value + "\r\n";
  return out;
}

}  // namespace

std::string_view http_reason(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 413:
      return "Request Entity Too Large";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Requested Range Not Satisfiable";
    case 418:
      return "I'm a teapot";
    case 422:
      return "Unprocessable Entity";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

std::string write_request(const HttpRequest& request, std::string_view host) {
  std::string out = request.method + " " + encode_path(request.path);
  if (!request.query.empty()) out += "?" + request.query.encode();
  out += " HTTP/1.1\r\n";
  if (!request.headers.has("Host")) out += "Host: " + std::string(host) + "\r\n";
  out += header_lines(request.headers);
  const std::string body = request.body.text();
  const bool has_body = !request.body.empty();
  if (has_body && !request.headers.has("Content-Type") && !request.body.document.is_null())
    out += "Content-Type: application/json\r\n";
  if ((has_body || request.method == "POST" || request.method == "PUT") && !request.headers.has("Content-Length")) {
    out += "Content-Length: " + std::to_string(has_body ? body.size() : 0) + "\r\n";
  }
  out += "\r\n";
  return has_body ? out + body : out;
}

std::string write_response_head(const HttpResponse& response, bool head_only, bool keep_alive) {
  std::string out =
      "HTTP/1.1 " + std::to_string(response.status) + " " + std::string(http_reason(response.status)) + "\r\n";
  out += header_lines(response.headers);
  if (!response.headers.has("Content-Type") && !response.body.document.is_null())
    out += "Content-Type: application/json\r\n";
  const bool bodyless = response.status == 204 || response.status == 304 || response.status < 200;
  if (response.stream && !head_only) {
    out += "Transfer-Encoding: chunked\r\n";
  } else if (!response.headers.has("Content-Length") && !bodyless) {
    out += "Content-Length: " + std::to_string(response.body.empty() ? 0 : response.body.text().size()) + "\r\n";
  }
  if (!response.headers.has("Connection") && !keep_alive) out += "Connection: close\r\n";
  return out + "\r\n";
}

std::string write_response(const HttpResponse& response, bool head_only, bool keep_alive) {
  std::string out = write_response_head(response, head_only, keep_alive);
  return head_only || response.body.empty() ? out : out + response.body.text();
}

std::string write_chunk(std::string_view bytes) {
  return format("%zx\r\n", bytes.size()) + std::string(bytes) + "\r\n";
}

HttpParser::State HttpParser::fail(int status) {
  failed_ = true;
  error_status_ = status;
  return State::kFailed;
}

bool HttpParser::parse_head(std::string_view head) {
  std::vector<std::string> lines = split(head, '\n');
  for (std::string& line : lines) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
  }
  std::string_view first = lines[0];
  std::string_view version;
  HttpHeaders headers;
  if (mode_ == Mode::kRequest) {
    const std::size_t a = first.find(' ');
    const std::size_t b = first.rfind(' ');
    if (a == std::string_view::npos || b == a) return false;
    version = first.substr(b + 1);
    std::string_view target = first.substr(a + 1, b - a - 1);
    request_ = HttpRequest{};
    request_.method = std::string(first.substr(0, a));
    if (!token_text(request_.method) || target.empty() || target.find(' ') != std::string_view::npos) return false;
    if (target.starts_with("http://")) {  // the form for proxies
      const std::size_t slash = target.find('/', 7);
      target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
    }
    if (target.front() != '/' && target != "*") return false;
    const std::size_t question = target.find('?');
    request_.path = url_decode(target.substr(0, question));
    if (question != std::string_view::npos) request_.query = HttpQuery::parse(target.substr(question + 1));
  } else {
    const std::vector<std::string> words = split_whitespace(first);
    if (words.size() < 2) return false;
    version = first.substr(0, first.find(' '));
    const auto status = parse_int(words[1]);
    if (!status || *status < 100 || *status > 999) return false;
    response_ = HttpResponse{};
    response_.status = static_cast<int>(*status);
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    error_status_ = version.starts_with("HTTP/") ? 505 : 400;
    return false;
  }
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    const std::size_t colon = lines[i].find(':');
    if (colon == std::string::npos || !token_text(std::string_view(lines[i]).substr(0, colon))) return false;
    headers.add(lines[i].substr(0, colon), std::string(trim(std::string_view(lines[i]).substr(colon + 1))));
  }
  const std::string connection = to_lower(headers.get("Connection"));
  keep_alive_ = version == "HTTP/1.1" ? !contains(connection, "close") : contains(connection, "keep-alive");
  chunked_ = contains(to_lower(headers.get("Transfer-Encoding")), "chunked");
  length_ = 0;
  until_end_ = false;
  if (headers.has("Content-Length")) {
    const auto length = parse_int(headers.get("Content-Length"));
    if (!length || *length < 0) return false;
    if (static_cast<std::size_t>(*length) > max_body_) {
      error_status_ = 413;
      return false;
    }
    length_ = static_cast<std::size_t>(*length);
  } else if (mode_ == Mode::kResponse && !chunked_) {
    until_end_ = true;
  }
  if (mode_ == Mode::kResponse && (no_body_ || response_.status == 204 || response_.status == 304)) {
    chunked_ = until_end_ = false;
    length_ = 0;
  }
  (mode_ == Mode::kRequest ? request_.headers : response_.headers) = std::move(headers);
  return true;
}

// Takes whole chunks from the buffer; true when the last one has been taken.
bool HttpParser::parse_chunks() {
  while (true) {
    const std::size_t line_end = buffer_.find("\r\n");
    if (line_end == std::string::npos) {
      if (buffer_.size() > 1024) failed_ = true;
      return false;
    }
    const auto size = parse_hex(trim(std::string_view(buffer_).substr(0, std::min(line_end, buffer_.find(';')))));
    if (!size || body_.size() + *size > max_body_) {
      failed_ = true;
      if (size) error_status_ = 413;
      return false;
    }
    if (*size == 0) {
      const std::size_t trailer_end = buffer_.find("\r\n\r\n", line_end);
      if (trailer_end == std::string::npos) return false;
      buffer_.erase(0, trailer_end + 4);
      return true;
    }
    if (buffer_.size() < line_end + 2 + *size + 2) return false;
    body_.append(buffer_, line_end + 2, *size);
    buffer_.erase(0, line_end + 2 + *size + 2);
  }
}

HttpParser::State HttpParser::parse() {
  if (failed_) return State::kFailed;
  if (!in_body_) {
    while (buffer_.starts_with("\r\n") || buffer_.starts_with("\n")) buffer_.erase(0, buffer_.front() == '\r' ? 2 : 1);
    std::size_t end = buffer_.find("\r\n\r\n");
    std::size_t skip = 4;
    const std::size_t bare = buffer_.find("\n\n");
    if (bare != std::string::npos && bare < end) {
      end = bare;
      skip = 2;
    }
    if (std::min(end, buffer_.size()) > kMaxHead) return fail(431);
    if (end == std::string::npos) {
      // A first line that can never become HTTP need not be waited for.
      const std::size_t line = buffer_.find('\n');
      if (mode_ == Mode::kRequest && line != std::string::npos &&
          !contains(std::string_view(buffer_).substr(0, line), " HTTP/"))
        return fail(400);
      if (mode_ == Mode::kResponse && buffer_.size() >= 5 && !buffer_.starts_with("HTTP/")) return fail(400);
      return ended_ && !buffer_.empty() ? fail(400) : State::kNeedMore;
    }
    error_status_ = 400;
    const std::string head = buffer_.substr(0, end);
    buffer_.erase(0, end + skip);
    if (!parse_head(head)) return fail(error_status_);
    in_body_ = true;
    body_.clear();
  }
  if (chunked_) {
    if (!parse_chunks()) return failed_ || ended_ ? fail(error_status_) : State::kNeedMore;
  } else if (until_end_) {
    if (!ended_) return State::kNeedMore;
    body_ = std::exchange(buffer_, {});
  } else {
    if (buffer_.size() < length_) return ended_ ? fail(400) : State::kNeedMore;
    body_ = buffer_.substr(0, length_);
    buffer_.erase(0, length_);
  }
  in_body_ = false;
  (mode_ == Mode::kRequest ? request_.body : response_.body).bytes = std::move(body_);
  body_.clear();
  return State::kMessage;
}

}  // namespace drydock
