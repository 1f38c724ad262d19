#include "core/scheduler/scheduling_queue.h"

#include <algorithm>
#include <vector>

namespace drydock::scheduler {
namespace {

constexpr Duration kBackoffInitial = seconds(1);
constexpr Duration kBackoffMax = seconds(10);
// Pods that nothing woke are tried again all the same.
constexpr Duration kUnschedulableMax = std::chrono::minutes(5);

Duration backoff(int attempts) {
  Duration delay = kBackoffInitial;
  for (int i = 1; i < attempts && delay < kBackoffMax; ++i) delay *= 2;
  return std::min(delay, kBackoffMax);
}

}  // namespace

void SchedulingQueue::leave(const ObjectKey& key, Entry& entry) {
  switch (entry.place) {
    case Entry::Place::kActive:
      active_.erase(Rank{entry.priority, entry.arrival});
      break;
    case Entry::Place::kBackingOff:
      backing_off_.erase({entry.due, key});
      break;
    case Entry::Place::kUnschedulable:
      unschedulable_.erase({entry.due, key});
      break;
    case Entry::Place::kNone:
      break;
  }
  entry.place = Entry::Place::kNone;
}

void SchedulingQueue::activate(const ObjectKey& key, Entry& entry) {
  leave(key, entry);
  entry.place = Entry::Place::kActive;
  active_.emplace(Rank{entry.priority, entry.arrival}, key);
}

void SchedulingQueue::back_off(const ObjectKey& key, Entry& entry, TimePoint now) {
  const TimePoint due = entry.last_try + backoff(entry.attempts);
  if (due <= now) {
    activate(key, entry);
    return;
  }
  leave(key, entry);
  entry.due = due;
  entry.place = Entry::Place::kBackingOff;
  backing_off_.emplace(due, key);
}

void SchedulingQueue::put(const Object& pod, std::int64_t priority, bool retry, TimePoint now) {
  const ObjectKey key = pod.key();
  auto [it, is_new] = entries_.try_emplace(key);
  Entry& entry = it->second;
  if (is_new) {
    entry.priority = priority;
    entry.arrival = arrivals_++;
    activate(key, entry);
    return;
  }
  if (entry.priority != priority) {
    const bool was_active = entry.place == Entry::Place::kActive;
    if (was_active) leave(key, entry);
    entry.priority = priority;
    if (was_active) activate(key, entry);
  }
  if (retry && entry.place == Entry::Place::kUnschedulable) back_off(key, entry, now);
}

void SchedulingQueue::remove(const ObjectKey& pod) {
  auto it = entries_.find(pod);
  if (it == entries_.end()) return;
  leave(it->first, it->second);
  entries_.erase(it);
}

std::optional<ObjectKey> SchedulingQueue::pop(TimePoint now) {
  advance(now);
  if (active_.empty()) return std::nullopt;
  const ObjectKey key = active_.begin()->second;
  Entry& entry = entries_.at(key);
  leave(key, entry);
  ++entry.attempts;
  entry.last_try = now;
  return key;
}

void SchedulingQueue::put_back_unschedulable(const ObjectKey& pod, std::uint32_t waits_for, TimePoint now) {
  auto it = entries_.find(pod);
  if (it == entries_.end()) return;
  Entry& entry = it->second;
  leave(pod, entry);
  entry.waits_for = waits_for;
  entry.due = now + kUnschedulableMax;
  entry.place = Entry::Place::kUnschedulable;
  unschedulable_.emplace(entry.due, pod);
}

void SchedulingQueue::put_back(const ObjectKey& pod, TimePoint now) {
  if (auto it = entries_.find(pod); it != entries_.end()) back_off(pod, it->second, now);
}

void SchedulingQueue::wake(ClusterEvent event, TimePoint now) {
  std::vector<ObjectKey> woken;
  for (const auto& [due, key] : unschedulable_) {
    if ((entries_.at(key).waits_for & event) != 0) woken.push_back(key);
  }
  for (const ObjectKey& key : woken) back_off(key, entries_.at(key), now);
}

TimePoint SchedulingQueue::next_due() const {
  TimePoint due = TimePoint::max();
  if (!backing_off_.empty()) due = std::min(due, backing_off_.begin()->first);
  if (!unschedulable_.empty()) due = std::min(due, unschedulable_.begin()->first);
  return due;
}

void SchedulingQueue::advance(TimePoint now) {
  for (auto* waiting : {&backing_off_, &unschedulable_}) {
    while (!waiting->empty() && waiting->begin()->first <= now) {
      const ObjectKey key = waiting->begin()->second;
      activate(key, entries_.at(key));
    }
  }
}

}  // namespace drydock::scheduler
