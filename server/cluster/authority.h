// Authority: the keys of a cluster that is reached over a real network: its CA, the
// server's certificate, the key that signs service account tokens.
//
// They are made once, with the machine's randomness, and kept below the data
// directory, private ones readable by their owner alone. Certificates of the server
// and of clients are issued anew at every start.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/prng.h"
#include "core/base/result.h"
#include "core/pki/pki.h"

namespace drydock::server {

// 64 bits of the machine's randomness.
std::uint64_t random_seed();
// A P-256 key drawn from it, as PEM.
pki::KeyPair random_key();

class Authority {
 public:
  // Reads what is in `folder`, and makes what is missing.
  static Result<Authority> open(const std::string& folder, TimePoint now);

  const std::string& ca_pem() const { return ca_.certificate_pem; }
  const pki::SignedKey& ca() const { return ca_; }
  const pki::KeyPair& account_key() const { return account_key_; }

  Result<pki::SignedKey> issue_client(const std::string& name, std::vector<std::string> groups);
  Result<pki::SignedKey> issue_server(std::vector<std::string> dns_names, std::vector<std::string> addresses);
  // kubernetes-admin's kubeconfig, for a server at that URL.
  Result<std::string> admin_kubeconfig(const std::string& server);
  // For somebody else's request, as the signer of CertificateSigningRequests.
  Result<std::string> sign_request(const std::string& request_pem, Duration lifetime, TimePoint now);

 private:
  Authority(TimePoint now) : now_(now), prng_(random_seed()) {}
  Result<pki::SignedKey> issue(pki::CertificateSpec spec);
  TimePoint now_;
  Prng prng_;  // serial numbers
  pki::SignedKey ca_;
  pki::KeyPair account_key_;
};

// Files of the data directory.
Result<std::string> read_text_file(const std::string& path);
// Written whole or not at all, with the mode given.
Result<void> write_text_file(const std::string& path, std::string_view text, unsigned mode);
Result<void> make_private_folder(const std::string& path);

}  // namespace drydock::server
