// RESP, the protocol of Redis: values, their bytes, and a reader for streams.
// https://redis.io/docs/latest/develop/reference/protocol-spec/
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/host/process.h"
#include "core/network/tcp.h"

namespace drydock::redis {

struct Reply {
  enum class Kind { kSimple, kError, kInteger, kBulk, kNil, kArray, kNilArray, kNone };
  Kind kind = Kind::kNil;
  std::string text;
  std::int64_t number = 0;
  std::vector<Reply> items;

  static Reply simple(std::string text) { return {Kind::kSimple, std::move(text), 0, {}}; }
  static Reply ok() { return simple("OK"); }
  static Reply error(std::string text) { return {Kind::kError, std::move(text), 0, {}}; }
  static Reply integer(std::int64_t number) { return {Kind::kInteger, "", number, {}}; }
  static Reply bulk(std::string text) { return {Kind::kBulk, std::move(text), 0, {}}; }
  static Reply nil() { return {}; }
  static Reply array(std::vector<Reply> items = {}) { return {Kind::kArray, "", 0, std::move(items)}; }
  static Reply nil_array() { return {Kind::kNilArray, "", 0, {}}; }
  static Reply none() { return {Kind::kNone, "", 0, {}}; }  // nothing is sent
  static Reply bulks(const std::vector<std::string>& texts);
  bool is_error() const { return kind == Kind::kError; }
  std::string encode() const;
};

std::string encode_command(const std::vector<std::string>& words);

// Takes bytes as they come and gives whole values.
class Parser {
 public:
  void feed(std::string_view bytes) { buffer_.append(bytes); }
  // A command of a client: an array of bulks, or a line of words ("inline").
  // nullopt: more bytes are needed; error() is set when the bytes make no sense.
  std::optional<std::vector<std::string>> command();
  std::optional<Reply> reply();
  std::optional<std::string> raw();
  const std::string& error() const { return error_; }
  std::size_t pending() const { return buffer_.size(); }

 private:
  std::optional<std::string> line(std::size_t& at) const;
  std::optional<Reply> reply_at(std::size_t& at, int depth);
  std::string buffer_;
  std::string error_;
};

// Words of a line with quotes and escapes, as redis-cli and inline commands split
// them; nullopt for unbalanced quotes.
std::optional<std::vector<std::string>> split_line(std::string_view line);
// "\"a\\nb\"": as redis-cli shows a bulk on a terminal.
std::string quoted(std::string_view text);

// A client connection.
class Connection {
 public:
  // Errors are worded for "Could not connect to Redis at …: ".
  static Task<Result<std::shared_ptr<Connection>>> open(Process& process, std::string host, std::uint16_t port,
                                                        std::optional<TimePoint> deadline = std::nullopt);
  Task<Result<Reply>> call(std::vector<std::string> words);
  Task<Result<Reply>> next();            // the next value that comes
  Task<Result<std::string>> next_raw();  // "$LENGTH" and that many bytes, without a line end: a snapshot
  const TcpStreamPtr& stream() const { return stream_; }

 private:
  TcpStreamPtr stream_;
  Parser parser_;
};

}  // namespace drydock::redis
