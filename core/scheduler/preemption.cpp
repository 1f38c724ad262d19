// Preemption: room for a pod by evicting pods of lower priority.
// https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
#include <algorithm>
#include <tuple>

#include "core/scheduler/cycle.h"

namespace drydock::scheduler {
namespace {

std::string_view started(const PodInfo& pod) { return pod.object.status()["startTime"].as_string(); }

// The most important first: these are spared first.
bool more_important(const PodInfo* a, const PodInfo* b) {
  if (a->priority != b->priority) return a->priority > b->priority;
  if (started(*a) != started(*b)) return started(*a) < started(*b);
  return a->uid < b->uid;
}

// Fewer and less important victims are better; then those that started last.
struct Cost {
  std::int64_t highest_priority = 0;
  std::int64_t sum_of_priorities = 0;
  std::size_t victims = 0;
};
Cost cost_of(const std::vector<const PodInfo*>& victims) {
  Cost cost{.highest_priority = victims.front()->priority, .victims = victims.size()};
  constexpr std::int64_t kShift = 1LL << 31;  // negative priorities must not favour many victims
  for (const PodInfo* victim : victims) {
    cost.highest_priority = std::max(cost.highest_priority, victim->priority);
    cost.sum_of_priorities += victim->priority + kShift;
  }
  return cost;
}

bool cheaper(const Cost& a, const Cost& b) {
  return std::tie(a.highest_priority, a.sum_of_priorities, a.victims) <
         std::tie(b.highest_priority, b.sum_of_priorities, b.victims);
}

}  // namespace

std::optional<std::vector<const PodInfo*>> Cycle::victims_on(const PodInfo& pod, const NodeInfo& node) {
  std::vector<const PodInfo*> lower;
  for (const PodInfo* other : node.pods) {
    if (other->priority < pod.priority) lower.push_back(other);
  }
  if (lower.empty()) return std::nullopt;
  std::ranges::sort(lower, more_important);
  for (const PodInfo* other : lower) cache_.detach(*other);
  // Filters that count pods elsewhere have to count again.
  const auto fits = [&] { return !refuse(prepare_filters(pod), pod, node); };
  std::vector<const PodInfo*> victims;
  const bool possible = fits();
  for (const PodInfo* other : lower) {
    cache_.attach(*other);
    if (!possible || fits()) continue;
    cache_.detach(*other);
    victims.push_back(other);
  }
  for (const PodInfo* victim : victims) cache_.attach(*victim);
  if (!possible || victims.empty()) return std::nullopt;
  return victims;
}

std::optional<Preemption> Cycle::preempt(const PodInfo& pod, const std::vector<Refusal>& refusals,
                                         std::string& message) {
  // The dynamic resources plugin is asked first; nothing here claims devices.
  message += " no new claims to deallocate, preemption: ";
  if (!pod.may_preempt) {
    message += "not eligible due to preemptionPolicy=Never.";
    return std::nullopt;
  }
  std::int64_t not_helpful = 0, no_victims = 0;
  std::optional<Preemption> best;
  Cost best_cost;
  for (const Refusal& refusal : refusals) {
    if (refusal.verdict.code == Verdict::Code::kUnresolvable) {
      ++not_helpful;
      continue;
    }
    const std::optional<std::vector<const PodInfo*>> victims = victims_on(pod, *refusal.node);
    if (!victims) {
      ++no_victims;
      continue;
    }
    const Cost cost = cost_of(*victims);
    if (best && !cheaper(cost, best_cost)) continue;
    best_cost = cost;
    best = Preemption{.node = refusal.node->name, .victims = {}};
    for (const PodInfo* victim : *victims) best->victims.push_back(victim->object);
  }
  std::vector<std::string> reasons;
  if (no_victims > 0) reasons.push_back(std::to_string(no_victims) + " No preemption victims found for incoming pod");
  if (not_helpful > 0) reasons.push_back(std::to_string(not_helpful) + " Preemption is not helpful for scheduling");
  std::ranges::sort(reasons);
  message += "0/" + std::to_string(cache_.nodes().size()) + " nodes are available: ";
  for (std::size_t i = 0; i < reasons.size(); ++i) message += (i == 0 ? "" : ", ") + reasons[i];
  message += ".";
  return best;
}

}  // namespace drydock::scheduler
