#include "core/controllers/workload/replicaset_plan.h"

#include <algorithm>
#include <bit>
#include <map>

#include "core/controllers/shared/conditions.h"

namespace drydock::controllers {
namespace {

// Ages compare by their order of magnitude, so that the pods removed are not
// always the newest ones. https://kep.k8s.io/2185
int log_age(TimePoint since, TimePoint now) {
  const auto age = static_cast<std::uint64_t>(std::max<std::int64_t>((now - since).count(), 1));
  return std::bit_width(age);
}

struct Ranked {
  const PodView* pod;
  std::int64_t colocated;
};

// True when `a` is to be deleted before `b`: upstream's ActivePodsWithRanks.
bool less_worth(const Ranked& left, const Ranked& right, TimePoint now) {
  const PodView& a = *left.pod;
  const PodView& b = *right.pod;
  if (a.node.empty() != b.node.empty()) return a.node.empty();
  if (a.phase != b.phase) return a.phase < b.phase;
  if (a.ready != b.ready) return !a.ready;
  if (a.deletion_cost != b.deletion_cost) return a.deletion_cost < b.deletion_cost;
  if (left.colocated != right.colocated) return left.colocated > right.colocated;
  if (a.ready && b.ready && a.ready_since != b.ready_since) {
    const int age_a = log_age(a.ready_since, now), age_b = log_age(b.ready_since, now);
    return age_a != age_b ? age_a < age_b : a.object.uid() < b.object.uid();
  }
  if (a.restarts != b.restarts) return a.restarts > b.restarts;
  if (a.created != b.created) {
    const int age_a = log_age(a.created, now), age_b = log_age(b.created, now);
    if (age_a != age_b) return age_a < age_b;
  }
  return a.object.uid() < b.object.uid();
}

bool has_labels(const Value& labels, const Value& wanted) {
  return std::ranges::all_of(wanted.members(), [&](const Value::Member& label) {
    const Value* own = labels.find(label.key.view());
    return own != nullptr && own->as_string() == label.value.as_string();
  });
}

}  // namespace

ReplicaSetPlan plan_replicas(std::int64_t wanted, const std::vector<const PodView*>& owned,
                             const std::vector<const PodView*>& siblings, TimePoint now) {
  ReplicaSetPlan plan;
  const std::int64_t surplus = std::ranges::count_if(owned, &PodView::active) - wanted;
  if (surplus <= 0) {
    plan.creates = std::min(-surplus, kBurstReplicas);
    return plan;
  }
  std::vector<Ranked> active;
  for (const PodView* pod : owned) {
    if (pod->active()) active.push_back({pod, 0});
  }
  std::map<std::string_view, std::int64_t> per_node;
  for (const Ranked& ranked : active) ++per_node[ranked.pod->node];
  for (const PodView* pod : siblings) {
    if (pod->active()) ++per_node[pod->node];
  }
  for (Ranked& ranked : active) ranked.colocated = per_node[ranked.pod->node];
  const auto count = static_cast<std::size_t>(std::min(surplus, kBurstReplicas));
  std::ranges::sort(active, [now](const Ranked& a, const Ranked& b) { return less_worth(a, b, now); });
  for (std::size_t i = 0; i < count; ++i) plan.deletes.push_back(active[i].pod->object);
  return plan;
}

ReplicaSetCounts count_replicas(const std::vector<const PodView*>& owned, const Value& template_labels,
                                std::int64_t min_ready_seconds, TimePoint now) {
  ReplicaSetCounts counts;
  const Value* fully_labeled = &template_labels;
  for (const PodView* pod : owned) {
    if (pod->finished()) continue;
    if (pod->deleting) {
      ++counts.terminating;
      continue;
    }
    ++counts.replicas;
    if (pod->labels.same_as(*fully_labeled)) {
      ++counts.fully_labeled;
    } else if (has_labels(pod->labels, template_labels)) {
      fully_labeled = &pod->labels;
      ++counts.fully_labeled;
    }
    if (!pod->ready) continue;
    ++counts.ready;
    if (pod->available(min_ready_seconds, now)) {
      ++counts.available;
    } else {
      counts.next_available = std::min(counts.next_available, pod->ready_since + seconds(min_ready_seconds));
    }
  }
  return counts;
}

Value replica_set_status(const Object& set, const ReplicaSetCounts& counts, const ManageFailure* failure,
                         bool counts_terminating, TimePoint now) {
  Value status = set.status();
  const auto put = [&status](const char* field, std::int64_t number) {
    if (number != 0)
      status.set(field, number);
    else
      status.erase(field);
  };
  status.set("replicas", counts.replicas);
  put("fullyLabeledReplicas", counts.fully_labeled);
  put("readyReplicas", counts.ready);
  put("availableReplicas", counts.available);
  if (counts_terminating) status.set("terminatingReplicas", counts.terminating);
  if (set.generation() != 0) status.set("observedGeneration", set.generation());
  if (failure != nullptr) {
    if (!condition_is_true(status, "ReplicaFailure")) {
      set_condition(status, {"ReplicaFailure", "True", failure->reason, failure->message}, now);
    }
  } else if (remove_condition(status, "ReplicaFailure") && status["conditions"].empty()) {
    status.erase("conditions");
  }
  return status;
}

}  // namespace drydock::controllers
