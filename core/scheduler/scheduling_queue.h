// SchedulingQueue: pods that wait for a node: active (by priority, then by
// arrival), backing off, or unschedulable until something changes.
// https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/#queuesort
//
// Bookkeeping only: the caller brings the time and asks when to come back.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/base/clock.h"
#include "core/machinery/object.h"

namespace drydock::scheduler {

// What happened in the cluster, as bits; and what a failed pod waits for.
enum ClusterEvent : std::uint32_t {
  kNodeChanged = 1,
  kPodRemoved = 2,
  kPodAdded = 4,
  kAnything = 7,
};

class SchedulingQueue {
 public:
  // A pod to schedule, new or changed. Known pods that wait for something keep
  // waiting unless `retry`.
  void put(const Object& pod, std::int64_t priority, bool retry, TimePoint now);
  void remove(const ObjectKey& pod);
  // The next pod to try; nullopt when none is active. It is no longer queued.
  std::optional<ObjectKey> pop(TimePoint now);
  // A pod that was popped and found no node. `waits_for`: events that may help.
  void put_back_unschedulable(const ObjectKey& pod, std::uint32_t waits_for, TimePoint now);
  // A pod that was popped and failed for another reason (binding): tried again after back-off.
  void put_back(const ObjectKey& pod, TimePoint now);
  // Forgets a pod that has been placed.
  void finish(const ObjectKey& pod) { remove(pod); }
  // Wakes the pods that wait for `event`.
  void wake(ClusterEvent event, TimePoint now);
  // When a pod leaves its back-off or has waited for too long; TimePoint::max() for never.
  TimePoint next_due() const;
  // Moves what is due by now to the active queue.
  void advance(TimePoint now);

  std::size_t active_count() const { return active_.size(); }
  std::size_t unschedulable_count() const { return unschedulable_.size(); }
  std::size_t backoff_count() const { return backing_off_.size(); }

 private:
  struct Entry {
    std::int64_t priority = 0;
    std::uint64_t arrival = 0;
    int attempts = 0;
    std::uint32_t waits_for = 0;
    TimePoint last_try{};
    TimePoint due{};  // of the back-off, or of the last resort retry
    enum class Place : std::uint8_t { kNone, kActive, kBackingOff, kUnschedulable } place = Place::kNone;
  };
  struct Rank {
    std::int64_t priority;
    std::uint64_t arrival;
    auto operator<=>(const Rank& other) const {
      if (auto by_priority = other.priority <=> priority; by_priority != 0) return by_priority;
      return arrival <=> other.arrival;
    }
    bool operator==(const Rank&) const = default;
  };
  void leave(const ObjectKey& key, Entry& entry);
  void activate(const ObjectKey& key, Entry& entry);
  void back_off(const ObjectKey& key, Entry& entry, TimePoint now);

  std::map<ObjectKey, Entry> entries_;
  std::map<Rank, ObjectKey> active_;
  std::set<std::pair<TimePoint, ObjectKey>> backing_off_;
  std::set<std::pair<TimePoint, ObjectKey>> unschedulable_;
  std::uint64_t arrivals_ = 0;
};

}  // namespace drydock::scheduler
