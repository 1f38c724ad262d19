// The gzip file format (RFC 1952), over zlib. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace drydock {

// One gzip file; `name` and `modified` (seconds since the epoch; 0: none) go into its header.
std::string gzip_pack(std::string_view bytes, int level, std::string_view name = "", std::uint32_t modified = 0);

struct Gunzipped {
  std::string bytes;
  std::string name;            // of the first member
  std::uint32_t modified = 0;  // likewise
  std::uint32_t crc = 0;       // of the last one
  std::string error;           // gzip's words: "not in gzip format", "unexpected end of file"; "" when fine
  bool trailing_garbage = false;
};
// All members, one behind the other.
Gunzipped gzip_unpack(std::string_view packed);
bool is_gzip(std::string_view bytes);

}  // namespace drydock
