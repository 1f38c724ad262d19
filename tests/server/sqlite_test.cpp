// SqliteStore: the contract of every Store, restarts, and kill -9 at any moment.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>

#include "doctest/doctest.h"
#include "server/store/sqlite_store.h"
#include "tests/ports/store_suite.h"
#include "tests/server/real_bench.h"

namespace drydock::server::testing {
namespace {

struct OnRealTime : RealBench {
  explicit OnRealTime(const std::string& path) {
    auto opened = SqliteStore::open(driver, path);
    REQUIRE_MESSAGE(opened.ok(), opened.error().message);
    store = *std::move(opened);
  }
  TxnResult put(const std::string& key, Value value, LeaseId lease = 0) {
    return run(store->txn(put_request(key, std::move(value), lease))).value();
  }
  RangeResult all() { return run(store->range(prefix_request("/"))).value(); }
  std::unique_ptr<SqliteStore> store;
};

struct Kept {
  Folder folder;
  std::unique_ptr<OnRealTime> bench = std::make_unique<OnRealTime>(folder.file("state.db"));
};

}  // namespace

TEST_CASE("SqliteStore keeps the contract of a Store") {
  check_store_contract([]() -> StoreUnderTest {
    auto kept = std::make_shared<Kept>();
    OnRealTime& bench = *kept->bench;
    StoreUnderTest test{kept, *bench.store, bench.loop};
    test.run = [&bench](Task<void> task) { bench.run_plain(std::move(task)); };
    return test;
  });
}

TEST_CASE("SqliteStore: what was written is there after a restart, with its numbers") {
  Folder folder;
  Revision revision = 0;
  {
    OnRealTime bench(folder.file("state.db"));
    bench.put("/a", "one");
    bench.put("/a", "two");
    bench.put("/b", Value::object({{"deep", Value::array({1, "x", true})}}));
    const LeaseId lease = bench.run(bench.store->grant_lease(600)).value();
    bench.put("/leased", 1, lease);
    TxnRequest drop;
    StoreOp op;
    op.type = StoreOp::Type::kDelete;
    op.key = "/b";
    drop.success.push_back(op);
    revision = bench.run(bench.store->txn(std::move(drop))).value().revision;
  }
  OnRealTime bench(folder.file("state.db"));
  const RangeResult all = bench.all();
  CHECK(all.revision == revision);
  REQUIRE(all.items.size() == 2);
  CHECK(all.items[0].value.as_string() == "two");
  CHECK(all.items[0].version == 2);
  CHECK(all.items[0].create_revision < all.items[0].mod_revision);
  CHECK(all.items[1].lease == 1);
  // Leases go on, and new ones get new names.
  CHECK(bench.run(bench.store->grant_lease(600)).value() == 2);
  CHECK(bench.run(bench.store->revoke_lease(1)).ok());
  CHECK(bench.all().items.size() == 1);
  CHECK_FALSE(bench.run(bench.store->watch("/", prefix_end("/"), 2)).ok());
}

TEST_CASE("SqliteStore: kill -9 a hundred times loses no acknowledged write") {
  Folder folder;
  std::vector<std::int64_t> acknowledged;
  Revision newest = 0;
  for (int round = 0; round < 100; ++round) {
    int acks[2];
    REQUIRE(pipe(acks) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      // The child writes numbers, four at a time, and says which are acknowledged.
      close(acks[0]);
      OnRealTime bench(folder.file("state.db"));
      auto writer = [](OnRealTime& on, int lane, std::int64_t from, int pipe_end) -> Task<void> {
        for (std::int64_t n = from;; n += 4) {
          TxnRequest request;
          StoreOp op;
          op.key = "/numbers/" + std::to_string(n);
          op.value = n;
          request.success.push_back(op);
          op.key = "/last/" + std::to_string(lane);
          request.success.push_back(op);
          const Result<TxnResult> done = co_await on.store->txn(std::move(request));
          if (!done) _exit(1);
          if (write(pipe_end, &n, sizeof n) != sizeof n) _exit(2);
        }
      };
      TaskGroup writers(bench.loop);
      for (int lane = 0; lane < 4; ++lane) writers.spawn(writer(bench, lane, lane + round * 1000000, acks[1]));
      bench.driver.run_until([] { return false; }, seconds(60));
      _exit(3);
    }
    close(acks[1]);
    // Dies after so many acknowledgements, at no particular moment of the next write.
    const int wanted = 1 + round % 7;
    std::vector<std::int64_t> numbers;
    std::int64_t number = 0;
    while (static_cast<int>(numbers.size()) < wanted && read(acks[0], &number, sizeof number) == sizeof number)
      numbers.push_back(number);
    kill(child, SIGKILL);
    while (read(acks[0], &number, sizeof number) == sizeof number) numbers.push_back(number);
    close(acks[0]);
    int status = 0;
    waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(static_cast<int>(numbers.size()) >= wanted);
    acknowledged.insert(acknowledged.end(), numbers.begin(), numbers.end());
    if (round % 10 != 9 && round != 0) continue;  // looking every time would only be slower
    OnRealTime bench(folder.file("state.db"));
    const RangeResult all = bench.all();
    std::map<std::string, std::int64_t> have;
    for (const KeyValue& item : all.items) have[item.key] = item.value.as_int();
    std::size_t missing = 0;
    for (std::int64_t each : acknowledged) missing += have.contains("/numbers/" + std::to_string(each)) ? 0 : 1;
    CHECK(missing == 0);
    // A write is there whole or not at all, acknowledged or not.
    for (const auto& [key, last] : have) {
      if (key.starts_with("/last/")) CHECK(have.contains("/numbers/" + std::to_string(last)));
    }
    CHECK(all.revision >= newest);
    newest = all.revision;
  }
  CHECK(acknowledged.size() >= 300);
}

}  // namespace drydock::server::testing
