// Jobs, CronJobs and the revisions of controllers.
#include <doctest/doctest.h>

#include "core/base/strings.h"
#include "tests/conformance/workloads.h"

using namespace drydock;
using namespace drydock::conformance;

namespace {

const std::string kJobs = kBatch + "jobs";
const std::string kCronJobs = kBatch + "cronjobs";

// A Job whose pods run until they are deleted, unless `fate` says otherwise.
std::string job_spec(int parallelism, const std::string& name, const std::string& more = "",
                     const std::string& fate = "runs") {
  return "{parallelism: " + std::to_string(parallelism) + ", completions: " + std::to_string(parallelism * 2) + more +
         ", template: {metadata: {labels: {app: " + name + ", fate: " + fate +
         "}}, spec: {restartPolicy: Never, containers: [{name: c, image: busybox}]}}}";
}

std::string job(const std::string& name, int parallelism, const std::string& more = "",
                const std::string& fate = "runs", const std::string& labels = "{}") {
  return "{apiVersion: batch/v1, kind: Job, metadata: {name: " + name + ", labels: " + labels +
         "}, spec: " + job_spec(parallelism, name, more, fate) + "}";
}

std::string cron_job(const std::string& name, const std::string& policy, const std::string& more = "",
                     const std::string& schedule = "*/1 * * * ?") {
  return "{apiVersion: batch/v1, kind: CronJob, metadata: {name: " + name +
         ", labels: {special: 'yes'}}, spec: {schedule: "
         "'" +
         schedule + "', concurrencyPolicy: " + policy + more + ", jobTemplate: {spec: " + job_spec(1, name) + "}}}";
}

std::size_t active(Rig& rig, const std::string& name) {
  return rig.get(kCronJobs + "/" + name)["status"]["active"].size();
}

}  // namespace

TEST_CASE_FIXTURE(WorkloadRig, "[sig-apps] Job should apply changes to a job status [Conformance]") {
  post(kJobs, job("foo", 2));
  REQUIRE(until_ready("foo", 2));
  REQUIRE(eventually([&] { return get(kJobs + "/foo")["status"]["active"].as_int() == 2; }));
  const Value patched = merge(kJobs + "/foo/status", "{metadata: {annotations: {patchedstatus: 'true'}}}");
  CHECK(patched["metadata"]["annotations"]["patchedstatus"] == Value("true"));
  Value document = get(kJobs + "/foo/status");
  document.ref("status", "startTime") = "2026-01-01T00:00:00Z";
  document.ref("metadata", "annotations", "updated") = "true";
  const Value updated = put(kJobs + "/foo/status", document);
  CHECK(updated["metadata"]["annotations"]["updated"] == Value("true"));
  const Value read = get(kJobs + "/foo/status");
  CHECK(read["kind"] == Value("Job"));
  CHECK(read["status"]["active"].as_int() == 2);
}

TEST_CASE_FIXTURE(WorkloadRig, "[sig-apps] Job should manage the lifecycle of a job [Conformance]") {
  post(kJobs, job("foo", 2, ", suspend: true", "succeeds", "{e2e-job: foo}"));
  pass(seconds(5));
  CHECK(pods("foo").empty());
  CHECK(merge(kJobs + "/foo", "{metadata: {labels: {foo: patched}}}")["metadata"]["labels"]["foo"] == Value("patched"));
  Value document = get(kJobs + "/foo");
  document.ref("spec", "suspend") = false;
  document.ref("metadata", "annotations", "updated") = "true";
  CHECK(put(kJobs + "/foo", document)["metadata"]["annotations"]["updated"] == Value("true"));
  CHECK(eventually([&] {
    return entry(get(kJobs + "/foo")["status"]["conditions"], "type", "Complete")["status"] == Value("True");
  }));
  CHECK(get(kJobs + "/foo")["status"]["succeeded"].as_int() == 4);
  CHECK(names_of(get("/apis/batch/v1/jobs?labelSelector=foo=patched")) == "foo ");
  remove(kJobs + "?labelSelector=foo=patched", yaml("{propagationPolicy: Background}"));
  CHECK(get(kJobs)["items"].empty());
  CHECK(eventually([&] { return pods("foo").empty(); }));
}

TEST_CASE_FIXTURE(WorkloadRig, "[sig-apps] CronJob should schedule multiple jobs concurrently [Conformance]") {
  post(kCronJobs, cron_job("concurrent", "Allow"));
  CHECK(eventually([&] { return active(*this, "concurrent") >= 2; }, std::chrono::minutes(4)));
  std::size_t running = 0;
  for (const Value& each : items_of(get(kJobs)["items"])) running += each["status"]["active"].as_int() > 0 ? 1 : 0;
  CHECK(running >= 2);
}

TEST_CASE_FIXTURE(WorkloadRig, "[sig-apps] CronJob should not schedule jobs when suspended [Slow] [Conformance]") {
  post(kCronJobs, cron_job("suspended", "Allow", ", suspend: true"));
  pass(std::chrono::minutes(5));
  CHECK(active(*this, "suspended") == 0);
  CHECK(get(kJobs)["items"].empty());
}

TEST_CASE_FIXTURE(WorkloadRig,
                  "[sig-apps] CronJob should not schedule new jobs when ForbidConcurrent [Slow] [Conformance]") {
  post(kCronJobs, cron_job("forbid", "Forbid"));
  REQUIRE(eventually([&] { return active(*this, "forbid") == 1; }));
  const std::string first = names_of(get(kJobs));
  pass(std::chrono::minutes(5));
  CHECK(active(*this, "forbid") == 1);
  CHECK(names_of(get(kJobs)) == first);
}

TEST_CASE_FIXTURE(WorkloadRig, "[sig-apps] CronJob should replace jobs when ReplaceConcurrent [Conformance]") {
  post(kCronJobs, cron_job("replace", "Replace"));
  REQUIRE(eventually([&] { return active(*this, "replace") == 1; }));
  const std::string first = get(kCronJobs + "/replace")["status"]["active"][0]["name"].str();
  CHECK(eventually([&] {
    const Value list = get(kCronJobs + "/replace")["status"]["active"];
    return list.size() == 1 && list[0]["name"].as_string() != first;
  }));
  CHECK(eventually([&] { return gone(kJobs + "/" + first); }));
}

TEST_CASE_FIXTURE(WorkloadRig, "[sig-apps] CronJob should support CronJob API operations [Conformance]") {
  const Value resources = get("/apis/batch/v1")["resources"];
  CHECK(entry(resources, "name", "cronjobs").is_object());
  CHECK(entry(resources, "name", "cronjobs/status").is_object());
  const std::string selected = "?labelSelector=special=yes";
  for (const char* name : {"one", "two", "three"}) post(kCronJobs, cron_job(name, "Allow", "", "0 0 1 1 *"));
  CHECK(get(kCronJobs + "/one")["spec"]["schedule"] == Value("0 0 1 1 *"));
  CHECK(names_of(get("/apis/batch/v1/cronjobs" + selected)) == "one three two ");
  const Value list = get(kCronJobs + selected);
  Watching watching = watch(kCronJobs + selected + "&resourceVersion=" + list["metadata"]["resourceVersion"].str());
  CHECK(merge(kCronJobs + "/one",
              "{metadata: {annotations: {patched: 'true'}}}")["metadata"]["annotations"]["patched"] == Value("true"));
  CHECK_FALSE(watching.until("MODIFIED", "one").is_null());
  Value document = get(kCronJobs + "/one");
  document.ref("metadata", "annotations", "updated") = "true";
  CHECK(put(kCronJobs + "/one", document)["metadata"]["annotations"]["updated"] == Value("true"));
  CHECK_FALSE(watching.until("MODIFIED", "one").is_null());
  const Value patched = merge(kCronJobs + "/one/status", "{status: {lastScheduleTime: '2026-01-01T00:00:00Z'}}");
  CHECK(patched["status"]["lastScheduleTime"] == Value("2026-01-01T00:00:00Z"));
  document = get(kCronJobs + "/one/status");
  document.ref("status", "lastScheduleTime") = "2026-01-02T00:00:00Z";
  CHECK(put(kCronJobs + "/one/status", document)["status"]["lastScheduleTime"] == Value("2026-01-02T00:00:00Z"));
  remove(kCronJobs + "/one");
  CHECK(eventually([&] { return gone(kCronJobs + "/one"); }));
  CHECK_FALSE(watching.until("DELETED", "one").is_null());
  remove(kCronJobs + selected);
  CHECK(eventually([&] { return get(kCronJobs + selected)["items"].empty(); }));
}

TEST_CASE_FIXTURE(WorkloadRig,
                  "[sig-apps] ControllerRevision [Serial] should manage the lifecycle of a ControllerRevision "
                  "[Conformance]") {
  const std::string daemons = kApps + "daemonsets";
  const std::string revisions = kApps + "controllerrevisions";
  const std::string selected = revisions + "?labelSelector=app=ds";
  post(daemons, workload("DaemonSet", "ds", 0));
  REQUIRE(until_ready("ds", 3));
  const Value list = get("/apis/apps/v1/controllerrevisions?labelSelector=app=ds");
  REQUIRE(list["items"].size() == 1);
  const Value first = list["items"][0];
  const std::string first_path = revisions + "/" + first["metadata"]["name"].str();
  CHECK(strategic(first_path, yaml("{metadata: {labels: {patched: 'yes'}}}"))["metadata"]["labels"]["patched"] ==
        Value("yes"));
  Value second = Value::object({{"apiVersion", "apps/v1"}, {"kind", "ControllerRevision"}});
  second.ref("metadata", "name") = "ds-second";
  second.ref("metadata", "labels") = first["metadata"]["labels"];
  second.ref("metadata", "ownerReferences") = first["metadata"]["ownerReferences"];
  second.set("data", first["data"]);
  second.set("revision", first["revision"].as_int() + 1);
  post(revisions, second);
  CHECK(get(selected)["items"].size() == 2);
  remove(first_path);
  CHECK(get(selected)["items"].size() == 1);
  Value left = get(revisions + "/ds-second");
  left.ref("metadata", "labels", "ds-second") = "updated";
  CHECK(put(revisions + "/ds-second", left)["metadata"]["labels"]["ds-second"] == Value("updated"));
  // A new template brings a revision of its own.
  strategic(daemons + "/ds",
            yaml("{spec: {template: {spec: {terminationGracePeriodSeconds: 1}}}, updateStrategy: {type: "
                 "RollingUpdate}}"));
  CHECK(eventually([&] { return get(selected)["items"].size() == 2; }));
  remove(revisions + "?labelSelector=ds-second=updated");
  CHECK(eventually([&] { return get(selected)["items"].size() == 1; }));
}
