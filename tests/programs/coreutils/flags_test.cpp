// Expectations are what GNU ls and getopt_long print for the same words.
#include <doctest/doctest.h>

#include "core/programs/command_flags.h"

using namespace drydock;

namespace {

constexpr std::string_view kHelp =
    "Usage: tool [OPTION]... [FILE]...\n"
    "  -a, --all                  everything\n"
    "  -R, -r, --recursive        all the way down\n"
    "  -n, --lines=NUMBER         how many\n"
    "  -i[TEXT], --replace[=TEXT]  perhaps with a text\n"
    "      --size                 one\n"
    "      --similar              another\n"
    "  -NUM                       a number\n";

CommandFlags parse(std::vector<std::string> words) { return CommandFlags::parse(words, kHelp); }

}  // namespace

TEST_CASE("flags: joined, apart, abbreviated and after operands") {
  const CommandFlags flags = parse({"x", "-ran5", "y", "--lines", "7", "--rep=z", "-12", "--", "-a"});
  CHECK(flags.problem() == "");
  CHECK(flags.has("all"));
  CHECK(flags.has("r"));
  CHECK(flags.has("recursive"));
  CHECK(flags.value("n") == "7");
  CHECK(flags.values("lines") == std::vector<std::string>{"5", "7"});
  CHECK(flags.value("i") == "z");
  CHECK(flags.value("NUM") == "12");
  CHECK(flags.last_of("all lines recursive") == "lines");
  CHECK(flags.operands() == std::vector<std::string>{"x", "y", "-a"});
}

TEST_CASE("flags: an optional value is only a joined one") {
  const CommandFlags flags = parse({"-i", "x", "-iy"});
  CHECK(flags.values("replace") == std::vector<std::string>{"y"});
  CHECK(flags.operands() == std::vector<std::string>{"x"});
}

TEST_CASE("flags: complaints are glibc's") {
  struct Row {
    std::vector<std::string> words;
    const char* problem;
  };
  const Row rows[] = {
      {{"-q"}, "invalid option -- 'q'"},
      {{"-aq"}, "invalid option -- 'q'"},
      {{"--foo"}, "unrecognized option '--foo'"},
      {{"--foo=3"}, "unrecognized option '--foo=3'"},
      {{"--si"}, "option '--si' is ambiguous; possibilities: '--size' '--similar'"},
      {{"--all=1"}, "option '--all' doesn't allow an argument"},
      {{"--lines"}, "option '--lines' requires an argument"},
      {{"-n"}, "option requires an argument -- 'n'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.problem);
    CHECK(parse(row.words).problem() == row.problem);
  }
}
