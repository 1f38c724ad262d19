// Rows of shell scripts: each runs on a machine of its own and must give exactly what
// real bash gave (checked against bash 5.2 when the row was written).
#pragma once

#include <initializer_list>
#include <string>

#include "tests/programs/command_fixture.h"

namespace drydock {

struct ShellRow {
  const char* script;
  const char* out;
  const char* err = "";
  int code = 0;
};

inline void check_rows(std::initializer_list<ShellRow> rows) {
  for (const ShellRow& row : rows) {
    CAPTURE(row.script);
    CommandFixture machine;
    const CommandRun run = machine.run(row.script);
    CHECK(run.out == std::string(row.out));
    CHECK(run.err == std::string(row.err));
    CHECK(run.code == row.code);
  }
}

}  // namespace drydock
