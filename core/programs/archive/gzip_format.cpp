#include "core/programs/archive/gzip_format.h"

#include <zlib.h>

#include "core/base/check.h"

namespace drydock {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib's words for the largest window, in a gzip frame
constexpr int kMemoryLevel = 8;       // zlib's own default
constexpr int kUnix = 3;
constexpr std::size_t kUnpackedLimit = std::size_t{512} << 20;  // it lies in memory
constexpr std::size_t kPiece = std::size_t{64} << 10;

// zlib only reads through it.
Bytef* input_of(std::string_view bytes) { return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())); }

// gzip's words for what zlib found wrong.
std::string_view words_for(const z_stream& stream, int state) {
  if (state == Z_BUF_ERROR) return "unexpected end of file";
  const std::string_view message = stream.msg == nullptr ? "" : stream.msg;
  if (message == "incorrect data check") return "invalid compressed data--crc error";
  if (message == "incorrect length check") return "invalid compressed data--length error";
  return "invalid compressed data--format violated";
}

}  // namespace

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

std::string gzip_pack(std::string_view bytes, int level, std::string_view name, std::uint32_t modified) {
  z_stream stream{};
  const int ready = deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY);
  DRYDOCK_CHECK(ready == Z_OK);
  std::string kept_name(name);
  gz_header header{};
  header.time = modified;
  header.os = kUnix;
  if (!name.empty()) header.name = reinterpret_cast<Bytef*>(kept_name.data());
  deflateSetHeader(&stream, &header);
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = input_of(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int done = deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  DRYDOCK_CHECK(done == Z_STREAM_END);
  return out;
}

Gunzipped gzip_unpack(std::string_view packed) {
  Gunzipped result;
  if (packed.size() < 2) result.error = "unexpected end of file";
  z_stream stream{};
  const int ready = inflateInit2(&stream, kGzipWindow);
  DRYDOCK_CHECK(ready == Z_OK);
  std::string name(kPiece, '\0');
  std::string piece(kPiece, '\0');
  bool first = true;
  while (!packed.empty() && result.error.empty()) {
    if (!is_gzip(packed)) {
      if (first)
        result.error = "not in gzip format";
      else
        result.trailing_garbage = packed.find_first_not_of('\0') != std::string_view::npos;
      break;
    }
    gz_header header{};
    header.name = reinterpret_cast<Bytef*>(name.data());
    header.name_max = static_cast<uInt>(name.size() - 1);
    inflateGetHeader(&stream, &header);
    stream.next_in = input_of(packed);
    stream.avail_in = static_cast<uInt>(packed.size());
    int state = Z_OK;
    while (state == Z_OK) {
      stream.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream.avail_out = static_cast<uInt>(piece.size());
      state = inflate(&stream, Z_NO_FLUSH);
      result.bytes.append(piece, 0, piece.size() - stream.avail_out);
      if (result.bytes.size() > kUnpackedLimit) {
        result.error = "No space left on device";
        break;
      }
    }
    if (first && header.done == 1) {
      if (header.name != nullptr) result.name = name.c_str();
      result.modified = static_cast<std::uint32_t>(header.time);
    }
    if (result.error.empty() && state != Z_STREAM_END) result.error = words_for(stream, state);
    result.crc = static_cast<std::uint32_t>(stream.adler);
    packed.remove_prefix(packed.size() - stream.avail_in);
    inflateReset(&stream);
    first = false;
  }
  inflateEnd(&stream);
  return result;
}

}  // namespace drydock
