#include "core/controllers/batch/job_plan.h"

#include "core/controllers/batch/cron_schedule.h"
#include "core/controllers/batch/cronjob_plan.h"
#include "core/controllers/shared/conditions.h"
#include "core/machinery/timestamp.h"
#include "doctest/doctest.h"
#include "tests/controllers/fixtures.h"

using namespace drydock;
using namespace drydock::controllers;
using namespace drydock::controllers::fixtures;

namespace {

Object job(const char* spec, const char* status = "{}") {
  return yaml(std::string("{metadata: {name: pi, namespace: default, uid: job}, spec: ") + spec +
              ", status: " + status + "}");
}

PodView& worker(Pods& pods, const char* name, PodPhase phase, bool tracked = true) {
  PodView& pod = pods.add(name);
  pod.phase = phase;
  if (tracked)
    pod.object.mutable_doc()
        .ref("metadata")
        .set("finalizers", parse_yaml("[batch.kubernetes.io/job-tracking]").value());
  return pod;
}

constexpr const char* kTemplate = "template: {spec: {restartPolicy: Never, containers: [{name: c}]}}";
std::string spec(const char* more) { return std::string("{") + more + ", " + kTemplate + "}"; }

}  // namespace

TEST_CASE("parallelism and completions bound what is started") {
  CHECK(plan_job(job(spec("parallelism: 3, completions: 5").c_str()), {}, kNow).creates.size() == 3);
  CHECK(plan_job(job(spec("parallelism: 3, completions: 5").c_str(), "{succeeded: 4}"), {}, kNow).creates.size() == 1);
  CHECK(plan_job(job(spec("parallelism: 3, completions: 5, suspend: true").c_str()), {}, kNow).creates.empty());
  const JobPlan plan = plan_job(job(spec("parallelism: 1, completions: 1").c_str()), {}, kNow);
  REQUIRE(plan.creates.size() == 1);
  CHECK(plan.creates[0].label("batch.kubernetes.io/job-name") == "pi");
  CHECK(plan.creates[0].metadata()["finalizers"][0].as_string() == "batch.kubernetes.io/job-tracking");
  CHECK(plan.status.has("startTime"));
}

TEST_CASE("a pod that finished counts once: listed, released, counted") {
  Pods pods;
  worker(pods, "a", PodPhase::kSucceeded);
  JobPlan plan = plan_job(job(spec("parallelism: 1, completions: 2").c_str()), pods.refer(), kNow);
  CHECK(plan.status.get("uncountedTerminatedPods", "succeeded")[0].as_string() == "uid-a");
  CHECK(plan.status["succeeded"].as_int() == 0);
  CHECK(plan.release.size() == 1);
  CHECK(plan.creates.size() == 1);  // the second completion

  Object next = job(spec("parallelism: 1, completions: 2").c_str());
  next.mutable_doc().set("status", plan.status);
  Pods released;
  worker(released, "a", PodPhase::kSucceeded, false);
  plan = plan_job(next, released.refer(), kNow);
  CHECK(plan.status["succeeded"].as_int() == 1);
  CHECK(plan.status.get("uncountedTerminatedPods", "succeeded").empty());
  next.mutable_doc().set("status", plan.status);
  CHECK(plan_job(next, released.refer(), kNow).status["succeeded"].as_int() == 1);
}

TEST_CASE("complete and failed") {
  const JobPlan done =
      plan_job(job(spec("completions: 1").c_str(), "{succeeded: 1, startTime: '2020-01-01T00:00:00Z'}"), {}, kNow);
  CHECK(condition_is_true(done.status, "SuccessCriteriaMet"));
  CHECK(condition_is_true(done.status, "Complete"));
  CHECK(done.status.has("completionTime"));
  REQUIRE(done.notices.size() == 1);
  CHECK(done.notices[0].reason == "Completed");
  CHECK(done.notices[0].message == "Job completed");

  const JobPlan failed = plan_job(job(spec("completions: 1, backoffLimit: 2").c_str(), "{failed: 3}"), {}, kNow);
  CHECK(find_condition(failed.status, "Failed")["reason"].as_string() == "BackoffLimitExceeded");
  CHECK(find_condition(failed.status, "Failed")["message"].as_string() ==
        "Job has reached the specified backoff limit");

  Pods running;
  worker(running, "a", PodPhase::kRunning);
  const std::string start = format_timestamp(kNow - seconds(100));
  const JobPlan late =
      plan_job(job(spec("completions: 1, activeDeadlineSeconds: 60").c_str(), ("{startTime: '" + start + "'}").c_str()),
               running.refer(), kNow);
  CHECK(late.deletes.size() == 1);
  CHECK(find_condition(late.status, "FailureTarget")["reason"].as_string() == "DeadlineExceeded");
  CHECK(find_condition(late.status, "Failed").is_null());  // not before its pods are gone
}

TEST_CASE("failures slow a Job down") {
  Pods pods;
  worker(pods, "a", PodPhase::kFailed).created = kNow - seconds(3);
  const JobPlan plan = plan_job(job(spec("completions: 1").c_str()), pods.refer(), kNow);
  CHECK(plan.creates.empty());
  CHECK(plan.recheck == kNow + seconds(7));
}

TEST_CASE("indexed Jobs") {
  const JobPlan plan = plan_job(
      job(spec("completions: 4, parallelism: 4, completionMode: Indexed").c_str(), "{completedIndexes: '0,2'}"), {},
      kNow);
  REQUIRE(plan.creates.size() == 2);
  CHECK(plan.creates[0].annotation("batch.kubernetes.io/job-completion-index") == "1");
  CHECK(plan.creates[0].spec()["hostname"].as_string() == "pi-1");
  CHECK(plan.creates[0].metadata()["generateName"].as_string() == "pi-1-");
  CHECK(plan.creates[0].spec()["containers"][0]["env"][0]["name"].as_string() == "JOB_COMPLETION_INDEX");
  CHECK(format_indexes({0, 1, 2, 5, 7, 8}) == "0-2,5,7,8");
  CHECK(parse_indexes("0-2,5") == std::vector<std::int64_t>{0, 1, 2, 5});
}

TEST_CASE("cron schedules") {
  struct Row {
    const char* schedule;
    const char* after;
    const char* next;  // "": not a schedule
  };
  const Row rows[] = {
      {"*/5 * * * *", "2026-01-01T00:02:30Z", "2026-01-01T00:05:00Z"},
      {"0 0 * * *", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"},
      {"30 9 * * mon-fri", "2026-01-02T10:00:00Z", "2026-01-05T09:30:00Z"},
      {"0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"},
      {"0 0 13 * fri", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"},
      {"@hourly", "2026-01-01T00:59:59Z", "2026-01-01T01:00:00Z"},
      {"5/20 * * * *", "2026-01-01T00:06:00Z", "2026-01-01T00:25:00Z"},
      {"* * * *", "", ""},
      {"61 * * * *", "", ""},
      {"a b c d e", "", ""},
      {"*/0 * * * *", "", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.schedule);
    const auto schedule = CronSchedule::parse(row.schedule);
    REQUIRE(schedule.has_value() == (row.next[0] != '\0'));
    if (schedule) CHECK(schedule->next(*parse_timestamp(row.after)) == parse_timestamp(row.next));
  }
}

TEST_CASE("cron jobs: start, forbid, replace, history") {
  const auto cron = [](const char* more) {
    return yaml(std::string("{metadata: {name: tick, namespace: default, uid: cj, creationTimestamp: "
                            "'2026-01-01T00:00:30Z'}, spec: {schedule: '* * * * *', jobTemplate: {spec: {}}") +
                more + "}}");
  };
  const TimePoint now = *parse_timestamp("2026-01-01T00:01:01Z");
  const CronJobPlan first = plan_cron_job(cron(""), {}, now);
  REQUIRE(first.create);
  CHECK(first.create->name() == "tick-29453761");
  CHECK(first.status["lastScheduleTime"].as_string() == "2026-01-01T00:01:00Z");
  CHECK(first.recheck == *parse_timestamp("2026-01-01T00:02:00Z"));
  const Object running = yaml("{metadata: {name: tick-1, uid: j1, namespace: default}}");
  CHECK_FALSE(plan_cron_job(cron(", concurrencyPolicy: Forbid"), {running}, now).create);
  CHECK(plan_cron_job(cron(", concurrencyPolicy: Replace"), {running}, now).replace.size() == 1);
  CHECK_FALSE(plan_cron_job(cron(", suspend: true"), {}, now).create);
  std::vector<Object> ended;
  for (int i = 0; i < 5; ++i) {
    ended.push_back(yaml("{metadata: {name: j" + std::to_string(i) + ", uid: j" + std::to_string(i) +
                         "}, status: {startTime: '2026-01-01T00:00:0" + std::to_string(i) +
                         "Z', conditions: [{type: Complete, status: 'True'}]}}"));
  }
  const CronJobPlan cleaned = plan_cron_job(cron(", suspend: true"), ended, now);
  REQUIRE(cleaned.history.size() == 2);
  CHECK(cleaned.history[0].name() == "j0");
}
