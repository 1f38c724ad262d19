#include <algorithm>

#include "core/base/prng.h"
#include "core/controllers/shared/conditions.h"
#include "core/controllers/workload/deployment_plan.h"
#include "core/machinery/yaml.h"
#include "doctest/doctest.h"

using namespace drydock;
using namespace drydock::controllers;

namespace {

const TimePoint kNow{std::chrono::hours(24 * 365 * 50)};

Object deployment(std::int64_t replicas, const char* strategy = "RollingUpdate", Value surge = "25%",
                  Value unavailable = "25%") {
  Object object(parse_yaml(R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default, uid: d-1, generation: 1}
spec:
  selector: {matchLabels: {app: web}}
  revisionHistoryLimit: 10
  progressDeadlineSeconds: 600
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1"}]}
)")
                    .value());
  Value& spec = object.mutable_doc().ref("spec");
  spec.set("replicas", replicas);
  spec.ref("strategy").set("type", strategy);
  if (strategy == std::string_view("RollingUpdate")) {
    spec.ref("strategy", "rollingUpdate").set("maxSurge", surge);
    spec.ref("strategy", "rollingUpdate").set("maxUnavailable", unavailable);
  }
  return object;
}

void set_image(Object& object, const char* image) {
  object.mutable_doc().ref("spec", "template", "spec", "containers").mutable_item(0).set("image", image);
}

std::int64_t wanted(const Object& set) { return set.spec()["replicas"].as_int(); }

// A cluster in which ReplicaSets obey at once and pods turn ready by chance.
struct World {
  Object owner;
  std::vector<Object> sets;
  int made = 0;

  DeploymentPlan step(TimePoint now = kNow) {
    DeploymentPlan plan = plan_deployment(owner, sets, false, now);
    if (plan.create) {
      Object set = *plan.create;
      set.mutable_doc().ref("metadata").set("uid", "rs-" + std::to_string(made));
      set.mutable_doc()
          .ref("metadata")
          .set("creationTimestamp", "2020-01-01T00:00:0" + std::to_string(made % 10) + "Z");
      ++made;
      sets.push_back(set);
    }
    for (const ReplicaSetUpdate& update : plan.updates) {
      auto it = std::ranges::find_if(sets, [&update](const Object& set) { return set.uid() == update.set.uid(); });
      REQUIRE(it != sets.end());
      *it = update.set;
    }
    for (const Object& gone : plan.deletes)
      std::erase_if(sets, [&gone](const Object& set) { return set.uid() == gone.uid(); });
    if (!plan.revision.empty())
      owner.mutable_doc().ref("metadata", "annotations").set("deployment.kubernetes.io/revision", plan.revision);
    owner.mutable_doc().set("status", plan.status);
    return plan;
  }

  // Every set gets the pods it wants; `ready_chance` of those missing turn ready.
  void run_sets(Prng& prng, double ready_chance) {
    for (Object& set : sets) {
      Value& status = set.mutable_doc().ref("status");
      std::int64_t ready = std::min(status["availableReplicas"].as_int(), wanted(set));
      for (std::int64_t i = ready; i < wanted(set); ++i) {
        if (prng.chance(ready_chance)) ++ready;
      }
      status.set("replicas", wanted(set));
      status.set("readyReplicas", ready);
      status.set("availableReplicas", ready);
    }
  }
  std::int64_t total() const {
    std::int64_t sum = 0;
    for (const Object& set : sets) sum += wanted(set);
    return sum;
  }
  std::int64_t available() const {
    std::int64_t sum = 0;
    for (const Object& set : sets) sum += std::min(wanted(set), set.status()["availableReplicas"].as_int());
    return sum;
  }
};

}  // namespace

TEST_CASE("a new deployment makes one ReplicaSet with its hash in name, labels and selector") {
  World world{deployment(3), {}};
  const DeploymentPlan plan = world.step();
  REQUIRE(plan.create);
  const std::string hash(plan.create->label("pod-template-hash"));
  CHECK(hash.size() >= 8);
  CHECK(plan.create->name() == "web-" + hash);
  CHECK(plan.create->spec().get("selector", "matchLabels", "pod-template-hash").as_string() == hash);
  CHECK(plan.create->spec().get("template", "metadata", "labels", "pod-template-hash").as_string() == hash);
  CHECK(wanted(*plan.create) == 3);
  CHECK(plan.create->annotation("deployment.kubernetes.io/revision") == "1");
  CHECK(plan.create->annotation("deployment.kubernetes.io/max-replicas") == "4");
  CHECK(plan.revision == "1");
  const Value& progressing = find_condition(plan.status, "Progressing");
  CHECK(progressing["reason"].as_string() == "NewReplicaSetCreated");
  CHECK(progressing["message"].as_string() == "Created new replica set \"" + std::string(plan.create->name()) + "\"");
  CHECK(find_condition(plan.status, "Available")["reason"].as_string() == "MinimumReplicasUnavailable");
}

TEST_CASE("conditions when all is well, and nothing left to do") {
  World world{deployment(3), {}};
  Prng prng(1);
  world.step();
  world.run_sets(prng, 1.0);
  const DeploymentPlan plan = world.step();
  CHECK(find_condition(plan.status, "Available")["message"].as_string() == "Deployment has minimum availability.");
  CHECK(find_condition(plan.status, "Progressing")["reason"].as_string() == "NewReplicaSetAvailable");
  CHECK(plan.status["updatedReplicas"].as_int() == 3);
  const DeploymentPlan idle = world.step();
  CHECK_FALSE(idle.create);
  CHECK(idle.updates.empty());
  CHECK(idle.status == plan.status);
}

TEST_CASE("rollout bounds round as upstream") {
  struct Row {
    std::int64_t replicas;
    Value surge, unavailable;
    std::int64_t want_surge, want_unavailable;
  };
  const Row rows[] = {
      {10, "25%", "25%", 3, 2}, {3, "25%", "25%", 1, 0}, {1, 0, "25%", 0, 1},
      {4, 0, 5, 0, 4},          {0, "25%", "25%", 0, 0}, {10, "100%", 0, 10, 0},
  };
  for (const Row& row : rows) {
    const RolloutBounds bounds = rollout_bounds(deployment(row.replicas, "RollingUpdate", row.surge, row.unavailable));
    CHECK(bounds.max_surge == row.want_surge);
    CHECK(bounds.max_unavailable == row.want_unavailable);
  }
}

TEST_CASE("property: a rolling update never leaves its bounds and always ends") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Prng prng(seed);
    const std::int64_t replicas = prng.between(1, 20);
    const Value surge = prng.between(0, 5), unavailable = prng.between(0, 5);
    World world{deployment(replicas, "RollingUpdate", surge, unavailable), {}};
    const RolloutBounds bounds = rollout_bounds(world.owner);
    CAPTURE(seed);
    for (int i = 0; i < 60; ++i) {
      world.step();
      world.run_sets(prng, 1.0);
    }
    set_image(world.owner, "nginx:2");
    for (int i = 0; i < 400; ++i) {
      world.step();
      REQUIRE(world.total() <= replicas + bounds.max_surge);
      REQUIRE(world.available() >= replicas - bounds.max_unavailable);
      world.run_sets(prng, 0.3);
    }
    REQUIRE(world.sets.size() == 2);
    CHECK(wanted(world.sets[0]) == 0);
    CHECK(wanted(world.sets[1]) == replicas);
    CHECK(world.sets[1].annotation("deployment.kubernetes.io/revision") == "2");
  }
}

TEST_CASE("going back to an old template reuses its ReplicaSet under a new revision") {
  World world{deployment(2), {}};
  Prng prng(3);
  const auto settle = [&] {
    for (int i = 0; i < 30; ++i) {
      world.step();
      world.run_sets(prng, 1.0);
    }
  };
  settle();
  set_image(world.owner, "nginx:2");
  settle();
  set_image(world.owner, "nginx:1");
  settle();
  REQUIRE(world.sets.size() == 2);
  CHECK(wanted(world.sets[0]) == 2);
  CHECK(world.sets[0].annotation("deployment.kubernetes.io/revision") == "3");
  CHECK(world.sets[0].annotation("deployment.kubernetes.io/revision-history") == "1");
}

TEST_CASE("Recreate scales everything down before the new set comes") {
  World world{deployment(3, "Recreate"), {}};
  Prng prng(4);
  world.step();
  world.run_sets(prng, 1.0);
  set_image(world.owner, "nginx:2");
  const DeploymentPlan down = world.step();
  CHECK_FALSE(down.create);
  REQUIRE(down.updates.size() == 1);
  CHECK(down.updates[0].from == 3);
  CHECK(down.updates[0].to == 0);
  CHECK_FALSE(plan_deployment(world.owner, world.sets, true, kNow).create);  // pods still there
  CHECK(plan_deployment(world.owner, world.sets, false, kNow).create);
}

TEST_CASE("scaling in the middle of a rollout is proportional") {
  World world{deployment(10, "RollingUpdate", 3, 2), {}};
  Prng prng(5);
  world.step();
  world.run_sets(prng, 1.0);
  world.step();
  set_image(world.owner, "nginx:2");
  for (int i = 0; i < 3; ++i) world.step();
  REQUIRE(world.sets.size() == 2);
  REQUIRE(wanted(world.sets[0]) == 8);
  REQUIRE(wanted(world.sets[1]) == 5);
  world.owner.mutable_doc().ref("spec").set("replicas", 15);
  world.step();
  CHECK(wanted(world.sets[0]) == 11);  // the documentation's example
  CHECK(wanted(world.sets[1]) == 7);
}

TEST_CASE("paused: the template changes nothing, scaling still works") {
  World world{deployment(2), {}};
  Prng prng(6);
  world.step();
  world.run_sets(prng, 1.0);
  world.step();
  world.owner.mutable_doc().ref("spec").set("paused", true);
  set_image(world.owner, "nginx:2");
  world.owner.mutable_doc().ref("spec").set("replicas", 4);
  const DeploymentPlan plan = world.step();
  CHECK_FALSE(plan.create);
  CHECK(wanted(world.sets[0]) == 4);
  CHECK(find_condition(plan.status, "Progressing")["reason"].as_string() == "DeploymentPaused");
  CHECK(find_condition(plan.status, "Progressing")["message"].as_string() == "Deployment is paused");
}

TEST_CASE("the progress deadline passes") {
  World world{deployment(1), {}};
  const DeploymentPlan created = world.step();
  const DeploymentPlan waiting = world.step(kNow + seconds(10));
  CHECK(find_condition(waiting.status, "Progressing")["status"].as_string() == "True");
  CHECK(waiting.recheck > kNow + seconds(600));
  const DeploymentPlan late = world.step(kNow + seconds(700));
  const Value& progressing = find_condition(late.status, "Progressing");
  CHECK(progressing["status"].as_string() == "False");
  CHECK(progressing["reason"].as_string() == "ProgressDeadlineExceeded");
  CHECK(progressing["message"].as_string() ==
        "ReplicaSet \"" + std::string(created.create->name()) + "\" has timed out progressing.");
}

TEST_CASE("history beyond the limit is deleted, oldest first") {
  World world{deployment(1), {}};
  world.owner.mutable_doc().ref("spec").set("revisionHistoryLimit", 1);
  Prng prng(7);
  for (const char* image : {"nginx:1", "nginx:2", "nginx:3", "nginx:4"}) {
    set_image(world.owner, image);
    for (int i = 0; i < 20; ++i) {
      world.step();
      world.run_sets(prng, 1.0);
    }
  }
  REQUIRE(world.sets.size() == 2);
  CHECK(world.sets[0].annotation("deployment.kubernetes.io/revision") == "3");
  CHECK(world.sets[1].annotation("deployment.kubernetes.io/revision") == "4");
}
