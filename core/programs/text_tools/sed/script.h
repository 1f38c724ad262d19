// A sed script read into commands.
// https://www.gnu.org/software/sed/manual/sed.html
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/programs/text/regex.h"

namespace drydock::sed {

struct Address {
  enum class Kind { kNone, kLine, kLast, kRegex, kStep, kRelative, kMultiple, kZero } kind = Kind::kNone;
  std::size_t first = 0;  // line; first~; +N; ~N
  std::size_t step = 0;
  std::optional<Regex> regex;  // empty pattern: the last one used
};

// A piece of the replacement of s///.
struct ReplacementPart {
  enum class Kind { kText, kGroup, kUpper, kLower, kUpperNext, kLowerNext, kEndCase } kind = Kind::kText;
  std::string text;
  std::size_t group = 0;
};

struct Command {
  char name = '\0';
  Address from;
  Address to;
  bool negated = false;
  bool in_range = false;       // state of a range
  std::size_t range_end = 0;   // line at which it ends, when known
  std::string text;            // a, i, c: lines; r, w, R, W: file; b, t, T, ':': label; y: from
  std::string mapping;         // y: to
  std::size_t jump = 0;        // b, t, T: command number; {: its closing brace
  int number = -1;             // q, Q: exit code; l, L: width
  std::optional<Regex> regex;  // s; none when empty: the last one used
  std::vector<ReplacementPart> replacement;
  bool global = false;
  bool print = false;
  bool evaluate = false;
  std::size_t occurrence = 1;
  std::string write_file;  // s///w
};

struct Script {
  std::vector<Command> commands;
  bool quiet = false;  // "#n" on the first line
};

// `where` names a part in messages: "-e expression #1" or a file's name.
struct ScriptPart {
  std::string where;
  std::string text;
  bool is_file = false;
};
// Throws std::string: the complaint without "sed: ".
Script parse_script(const std::vector<ScriptPart>& parts, bool extended);

}  // namespace drydock::sed
