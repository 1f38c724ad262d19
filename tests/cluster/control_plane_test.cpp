#include "core/base/strings.h"
#include "core/client/leader_election.h"
#include "core/controllers/bootstrap/cluster_info_signature.h"
#include "core/controllers/shared/conditions.h"
#include "doctest/doctest.h"
#include "tests/cluster/test_cluster.h"

using namespace drydock;
using namespace drydock::controllers;
using drydock::testing::TestCluster;

namespace {

std::string deployment(const char* name, int replicas) {
  return std::string("{apiVersion: apps/v1, kind: Deployment, metadata: {name: ") + name +
         ", namespace: default}, spec: {replicas: " + std::to_string(replicas) +
         ", selector: {matchLabels: {app: " + name + "}}, template: {metadata: {labels: {app: " + name +
         "}}, spec: {containers: [{name: c, image: nginx}]}}}}";
}

std::string events_about(TestCluster& cluster, const char* reason) {
  std::string messages;
  for (const Object& event : cluster.list(resources::kEvents)) {
    if (event.doc()["reason"].as_string() == reason) messages += event.doc()["message"].str() + "\n";
  }
  return messages;
}

}  // namespace

TEST_CASE("the same seed gives the same history") {
  const auto play = [] {
    TestCluster cluster;
    for (const char* node : {"node1", "node2"}) cluster.add_node(node);
    cluster.create(resources::kDeployments, deployment("web", 20));
    cluster.run_for(seconds(30));
    return cluster.state_hash();
  };
  CHECK(play() == play());
}

TEST_CASE("deleting with Orphan leaves the pods, Foreground waits for them") {
  TestCluster cluster;
  cluster.add_node("node1");
  cluster.create(resources::kDeployments, deployment("web", 2));
  REQUIRE(cluster.run_until([&] { return cluster.ready_pods("web") == 2; }));
  const std::string set(cluster.list(resources::kReplicaSets, "default").front().name());
  REQUIRE(cluster.remove(resources::kDeployments, {"default", "web"}, "Orphan"));
  REQUIRE(cluster.run_until([&] { return !cluster.get(resources::kDeployments, {"default", "web"}).ok(); }));
  cluster.run_for(seconds(5));
  CHECK(cluster.get(resources::kReplicaSets, {"default", set}).value().metadata()["ownerReferences"].empty());
  CHECK(cluster.ready_pods("web") == 2);

  REQUIRE(cluster.remove(resources::kReplicaSets, {"default", set}, "Foreground"));
  cluster.run_for(milliseconds(100));
  CHECK(cluster.get(resources::kReplicaSets, {"default", set}).value().deleting());
  CHECK(cluster.run_until([&] { return !cluster.get(resources::kReplicaSets, {"default", set}).ok(); }));
  CHECK(cluster.list(resources::kPods, "default").empty());
}

TEST_CASE("a pod that fits nowhere says why, and is placed when a node comes") {
  TestCluster cluster;
  cluster.add_node("small", "100m");
  cluster.create(resources::kPods,
                 "{apiVersion: v1, kind: Pod, metadata: {name: big, namespace: default, labels: {app: big}}, spec: "
                 "{containers: [{name: c, image: nginx, resources: {requests: "
                 "{cpu: '1'}}}]}}");
  cluster.run_for(seconds(2));
  const Object pod = cluster.get(resources::kPods, {"default", "big"}).value();
  const Value& scheduled = find_condition(pod.status(), "PodScheduled");
  CHECK(scheduled["reason"].as_string() == "Unschedulable");
  CHECK(scheduled["message"].as_string() ==
        "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are "
        "available: 1 Preemption is not helpful for scheduling.");
  CHECK(contains(events_about(cluster, "FailedScheduling"), "0/1 nodes are available: 1 Insufficient cpu."));
  cluster.add_node("large");
  CHECK(cluster.run_until([&] { return cluster.ready_pods("big") == 1; }));
  CHECK(contains(events_about(cluster, "Scheduled"), "Successfully assigned default/big to large"));
}

TEST_CASE("a Job that keeps failing gives up") {
  TestCluster cluster;
  cluster.add_node("node1");
  cluster.create(resources::kJobs,
                 "{apiVersion: batch/v1, kind: Job, metadata: {name: bad, namespace: default}, spec: {backoffLimit: 1, "
                 "template: {metadata: {labels: {fate: fails}}, spec: "
                 "{restartPolicy: Never, containers: [{name: c, image: perl}]}}}}");
  const ObjectKey key{"default", "bad"};
  CHECK(cluster.run_until(
      [&] { return condition_is_true(cluster.get(resources::kJobs, key).value().status(), "Failed"); }));
  const Object job = cluster.get(resources::kJobs, key).value();
  CHECK(job.status()["failed"].as_int() == 2);
  CHECK(contains(events_about(cluster, "BackoffLimitExceeded"), "Job has reached the specified backoff limit"));
}

TEST_CASE("a CronJob starts Jobs every minute and keeps three") {
  TestCluster cluster;
  cluster.add_node("node1");
  cluster.create(resources::kCronJobs,
                 "{apiVersion: batch/v1, kind: CronJob, metadata: {name: tick, namespace: default}, spec: {schedule: "
                 "'* * * * *', jobTemplate: {spec: {template: {spec: "
                 "{restartPolicy: Never, containers: [{name: c, image: busybox}]}}}}}}");
  cluster.run_for(std::chrono::minutes(6));
  CHECK(cluster.list(resources::kJobs, "default").size() == 3);
  CHECK(cluster.get(resources::kCronJobs, {"default", "tick"}).value().status().has("lastSuccessfulTime"));
}

TEST_CASE("nodes get ranges of pod addresses") {
  ControllerManagerOptions options;
  options.allocate_node_cidrs = true;
  options.cluster_cidr = "10.244.0.0/16";
  TestCluster cluster(options);
  cluster.add_node("node1");
  cluster.add_node("node2");
  cluster.run_for(seconds(2));
  CHECK(cluster.get(resources::kNodes, {"", "node1"}).value().spec()["podCIDR"].as_string() == "10.244.0.0/24");
  CHECK(cluster.get(resources::kNodes, {"", "node2"}).value().spec()["podCIDRs"][0].as_string() == "10.244.1.0/24");
}

TEST_CASE("cluster-info is signed with bootstrap tokens, which expire") {
  ControllerManagerOptions options;
  options.controllers = {"*", "bootstrapsigner", "tokencleaner"};
  TestCluster cluster(options);
  cluster.create(resources::kConfigMaps,
                 "{apiVersion: v1, kind: ConfigMap, metadata: {name: cluster-info, namespace: kube-public}, data: "
                 "{kubeconfig: 'apiVersion: v1'}}");
  const std::string expiration = base64_encode("2025-12-18T01:00:00Z");
  cluster.create(resources::kSecrets,
                 "{apiVersion: v1, kind: Secret, type: bootstrap.kubernetes.io/token, metadata: {name: "
                 "bootstrap-token-abcdef, namespace: kube-system}, data: "
                 "{token-id: " +
                     base64_encode("abcdef") + ", token-secret: " + base64_encode("0123456789abcdef") +
                     ", usage-bootstrap-signing: " + base64_encode("true") + ", expiration: " + expiration + "}}");
  cluster.run_for(seconds(2));
  const Object info = cluster.get(resources::kConfigMaps, {"kube-public", "cluster-info"}).value();
  CHECK(info.doc()["data"]["jws-kubeconfig-abcdef"].as_string() ==
        sign_cluster_info("apiVersion: v1", "abcdef", "0123456789abcdef"));
  cluster.run_for(std::chrono::hours(2));
  CHECK_FALSE(cluster.get(resources::kSecrets, {"kube-system", "bootstrap-token-abcdef"}).ok());
  CHECK_FALSE(cluster.get(resources::kConfigMaps, {"kube-public", "cluster-info"})
                  .value()
                  .doc()["data"]
                  .has("jws-kubeconfig-abcdef"));
}

TEST_CASE("a kubelet's certificate request is approved and signed") {
  ControllerManagerOptions options;
  options.read_csr = [](const std::string&) { return CsrSubject{"system:node:node2", {"system:nodes"}, false}; };
  options.sign_csr = [](const CsrSigningJob& job) -> Result<std::string> { return "signed " + job.request_pem; };
  TestCluster cluster(options);
  cluster.create(
      resources::kCertificateSigningRequests,
      "{apiVersion: certificates.k8s.io/v1, kind: CertificateSigningRequest, metadata: {name: csr-1}, spec: "
      "{request: " +
          base64_encode("PEM") +
          ", signerName: kubernetes.io/kube-apiserver-client-kubelet, usages: [digital signature, client auth]}}");
  cluster.run_for(seconds(2));
  const Object csr = cluster.get(resources::kCertificateSigningRequests, {"", "csr-1"}).value();
  CHECK(find_condition(csr.status(), "Approved")["reason"].as_string() == "AutoApproved");
  CHECK(base64_decode(csr.status()["certificate"].as_string()) == "signed PEM");
}

TEST_CASE("one of two leads; the other takes over when the lease runs out") {
  TestCluster cluster;
  const auto make = [&](const char* identity, int seed) {
    return std::make_unique<LeaderElection>(cluster.loop, Prng(seed), cluster.client(),
                                            LeaderElectionOptions{.name = "kube-scheduler", .identity = identity});
  };
  std::unique_ptr<LeaderElection> first = make("a", 1), second = make("b", 2);
  bool first_leads = false, second_leads = false;
  const auto work = [](bool& leads) -> Task<void> {
    leads = true;
    co_return;
  };
  auto group = std::make_unique<TaskGroup>(cluster.loop);
  TaskGroup other(cluster.loop);
  group->spawn(first->lead(work(first_leads)));
  cluster.run_for(seconds(1));
  other.spawn(second->lead(work(second_leads)));
  cluster.run_for(seconds(60));
  CHECK(first_leads);
  CHECK_FALSE(second_leads);
  group.reset();
  cluster.run_for(seconds(20));
  CHECK(second_leads);
  const Object lease = cluster.get(resources::kLeases, {"kube-system", "kube-scheduler"}).value();
  CHECK(lease.spec()["holderIdentity"].as_string() == "b");
  CHECK(lease.spec()["leaseTransitions"].as_int() == 1);
  other.cancel_all();
}

TEST_CASE("disruption budgets and quotas keep count") {
  TestCluster cluster;
  cluster.add_node("node1");
  cluster.create(resources::kPodDisruptionBudgets,
                 "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: web, namespace: default}, spec: "
                 "{minAvailable: 2, selector: {matchLabels: {app: web}}}}");
  cluster.create({"", "v1", "resourcequotas"},
                 "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q, namespace: default}, spec: {hard: {pods: "
                 "'5', count/deployments.apps: '3'}}}");
  cluster.create(resources::kDeployments, deployment("web", 3));
  REQUIRE(cluster.run_until([&] { return cluster.ready_pods("web") == 3; }));
  cluster.run_for(seconds(2));
  const Object budget = cluster.get(resources::kPodDisruptionBudgets, {"default", "web"}).value();
  CHECK(budget.status()["currentHealthy"].as_int() == 3);
  CHECK(budget.status()["disruptionsAllowed"].as_int() == 1);
  const Object quota = cluster.get({"", "v1", "resourcequotas"}, {"default", "q"}).value();
  CHECK(quota.status()["used"]["pods"].as_string() == "3");
  CHECK(quota.status()["used"]["count/deployments.apps"].as_string() == "1");
}
