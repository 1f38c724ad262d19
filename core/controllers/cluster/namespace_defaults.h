// What every namespace gets: the ServiceAccount "default" and the ConfigMap
// kube-root-ca.crt. Two controllers of kube-controller-manager with one shape:
// put back what is missing or changed.
#pragma once

#include "core/controllers/shared/keyed_controller.h"

namespace drydock::controllers {

// serviceaccount-controller.
class ServiceAccountController final : public KeyedController {
 public:
  explicit ServiceAccountController(ControllerContext& context);

 private:
  Task<Result<void>> reconcile(ObjectKey ns) override;
  Informer& namespaces_;
  Informer& accounts_;
};

// root-ca-certificate-publisher-controller.
class RootCaPublisher final : public KeyedController {
 public:
  RootCaPublisher(ControllerContext& context, std::string root_ca_pem);

 private:
  Task<Result<void>> reconcile(ObjectKey ns) override;
  std::string root_ca_pem_;
  Informer& namespaces_;
  Informer& config_maps_;
};

}  // namespace drydock::controllers
