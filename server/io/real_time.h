// RealTime: drives an EventLoop by the machine's clock, and the machine's I/O beside
// it, on one thread. In turns: what the network has ready, what the loop has due, then
// sleep until either has more.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/event_loop.h"

namespace boost::asio {
class io_context;
}

namespace drydock::server {

TimePoint real_now();

class RealTime {
 public:
  // `set_now` moves the loop's clock; it never goes backwards.
  RealTime(EventLoop& loop, std::function<void(TimePoint)> set_now);
  ~RealTime();
  RealTime(const RealTime&) = delete;

  boost::asio::io_context& io() { return *io_; }
  EventLoop& loop() { return loop_; }

  // SIGTERM and SIGINT stop it, as stop() does.
  void stop_on_signals();
  void stop() { stopped_ = true; }
  // Runs until the condition holds (true), or it is stopped or `limit` has passed (false).
  bool run_until(const std::function<bool()>& condition, Duration limit);
  // Called from any thread: `work` then runs on the loop's thread.
  void post(std::function<void()> work);

 private:
  struct Signals;
  void work();
  void rest(TimePoint until);
  EventLoop& loop_;
  std::function<void(TimePoint)> set_now_;
  std::unique_ptr<boost::asio::io_context> io_;
  std::unique_ptr<Signals> signals_;
  TimePoint now_{};
  bool stopped_ = false;
};

}  // namespace drydock::server
