// StatefulSets and DaemonSets.
#include <doctest/doctest.h>

#include "core/base/strings.h"
#include "tests/conformance/workloads.h"

using namespace drydock;
using namespace drydock::conformance;

namespace {

const std::string kStateful = kApps + "statefulsets";
const std::string kDaemons = kApps + "daemonsets";

struct StatefulRig : WorkloadRig {
  void make(int replicas, const std::string& spec = "") {
    post(kCore + "services",
         "{apiVersion: v1, kind: Service, metadata: {name: ss}, spec: {clusterIP: None, selector: {app: "
         "ss}, ports: [{port: 80}]}}");
    post(kStateful, workload("StatefulSet", "ss", replicas, ", serviceName: ss" + spec, "nginx:1"));
  }
  Value set() { return get(kStateful + "/ss"); }
  Value pod(int ordinal) { return send("GET", kPodsHere + "/ss-" + std::to_string(ordinal)).body.document; }
  std::string image_of(int ordinal) { return pod(ordinal)["spec"]["containers"][0]["image"].str(); }
  void set_image(const std::string& image) {
    strategic(kStateful + "/ss", yaml("{spec: {template: {spec: {containers: [{name: c, image: '" + image + "'}]}}}}"));
  }
  // Says what a kubelet's probe would.
  void make_ready(int ordinal, bool ready) {
    strategic(
        kPodsHere + "/ss-" + std::to_string(ordinal) + "/status",
        yaml(std::string("{status: {conditions: [{type: Ready, status: '") + (ready ? "True" : "False") + "'}]}}"));
  }
};

}  // namespace

TEST_CASE_FIXTURE(
    StatefulRig,
    "[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should have a working scale "
    "subresource [Conformance]") {
  make(1);
  REQUIRE(until_ready("ss", 1));
  REQUIRE(eventually([&] { return set()["status"]["replicas"].as_int() == 1; }));
  check_scale(kStateful + "/ss", 1, 2, 4);
}

TEST_CASE_FIXTURE(
    StatefulRig,
    "[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should list, patch and delete "
    "a collection of StatefulSets [Conformance]") {
  make(1);
  REQUIRE(until_ready("ss", 1));
  CHECK(names_of(get("/apis/apps/v1/statefulsets?labelSelector=app=ss")) == "ss ");
  const Value patched = strategic(kStateful + "/ss", yaml("{metadata: {labels: {test-ss: patched}}, spec: {replicas: "
                                                          "2, template: {spec: {terminationGracePeriodSeconds: 0, "
                                                          "containers: [{name: c, image: 'nginx:2'}]}}}}"));
  CHECK(patched["metadata"]["labels"]["test-ss"] == Value("patched"));
  CHECK(patched["spec"]["replicas"].as_int() == 2);
  CHECK(patched["spec"]["template"]["spec"]["containers"][0]["image"] == Value("nginx:2"));
  CHECK(eventually([&] {
    const Value status = set()["status"];
    return status["readyReplicas"].as_int() == 2 && status["updatedReplicas"].as_int() == 2;
  }));
  check_collection(kStateful, "test-ss=patched");
}

TEST_CASE_FIXTURE(
    StatefulRig,
    "[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should validate Statefulset "
    "Status endpoints [Conformance]") {
  make(1);
  REQUIRE(until_ready("ss", 1));
  check_status(kStateful + "/ss", "StatefulSet");
}

TEST_CASE_FIXTURE(StatefulRig,
                  "[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Should recreate evicted "
                  "statefulset [Conformance]") {
  make(1);
  REQUIRE(until_ready("ss", 1));
  const Value uid = pod(0)["metadata"]["uid"];
  strategic(kPodsHere + "/ss-0/status", yaml("{status: {phase: Failed, reason: Evicted}}"));
  CHECK(eventually([&] {
    const Value now = pod(0);
    return now["metadata"]["uid"].is_string() && now["metadata"]["uid"] != uid &&
           now["status"]["phase"] == Value("Running");
  }));
}

TEST_CASE_FIXTURE(
    StatefulRig,
    "[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Burst scaling should run to "
    "completion even with unhealthy pods [Slow] [Conformance]") {
  make(1, ", podManagementPolicy: Parallel");
  REQUIRE(until_ready("ss", 1));
  make_ready(0, false);
  merge(kStateful + "/ss/scale", "{spec: {replicas: 3}}");
  CHECK(eventually([&] { return pods("ss").size() == 3; }, seconds(20)));
  make_ready(0, true);
  REQUIRE(until_ready("ss", 3));
  make_ready(1, false);
  merge(kStateful + "/ss/scale", "{spec: {replicas: 0}}");
  CHECK(eventually([&] { return pods("ss").empty(); }, seconds(60)));
}

TEST_CASE_FIXTURE(
    StatefulRig,
    "[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should perform rolling updates "
    "and roll backs of template modifications [Conformance]") {
  make(3);
  REQUIRE(until_ready("ss", 3));
  REQUIRE(eventually([&] { return set()["status"]["currentReplicas"].as_int() == 3; }));
  const Value first = set()["status"]["currentRevision"];
  CHECK(set()["status"]["updateRevision"] == first);
  Watching watching =
      watch(kPodsHere + "?labelSelector=app=ss&resourceVersion=" + get(kPodsHere)["metadata"]["resourceVersion"].str());
  set_image("nginx:2");
  REQUIRE(eventually([&] { return set()["status"]["updateRevision"] != first; }));
  REQUIRE(eventually([&] { return set()["status"]["currentRevision"] != first && ready("ss") == 3; },
                     std::chrono::minutes(5)));
  const Value second = set()["status"]["currentRevision"];
  CHECK(second == set()["status"]["updateRevision"]);
  for (int i = 0; i < 3; ++i) {
    CHECK(image_of(i) == "nginx:2");
    CHECK(pod(i)["metadata"]["labels"]["controller-revision-hash"] == second);
  }
  // One at a time, from the last to the first.
  for (const char* name : {"ss-2", "ss-1", "ss-0"}) {
    Value event = watching.next(seconds(1));
    while (!event.is_null() && event["type"] != Value("DELETED")) event = watching.next(seconds(1));
    CHECK(event["object"]["metadata"]["name"] == Value(name));
  }
  // Back to the first template: its revision, not a third one.
  set_image("nginx:1");
  REQUIRE(eventually([&] { return set()["status"]["currentRevision"] == first && ready("ss") == 3; },
                     std::chrono::minutes(5)));
  CHECK(get(kApps + "controllerrevisions?labelSelector=app=ss")["items"].size() == 2);
  for (int i = 0; i < 3; ++i) CHECK(image_of(i) == "nginx:1");
}

TEST_CASE_FIXTURE(
    StatefulRig,
    "[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should perform canary updates "
    "and phased rolling updates of template modifications [Conformance]") {
  make(3, ", updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 3}}");
  REQUIRE(until_ready("ss", 3));
  set_image("nginx:2");
  pass(seconds(20));
  for (int i = 0; i < 3; ++i) CHECK(image_of(i) == "nginx:1");
  const auto partition = [&](int value) {
    merge(kStateful + "/ss", "{spec: {updateStrategy: {rollingUpdate: {partition: " + std::to_string(value) + "}}}}");
  };
  partition(2);
  REQUIRE(eventually([&] { return image_of(2) == "nginx:2" && ready("ss") == 3; }));
  CHECK(image_of(0) == "nginx:1");
  CHECK(image_of(1) == "nginx:1");
  // What is deleted comes back as its side of the partition has it.
  for (const char* name : {"ss-0", "ss-2"}) remove(kPodsHere + "/" + name);
  pass(seconds(5));
  REQUIRE(until_ready("ss", 3));
  CHECK(image_of(0) == "nginx:1");
  CHECK(image_of(2) == "nginx:2");
  for (int i = 1; i >= 0; --i) {
    partition(i);
    REQUIRE(eventually([&] { return image_of(i) == "nginx:2" && ready("ss") == 3; }));
    if (i == 1) CHECK(image_of(0) == "nginx:1");
  }
  CHECK(eventually([&] { return set()["status"]["currentRevision"] == set()["status"]["updateRevision"]; }));
}

TEST_CASE_FIXTURE(WorkloadRig, "[sig-apps] Daemon set [Serial] should run and stop simple daemon [Conformance]") {
  post(kDaemons, workload("DaemonSet", "ds", 0));
  REQUIRE(until_ready("ds", 3));
  remove(kPodsHere + "/" + pods("ds")[0]["metadata"]["name"].str());
  pass(seconds(1));
  CHECK(until_ready("ds", 3));
  remove(kDaemons + "/ds");
  CHECK(eventually([&] { return pods("ds").empty(); }));
}

TEST_CASE_FIXTURE(WorkloadRig, "[sig-apps] Daemon set [Serial] should run and stop complex daemon [Conformance]") {
  post(kDaemons, workload("DaemonSet", "ds", 0));
  strategic(kDaemons + "/ds", yaml("{spec: {template: {spec: {nodeSelector: {colour: blue}}}}}"));
  CHECK(eventually([&] { return pods("ds").empty(); }));
  merge("/api/v1/nodes/node1", "{metadata: {labels: {colour: blue}}}");
  CHECK(until_ready("ds", 1));
  CHECK(pods("ds")[0]["spec"]["nodeName"] == Value("node1"));
  merge("/api/v1/nodes/node1", "{metadata: {labels: {colour: green}}}");
  CHECK(eventually([&] { return pods("ds").empty(); }));
  strategic(kDaemons + "/ds",
            yaml("{spec: {updateStrategy: {type: RollingUpdate}, template: {spec: {nodeSelector: {colour: green}}}}}"));
  CHECK(until_ready("ds", 1));
}

TEST_CASE_FIXTURE(WorkloadRig,
                  "[sig-apps] Daemon set [Serial] should retry creating failed daemon pods [Conformance]") {
  post(kDaemons, workload("DaemonSet", "ds", 0));
  REQUIRE(until_ready("ds", 3));
  const std::string path = kPodsHere + "/" + pods("ds")[0]["metadata"]["name"].str();
  strategic(path + "/status", yaml("{status: {phase: Failed}}"));
  CHECK(eventually([&] { return gone(path); }));
  CHECK(until_ready("ds", 3));
}

TEST_CASE_FIXTURE(WorkloadRig,
                  "[sig-apps] Daemon set [Serial] should list and delete a collection of DaemonSets [Conformance]") {
  post(kDaemons, workload("DaemonSet", "ds", 0));
  REQUIRE(until_ready("ds", 3));
  check_collection(kDaemons, "app=ds");
}

TEST_CASE_FIXTURE(WorkloadRig,
                  "[sig-apps] Daemon set [Serial] should verify changes to a daemon set status [Conformance]") {
  post(kDaemons, workload("DaemonSet", "ds", 0));
  REQUIRE(until_ready("ds", 3));
  check_status(kDaemons + "/ds", "DaemonSet");
}

TEST_CASE_FIXTURE(WorkloadRig,
                  "[sig-apps] Daemon set [Serial] should update pod when spec was updated and update strategy is "
                  "RollingUpdate [Conformance]") {
  post(kDaemons, workload("DaemonSet", "ds", 0, "", "nginx:1"));
  REQUIRE(until_ready("ds", 3));
  strategic(kDaemons + "/ds", yaml("{spec: {template: {spec: {containers: [{name: c, image: 'nginx:2'}]}}}}"));
  CHECK(eventually([&] {
    const Value status = get(kDaemons + "/ds")["status"];
    return status["updatedNumberScheduled"].as_int() == 3 && status["numberAvailable"].as_int() == 3;
  }));
  for (const Value& pod : pods("ds")) CHECK(pod["spec"]["containers"][0]["image"] == Value("nginx:2"));
}
