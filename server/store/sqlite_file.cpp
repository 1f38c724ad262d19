#include "server/store/sqlite_file.h"

#include <sqlite3.h>
#include <sys/stat.h>

namespace drydock::server {
namespace {

constexpr const char* kSetUp =
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=FULL;"
    "PRAGMA wal_autocheckpoint=4000;"
    "CREATE TABLE IF NOT EXISTS kv(key TEXT PRIMARY KEY, value TEXT NOT NULL, create_revision INTEGER NOT NULL,"
    " mod_revision INTEGER NOT NULL, version INTEGER NOT NULL, lease INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS lease(id INTEGER PRIMARY KEY, ttl_seconds INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL);";

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
  std::unique_ptr<SqliteFile> file(new SqliteFile(database));
  if (opened != SQLITE_OK) return Status::plain(path + ": " + file->error());
  ::chmod(path.c_str(), 0600);
  if (!file->execute(kSetUp)) return Status::plain(path + ": " + file->error());
  return file;
}

SqliteFile::~SqliteFile() { sqlite3_close(database_); }

bool SqliteFile::execute(const char* text) {
  return sqlite3_exec(database_, text, nullptr, nullptr, nullptr) == SQLITE_OK;
}

std::string SqliteFile::error() const { return sqlite3_errmsg(database_); }

std::unique_ptr<SqliteStatement> SqliteFile::prepare(const char* text) {
  return std::make_unique<SqliteStatement>(database_, text);
}

}  // namespace drydock::server
