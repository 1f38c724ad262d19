// Message digests, from mbedTLS.
#pragma once

#include <string>
#include <string_view>

namespace drydock::pki {

enum class Digest { kMd5, kSha1, kSha224, kSha256, kSha384, kSha512 };

// Raw bytes.
std::string digest(Digest kind, std::string_view bytes);

}  // namespace drydock::pki
