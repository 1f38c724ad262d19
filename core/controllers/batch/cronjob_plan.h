// Decides which Jobs a CronJob starts and removes. Pure.
// https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/controllers/batch/job_plan.h"

namespace drydock::controllers {

struct CronJobPlan {
  std::optional<Object> create;
  std::vector<Object> replace;  // running Jobs that make way (concurrencyPolicy: Replace)
  std::vector<Object> history;  // finished Jobs beyond the history limits
  Value status;                 // without the Job being created
  std::vector<JobNotice> notices;
  TimePoint recheck = TimePoint::max();
};

// `jobs`: those the CronJob controls.
CronJobPlan plan_cron_job(const Object& cron_job, const std::vector<Object>& jobs, TimePoint now);

Value job_reference(const Object& job);

}  // namespace drydock::controllers
