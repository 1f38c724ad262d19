// EventLoop: the one thread of the core. Runs callbacks and coroutine
// resumptions in (time, sequence) order; time comes from a Clock.
//
// Invariant 1: a callback never runs inside schedule(): always from run_*().
// Invariant 2: callbacks due at the same time run in the order of scheduling.
// Invariant 3: a cancelled callback never runs and is destroyed at cancel().
#pragma once

#include <coroutine>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "core/base/clock.h"

namespace drydock {

// Names one scheduled callback; stale ids are harmless.
struct TimerId {
  std::uint32_t slot = UINT32_MAX;
  std::uint32_t generation = 0;
  explicit operator bool() const { return slot != UINT32_MAX; }
};

class EventLoop {
 public:
  using Callback = std::function<void()>;

  explicit EventLoop(Clock& clock) : clock_(clock) {}
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  TimePoint now() const { return clock_.now(); }

  // Runs `callback` as soon as possible / at `when` (the past counts as now).
  TimerId post(Callback callback);
  TimerId call_at(TimePoint when, Callback callback);
  TimerId call_after(Duration delay, Callback callback) { return call_at(now() + delay, std::move(callback)); }
  TimerId resume_at(TimePoint when, std::coroutine_handle<> handle);
  TimerId post_resume(std::coroutine_handle<> handle);
  // Returns false when the callback has run or was cancelled before.
  bool cancel(TimerId id);

  // Runs one callback that is due at or before `limit`, moving the clock to its
  // time; false when there is none (the clock then stays).
  bool run_one(TimePoint limit = TimePoint::max());
  // Runs everything due at or before `limit`, then moves the clock to `limit`.
  void run_until(TimePoint limit);
  // Runs until nothing is scheduled (a world with heartbeats never gets there).
  void run_until_idle();

  // Time of the earliest scheduled callback, or TimePoint::max().
  TimePoint next_due() const;
  // Number of callbacks run so far: with the time, the exact address of a
  // moment in a history.
  std::uint64_t steps() const { return steps_; }

  // co_await loop.sleep(seconds(1));
  class SleepAwaiter {
   public:
    SleepAwaiter(EventLoop& loop, TimePoint deadline) : loop_(loop), deadline_(deadline) {}
    SleepAwaiter(const SleepAwaiter&) = delete;
    ~SleepAwaiter() { loop_.cancel(timer_); }
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) { timer_ = loop_.resume_at(deadline_, handle); }
    void await_resume() noexcept { timer_ = {}; }

   private:
    EventLoop& loop_;
    TimePoint deadline_;
    TimerId timer_;
  };
  SleepAwaiter sleep(Duration delay) { return {*this, now() + delay}; }
  SleepAwaiter sleep_until(TimePoint deadline) { return {*this, deadline}; }
  // Lets everything else that is due run first.
  SleepAwaiter yield() { return {*this, now()}; }

 private:
  struct Slot {
    Callback callback;
    std::coroutine_handle<> handle;
    std::uint32_t generation = 0;
    bool armed = false;
  };
  struct HeapEntry {
    TimePoint when;
    std::uint64_t sequence;
    TimerId id;
  };
  TimerId take_slot();
  TimerId schedule(TimePoint when, TimerId id);
  bool armed(TimerId id) const;
  void drop_cancelled();
  void run_slot(TimerId id);

  Clock& clock_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::deque<TimerId> ready_;
  std::vector<HeapEntry> heap_;
  std::uint64_t next_sequence_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace drydock
