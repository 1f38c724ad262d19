#include "server/http/compression.h"

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

}  // namespace drydock::server
