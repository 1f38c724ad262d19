#include "core/scheduler/cycle.h"

#include <chrono>
#include <set>

#include "core/base/strings.h"
#include "core/machinery/yaml.h"
#include "core/scheduler/scheduling_queue.h"
#include "doctest/doctest.h"

using namespace drydock;
using namespace drydock::scheduler;

namespace {

const TimePoint kNow{std::chrono::hours(24 * 365 * 50)};

Object node(const std::string& name, const char* cpu = "4", const char* memory = "8Gi", const char* more = "{}") {
  Value doc = parse_yaml(more).value();
  doc.ref("metadata").set("name", name);
  doc.ref("metadata", "labels").set("kubernetes.io/hostname", name);
  doc.ref("status").set("allocatable", Value::object({{"cpu", cpu}, {"memory", memory}, {"pods", "110"}}));
  return Object(doc);
}

Object pod(const std::string& name, const char* spec = "{}") {
  Value doc = Value::object({{"metadata", Value::object({{"name", name}, {"namespace", "default"}, {"uid", name}})}});
  doc.set("spec", parse_yaml(spec).value());
  if (!doc["spec"].has("containers"))
    doc.ref("spec").set("containers", parse_yaml("[{name: c, image: nginx}]").value());
  return Object(doc);
}

constexpr const char* kTainted = "{spec: {taints: [{key: node-role.kubernetes.io/control-plane, effect: NoSchedule}]}}";

struct Cluster {
  ClusterCache cache;
  Cycle cycle{cache, Prng(7), [](const std::string&) { return Value(); }};

  std::string place(const Object& object) {
    const PodInfo info = read_pod(object);
    const CycleResult result = cycle.schedule(info, kNow);
    if (!result.node.empty()) cache.assume(info, result.node);
    return result.node;
  }
  std::string refusal(const Object& object) { return cycle.schedule(read_pod(object), kNow).message; }
};

}  // namespace

TEST_CASE("texts of FailedScheduling") {
  const std::string tail =
      " no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.";
  struct Row {
    const char* pod_spec;
    const char* third_node;
    std::string message;
  };
  const Row rows[] = {
      {"{}", kTainted, "0/3 nodes are available: 3 node(s) had untolerated taint(s)." + tail},
      {"{containers: [{name: c, resources: {requests: {cpu: '100'}}}]}", "{}",
       "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s)." + tail},
      {"{nodeSelector: {disk: ssd}}", "{}",
       "0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 2 node(s) had untolerated "
       "taint(s)." +
           tail},
      {"{}", "{spec: {unschedulable: true}}",
       "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) had untolerated taint(s)." + tail},
      {"{topologySpreadConstraints: [{maxSkew: 1, topologyKey: rack, whenUnsatisfiable: DoNotSchedule, labelSelector: "
       "{}}]}",
       "{}",
       "0/3 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label), 2 "
       "node(s) had untolerated taint(s)." +
           tail},
  };
  for (const Row& row : rows) {
    Cluster cluster;
    cluster.cache.put_node(node("a", "4", "8Gi", kTainted));
    cluster.cache.put_node(node("b", "4", "8Gi", kTainted));
    cluster.cache.put_node(node("c", "4", "8Gi", row.third_node));
    CHECK(cluster.refusal(pod("x", row.pod_spec)) == row.message);
  }
  Cluster empty;
  CHECK(empty.refusal(pod("x")) == "no nodes available to schedule pods");
}

TEST_CASE("resources run out") {
  Cluster cluster;
  cluster.cache.put_node(node("a", "1"));
  const char* half = "{containers: [{name: c, resources: {requests: {cpu: 500m}}}]}";
  CHECK(cluster.place(pod("p1", half)) == "a");
  CHECK(cluster.place(pod("p2", half)) == "a");
  CHECK(cluster.refusal(pod("p3", half)) ==
        "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are "
        "available: 1 No preemption victims "
        "found for incoming pod.");
  cluster.cache.remove_pod("p1");
  CHECK(cluster.place(pod("p3", half)) == "a");
}

TEST_CASE("pods of one controller spread over nodes") {
  Cluster cluster;
  for (const char* name : {"a", "b", "c"}) cluster.cache.put_node(node(name));
  std::map<std::string, int> counts;
  for (int i = 0; i < 9; ++i) {
    Object replica = pod("web-" + std::to_string(i));
    replica.mutable_doc()
        .ref("metadata")
        .set("ownerReferences", parse_yaml("[{kind: ReplicaSet, name: web, uid: rs-1, controller: true}]").value());
    ++counts[cluster.place(replica)];
  }
  CHECK(counts == std::map<std::string, int>{{"a", 3}, {"b", 3}, {"c", 3}});
}

TEST_CASE("tolerations, selectors, ports and affinity decide") {
  Cluster cluster;
  cluster.cache.put_node(node("tainted", "4", "8Gi", kTainted));
  cluster.cache.put_node(node("ssd", "4", "8Gi", "{metadata: {labels: {disk: ssd}}}"));
  cluster.cache.put_node(node("plain"));
  CHECK(cluster.place(pod("p1", "{nodeSelector: {disk: ssd}}")) == "ssd");
  CHECK(cluster.place(
            pod("p2", "{tolerations: [{operator: Exists}], nodeSelector: {kubernetes.io/hostname: tainted}}")) ==
        "tainted");
  const char* port = "{containers: [{name: c, ports: [{hostPort: 80, containerPort: 80}]}]}";
  const std::set<std::string> both = {cluster.place(pod("p3", port)), cluster.place(pod("p4", port))};
  CHECK(both == std::set<std::string>{"ssd", "plain"});
  CHECK(contains(cluster.refusal(pod("p5", port)), "2 node(s) didn't have free ports for the requested pod ports"));
  const char* apart =
      "{affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: "
      "kubernetes.io/hostname, labelSelector: {matchLabels: "
      "{app: db}}}]}}}";
  std::set<std::string> used;
  for (int i = 0; i < 2; ++i) {
    Object replica = pod("db-" + std::to_string(i), apart);
    replica.mutable_doc().ref("metadata", "labels").set("app", "db");
    used.insert(cluster.place(replica));
  }
  CHECK(used == std::set<std::string>{"ssd", "plain"});
  Object third = pod("db-3", apart);
  third.mutable_doc().ref("metadata", "labels").set("app", "db");
  CHECK(contains(cluster.refusal(third), "2 node(s) didn't match pod anti-affinity rules"));
}

TEST_CASE("topology spread constraints keep zones even") {
  Cluster cluster;
  cluster.cache.put_node(node("a1", "4", "8Gi", "{metadata: {labels: {zone: a}}}"));
  cluster.cache.put_node(node("b1", "4", "8Gi", "{metadata: {labels: {zone: b}}}"));
  const char* spread =
      "{topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: "
      "{matchLabels: {app: w}}}]}";
  std::map<std::string, int> counts;
  for (int i = 0; i < 6; ++i) {
    Object replica = pod("w" + std::to_string(i), spread);
    replica.mutable_doc().ref("metadata", "labels").set("app", "w");
    ++counts[cluster.place(replica)];
  }
  CHECK(counts["a1"] == 3);
  CHECK(counts["b1"] == 3);
}

TEST_CASE("preemption picks the cheapest victims") {
  Cluster cluster;
  cluster.cache.put_node(node("a", "1"));
  cluster.cache.put_node(node("b", "1"));
  const auto busy = [&cluster](const char* name, int priority, const char* on) {
    Object object = pod(name, "{containers: [{name: c, resources: {requests: {cpu: 800m}}}]}");
    object.mutable_doc().ref("spec").set("priority", priority);
    object.mutable_doc().ref("spec").set("nodeName", on);
    cluster.cache.put_pod(object);
  };
  busy("important", 100, "a");
  busy("cheap", 1, "b");
  Object urgent = pod("urgent", "{priority: 1000, containers: [{name: c, resources: {requests: {cpu: 800m}}}]}");
  const CycleResult result = cluster.cycle.schedule(read_pod(urgent), kNow);
  CHECK(result.node.empty());
  REQUIRE(result.preemption);
  CHECK(result.preemption->node == "b");
  REQUIRE(result.preemption->victims.size() == 1);
  CHECK(result.preemption->victims[0].name() == "cheap");
  // Asking changed nothing.
  CHECK(cluster.cache.find_node("b")->requested.milli_cpu == 800);
}

TEST_CASE("the decision is on record") {
  Cluster cluster;
  cluster.cache.put_node(node("a", "4", "8Gi", kTainted));
  cluster.cache.put_node(node("b"));
  cluster.cache.put_node(node("c"));
  const std::string chosen = cluster.place(pod("x"));
  const Decision* decision = cluster.cycle.decisions().find({"default", "x"});
  REQUIRE(decision != nullptr);
  CHECK(decision->node == chosen);
  REQUIRE(decision->nodes.size() == 3);
  CHECK(decision->nodes[0].plugin == "TaintToleration");
  CHECK(decision->nodes[1].total_score > 0);
}

TEST_CASE("queue: priority, back-off, waking") {
  SchedulingQueue queue;
  queue.put(pod("low"), 0, false, kNow);
  queue.put(pod("high"), 10, false, kNow);
  CHECK(queue.pop(kNow) == ObjectKey{"default", "high"});
  queue.put_back_unschedulable({"default", "high"}, kNodeChanged, kNow);
  CHECK(queue.pop(kNow) == ObjectKey{"default", "low"});
  CHECK_FALSE(queue.pop(kNow));
  queue.wake(kPodRemoved, kNow);
  CHECK(queue.unschedulable_count() == 1);
  queue.wake(kNodeChanged, kNow);
  CHECK_FALSE(queue.pop(kNow));  // backs off for a second
  CHECK(queue.next_due() == kNow + seconds(1));
  CHECK(queue.pop(kNow + seconds(1)) == ObjectKey{"default", "high"});
}

TEST_CASE("throughput at 5,000 nodes") {
  Cluster cluster;
  for (int i = 0; i < 5000; ++i) cluster.cache.put_node(node("node-" + std::to_string(i)));
  Object replica =
      pod("web", "{containers: [{name: c, image: nginx, resources: {requests: {cpu: 100m, memory: 64Mi}}}]}");
  replica.mutable_doc()
      .ref("metadata")
      .set("ownerReferences", parse_yaml("[{kind: ReplicaSet, name: web, uid: rs-1, controller: true}]").value());
  constexpr int kPods = 2000;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kPods; ++i) {
    replica.mutable_doc().ref("metadata").set("uid", std::to_string(i));
    CHECK_FALSE(cluster.place(replica).empty());
  }
  const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  MESSAGE("pods per second: ", kPods / elapsed);
  CHECK(kPods / elapsed > 1000);  // generous: test machines are busy
}
