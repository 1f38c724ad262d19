// EtcdWatches: every watch of a store on one stream. When the stream breaks, a new one
// is opened, at another member if need be, and each watch goes on behind the last
// revision it has heard of: nothing is lost, nothing comes twice.
#pragma once

#include <memory>
#include <string>

#include "core/base/sync.h"
#include "core/store/store.h"
#include "server/store/etcd/connection.h"
#include "server/store/etcd/messages.h"

namespace drydock::server::etcd {

class EtcdWatches {
 public:
  // `connection` and `known` outlive it.
  EtcdWatches(EtcdConnection& connection, KnownDocuments& known);
  ~EtcdWatches();
  Task<Result<std::unique_ptr<StoreWatch>>> watch(std::string key, std::string range_end, Revision start);

 private:
  struct Watcher;
  struct Hub;
  class Handle;
  Task<void> run();

  EtcdConnection& connection_;
  KnownDocuments& known_;
  std::shared_ptr<Hub> hub_;
  TaskGroup tasks_;
};

}  // namespace drydock::server::etcd
