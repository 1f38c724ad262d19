#include "core/controllers/batch/job_controller.h"

#include "core/controllers/batch/job_plan.h"
#include "core/controllers/shared/claim.h"
#include "core/controllers/shared/conditions.h"
#include "core/machinery/selectors.h"

namespace drydock::controllers {

JobController::JobController(ControllerContext& context)
    : KeyedController(context, "job-controller"),
      jobs_(context.informers.get(resources::kJobs)),
      pod_control_(context, recorder_, expectations_) {
  enqueue_changes_of(jobs_);
  context.informers.get(resources::kPods).add_handler([this](const Object& old, const Object& current) {
    if (const ObjectKey key = observe_owned_pod(expectations_, "Job", old, current); !key.name.empty()) enqueue(key);
  });
}

Task<Result<void>> JobController::release(Object pod) {
  Value kept = Value::array();
  for (const Value& finalizer : pod.metadata()["finalizers"].items()) {
    if (finalizer.as_string() != "batch.kubernetes.io/job-tracking") kept.push_back(finalizer);
  }
  Value metadata = Value::object({{"uid", pod.uid()}, {"finalizers", kept}});
  Value patch = Value::object({{"metadata", metadata}});
  Result<Object> patched =
      co_await context_.client.patch(resources::kPods, pod.key(), PatchType::kMerge, std::move(patch));
  if (!patched && !patched.error().is_not_found()) co_return patched.error();
  co_return Result<void>();
}

Task<Result<void>> JobController::reconcile(ObjectKey key) {
  const Object job = jobs_.get(key);
  if (!job) {
    expectations_.forget(key.str());
    co_return Result<void>();
  }
  Result<LabelSelector> selector = LabelSelector::from_document(job.spec()["selector"]);
  if (selector && !job_finished(job)) {
    Claimant claimant{job, "batch/v1", "Job"};
    DRYDOCK_CO_TRY_VOID(co_await claim_pods(context_, std::move(claimant), *selector,
                                            job.spec().get("template", "metadata", "labels")));
  }
  JobPlan plan = plan_job(job, context_.pods.owned_by(job.uid()), context_.now());
  enqueue_at(key, plan.recheck);
  if (plan.status != job.status()) {
    Object next = job;
    next.mutable_doc().set("status", plan.status);
    Result<Object> written = co_await context_.client.update_status(resources::kJobs, std::move(next));
    if (!written && written.error().is_not_found()) co_return Result<void>();
    if (!written) co_return written.error();
  }
  for (const JobNotice& notice : plan.notices) recorder_.event(job, notice.type, notice.reason, notice.message);
  // Pods may lose their finalizer only now that the status lists them.
  std::vector<Task<Result<void>>> releases;
  for (const Object& pod : plan.release) releases.push_back(release(pod));
  DRYDOCK_CO_TRY_VOID(co_await run_all(context_.loop, std::move(releases)));
  if (job.deleting() || !expectations_.satisfied(key.str(), context_.now())) co_return Result<void>();
  co_return co_await pod_control_.replace(job, std::move(plan.creates), std::move(plan.deletes));
}

TtlAfterFinishedController::TtlAfterFinishedController(ControllerContext& context)
    : KeyedController(context, "ttl-after-finished-controller"), jobs_(context.informers.get(resources::kJobs)) {
  jobs_.add_handler([this](const Object&, const Object& current) {
    if (current && current.spec()["ttlSecondsAfterFinished"].is_number() && job_finished(current)) enqueue(current);
  });
}

Task<Result<void>> TtlAfterFinishedController::reconcile(ObjectKey key) {
  const Object job = jobs_.get(key);
  if (!job || job.deleting() || !job_finished(job)) co_return Result<void>();
  const char* outcome = condition_is_true(job.status(), "Complete") ? "Complete" : "Failed";
  const TimePoint ended = time_or_epoch(find_condition(job.status(), outcome)["lastTransitionTime"].as_string());
  const TimePoint expires = ended + seconds(job.spec()["ttlSecondsAfterFinished"].as_int());
  if (expires > context_.now()) {
    enqueue_at(key, expires);
    co_return Result<void>();
  }
  DeleteOptions options;
  options.propagation_policy = "Foreground";
  options.precondition_uid = std::string(job.uid());
  Result<Object> removed = co_await context_.client.remove(resources::kJobs, key, options);
  if (!removed && !removed.error().is_not_found()) co_return removed.error();
  co_return Result<void>();
}

}  // namespace drydock::controllers
