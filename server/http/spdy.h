// SPDY/3.1, the server's side, as far as Kubernetes' clients use it: streams that the
// client opens, data both ways, pings. Header blocks are compressed with one context a
// direction, primed with the protocol's dictionary.
// https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/io/byte_stream.h"

namespace drydock::server {

using SpdyHeaders = std::vector<std::pair<std::string, std::string>>;

class SpdyHeaderCodec {
 public:
  SpdyHeaderCodec();
  ~SpdyHeaderCodec();
  SpdyHeaderCodec(const SpdyHeaderCodec&) = delete;
  std::string encode(const SpdyHeaders& headers);
  std::optional<SpdyHeaders> decode(std::string_view block);
  // The 1,423 bytes that both sides start from.
  static const std::string& dictionary();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class SpdySession {
 public:
  // `rest` is what has been read behind the handshake. The link outlives the session.
  SpdySession(ByteStream& link, std::string rest);

  struct Event {
    enum class Kind { kOpened, kData, kFinished, kReset };
    Kind kind = Kind::kData;
    std::uint32_t stream = 0;
    std::string bytes;    // kData
    SpdyHeaders headers;  // kOpened, names in lower case
    std::string header(std::string_view name) const;
  };
  // The next thing that a stream did; nullopt when the session has ended.
  Task<std::optional<Event>> next();

  void accept(std::uint32_t stream);
  void refuse(std::uint32_t stream);
  void data(std::uint32_t stream, std::string_view bytes);
  void finish(std::uint32_t stream);  // our side sends no more; once
  void go_away();

 private:
  void frame(std::uint16_t type, std::uint8_t flags, std::string_view payload);
  Task<bool> fill(std::size_t size);

  ByteStream& link_;
  std::string buffer_;
  SpdyHeaderCodec codec_;
  std::optional<Event> pending_;  // a FIN that came with data
  std::set<std::uint32_t> finished_;
  std::uint32_t last_stream_ = 0;
};

}  // namespace drydock::server
