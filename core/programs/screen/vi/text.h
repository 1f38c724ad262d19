// The text that vi edits: lines, positions, undo, and finding things in it.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/programs/text/regex.h"

namespace drydock::screen {

struct Position {
  std::size_t row = 0;
  std::size_t column = 0;  // byte offset
  auto operator<=>(const Position&) const = default;
};

class ViText {
 public:
  std::vector<std::string> lines{""};
  bool modified = false;

  std::size_t size() const { return lines.size(); }
  const std::string& line(std::size_t row) const { return lines[row]; }
  std::string whole() const;
  void load(std::string_view text);

  // Before a change: undo comes back here. Nested changes count as one.
  void remember(Position cursor);
  std::optional<Position> undo(Position cursor);
  std::optional<Position> redo();

  // [from, to) over lines.
  std::string cut(Position from, Position to);
  std::string copy(Position from, Position to) const;
  Position insert(Position at, std::string_view text);  // the position behind it
  std::string cut_lines(std::size_t first, std::size_t last);
  std::string copy_lines(std::size_t first, std::size_t last) const;
  void insert_lines(std::size_t row, std::string_view text);

 private:
  struct State {
    std::vector<std::string> lines;
    Position cursor;
    bool modified = false;
  };
  std::vector<State> undo_;
  std::vector<State> redo_;
};

// Vim's pattern language as a regular expression. `ignore_case` is added by \c.
Regex compile_vim_pattern(const std::string& pattern, bool ignore_case);
// The next match behind / in front of a position; wraps around the text's ends.
struct Found {
  Position at;
  std::size_t end = 0;  // byte in that line
  bool wrapped = false;
};
std::optional<Found> find_forwards(const ViText& text, const Regex& pattern, Position from, bool wrap);
std::optional<Found> find_backwards(const ViText& text, const Regex& pattern, Position from, bool wrap);

// 0: blank, 1: punctuation, 2: word character; `big`: everything not blank is one kind.
int kind_of(std::string_view line, std::size_t column, bool big);

}  // namespace drydock::screen
