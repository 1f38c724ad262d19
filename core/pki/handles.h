// mbedTLS' C structures with destructors, and how they are filled. Only for core/pki.
#pragma once

#include <mbedtls/bignum.h>
#include <mbedtls/ecp.h>
#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>
#include <mbedtls/x509_csr.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.h"

namespace drydock::pki {

template <class T, void (*kInit)(T*), void (*kFree)(T*)>
struct Handle {
  Handle() { kInit(&value); }
  ~Handle() { kFree(&value); }
  Handle(const Handle&) = delete;
  T value;
};
using PrivateKey = Handle<mbedtls_pk_context, mbedtls_pk_init, mbedtls_pk_free>;
using Certificate = Handle<mbedtls_x509_crt, mbedtls_x509_crt_init, mbedtls_x509_crt_free>;  // and those behind it
using CertificateWriter = Handle<mbedtls_x509write_cert, mbedtls_x509write_crt_init, mbedtls_x509write_crt_free>;
using Request = Handle<mbedtls_x509_csr, mbedtls_x509_csr_init, mbedtls_x509_csr_free>;
using RequestWriter = Handle<mbedtls_x509write_csr, mbedtls_x509write_csr_init, mbedtls_x509write_csr_free>;
using Mpi = Handle<mbedtls_mpi, mbedtls_mpi_init, mbedtls_mpi_free>;

// The multiples of P-256's base point, three fifths of the work of a signature, which
// mbedTLS makes anew for every key: they are lent to the key in use and kept for the next.
class BasePoints {
 public:
  explicit BasePoints(const mbedtls_pk_context& key)
      : group_(mbedtls_pk_get_type(&key) == MBEDTLS_PK_ECKEY ? &mbedtls_pk_ec(key)->grp : nullptr) {
    if (group_ != nullptr && (group_->id != MBEDTLS_ECP_DP_SECP256R1 || group_->T != nullptr)) group_ = nullptr;
    if (group_ != nullptr) exchange();
  }
  ~BasePoints() {
    if (group_ != nullptr) exchange();
  }
  BasePoints(const BasePoints&) = delete;

 private:
  void exchange() {
    static mbedtls_ecp_point* points = nullptr;
    static std::size_t count = 0;
    std::swap(group_->T, points);
    std::swap(group_->T_size, count);
  }

  mbedtls_ecp_group* group_;
};

// For mbedTLS' callbacks: `prng` is a Prng.
int draw(void* prng, unsigned char* out, std::size_t length);
inline const unsigned char* bytes_of(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.c_str());
}
Status pem_error(std::string_view what);
Result<void> load_key(PrivateKey& key, std::string_view pem);
Result<void> load_certificate(Certificate& certificate, std::string_view pem);
std::string public_der(mbedtls_pk_context& key);

// What has been shown once, so that nobody does the curve's work for it again: signatures
// made in this process, named by signer, digest and signature, all three, and key files
// whose halves belong together. The last few hundred are kept.
std::string signature_name(mbedtls_pk_context& signer, std::string_view digest, std::string_view signature);
void remember_shown(std::string name);
bool shown_before(const std::string& name);

}  // namespace drydock::pki
