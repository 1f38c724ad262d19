// Store port: the state behind an API server, with etcd's semantics.
// https://etcd.io/docs/v3.5/learning/api/
//
// - Every successful write takes the next revision of the whole store.
// - A key's mod_revision is the revision of its last write; 0 means absent.
// - Watches see every change after their start revision, in revision order,
//   without gaps; a start before the compacted revision fails with 410 Expired.
// Implementations: MemoryStore (core), its client over the virtual network,
// SqliteStore and EtcdStore (server). tests/ports/store_suite.h is the contract
// that each of them passes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/task.h"
#include "core/machinery/value.h"

namespace drydock {

using Revision = std::int64_t;
using LeaseId = std::int64_t;

struct KeyValue {
  std::string key;
  Value value;
  Revision create_revision = 0;
  Revision mod_revision = 0;
  std::int64_t version = 0;  // number of writes since it was created
  LeaseId lease = 0;
};

struct RangeRequest {
  std::string key;         // first key
  std::string range_end;   // "": only `key`; "\0": no end; else the half-open range [key, range_end)
  std::int64_t limit = 0;  // 0: no limit
  Revision revision = 0;   // 0: newest; else as of that revision
  bool count_only = false;
};
struct RangeResult {
  std::vector<KeyValue> items;  // sorted by key
  std::int64_t count = 0;       // of the whole range, whatever the limit
  bool more = false;
  Revision revision = 0;  // of the store when it answered
};

// All compares must hold for `success` to run; otherwise `failure` runs. Each
// list is applied as one revision; a key may be written once in it.
struct StoreCompare {
  std::string key;
  Revision mod_revision = 0;  // must equal the key's; 0: the key must be absent
};
struct StoreOp {
  enum class Type { kPut, kDelete, kGet };
  Type type = Type::kPut;
  std::string key;
  std::string range_end;  // kDelete only: the half-open range [key, range_end)
  Value value;            // kPut
  LeaseId lease = 0;      // kPut
};
struct TxnRequest {
  std::vector<StoreCompare> compares;
  std::vector<StoreOp> success;
  std::vector<StoreOp> failure;
};
struct TxnResult {
  bool succeeded = false;
  Revision revision = 0;           // of the store after the transaction
  std::vector<KeyValue> gets;      // results of kGet, absent keys left out
  std::vector<KeyValue> previous;  // what kDelete removed
};

struct StoreEvent {
  bool deleted = false;
  KeyValue item;                     // deleted: key and mod_revision of the deletion only
  std::optional<KeyValue> previous;  // what was there before
};

class StoreWatch {
 public:
  virtual ~StoreWatch() = default;
  // The next batch, in revision order; waits until there is one. An error ends the watch.
  virtual Task<Result<std::vector<StoreEvent>>> next() = 0;
};

class Store {
 public:
  virtual ~Store() = default;
  virtual Task<Result<RangeResult>> range(RangeRequest request) = 0;
  virtual Task<Result<TxnResult>> txn(TxnRequest request) = 0;
  // Changes of keys in [key, range_end) with mod_revision >= start (0: from now on).
  virtual Task<Result<std::unique_ptr<StoreWatch>>> watch(std::string key, std::string range_end, Revision start) = 0;
  // Forgets what was overwritten before `revision`.
  virtual Task<Result<void>> compact(Revision revision) = 0;
  // Keys attached to a lease vanish `ttl_seconds` after its last keep-alive.
  virtual Task<Result<LeaseId>> grant_lease(std::int64_t ttl_seconds) = 0;
  virtual Task<Result<void>> keep_alive(LeaseId lease) = 0;
  virtual Task<Result<void>> revoke_lease(LeaseId lease) = 0;
};

// The range_end that makes [prefix, range_end) hold all keys with that prefix.
std::string prefix_end(std::string_view prefix);

}  // namespace drydock
