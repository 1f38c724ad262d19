// The messages of etcd's v3 API that a Store needs, to and from protobuf. Values are
// the JSON text of documents.
// https://etcd.io/docs/v3.4/dev-guide/api_reference_v3/
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/store/store.h"

namespace drydock::server::etcd {

// Documents that have just been written or read, by key: what comes back from etcd at
// a revision that is known is that very document, neither parsed nor stored again.
class KnownDocuments {
 public:
  // nullptr unless the key's document of exactly that revision is known.
  const Value* find(std::string_view key, Revision revision) const;
  void remember(const std::string& key, Revision revision, const Value& document);
  void forget(std::string_view key, Revision revision);

 private:
  struct Known {
    Revision revision = 0;
    Value document;
  };
  std::map<std::string, Known, std::less<>> documents_;
};

std::string range_request(const RangeRequest& request);
Result<RangeResult> range_result(std::string_view bytes, KnownDocuments& known);

std::string txn_request(const TxnRequest& request);
// Also remembers what it has written.
Result<TxnResult> txn_result(std::string_view bytes, const TxnRequest& request, KnownDocuments& known);

std::string compaction_request(Revision revision);
std::string lease_grant_request(std::int64_t ttl_seconds);
std::string lease_request(LeaseId lease);  // keep-alive and revocation
struct LeaseAnswer {
  LeaseId id = 0;
  std::int64_t ttl_seconds = 0;  // 0: there is no such lease
};
Result<LeaseAnswer> lease_answer(std::string_view bytes);  // to a grant and to a keep-alive

std::string watch_create_request(std::int64_t watch_id, const std::string& key, const std::string& range_end,
                                 Revision start);
std::string watch_cancel_request(std::int64_t watch_id);
struct WatchAnswer {
  Revision revision = 0;  // of the store
  std::int64_t watch_id = 0;
  bool created = false;
  bool canceled = false;
  Revision compact_revision = 0;  // canceled because what it wanted is compacted
  std::string cancel_reason;
  std::vector<StoreEvent> events;
};
Result<WatchAnswer> watch_answer(std::string_view bytes, KnownDocuments& known);

// What an API server says when it is refused so.
Status compacted_status();

}  // namespace drydock::server::etcd
