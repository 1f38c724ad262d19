// What the parts of the Store suite share: a store with calls that run to their end.
#pragma once

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/sync.h"
#include "tests/ports/store_suite.h"

namespace drydock::store_suite {

constexpr Duration kPatience = seconds(20);     // for what has to come
constexpr Duration kQuiet = milliseconds(300);  // nothing may come
constexpr const char* kCompacted = "etcdserver: mvcc: required revision has been compacted";
constexpr const char* kFuture = "etcdserver: mvcc: required revision is a future revision";
constexpr const char* kNoLease = "etcdserver: requested lease not found";
constexpr const char* kDuplicate = "etcdserver: duplicate key given in txn request";

// The store under test with calls that run to their end.
class Driver {
 public:
  explicit Driver(StoreUnderTest test) : test_(std::move(test)) {}

  std::string key(std::string_view name) const { return test_.prefix + std::string(name); }
  std::string end() const { return prefix_end(test_.prefix); }
  EventLoop& loop() { return test_.loop; }
  Duration expiry_slack() const { return test_.expiry_slack; }
  Store& store() { return test_.store; }

  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    test_.run(body(std::move(task), result));
    REQUIRE(result.has_value());
    return std::move(*result);
  }
  void sleep(Duration time) {
    auto nap = [](EventLoop& loop, Duration length) -> Task<void> { co_await loop.sleep(length); };
    test_.run(nap(test_.loop, time));
  }

  RangeRequest all() const {
    RangeRequest request;
    request.key = test_.prefix;
    request.range_end = end();
    return request;
  }
  RangeResult range(RangeRequest request) {
    auto result = run(test_.store.range(std::move(request)));
    REQUIRE_MESSAGE(result.ok(), result.error().message);
    return *std::move(result);
  }
  std::optional<KeyValue> get(std::string_view name) {
    RangeRequest request;
    request.key = key(name);
    RangeResult result = range(std::move(request));
    if (result.items.empty()) return std::nullopt;
    return result.items.front();
  }
  StoreOp put_op(std::string_view name, Value value, LeaseId lease = 0) const {
    StoreOp op;
    op.key = key(name);
    op.value = std::move(value);
    op.lease = lease;
    return op;
  }
  StoreOp delete_op(std::string_view name) const {
    StoreOp op;
    op.type = StoreOp::Type::kDelete;
    op.key = key(name);
    return op;
  }
  StoreOp get_op(std::string_view name) const {
    StoreOp op;
    op.type = StoreOp::Type::kGet;
    op.key = key(name);
    return op;
  }
  Result<TxnResult> try_txn(TxnRequest request) { return run(test_.store.txn(std::move(request))); }
  TxnResult txn(std::vector<StoreOp> ops) {
    TxnRequest request;
    request.success = std::move(ops);
    auto result = try_txn(std::move(request));
    REQUIRE_MESSAGE(result.ok(), result.error().message);
    CHECK(result->succeeded);
    return *std::move(result);
  }
  Revision put(std::string_view name, Value value, LeaseId lease = 0) {
    std::vector<StoreOp> ops;
    ops.push_back(put_op(name, std::move(value), lease));
    return txn(std::move(ops)).revision;
  }
  TxnResult remove(std::string_view name) {
    std::vector<StoreOp> ops;
    ops.push_back(delete_op(name));
    return txn(std::move(ops));
  }

  std::unique_ptr<StoreWatch> watch(std::string first, std::string range_end, Revision start) {
    auto result = run(test_.store.watch(std::move(first), std::move(range_end), start));
    REQUIRE_MESSAGE(result.ok(), result.error().message);
    REQUIRE(*result != nullptr);
    return *std::move(result);
  }
  std::unique_ptr<StoreWatch> watch_all(Revision start) { return watch(test_.prefix, end(), start); }
  using Batch = Result<std::vector<StoreEvent>>;
  // nullopt when nothing comes within the time.
  std::optional<Batch> next(StoreWatch& watch, Duration time = kPatience) {
    return run(with_deadline<Batch>(test_.loop, test_.loop.now() + time, watch.next()));
  }
  // At least `count` events, in the order they came.
  std::vector<StoreEvent> events(StoreWatch& watch, std::size_t count) {
    std::vector<StoreEvent> all;
    while (all.size() < count) {
      auto batch = next(watch);
      REQUIRE_MESSAGE(batch.has_value(), "the watch stopped after ", all.size(), " of ", count, " events");
      REQUIRE_MESSAGE(batch->ok(), batch->error().message);
      CHECK_MESSAGE(!(*batch)->empty(), "an empty batch is no news");
      for (StoreEvent& event : **batch) all.push_back(std::move(event));
    }
    return all;
  }
  // The error that ends a watch, or that refuses to start it.
  Status watch_error(Revision start) {
    auto result = run(test_.store.watch(test_.prefix, end(), start));
    if (!result.ok()) return result.error();
    auto batch = next(**result);
    REQUIRE(batch.has_value());
    REQUIRE(!batch->ok());
    return batch->error();
  }
  LeaseId grant(std::int64_t seconds) {
    auto lease = run(test_.store.grant_lease(seconds));
    REQUIRE_MESSAGE(lease.ok(), lease.error().message);
    return *lease;
  }
  // Waits until the key is gone; how long that took.
  Duration time_until_gone(std::string_view name, Duration limit) {
    const TimePoint start = test_.loop.now();
    while (get(name) && test_.loop.now() < start + limit) sleep(milliseconds(100));
    return test_.loop.now() - start;
  }

 private:
  template <class T>
  static Task<void> body(Task<T> task, std::optional<T>& out) {
    out.emplace(co_await task);
  }
  StoreUnderTest test_;
};

// One letter per event and its key's name: "+a -b".
inline std::string written(const std::vector<StoreEvent>& events, std::size_t prefix_length) {
  std::string text;
  for (const StoreEvent& event : events) {
    if (!text.empty()) text += ' ';
    text += event.deleted ? '-' : '+';
    text += event.item.key.substr(prefix_length);
  }
  return text;
}

inline std::string names(const std::vector<KeyValue>& items, std::size_t prefix_length) {
  std::string text;
  for (const KeyValue& item : items) {
    if (!text.empty()) text += ' ';
    text += item.key.substr(prefix_length);
  }
  return text;
}

// The parts about watches; the others are beside their caller.
void check_compaction(Driver& store);
void check_watch_from_past(Driver& store);
void check_watch_from_now(Driver& store);
void check_watch_order(Driver& store);
void check_many_watchers(Driver& store);
void check_watch_destruction(Driver& store);

}  // namespace drydock::store_suite
