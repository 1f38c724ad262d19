// PodDisruptionBudgets and evictions.
#include <doctest/doctest.h>

#include "core/base/strings.h"
#include "tests/conformance/workloads.h"

using namespace drydock;
using namespace drydock::conformance;

namespace {

const std::string kBudgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";

std::string budget(const std::string& name, const std::string& spec, const std::string& labels = "{}") {
  return "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: " + name + ", labels: " + labels +
         "}, spec: {selector: {matchLabels: {app: web}}, " + spec + "}}";
}

struct BudgetRig : WorkloadRig {
  // The controller has looked at the budget's present spec.
  bool processed(const std::string& name) {
    const Value document = get(kBudgets + "/" + name);
    return document["status"]["observedGeneration"] == document["metadata"]["generation"];
  }
  void run_pods(int replicas) {
    post(kApps + "replicasets", workload("ReplicaSet", "web", replicas));
    REQUIRE(until_ready("web", static_cast<std::size_t>(replicas)));
  }
  HttpResponse evict(const std::string& name) {
    return send("POST", kPodsHere + "/" + name + "/eviction",
                yaml("{apiVersion: policy/v1, kind: Eviction, metadata: {name: " + name + ", namespace: default}}"));
  }
};

}  // namespace

TEST_CASE_FIXTURE(BudgetRig, "[sig-apps] DisruptionController should create a PodDisruptionBudget [Conformance]") {
  post(kBudgets, budget("foo", "minAvailable: 1"));
  CHECK(eventually([&] { return processed("foo"); }));
  Value document = get(kBudgets + "/foo");
  CHECK(document["spec"]["minAvailable"].as_int() == 1);
  document.ref("spec", "minAvailable") = 2;
  put(kBudgets + "/foo", document);
  CHECK(eventually([&] { return processed("foo"); }));
  CHECK(get(kBudgets + "/foo")["spec"]["minAvailable"].as_int() == 2);
  const Value patched = strategic(kBudgets + "/foo", yaml("{spec: {minAvailable: 3}}"));
  CHECK(patched["spec"]["minAvailable"].as_int() == 3);
  CHECK(eventually([&] { return processed("foo"); }));
  remove(kBudgets + "/foo");
  CHECK(gone(kBudgets + "/foo"));
}

TEST_CASE_FIXTURE(
    BudgetRig,
    "[sig-apps] DisruptionController Listing PodDisruptionBudgets for all namespaces should list and delete "
    "a collection of PodDisruptionBudgets [Conformance]") {
  make_namespace("other");
  for (const char* name : {"foo", "foo2"}) post(kBudgets, budget(name, "minAvailable: 1", "{foo-label: bar}"));
  post("/apis/policy/v1/namespaces/other/poddisruptionbudgets", budget("foo3", "minAvailable: 1", "{foo-label: bar}"));
  CHECK(names_of(get("/apis/policy/v1/poddisruptionbudgets?labelSelector=foo-label=bar")) == "foo foo2 foo3 ");
  CHECK(names_of(get(kBudgets + "?labelSelector=foo-label=bar")) == "foo foo2 ");
  remove(kBudgets + "?labelSelector=foo-label=bar");
  CHECK(get(kBudgets)["items"].empty());
  CHECK(names_of(get("/apis/policy/v1/poddisruptionbudgets")) == "foo3 ");
}

TEST_CASE_FIXTURE(BudgetRig,
                  "[sig-apps] DisruptionController should observe PodDisruptionBudget status updated [Conformance]") {
  post(kBudgets, budget("foo", "minAvailable: 1"));
  REQUIRE(eventually([&] { return processed("foo"); }));
  CHECK(get(kBudgets + "/foo")["status"]["disruptionsAllowed"].as_int() == 0);
  run_pods(3);
  CHECK(eventually([&] { return get(kBudgets + "/foo")["status"]["disruptionsAllowed"].as_int() == 2; }));
  const Value status = get(kBudgets + "/foo")["status"];
  CHECK(status["currentHealthy"].as_int() == 3);
  CHECK(status["desiredHealthy"].as_int() == 1);
  CHECK(status["expectedPods"].as_int() == 3);
}

TEST_CASE_FIXTURE(BudgetRig,
                  "[sig-apps] DisruptionController should update/patch PodDisruptionBudget status [Conformance]") {
  run_pods(1);
  post(kBudgets, budget("foo", "minAvailable: 1"));
  REQUIRE(eventually([&] { return processed("foo"); }));
  const std::string pod = pods("web")[0]["metadata"]["name"].str();
  Value document = get(kBudgets + "/foo/status");
  document.ref("status", "disruptedPods") = yaml("{" + pod + ": '2026-01-01T00:00:00Z'}");
  CHECK(put(kBudgets + "/foo/status", document)["status"]["disruptedPods"].has(pod));
  const Value patched = merge(kBudgets + "/foo/status", "{status: {disruptedPods: null}}");
  CHECK_FALSE(patched["status"].has("disruptedPods"));
  CHECK(get(kBudgets + "/foo")["spec"]["minAvailable"].as_int() == 1);
}

TEST_CASE_FIXTURE(BudgetRig,
                  "[sig-apps] DisruptionController should block an eviction until the PDB is updated to allow it "
                  "[Conformance]") {
  post(kBudgets, budget("foo", "minAvailable: 3"));
  run_pods(3);
  REQUIRE(
      eventually([&] { return processed("foo") && get(kBudgets + "/foo")["status"]["currentHealthy"].as_int() == 3; }));
  const std::string name = pods("web")[0]["metadata"]["name"].str();
  const HttpResponse blocked = evict(name);
  CHECK(blocked.status == 429);
  CHECK(blocked.body.document["reason"] == Value("TooManyRequests"));
  CHECK(blocked.body.document["message"] == Value("Cannot evict pod as it would violate the pod's disruption budget."));
  CHECK(entry(blocked.body.document["details"]["causes"], "reason", "DisruptionBudget")["message"] ==
        Value("The disruption budget foo needs 3 healthy pods and has 3 currently"));
  CHECK_FALSE(get(kPodsHere + "/" + name)["metadata"].has("deletionTimestamp"));
  merge(kBudgets + "/foo", "{spec: {minAvailable: 2}}");
  REQUIRE(eventually([&] { return get(kBudgets + "/foo")["status"]["disruptionsAllowed"].as_int() == 1; }));
  CHECK(evict(name).status == 201);
  CHECK(eventually([&] { return gone(kPodsHere + "/" + name); }));
  // With maxUnavailable 0 nothing goes, without a budget everything.
  REQUIRE(until_ready("web", 3));
  Value document = get(kBudgets + "/foo");
  document.ref("spec").erase("minAvailable");
  document.ref("spec", "maxUnavailable") = 0;
  put(kBudgets + "/foo", document);
  REQUIRE(eventually([&] { return processed("foo"); }));
  const std::string next = pods("web")[0]["metadata"]["name"].str();
  CHECK(evict(next).status == 429);
  remove(kBudgets + "/foo");
  pass(seconds(1));
  CHECK(evict(next).status == 201);
}
