// JobController runs Jobs to their end.
#pragma once

#include "core/controllers/shared/expectations.h"
#include "core/controllers/shared/keyed_controller.h"
#include "core/controllers/shared/pod_control.h"

namespace drydock::controllers {

class JobController final : public KeyedController {
 public:
  explicit JobController(ControllerContext& context);

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;
  Task<Result<void>> release(Object pod);

  Informer& jobs_;
  Expectations expectations_;
  PodControl pod_control_;
};

// TtlAfterFinishedController deletes finished Jobs ttlSecondsAfterFinished after their end.
class TtlAfterFinishedController final : public KeyedController {
 public:
  explicit TtlAfterFinishedController(ControllerContext& context);

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;
  Informer& jobs_;
};

}  // namespace drydock::controllers
