// Rows of (shell line, what it prints, what it complains, exit code).
#pragma once

#include <initializer_list>

#include "tests/programs/command_fixture.h"

namespace drydock {

struct CommandRow {
  std::string script;
  std::string out;
  std::string err;
  int code = 0;
};

// Each row starts on a fresh machine.
inline void check_rows(std::initializer_list<CommandRow> rows, const std::map<std::string, std::string>& files = {}) {
  for (const CommandRow& row : rows) {
    CAPTURE(row.script);
    CommandFixture machine;
    const CommandRun run = machine.run(row.script, files);
    CHECK(run.out == row.out);
    CHECK(run.err == row.err);
    CHECK(run.code == row.code);
  }
}

}  // namespace drydock
