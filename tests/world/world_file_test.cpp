// World files: what is asked for, and what is refused with a word of where.
#include <doctest/doctest.h>

#include "core/base/strings.h"
#include "core/world/world_file.h"

using namespace drydock;

TEST_CASE("versions as people write them") {
  const struct {
    const char* text;
    const char* version;
  } rows[] = {
      {"1.36", "v1.36.3"},
      {"v1.30", "v1.30.14"},
      {"1.30.2", "v1.30.2"},
      {"v1.14.10", "v1.14.10"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto parsed = parse_version(row.text);
    REQUIRE(parsed.ok());
    CHECK(*parsed == row.version);
  }
  for (const char* text : {"", "v", "1", "1.9", "1.99.1", "1.30.x", "1.30.1.1", "latest", "1.3"}) {
    CAPTURE(text);
    const auto parsed = parse_version(text);
    REQUIRE_FALSE(parsed.ok());
    CHECK(contains(parsed.error().message, "is no version that is offered: v1.36.3, "));
  }
}

TEST_CASE("world files: refused with what and where") {
  const struct {
    const char* yaml;
    const char* message;
  } rows[] = {
      {"kind: Pod", "kind: must be World"},
      {"kind: World\nnode: 3", "unknown field \"node\""},
      {"kind: World\nnodes: many", "nodes: must be a number from 0 to "},
      {"kind: World\nnodes: 0\nversion: 1.30", "version: must be text: put it in quotes"},
      {"kind: World\nnodes: 0\nversion: '1.99'", "version: \"1.99\" is no version that is offered: "},
      {"kind: World\nnodes: 0\nimages: {}", "images: must be a list"},
      {"kind: World\nnodes: 1\nsteps: [{run: ls}]", "steps[0]: needs \"run\" and \"on\""},
      {"kind: World\nnodes: 1\nsteps: ['node7$ ls']", "steps[0]: no node named \"node7\""},
      {"kind: World\nnodes: 1\nsteps: [{on: node1, run: echo a, expect: b}]",
       "steps[0]: expected \"b\" in the output of \"node1$ echo a\", which was:\na\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.yaml);
    const auto made = make_world(row.yaml, 1);
    REQUIRE_FALSE(made.ok());
    CHECK_MESSAGE(made.error().message.starts_with(row.message), made.error().message);
  }
  const auto older = make_world("kind: World\nnodes: 1\nversion: '1.29'", 1);
  REQUIRE(older.ok());
  CHECK((*older)->options().version == "v1.29.15");
}
