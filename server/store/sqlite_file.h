// SqliteFile: the few statements that a SqliteStore needs, over SQLite's C interface.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace drydock::server {

class SqliteStatement {
 public:
  SqliteStatement(sqlite3* database, const char* text);
  ~SqliteStatement();
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& text(int index, std::string_view value);  // must live until run()
  SqliteStatement& number(int index, std::int64_t value);
  // Runs to the end; `row` is called for each row. False on an error.
  bool run(const std::function<void(SqliteStatement&)>& row = {});
  std::string column_text(int index) const;
  std::int64_t column_number(int index) const;

 private:
  sqlite3_stmt* statement_ = nullptr;
};

class SqliteFile {
 public:
  // Opens or makes the file with its tables. Errors name the file.
  static Result<std::unique_ptr<SqliteFile>> open(const std::string& path);
  ~SqliteFile();
  SqliteFile(const SqliteFile&) = delete;

  bool execute(const char* text);
  std::string error() const;
  std::unique_ptr<SqliteStatement> prepare(const char* text);

  // What the write-ahead log holds is to go into the database, when nobody waits.
  bool checkpoint_due() const;
  void checkpoint();
  // Gives the log its usual length at once. Writing over blocks that are there takes the
  // disk half the time of adding new ones, whose place in the file must be made safe too.
  // False while there is no log.
  bool lengthen_log();

 private:
  SqliteFile(sqlite3* database, std::string log_path) : database_(database), log_path_(std::move(log_path)) {}
  sqlite3* database_;
  std::string log_path_;
  int log_pages_ = 0;  // after the last transaction
};

}  // namespace drydock::server
