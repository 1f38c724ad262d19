// EndpointsController keeps the Endpoints object of each Service that selects pods.
#pragma once

#include "core/controllers/network/service_members.h"
#include "core/controllers/shared/keyed_controller.h"

namespace drydock::controllers {

class EndpointsController final : public KeyedController {
 public:
  explicit EndpointsController(ControllerContext& context);

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;

  Informer& services_;
  Informer& endpoints_;
  ServiceMembers members_;
};

}  // namespace drydock::controllers
