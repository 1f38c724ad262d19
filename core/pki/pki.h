// Keys, certificates and signed tokens of a cluster, over mbedTLS.
//
// Deterministic: keys come from a Prng, signatures follow RFC 6979, time is given.
// All keys are ECDSA P-256 (kubeadm's encryptionAlgorithm: ECDSA-P256): an RSA key
// costs a browser tab half a second, and kubeadm makes sixteen.
// https://kubernetes.io/docs/setup/best-practices/certificates/
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/prng.h"
#include "core/base/result.h"
#include "core/machinery/value.h"

namespace drydock::pki {

struct KeyPair {
  std::string private_pem;  // "-----BEGIN EC PRIVATE KEY-----"
  std::string public_pem;   // "-----BEGIN PUBLIC KEY-----"
};
KeyPair generate_key(Prng& prng);
// The public half of a private key.
Result<std::string> public_key_of(std::string_view private_pem);

struct CertificateSpec {
  std::string common_name;
  std::vector<std::string> organizations;
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;  // dotted IPv4 or IPv6
  bool is_ca = false;
  bool server_auth = false;
  bool client_auth = false;
  TimePoint not_before{};
  Duration lifetime{};
};

struct SignedKey {
  std::string certificate_pem;
  std::string key_pem;
};
// A new key with a certificate signed by `issuer`, or by itself when there is none.
Result<SignedKey> issue(Prng& prng, const CertificateSpec& spec, const SignedKey* issuer);
// A certificate for somebody else's public key.
Result<std::string> sign_public_key(Prng& prng, const CertificateSpec& spec, std::string_view public_pem,
                                    const SignedKey& issuer);

// PKCS#10. The request's subject and names are those of `spec`.
Result<std::string> make_request(std::string_view key_pem, const CertificateSpec& spec);
struct RequestInfo {
  std::string common_name;
  std::vector<std::string> organizations;
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;
  std::string public_pem;
};
Result<RequestInfo> parse_request(std::string_view pem);

struct CertificateInfo {
  std::string common_name;
  std::vector<std::string> organizations;
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;
  std::string issuer_common_name;
  std::string serial_hex;
  bool is_ca = false;
  bool server_auth = false;
  bool client_auth = false;
  TimePoint not_before{};
  TimePoint not_after{};
  std::string public_key_sha256;  // hex of SHA-256 over the SubjectPublicKeyInfo: kubeadm's CA hash
};
Result<CertificateInfo> inspect(std::string_view certificate_pem);

// Checks the signature and the dates of `certificate_pem` against the authorities in
// `roots_pem` (any number), worded as Go's crypto/x509:
// "x509: certificate signed by unknown authority", "x509: certificate has expired or is not yet valid: …".
Result<void> verify_chain(std::string_view certificate_pem, std::string_view roots_pem, TimePoint now);
// "x509: certificate is valid for 10.0.0.2, not 10.0.0.9".
Result<void> verify_host(std::string_view certificate_pem, std::string_view host);
// True when the private key belongs to the certificate.
bool key_matches(std::string_view certificate_pem, std::string_view key_pem);

// JSON Web Tokens, ES256.
Result<std::string> sign_token(std::string_view key_pem, const Value& claims, std::string_view key_id);
// The claims of a token whose signature fits one of the keys; dates are the caller's to check.
Result<Value> verify_token(std::string_view token, const std::vector<std::string>& public_pems);
// JWS with detached payload and HMAC-SHA256: kubeadm's cluster-info signatures.
std::string sign_detached_hs256(std::string_view payload, std::string_view key_id, std::string_view secret);

// `openssl x509 -text`.
Result<std::string> describe(std::string_view certificate_pem);

}  // namespace drydock::pki
