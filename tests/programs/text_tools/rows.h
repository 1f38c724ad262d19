// Rows for the text tools: a shell line and what it must print, in a directory with
// the same four small files every time.
#pragma once

#include <span>

#include "tests/programs/command_fixture.h"

namespace drydock {

struct TextToolRow {
  const char* script;
  const char* out;
  const char* err;
  int code;
};

inline void check_rows(std::span<const TextToolRow> rows) {
  for (const TextToolRow& row : rows) {
    CommandFixture machine;
    machine.put("a", "one two three\nalpha beta gamma\n10 20 30\n\nlast line here\n");
    machine.put("b", "b 3\na 10\nc 2\na 1\n");
    machine.put("n", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n");
    machine.put("csv", "x,y,\"z\"\n1,2,3\n");
    CAPTURE(row.script);
    const CommandRun run = machine.run(row.script);
    CHECK(run.out == row.out);
    CHECK(run.err == row.err);
    CHECK(run.code == row.code);
  }
}

}  // namespace drydock
