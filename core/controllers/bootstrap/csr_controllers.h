// CertificateSigningRequests of kubelets: CsrApprover approves what a bootstrap
// token or the node itself may ask for, CsrSigner issues approved certificates.
// https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/
//
// X.509 is not known here: a request is read and signed by injected functions.
#pragma once

#include <functional>

#include "core/controllers/shared/keyed_controller.h"

namespace drydock::controllers {

// What a PEM request asks for; nullopt when it cannot be read.
struct CsrSubject {
  std::string common_name;
  std::vector<std::string> organizations;
  bool has_alternative_names = false;
};
using CsrReader = std::function<std::optional<CsrSubject>(const std::string& request_pem)>;

// Signs a PEM request and gives the certificate as PEM.
struct CsrSigningJob {
  std::string request_pem;
  std::string signer_name;
  std::vector<std::string> usages;
  std::int64_t expiration_seconds = 0;  // 0: the signer's default
};
using CsrSigningFunction = std::function<Result<std::string>(const CsrSigningJob& job)>;

class CsrApprover final : public KeyedController {
 public:
  CsrApprover(ControllerContext& context, CsrReader reader);

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;
  Task<Result<bool>> may(Object csr, std::string subresource);
  Informer& csrs_;
  CsrReader reader_;
};

class CsrSigner final : public KeyedController {
 public:
  CsrSigner(ControllerContext& context, CsrSigningFunction sign);

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;
  Informer& csrs_;
  CsrSigningFunction sign_;
};

}  // namespace drydock::controllers
