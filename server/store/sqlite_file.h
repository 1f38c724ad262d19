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

 private:
  explicit SqliteFile(sqlite3* database) : database_(database) {}
  sqlite3* database_;
};

}  // namespace drydock::server
