// TlsVerifier port: checks certificates for connections of the virtual network,
// where no handshake bytes exist. Errors are worded as Go's crypto/x509.
#pragma once

#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace drydock {

class TlsVerifier {
 public:
  virtual ~TlsVerifier() = default;
  // "x509: certificate signed by unknown authority", "x509: certificate is valid for a, not b".
  // `roots_pem` "" means the system's roots.
  virtual Result<void> verify_server(std::string_view certificate_pem, std::string_view roots_pem,
                                     std::string_view name, TimePoint now) const = 0;
  virtual Result<void> verify_client(std::string_view certificate_pem, std::string_view roots_pem,
                                     TimePoint now) const = 0;
  virtual bool key_matches(std::string_view certificate_pem, std::string_view key_pem) const = 0;
};

}  // namespace drydock
