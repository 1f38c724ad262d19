#include "core/controllers/revisioned/daemonset_plan.h"

#include "doctest/doctest.h"
#include "tests/controllers/fixtures.h"

using namespace drydock;
using namespace drydock::controllers;
using namespace drydock::controllers::fixtures;

namespace {

Object daemon_set(const char* more = "") {
  return yaml(std::string("{metadata: {name: agent, namespace: default, uid: ds, generation: 1}, spec: {template: "
                          "{metadata: {labels: {app: agent}}, spec: {containers: [{name: c}]}}") +
              more + "}}");
}

Object node(const char* name, const char* taints = "[]", const char* labels = "{}") {
  return yaml(std::string("{metadata: {name: ") + name + ", labels: " + labels + "}, spec: {taints: " + taints + "}}");
}

PodView& daemon_pod(Pods& pods, const char* name, const char* on, const char* hash) {
  PodView& pod = pods.add(name, on);
  pod.object.mutable_doc().ref("metadata", "labels").set("controller-revision-hash", hash);
  return pod;
}

}  // namespace

TEST_CASE("one pod on each node that fits, bound by node affinity") {
  const Object plain = node("a"),
               unready = node("b",
                              "[{key: node.kubernetes.io/not-ready, effect: NoSchedule}, {key: "
                              "node.kubernetes.io/not-ready, effect: NoExecute}]"),
               control_plane = node("c", "[{key: node-role.kubernetes.io/control-plane, effect: NoSchedule}]");
  const DaemonSetPlan plan = plan_daemon_set(daemon_set(), {&plain, &unready, &control_plane}, {}, "h1", kNow);
  // b: not-ready:NoSchedule is not among the tolerations; only NoExecute is.
  REQUIRE(plan.creates.size() == 1);
  CHECK(target_node(plan.creates[0]) == "a");
  CHECK(plan.creates[0].label("controller-revision-hash") == "h1");
  CHECK(plan.creates[0].spec()["tolerations"].size() == 6);
  CHECK(plan.status["desiredNumberScheduled"].as_int() == 1);
}

TEST_CASE("pods leave nodes that no longer fit and doubles go") {
  const Object evicting = node("a", "[{key: x, effect: NoExecute}]"),
               keeping = node("b", "[{key: x, effect: NoSchedule}]"), good = node("c");
  Pods pods;
  daemon_pod(pods, "p-a", "a", "h1");
  daemon_pod(pods, "p-b", "b", "h1");
  daemon_pod(pods, "p-c1", "c", "h1");
  daemon_pod(pods, "p-c2", "c", "h1").created = kNow;
  const DaemonSetPlan plan = plan_daemon_set(daemon_set(), {&evicting, &keeping, &good}, pods.refer(), "h1", kNow);
  CHECK(plan.creates.empty());
  REQUIRE(plan.deletes.size() == 2);
  CHECK(plan.deletes[0].name() == "p-a");
  CHECK(plan.deletes[1].name() == "p-c2");
  CHECK(plan.status["numberMisscheduled"].as_int() == 2);
  CHECK(plan.status["numberReady"].as_int() == 1);
}

TEST_CASE("rolling update: maxUnavailable old pods at a time, unavailable ones at once") {
  const Object a = node("a"), b = node("b"), c = node("c");
  Pods pods;
  daemon_pod(pods, "p-a", "a", "old");
  daemon_pod(pods, "p-b", "b", "old");
  daemon_pod(pods, "p-c", "c", "old");
  const std::vector<const Object*> nodes = {&a, &b, &c};
  const DaemonSetPlan first = plan_daemon_set(daemon_set(), nodes, pods.refer(), "new", kNow);
  CHECK(first.deletes.size() == 1);
  const DaemonSetPlan two =
      plan_daemon_set(daemon_set(", updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 50%}}"),
                      nodes, pods.refer(), "new", kNow);
  CHECK(two.deletes.size() == 2);
  const DaemonSetPlan manual =
      plan_daemon_set(daemon_set(", updateStrategy: {type: OnDelete}"), nodes, pods.refer(), "new", kNow);
  CHECK(manual.deletes.empty());
  const DaemonSetPlan surge = plan_daemon_set(
      daemon_set(", updateStrategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}"), nodes,
      pods.refer(), "new", kNow);
  CHECK(surge.deletes.empty());
  CHECK(surge.creates.size() == 1);
}
