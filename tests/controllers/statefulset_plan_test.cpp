#include "core/controllers/revisioned/statefulset_plan.h"

#include "doctest/doctest.h"
#include "tests/controllers/fixtures.h"

using namespace drydock;
using namespace drydock::controllers;
using namespace drydock::controllers::fixtures;

namespace {

Object stateful_set(int replicas, const char* more = "") {
  return yaml("{metadata: {name: db, namespace: default, uid: ss, generation: 1}, spec: {serviceName: db, replicas: " +
              std::to_string(replicas) +
              ", template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c}]}}, volumeClaimTemplates: "
              "[{metadata: {name: data}, spec: {}}]" +
              more + "}}");
}

PodView& member(Pods& pods, const char* name, const char* revision) {
  PodView& pod = pods.add(name);
  pod.object.mutable_doc().ref("metadata", "labels").set("controller-revision-hash", revision);
  return pod;
}

const StatefulRevisions kSame{.current = "db-1", .update = "db-1", .current_template = {}};

}  // namespace

TEST_CASE("ordered: one at a time, each when those before it are ready") {
  Pods pods;
  StatefulSetPlan plan = plan_stateful_set(stateful_set(3), pods.refer(), kSame, kNow);
  REQUIRE(plan.creates.size() == 1);
  const StatefulPodCreation& first = plan.creates[0];
  CHECK(first.pod.name() == "db-0");
  CHECK(first.pod.spec()["hostname"].as_string() == "db-0");
  CHECK(first.pod.spec()["subdomain"].as_string() == "db");
  CHECK(first.pod.label("apps.kubernetes.io/pod-index") == "0");
  REQUIRE(first.claims.size() == 1);
  CHECK(first.claims[0].name() == "data-db-0");
  CHECK(first.pod.spec()["volumes"][0].get("persistentVolumeClaim", "claimName").as_string() == "data-db-0");

  PodView& zero = member(pods, "db-0", "db-1");
  zero.ready = false;
  CHECK(plan_stateful_set(stateful_set(3), pods.refer(), kSame, kNow).creates.empty());
  zero.ready = true;
  plan = plan_stateful_set(stateful_set(3), pods.refer(), kSame, kNow);
  REQUIRE(plan.creates.size() == 1);
  CHECK(plan.creates[0].pod.name() == "db-1");
}

TEST_CASE("parallel: all at once") {
  CHECK(plan_stateful_set(stateful_set(3, ", podManagementPolicy: Parallel"), {}, kSame, kNow).creates.size() == 3);
}

TEST_CASE("scaling down removes the highest ordinal, one at a time") {
  Pods pods;
  for (const char* name : {"db-0", "db-1", "db-2"}) member(pods, name, "db-1");
  StatefulSetPlan plan = plan_stateful_set(stateful_set(1), pods.refer(), kSame, kNow);
  REQUIRE(plan.deletes.size() == 1);
  CHECK(plan.deletes[0].name() == "db-2");
}

TEST_CASE("rolling update from the highest ordinal down to the partition") {
  const StatefulRevisions revisions{.current = "db-1", .update = "db-2", .current_template = {}};
  Pods pods;
  for (const char* name : {"db-0", "db-1", "db-2"}) member(pods, name, "db-1");
  StatefulSetPlan plan =
      plan_stateful_set(stateful_set(3, ", updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 2}}"),
                        pods.refer(), revisions, kNow);
  REQUIRE(plan.deletes.size() == 1);
  CHECK(plan.deletes[0].name() == "db-2");
  pods.remove("db-2");
  member(pods, "db-2", "db-2");
  plan = plan_stateful_set(stateful_set(3, ", updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 2}}"),
                           pods.refer(), revisions, kNow);
  CHECK(plan.deletes.empty());
  CHECK(plan.status["updatedReplicas"].as_int() == 1);
  CHECK(plan.status["currentRevision"].as_string() == "db-1");
  CHECK(plan_stateful_set(stateful_set(3, ", updateStrategy: {type: OnDelete}"), pods.refer(), revisions, kNow)
            .deletes.empty());
}
