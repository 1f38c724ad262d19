#include "server/store/sqlite_file.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

namespace drydock::server {
namespace {

constexpr const char* kSetUp =
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=FULL;"
    "PRAGMA wal_autocheckpoint=0;"  // the writer does it between two transactions (checkpoint())
    "CREATE TABLE IF NOT EXISTS kv(key TEXT PRIMARY KEY, value TEXT NOT NULL, create_revision INTEGER NOT NULL,"
    " mod_revision INTEGER NOT NULL, version INTEGER NOT NULL, lease INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS lease(id INTEGER PRIMARY KEY, ttl_seconds INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL);";

constexpr int kLogPages = 1000;       // of the write-ahead log, before they go into the database
constexpr off_t kLogBytes = 6 << 20;  // those, and what one large transaction more may need

}  // namespace

SqliteStatement::SqliteStatement(sqlite3* database, const char* text) {
  sqlite3_prepare_v2(database, text, -1, &statement_, nullptr);
}
SqliteStatement::~SqliteStatement() { sqlite3_finalize(statement_); }

SqliteStatement& SqliteStatement::text(int index, std::string_view value) {
  sqlite3_bind_text64(statement_, index, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

SqliteStatement& SqliteStatement::number(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_, index, value);
  return *this;
}

bool SqliteStatement::run(const std::function<void(SqliteStatement&)>& row) {
  if (statement_ == nullptr) return false;
  int state = sqlite3_step(statement_);
  while (state == SQLITE_ROW) {
    if (row) row(*this);
    state = sqlite3_step(statement_);
  }
  sqlite3_reset(statement_);
  return state == SQLITE_DONE;
}

std::string SqliteStatement::column_text(int index) const {
  const auto* text = sqlite3_column_text(statement_, index);
  return text == nullptr ? ""
                         : std::string(reinterpret_cast<const char*>(text),
                                       static_cast<std::size_t>(sqlite3_column_bytes(statement_, index)));
}

std::int64_t SqliteStatement::column_number(int index) const { return sqlite3_column_int64(statement_, index); }

Result<std::unique_ptr<SqliteFile>> SqliteFile::open(const std::string& path) {
  sqlite3* database = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &database,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<SqliteFile> file(new SqliteFile(database, path + "-wal"));
  if (opened != SQLITE_OK) return Status::plain(path + ": " + file->error());
  ::chmod(path.c_str(), 0600);
  if (!file->execute(kSetUp)) return Status::plain(path + ": " + file->error());
  // The file stays when the last connection closes: its blocks are what makes it fast.
  int keep = 1;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
  sqlite3_wal_hook(
      database,
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<SqliteFile*>(self)->log_pages_ = pages;
        return SQLITE_OK;
      },
      file.get());
  return file;
}

SqliteFile::~SqliteFile() { sqlite3_close(database_); }

bool SqliteFile::checkpoint_due() const { return log_pages_ >= kLogPages; }

bool SqliteFile::execute(const char* text) {
  return sqlite3_exec(database_, text, nullptr, nullptr, nullptr) == SQLITE_OK;
}

std::string SqliteFile::error() const { return sqlite3_errmsg(database_); }

void SqliteFile::checkpoint() {
  sqlite3_wal_checkpoint_v2(database_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  log_pages_ = 0;  // the next transaction begins at the log's start again
}

bool SqliteFile::lengthen_log() {
  const int file = ::open(log_path_.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  struct stat facts{};
  bool whole = ::fstat(file, &facts) == 0;
  const std::string zeros(1 << 16, '\0');
  for (off_t at = facts.st_size; whole && at < kLogBytes; at += static_cast<off_t>(zeros.size()))
    whole = ::pwrite(file, zeros.data(), zeros.size(), at) == static_cast<ssize_t>(zeros.size());
  whole = whole && ::fdatasync(file) == 0;
  ::close(file);
  return whole;
}

std::unique_ptr<SqliteStatement> SqliteFile::prepare(const char* text) {
  return std::make_unique<SqliteStatement>(database_, text);
}

}  // namespace drydock::server
