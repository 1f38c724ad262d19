// The contract of the Clock port, run on every implementation.
#pragma once

#include <doctest/doctest.h>

#include <functional>

#include "core/base/event_loop.h"

namespace drydock {

struct ClockUnderTest {
  Clock& clock;
  // Makes outside work come in after so long; null for clocks that know none.
  std::function<void(Duration)> interrupt_after;
};

inline void check_clock_contract(const ClockUnderTest& test) {
  Clock& clock = test.clock;
  const TimePoint start = clock.now();
  CHECK(start >= TimePoint(seconds(1767225600)));  // since 1970, UTC
  // The past and the present are reached at once, and nothing goes backwards.
  CHECK(clock.wait_until(start - seconds(100)));
  CHECK(clock.now() >= start);
  CHECK(clock.wait_until(TimePoint{}));
  CHECK(clock.now() >= start);
  TimePoint last = clock.now();
  for (int i = 1; i <= 5; ++i) {
    const TimePoint deadline = last + milliseconds(3);
    CHECK(clock.wait_until(deadline));
    CHECK(clock.now() >= deadline);
    CHECK(clock.now() >= last);
    last = clock.now();
  }
  if (test.interrupt_after) {
    const TimePoint far = clock.now() + seconds(60);
    test.interrupt_after(milliseconds(5));
    CHECK(!clock.wait_until(far));
    CHECK(clock.now() < far);
  }

  // A loop on it keeps order and waits long enough.
  EventLoop loop(clock);
  std::string order;
  const TimePoint begin = clock.now();
  loop.call_after(milliseconds(9), [&] { order += 'c'; });
  loop.call_after(milliseconds(3), [&] { order += 'a'; });
  loop.call_at(begin - seconds(5), [&] { order += '0'; });
  loop.call_after(milliseconds(6), [&] { order += 'b'; });
  const TimerId dropped = loop.call_after(milliseconds(4), [&] { order += 'x'; });
  CHECK(loop.cancel(dropped));
  CHECK(!loop.cancel(dropped));
  loop.run_until_idle();
  CHECK(order == "0abc");
  CHECK(clock.now() >= begin + milliseconds(9));
}

}  // namespace drydock
