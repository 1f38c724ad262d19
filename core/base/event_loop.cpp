#include "core/base/event_loop.h"

#include <algorithm>
#include <utility>

namespace drydock {
namespace {

constexpr auto later = [](const auto& a, const auto& b) {
  return a.when != b.when ? a.when > b.when : a.sequence > b.sequence;
};

}  // namespace

EventLoop::~EventLoop() = default;

TimerId EventLoop::take_slot() {
  std::uint32_t slot;
  if (free_slots_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  slots_[slot].armed = true;
  return {slot, slots_[slot].generation};
}

bool EventLoop::armed(TimerId id) const {
  return id.slot < slots_.size() && slots_[id.slot].armed && slots_[id.slot].generation == id.generation;
}

TimerId EventLoop::schedule(TimePoint when, TimerId id) {
  if (when <= now()) {
    ready_.push_back(id);
  } else {
    heap_.push_back({when, next_sequence_++, id});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  return id;
}

TimerId EventLoop::post(Callback callback) {
  TimerId id = take_slot();
  slots_[id.slot].callback = std::move(callback);
  ready_.push_back(id);
  return id;
}

TimerId EventLoop::post_resume(std::coroutine_handle<> handle) {
  TimerId id = take_slot();
  slots_[id.slot].handle = handle;
  ready_.push_back(id);
  return id;
}

TimerId EventLoop::call_at(TimePoint when, Callback callback) {
  TimerId id = take_slot();
  slots_[id.slot].callback = std::move(callback);
  return schedule(when, id);
}

TimerId EventLoop::resume_at(TimePoint when, std::coroutine_handle<> handle) {
  TimerId id = take_slot();
  slots_[id.slot].handle = handle;
  return schedule(when, id);
}

bool EventLoop::cancel(TimerId id) {
  if (!armed(id)) return false;
  Slot& slot = slots_[id.slot];
  slot.armed = false;
  ++slot.generation;
  slot.handle = {};
  Callback dropped = std::exchange(slot.callback, nullptr);  // its destructor may schedule: run it last
  free_slots_.push_back(id.slot);
  return true;
}

void EventLoop::drop_cancelled() {
  while (!ready_.empty() && !armed(ready_.front())) ready_.pop_front();
  while (!heap_.empty() && !armed(heap_.front().id)) {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    heap_.pop_back();
  }
}

void EventLoop::run_slot(TimerId id) {
  Slot& slot = slots_[id.slot];
  slot.armed = false;
  ++slot.generation;
  std::coroutine_handle<> handle = std::exchange(slot.handle, {});
  Callback callback = std::exchange(slot.callback, nullptr);
  free_slots_.push_back(id.slot);
  ++steps_;
  if (handle) {
    handle.resume();
  } else {
    callback();
  }
}

bool EventLoop::run_one(TimePoint limit) {
  drop_cancelled();
  if (ready_.empty()) {
    if (heap_.empty() || heap_.front().when > limit) return false;
    const TimePoint due = heap_.front().when;
    if (!clock_.wait_until(due)) return true;  // outside work came first; look again
    // Everything due by now becomes ready, in (time, sequence) order.
    while (!heap_.empty() && heap_.front().when <= now()) {
      std::pop_heap(heap_.begin(), heap_.end(), later);
      if (armed(heap_.back().id)) ready_.push_back(heap_.back().id);
      heap_.pop_back();
    }
  }
  TimerId id = ready_.front();
  ready_.pop_front();
  run_slot(id);
  return true;
}

void EventLoop::run_until(TimePoint limit) {
  while (run_one(limit)) {
  }
  clock_.wait_until(limit);
}

void EventLoop::run_until_idle() {
  while (run_one()) {
  }
}

TimePoint EventLoop::next_due() const {
  for (TimerId id : ready_) {
    if (armed(id)) return now();
  }
  TimePoint earliest = TimePoint::max();
  if (!heap_.empty() && armed(heap_.front().id)) return heap_.front().when;
  for (const HeapEntry& entry : heap_) {
    if (armed(entry.id)) earliest = std::min(earliest, entry.when);
  }
  return earliest;
}

}  // namespace drydock
