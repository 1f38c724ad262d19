// ReplicaSets and ReplicationControllers.
#include <doctest/doctest.h>

#include "core/base/strings.h"
#include "tests/conformance/workloads.h"

using namespace drydock;
using namespace drydock::conformance;

namespace {

const std::string kSets = kApps + "replicasets";
const std::string kControllers = kCore + "replicationcontrollers";

std::string lone_pod(const std::string& name) {
  return "{apiVersion: v1, kind: Pod, metadata: {name: " + name + ", labels: {app: " + name +
         "}}, spec: {containers: [{name: c, image: nginx}]}}";
}

// The pod is adopted, not replaced.
void check_adopted(WorkloadRig& rig, const std::string& name, const std::string& kind) {
  CHECK(rig.eventually([&] {
    const Value owner = rig.get(kPodsHere + "/" + name)["metadata"]["ownerReferences"][0];
    return owner["kind"].as_string() == kind && owner["name"].as_string() == name && owner["controller"].as_bool();
  }));
  CHECK(rig.until_ready(name, 1));
}

}  // namespace

TEST_CASE_FIXTURE(WorkloadRig, "[sig-apps] ReplicaSet Replace and Patch tests [Conformance]") {
  post(kSets, workload("ReplicaSet", "test-rs", 1));
  REQUIRE(until_ready("test-rs", 1));
  Value document = get(kSets + "/test-rs");
  document.ref("spec", "replicas") = 2;
  put(kSets + "/test-rs", document);
  CHECK(until_ready("test-rs", 2));
  const Value patched = strategic(kSets + "/test-rs", yaml("{metadata: {labels: {test-rs: patched}}, spec: {replicas: "
                                                           "3, template: {spec: {terminationGracePeriodSeconds: 0, "
                                                           "containers: [{name: c, image: 'nginx:2'}]}}}}"));
  CHECK(patched["metadata"]["labels"]["test-rs"] == Value("patched"));
  CHECK(patched["spec"]["template"]["spec"]["containers"][0]["image"] == Value("nginx:2"));
  CHECK(until_ready("test-rs", 3));
  CHECK(eventually([&] { return get(kSets + "/test-rs")["status"]["readyReplicas"].as_int() == 3; }));
}

TEST_CASE_FIXTURE(WorkloadRig,
                  "[sig-apps] ReplicaSet Replicaset should have a working scale subresource [Conformance]") {
  post(kSets, workload("ReplicaSet", "test-rs", 1));
  REQUIRE(until_ready("test-rs", 1));
  REQUIRE(eventually([&] { return get(kSets + "/test-rs")["status"]["replicas"].as_int() == 1; }));
  check_scale(kSets + "/test-rs", 1, 2, 4);
}

TEST_CASE_FIXTURE(WorkloadRig,
                  "[sig-apps] ReplicaSet should adopt matching pods on creation and release no longer matching pods "
                  "[Conformance]") {
  post(kPodsHere, lone_pod("adopted"));
  REQUIRE(until_ready("adopted", 1));
  post(kSets, workload("ReplicaSet", "adopted", 1));
  check_adopted(*this, "adopted", "ReplicaSet");
  check_release("adopted", 1);
}

TEST_CASE_FIXTURE(WorkloadRig,
                  "[sig-apps] ReplicaSet should list and delete a collection of ReplicaSets [Conformance]") {
  post(kSets, workload("ReplicaSet", "test-rs", 3));
  REQUIRE(until_ready("test-rs", 3));
  check_collection(kSets, "app=test-rs");
}

TEST_CASE_FIXTURE(WorkloadRig, "[sig-apps] ReplicaSet should validate Replicaset Status endpoints [Conformance]") {
  post(kSets, workload("ReplicaSet", "test-rs", 1));
  REQUIRE(until_ready("test-rs", 1));
  check_status(kSets + "/test-rs", "ReplicaSet");
}

TEST_CASE_FIXTURE(WorkloadRig,
                  "[sig-apps] ReplicationController should adopt matching pods on creation [Conformance]") {
  post(kPodsHere, lone_pod("adopted"));
  REQUIRE(until_ready("adopted", 1));
  post(kControllers, controller("adopted", 1));
  check_adopted(*this, "adopted", "ReplicationController");
}

TEST_CASE_FIXTURE(WorkloadRig,
                  "[sig-apps] ReplicationController should release no longer matching pods [Conformance]") {
  post(kControllers, controller("test-rc", 1));
  REQUIRE(until_ready("test-rc", 1));
  check_release("test-rc", 1);
}

TEST_CASE_FIXTURE(
    WorkloadRig, "[sig-apps] ReplicationController should get and update a ReplicationController scale [Conformance]") {
  post(kControllers, controller("test-rc", 1));
  REQUIRE(until_ready("test-rc", 1));
  REQUIRE(eventually([&] { return get(kControllers + "/test-rc")["status"]["replicas"].as_int() == 1; }));
  check_scale(kControllers + "/test-rc", 1, 2, 3);
}

TEST_CASE_FIXTURE(
    WorkloadRig,
    "[sig-apps] ReplicationController should test the lifecycle of a ReplicationController [Conformance]") {
  Watching watching = watch(kControllers + "?labelSelector=app=test-rc");
  post(kControllers, controller("test-rc", 1));
  CHECK_FALSE(watching.until("ADDED", "test-rc").is_null());
  REQUIRE(eventually([&] { return get(kControllers + "/test-rc")["status"]["readyReplicas"].as_int() == 1; }));
  strategic(kControllers + "/test-rc", yaml("{metadata: {labels: {test-rc: patched}}}"));
  CHECK(get(kControllers + "/test-rc")["metadata"]["labels"]["test-rc"] == Value("patched"));
  // Its status, through the subresource.
  CHECK(get(kControllers + "/test-rc/status")["status"]["replicas"].as_int() == 1);
  CHECK(merge(kControllers + "/test-rc/status",
              "{status: {readyReplicas: 0, availableReplicas: 0}}")["status"]["readyReplicas"]
            .as_int() == 0);
  CHECK(eventually([&] { return get(kControllers + "/test-rc")["status"]["readyReplicas"].as_int() == 1; }));
  // Its scale.
  merge(kControllers + "/test-rc/scale", "{spec: {replicas: 2}}");
  CHECK(eventually([&] { return get(kControllers + "/test-rc")["status"]["readyReplicas"].as_int() == 2; }));
  CHECK(names_of(get("/api/v1/replicationcontrollers?labelSelector=test-rc=patched")) == "test-rc ");
  Value document = get(kControllers + "/test-rc");
  document.ref("metadata", "annotations", "updated") = "yes";
  CHECK(put(kControllers + "/test-rc", document)["metadata"]["annotations"]["updated"] == Value("yes"));
  remove(kControllers + "?labelSelector=test-rc=patched");
  CHECK_FALSE(watching.until("DELETED", "test-rc").is_null());
}
