#include "core/store/memory_store.h"

#include <algorithm>

namespace drydock {
namespace {

constexpr std::size_t kHistoryLimit = 200000;  // changes kept for watches and old revisions
constexpr std::size_t kBatchLimit = 1000;      // changes handed to a watcher at once

constexpr std::string_view kNoEnd("\0", 1);  // as range_end: every key from the first one on

bool in_range(std::string_view key, std::string_view first, std::string_view range_end) {
  if (range_end.empty()) return key == first;
  return key >= first && (range_end == kNoEnd || key < range_end);
}

// etcd refuses lists in which it would matter what is written first.
bool writes_key_twice(const std::vector<StoreOp>& ops) {
  std::set<std::string_view> put;
  for (const StoreOp& op : ops) {
    if (op.type == StoreOp::Type::kPut && !put.insert(op.key).second) return true;
  }
  return std::any_of(ops.begin(), ops.end(), [&put](const StoreOp& op) {
    if (op.type != StoreOp::Type::kDelete) return false;
    const auto at = put.lower_bound(op.key);
    return at != put.end() && in_range(*at, op.key, op.range_end);
  });
}

Status compacted_error() { return Status::gone("etcdserver: mvcc: required revision has been compacted"); }

}  // namespace

std::string prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty()) {
    if (static_cast<unsigned char>(end.back()) < 0xff) {
      end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
      return end;
    }
    end.pop_back();
  }
  return std::string(1, '\0');  // everything
}

// Holds what has happened in its range since the last next().
class MemoryStore::Watcher final : public StoreWatch {
 public:
  Watcher(MemoryStore& store, std::string key, std::string range_end, Revision start)
      : store_(&store), key_(std::move(key)), range_end_(std::move(range_end)), start_(start), ready_(store.loop_) {
    place_ = store.watchers_.emplace(key_, this);
  }
  ~Watcher() override {
    if (store_ != nullptr) store_->watchers_.erase(place_);
  }
  bool covers(const KeyValue& item) const {
    return item.mod_revision >= start_ && in_range(item.key, key_, range_end_);
  }
  void push(const Change& change) {
    pending_.push_back({change.deleted, change.item, change.before()});
    ready_.notify_all();
  }
  void store_gone() {
    store_ = nullptr;
    ready_.notify_all();
  }
  Task<Result<std::vector<StoreEvent>>> next() override {
    while (pending_.empty() && store_ != nullptr) (void)co_await ready_.wait();
    if (pending_.empty()) co_return Status::service_unavailable("etcdserver: server stopped");
    const std::size_t count = std::min(pending_.size(), kBatchLimit);
    std::vector<StoreEvent> batch(std::make_move_iterator(pending_.begin()),
                                  std::make_move_iterator(pending_.begin() + static_cast<std::ptrdiff_t>(count)));
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
    co_return batch;
  }

 private:
  MemoryStore* store_;
  std::string key_;
  std::string range_end_;
  Revision start_;
  std::multimap<std::string, Watcher*, std::less<>>::iterator place_;
  std::deque<StoreEvent> pending_;
  Event ready_;
};

MemoryStore::~MemoryStore() {
  for (auto& [key, watcher] : watchers_) watcher->store_gone();
  for (auto& [id, lease] : leases_) loop_.cancel(lease.expiry);
}

void MemoryStore::record(Change change) {
  for (auto at = watchers_.begin(); at != watchers_.end() && at->first <= change.item.key; ++at) {
    if (at->second->covers(change.item)) at->second->push(change);
  }
  history_.push_back(std::move(change));
  if (history_.size() > kHistoryLimit) {
    compacted_ = history_.front().item.mod_revision;
    history_.pop_front();
  }
}

void MemoryStore::put(const StoreOp& op) {
  Change change;
  KeyValue& item = items_[op.key];
  if (item.mod_revision != 0) {
    change.keep(item);
    if (item.lease != 0 && item.lease != op.lease) leases_[item.lease].keys.erase(op.key);
  } else {
    item.key = op.key;
    item.create_revision = revision_;
  }
  item.value = op.value;
  item.mod_revision = revision_;
  ++item.version;
  item.lease = op.lease;
  if (op.lease != 0) leases_[op.lease].keys.insert(op.key);
  change.item = item;
  record(std::move(change));
}

void MemoryStore::erase(const std::string& key) {
  const auto at = items_.find(key);
  if (at == items_.end()) return;
  Change change;
  change.deleted = true;
  change.item.key = key;
  change.item.mod_revision = revision_;
  if (at->second.lease != 0) leases_[at->second.lease].keys.erase(key);
  change.keep(std::move(at->second));
  items_.erase(at);
  record(std::move(change));
}

Result<std::map<std::string, KeyValue, std::less<>>> MemoryStore::items_at(const RangeRequest& request) const {
  std::map<std::string, KeyValue, std::less<>> found;
  for (auto at = items_.lower_bound(request.key);
       at != items_.end() && in_range(at->first, request.key, request.range_end); ++at)
    found.insert(*at);
  for (auto change = history_.rbegin(); change != history_.rend() && change->item.mod_revision > request.revision;
       ++change) {
    if (!in_range(change->item.key, request.key, request.range_end)) continue;
    if (std::optional<KeyValue> before = change->before())
      found[change->item.key] = *std::move(before);
    else
      found.erase(change->item.key);
  }
  return found;
}

Task<Result<RangeResult>> MemoryStore::range(RangeRequest request) {
  RangeResult result;
  result.revision = revision_;
  if (request.revision > revision_) co_return Status::plain("etcdserver: mvcc: required revision is a future revision");
  if (request.revision != 0 && request.revision < compacted_) co_return compacted_error();
  const bool newest = request.revision == 0 || request.revision == revision_;
  std::map<std::string, KeyValue, std::less<>> old;
  if (!newest) {
    DRYDOCK_CO_TRY(old, items_at(request));
  }
  const auto& items = newest ? items_ : old;
  for (auto at = items.lower_bound(request.key);
       at != items.end() && in_range(at->first, request.key, request.range_end); ++at) {
    ++result.count;
    if (request.count_only) continue;
    if (request.limit > 0 && static_cast<std::int64_t>(result.items.size()) >= request.limit) {
      result.more = true;
      continue;
    }
    result.items.push_back(at->second);
  }
  co_return result;
}

bool MemoryStore::compares_hold(const TxnRequest& request) const {
  return std::all_of(request.compares.begin(), request.compares.end(), [this](const StoreCompare& compare) {
    const auto at = items_.find(compare.key);
    return (at == items_.end() ? 0 : at->second.mod_revision) == compare.mod_revision;
  });
}

Task<Result<TxnResult>> MemoryStore::txn(TxnRequest request) {
  TxnResult result;
  result.succeeded = compares_hold(request);
  const std::vector<StoreOp>& ops = result.succeeded ? request.success : request.failure;
  if (writes_key_twice(request.success) || writes_key_twice(request.failure))
    co_return Status::plain("etcdserver: duplicate key given in txn request");
  for (const StoreOp& op : ops) {
    if (op.type == StoreOp::Type::kPut && op.lease != 0 && !leases_.contains(op.lease))
      co_return Status::plain("etcdserver: requested lease not found");
  }
  const bool writes = std::any_of(ops.begin(), ops.end(), [this](const StoreOp& op) {
    if (op.type != StoreOp::Type::kDelete) return op.type == StoreOp::Type::kPut;
    const auto at = items_.lower_bound(op.key);
    return at != items_.end() && in_range(at->first, op.key, op.range_end);
  });
  if (writes) ++revision_;
  for (const StoreOp& op : ops) {
    if (op.type == StoreOp::Type::kPut) {
      put(op);
    } else if (op.type == StoreOp::Type::kGet) {
      const auto at = items_.find(op.key);
      if (at != items_.end()) result.gets.push_back(at->second);
    } else {
      std::vector<std::string> keys;
      for (auto at = items_.lower_bound(op.key); at != items_.end() && in_range(at->first, op.key, op.range_end);
           ++at) {
        keys.push_back(at->first);
        result.previous.push_back(at->second);
      }
      for (const std::string& key : keys) erase(key);
    }
  }
  result.revision = revision_;
  co_return result;
}

Task<Result<std::unique_ptr<StoreWatch>>> MemoryStore::watch(std::string key, std::string range_end, Revision start) {
  if (start != 0 && start <= compacted_) co_return compacted_error();
  auto watcher = std::make_unique<Watcher>(*this, std::move(key), std::move(range_end), start);
  if (start != 0) {
    const auto first =
        std::lower_bound(history_.begin(), history_.end(), start,
                         [](const Change& change, Revision wanted) { return change.item.mod_revision < wanted; });
    for (auto change = first; change != history_.end(); ++change) {
      if (watcher->covers(change->item)) watcher->push(*change);
    }
  }
  co_return std::unique_ptr<StoreWatch>(std::move(watcher));
}

Task<Result<void>> MemoryStore::compact(Revision revision) {
  if (revision > revision_) co_return Status::plain("etcdserver: mvcc: required revision is a future revision");
  if (revision <= compacted_) co_return compacted_error();
  compacted_ = revision;
  while (!history_.empty() && history_.front().item.mod_revision <= revision) history_.pop_front();
  co_return Result<void>();
}

void MemoryStore::arm(LeaseId id) {
  Lease& lease = leases_.at(id);
  loop_.cancel(lease.expiry);
  lease.expiry = loop_.call_after(seconds(lease.ttl_seconds), [this, id] {
    const auto at = leases_.find(id);
    if (at == leases_.end()) return;
    const std::set<std::string, std::less<>> keys = at->second.keys;
    if (!keys.empty()) ++revision_;
    for (const std::string& key : keys) erase(key);
    leases_.erase(id);
  });
}

Task<Result<LeaseId>> MemoryStore::grant_lease(std::int64_t ttl_seconds) {
  const LeaseId id = next_lease_++;
  leases_[id].ttl_seconds = std::max<std::int64_t>(1, ttl_seconds);
  arm(id);
  co_return id;
}

Task<Result<void>> MemoryStore::keep_alive(LeaseId lease) {
  if (!leases_.contains(lease)) co_return Status::plain("etcdserver: requested lease not found");
  arm(lease);
  co_return Result<void>();
}

Task<Result<void>> MemoryStore::revoke_lease(LeaseId lease) {
  const auto at = leases_.find(lease);
  if (at == leases_.end()) co_return Status::plain("etcdserver: requested lease not found");
  loop_.cancel(at->second.expiry);
  const std::set<std::string, std::less<>> keys = at->second.keys;
  if (!keys.empty()) ++revision_;
  for (const std::string& key : keys) erase(key);
  leases_.erase(lease);
  co_return Result<void>();
}

bool MemoryStore::visit_changes(Revision after, const std::function<void(const KeyValue&, bool)>& visit) const {
  if (after < compacted_) return false;
  const auto first =
      std::upper_bound(history_.begin(), history_.end(), after,
                       [](Revision wanted, const Change& change) { return wanted < change.item.mod_revision; });
  for (auto change = first; change != history_.end(); ++change) visit(change->item, change->deleted);
  return true;
}

Value MemoryStore::snapshot() const {
  Value items = Value::array();
  for (const auto& [key, item] : items_) {
    items.push_back(Value::object({{"key", key},
                                   {"value", item.value},
                                   {"create", item.create_revision},
                                   {"mod", item.mod_revision},
                                   {"version", item.version}}));
    if (item.lease != 0) items.mutable_item(items.size() - 1).set("lease", item.lease);
  }
  Value leases = Value::array();
  for (const auto& [id, lease] : leases_) leases.push_back(Value::object({{"id", id}, {"ttl", lease.ttl_seconds}}));
  return Value::object({{"revision", revision_}, {"items", items}, {"leases", leases}, {"nextLease", next_lease_}});
}

Result<void> MemoryStore::restore(const Value& snapshot) {
  if (!snapshot["revision"].is_int() || !snapshot["items"].is_array())
    return Status::plain("etcdserver: snapshot file is corrupt");
  items_.clear();
  history_.clear();
  revision_ = snapshot["revision"].as_int();
  compacted_ = revision_;
  for (auto& [id, lease] : leases_) loop_.cancel(lease.expiry);
  leases_.clear();
  next_lease_ = std::max<LeaseId>(1, snapshot["nextLease"].as_int());
  // Every lease gets its whole time again, as after a change of leader.
  for (const Value& lease : snapshot["leases"].items()) {
    leases_[lease["id"].as_int()].ttl_seconds = lease["ttl"].as_int();
    arm(lease["id"].as_int());
  }
  for (const Value& document : snapshot["items"].items()) {
    KeyValue item;
    item.key = document["key"].str();
    item.value = document["value"];
    item.create_revision = document["create"].as_int();
    item.mod_revision = document["mod"].as_int();
    item.version = document["version"].as_int();
    item.lease = document["lease"].as_int();
    const auto lease = leases_.find(item.lease);
    if (lease == leases_.end())
      item.lease = 0;
    else
      lease->second.keys.insert(item.key);
    items_.emplace(item.key, std::move(item));
  }
  return {};
}

void MemoryStore::hash(Hash64& hash) const {
  hash.add(revision_);
  for (const auto& [key, item] : items_) {
    hash.add(key);
    hash.add(item.mod_revision);
    hash.add(item.version);
  }
}

}  // namespace drydock
