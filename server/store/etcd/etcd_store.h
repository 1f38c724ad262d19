// EtcdStore: a real etcd v3 as the Store: keys below /registry as Kubernetes lays them
// out, values as JSON. Several servers may share it.
//
// Reads are linearizable and repeated at other members until they succeed or ten
// seconds have passed. A write whose outcome is unknown (the connection broke, a
// leader was lost) is repeated as well when its compares allow it to happen only once;
// it is then known again by what is there. Writes without compares fail instead.
#pragma once

#include <memory>
#include <string>

#include "core/store/store.h"
#include "server/store/etcd/connection.h"
#include "server/store/etcd/messages.h"
#include "server/store/etcd/watches.h"

namespace drydock::server {

class EtcdStore final : public Store {
 public:
  // `driver` outlives the store. The error is about the options: nothing is dialled yet.
  static Result<std::unique_ptr<EtcdStore>> open(RealTime& driver, etcd::EtcdOptions options);

  // Waits until a member answers: its version, or why none does.
  Task<Result<std::string>> status();

  Task<Result<RangeResult>> range(RangeRequest request) override;
  Task<Result<TxnResult>> txn(TxnRequest request) override;
  Task<Result<std::unique_ptr<StoreWatch>>> watch(std::string key, std::string range_end, Revision start) override;
  Task<Result<void>> compact(Revision revision) override;
  Task<Result<LeaseId>> grant_lease(std::int64_t ttl_seconds) override;
  Task<Result<void>> keep_alive(LeaseId lease) override;
  Task<Result<void>> revoke_lease(LeaseId lease) override;

 private:
  explicit EtcdStore(std::unique_ptr<etcd::EtcdConnection> connection)
      : connection_(std::move(connection)), watches_(*connection_, known_) {}
  // Whether what the request was to write is there, though its compares do not hold.
  Task<Result<bool>> written_before(const TxnRequest& request, TxnResult& result);

  std::unique_ptr<etcd::EtcdConnection> connection_;
  etcd::KnownDocuments known_;
  etcd::EtcdWatches watches_;
};

}  // namespace drydock::server
