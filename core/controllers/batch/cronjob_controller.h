// CronJobController starts Jobs on schedule.
#pragma once

#include "core/controllers/shared/keyed_controller.h"

namespace drydock::controllers {

class CronJobController final : public KeyedController {
 public:
  explicit CronJobController(ControllerContext& context);

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;
  Task<Result<void>> remove_job(Object cron_job, Object job);

  Informer& cron_jobs_;
  Informer& jobs_;
};

}  // namespace drydock::controllers
