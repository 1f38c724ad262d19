#include "server/store/store_flags.h"

#include "core/base/strings.h"
#include "core/store/memory_store.h"
#include "server/cluster/authority.h"
#include "server/store/etcd/etcd_store.h"
#include "server/store/sqlite_store.h"

namespace drydock::server {
namespace {

Result<void> read_into(const Flags& flags, const char* flag, std::string& out) {
  const std::optional<std::string> path = flags.get(flag);
  if (!path || path->empty()) return {};
  DRYDOCK_TRY(out, read_text_file(*path));
  return {};
}

}  // namespace

const char* const kStoreUsage =
    "  --store KIND              sqlite (default): state.db in the data directory; memory: nothing\n"
    "                            outlives the process; etcd: shared with other servers\n"
    "  --etcd-endpoints A,B,C    etcd's members: https://10.0.0.1:2379,... (also --etcd-servers)\n"
    "  --etcd-cafile FILE        who vouches for etcd's certificates\n"
    "  --etcd-certfile FILE      this server's certificate for etcd, and its key\n"
    "  --etcd-keyfile FILE\n";

const std::vector<Flag>& store_flags() {
  static const std::vector<Flag> flags{{"--store", true},       {"--etcd-endpoints", true}, {"--etcd-servers", true},
                                       {"--etcd-cafile", true}, {"--etcd-certfile", true},  {"--etcd-keyfile", true}};
  return flags;
}

Result<StoreOptions> read_store_flags(const Flags& flags, const std::string& data_dir) {
  StoreOptions options;
  options.file = data_dir + "/state.db";
  options.kind = flags.get("--store").value_or(options.kind);
  if (options.kind != "memory" && options.kind != "sqlite" && options.kind != "etcd")
    return Status::plain("--store: unknown kind " + options.kind);
  std::string endpoints = flags.get("--etcd-endpoints").value_or("");
  if (endpoints.empty()) endpoints = flags.get("--etcd-servers").value_or("");
  if (options.kind != "etcd") {
    for (const Flag& flag : store_flags()) {
      if (flag.name != "--store" && flags.has(flag.name))
        return Status::plain(std::string(flag.name) + " is for --store etcd");
    }
    return options;
  }
  for (const std::string& endpoint : split(endpoints, ',')) {
    if (!trim(endpoint).empty()) options.etcd.endpoints.emplace_back(trim(endpoint));
  }
  // As kube-apiserver says it of its --etcd-servers.
  if (options.etcd.endpoints.empty()) return Status::plain("--etcd-endpoints must be specified");
  if (flags.has("--etcd-certfile") != flags.has("--etcd-keyfile"))
    return Status::plain("--etcd-certfile and --etcd-keyfile must be specified together");
  DRYDOCK_TRY_VOID(read_into(flags, "--etcd-cafile", options.etcd.ca_pem));
  DRYDOCK_TRY_VOID(read_into(flags, "--etcd-certfile", options.etcd.certificate_pem));
  DRYDOCK_TRY_VOID(read_into(flags, "--etcd-keyfile", options.etcd.key_pem));
  return options;
}

Result<std::unique_ptr<Store>> open_store(RealTime& driver, const StoreOptions& options) {
  if (options.kind == "memory") return std::unique_ptr<Store>(std::make_unique<MemoryStore>(driver.loop()));
  if (options.kind == "etcd") {
    DRYDOCK_TRY(std::unique_ptr<EtcdStore> store, EtcdStore::open(driver, options.etcd));
    return std::unique_ptr<Store>(std::move(store));
  }
  DRYDOCK_TRY(std::unique_ptr<SqliteStore> store, SqliteStore::open(driver, options.file));
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace drydock::server
