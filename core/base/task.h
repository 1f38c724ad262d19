// Task<T>: a lazily started coroutine, owned by its handle.
//
// - `co_await task` starts it and resumes the awaiter when it ends.
// - Destroying a Task destroys its frame and, through the locals in it, every
//   task it awaits: that is how a process is killed and a request cancelled.
//   So everything a coroutine holds must be released by destructors, and every
//   awaitable must unregister itself in its destructor.
// - A Task must not be destroyed from inside itself; owners of running tasks
//   (TaskGroup, Process) defer destruction to the event loop.
//
// A child that ends before its awaiter has suspended continues the awaiter
// without growing the stack, so loops over tasks that never block are safe in
// WebAssembly, which has no guaranteed tail calls.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

#include "core/base/check.h"
#include "core/base/frame_pool.h"

namespace drydock {

template <class T>
class Task;

namespace detail {

struct TaskPromiseBase {
  std::coroutine_handle<> continuation;
  bool starting = false;  // the awaiter is still inside await_suspend

  static void* operator new(std::size_t bytes) { return frame_pool::allocate(bytes); }
  static void operator delete(void* frame, std::size_t bytes) noexcept { frame_pool::release(frame, bytes); }

  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      TaskPromiseBase& promise = self.promise();
      // May destroy `self`; touch nothing of the frame afterwards.
      if (!promise.starting && promise.continuation) promise.continuation.resume();
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
  // No exception crosses a coroutine: most of core is compiled without them.
  [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
};

template <class T>
struct TaskPromise : TaskPromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    DRYDOCK_CHECK(value.has_value());
    return std::move(*value);
  }
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
  Task<void> get_return_object();
  void return_void() const noexcept {}
  void take() const noexcept {}
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  Task() = default;
  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  ~Task() { reset(); }

  explicit operator bool() const { return static_cast<bool>(handle_); }
  bool done() const { return !handle_ || handle_.done(); }

  // Starts a task that nobody awaits (used by owners such as TaskGroup).
  // `continuation` is resumed once it has ended, unless it ends at once: then
  // the call returns true and the continuation is not resumed.
  bool start(std::coroutine_handle<> continuation = {}) {
    handle_.promise().continuation = continuation;
    handle_.promise().starting = true;
    handle_.resume();
    if (handle_.done()) return true;
    handle_.promise().starting = false;
    return false;
  }
  // The result of a task that is done.
  T take() { return handle_.promise().take(); }

  void reset() {
    if (handle_) std::exchange(handle_, {}).destroy();
  }

  struct Awaiter {
    Handle handle;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> awaiting) const {
      handle.promise().continuation = awaiting;
      handle.promise().starting = true;
      handle.resume();
      if (handle.done()) return false;
      handle.promise().starting = false;
      return true;
    }
    T await_resume() const { return handle.promise().take(); }
  };
  Awaiter operator co_await() const& noexcept { return Awaiter{handle_}; }
  Awaiter operator co_await() const&& noexcept { return Awaiter{handle_}; }

 private:
  Handle handle_;
};

namespace detail {
template <class T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}
}  // namespace detail

}  // namespace drydock
