#include "core/programs/archive/gzip_format.h"

#include "core/programs/archive/deflate.h"

namespace drydock {
namespace {

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::string little_endian(std::uint32_t value) {
  std::string bytes;
  for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

}  // namespace

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

std::string gzip_pack(std::string_view bytes, int level, std::string_view name, std::uint32_t modified) {
  constexpr char kHasName = 8;
  std::string out("\x1f\x8b\x08", 3);
  out += name.empty() ? '\0' : kHasName;
  out += little_endian(modified);
  out += level >= 9 ? '\2' : level <= 1 ? '\4' : '\0';
  out += '\3';  // Unix
  if (!name.empty()) {
    out += name;
    out += '\0';
  }
  out += deflate(bytes, level);
  return out + little_endian(crc32(bytes)) + little_endian(static_cast<std::uint32_t>(bytes.size()));
}

Gunzipped gzip_unpack(std::string_view packed) {
  Gunzipped result;
  bool first = true;
  while (!packed.empty()) {
    if (!is_gzip(packed)) {
      if (first && packed.size() < 2 && packed == "\x1f")
        result.error = "unexpected end of file";
      else if (first)
        result.error = "not in gzip format";
      else
        result.trailing_garbage = packed.find_first_not_of('\0') != std::string_view::npos;
      return result;
    }
    if (packed.size() < 18) {
      result.error = "unexpected end of file";
      return result;
    }
    const auto flags = static_cast<unsigned char>(packed[3]);
    std::size_t at = 10;
    if (first) result.modified = little_endian(packed.substr(4, 4));
    if (flags & 4) {  // extra field
      if (at + 2 > packed.size())
        at = packed.size();
      else
        at += 2u + static_cast<unsigned char>(packed[at]) + 256u * static_cast<unsigned char>(packed[at + 1]);
    }
    for (const unsigned bit : {8u, 16u}) {  // name, comment
      if ((flags & bit) == 0 || at >= packed.size()) continue;
      const std::size_t end = packed.find('\0', at);
      if (bit == 8 && first && end != std::string_view::npos) result.name = packed.substr(at, end - at);
      at = end == std::string_view::npos ? packed.size() : end + 1;
    }
    if (flags & 2) at += 2;
    if (at >= packed.size()) {
      result.error = "unexpected end of file";
      return result;
    }
    Inflated part = inflate(packed.substr(at));
    result.bytes += part.bytes;
    if (part.error != InflateError::kNone) {
      result.error = part.error == InflateError::kTruncated  ? "unexpected end of file"
                     : part.error == InflateError::kTooLarge ? "No space left on device"
                                                             : "invalid compressed data--format violated";
      return result;
    }
    at += part.used;
    if (at + 8 > packed.size()) {
      result.error = "unexpected end of file";
      return result;
    }
    result.crc = little_endian(packed.substr(at, 4));
    if (result.crc != crc32(part.bytes)) {
      result.error = "invalid compressed data--crc error";
      return result;
    }
    if (little_endian(packed.substr(at + 4, 4)) != static_cast<std::uint32_t>(part.bytes.size())) {
      result.error = "invalid compressed data--length error";
      return result;
    }
    packed.remove_prefix(at + 8);
    first = false;
  }
  if (first) result.error = "unexpected end of file";
  return result;
}

}  // namespace drydock
