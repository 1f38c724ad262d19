#include "core/programs/certificate_verifier.h"

#include "core/base/strings.h"

namespace drydock {
namespace {

constexpr std::size_t kMemoryLimit = 20000;  // entries of one table before it starts anew

template <class Map>
void keep_bounded(Map& map) {
  if (map.size() > kMemoryLimit) map.clear();
}

}  // namespace

const CertificateVerifier& CertificateVerifier::shared() {
  static const CertificateVerifier instance;
  return instance;
}

const pki::CertificateInfo* CertificateVerifier::inspect(std::string_view certificate_pem) const {
  const auto at = inspected_.find(certificate_pem);
  if (at != inspected_.end()) return &at->second;
  auto info = pki::inspect(certificate_pem);
  if (!info) return nullptr;
  keep_bounded(inspected_);
  return &inspected_.emplace(std::string(certificate_pem), *std::move(info)).first->second;
}

Result<void> CertificateVerifier::verify_chain(std::string_view certificate_pem, std::string_view roots_pem,
                                               TimePoint now) const {
  const pki::CertificateInfo* info = inspect(certificate_pem);
  // Outside its dates, or unreadable: the full check words the error.
  if (info == nullptr || now < info->not_before || now > info->not_after)
    return pki::verify_chain(certificate_pem, roots_pem, now);
  const std::pair<std::string, std::string> key(certificate_pem, roots_pem);
  const auto at = chains_.find(key);
  if (at != chains_.end() && at->second) return {};
  Result<void> verified = pki::verify_chain(certificate_pem, roots_pem, now);
  keep_bounded(chains_);
  chains_[key] = verified.ok();
  return verified;
}

Result<void> CertificateVerifier::verify_server(std::string_view certificate_pem, std::string_view roots_pem,
                                                std::string_view name, TimePoint now) const {
  // The virtual internet's own servers carry no certificate: the system's roots vouch for them.
  if (roots_pem.empty() && certificate_pem.empty()) return {};
  DRYDOCK_TRY_VOID(verify_chain(certificate_pem, roots_pem, now));
  return pki::verify_host(certificate_pem, name);
}

Result<void> CertificateVerifier::verify_client(std::string_view certificate_pem, std::string_view roots_pem,
                                                TimePoint now) const {
  return verify_chain(certificate_pem, roots_pem, now);
}

bool CertificateVerifier::key_matches(std::string_view certificate_pem, std::string_view key_pem) const {
  const std::pair<std::string, std::string> key(certificate_pem, key_pem);
  const auto at = keys_.find(key);
  if (at != keys_.end()) return at->second;
  keep_bounded(keys_);
  return keys_[key] = pki::key_matches(certificate_pem, key_pem);
}

}  // namespace drydock
