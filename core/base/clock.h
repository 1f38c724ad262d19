// Clock port: what time it is, and how to get to a later moment.
// VirtualClock jumps; the native server's clock waits for real.
#pragma once

#include <chrono>
#include <cstdint>

namespace drydock {

using Duration = std::chrono::nanoseconds;
// Nanoseconds since the Unix epoch, UTC.
using TimePoint = std::chrono::time_point<std::chrono::system_clock, Duration>;

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

class Clock {
 public:
  virtual ~Clock() = default;
  // Never goes backwards.
  virtual TimePoint now() const = 0;
  // Returns true once now() >= deadline. Returns false when the wait was cut
  // short by outside work that the caller has to look at first.
  virtual bool wait_until(TimePoint deadline) = 0;
};

class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(TimePoint start) : now_(start) {}
  TimePoint now() const override { return now_; }
  bool wait_until(TimePoint deadline) override {
    if (deadline > now_) now_ = deadline;
    return true;
  }

 private:
  TimePoint now_;
};

}  // namespace drydock
