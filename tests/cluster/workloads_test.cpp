#include <chrono>
#include <set>

#include "core/controllers/shared/conditions.h"
#include "doctest/doctest.h"
#include "tests/cluster/test_cluster.h"

using namespace drydock;
using namespace drydock::controllers;
using drydock::testing::TestCluster;

namespace {

std::string deployment(const char* name, int replicas, const char* more = "") {
  return std::string("{apiVersion: apps/v1, kind: Deployment, metadata: {name: ") + name +
         ", namespace: default}, spec: {replicas: " + std::to_string(replicas) +
         ", selector: {matchLabels: {app: " + name + "}}, template: {metadata: {labels: {app: " + name +
         "}}, spec: {containers: [{name: c, image: nginx}]}}" + more + "}}";
}

const ObjectKey kWeb{"default", "web"};

}  // namespace

TEST_CASE("every namespace gets its defaults") {
  ControllerManagerOptions options;
  options.root_ca_pem = "PEM";
  TestCluster cluster(options);
  CHECK(cluster.run_until([&] { return cluster.get(resources::kServiceAccounts, {"default", "default"}).ok(); }));
  CHECK(cluster.get(resources::kConfigMaps, {"kube-system", "kube-root-ca.crt"}).ok());
}

TEST_CASE("a Deployment: pods run, heal, roll, scale, go") {
  TestCluster cluster;
  for (const char* node : {"node1", "node2", "node3"}) cluster.add_node(node);
  cluster.create(resources::kDeployments, deployment("web", 3));
  REQUIRE(cluster.run_until([&] { return cluster.ready_pods("web") == 3; }));
  cluster.run_for(seconds(2));
  Object web = cluster.get(resources::kDeployments, kWeb).value();
  CHECK(web.status()["availableReplicas"].as_int() == 3);
  CHECK(condition_is_true(web.status(), "Available"));
  CHECK(find_condition(web.status(), "Progressing")["reason"].as_string() == "NewReplicaSetAvailable");
  CHECK(web.annotation("deployment.kubernetes.io/revision") == "1");

  std::set<std::string> nodes;
  for (const Object& pod : cluster.list(resources::kPods, "default")) nodes.insert(pod.spec()["nodeName"].str());
  CHECK(nodes.size() == 3);

  // A deleted pod is replaced.
  const std::string victim(cluster.list(resources::kPods, "default").front().name());
  REQUIRE(cluster.remove(resources::kPods, {"default", victim}));
  REQUIRE(cluster.run_until(
      [&] { return !cluster.get(resources::kPods, {"default", victim}).ok() && cluster.ready_pods("web") == 3; }));

  // A new image rolls out under a new ReplicaSet.
  REQUIRE(cluster.patch(resources::kDeployments, kWeb,
                        "{spec: {template: {spec: {containers: [{name: c, image: 'nginx:2'}]}}}}"));
  REQUIRE(cluster.run_until([&] {
    const Value status = cluster.get(resources::kDeployments, kWeb).value().status();
    return status["observedGeneration"].as_int() == 2 && status["updatedReplicas"].as_int() == 3 &&
           status["replicas"].as_int() == 3;
  }));
  CHECK(cluster.list(resources::kReplicaSets, "default").size() == 2);

  REQUIRE(cluster.patch(resources::kDeployments, kWeb, "{spec: {replicas: 5}}"));
  REQUIRE(cluster.run_until([&] { return cluster.ready_pods("web") == 5; }));

  bool scaled = false;
  for (const Object& event : cluster.list(resources::kEvents, "default")) {
    if (event.doc()["reason"].as_string() == "ScalingReplicaSet")
      scaled = scaled || event.doc()["message"].as_string().starts_with("Scaled up replica set web-");
  }
  CHECK(scaled);

  // Its ReplicaSets and pods go with it.
  REQUIRE(cluster.remove(resources::kDeployments, kWeb));
  CHECK(cluster.run_until([&] {
    return cluster.list(resources::kReplicaSets, "default").empty() &&
           cluster.list(resources::kPods, "default").empty();
  }));
}

TEST_CASE("a Service's Endpoints and EndpointSlices follow its pods") {
  TestCluster cluster;
  cluster.add_node("node1");
  cluster.create(resources::kServices,
                 "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: default}, spec: {selector: {app: "
                 "web}, ports: [{port: 80}]}}");
  cluster.create(resources::kDeployments, deployment("web", 2));
  CHECK(cluster.run_until([&] {
    const Result<Object> endpoints = cluster.get(resources::kEndpoints, kWeb);
    return endpoints.ok() && endpoints->doc()["subsets"][0]["addresses"].size() == 2;
  }));
  std::size_t addresses = 0;
  for (const Object& slice : cluster.list(resources::kEndpointSlices, "default")) {
    if (slice.label("kubernetes.io/service-name") == "web") addresses += slice.doc()["endpoints"].size();
  }
  CHECK(addresses == 2);
}

TEST_CASE("a DaemonSet on every node, a StatefulSet in order, a Job to its end") {
  TestCluster cluster;
  for (const char* node : {"node1", "node2"}) cluster.add_node(node);
  cluster.create(resources::kDaemonSets,
                 "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: agent, namespace: default}, spec: {selector: "
                 "{matchLabels: {app: agent}}, template: {metadata: "
                 "{labels: {app: agent}}, spec: {containers: [{name: c, image: nginx}]}}}}");
  CHECK(cluster.run_until([&] { return cluster.ready_pods("agent") == 2; }));
  cluster.add_node("node3");
  CHECK(cluster.run_until([&] { return cluster.ready_pods("agent") == 3; }));

  cluster.create(resources::kStatefulSets,
                 "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: default}, spec: "
                 "{serviceName: db, replicas: 2, selector: {matchLabels: {app: "
                 "db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c, image: nginx}]}}}}");
  CHECK(cluster.run_until([&] { return cluster.ready_pods("db") == 2; }));
  CHECK(cluster.get(resources::kPods, {"default", "db-1"}).ok());

  cluster.create(resources::kJobs,
                 "{apiVersion: batch/v1, kind: Job, metadata: {name: pi, namespace: default}, spec: {completions: 3, "
                 "parallelism: 2, template: {spec: {restartPolicy: "
                 "Never, containers: [{name: c, image: perl}]}}}}");
  CHECK(cluster.run_until([&] {
    return condition_is_true(cluster.get(resources::kJobs, {"default", "pi"}).value().status(), "Complete");
  }));
  CHECK(cluster.get(resources::kJobs, {"default", "pi"}).value().status()["succeeded"].as_int() == 3);
}

TEST_CASE("a node falls silent: Unknown, tainted, its pods move after five minutes") {
  TestCluster cluster;
  cluster.add_node("node1");
  cluster.create(resources::kDeployments, deployment("web", 1));
  REQUIRE(cluster.run_until([&] { return cluster.ready_pods("web") == 1; }));
  cluster.add_node("node2");
  cluster.silence("node1");
  cluster.run_for(seconds(70));
  const Object node = cluster.get(resources::kNodes, {"", "node1"}).value();
  CHECK(find_condition(node.status(), "Ready")["reason"].as_string() == "NodeStatusUnknown");
  CHECK(node.spec()["taints"].size() == 2);
  CHECK(cluster.ready_pods("web") == 0);
  cluster.run_for(std::chrono::minutes(6));
  CHECK(cluster.ready_pods("web") == 1);
}

TEST_CASE("a namespace goes with all it holds") {
  TestCluster cluster;
  cluster.add_node("node1");
  cluster.create(resources::kNamespaces, "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}");
  cluster.run_for(seconds(1));
  cluster.create(resources::kConfigMaps, "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: shop}}");
  REQUIRE(cluster.remove(resources::kNamespaces, {"", "shop"}));
  CHECK(cluster.run_until([&] { return !cluster.get(resources::kNamespaces, {"", "shop"}).ok(); }));
}

TEST_CASE("1,000 replicas on 10 nodes") {
  TestCluster cluster;
  for (int i = 0; i < 10; ++i) cluster.add_node("node" + std::to_string(i));
  const auto begin = std::chrono::steady_clock::now();
  cluster.create(resources::kDeployments, deployment("web", 1000));
  REQUIRE(cluster.run_until([&] { return cluster.ready_pods("web") == 1000; }));
  const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  MESSAGE("seconds until 1,000 pods were ready: ", elapsed);
  std::map<std::string, int> per_node;
  for (const Object& pod : cluster.list(resources::kPods, "default")) ++per_node[pod.spec()["nodeName"].str()];
  for (const auto& [node, pods] : per_node) CHECK(pods == 100);
}
