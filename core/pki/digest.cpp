#include "core/pki/digest.h"

#include <mbedtls/md.h>

#include "core/base/check.h"

namespace drydock::pki {

std::string digest(Digest kind, std::string_view bytes) {
  static constexpr mbedtls_md_type_t kTypes[] = {MBEDTLS_MD_MD5,    MBEDTLS_MD_SHA1,   MBEDTLS_MD_SHA224,
                                                 MBEDTLS_MD_SHA256, MBEDTLS_MD_SHA384, MBEDTLS_MD_SHA512};
  const mbedtls_md_info_t* info = mbedtls_md_info_from_type(kTypes[static_cast<std::size_t>(kind)]);
  DRYDOCK_CHECK(info != nullptr);
  std::string out(mbedtls_md_get_size(info), '\0');
  const int result = mbedtls_md(info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                                reinterpret_cast<unsigned char*>(out.data()));
  DRYDOCK_CHECK(result == 0);
  return out;
}

}  // namespace drydock::pki
