// DEFLATE (RFC 1951) and its checksum. Pure. Of our own because the core has no zlib:
// what is packed here is small, and adding the library would rebuild everybody's set-up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drydock {

// `level` 1 to 9: how long a match is looked for.
std::string deflate(std::string_view bytes, int level = 6);

enum class InflateError { kNone, kTruncated, kInvalid, kTooLarge };
struct Inflated {
  std::string bytes;
  std::size_t used = 0;  // of the input
  InflateError error = InflateError::kNone;
};
Inflated inflate(std::string_view packed);

std::uint32_t crc32(std::string_view bytes);

}  // namespace drydock
