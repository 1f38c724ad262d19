// ClusterRoleAggregator fills in the rules of ClusterRoles that are put together
// from others by label (admin, edit, view).
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
#pragma once

#include "core/controllers/shared/keyed_controller.h"

namespace drydock::controllers {

// The rules of `role` given all ClusterRoles, in name order. Pure.
Value aggregate_rules(const Object& role, const std::vector<Object>& roles);

class ClusterRoleAggregator final : public KeyedController {
 public:
  explicit ClusterRoleAggregator(ControllerContext& context);

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;
  Informer& roles_;
};

}  // namespace drydock::controllers
