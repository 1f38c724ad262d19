#include "server/store/etcd/etcd_store.h"

#include <algorithm>

#include "core/apiserver/openapi/protobuf.h"

namespace drydock::server {
namespace {

constexpr const char* kRange = "/etcdserverpb.KV/Range";
constexpr const char* kTxn = "/etcdserverpb.KV/Txn";
constexpr const char* kCompact = "/etcdserverpb.KV/Compact";
constexpr const char* kLeaseGrant = "/etcdserverpb.Lease/LeaseGrant";
constexpr const char* kLeaseKeepAlive = "/etcdserverpb.Lease/LeaseKeepAlive";
constexpr const char* kLeaseRevoke = "/etcdserverpb.Lease/LeaseRevoke";
constexpr const char* kStatus = "/etcdserverpb.Maintenance/Status";
constexpr Duration kBetweenTries = milliseconds(50);

// Every key that is written is compared as well: once it is done it cannot happen again.
bool happens_once(const TxnRequest& request) {
  if (!request.failure.empty() &&
      std::ranges::any_of(request.failure, [](const StoreOp& op) { return op.type != StoreOp::Type::kGet; }))
    return false;
  return std::ranges::all_of(request.success, [&](const StoreOp& op) {
    return op.type == StoreOp::Type::kGet ||
           (op.range_end.empty() &&
            std::ranges::any_of(request.compares, [&](const StoreCompare& compare) { return compare.key == op.key; }));
  });
}

}  // namespace

Result<std::unique_ptr<EtcdStore>> EtcdStore::open(RealTime& driver, etcd::EtcdOptions options) {
  DRYDOCK_TRY(std::unique_ptr<etcd::EtcdConnection> connection, etcd::EtcdConnection::open(driver, std::move(options)));
  return std::unique_ptr<EtcdStore>(new EtcdStore(std::move(connection)));
}

Task<Result<std::string>> EtcdStore::status() {
  DRYDOCK_CO_TRY(const std::string answer, co_await connection_->repeat(kStatus, std::string()));
  ProtobufReader reader(answer);
  ProtobufField field;
  std::string version;
  while (reader.next(field)) {
    if (field.number == 2) version = std::string(field.bytes);
  }
  co_return version;
}

Task<Result<RangeResult>> EtcdStore::range(RangeRequest request) {
  DRYDOCK_CO_TRY(const std::string answer, co_await connection_->repeat(kRange, etcd::range_request(request)));
  co_return etcd::range_result(answer, known_);
}

Task<Result<bool>> EtcdStore::written_before(const TxnRequest& request, TxnResult& result) {
  Revision revision = 0;
  for (const StoreOp& op : request.success) {
    if (op.type == StoreOp::Type::kGet) continue;
    RangeRequest one;
    one.key = op.key;
    DRYDOCK_CO_TRY(const RangeResult found, co_await range(std::move(one)));
    const bool there = !found.items.empty();
    if (there != (op.type == StoreOp::Type::kPut)) co_return false;
    if (there && !(found.items[0].value == op.value)) co_return false;
    revision = std::max(revision, there ? found.items[0].mod_revision : 0);
  }
  result.succeeded = true;
  if (revision != 0) result.revision = revision;
  co_return true;
}

Task<Result<TxnResult>> EtcdStore::txn(TxnRequest request) {
  const std::string message = etcd::txn_request(request);
  const TimePoint end = connection_->deadline();
  const bool repeatable = happens_once(request);
  bool uncertain = false;
  for (;;) {
    const etcd::EtcdConnection::Answer answer = co_await connection_->call(kTxn, message, end);
    if (answer.status.is(GrpcCode::kOk)) {
      DRYDOCK_CO_TRY(TxnResult result, etcd::txn_result(answer.message, request, known_));
      if (uncertain && !result.succeeded) {
        DRYDOCK_CO_TRY(const bool done, co_await written_before(request, result));
        if (done) result.gets.clear();
      }
      co_return result;
    }
    const bool again = answer.status.untouched || (repeatable && answer.status.is(GrpcCode::kUnavailable));
    if (!again || connection_->loop().now() + kBetweenTries >= end) co_return etcd::status_of(answer.status);
    uncertain = uncertain || !answer.status.untouched;
    co_await connection_->loop().sleep(kBetweenTries);
  }
}

Task<Result<std::unique_ptr<StoreWatch>>> EtcdStore::watch(std::string key, std::string range_end, Revision start) {
  return watches_.watch(std::move(key), std::move(range_end), start);
}

Task<Result<void>> EtcdStore::compact(Revision revision) {
  const std::string message = etcd::compaction_request(revision);
  DRYDOCK_CO_TRY_VOID(co_await connection_->repeat(kCompact, message));
  co_return Result<void>();
}

Task<Result<LeaseId>> EtcdStore::grant_lease(std::int64_t ttl_seconds) {
  // Repeated, it may leave a lease behind that nobody keeps alive: it ends by itself.
  const std::string message = etcd::lease_grant_request(std::max<std::int64_t>(1, ttl_seconds));
  DRYDOCK_CO_TRY(const std::string answer, co_await connection_->repeat(kLeaseGrant, message));
  DRYDOCK_CO_TRY(const etcd::LeaseAnswer lease, etcd::lease_answer(answer));
  co_return lease.id;
}

Task<Result<void>> EtcdStore::keep_alive(LeaseId lease) {
  const std::string message = etcd::lease_request(lease);
  DRYDOCK_CO_TRY(const std::string answer, co_await connection_->repeat(kLeaseKeepAlive, message));
  DRYDOCK_CO_TRY(const etcd::LeaseAnswer kept, etcd::lease_answer(answer));
  if (kept.ttl_seconds <= 0) co_return Status::plain("etcdserver: requested lease not found");
  co_return Result<void>();
}

Task<Result<void>> EtcdStore::revoke_lease(LeaseId lease) {
  const std::string message = etcd::lease_request(lease);
  DRYDOCK_CO_TRY_VOID(co_await connection_->repeat(kLeaseRevoke, message));
  co_return Result<void>();
}

}  // namespace drydock::server
