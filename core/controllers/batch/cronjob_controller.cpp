#include "core/controllers/batch/cronjob_controller.h"

#include "core/controllers/batch/cronjob_plan.h"

namespace drydock::controllers {

CronJobController::CronJobController(ControllerContext& context)
    : KeyedController(context, "cronjob-controller"),
      cron_jobs_(context.informers.get(resources::kCronJobs)),
      jobs_(context.informers.get(resources::kJobs)) {
  jobs_.add_owner_index();
  enqueue_changes_of(cron_jobs_);
  jobs_.add_handler([this](const Object& old, const Object& current) {
    const Object& job = current ? current : old;
    const Value& owner = job.controller_ref();
    if (owner["kind"].as_string() == "CronJob") enqueue(ObjectKey{std::string(job.ns()), owner["name"].str()});
  });
}

Task<Result<void>> CronJobController::remove_job(Object cron_job, Object job) {
  DeleteOptions options;
  options.propagation_policy = "Background";
  Result<Object> removed = co_await context_.client.remove(resources::kJobs, job.key(), options);
  if (!removed) {
    if (removed.error().is_not_found()) co_return Result<void>();
    recorder_.event(cron_job, "Warning", "FailedDelete", "Deleted job: " + removed.error().message);
    co_return removed.error();
  }
  recorder_.event(cron_job, "Normal", "SuccessfulDelete", "Deleted job " + std::string(job.name()));
  co_return Result<void>();
}

Task<Result<void>> CronJobController::reconcile(ObjectKey key) {
  const Object cron_job = cron_jobs_.get(key);
  if (!cron_job) co_return Result<void>();
  CronJobPlan plan = plan_cron_job(cron_job, jobs_.by_owner(std::string(cron_job.uid())), context_.now());
  enqueue_at(key, plan.recheck);
  for (const JobNotice& notice : plan.notices) recorder_.event(cron_job, notice.type, notice.reason, notice.message);
  for (const Object& job : plan.history) DRYDOCK_CO_TRY_VOID(co_await remove_job(cron_job, job));
  for (const Object& job : plan.replace) DRYDOCK_CO_TRY_VOID(co_await remove_job(cron_job, job));
  if (plan.create) {
    Result<Object> created = co_await context_.client.create(resources::kJobs, std::move(*plan.create));
    if (created) {
      recorder_.event(cron_job, "Normal", "SuccessfulCreate", "Created job " + std::string(created->name()));
      plan.status.ref("active").push_back(job_reference(*created));
    } else if (!created.error().is_already_exists()) {
      recorder_.event(cron_job, "Warning", "FailedCreate", "Error creating job: " + created.error().message);
      co_return created.error();
    }
  }
  if (plan.status != (cron_job.status().is_object() ? cron_job.status() : Value::object())) {
    Object next = cron_job;
    next.mutable_doc().set("status", std::move(plan.status));
    DRYDOCK_CO_TRY_VOID(co_await context_.client.update_status(resources::kCronJobs, std::move(next)));
  }
  co_return Result<void>();
}

}  // namespace drydock::controllers
