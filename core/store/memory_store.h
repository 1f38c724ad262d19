// MemoryStore: an etcd in memory: the virtual etcd's database.
//
// Invariant 1: the history holds every change after the compacted revision, in order.
// Invariant 2: a watcher has been handed every change of its range up to now.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/base/event_loop.h"
#include "core/base/hash.h"
#include "core/base/sync.h"
#include "core/store/store.h"

namespace drydock {

class MemoryStore final : public Store {
 public:
  explicit MemoryStore(EventLoop& loop) : loop_(loop) {}
  ~MemoryStore() override;

  Task<Result<RangeResult>> range(RangeRequest request) override;
  Task<Result<TxnResult>> txn(TxnRequest request) override;
  Task<Result<std::unique_ptr<StoreWatch>>> watch(std::string key, std::string range_end, Revision start) override;
  Task<Result<void>> compact(Revision revision) override;
  Task<Result<LeaseId>> grant_lease(std::int64_t ttl_seconds) override;
  Task<Result<void>> keep_alive(LeaseId lease) override;
  Task<Result<void>> revoke_lease(LeaseId lease) override;

  Revision revision() const { return revision_; }
  std::size_t key_count() const { return items_.size(); }
  // Newest items, in key order: for the view, which reads and never writes.
  const std::map<std::string, KeyValue, std::less<>>& items() const { return items_; }
  // Every change after `after`, in order. False when they are no longer all known:
  // read items() instead.
  bool visit_changes(Revision after, const std::function<void(const KeyValue& item, bool deleted)>& visit) const;
  // The content as one document, and back: what the database file holds.
  Value snapshot() const;
  Result<void> restore(const Value& snapshot);
  void hash(Hash64& hash) const;

 private:
  class Watcher;
  struct Change {
    bool deleted = false;
    KeyValue item;
    std::optional<KeyValue> previous;  // its key is item.key, and kept there alone

    void keep(KeyValue old) {
      old.key = std::string();
      previous = std::move(old);
    }
    std::optional<KeyValue> before() const {
      std::optional<KeyValue> old = previous;
      if (old) old->key = item.key;
      return old;
    }
  };
  struct Lease {
    std::int64_t ttl_seconds = 0;
    TimerId expiry;
    std::set<std::string, std::less<>> keys;
  };
  void put(const StoreOp& op);
  void erase(const std::string& key);
  void record(Change change);
  void arm(LeaseId id);
  bool compares_hold(const TxnRequest& request) const;
  // What was at `revision`, by undoing the changes since.
  Result<std::map<std::string, KeyValue, std::less<>>> items_at(const RangeRequest& request) const;

  EventLoop& loop_;
  Revision revision_ = 1;
  Revision compacted_ = 0;
  std::map<std::string, KeyValue, std::less<>> items_;
  std::deque<Change> history_;
  std::map<LeaseId, Lease> leases_;
  LeaseId next_lease_ = 1;
  // By first key of the watched range: a change looks only at ranges that start at or before it.
  std::multimap<std::string, Watcher*, std::less<>> watchers_;
};

}  // namespace drydock
