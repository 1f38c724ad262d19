// What happens to objects whose owners go.
#include <doctest/doctest.h>

#include "core/base/strings.h"
#include "tests/conformance/rig.h"

using namespace drydock;
using namespace drydock::conformance;

namespace {

const std::string kDefault = "/api/v1/namespaces/default";
const std::string kControllers = kDefault + "/replicationcontrollers";
const std::string kPods = kDefault + "/pods";
const std::string kDeployments = "/apis/apps/v1/namespaces/default/deployments";
const std::string kReplicaSets = "/apis/apps/v1/namespaces/default/replicasets";

std::string controller(const std::string& name, int replicas) {
  return "{apiVersion: v1, kind: ReplicationController, metadata: {name: " + name +
         "}, spec: {replicas: " + std::to_string(replicas) + ", selector: {name: " + name +
         "}, template: {metadata: {labels: {name: " + name + "}}, spec: {containers: [{name: nginx, image: nginx}]}}}}";
}

std::string deployment(const std::string& name, int replicas) {
  return "{apiVersion: apps/v1, kind: Deployment, metadata: {name: " + name +
         "}, spec: {replicas: " + std::to_string(replicas) + ", selector: {matchLabels: {name: " + name +
         "}}, template: {metadata: {labels: {name: " + name +
         "}}, spec: {containers: [{name: nginx, image: nginx}]}}}}";
}

Value delete_options(const Value& object, const char* policy) {
  return Value::object({{"apiVersion", "v1"},
                        {"kind", "DeleteOptions"},
                        {"propagationPolicy", policy},
                        {"preconditions", Value::object({{"uid", object["metadata"]["uid"]}})}});
}

std::size_t count(Rig& rig, const std::string& target) { return rig.get(target)["items"].size(); }

// A controller whose status says that all its pods are there.
Value make_controller(Rig& rig, const std::string& name, int replicas) {
  rig.post(kControllers, controller(name, replicas));
  REQUIRE(
      rig.eventually([&] { return rig.get(kControllers + "/" + name)["status"]["replicas"].as_int() == replicas; }));
  return rig.get(kControllers + "/" + name);
}

Value make_deployment(Rig& rig, const std::string& name) {
  const Value made = rig.post(kDeployments, deployment(name, 2));
  REQUIRE(rig.eventually([&] { return count(rig, kReplicaSets) == 1 && count(rig, kPods) == 2; }));
  return made;
}

}  // namespace

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] Garbage collector should delete RS created by deployment when not orphaning "
                  "[Conformance]") {
  add_nodes(2);
  const Value made = make_deployment(*this, "simpletest");
  remove(kDeployments + "/simpletest", delete_options(made, "Background"));
  CHECK(gone(kDeployments + "/simpletest"));  // the owner first, in the background the rest
  CHECK(eventually([&] { return count(*this, kReplicaSets) == 0 && count(*this, kPods) == 0; }));
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] Garbage collector should delete pods created by rc when not orphaning "
                  "[Conformance]") {
  add_nodes(2);
  const Value made = post(kControllers, controller("simpletest", 2));
  REQUIRE(eventually([&] { return count(*this, kPods) > 0; }));
  remove(kControllers + "/simpletest", delete_options(made, "Background"));
  CHECK(gone(kControllers + "/simpletest"));
  CHECK(eventually([&] { return count(*this, kPods) == 0; }));
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] Garbage collector should keep the rc around until all its pods are deleted if "
                  "the deleteOptions says so [Serial] [Conformance]") {
  add_nodes(2);
  const Value made = make_controller(*this, "simpletest", 50);
  CHECK(count(*this, kPods) == 50);
  remove(kControllers + "/simpletest", delete_options(made, "Foreground"));
  const Value waiting = get(kControllers + "/simpletest");
  CHECK(waiting["metadata"].has("deletionTimestamp"));
  CHECK(waiting["metadata"]["finalizers"] == yaml("[foregroundDeletion]"));
  std::size_t left = 0;
  CHECK(eventually([&] {
    // Pods are looked at first: one that is there although the owner is gone would be wrong.
    const std::size_t before = count(*this, kPods);
    const bool ended = gone(kControllers + "/simpletest");
    if (ended) left = count(*this, kPods);
    return ended && before < 50;
  }));
  CHECK(left == 0);
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] Garbage collector should not be blocked by dependency circle [Conformance]") {
  add_nodes(1);
  std::vector<Value> pods;
  for (const char* name : {"pod1", "pod2", "pod3"}) {
    pods.push_back(post(kPods, "{apiVersion: v1, kind: Pod, metadata: {name: " + std::string(name) +
                                   "}, spec: {containers: [{name: nginx, image: nginx}]}}"));
  }
  const auto own = [&](std::size_t dependent, std::size_t owner) {
    Value reference = Value::object({{"apiVersion", "v1"},
                                     {"kind", "Pod"},
                                     {"name", pods[owner]["metadata"]["name"]},
                                     {"uid", pods[owner]["metadata"]["uid"]},
                                     {"controller", true},
                                     {"blockOwnerDeletion", true}});
    Value patch;
    patch.ref("metadata", "ownerReferences") = Value::array({reference});
    const std::string path = kPods + "/" + pods[dependent]["metadata"]["name"].str();
    CHECK(strategic(path, patch)["metadata"]["ownerReferences"].size() == 1);
  };
  own(0, 2);
  own(1, 0);
  own(2, 1);
  const Value first = get(kPods + "/pod1");
  remove(kPods + "/pod1", delete_options(first, "Foreground"));
  CHECK(eventually([&] { return count(*this, kPods) == 0; }));
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] Garbage collector should not delete dependents that have both valid owner and "
                  "owner that's waiting for dependents to be deleted [Serial] [Conformance]") {
  add_nodes(2);
  const Value leaving = make_controller(*this, "to-be-deleted", 20);
  const Value staying = post(kControllers, controller("to-stay", 0));
  Value reference = Value::object({{"apiVersion", "v1"},
                                   {"kind", "ReplicationController"},
                                   {"name", "to-stay"},
                                   {"uid", staying["metadata"]["uid"]}});
  Value patch;
  patch.ref("metadata", "ownerReferences") = Value::array({reference});
  std::vector<std::string> shared;
  const Value all = get(kPods);
  for (std::size_t i = 0; i < 10; ++i) {
    shared.push_back(kPods + "/" + all["items"][i]["metadata"]["name"].str());
    CHECK(strategic(shared.back(), patch)["metadata"]["ownerReferences"].size() == 2);
  }
  remove(kControllers + "/to-be-deleted", delete_options(leaving, "Foreground"));
  REQUIRE(eventually([&] { return gone(kControllers + "/to-be-deleted"); }));
  pass(seconds(30));
  for (const std::string& path : shared) {
    const Value pod = get(path);
    CHECK_FALSE(pod["metadata"].has("deletionTimestamp"));
    CHECK(pod["metadata"]["ownerReferences"].size() == 1);
    CHECK(pod["metadata"]["ownerReferences"][0]["name"] == Value("to-stay"));
  }
  CHECK(count(*this, kPods) == 10);
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] Garbage collector should orphan RS created by deployment when "
                  "deleteOptions.PropagationPolicy is Orphan [Conformance]") {
  add_nodes(2);
  const Value made = make_deployment(*this, "simpletest");
  remove(kDeployments + "/simpletest", delete_options(made, "Orphan"));
  REQUIRE(eventually([&] { return gone(kDeployments + "/simpletest"); }));
  pass(seconds(30));
  const Value sets = get(kReplicaSets);
  REQUIRE(sets["items"].size() == 1);
  CHECK(sets["items"][0]["metadata"]["ownerReferences"].empty());
  CHECK_FALSE(sets["items"][0]["metadata"].has("deletionTimestamp"));
  // Its pods stay with the ReplicaSet.
  const Value pods = get(kPods);
  CHECK(pods["items"].size() == 2);
  for (const Value& pod : pods["items"].items()) {
    CHECK_FALSE(pod["metadata"].has("deletionTimestamp"));
    CHECK(pod["metadata"]["ownerReferences"][0]["kind"] == Value("ReplicaSet"));
  }
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] Garbage collector should orphan pods created by rc if delete options say so "
                  "[Serial] [Conformance]") {
  add_nodes(2);
  const Value made = make_controller(*this, "simpletest", 50);
  remove(kControllers + "/simpletest", delete_options(made, "Orphan"));
  REQUIRE(eventually([&] { return gone(kControllers + "/simpletest"); }));
  pass(seconds(30));
  const Value pods = get(kPods);
  CHECK(pods["items"].size() == 50);
  for (const Value& pod : pods["items"].items()) {
    CHECK(pod["metadata"]["ownerReferences"].empty());
    CHECK_FALSE(pod["metadata"].has("deletionTimestamp"));
  }
}
