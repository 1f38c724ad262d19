// Which bodies may be sent compressed.
#pragma once

#include <string_view>

namespace drydock::server {

// True when Accept-Encoding takes gzip.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace drydock::server
