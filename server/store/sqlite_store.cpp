#include "server/store/sqlite_store.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/machinery/json.h"
#include "server/store/sqlite_file.h"

namespace drydock::server {
namespace {

// The memory stores' own leases never run out: this store's do, through the disk.
constexpr std::int64_t kNeverSeconds = 100LL * 365 * 24 * 3600;

// When nobody has written for so long, the log is given its length.
constexpr std::chrono::milliseconds kQuiet(200);

// The result of a task of a MemoryStore, which never waits.
template <class T>
T at_once(Task<T> task) {
  const bool done = task.start();
  DRYDOCK_CHECK(done);
  return task.take();
}

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(RealTime& driver, const std::string& path) {
  DRYDOCK_TRY(std::unique_ptr<SqliteFile> file, SqliteFile::open(path));
  std::unique_ptr<SqliteStore> store(new SqliteStore(driver, std::move(file)));
  DRYDOCK_TRY_VOID(store->load());
  SqliteStore* self = store.get();
  store->writer_ = std::thread([self] { self->write_in_background(); });
  return store;
}

SqliteStore::SqliteStore(RealTime& driver, std::unique_ptr<SqliteFile> file)
    : driver_(driver), loop_(driver.loop()), file_(std::move(file)), front_(loop_), back_(loop_) {}

SqliteStore::~SqliteStore() {
  *alive_ = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  work_.notify_all();
  if (writer_.joinable()) writer_.join();
  for (auto& [id, lease] : leases_) loop_.cancel(lease.expiry);
}

Result<void> SqliteStore::load() {
  Value items = Value::array();
  std::string broken;
  bool read = file_->prepare("SELECT key, value, create_revision, mod_revision, version, lease FROM kv ORDER BY key")
                  ->run([&](SqliteStatement& row) {
                    auto value = parse_json(row.column_text(1));
                    if (!value) {
                      broken = row.column_text(0) + ": " + value.error().message;
                      return;
                    }
                    items.push_back(Value::object({{"key", row.column_text(0)},
                                                   {"value", *std::move(value)},
                                                   {"create", row.column_number(2)},
                                                   {"mod", row.column_number(3)},
                                                   {"version", row.column_number(4)},
                                                   {"lease", row.column_number(5)}}));
                  });
  Revision revision = 1;
  std::int64_t next_lease = 1;
  read = file_->prepare("SELECT name, value FROM meta")->run([&](SqliteStatement& row) {
    (row.column_text(0) == "revision" ? revision : next_lease) = row.column_number(1);
  }) && read;
  Value leases = Value::array();
  read = file_->prepare("SELECT id, ttl_seconds FROM lease ORDER BY id")->run([&](SqliteStatement& row) {
    leases.push_back(Value::object({{"id", row.column_number(0)}, {"ttl", kNeverSeconds}}));
    leases_[row.column_number(0)].ttl_seconds = row.column_number(1);
  }) && read;
  if (!read) return Status::plain("sqlite: " + file_->error());
  if (!broken.empty()) return Status::plain("sqlite: " + broken);
  const Value snapshot =
      Value::object({{"revision", revision}, {"items", items}, {"leases", leases}, {"nextLease", next_lease}});
  DRYDOCK_TRY_VOID(front_.restore(snapshot));
  DRYDOCK_TRY_VOID(back_.restore(snapshot));
  // As etcd after a restart: every lease gets its whole time again.
  for (auto& [id, lease] : leases_) arm(id);
  return {};
}

Status SqliteStore::lost() const { return Status::service_unavailable("sqlite: " + failure_); }

void SqliteStore::take_changes(Revision after, Job& job) {
  const bool known = front_.visit_changes(after, [&](const KeyValue& item, bool deleted) {
    Row row;
    row.key = item.key;
    row.deleted = deleted;
    if (!deleted) row.value = dump_json(item.value);
    row.create_revision = item.create_revision;
    row.mod_revision = item.mod_revision;
    row.version = item.version;
    row.lease = item.lease;
    job.rows.push_back(std::move(row));
  });
  DRYDOCK_CHECK(known);
  job.revision = front_.revision();
  // Nobody watches the front store.
  (void)at_once(front_.compact(front_.revision()));
}

SqliteStore::JobPtr SqliteStore::enqueue(JobPtr job) {
  last_ = job;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_.push_back(job);
  }
  work_.notify_one();
  return job;
}

Task<Result<TxnResult>> SqliteStore::txn(TxnRequest request) {
  if (!failure_.empty()) co_return lost();
  const Revision before = front_.revision();
  Result<TxnResult> result = at_once(front_.txn(request));
  if (!result) co_return result.error();
  JobPtr job = last_;
  if (front_.revision() != before) {
    job = std::make_shared<Job>(loop_);
    take_changes(before, *job);
    job->apply = [this, request] { (void)at_once(back_.txn(request)); };
    job = enqueue(std::move(job));
  }
  // What was only read may have been written a moment ago: it counts once that is safe.
  if (job && !co_await job->done.wait()) co_return lost();
  co_return result;
}

Task<Result<RangeResult>> SqliteStore::range(RangeRequest request) {
  if (!failure_.empty()) co_return lost();
  co_return co_await back_.range(std::move(request));
}

Task<Result<std::unique_ptr<StoreWatch>>> SqliteStore::watch(std::string key, std::string range_end, Revision start) {
  if (!failure_.empty()) co_return lost();
  co_return co_await back_.watch(std::move(key), std::move(range_end), start);
}

Task<Result<void>> SqliteStore::compact(Revision revision) {
  if (!failure_.empty()) co_return lost();
  co_return co_await back_.compact(revision);
}

Task<Result<LeaseId>> SqliteStore::grant_lease(std::int64_t ttl_seconds) {
  if (!failure_.empty()) co_return lost();
  const Result<LeaseId> granted = at_once(front_.grant_lease(kNeverSeconds));
  if (!granted) co_return granted.error();
  const LeaseId id = *granted;
  const std::int64_t ttl = std::max<std::int64_t>(1, ttl_seconds);
  leases_[id].ttl_seconds = ttl;
  arm(id);
  JobPtr job = std::make_shared<Job>(loop_);
  job->leases.push_back({id, ttl});
  job->revision = front_.revision();
  job->apply = [this] { (void)at_once(back_.grant_lease(kNeverSeconds)); };
  job = enqueue(std::move(job));
  if (!co_await job->done.wait()) co_return lost();
  co_return id;
}

Task<Result<void>> SqliteStore::keep_alive(LeaseId lease) {
  if (!failure_.empty()) co_return lost();
  if (!leases_.contains(lease)) co_return Status::plain("etcdserver: requested lease not found");
  arm(lease);
  co_return Result<void>();
}

Task<Result<void>> SqliteStore::revoke_lease(LeaseId lease) {
  if (!failure_.empty()) co_return lost();
  if (!leases_.contains(lease)) co_return Status::plain("etcdserver: requested lease not found");
  JobPtr job = revoke(lease);
  if (!co_await job->done.wait()) co_return lost();
  co_return Result<void>();
}

SqliteStore::JobPtr SqliteStore::revoke(LeaseId lease) {
  loop_.cancel(leases_[lease].expiry);
  leases_.erase(lease);
  const Revision before = front_.revision();
  (void)at_once(front_.revoke_lease(lease));
  JobPtr job = std::make_shared<Job>(loop_);
  job->leases.push_back({lease, 0});
  if (front_.revision() != before) take_changes(before, *job);
  job->revision = front_.revision();
  job->apply = [this, lease] { (void)at_once(back_.revoke_lease(lease)); };
  return enqueue(std::move(job));
}

void SqliteStore::arm(LeaseId lease) {
  Lease& entry = leases_.at(lease);
  loop_.cancel(entry.expiry);
  entry.expiry = loop_.call_after(seconds(entry.ttl_seconds), [this, lease] {
    if (failure_.empty() && leases_.contains(lease)) (void)revoke(lease);
  });
}

// The writer's thread: nothing here touches a Value, a loop or a MemoryStore.
void SqliteStore::write_in_background() {
  const auto put = file_->prepare(
      "INSERT INTO kv(key, value, create_revision, mod_revision, version, lease) VALUES(?1, ?2, ?3, ?4, ?5, ?6) "
      "ON CONFLICT(key) DO UPDATE SET value=?2, create_revision=?3, mod_revision=?4, version=?5, lease=?6");
  const auto drop = file_->prepare("DELETE FROM kv WHERE key=?1");
  const auto put_lease = file_->prepare("INSERT OR REPLACE INTO lease(id, ttl_seconds) VALUES(?1, ?2)");
  const auto drop_lease = file_->prepare("DELETE FROM lease WHERE id=?1");
  const auto put_meta =
      file_->prepare("INSERT INTO meta(name, value) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET value=?2");
  const auto begin = file_->prepare("BEGIN IMMEDIATE");
  const auto commit = file_->prepare("COMMIT");
  bool lengthened = false;
  bool wrote = false;
  for (;;) {
    std::vector<JobPtr> jobs;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      const auto due = [this] { return stop_ || !waiting_.empty(); };
      if (wrote && !lengthened && !work_.wait_for(lock, kQuiet, due)) {
        lock.unlock();
        lengthened = file_->lengthen_log();
        wrote = false;
        lock.lock();
      }
      work_.wait(lock, due);
      if (waiting_.empty()) return;
      jobs.swap(waiting_);
    }
    bool good = begin->run();
    Revision revision = 0;
    LeaseId newest_lease = 0;
    for (const JobPtr& job : jobs) {
      for (const Row& row : job->rows) {
        if (row.deleted) {
          good = good && drop->text(1, row.key).run();
          continue;
        }
        put->text(1, row.key).text(2, row.value).number(3, row.create_revision).number(4, row.mod_revision);
        good = good && put->number(5, row.version).number(6, row.lease).run();
      }
      for (const LeaseRow& lease : job->leases) {
        newest_lease = std::max(newest_lease, lease.id);
        good = good && (lease.ttl_seconds == 0 ? drop_lease->number(1, lease.id).run()
                                               : put_lease->number(1, lease.id).number(2, lease.ttl_seconds).run());
      }
      revision = job->revision;
    }
    good = good && put_meta->text(1, "revision").number(2, revision).run();
    if (newest_lease != 0) good = good && put_meta->text(1, "next_lease").number(2, newest_lease + 1).run();
    good = good && commit->run();
    const std::string failure = good ? "" : file_->error();
    if (!good) file_->execute("ROLLBACK");
    driver_.post([this, alive = alive_, jobs = std::move(jobs), failure] {
      if (*alive) written(jobs, failure);
    });
    if (!good) return;
    wrote = true;
    // Whoever waited has been answered.
    if (file_->checkpoint_due()) file_->checkpoint();
  }
}

void SqliteStore::written(const std::vector<JobPtr>& jobs, const std::string& failure) {
  if (!failure.empty()) failure_ = failure;
  for (const JobPtr& job : jobs) {
    if (failure_.empty()) job->apply();
    if (last_ == job) last_.reset();
    job->done.set(failure_.empty());
  }
  if (failure_.empty()) return;
  // Nothing can be written any more: whoever waits is told.
  std::vector<JobPtr> rest;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    rest.swap(waiting_);
  }
  for (const JobPtr& job : rest) job->done.set(false);
}

}  // namespace drydock::server
