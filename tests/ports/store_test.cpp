// MemoryStore keeps the Store contract.
#include <doctest/doctest.h>

#include "core/base/sync.h"
#include "core/store/memory_store.h"
#include "tests/ports/store_suite.h"

using namespace drydock;

namespace {

struct VirtualRig {
  VirtualClock clock{TimePoint(seconds(1767225600))};
  EventLoop loop{clock};
  MemoryStore store{loop};

  void run(Task<void> task) {
    bool done = false;
    auto body = [](Task<void> inner, bool& out) -> Task<void> {
      co_await inner;
      out = true;
    };
    TaskGroup group(loop);
    group.spawn(body(std::move(task), done));
    while (!done && loop.run_one()) {
    }
    REQUIRE(done);
  }
};

}  // namespace

TEST_CASE("MemoryStore keeps the Store contract") {
  check_store_contract([]() -> StoreUnderTest {
    auto rig = std::make_shared<VirtualRig>();
    VirtualRig* raw = rig.get();
    StoreUnderTest test{.owner = rig, .store = raw->store, .loop = raw->loop};
    test.run = [raw](Task<void> task) { raw->run(std::move(task)); };
    test.expiry_slack = seconds(0);
    return test;
  });
}
