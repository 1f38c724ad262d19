#include "server/http/compression.h"

#include <zlib.h>

#include "core/base/check.h"
#include "core/base/strings.h"

namespace drydock::server {

bool accepts_gzip(std::string_view accept_encoding) {
  for (const std::string& entry : split(accept_encoding, ',')) {
    const std::string_view text = trim(entry);
    const std::string_view name = trim(text.substr(0, text.find(';')));
    if (name == "gzip" || name == "*") return !contains(replace_all(text, " ", ""), ";q=0") || contains(text, "q=0.");
  }
  return false;
}

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  constexpr int kGzip = 15 + 16;
  constexpr int kLevel = 1;  // as upstream: quick
  const int begun = deflateInit2(&stream, kLevel, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY);
  DRYDOCK_CHECK(begun == Z_OK);
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int done = deflate(&stream, Z_FINISH);
  DRYDOCK_CHECK(done == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace drydock::server
