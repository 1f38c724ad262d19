#include "core/controllers/batch/cronjob_plan.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/controllers/batch/cron_schedule.h"
#include "core/controllers/shared/conditions.h"
#include "core/controllers/shared/owner_reference.h"
#include "core/machinery/timestamp.h"

namespace drydock::controllers {
namespace {

constexpr int kMissedMax = 100;

Object make_job(const Object& cron_job, TimePoint scheduled) {
  const Value& job_template = cron_job.spec()["jobTemplate"];
  // Named by the minute it is due, so that one start makes one Job only.
  const auto minutes_since_epoch =
      std::chrono::duration_cast<std::chrono::minutes>(scheduled.time_since_epoch()).count();
  Value metadata =
      Value::object({{"name", std::string(cron_job.name()) + "-" + std::to_string(minutes_since_epoch)},
                     {"namespace", cron_job.ns()},
                     {"ownerReferences", Value::array({controller_reference(cron_job, "batch/v1", "CronJob")})}});
  for (const char* inherited : {"labels", "annotations"}) {
    if (const Value& value = job_template.get("metadata", inherited); !value.empty()) metadata.set(inherited, value);
  }
  metadata.ref("annotations").set("batch.kubernetes.io/cronjob-scheduled-timestamp", format_timestamp(scheduled));
  return Object(Value::object(
      {{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"metadata", metadata}, {"spec", job_template["spec"]}}));
}

void keep_history(const char* condition, std::int64_t limit, const std::vector<Object>& jobs, CronJobPlan& plan) {
  std::vector<Object> ended;
  for (const Object& job : jobs) {
    if (condition_is_true(job.status(), condition)) ended.push_back(job);
  }
  std::ranges::sort(ended, [](const Object& a, const Object& b) {
    const std::string_view start_a = a.status()["startTime"].as_string(), start_b = b.status()["startTime"].as_string();
    return start_a != start_b ? start_a < start_b : a.name() < b.name();
  });
  const std::int64_t surplus = static_cast<std::int64_t>(ended.size()) - limit;
  for (std::int64_t i = 0; i < surplus; ++i) plan.history.push_back(ended[static_cast<std::size_t>(i)]);
}

// Notes Jobs that ended or appeared since the status was written.
Value track_active(const Object& cron_job, const std::vector<Object>& jobs, std::vector<JobNotice>& notices) {
  Value status = cron_job.status().is_object() ? cron_job.status() : Value::object();
  Value active = Value::array();
  for (const Object& job : jobs) {
    const auto listed = std::ranges::any_of(
        status["active"].items(), [&job](const Value& known) { return known["uid"].as_string() == job.uid(); });
    if (!job_finished(job)) {
      active.push_back(job_reference(job));
    } else if (listed) {
      const char* outcome = condition_is_true(job.status(), "Complete") ? "Complete" : "Failed";
      notices.push_back(
          {"Normal", "SawCompletedJob", "Saw completed job: " + std::string(job.name()) + ", condition: " + outcome});
      const Value& ended = job.status()["completionTime"];
      if (outcome == std::string_view("Complete") && ended.as_string() > status["lastSuccessfulTime"].as_string())
        status.set("lastSuccessfulTime", ended);
    }
  }
  if (active.empty())
    status.erase("active");
  else
    status.set("active", std::move(active));
  return status;
}

}  // namespace

Value job_reference(const Object& job) {
  return Value::object({{"apiVersion", "batch/v1"},
                        {"kind", "Job"},
                        {"name", job.name()},
                        {"namespace", job.ns()},
                        {"resourceVersion", job.resource_version()},
                        {"uid", job.uid()}});
}

CronJobPlan plan_cron_job(const Object& cron_job, const std::vector<Object>& jobs, TimePoint now) {
  CronJobPlan plan;
  const Value& spec = cron_job.spec();
  plan.status = track_active(cron_job, jobs, plan.notices);
  keep_history("Complete", spec["successfulJobsHistoryLimit"].as_int(3), jobs, plan);
  keep_history("Failed", spec["failedJobsHistoryLimit"].as_int(1), jobs, plan);
  if (cron_job.deleting() || spec["suspend"].as_bool()) return plan;

  const std::optional<CronSchedule> schedule = CronSchedule::parse(spec["schedule"].as_string());
  if (!schedule) {
    plan.notices.push_back(
        {"Warning", "UnparseableSchedule", "unparseable schedule: " + go_quote(spec["schedule"].as_string())});
    return plan;
  }
  TimePoint earliest = time_or_epoch(plan.status["lastScheduleTime"].as_string());
  if (earliest == TimePoint{}) earliest = time_or_epoch(cron_job.metadata()["creationTimestamp"].as_string());
  const Value& deadline = spec["startingDeadlineSeconds"];
  if (deadline.is_number()) earliest = std::max(earliest, now - seconds(deadline.as_int()));
  std::optional<TimePoint> due;
  int missed = 0;
  for (std::optional<TimePoint> time = schedule->next(earliest); time; time = schedule->next(*time)) {
    if (*time > now) {
      plan.recheck = *time;
      break;
    }
    due = time;
    if (++missed <= kMissedMax) continue;
    plan.notices.push_back(
        {"Warning", "TooManyMissedTimes",
         "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"});
    // What was missed long ago is skipped: only the last start matters.
    earliest = now - std::chrono::hours(24);
    break;
  }
  if (!due) return plan;
  const std::string_view policy = spec["concurrencyPolicy"].as_string();
  const bool busy = !plan.status["active"].empty();
  if (policy == "Forbid" && busy) {
    plan.notices.push_back({"Normal", "JobAlreadyActive",
                            "Not starting job because prior execution is running and concurrency policy is Forbid"});
    return plan;
  }
  if (policy == "Replace") {
    for (const Object& job : jobs) {
      if (!job_finished(job)) plan.replace.push_back(job);
    }
  }
  plan.create = make_job(cron_job, *due);
  plan.status.set("lastScheduleTime", format_timestamp(*due));
  return plan;
}

}  // namespace drydock::controllers
