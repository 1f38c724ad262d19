// CertificateVerifier: the TLS checks of the virtual network, by real signatures.
// Remembers what it has verified: chains do not change, only the clock does.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "core/network/tls_verifier.h"
#include "core/pki/pki.h"

namespace drydock {

class CertificateVerifier final : public TlsVerifier {
 public:
  // One for everybody: it holds no state of any world, only results of pure functions.
  static const CertificateVerifier& shared();

  Result<void> verify_server(std::string_view certificate_pem, std::string_view roots_pem, std::string_view name,
                             TimePoint now) const override;
  Result<void> verify_client(std::string_view certificate_pem, std::string_view roots_pem,
                             TimePoint now) const override;
  bool key_matches(std::string_view certificate_pem, std::string_view key_pem) const override;
  // Subject, names and dates of a certificate; null when it is none.
  const pki::CertificateInfo* inspect(std::string_view certificate_pem) const;

 private:
  Result<void> verify_chain(std::string_view certificate_pem, std::string_view roots_pem, TimePoint now) const;
  mutable std::map<std::string, pki::CertificateInfo, std::less<>> inspected_;
  mutable std::map<std::pair<std::string, std::string>, bool> chains_;  // signature fits
  mutable std::map<std::pair<std::string, std::string>, bool> keys_;
};

}  // namespace drydock
