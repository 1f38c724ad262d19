// SqliteStore: the embedded durable Store. State lives in memory and in one SQLite
// file (WAL, synchronous=FULL); a write is acknowledged, and watchers see it, only once
// it is on disk.
//
// Group commit: while one transaction is on its way to the disk, writes that come in
// are collected, and all of them go with the next one. A thread of its own waits for
// the disk; everything else happens on the loop's thread.
//
// Two MemoryStores apply the same writes in the same order: `front_` when they come in
// (compares see what is about to be written), `back_` when they are on disk (reads and
// watches see what is safe). History is not kept on disk: after a restart watches from
// older revisions fail as compacted, and clients list again.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/sync.h"
#include "core/store/memory_store.h"
#include "server/io/real_time.h"

namespace drydock::server {

class SqliteFile;

class SqliteStore final : public Store {
 public:
  // Opens or makes the file. `driver` outlives the store.
  static Result<std::unique_ptr<SqliteStore>> open(RealTime& driver, const std::string& path);
  ~SqliteStore() override;

  Task<Result<RangeResult>> range(RangeRequest request) override;
  Task<Result<TxnResult>> txn(TxnRequest request) override;
  Task<Result<std::unique_ptr<StoreWatch>>> watch(std::string key, std::string range_end, Revision start) override;
  Task<Result<void>> compact(Revision revision) override;
  Task<Result<LeaseId>> grant_lease(std::int64_t ttl_seconds) override;
  Task<Result<void>> keep_alive(LeaseId lease) override;
  Task<Result<void>> revoke_lease(LeaseId lease) override;

 private:
  // What goes to disk for one write, and what happens once it is there.
  struct Row {
    std::string key;
    bool deleted = false;
    std::string value;
    Revision create_revision = 0;
    Revision mod_revision = 0;
    std::int64_t version = 0;
    LeaseId lease = 0;
  };
  struct LeaseRow {
    LeaseId id = 0;
    std::int64_t ttl_seconds = 0;  // 0: gone
  };
  struct Job {
    explicit Job(EventLoop& loop) : done(loop) {}
    std::vector<Row> rows;
    std::vector<LeaseRow> leases;
    Revision revision = 0;
    std::function<void()> apply;  // to back_, on the loop's thread
    OneShot<bool> done;           // false: the disk failed
  };
  using JobPtr = std::shared_ptr<Job>;
  struct Lease {
    std::int64_t ttl_seconds = 0;
    TimerId expiry;
  };

  SqliteStore(RealTime& driver, std::unique_ptr<SqliteFile> file);
  Result<void> load();
  // What `front_` has changed since, as rows.
  void take_changes(Revision after, Job& job);
  JobPtr enqueue(JobPtr job);
  JobPtr revoke(LeaseId lease);
  void arm(LeaseId lease);
  void write_in_background();
  void written(const std::vector<JobPtr>& jobs, const std::string& failure);
  Status lost() const;

  RealTime& driver_;
  EventLoop& loop_;
  std::unique_ptr<SqliteFile> file_;
  MemoryStore front_;
  MemoryStore back_;
  std::map<LeaseId, Lease> leases_;
  std::string failure_;
  // Callbacks that the driver still holds look here whether the store still lives.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  JobPtr last_;  // newest write that is not on disk yet

  std::mutex mutex_;
  std::condition_variable work_;
  std::vector<JobPtr> waiting_;  // guarded by mutex_
  bool stop_ = false;            // guarded by mutex_
  std::thread writer_;           // last: it uses everything above
};

}  // namespace drydock::server
