// gzip, for whole bodies.
#pragma once

#include <string>
#include <string_view>

namespace drydock::server {

// True when Accept-Encoding takes gzip.
bool accepts_gzip(std::string_view accept_encoding);
std::string gzip(std::string_view bytes);

}  // namespace drydock::server
