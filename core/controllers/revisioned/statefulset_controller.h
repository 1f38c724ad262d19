// StatefulSetController runs StatefulSets.
#pragma once

#include "core/controllers/revisioned/statefulset_plan.h"
#include "core/controllers/shared/keyed_controller.h"

namespace drydock::controllers {

class StatefulSetController final : public KeyedController {
 public:
  explicit StatefulSetController(ControllerContext& context);

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;
  Task<Result<void>> create(Object set, StatefulPodCreation creation);
  Task<Result<void>> remove(Object set, Object pod);

  Informer& sets_;
  Informer& revisions_;
  Informer& claims_;
};

}  // namespace drydock::controllers
