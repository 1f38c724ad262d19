// Deployments.
#include <doctest/doctest.h>

#include <set>

#include "core/base/strings.h"
#include "tests/conformance/workloads.h"

using namespace drydock;
using namespace drydock::conformance;

namespace {

const std::string kDeployments = kApps + "deployments";
const std::string kSets = kApps + "replicasets";

struct DeploymentRig : WorkloadRig {
  Value make(const std::string& name, int replicas, const std::string& spec = "", const std::string& image = "nginx") {
    return post(kDeployments, workload("Deployment", name, replicas, spec, image));
  }
  void set_image(const std::string& name, const std::string& image) {
    strategic(kDeployments + "/" + name,
              yaml("{spec: {template: {spec: {containers: [{name: c, image: '" + image + "'}]}}}}"));
  }
  // All pods are of the newest template and available.
  bool complete(const std::string& name) {
    const Value document = get(kDeployments + "/" + name);
    const std::int64_t wanted = document["spec"]["replicas"].as_int();
    const Value& status = document["status"];
    return status["observedGeneration"] == document["metadata"]["generation"] &&
           status["updatedReplicas"].as_int() == wanted && status["replicas"].as_int() == wanted &&
           status["availableReplicas"].as_int() == wanted;
  }
  Value set_of(const std::string& name, const std::string& image) {
    for (const Value& set : items_of(get(kSets + "?labelSelector=app=" + name)["items"])) {
      if (set["spec"]["template"]["spec"]["containers"][0]["image"].as_string() == image) return set;
    }
    return {};
  }
};

}  // namespace

TEST_CASE_FIXTURE(DeploymentRig,
                  "[sig-apps] Deployment Deployment should have a working scale subresource [Conformance]") {
  make("test", 1);
  REQUIRE(eventually([&] { return complete("test"); }));
  check_scale(kDeployments + "/test", 1, 2, 4);
}

TEST_CASE_FIXTURE(DeploymentRig,
                  "[sig-apps] Deployment RecreateDeployment should delete old pods and create new ones [Conformance]") {
  make("test", 2, ", strategy: {type: Recreate}", "nginx:1");
  REQUIRE(eventually([&] { return complete("test"); }));
  Watching watching = watch(
      kPodsHere + "?labelSelector=app=test&resourceVersion=" + get(kPodsHere)["metadata"]["resourceVersion"].str());
  set_image("test", "nginx:2");
  REQUIRE(eventually([&] { return complete("test") && pods("test").size() == 2; }));
  // No new pod began before the last old one was gone.
  std::set<std::string> old;
  bool overlapped = false;
  for (const Value& pod : items_of(get(kPodsHere + "?labelSelector=app=test")["items"]))
    CHECK(pod["spec"]["containers"][0]["image"] == Value("nginx:2"));
  int deleted = 0;
  for (Value event = watching.next(seconds(1)); !event.is_null(); event = watching.next(seconds(1))) {
    const bool is_new = event["object"]["spec"]["containers"][0]["image"] == Value("nginx:2");
    if (event["type"] == Value("DELETED") && !is_new) ++deleted;
    overlapped = overlapped || (is_new && deleted < 2);
  }
  CHECK(deleted == 2);
  CHECK_FALSE(overlapped);
}

TEST_CASE_FIXTURE(DeploymentRig,
                  "[sig-apps] Deployment RollingUpdateDeployment should delete old pods and create new ones "
                  "[Conformance]") {
  // Pods of a ReplicaSet that is there already are taken over by the Deployment.
  post(kSets, workload("ReplicaSet", "test", 1, "", "nginx:1"));
  merge(kSets + "/test", "{metadata: {annotations: {deployment.kubernetes.io/revision: '3546343826724305832'}}}");
  REQUIRE(until_ready("test", 1));
  make("test", 1, "", "nginx:2");
  REQUIRE(eventually([&] { return complete("test") && pods("test").size() == 1; }));
  CHECK(pods("test")[0]["spec"]["containers"][0]["image"] == Value("nginx:2"));
  CHECK(get(kDeployments + "/test")["metadata"]["annotations"]["deployment.kubernetes.io/revision"] ==
        Value("3546343826724305833"));
  CHECK(get(kSets + "/test")["spec"]["replicas"].as_int() == 0);
  CHECK(get(kSets + "/test")["metadata"]["ownerReferences"][0]["kind"] == Value("Deployment"));
}

TEST_CASE_FIXTURE(DeploymentRig, "[sig-apps] Deployment deployment should delete old replica sets [Conformance]") {
  make("test", 1, ", revisionHistoryLimit: 0", "nginx:1");
  REQUIRE(eventually([&] { return complete("test"); }));
  set_image("test", "nginx:2");
  REQUIRE(eventually([&] { return complete("test"); }));
  CHECK(eventually([&] { return get(kSets + "?labelSelector=app=test")["items"].size() == 1; }));
  CHECK(set_of("test", "nginx:2").is_object());
}

TEST_CASE_FIXTURE(DeploymentRig, "[sig-apps] Deployment deployment should support proportional scaling [Conformance]") {
  make("test", 10, ", strategy: {rollingUpdate: {maxSurge: 3, maxUnavailable: 2}}", "nginx:1");
  REQUIRE(eventually([&] { return complete("test"); }));
  // New pods find no node, so the rollout stays where it is.
  for (const char* node : {"node1", "node2", "node3"})
    merge(std::string("/api/v1/nodes/") + node, "{spec: {unschedulable: true}}");
  set_image("test", "webserver:404");
  const auto sizes = [&](std::int64_t old_size, std::int64_t new_size) {
    return set_of("test", "nginx:1")["spec"]["replicas"].as_int() == old_size &&
           set_of("test", "webserver:404")["spec"]["replicas"].as_int() == new_size;
  };
  REQUIRE(eventually([&] { return sizes(8, 5); }));
  merge(kDeployments + "/test/scale", "{spec: {replicas: 30}}");
  // 20 more, split by size: 12 and 8.
  CHECK(eventually([&] { return sizes(20, 13); }));
}

TEST_CASE_FIXTURE(DeploymentRig, "[sig-apps] Deployment deployment should support rollover [Conformance]") {
  make("test", 3, ", strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}", "nginx:1");
  REQUIRE(eventually([&] { return complete("test"); }));
  set_image("test", "nginx:2");
  pass(milliseconds(300));  // in the middle of that rollout
  set_image("test", "nginx:3");
  REQUIRE(eventually([&] { return complete("test"); }));
  CHECK(set_of("test", "nginx:1")["spec"]["replicas"].as_int() == 0);
  CHECK(set_of("test", "nginx:2")["spec"]["replicas"].as_int() == 0);
  CHECK(set_of("test", "nginx:3")["spec"]["replicas"].as_int() == 3);
}

TEST_CASE_FIXTURE(DeploymentRig, "[sig-apps] Deployment should run the lifecycle of a Deployment [Conformance]") {
  Watching watching = watch(kDeployments + "?labelSelector=app=test");
  make("test", 1);
  CHECK_FALSE(watching.until("ADDED", "test").is_null());
  REQUIRE(eventually([&] { return complete("test"); }));
  strategic(kDeployments + "/test",
            yaml("{metadata: {labels: {test-deployment: patched}}, spec: {replicas: 2, template: {spec: "
                 "{terminationGracePeriodSeconds: 0}}}}"));
  REQUIRE(eventually([&] { return complete("test"); }));
  CHECK(names_of(get("/apis/apps/v1/deployments?labelSelector=test-deployment=patched")) == "test ");
  Value document = get(kDeployments + "/test");
  document.ref("metadata", "annotations", "updated") = "yes";
  document.ref("spec", "replicas") = 1;
  put(kDeployments + "/test", document);
  REQUIRE(eventually([&] { return complete("test"); }));
  merge(kDeployments + "/test/status", "{status: {readyReplicas: 7}}");
  CHECK(eventually([&] { return get(kDeployments + "/test/status")["status"]["readyReplicas"].as_int() == 1; }));
  remove(kDeployments + "?labelSelector=test-deployment=patched");
  CHECK_FALSE(watching.until("DELETED", "test").is_null());
}

TEST_CASE_FIXTURE(DeploymentRig, "[sig-apps] Deployment should validate Deployment Status endpoints [Conformance]") {
  make("test", 1);
  REQUIRE(eventually([&] { return complete("test"); }));
  check_status(kDeployments + "/test", "Deployment");
}
