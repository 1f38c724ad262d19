// EndpointSliceController keeps the EndpointSlices of each Service that selects pods.
#pragma once

#include "core/controllers/network/service_members.h"
#include "core/controllers/shared/expectations.h"
#include "core/controllers/shared/keyed_controller.h"

namespace drydock::controllers {

class EndpointSliceController final : public KeyedController {
 public:
  explicit EndpointSliceController(ControllerContext& context);

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;

  Informer& services_;
  Informer& slices_;
  Informer& nodes_;
  Expectations created_;  // slices made and not yet in the cache
  ServiceMembers members_;
};

}  // namespace drydock::controllers
