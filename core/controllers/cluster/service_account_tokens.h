// ServiceAccountTokenController fills Secrets of type
// kubernetes.io/service-account-token and removes them with their account.
// https://kubernetes.io/docs/concepts/security/service-accounts/#long-lived-api-token
#pragma once

#include <functional>

#include "core/controllers/shared/keyed_controller.h"

namespace drydock::controllers {

// A signed token without expiry for an account, bound to a Secret. The keys are
// the caller's.
using AccountTokenSigner = std::function<std::string(const Object& account, const Object& secret)>;

class ServiceAccountTokenController final : public KeyedController {
 public:
  ServiceAccountTokenController(ControllerContext& context, AccountTokenSigner sign, std::string root_ca_pem);

 private:
  Task<Result<void>> reconcile(ObjectKey secret) override;

  AccountTokenSigner sign_;
  std::string root_ca_pem_;
  Informer& accounts_;
  Informer& secrets_;
};

}  // namespace drydock::controllers
