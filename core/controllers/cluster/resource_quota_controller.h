// ResourceQuotaController keeps status.used of ResourceQuotas right when things go
// away; what is created counts at admission already.
// https://kubernetes.io/docs/concepts/policy/resource-quotas/
#pragma once

#include <map>

#include "core/controllers/shared/keyed_controller.h"
#include "core/machinery/quantity.h"

namespace drydock::controllers {

class ResourceQuotaController final : public KeyedController {
 public:
  explicit ResourceQuotaController(ControllerContext& context);

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;
  std::map<std::string, Quantity> usage(const Object& quota) const;
  void enqueue_namespace(const std::string& ns);

  Informer& quotas_;
  // Kinds that count by number: "services", "count/deployments.apps", …
  std::map<std::string, Informer*> counted_;
};

}  // namespace drydock::controllers
