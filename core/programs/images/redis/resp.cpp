#include "core/programs/images/redis/resp.h"

#include "core/base/strings.h"
#include "core/programs/net/fetch.h"

namespace drydock::redis {
namespace {

constexpr int kDeepest = 16;
constexpr std::int64_t kLongestBulk = 64 << 20;
constexpr std::int64_t kMostWords = 1 << 20;

}  // namespace

Reply Reply::bulks(const std::vector<std::string>& texts) {
  std::vector<Reply> items;
  for (const std::string& text : texts) items.push_back(bulk(text));
  return array(std::move(items));
}

std::string Reply::encode() const {
  switch (kind) {
    case Kind::kSimple:
      return "+" + text + "\r\n";
    case Kind::kError:
      return "-" + text + "\r\n";
    case Kind::kInteger:
      return ":" + std::to_string(number) + "\r\n";
    case Kind::kBulk:
      return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
    case Kind::kNil:
      return "$-1\r\n";
    case Kind::kNilArray:
      return "*-1\r\n";
    case Kind::kNone:
      return "";
    case Kind::kArray:
      break;
  }
  std::string out = "*" + std::to_string(items.size()) + "\r\n";
  for (const Reply& item : items) out += item.encode();
  return out;
}

std::string encode_command(const std::vector<std::string>& words) { return Reply::bulks(words).encode(); }

std::optional<std::string> Parser::line(std::size_t& at) const {
  const std::size_t end = buffer_.find('\n', at);
  if (end == std::string::npos) return std::nullopt;
  std::string text = buffer_.substr(at, end - at);
  if (text.ends_with("\r")) text.pop_back();
  at = end + 1;
  return text;
}

std::optional<std::vector<std::string>> Parser::command() {
  while (error_.empty()) {
    std::size_t at = 0;
    auto first = line(at);
    if (!first) return std::nullopt;
    if (!first->starts_with("*")) {
      buffer_.erase(0, at);
      auto words = split_line(*first);
      if (!words) {
        error_ = "ERR Protocol error: unbalanced quotes in request";
        return std::nullopt;
      }
      if (words->empty()) continue;
      return words;
    }
    const auto count = parse_int(std::string_view(*first).substr(1));
    if (!count || *count > kMostWords) {
      error_ = "ERR Protocol error: invalid multibulk length";
      return std::nullopt;
    }
    std::vector<std::string> words;
    for (std::int64_t i = 0; i < *count; ++i) {
      auto head = line(at);
      if (!head) return std::nullopt;
      if (!head->starts_with("$")) {
        error_ = "ERR Protocol error: expected '$', got '" + head->substr(0, 1) + "'";
        return std::nullopt;
      }
      const auto length = parse_int(std::string_view(*head).substr(1));
      if (!length || *length < 0 || *length > kLongestBulk) {
        error_ = "ERR Protocol error: invalid bulk length";
        return std::nullopt;
      }
      const auto size = static_cast<std::size_t>(*length);
      if (buffer_.size() < at + size + 2) return std::nullopt;
      words.push_back(buffer_.substr(at, size));
      at += size + 2;
    }
    buffer_.erase(0, at);
    if (!words.empty()) return words;
  }
  return std::nullopt;
}

std::optional<Reply> Parser::reply_at(std::size_t& at, int depth) {
  auto head = line(at);
  if (!head || depth > kDeepest) return std::nullopt;
  if (head->empty()) {
    error_ = "Protocol error";
    return std::nullopt;
  }
  const std::string rest = head->substr(1);
  switch ((*head)[0]) {
    case '+':
      return Reply::simple(rest);
    case '-':
      return Reply::error(rest);
    case ':':
      return Reply::integer(parse_int(rest).value_or(0));
    case '$': {
      const std::int64_t length = parse_int(rest).value_or(-1);
      if (length < 0) return Reply::nil();
      const auto size = static_cast<std::size_t>(length);
      if (buffer_.size() < at + size + 2) return std::nullopt;
      Reply reply = Reply::bulk(buffer_.substr(at, size));
      at += size + 2;
      return reply;
    }
    case '*': {
      const std::int64_t count = parse_int(rest).value_or(-1);
      if (count < 0) return Reply::nil_array();
      std::vector<Reply> items;
      for (std::int64_t i = 0; i < count; ++i) {
        auto item = reply_at(at, depth + 1);
        if (!item) return std::nullopt;
        items.push_back(*std::move(item));
      }
      return Reply::array(std::move(items));
    }
    default:
      error_ = "Protocol error, got \"" + head->substr(0, 1) + "\" as reply type byte";
      return std::nullopt;
  }
}

std::optional<Reply> Parser::reply() {
  std::size_t at = 0;
  auto reply = reply_at(at, 0);
  if (reply) buffer_.erase(0, at);
  return reply;
}

std::optional<std::string> Parser::raw() {
  std::size_t at = 0;
  auto head = line(at);
  if (!head) return std::nullopt;
  const auto length = head->starts_with("$") ? parse_int(std::string_view(*head).substr(1)) : std::nullopt;
  if (!length || *length < 0 || *length > kLongestBulk) {
    error_ = "Bad protocol from MASTER";
    return std::nullopt;
  }
  const auto size = static_cast<std::size_t>(*length);
  if (buffer_.size() < at + size) return std::nullopt;
  std::string bytes = buffer_.substr(at, size);
  buffer_.erase(0, at + size);
  return bytes;
}

std::optional<std::vector<std::string>> split_line(std::string_view line) {
  std::vector<std::string> words;
  std::size_t i = 0;
  while (true) {
    while (i < line.size() && (line[i] == ' ' || line[i] == '\t')) ++i;
    if (i >= line.size()) return words;
    std::string word;
    if (line[i] == '"' || line[i] == '\'') {
      const char quote = line[i++];
      while (i < line.size() && line[i] != quote) {
        if (quote == '"' && line[i] == '\\' && i + 1 < line.size()) {
          const char next = line[++i];
          word += next == 'n' ? '\n' : next == 't' ? '\t' : next == 'r' ? '\r' : next;
        } else {
          word += line[i];
        }
        ++i;
      }
      if (i >= line.size()) return std::nullopt;
      ++i;
      if (i < line.size() && line[i] != ' ' && line[i] != '\t') return std::nullopt;
    } else {
      while (i < line.size() && line[i] != ' ' && line[i] != '\t') word += line[i++];
    }
    words.push_back(std::move(word));
  }
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\' || c == '"')
      out += std::string("\\") + c;
    else if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\t')
      out += "\\t";
    else if (byte < 0x20 || byte >= 0x7f)
      out += format("\\x%02x", static_cast<unsigned>(byte));
    else
      out += c;
  }
  return out + "\"";
}

Task<Result<std::shared_ptr<Connection>>> Connection::open(Process& process, std::string host, std::uint16_t port,
                                                           std::optional<TimePoint> deadline) {
  const Resolution found = co_await resolve_name(process, host);
  if (found.kind != Resolution::Kind::kFound)
    co_return Status::plain(found.kind == Resolution::Kind::kTemporary ? "Temporary failure in name resolution"
                                                                       : "Name or service not known");
  ConnectOptions options;
  options.owner = {process.host_pid(), std::string(process.name())};
  options.deadline = deadline;
  auto stream = co_await tcp_connect(process.namespaces().network, found.addresses.front(), port, options);
  if (!stream) co_return Status::plain(std::string(errno_text(stream.error())));
  auto connection = std::make_shared<Connection>();
  connection->stream_ = *stream;
  co_return connection;
}

Task<Result<Reply>> Connection::next() {
  while (true) {
    if (auto reply = parser_.reply()) co_return *std::move(reply);
    if (!parser_.error().empty()) co_return Status::plain(parser_.error());
    auto piece = co_await stream_->read();
    if (!piece || piece->empty()) co_return Status::plain("Server closed the connection");
    parser_.feed(*piece);
  }
}

Task<Result<std::string>> Connection::next_raw() {
  while (true) {
    if (auto bytes = parser_.raw()) co_return *std::move(bytes);
    if (!parser_.error().empty()) co_return Status::plain(parser_.error());
    auto piece = co_await stream_->read();
    if (!piece || piece->empty()) co_return Status::plain("Server closed the connection");
    parser_.feed(*piece);
  }
}

Task<Result<Reply>> Connection::call(std::vector<std::string> words) {
  const std::string bytes = encode_command(words);
  auto sent = co_await stream_->send(bytes);
  if (!sent) co_return Status::plain("Server closed the connection");
  co_return co_await next();
}

}  // namespace drydock::redis
