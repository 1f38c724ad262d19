#include "core/base/strings.h"
#include "core/controllers/bootstrap/cluster_info_signature.h"
#include "core/controllers/gc/owner_graph.h"
#include "core/controllers/node/node_ipam_controller.h"
#include "core/controllers/node/node_status_plan.h"
#include "core/controllers/node/taint_eviction_controller.h"
#include "core/controllers/shared/conditions.h"
#include "doctest/doctest.h"
#include "tests/controllers/fixtures.h"

using namespace drydock;
using namespace drydock::controllers;
using namespace drydock::controllers::fixtures;

TEST_CASE("taints follow conditions, other people's stay") {
  Object node = yaml(
      "{metadata: {name: a}, spec: {taints: [{key: mine, effect: NoSchedule}]}, status: {conditions: [{type: Ready, "
      "status: 'False'}]}}");
  const Value not_ready = plan_taints(node, kNow);
  REQUIRE(not_ready.size() == 3);
  CHECK(not_ready[0]["key"].as_string() == "mine");
  CHECK(not_ready[1]["key"].as_string() == "node.kubernetes.io/not-ready");
  CHECK(not_ready[1]["effect"].as_string() == "NoSchedule");
  CHECK(not_ready[2]["effect"].as_string() == "NoExecute");
  node.mutable_doc().ref("spec").set("taints", not_ready);
  CHECK(plan_taints(node, kNow + seconds(9)) == not_ready);
  node.mutable_doc().ref("status").set("conditions", parse_yaml("[{type: Ready, status: 'True'}]").value());
  CHECK(plan_taints(node, kNow).size() == 1);
  node.mutable_doc().ref("spec").set("unschedulable", true);
  CHECK(plan_taints(node, kNow)[1]["key"].as_string() == "node.kubernetes.io/unschedulable");
}

TEST_CASE("a silent node") {
  const Object node = yaml(
      "{metadata: {name: a}, status: {conditions: [{type: Ready, status: 'True', lastHeartbeatTime: "
      "'2020-01-01T00:00:00Z'}]}}");
  const Value status = silent_status(node, kNow);
  const Value& ready = find_condition(status, "Ready");
  CHECK(ready["status"].as_string() == "Unknown");
  CHECK(ready["reason"].as_string() == "NodeStatusUnknown");
  CHECK(ready["message"].as_string() == "Kubelet stopped posting node status.");
  CHECK(ready["lastHeartbeatTime"].as_string() == "2020-01-01T00:00:00Z");
  CHECK(find_condition(status, "MemoryPressure")["message"].as_string() == "Kubelet never posted node status.");
  Object after = node;
  after.mutable_doc().set("status", status);
  CHECK(silent_status(after, kNow + seconds(5)) == status);
}

TEST_CASE("how long a pod may stay") {
  const std::vector<Taint> unreachable = {{"node.kubernetes.io/unreachable", "", "NoExecute"}};
  CHECK(tolerated_for(unreachable, {}) == Duration::zero());
  const std::vector<Toleration> five_minutes = read_tolerations(
      parse_yaml("[{key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 300}]")
          .value());
  CHECK(tolerated_for(unreachable, five_minutes) == seconds(300));
  CHECK(tolerated_for(unreachable, read_tolerations(parse_yaml("[{operator: Exists}]").value())) == std::nullopt);
}

TEST_CASE("pod address ranges") {
  auto ranges = CidrSet::parse("10.244.0.0/16", 24);
  REQUIRE(ranges);
  CHECK(ranges->allocate() == "10.244.0.0/24");
  ranges->occupy("10.244.1.0/24");
  CHECK(ranges->allocate() == "10.244.2.0/24");
  auto small = CidrSet::parse("10.0.0.0/24", 25);
  REQUIRE(small);
  CHECK(small->allocate() == "10.0.0.0/25");
  CHECK(small->allocate() == "10.0.0.128/25");
  CHECK_FALSE(small->allocate());
  small->release("10.0.0.0/25");
  CHECK(small->allocate() == "10.0.0.0/25");
  for (const char* bad : {"", "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/26", "x/8"})
    CHECK_FALSE(CidrSet::parse(bad, 24));
}

TEST_CASE("owner graph") {
  OwnerGraph graph;
  const Object owner = yaml("{metadata: {name: o, uid: o}}");
  const Object child = yaml(
      "{metadata: {name: c, uid: c, ownerReferences: [{uid: o, kind: ReplicaSet, apiVersion: apps/v1, name: o, "
      "blockOwnerDeletion: true}]}}");
  CHECK(graph.put(resources::kPods, child) == std::vector<std::string>{"o"});  // not seen yet
  CHECK(graph.put(resources::kReplicaSets, owner).empty());
  CHECK(graph.find("o")->dependents == std::set<std::string>{"c"});
  CHECK(graph.remove("o") == std::set<std::string>{"c"});
  CHECK(graph.find("o")->is_virtual());
  graph.remove("c");
  CHECK(graph.find("o") == nullptr);
}

TEST_CASE("HMAC-SHA256 and the cluster-info signature") {
  // RFC 4231, test case 2.
  CHECK(hex_encode(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const std::string signature = sign_cluster_info("apiVersion: v1\n", "abcdef", "0123456789abcdef");
  CHECK(signature.starts_with("eyJhbGciOiJIUzI1NiIsImtpZCI6ImFiY2RlZiJ9.."));
}
