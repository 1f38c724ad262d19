#include "server/http/spdy.h"

#include <zlib.h>

#include "core/base/check.h"
#include "core/base/strings.h"

namespace drydock::server {
namespace {

constexpr std::uint16_t kVersion = 3;
constexpr std::size_t kFrameLimit = 16 * 1024 * 1024;  // the length field's own
constexpr std::size_t kHeaderLimit = 64 * 1024;
constexpr std::size_t kPiece = 64 * 1024;

enum Type : std::uint16_t {
  kSynStream = 1,
  kSynReply = 2,
  kRstStream = 3,
  kSettings = 4,
  kPing = 6,
  kGoAway = 7,
  kHeadersFrame = 8,
  kWindowUpdate = 9
};
constexpr std::uint8_t kFin = 1;
constexpr std::uint32_t kRefusedStream = 3;

void put_u32(std::string& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((number >> shift) & 0xff);
}

std::uint32_t get_u32(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return number;
}

std::string make_dictionary() {
  // Names and values of HTTP, each with its length in front …
  constexpr std::string_view kWords =
      "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age "
      "allow authorization cache-control connection content-base content-encoding content-language content-length "
      "content-location content-md5 content-range content-type date etag expect expires from host if-match "
      "if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma "
      "proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade "
      "user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie "
      "keep-alive origin";
  // … and then text as it comes.
  constexpr std::string_view kText =
      "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
      "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized"
      "403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
      "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
      "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,"
      "text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.";
  std::string out;
  for (const std::string& entry : split_whitespace(kWords)) {
    const std::string word = replace_all(entry, "_", " ");
    put_u32(out, static_cast<std::uint32_t>(word.size()));
    out += word;
  }
  return out + std::string(kText);
}

const Bytef* raw(std::string_view text) { return reinterpret_cast<const Bytef*>(text.data()); }

}  // namespace

const std::string& SpdyHeaderCodec::dictionary() {
  static const std::string text = make_dictionary();
  return text;
}

struct SpdyHeaderCodec::State {
  z_stream out{};
  z_stream in{};
};

SpdyHeaderCodec::SpdyHeaderCodec() : state_(std::make_unique<State>()) {
  const std::string& words = dictionary();
  const int out = deflateInit(&state_->out, Z_BEST_COMPRESSION);
  const int in = inflateInit(&state_->in);
  DRYDOCK_CHECK(out == Z_OK && in == Z_OK);
  deflateSetDictionary(&state_->out, raw(words), static_cast<uInt>(words.size()));
}

SpdyHeaderCodec::~SpdyHeaderCodec() {
  deflateEnd(&state_->out);
  inflateEnd(&state_->in);
}

std::string SpdyHeaderCodec::encode(const SpdyHeaders& headers) {
  std::string plain;
  put_u32(plain, static_cast<std::uint32_t>(headers.size()));
  for (const auto& [name, value] : headers) {
    put_u32(plain, static_cast<std::uint32_t>(name.size()));
    plain += name;
    put_u32(plain, static_cast<std::uint32_t>(value.size()));
    plain += value;
  }
  z_stream& stream = state_->out;
  std::string out(deflateBound(&stream, static_cast<uLong>(plain.size())) + 64, '\0');
  stream.next_in = const_cast<Bytef*>(raw(plain));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_SYNC_FLUSH);
  out.resize(out.size() - stream.avail_out);
  return out;
}

std::optional<SpdyHeaders> SpdyHeaderCodec::decode(std::string_view block) {
  z_stream& stream = state_->in;
  stream.next_in = const_cast<Bytef*>(raw(block));
  stream.avail_in = static_cast<uInt>(block.size());
  std::string plain;
  char piece[4096];
  for (;;) {
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = sizeof piece;
    const int state = inflate(&stream, Z_SYNC_FLUSH);
    if (state == Z_NEED_DICT) {
      if (inflateSetDictionary(&stream, raw(dictionary()), static_cast<uInt>(dictionary().size())) != Z_OK)
        return std::nullopt;
      continue;
    }
    plain.append(piece, sizeof piece - stream.avail_out);
    if (plain.size() > kHeaderLimit) return std::nullopt;
    if (state != Z_OK && state != Z_BUF_ERROR) return std::nullopt;
    if (stream.avail_out != 0) break;
  }
  std::size_t at = 0;
  auto number = [&]() -> std::optional<std::uint32_t> {
    if (plain.size() - at < 4) return std::nullopt;
    at += 4;
    return get_u32(plain, at - 4);
  };
  auto text = [&]() -> std::optional<std::string> {
    const auto size = number();
    if (!size || plain.size() - at < *size) return std::nullopt;
    at += *size;
    return plain.substr(at - *size, *size);
  };
  const auto count = number();
  if (!count) return std::nullopt;
  SpdyHeaders headers;
  for (std::uint32_t i = 0; i < *count; ++i) {
    auto name = text();
    auto value = text();
    if (!name || !value) return std::nullopt;
    headers.emplace_back(to_lower(*name), *std::move(value));
  }
  return headers;
}

std::string SpdySession::Event::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

SpdySession::SpdySession(ByteStream& link, std::string rest) : link_(link), buffer_(std::move(rest)) {}

Task<bool> SpdySession::fill(std::size_t size) {
  while (buffer_.size() < size) {
    const std::string bytes = co_await link_.read();
    if (bytes.empty()) co_return false;
    buffer_ += bytes;
  }
  co_return true;
}

void SpdySession::frame(std::uint16_t type, std::uint8_t flags, std::string_view payload) {
  std::string out;
  put_u32(out, 0x80000000u | static_cast<std::uint32_t>(kVersion) << 16 | type);
  put_u32(out, static_cast<std::uint32_t>(flags) << 24 | static_cast<std::uint32_t>(payload.size()));
  out += payload;
  link_.write(std::move(out));
}

Task<std::optional<SpdySession::Event>> SpdySession::next() {
  if (pending_) co_return std::exchange(pending_, std::nullopt);
  for (;;) {
    if (!co_await fill(8)) co_return std::nullopt;
    const std::uint32_t first = get_u32(buffer_, 0);
    const std::uint32_t second = get_u32(buffer_, 4);
    const std::size_t size = second & 0xffffff;
    const auto flags = static_cast<std::uint8_t>(second >> 24);
    if (size > kFrameLimit || !co_await fill(8 + size)) co_return std::nullopt;
    std::string payload = buffer_.substr(8, size);
    buffer_.erase(0, 8 + size);
    Event event;
    if ((first & 0x80000000u) == 0) {
      event.stream = first;
      if ((flags & kFin) != 0) {
        event.kind = Event::Kind::kFinished;
        if (payload.empty()) co_return event;
        pending_ = event;
      }
      if (payload.empty()) continue;
      event.kind = Event::Kind::kData;
      event.bytes = std::move(payload);
      co_return event;
    }
    if (((first >> 16) & 0x7fff) != kVersion) co_return std::nullopt;
    switch (first & 0xffff) {
      case kSynStream: {
        if (payload.size() < 10) co_return std::nullopt;
        auto headers = codec_.decode(std::string_view(payload).substr(10));
        if (!headers) {  // the contexts have parted: nothing can be read any more
          go_away();
          co_return std::nullopt;
        }
        event.kind = Event::Kind::kOpened;
        event.stream = get_u32(payload, 0) & 0x7fffffff;
        event.headers = *std::move(headers);
        last_stream_ = event.stream;
        if ((flags & kFin) != 0) {
          Event end;
          end.kind = Event::Kind::kFinished;
          end.stream = event.stream;
          pending_ = std::move(end);
        }
        co_return event;
      }
      case kHeadersFrame:
      case kSynReply: {
        // Nobody needs them, but the context must see them.
        if (payload.size() < 4 || !codec_.decode(std::string_view(payload).substr(4))) co_return std::nullopt;
        break;
      }
      case kRstStream:
        if (payload.size() < 8) co_return std::nullopt;
        event.kind = Event::Kind::kReset;
        event.stream = get_u32(payload, 0) & 0x7fffffff;
        co_return event;
      case kPing:
        // Odd ids are the client's.
        if (payload.size() == 4 && get_u32(payload, 0) % 2 == 1) frame(kPing, 0, payload);
        break;
      default:  // SETTINGS, WINDOW_UPDATE, GOAWAY: the client's data ends by itself
        break;
    }
  }
}

void SpdySession::accept(std::uint32_t stream) {
  std::string payload;
  put_u32(payload, stream);
  payload += codec_.encode({});
  frame(kSynReply, 0, payload);
}

void SpdySession::refuse(std::uint32_t stream) {
  std::string payload;
  put_u32(payload, stream);
  put_u32(payload, kRefusedStream);
  frame(kRstStream, 0, payload);
}

void SpdySession::data(std::uint32_t stream, std::string_view bytes) {
  if (finished_.contains(stream)) return;
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kPiece);
    std::string out;
    put_u32(out, stream);
    put_u32(out, static_cast<std::uint32_t>(piece.size()));
    out += piece;
    link_.write(std::move(out));
    bytes.remove_prefix(piece.size());
  }
}

void SpdySession::finish(std::uint32_t stream) {
  if (!finished_.insert(stream).second) return;
  std::string out;
  put_u32(out, stream);
  put_u32(out, static_cast<std::uint32_t>(kFin) << 24);
  link_.write(std::move(out));
}

void SpdySession::go_away() {
  std::string payload;
  put_u32(payload, last_stream_);
  put_u32(payload, 0);
  frame(kGoAway, 0, payload);
}

}  // namespace drydock::server
