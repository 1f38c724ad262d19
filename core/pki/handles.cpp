#include "core/pki/handles.h"

#include "core/base/prng.h"

namespace drydock::pki {

int draw(void* prng, unsigned char* out, std::size_t length) {
  auto& source = *static_cast<Prng*>(prng);
  for (std::size_t i = 0; i < length; ++i) out[i] = static_cast<unsigned char>(source.next() >> 56);
  return 0;
}

Status pem_error(std::string_view what) {
  return Status::plain("tls: failed to find any PEM data in " + std::string(what) + " input");
}

Result<void> load_key(PrivateKey& key, std::string_view pem) {
  const std::string text(pem);
  if (mbedtls_pk_parse_key(&key.context, bytes_of(text), text.size() + 1, nullptr, 0) != 0) return pem_error("key");
  return {};
}

Result<void> load_certificate(Certificate& certificate, std::string_view pem) {
  const std::string text(pem);
  if (text.empty() || mbedtls_x509_crt_parse(&certificate.chain, bytes_of(text), text.size() + 1) != 0)
    return pem_error("certificate");
  return {};
}

}  // namespace drydock::pki
