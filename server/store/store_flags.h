// Which Store `drydock serve` keeps its state in, and the flags that say so. Those about
// etcd are named as kube-apiserver names them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/store/store.h"
#include "server/flags.h"
#include "server/io/real_time.h"
#include "server/store/etcd/connection.h"

namespace drydock::server {

struct StoreOptions {
  std::string kind = "sqlite";  // "memory", "etcd"
  std::string file;             // sqlite's
  etcd::EtcdOptions etcd;
  // Several servers may write to it.
  bool shared() const { return kind == "etcd"; }
};

extern const char* const kStoreUsage;
const std::vector<Flag>& store_flags();
// Reads the files that the flags name.
Result<StoreOptions> read_store_flags(const Flags& flags, const std::string& data_dir);
Result<std::unique_ptr<Store>> open_store(RealTime& driver, const StoreOptions& options);

}  // namespace drydock::server
