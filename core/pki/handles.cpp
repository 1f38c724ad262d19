#include "core/pki/handles.h"

#include <array>
#include <deque>
#include <set>

#include "core/base/prng.h"
#include "core/base/strings.h"

namespace drydock::pki {
namespace {

constexpr std::size_t kShownKept = 512;

std::set<std::string>& all_shown() {
  static std::set<std::string> shown;
  return shown;
}

}  // namespace

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
  if (mbedtls_pk_parse_key(&key.value, bytes_of(text), text.size() + 1, nullptr, 0) != 0) return pem_error("key");
  // The file names the public half too, and nothing has checked it: signatures are
  // remembered under it.
  const std::string name = sha256(text);
  if (mbedtls_pk_get_type(&key.value) != MBEDTLS_PK_ECKEY || shown_before(name)) return {};
  const BasePoints points(key.value);
  const mbedtls_ecp_keypair* pair = mbedtls_pk_ec(key.value);
  if (mbedtls_ecp_check_pub_priv(pair, pair) != 0) return Status::plain("tls: private key does not match public key");
  remember_shown(name);
  return {};
}

Result<void> load_certificate(Certificate& certificate, std::string_view pem) {
  const std::string text(pem);
  if (text.empty() || mbedtls_x509_crt_parse(&certificate.value, bytes_of(text), text.size() + 1) != 0)
    return pem_error("certificate");
  return {};
}

std::string public_der(mbedtls_pk_context& key) {
  std::array<unsigned char, 512> buffer;
  const int length = mbedtls_pk_write_pubkey_der(&key, buffer.data(), buffer.size());
  if (length <= 0) return {};
  return {reinterpret_cast<const char*>(buffer.data() + buffer.size() - static_cast<std::size_t>(length)),
          static_cast<std::size_t>(length)};
}

std::string signature_name(mbedtls_pk_context& signer, std::string_view digest, std::string_view signature) {
  return sha256(public_der(signer) + std::string(digest) + std::string(signature));
}

void remember_shown(std::string name) {
  static std::deque<std::set<std::string>::iterator> oldest_first;
  const auto [at, added] = all_shown().insert(std::move(name));
  if (!added) return;
  oldest_first.push_back(at);
  if (oldest_first.size() <= kShownKept) return;
  all_shown().erase(oldest_first.front());
  oldest_first.pop_front();
}

bool shown_before(const std::string& name) { return all_shown().contains(name); }

}  // namespace drydock::pki
