// MemoryStore beyond the port's contract (tests/ports/store_suite.h): what it keeps, and
// the edges of ranges.
#include "core/store/memory_store.h"

#include <doctest/doctest.h>

#include <optional>

#include "core/base/sync.h"

using namespace drydock;

namespace {

struct Rig {
  VirtualClock clock{TimePoint(seconds(1767225600))};
  EventLoop loop{clock};
  MemoryStore store{loop};

  template <class T>
  T wait(Task<T> task) {
    std::optional<T> out;
    auto body = [](Task<T> inner, std::optional<T>& result) -> Task<void> { result.emplace(co_await inner); };
    TaskGroup group(loop);
    group.spawn(body(std::move(task), out));
    while (!out && loop.run_one(loop.now() + seconds(5))) {
    }
    REQUIRE(out.has_value());
    return std::move(*out);
  }
  TxnResult put(const std::string& key, Value value, std::optional<Revision> expected = std::nullopt) {
    TxnRequest request;
    if (expected) request.compares.push_back({key, *expected});
    StoreOp op;
    op.key = key;
    op.value = std::move(value);
    request.success.push_back(std::move(op));
    auto done = wait(store.txn(std::move(request)));
    REQUIRE(done.ok());
    return *done;
  }
  RangeResult range(std::string key, std::string end = "", std::int64_t limit = 0, Revision revision = 0) {
    RangeRequest request{std::move(key), std::move(end), limit, revision, false};
    auto found = wait(store.range(std::move(request)));
    REQUIRE(found.ok());
    return *found;
  }
};

std::string keys(const RangeResult& result) {
  std::string text;
  for (const KeyValue& item : result.items) text += item.key + " ";
  return text;
}

}  // namespace

TEST_CASE("the end of a prefix") {
  const std::pair<std::string, std::string> rows[] = {{"a", "b"},
                                                      {"/registry/pods/", "/registry/pods0"},
                                                      {"a\xff", "b"},
                                                      {"a\xff\xff", "b"},
                                                      {"\xff", std::string(1, '\0')}};
  for (const auto& [prefix, end] : rows) {
    CAPTURE(prefix);
    CHECK(prefix_end(prefix) == end);
  }
}

TEST_CASE("ranges: half open, limited, from a key on") {
  Rig rig;
  for (const char* key : {"a", "a/1", "a/2", "a0", "b"}) rig.put(key, 1);
  CHECK(keys(rig.range("a")) == "a ");
  CHECK(keys(rig.range("a/", prefix_end("a/"))) == "a/1 a/2 ");
  CHECK(keys(rig.range("a/2", std::string(1, '\0'))) == "a/2 a0 b ");
  const RangeResult first = rig.range("a", std::string(1, '\0'), 2);
  CHECK(keys(first) == "a a/1 ");
  CHECK(first.more);
  CHECK(first.count == 5);
  CHECK_FALSE(rig.range("a", std::string(1, '\0'), 5).more);
  CHECK(rig.range("nothing").items.empty());
}

TEST_CASE("a write that was not expected changes nothing") {
  Rig rig;
  const Revision first = rig.put("k", "one", 0).revision;
  const TxnResult refused = rig.put("k", "two", 0);
  CHECK_FALSE(refused.succeeded);
  CHECK(refused.revision == first);
  CHECK(rig.range("k").items[0].value == Value("one"));
  const TxnResult taken = rig.put("k", "three", first);
  CHECK(taken.succeeded);
  CHECK(taken.revision == first + 1);
  const KeyValue now = rig.range("k").items[0];
  CHECK(now.version == 2);
  CHECK(now.create_revision == first);
  CHECK(now.mod_revision == first + 1);
  // The past can be read until it is compacted.
  CHECK(rig.range("k", "", 0, first).items[0].value == Value("one"));
  REQUIRE(rig.wait(rig.store.compact(first + 1)).ok());
  RangeRequest old{"k", "", 0, first, false};
  CHECK_FALSE(rig.wait(rig.store.range(old)).ok());
}

TEST_CASE("one transaction is one revision for all it writes") {
  Rig rig;
  const Revision before = rig.put("x/1", 1).revision;
  TxnRequest request;
  for (const char* key : {"x/2", "x/3"}) {
    StoreOp op;
    op.key = key;
    op.value = key;
    request.success.push_back(std::move(op));
  }
  StoreOp drop;
  drop.type = StoreOp::Type::kDelete;
  drop.key = "x/1";
  request.success.push_back(drop);
  const auto done = rig.wait(rig.store.txn(std::move(request)));
  REQUIRE(done.ok());
  CHECK(done->revision == before + 1);
  REQUIRE(done->previous.size() == 1);
  CHECK(done->previous[0].value == Value(1));
  for (const KeyValue& item : rig.range("x/", prefix_end("x/")).items) CHECK(item.mod_revision == before + 1);
  CHECK(rig.store.items().size() == 2);
}
