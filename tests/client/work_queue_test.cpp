// WorkQueue: no key twice, none lost, and the pauses after failures.
#include "core/client/work_queue.h"

#include <doctest/doctest.h>

#include <string>

using namespace drydock;

namespace {

struct Rig {
  VirtualClock clock{TimePoint(seconds(1767225600))};
  EventLoop loop{clock};
  WorkQueue queue{loop};
  TaskGroup tasks{loop};
  std::string taken;

  // Takes one key as soon as there is one.
  void take() {
    auto body = [](WorkQueue& from, std::string& out) -> Task<void> {
      const std::string key = co_await from.take();
      out += key + " ";
    };
    tasks.spawn(body(queue, taken));
  }
  void settle(Duration time = Duration{0}) { loop.run_until(loop.now() + time); }
};

}  // namespace

TEST_CASE("a key waits once, in order of coming") {
  Rig rig;
  for (const char* key : {"a", "b", "a", "c", "b"}) rig.queue.add(key);
  CHECK(rig.queue.size() == 3);
  for (int i = 0; i < 4; ++i) rig.take();
  rig.settle();
  CHECK(rig.taken == "a b c ");
}

TEST_CASE("a key that changes while it is worked on comes back afterwards") {
  Rig rig;
  rig.queue.add("a");
  rig.take();
  rig.settle();
  rig.queue.add("a");
  rig.queue.add("a");
  rig.take();
  rig.settle(seconds(1));
  CHECK(rig.taken == "a ");  // never two workers on one key
  rig.queue.done("a");
  rig.settle();
  CHECK(rig.taken == "a a ");
  rig.queue.done("a");
  rig.take();
  rig.settle(seconds(1));
  CHECK(rig.taken == "a a ");
}

TEST_CASE("of several delays the earliest counts") {
  Rig rig;
  rig.queue.add_after("a", seconds(10));
  rig.queue.add_after("a", seconds(3));
  rig.queue.add_after("a", seconds(20));
  rig.take();
  rig.settle(seconds(2));
  CHECK(rig.taken.empty());
  rig.settle(seconds(1));
  CHECK(rig.taken == "a ");
  rig.queue.done("a");
  rig.take();
  rig.settle(seconds(30));
  CHECK(rig.taken == "a ");  // the others are forgotten
}

TEST_CASE("failures double the pause, success forgets them") {
  Rig rig;
  for (int i = 0; i < 4; ++i) {
    rig.queue.add_rate_limited("a");
    CHECK(rig.queue.requeues("a") == i + 1);
    rig.take();
    rig.settle(milliseconds(5 << i) - milliseconds(1));
    CHECK(rig.taken.empty());
    rig.settle(milliseconds(1));
    CHECK(rig.taken == "a ");
    rig.taken.clear();
    rig.queue.done("a");
  }
  rig.queue.forget("a");
  CHECK(rig.queue.requeues("a") == 0);
  rig.queue.add_rate_limited("a");
  rig.take();
  rig.settle(milliseconds(5));
  CHECK(rig.taken == "a ");
}
