// Bootstrap tokens: Secrets of type bootstrap.kubernetes.io/token in kube-system.
// BootstrapSigner signs kube-public/cluster-info with each; TokenCleaner deletes
// those that have expired.
// https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
#pragma once

#include "core/controllers/shared/keyed_controller.h"

namespace drydock::controllers {

// data.`field` of a Secret, decoded; "" when absent.
std::string secret_text(const Object& secret, std::string_view field);
bool is_bootstrap_token(const Object& secret);

// The cluster-info ConfigMap with a signature by each token that may sign. Pure.
Object sign_with_tokens(const Object& cluster_info, const std::vector<Object>& tokens, TimePoint now);

class BootstrapSigner final : public KeyedController {
 public:
  explicit BootstrapSigner(ControllerContext& context);

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;
  Informer& config_maps_;
  Informer& secrets_;
};

class TokenCleaner final : public KeyedController {
 public:
  explicit TokenCleaner(ControllerContext& context);

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;
  Informer& secrets_;
};

}  // namespace drydock::controllers
