// Signed tokens: JWTs of service accounts (ES256) and of cluster-info (HS256).
#include <mbedtls/ecdsa.h>
#include <mbedtls/md.h>

#include <algorithm>
#include <array>

#include "core/base/prng.h"
#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/pki/handles.h"
#include "core/pki/pki.h"

namespace drydock::pki {
namespace {

std::string hmac_sha256(std::string_view key, std::string_view message) {
  std::array<unsigned char, 32> digest;
  mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), reinterpret_cast<const unsigned char*>(key.data()),
                  key.size(), reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data());
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::optional<std::string> base64url_decode(std::string text) {
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  while (text.size() % 4 != 0) text += '=';
  return base64_decode(text);
}

}  // namespace

Result<std::string> sign_token(std::string_view key_pem, const Value& claims, std::string_view key_id) {
  PrivateKey key;
  DRYDOCK_TRY_VOID(load_key(key, key_pem));
  Value header = Value::object({{"alg", "ES256"}, {"kid", key_id}});
  const std::string text = base64url_encode(dump_json(header)) + "." + base64url_encode(dump_json(claims));
  const std::string digest = sha256(text);
  Mpi r, s;
  Prng blinding(0);
  const BasePoints points(key.value);
  mbedtls_ecp_keypair* pair = mbedtls_pk_ec(key.value);
  if (mbedtls_ecdsa_sign_det_ext(&pair->grp, &r.value, &s.value, &pair->d, bytes_of(digest), digest.size(),
                                 MBEDTLS_MD_SHA256, draw, &blinding) != 0) {
    return Status::plain("failed to sign token");
  }
  std::string signature(64, '\0');
  mbedtls_mpi_write_binary(&r.value, reinterpret_cast<unsigned char*>(signature.data()), 32);
  mbedtls_mpi_write_binary(&s.value, reinterpret_cast<unsigned char*>(signature.data()) + 32, 32);
  remember_shown(signature_name(key.value, digest, signature));
  return text + "." + base64url_encode(signature);
}

Result<Value> verify_token(std::string_view token, const std::vector<std::string>& public_pems) {
  const std::vector<std::string> parts = split(token, '.');
  if (parts.size() != 3) return Status::plain("square/go-jose: compact JWS format must have three parts");
  const auto payload = base64url_decode(parts[1]);
  const auto signature = base64url_decode(parts[2]);
  if (!payload || !signature || signature->size() != 64) return Status::plain("invalid bearer token");
  const std::string digest = sha256(parts[0] + "." + parts[1]);
  Mpi r, s;
  mbedtls_mpi_read_binary(&r.value, bytes_of(*signature), 32);
  mbedtls_mpi_read_binary(&s.value, bytes_of(*signature) + 32, 32);
  for (const std::string& pem : public_pems) {
    PrivateKey key;
    if (mbedtls_pk_parse_public_key(&key.value, bytes_of(pem), pem.size() + 1) != 0) continue;
    if (shown_before(signature_name(key.value, digest, *signature))) return parse_json(*payload);
    const BasePoints points(key.value);
    mbedtls_ecp_keypair* pair = mbedtls_pk_ec(key.value);
    if (mbedtls_ecdsa_verify(&pair->grp, bytes_of(digest), digest.size(), &pair->Q, &r.value, &s.value) == 0)
      return parse_json(*payload);
  }
  return Status::plain("invalid bearer token");
}

std::string sign_detached_hs256(std::string_view payload, std::string_view key_id, std::string_view secret) {
  const std::string header = base64url_encode(dump_json(Value::object({{"alg", "HS256"}, {"kid", key_id}})));
  return header + ".." + base64url_encode(hmac_sha256(secret, header + "." + base64url_encode(payload)));
}

}  // namespace drydock::pki
