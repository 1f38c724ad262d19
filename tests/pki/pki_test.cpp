// Keys and certificates: what kubeadm makes and clients check.
#include <doctest/doctest.h>

#include "core/base/strings.h"
#include "core/pki/pki.h"

using namespace drydock;

namespace {

const TimePoint kNow(seconds(1767225600));

pki::CertificateSpec authority(const char* name) {
  pki::CertificateSpec spec;
  spec.common_name = name;
  spec.is_ca = true;
  spec.not_before = kNow;
  spec.lifetime = std::chrono::hours(87600);
  return spec;
}

pki::CertificateSpec server() {
  pki::CertificateSpec spec;
  spec.common_name = "kube-apiserver";
  spec.organizations = {"one", "two"};
  spec.dns_names = {"kubernetes", "*.example.com"};
  spec.ip_addresses = {"10.96.0.1", "::1"};
  spec.server_auth = true;
  spec.not_before = kNow;
  spec.lifetime = std::chrono::hours(8760);
  return spec;
}

}  // namespace

TEST_CASE("a signed certificate holds what was asked for and verifies") {
  Prng prng(1);
  const auto ca = pki::issue(prng, authority("kubernetes"), nullptr);
  REQUIRE(ca.ok());
  const auto leaf = pki::issue(prng, server(), &*ca);
  REQUIRE(leaf.ok());
  const auto info = pki::inspect(leaf->certificate_pem);
  REQUIRE(info.ok());
  CHECK(info->common_name == "kube-apiserver");
  CHECK(info->issuer_common_name == "kubernetes");
  CHECK(info->organizations == std::vector<std::string>{"one", "two"});
  CHECK(info->dns_names == std::vector<std::string>{"kubernetes", "*.example.com"});
  CHECK(info->ip_addresses == std::vector<std::string>{"10.96.0.1", "::1"});
  CHECK(info->server_auth);
  CHECK_FALSE(info->is_ca);
  CHECK(info->not_after == kNow + std::chrono::hours(8760));
  CHECK(pki::verify_chain(leaf->certificate_pem, ca->certificate_pem, kNow + seconds(1)).ok());
  CHECK(pki::key_matches(leaf->certificate_pem, leaf->key_pem));
  CHECK_FALSE(pki::key_matches(leaf->certificate_pem, ca->key_pem));
}

TEST_CASE("wrong authority, time or name reads as in Go") {
  Prng prng(2);
  const auto ca = pki::issue(prng, authority("kubernetes"), nullptr);
  const auto other = pki::issue(prng, authority("kubernetes"), nullptr);
  const auto leaf = pki::issue(prng, server(), &*ca);
  CHECK(pki::verify_chain(leaf->certificate_pem, other->certificate_pem, kNow).error().message ==
        "x509: certificate signed by unknown authority");
  CHECK(pki::verify_chain(leaf->certificate_pem, ca->certificate_pem, kNow - seconds(1)).error().message ==
        "x509: certificate has expired or is not yet valid: current time 2025-12-31T23:59:59Z is before "
        "2026-01-01T00:00:00Z");
  CHECK(pki::verify_host(leaf->certificate_pem, "10.0.0.9").error().message ==
        "x509: certificate is valid for 10.96.0.1, ::1, not 10.0.0.9");
  CHECK(pki::verify_host(leaf->certificate_pem, "a.example.com").ok());
  CHECK_FALSE(pki::verify_host(leaf->certificate_pem, "kubernetes.default").ok());
  CHECK_FALSE(pki::inspect("no certificate").ok());
}

TEST_CASE("requests, tokens and detached signatures") {
  Prng prng(3);
  const auto ca = pki::issue(prng, authority("kubernetes"), nullptr);
  const pki::KeyPair key = pki::generate_key(prng);
  const auto request = pki::make_request(key.private_pem, server());
  REQUIRE(request.ok());
  const auto parsed = pki::parse_request(*request);
  REQUIRE(parsed.ok());
  CHECK(parsed->common_name == "kube-apiserver");
  CHECK(parsed->dns_names.size() == 2);
  CHECK(parsed->public_pem == key.public_pem);
  const auto signed_pem = pki::sign_public_key(prng, server(), parsed->public_pem, *ca);
  REQUIRE(signed_pem.ok());
  CHECK(pki::key_matches(*signed_pem, key.private_pem));
  CHECK_FALSE(pki::parse_request("nonsense").ok());
  CHECK(pki::sign_detached_hs256("payload", "abcdef", "0123456789abcdef").find("..") != std::string::npos);
  CHECK(pki::sign_detached_hs256("payload", "abcdef", "0123456789abcdef") !=
        pki::sign_detached_hs256("payloae", "abcdef", "0123456789abcdef"));
}

TEST_CASE("the same seed gives the same keys") {
  Prng a(9), b(9);
  CHECK(pki::generate_key(a).private_pem == pki::generate_key(b).private_pem);
  const auto one = pki::issue(a, authority("x"), nullptr);
  const auto two = pki::issue(b, authority("x"), nullptr);
  CHECK(one->certificate_pem == two->certificate_pem);
}

// What this process signed itself is recognised without the curve; the rest must not be.
TEST_CASE("signatures hold, made a moment or long ago, and forged ones do not") {
  Prng prng(4);
  const auto ca = pki::issue(prng, authority("kubernetes"), nullptr);
  const auto leaf = pki::issue(prng, server(), &*ca);
  const pki::KeyPair key = pki::generate_key(prng);
  const pki::KeyPair other = pki::generate_key(prng);
  const Value claims = Value::object({{"sub", "system:serviceaccount:default:default"}});
  const std::string token = pki::sign_token(key.private_pem, claims, "k").value();
  for (const char* when : {"a moment ago", "long ago"}) {
    CAPTURE(when);
    CHECK(pki::verify_chain(leaf->certificate_pem, ca->certificate_pem, kNow).ok());
    CHECK(pki::verify_token(token, {other.public_pem, key.public_pem}).value() == claims);
    CHECK_FALSE(pki::verify_token(token, {other.public_pem}).ok());
    std::string forged = token;
    forged[forged.size() - 4] = forged[forged.size() - 4] == 'A' ? 'B' : 'A';
    CHECK_FALSE(pki::verify_token(forged, {key.public_pem}).ok());
    forged = token;
    forged[forged.find('.') + 8] ^= 1;
    CHECK_FALSE(pki::verify_token(forged, {key.public_pem}).ok());
    for (int i = 0; i < 600; ++i) REQUIRE(pki::sign_token(other.private_pem, Value::object({{"n", i}}), "k").ok());
  }
  // One letter of the certificate's signature, in base64 at the end of its PEM.
  std::string pem = leaf->certificate_pem;
  const std::size_t at = pem.find("\n-----END") - 8;
  pem[at] = pem[at] == 'A' ? 'B' : 'A';
  CHECK(pki::verify_chain(pem, ca->certificate_pem, kNow).error().message ==
        "x509: certificate signed by unknown authority");
}

// An EC key's PEM holds both halves; here the private one of one key and the public one
// of another, both of 32 and 65 bytes at fixed places.
TEST_CASE("a key file whose halves do not belong together is refused") {
  Prng prng(5);
  const auto der_of = [](const std::string& pem) {
    const std::size_t begin = pem.find('\n') + 1;
    return base64_decode(replace_all(pem.substr(begin, pem.find("\n-----END") - begin), "\n", "")).value();
  };
  const std::string mine = pki::generate_key(prng).private_pem;
  std::string mixed = der_of(mine);
  const std::string other = der_of(pki::generate_key(prng).private_pem);
  REQUIRE(mixed.size() == other.size());
  mixed.replace(mixed.size() - 65, 65, other.substr(other.size() - 65));
  const std::string pem =
      "-----BEGIN EC PRIVATE KEY-----\n" + base64_encode(mixed) + "\n-----END EC PRIVATE KEY-----\n";
  const Value claims = Value::object({{"sub", "somebody"}});
  CHECK(pki::sign_token(mine, claims, "k").ok());
  CHECK(pki::sign_token(pem, claims, "k").error().message == "tls: private key does not match public key");
}
