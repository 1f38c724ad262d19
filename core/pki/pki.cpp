#include "core/pki/pki.h"

#include <mbedtls/asn1write.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/ecp.h>
#include <mbedtls/md.h>
#include <mbedtls/oid.h>
#include <mbedtls/pk.h>
#include <mbedtls/platform.h>
#include <mbedtls/x509_crt.h>
#include <mbedtls/x509_csr.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <memory>

#include "core/base/strings.h"
#include "core/machinery/timestamp.h"
#include "core/pki/handles.h"

namespace drydock::pki {
namespace {

constexpr std::size_t kPemLimit = 8192;  // bytes of one certificate or key we write

std::string to_pem(std::string_view label, std::string_view der) {
  std::string out = "-----BEGIN " + std::string(label) + "-----\n";
  const std::string body = base64_encode(der);
  for (std::size_t i = 0; i < body.size(); i += 64) out += body.substr(i, 64) + "\n";
  return out + "-----END " + std::string(label) + "-----\n";
}

// --- a little DER, for the extensions mbedTLS 2.28 does not write itself ---

std::string der(unsigned char tag, std::string_view content) {
  std::string out(1, static_cast<char>(tag));
  if (content.size() < 128) {
    out += static_cast<char>(content.size());
  } else if (content.size() < 256) {
    out += '\x81';
    out += static_cast<char>(content.size());
  } else {
    out += '\x82';
    out += static_cast<char>(content.size() >> 8);
    out += static_cast<char>(content.size() & 0xff);
  }
  out += content;
  return out;
}

std::optional<std::string> ip_bytes(std::string_view text) {
  if (contains(text, ":")) {
    // Full or "::"-shortened IPv6.
    const std::size_t gap = text.find("::");
    auto words = [](std::string_view part) {
      std::vector<unsigned> out;
      for (const std::string& piece : split(part, ':')) {
        if (!piece.empty()) out.push_back(static_cast<unsigned>(std::strtoul(piece.c_str(), nullptr, 16)));
      }
      return out;
    };
    std::vector<unsigned> head = words(text.substr(0, gap));
    std::vector<unsigned> tail = gap == std::string_view::npos ? std::vector<unsigned>() : words(text.substr(gap + 2));
    if (head.size() + tail.size() > 8) return std::nullopt;
    while (head.size() + tail.size() < 8) head.push_back(0);
    head.insert(head.end(), tail.begin(), tail.end());
    std::string out;
    for (unsigned word : head) {
      out += static_cast<char>(word >> 8);
      out += static_cast<char>(word & 0xff);
    }
    return out;
  }
  const std::vector<std::string> parts = split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  std::string out;
  for (const std::string& part : parts) {
    const auto number = parse_int(part);
    if (!number || *number < 0 || *number > 255) return std::nullopt;
    out += static_cast<char>(*number);
  }
  return out;
}

std::string ip_text(std::string_view bytes) {
  if (bytes.size() == 4) {
    return format("%u.%u.%u.%u", static_cast<unsigned char>(bytes[0]), static_cast<unsigned char>(bytes[1]),
                  static_cast<unsigned char>(bytes[2]), static_cast<unsigned char>(bytes[3]));
  }
  if (bytes == std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16)) return "::1";
  std::string out;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    if (i > 0) out += ':';
    out += format("%x", (static_cast<unsigned>(static_cast<unsigned char>(bytes[i])) << 8) |
                            static_cast<unsigned char>(bytes[i + 1]));
  }
  return out;
}

// The value of a SubjectAltName extension: context tags 2 (DNS) and 7 (IP).
std::string alternative_names(const CertificateSpec& spec) {
  std::string names;
  for (const std::string& name : spec.dns_names) names += der(0x82, name);
  for (const std::string& address : spec.ip_addresses) {
    if (const auto bytes = ip_bytes(address)) names += der(0x87, *bytes);
  }
  return names.empty() ? "" : der(0x30, names);
}

// An X.501 name as a list that mbedTLS' writers own and free. Made by hand because
// mbedtls_x509write_*_set_subject_name keeps only one value of each kind, and
// Kubernetes reads groups from several organizations.
void append_name(mbedtls_asn1_named_data*& list, const char* oid, std::size_t oid_length, const std::string& value) {
  auto copy = [](const void* bytes, std::size_t length) {
    auto* memory = static_cast<unsigned char*>(mbedtls_calloc(1, length));
    std::memcpy(memory, bytes, length);
    return memory;
  };
  auto* node = static_cast<mbedtls_asn1_named_data*>(mbedtls_calloc(1, sizeof(mbedtls_asn1_named_data)));
  node->oid.tag = MBEDTLS_ASN1_OID;
  node->oid.p = copy(oid, oid_length);
  node->oid.len = oid_length;
  node->val.tag = MBEDTLS_ASN1_UTF8_STRING;
  node->val.p = copy(value.data(), value.size());
  node->val.len = value.size();
  node->next = list;  // written last to first
  list = node;
}

void set_name(mbedtls_asn1_named_data*& list, const std::string& common_name,
              const std::vector<std::string>& organizations) {
  for (const std::string& organization : organizations)
    append_name(list, MBEDTLS_OID_AT_ORGANIZATION, MBEDTLS_OID_SIZE(MBEDTLS_OID_AT_ORGANIZATION), organization);
  append_name(list, MBEDTLS_OID_AT_CN, MBEDTLS_OID_SIZE(MBEDTLS_OID_AT_CN), common_name);
}

std::string asn1_time(TimePoint when) {
  const std::tm parts = utc_parts(when);
  return format("%04d%02d%02d%02d%02d%02d", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                parts.tm_min, parts.tm_sec);
}

TimePoint from_x509_time(const mbedtls_x509_time& time) {
  using namespace std::chrono;
  const sys_days date =
      year_month_day(year(time.year), month(static_cast<unsigned>(time.mon)), day(static_cast<unsigned>(time.day)));
  return TimePoint(date.time_since_epoch()) + hours(time.hour) + minutes(time.min) + std::chrono::seconds(time.sec);
}

std::string go_time(TimePoint when) {
  const std::string t = asn1_time(when);
  return t.substr(0, 4) + "-" + t.substr(4, 2) + "-" + t.substr(6, 2) + "T" + t.substr(8, 2) + ":" + t.substr(10, 2) +
         ":" + t.substr(12, 2) + "Z";
}

void read_name(const mbedtls_x509_name& first, std::string& common_name, std::vector<std::string>& organizations) {
  for (const mbedtls_x509_name* name = &first; name != nullptr; name = name->next) {
    const std::string value(reinterpret_cast<const char*>(name->val.p), name->val.len);
    if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &name->oid) == 0) common_name = value;
    if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_ORGANIZATION, &name->oid) == 0) organizations.push_back(value);
  }
}

// Reads GeneralNames (the content of a SubjectAltName's SEQUENCE).
void read_names(std::string_view bytes, std::vector<std::string>& dns, std::vector<std::string>& ips) {
  std::size_t at = 0;
  while (at + 2 <= bytes.size()) {
    const auto tag = static_cast<unsigned char>(bytes[at]);
    std::size_t length = static_cast<unsigned char>(bytes[at + 1]);
    at += 2;
    if (length == 0x81 && at < bytes.size()) length = static_cast<unsigned char>(bytes[at++]);
    if (at + length > bytes.size()) return;
    if (tag == 0x82) dns.emplace_back(bytes.substr(at, length));
    if (tag == 0x87) ips.push_back(ip_text(bytes.substr(at, length)));
    at += length;
  }
}

// Finds an extension's SubjectAltName sequence inside raw DER by its OID: mbedTLS
// 2.28 keeps DNS names only.
std::string_view find_alternative_names(std::string_view raw) {
  static constexpr std::string_view kOid("\x06\x03\x55\x1d\x11", 5);
  std::size_t at = raw.find(kOid);
  if (at == std::string_view::npos) return {};
  at += kOid.size();
  auto read_header = [&](unsigned char wanted) -> std::optional<std::size_t> {
    if (at + 2 > raw.size() || static_cast<unsigned char>(raw[at]) != wanted) return std::nullopt;
    std::size_t length = static_cast<unsigned char>(raw[at + 1]);
    at += 2;
    if (length == 0x81) {
      length = static_cast<unsigned char>(raw[at++]);
    } else if (length == 0x82) {
      length = (static_cast<std::size_t>(static_cast<unsigned char>(raw[at])) << 8) |
               static_cast<unsigned char>(raw[at + 1]);
      at += 2;
    }
    return length;
  };
  if (!read_header(0x04)) return {};
  const auto length = read_header(0x30);
  if (!length || at + *length > raw.size()) return {};
  return raw.substr(at, *length);
}

std::string sha256_of(const mbedtls_x509_buf& bytes) {
  return sha256({reinterpret_cast<const char*>(bytes.p), bytes.len});
}

std::string certificate_signature(mbedtls_pk_context& issuer, const mbedtls_x509_crt& certificate,
                                  const std::string& digest) {
  return signature_name(issuer, digest, {reinterpret_cast<const char*>(certificate.sig.p), certificate.sig.len});
}

// Whose name stands as issuer.
struct IssuerName {
  std::string common_name;
  std::vector<std::string> organizations;
};

Result<std::string> write_certificate(Prng& prng, const CertificateSpec& spec, mbedtls_pk_context& subject_key,
                                      mbedtls_pk_context& issuer_key, const IssuerName& issuer) {
  CertificateWriter writer;
  mbedtls_x509write_cert* out = &writer.value;
  Mpi serial;
  std::array<unsigned char, 8> serial_bytes;
  draw(&prng, serial_bytes.data(), serial_bytes.size());
  serial_bytes[0] = static_cast<unsigned char>((serial_bytes[0] & 0x7f) | 0x01);  // positive and without a leading zero
  mbedtls_mpi_read_binary(&serial.value, serial_bytes.data(), serial_bytes.size());
  mbedtls_x509write_crt_set_version(out, MBEDTLS_X509_CRT_VERSION_3);
  mbedtls_x509write_crt_set_md_alg(out, MBEDTLS_MD_SHA256);
  mbedtls_x509write_crt_set_serial(out, &serial.value);
  mbedtls_x509write_crt_set_subject_key(out, &subject_key);
  mbedtls_x509write_crt_set_issuer_key(out, &issuer_key);
  set_name(out->subject, spec.common_name, spec.organizations);
  set_name(out->issuer, issuer.common_name, issuer.organizations);
  int failed = mbedtls_x509write_crt_set_validity(out, asn1_time(spec.not_before).c_str(),
                                                  asn1_time(spec.not_before + spec.lifetime).c_str());
  failed |= mbedtls_x509write_crt_set_basic_constraints(out, spec.is_ca ? 1 : 0, -1);
  failed |= mbedtls_x509write_crt_set_key_usage(
      out, spec.is_ca
               ? MBEDTLS_X509_KU_DIGITAL_SIGNATURE | MBEDTLS_X509_KU_KEY_ENCIPHERMENT | MBEDTLS_X509_KU_KEY_CERT_SIGN
               : MBEDTLS_X509_KU_DIGITAL_SIGNATURE | MBEDTLS_X509_KU_KEY_ENCIPHERMENT);
  failed |= mbedtls_x509write_crt_set_authority_key_identifier(out);
  if (spec.is_ca) failed |= mbedtls_x509write_crt_set_subject_key_identifier(out);
  std::string usages;
  if (spec.server_auth)
    usages += der(0x06, std::string_view(MBEDTLS_OID_SERVER_AUTH, MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)));
  if (spec.client_auth)
    usages += der(0x06, std::string_view(MBEDTLS_OID_CLIENT_AUTH, MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH)));
  auto extension = [&](const char* oid, std::size_t oid_length, const std::string& value) {
    if (!value.empty()) {
      failed |= mbedtls_x509write_crt_set_extension(out, oid, oid_length, 0,
                                                    reinterpret_cast<const unsigned char*>(value.data()), value.size());
    }
  };
  extension(MBEDTLS_OID_EXTENDED_KEY_USAGE, MBEDTLS_OID_SIZE(MBEDTLS_OID_EXTENDED_KEY_USAGE),
            usages.empty() ? "" : der(0x30, usages));
  extension(MBEDTLS_OID_SUBJECT_ALT_NAME, MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_ALT_NAME), alternative_names(spec));
  std::array<unsigned char, kPemLimit> buffer;
  const BasePoints points(issuer_key);
  if (failed == 0) failed = mbedtls_x509write_crt_pem(out, buffer.data(), buffer.size(), draw, &prng);
  if (failed != 0) return Status::plain("unable to create certificate for " + spec.common_name);
  std::string pem(reinterpret_cast<const char*>(buffer.data()));
  Certificate made;
  DRYDOCK_TRY_VOID(load_certificate(made, pem));
  remember_shown(certificate_signature(issuer_key, made.value, sha256_of(made.value.tbs)));
  return pem;
}

IssuerName issuer_name(const mbedtls_x509_name& subject) {
  IssuerName name;
  read_name(subject, name.common_name, name.organizations);
  return name;
}

void make_key(PrivateKey& key, Prng& prng) {
  int failed = mbedtls_pk_setup(&key.value, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
  mbedtls_ecp_keypair* pair = mbedtls_pk_ec(key.value);
  failed |= mbedtls_ecp_group_load(&pair->grp, MBEDTLS_ECP_DP_SECP256R1);
  const BasePoints points(key.value);
  failed |= mbedtls_ecp_gen_keypair(&pair->grp, &pair->d, &pair->Q, draw, &prng);
  DRYDOCK_CHECK(failed == 0);
}

std::string private_pem_of(PrivateKey& key) {
  std::array<unsigned char, kPemLimit> buffer;
  DRYDOCK_CHECK(mbedtls_pk_write_key_pem(&key.value, buffer.data(), buffer.size()) == 0);
  return reinterpret_cast<const char*>(buffer.data());
}

}  // namespace

KeyPair generate_key(Prng& prng) {
  PrivateKey key;
  make_key(key, prng);
  return {private_pem_of(key), to_pem("PUBLIC KEY", public_der(key.value))};
}

Result<std::string> public_key_of(std::string_view private_pem) {
  PrivateKey key;
  DRYDOCK_TRY_VOID(load_key(key, private_pem));
  return to_pem("PUBLIC KEY", public_der(key.value));
}

Result<SignedKey> issue(Prng& prng, const CertificateSpec& spec, const SignedKey* issuer) {
  PrivateKey key;
  make_key(key, prng);
  SignedKey made;
  made.key_pem = private_pem_of(key);
  if (issuer == nullptr) {
    DRYDOCK_TRY(made.certificate_pem,
                write_certificate(prng, spec, key.value, key.value, {spec.common_name, spec.organizations}));
    return made;
  }
  PrivateKey issuer_key;
  DRYDOCK_TRY_VOID(load_key(issuer_key, issuer->key_pem));
  Certificate issuer_certificate;
  DRYDOCK_TRY_VOID(load_certificate(issuer_certificate, issuer->certificate_pem));
  DRYDOCK_TRY(made.certificate_pem, write_certificate(prng, spec, key.value, issuer_key.value,
                                                      issuer_name(issuer_certificate.value.subject)));
  return made;
}

Result<std::string> sign_public_key(Prng& prng, const CertificateSpec& spec, std::string_view public_pem,
                                    const SignedKey& issuer) {
  PrivateKey subject;
  const std::string text(public_pem);
  if (mbedtls_pk_parse_public_key(&subject.value, bytes_of(text), text.size() + 1) != 0) return pem_error("key");
  PrivateKey issuer_key;
  DRYDOCK_TRY_VOID(load_key(issuer_key, issuer.key_pem));
  Certificate issuer_certificate;
  DRYDOCK_TRY_VOID(load_certificate(issuer_certificate, issuer.certificate_pem));
  return write_certificate(prng, spec, subject.value, issuer_key.value, issuer_name(issuer_certificate.value.subject));
}

Result<std::string> make_request(std::string_view key_pem, const CertificateSpec& spec) {
  PrivateKey key;
  DRYDOCK_TRY_VOID(load_key(key, key_pem));
  RequestWriter writer;
  mbedtls_x509write_csr& request = writer.value;
  mbedtls_x509write_csr_set_md_alg(&request, MBEDTLS_MD_SHA256);
  mbedtls_x509write_csr_set_key(&request, &key.value);
  set_name(request.subject, spec.common_name, spec.organizations);
  int failed = 0;
  const std::string names = alternative_names(spec);
  if (!names.empty()) {
    failed |= mbedtls_x509write_csr_set_extension(&request, MBEDTLS_OID_SUBJECT_ALT_NAME,
                                                  MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_ALT_NAME),
                                                  reinterpret_cast<const unsigned char*>(names.data()), names.size());
  }
  std::array<unsigned char, kPemLimit> buffer;
  Prng unused(0);  // RFC 6979 signatures only blind with it
  const BasePoints points(key.value);
  if (failed == 0) failed = mbedtls_x509write_csr_pem(&request, buffer.data(), buffer.size(), draw, &unused);
  if (failed != 0) return Status::plain("unable to create a certificate request for " + spec.common_name);
  return std::string(reinterpret_cast<const char*>(buffer.data()));
}

Result<RequestInfo> parse_request(std::string_view pem) {
  Request parsed;
  mbedtls_x509_csr& request = parsed.value;
  const std::string text(pem);
  if (mbedtls_x509_csr_parse(&request, bytes_of(text), text.size() + 1) != 0)
    return Status::plain("PEM block type must be CERTIFICATE REQUEST");
  RequestInfo info;
  read_name(request.subject, info.common_name, info.organizations);
  const std::string_view raw(reinterpret_cast<const char*>(request.raw.p), request.raw.len);
  read_names(find_alternative_names(raw), info.dns_names, info.ip_addresses);
  info.public_pem = to_pem("PUBLIC KEY", public_der(request.pk));
  return info;
}

Result<CertificateInfo> inspect(std::string_view certificate_pem) {
  Certificate certificate;
  DRYDOCK_TRY_VOID(load_certificate(certificate, certificate_pem));
  mbedtls_x509_crt& crt = certificate.value;
  CertificateInfo info;
  read_name(crt.subject, info.common_name, info.organizations);
  std::vector<std::string> ignored;
  read_name(crt.issuer, info.issuer_common_name, ignored);
  info.serial_hex = hex_encode({reinterpret_cast<const char*>(crt.serial.p), crt.serial.len});
  info.is_ca = crt.ca_istrue != 0;
  info.server_auth = mbedtls_x509_crt_check_extended_key_usage(&crt, MBEDTLS_OID_SERVER_AUTH,
                                                               MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)) == 0;
  info.client_auth = mbedtls_x509_crt_check_extended_key_usage(&crt, MBEDTLS_OID_CLIENT_AUTH,
                                                               MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH)) == 0;
  info.not_before = from_x509_time(crt.valid_from);
  info.not_after = from_x509_time(crt.valid_to);
  const std::string_view raw(reinterpret_cast<const char*>(crt.raw.p), crt.raw.len);
  read_names(find_alternative_names(raw), info.dns_names, info.ip_addresses);
  info.public_key_sha256 = hex_encode(sha256(public_der(crt.pk)));
  return info;
}

Result<void> verify_chain(std::string_view certificate_pem, std::string_view roots_pem, TimePoint now) {
  Certificate leaf;
  DRYDOCK_TRY_VOID(load_certificate(leaf, certificate_pem));
  const TimePoint not_before = from_x509_time(leaf.value.valid_from);
  const TimePoint not_after = from_x509_time(leaf.value.valid_to);
  if (now < not_before) {
    return Status::plain("x509: certificate has expired or is not yet valid: current time " + go_time(now) +
                         " is before " + go_time(not_before));
  }
  if (now > not_after) {
    return Status::plain("x509: certificate has expired or is not yet valid: current time " + go_time(now) +
                         " is after " + go_time(not_after));
  }
  Certificate roots;
  if (load_certificate(roots, roots_pem)) {
    const std::string digest = sha256_of(leaf.value.tbs);
    for (mbedtls_x509_crt* root = &roots.value; root != nullptr; root = root->next) {
      const bool same = root->subject_raw.len == leaf.value.issuer_raw.len &&
                        std::memcmp(root->subject_raw.p, leaf.value.issuer_raw.p, root->subject_raw.len) == 0;
      if (!same) continue;
      if (shown_before(certificate_signature(root->pk, leaf.value, digest))) return {};
      const BasePoints points(root->pk);
      if (mbedtls_pk_verify(&root->pk, MBEDTLS_MD_SHA256, bytes_of(digest), digest.size(), leaf.value.sig.p,
                            leaf.value.sig.len) == 0)
        return {};
    }
  }
  return Status::plain("x509: certificate signed by unknown authority");
}

Result<void> verify_host(std::string_view certificate_pem, std::string_view host) {
  DRYDOCK_TRY(CertificateInfo info, inspect(certificate_pem));
  const bool address = ip_bytes(host).has_value();
  const std::vector<std::string>& names = address ? info.ip_addresses : info.dns_names;
  if (std::count(names.begin(), names.end(), host) > 0) return {};
  if (address) {
    if (names.empty())
      return Status::plain("x509: cannot validate certificate for " + std::string(host) +
                           " because it doesn't contain any IP SANs");
    return Status::plain("x509: certificate is valid for " + join(names, ", ") + ", not " + std::string(host));
  }
  for (const std::string& name : names) {
    if (name.starts_with("*.") && host.find('.') != std::string_view::npos &&
        host.substr(host.find('.')) == std::string_view(name).substr(1))
      return {};
  }
  if (names.empty())
    return Status::plain("x509: certificate is not valid for any names, but wanted to match " + std::string(host));
  return Status::plain("x509: certificate is valid for " + join(names, ", ") + ", not " + std::string(host));
}

bool key_matches(std::string_view certificate_pem, std::string_view key_pem) {
  Certificate certificate;
  PrivateKey key;
  if (!load_certificate(certificate, certificate_pem) || !load_key(key, key_pem)) return false;
  return public_der(certificate.value.pk) == public_der(key.value);
}

Result<std::string> describe(std::string_view certificate_pem) {
  Certificate certificate;
  DRYDOCK_TRY_VOID(load_certificate(certificate, certificate_pem));
  std::array<char, kPemLimit> buffer;
  const int length = mbedtls_x509_crt_info(buffer.data(), buffer.size(), "        ", &certificate.value);
  if (length < 0) return Status::plain("unable to describe certificate");
  return "Certificate:\n" + std::string(buffer.data(), static_cast<std::size_t>(length));
}

}  // namespace drydock::pki
