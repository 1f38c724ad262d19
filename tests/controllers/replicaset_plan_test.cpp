#include "core/controllers/workload/replicaset_plan.h"

#include "core/controllers/shared/conditions.h"
#include "doctest/doctest.h"

using namespace drydock;
using namespace drydock::controllers;

namespace {

const TimePoint kNow{std::chrono::hours(24 * 365 * 50)};

PodView pod(const char* name, const char* node = "n1", bool ready = true, PodPhase phase = PodPhase::kRunning) {
  PodView view;
  view.object =
      Object(Value::object({{"metadata", Value::object({{"name", name}, {"uid", name}, {"namespace", "default"}})}}));
  view.node = node;
  view.ready = ready;
  view.phase = phase;
  view.created = kNow - std::chrono::hours(1);
  view.ready_since = ready ? kNow - std::chrono::minutes(50) : TimePoint{};
  return view;
}

std::vector<const PodView*> refer(const std::vector<PodView>& pods) {
  std::vector<const PodView*> views;
  for (const PodView& view : pods) views.push_back(&view);
  return views;
}

}  // namespace

TEST_CASE("missing replicas are created, 500 at most") {
  const std::vector<PodView> pods = {pod("a"), pod("b", "n1", true, PodPhase::kFailed)};
  CHECK(plan_replicas(3, refer(pods), {}, kNow).creates == 2);  // a failed pod does not count
  CHECK(plan_replicas(1000, refer(pods), {}, kNow).creates == 500);
  const ReplicaSetPlan nothing = plan_replicas(1, refer(pods), {}, kNow);
  CHECK(nothing.creates == 0);
  CHECK(nothing.deletes.empty());
}

TEST_CASE("who goes first") {
  struct Row {
    const char* why;
    PodView loser, other;
  };
  std::vector<Row> rows = {
      {"unassigned before assigned", pod("x", ""), pod("a")},
      {"pending before running", pod("x", "n1", false, PodPhase::kPending), pod("a", "n1", false)},
      {"not ready before ready", pod("x", "n1", false), pod("a")},
      {"cheaper deletion cost first", pod("x"), pod("a")},
      {"ready for less time first", pod("x"), pod("a")},
      {"more restarts first", pod("x", "n1", false), pod("a", "n1", false)},
      {"newer first", pod("x", "n1", false), pod("a", "n1", false)},
  };
  rows[3].loser.deletion_cost = -1;
  rows[4].loser.ready_since = kNow - seconds(10);
  rows[5].loser.restarts = 4;
  rows[6].loser.created = kNow - seconds(5);
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const std::vector<PodView> pods = {row.other, row.loser};
    const ReplicaSetPlan plan = plan_replicas(1, refer(pods), {}, kNow);
    REQUIRE(plan.deletes.size() == 1);
    CHECK(plan.deletes[0].name() == "x");
  }
}

TEST_CASE("crowded nodes are relieved first, siblings counted") {
  const std::vector<PodView> pods = {pod("a", "n1"), pod("x", "n2")};
  const std::vector<PodView> siblings = {pod("s1", "n2"), pod("s2", "n2")};
  const ReplicaSetPlan plan = plan_replicas(1, refer(pods), refer(siblings), kNow);
  REQUIRE(plan.deletes.size() == 1);
  CHECK(plan.deletes[0].name() == "x");
}

TEST_CASE("counts and status") {
  std::vector<PodView> pods = {pod("a"), pod("b", "n1", false), pod("c"), pod("d")};
  pods[2].ready_since = kNow - seconds(3);
  pods[3].deleting = true;
  const ReplicaSetCounts counts = count_replicas(refer(pods), Value(), 10, kNow);
  CHECK(counts.replicas == 3);
  CHECK(counts.ready == 2);
  CHECK(counts.available == 1);
  CHECK(counts.terminating == 1);
  CHECK(counts.next_available == kNow + seconds(7));
  const ManageFailure failure{"FailedCreate", "pods \"x\" is forbidden: exceeded quota"};
  const Value status = replica_set_status(Object(Value::object()), counts, &failure, true, kNow);
  CHECK(status["replicas"].as_int() == 3);
  CHECK(find_condition(status, "ReplicaFailure")["reason"].as_string() == "FailedCreate");
  CHECK(condition_is_true(status, "ReplicaFailure"));
}
