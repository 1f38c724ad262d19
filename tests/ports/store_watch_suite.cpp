// The Store contract's parts about watches and what compaction leaves to them.
#include "tests/ports/store_driver.h"

namespace drydock::store_suite {

void check_compaction(Driver& store) {
  store.put("a", 1);
  const Revision two = store.put("a", 2);
  store.put("gone", 1);
  store.remove("gone");
  const Revision middle = store.put("a", 3);
  store.put("b", 1);
  const Revision newest = store.put("a", 4);

  auto compact = [&](Revision revision) { return store.run(store.store().compact(revision)); };
  REQUIRE(compact(middle).ok());
  // What was overwritten before is forgotten; that revision itself and what is newer stays.
  RangeRequest request = store.all();
  request.revision = two;
  auto old = store.run(store.store().range(request));
  REQUIRE(!old.ok());
  CHECK(old.error().message == kCompacted);
  CHECK(old.error().code == 410);
  CHECK(old.error().reason == "Expired");
  request.revision = middle;
  CHECK(store.range(request).items[0].value == Value(3));
  CHECK(store.get("a")->value == Value(4));
  CHECK(store.get("a")->version == 4);

  Status expired = store.watch_error(two);
  CHECK(expired.message == kCompacted);
  CHECK(expired.code == 410);
  CHECK(expired.reason == "Expired");
  auto watch = store.watch_all(middle + 1);
  CHECK(written(store.events(*watch, 2), store.key("").size()) == "+b +a");

  // Again, and into the future, is refused.
  auto again = compact(middle);
  REQUIRE(!again.ok());
  CHECK(again.error().message == kCompacted);
  auto older = compact(two);
  REQUIRE(!older.ok());
  CHECK(older.error().message == kCompacted);
  auto ahead = compact(newest + 100000);
  REQUIRE(!ahead.ok());
  CHECK(ahead.error().message == kFuture);

  // Up to the newest: everything that is there stays readable, and life goes on.
  REQUIRE(compact(newest).ok());
  CHECK(store.range(store.all()).count == 2);
  CHECK(store.put("a", 5) > newest);
  CHECK(store.get("a")->version == 5);
  // A watch that has been open all the time is not disturbed.
  CHECK(written(store.events(*watch, 1), store.key("").size()) == "+a");
}

void check_watch_from_past(Driver& store) {
  const std::size_t length = store.key("").size();
  const Revision first = store.put("a", 1);
  store.put("b", 1);
  const Revision third = store.put("a", 2);
  store.remove("b");
  store.put("c", 1);

  auto watch = store.watch_all(first);
  std::vector<StoreEvent> past = store.events(*watch, 5);
  CHECK(written(past, length) == "+a +b +a -b +c");
  CHECK(!past[0].previous);
  CHECK(past[0].item.create_revision == first);
  REQUIRE(past[2].previous);
  CHECK(past[2].previous->value == Value(1));
  CHECK(past[2].previous->mod_revision == first);
  CHECK(past[2].item.value == Value(2));
  CHECK(past[2].item.version == 2);
  // A deletion names key and revision; what was there is its previous value.
  CHECK(past[3].deleted);
  CHECK(past[3].item.key == store.key("b"));
  CHECK(past[3].item.mod_revision == third + 1);
  REQUIRE(past[3].previous);
  CHECK(past[3].previous->value == Value(1));

  // The same watch goes on without a gap.
  store.put("d", 1);
  CHECK(written(store.events(*watch, 1), length) == "+d");

  // From a revision in the middle, including it; one key of it; a part of the range.
  auto middle = store.watch_all(third);
  CHECK(written(store.events(*middle, 4), length) == "+a -b +c +d");
  auto one = store.watch(store.key("a"), "", first);
  CHECK(written(store.events(*one, 2), length) == "+a +a");
  CHECK(!store.next(*one, kQuiet));
  auto part = store.watch(store.key("b"), store.key("d"), first);
  CHECK(written(store.events(*part, 3), length) == "+b -b +c");
  CHECK(!store.next(*part, kQuiet));
}

void check_watch_from_now(Driver& store) {
  const std::size_t length = store.key("").size();
  store.put("before", 1);
  auto watch = store.watch_all(0);
  CHECK(!store.next(*watch, kQuiet));
  const Revision after = store.put("after", 1);
  std::vector<StoreEvent> events = store.events(*watch, 1);
  CHECK(written(events, length) == "+after");
  CHECK(events[0].item.mod_revision == after);
  // A next() that was given up loses nothing.
  CHECK(!store.next(*watch, kQuiet));
  store.put("a", 1);
  store.put("b", 1);
  CHECK(written(store.events(*watch, 2), length) == "+a +b");

  // A watch from the future says nothing until then.
  auto future = store.watch_all(store.get("b")->mod_revision + 3);
  store.put("c", 1);
  store.put("d", 1);
  CHECK(!store.next(*future, kQuiet));
  store.put("e", 1);
  CHECK(written(store.events(*future, 1), length) == "+e");

  // Outside of the range nothing is heard, also not by keys that only look alike.
  const std::string outside = store.key("");
  TxnRequest foreign;
  StoreOp op;
  op.key = outside.substr(0, outside.size() - 1) + "0";  // behind every "prefix/…"
  op.value = 1;
  foreign.success.push_back(op);
  REQUIRE(store.try_txn(foreign).ok());
  store.put("f", 1);
  CHECK(written(store.events(*watch, 4), length) == "+c +d +e +f");
  StoreOp clean;
  clean.type = StoreOp::Type::kDelete;
  clean.key = op.key;
  store.txn({clean});
}

// Everything that is written arrives once, in order, whatever its rhythm.
void check_watch_order(Driver& store) {
  constexpr int kWrites = 2500;
  const Revision start = store.put("start", 0);
  auto live = store.watch_all(start + 1);
  std::vector<Revision> revisions;
  for (int i = 0; i < kWrites; i += 5) {
    std::vector<StoreOp> ops;
    for (int j = 0; j < 5; ++j) ops.push_back(store.put_op("k" + std::to_string(j), i + j));
    revisions.push_back(store.txn(std::move(ops)).revision);
  }
  auto late = store.watch_all(start + 1);
  for (StoreWatch* watch : {live.get(), late.get()}) {
    const std::vector<StoreEvent> events = store.events(*watch, kWrites);
    REQUIRE(events.size() == kWrites);
    bool in_order = true;
    bool chained = true;
    for (std::size_t i = 0; i < events.size(); ++i) {
      in_order = in_order && events[i].item.value == Value(static_cast<int>(i)) &&
                 events[i].item.mod_revision == revisions[i / 5];
      if (i >= 5)
        chained = chained && events[i].previous && events[i].previous->value == Value(static_cast<int>(i) - 5);
    }
    CHECK(in_order);
    CHECK(chained);
  }
  // A deleted range arrives in key order, with one revision.
  StoreOp wipe = store.delete_op("k");
  wipe.range_end = store.key("l");
  const TxnResult wiped = store.txn({wipe});
  const std::vector<StoreEvent> gone = store.events(*live, 5);
  CHECK(written(gone, store.key("").size()) == "-k0 -k1 -k2 -k3 -k4");
  for (const StoreEvent& event : gone) CHECK(event.item.mod_revision == wiped.revision);
}

void check_many_watchers(Driver& store) {
  constexpr int kWatchers = 200;
  const std::size_t length = store.key("").size();
  std::vector<std::unique_ptr<StoreWatch>> watches;
  for (int i = 0; i < kWatchers; ++i) {
    if (i % 2 == 0)
      watches.push_back(store.watch_all(0));
    else
      watches.push_back(store.watch(store.key("key" + std::to_string(i)), "", 0));
  }
  for (int i = 0; i < 10; ++i) store.put("key" + std::to_string(i), i);
  // Every fourth goes before anyone has read.
  for (int i = 0; i < kWatchers; i += 4) watches[static_cast<std::size_t>(i)].reset();
  for (int i = 10; i < 20; ++i) store.put("key" + std::to_string(i), i);
  for (int i = 0; i < kWatchers; ++i) {
    if (i % 4 == 0) continue;
    StoreWatch& watch = *watches[static_cast<std::size_t>(i)];
    if (i % 2 == 0) {
      const std::vector<StoreEvent> events = store.events(watch, 20);
      CHECK(events.size() == 20);
      CHECK(events[19].item.value == Value(19));
    } else if (i < 20) {
      const std::vector<StoreEvent> events = store.events(watch, 1);
      CHECK(written(events, length) == "+key" + std::to_string(i));
    }
  }
}

// A waiting task may go, and then its watch: nothing is touched afterwards.
void check_watch_destruction(Driver& store) {
  struct Seen {
    int batches = 0;
  } seen;
  auto listen = [](std::unique_ptr<StoreWatch> watch, Seen& out) -> Task<void> {
    while (true) {
      auto batch = co_await watch->next();
      if (!batch.ok()) co_return;
      ++out.batches;
    }
  };
  {
    TaskGroup group(store.loop());
    for (int i = 0; i < 3; ++i) group.spawn(listen(store.watch_all(0), seen));
    store.sleep(milliseconds(50));
    store.put("a", 1);
    store.sleep(milliseconds(300));
    CHECK(seen.batches == 3);
    // Destroyed while they wait, with news on their way.
    store.put("a", 2);
  }
  const int before = seen.batches;
  store.put("a", 3);
  store.sleep(milliseconds(300));
  CHECK(seen.batches == before);
  {
    auto idle = store.watch_all(0);  // never read
    store.put("a", 4);
  }
  store.put("a", 5);
  CHECK(store.get("a")->value == Value(5));
}

}  // namespace drydock::store_suite
