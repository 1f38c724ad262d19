// What coroutines wait for besides time: Event, Queue, OneShot; and TaskGroup,
// which owns tasks that run beside their creator.
//
// Every waiter resumes through the EventLoop (never inside the call that woke
// it) and unregisters itself when its frame is destroyed.
#pragma once

#include <coroutine>
#include <cstddef>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/event_loop.h"
#include "core/base/task.h"

namespace drydock {

// Event: waiters sleep until notify_all() or notify_one(). Has no memory: check
// the condition in a loop, as with a condition variable:
//   while (!ready) co_await event.wait();
class Event {
 public:
  explicit Event(EventLoop& loop) : loop_(loop) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  // Waiters left behind are never woken by it again.
  ~Event() {
    for (Awaiter* awaiter : waiters_) awaiter->forget(this);
  }

  enum class Woken { kNotified, kOther, kDeadline };

  class Awaiter {
   public:
    // Waits for `event`, or for `other` if given, or until `deadline` if given.
    explicit Awaiter(Event& event, Event* other = nullptr, std::optional<TimePoint> deadline = std::nullopt)
        : loop_(event.loop_), events_{&event, other}, deadline_(deadline) {}
    Awaiter(const Awaiter&) = delete;
    ~Awaiter() {
      loop_.cancel(resumption_);
      leave();
    }
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
      handle_ = handle;
      for (Event* event : events_) {
        if (event != nullptr) event->waiters_.push_back(this);
      }
      if (deadline_) deadline_timer_ = loop_.call_at(*deadline_, [this] { wake(Woken::kDeadline); });
    }
    Woken await_resume() noexcept { return woken_; }

   private:
    friend class Event;
    void forget(const Event* event) {
      for (Event*& mine : events_) {
        if (mine == event) mine = nullptr;
      }
    }
    void leave() {
      loop_.cancel(deadline_timer_);
      for (Event*& event : events_) {
        if (event != nullptr) std::erase(event->waiters_, this);
        event = nullptr;
      }
    }
    void wake(Woken how) {
      woken_ = how;
      leave();
      resumption_ = loop_.post_resume(handle_);
    }
    EventLoop& loop_;
    Event* events_[2];
    std::coroutine_handle<> handle_;
    std::optional<TimePoint> deadline_;
    TimerId resumption_;
    TimerId deadline_timer_;
    Woken woken_ = Woken::kNotified;
  };

  // As wait(), and co_await gives true when notified, false at the deadline.
  class TimedAwaiter : public Awaiter {
   public:
    using Awaiter::Awaiter;
    bool await_resume() noexcept { return Awaiter::await_resume() != Woken::kDeadline; }
  };

  Awaiter wait() { return Awaiter(*this); }
  TimedAwaiter wait_until(TimePoint deadline) { return TimedAwaiter(*this, nullptr, deadline); }
  TimedAwaiter wait_for(Duration delay) { return TimedAwaiter(*this, nullptr, loop_.now() + delay); }
  // Whichever comes first; tells which one.
  Awaiter wait_either(Event& other, std::optional<TimePoint> deadline = std::nullopt) {
    return Awaiter(*this, &other, deadline);
  }

  void notify_all() {
    while (!waiters_.empty()) notify_one();
  }
  void notify_one() {
    if (waiters_.empty()) return;
    Awaiter* first = waiters_.front();
    first->wake(first->events_[0] == this ? Woken::kNotified : Woken::kOther);
  }
  std::size_t waiter_count() const { return waiters_.size(); }
  EventLoop& loop() { return loop_; }

 private:
  EventLoop& loop_;
  std::vector<Awaiter*> waiters_;
};

// Queue<T>: first in, first out; unbounded unless the caller checks size().
// close() lets receivers drain what is left and then get nullopt.
template <class T>
class Queue {
 public:
  explicit Queue(EventLoop& loop) : ready_(loop) {}
  void push(T item) {
    if (closed_) return;
    items_.push_back(std::move(item));
    ready_.notify_one();
  }
  void close() {
    closed_ = true;
    ready_.notify_all();
  }
  bool closed() const { return closed_; }
  std::size_t size() const { return items_.size(); }
  std::optional<T> try_pop() {
    if (items_.empty()) return std::nullopt;
    T item = std::move(items_.front());
    items_.pop_front();
    return item;
  }
  Task<std::optional<T>> pop() {
    while (items_.empty() && !closed_) co_await ready_.wait();
    co_return try_pop();
  }
  // nullopt also when the deadline passes first.
  Task<std::optional<T>> pop_until(TimePoint deadline) {
    while (items_.empty() && !closed_) {
      if (!co_await ready_.wait_until(deadline)) break;
    }
    co_return try_pop();
  }

 private:
  std::deque<T> items_;
  bool closed_ = false;
  Event ready_;
};

// OneShot<T>: a value that is set once and awaited by any number of tasks.
template <class T>
class OneShot {
 public:
  explicit OneShot(EventLoop& loop) : ready_(loop) {}
  void set(T value) {
    if (value_) return;
    value_.emplace(std::move(value));
    ready_.notify_all();
  }
  bool is_set() const { return value_.has_value(); }
  const T& get() const { return *value_; }
  Task<T> wait() {
    while (!value_) co_await ready_.wait();
    co_return *value_;
  }

 private:
  std::optional<T> value_;
  Event ready_;
};

// TaskGroup: owns tasks that run beside their creator, and destroys those still
// running when it is destroyed itself. No exception leaves a task (task.h):
// tasks report through Results.
//
// It must not be destroyed from inside one of its tasks.
class TaskGroup {
 public:
  explicit TaskGroup(EventLoop& loop) : loop_(loop) {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  ~TaskGroup();
  // Starts the task from the event loop, not inside this call.
  void spawn(Task<void> task);
  std::size_t running() const { return tasks_.size(); }
  // Destroys all tasks; from outside of them only.
  void cancel_all();

 private:
  struct Entry {
    Task<void> task;
    TimerId timer;
  };
  Task<void> run(std::list<Entry>::iterator self, Task<void> task);
  EventLoop& loop_;
  std::list<Entry> tasks_;
  std::list<Entry> finished_;
  TimerId sweep_;
};

// Runs `task` until `deadline`; nullopt (and the task destroyed) when it takes longer.
template <class T>
Task<std::optional<T>> with_deadline(EventLoop& loop, TimePoint deadline, Task<T> task) {
  struct State {
    explicit State(EventLoop& loop) : done(loop) {}
    std::optional<T> value;
    Event done;
  } state(loop);
  TaskGroup group(loop);
  auto runner = [](State& shared, Task<T> inner) -> Task<void> {
    shared.value.emplace(co_await inner);
    shared.done.notify_all();
  };
  group.spawn(runner(state, std::move(task)));
  while (!state.value) {
    if (!co_await state.done.wait_until(deadline)) break;
  }
  co_return std::move(state.value);
}

}  // namespace drydock
