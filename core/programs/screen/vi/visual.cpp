// Vi's visual mode.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/screen/vi/vi.h"

namespace drydock::screen {

// --- visual mode ---

Vi::Range Vi::visual_range() const {
  Range range;
  range.ok = true;
  range.from = std::min(visual_start_, cursor_);
  range.to = std::max(visual_start_, cursor_);
  range.lines = visual_ == Visual::kLines;
  if (!range.lines) {
    const std::string& line = text_.line(range.to.row);
    if (range.to.column >= line.size() && range.to.row + 1 < text_.size() && visual_ == Visual::kCharacters)
      range.to = {range.to.row + 1, 0};
    else
      range.to.column = next_character(line, range.to.column);
  }
  return range;
}

// A block: columns of several lines.
Task<void> Vi::visual_block(char op) {
  const std::size_t a = column_of(text_.line(visual_start_.row), visual_start_.column, tab_stop_);
  const std::size_t b = column_of(text_.line(cursor_.row), cursor_.column, tab_stop_);
  const std::size_t first = std::min(visual_start_.row, cursor_.row);
  const std::size_t last = std::max(visual_start_.row, cursor_.row);
  const std::size_t left = std::min(a, b);
  const std::size_t right = std::max(a, b) + 1;
  visual_ = Visual::kNone;
  std::string taken;
  if (op != 'y') {
    text_.remember(cursor_);
    changing_ = true;
  }
  if (op == 'd' || op == 'x' || op == 'c' || op == 'y') {
    for (std::size_t row = first; row <= last; ++row) {
      std::string& line = text_.lines[row];
      const std::size_t begin = byte_at_column(line, left, tab_stop_);
      const std::size_t end = wanted_end_ ? line.size() : byte_at_column(line, right, tab_stop_);
      taken += (row > first ? "\n" : "") + line.substr(begin, end - begin);
      if (op != 'y') line.erase(begin, end - begin);
    }
    yank(taken, false, op != 'y');
  }
  cursor_ = {first, byte_at_column(text_.line(first), left, tab_stop_)};
  if (op != 'I' && op != 'A' && op != 'c') co_return;
  // What is typed on the first line is put on all of them.
  if (op == 'A')
    cursor_.column = wanted_end_ ? text_.line(first).size() : byte_at_column(text_.line(first), right, tab_stop_);
  const std::size_t before = text_.line(first).size();
  const std::size_t at = cursor_.column;
  const std::size_t rows = text_.size();
  co_await insert_mode();
  if (text_.size() == rows && text_.line(first).size() > before) {
    const std::string typed = text_.line(first).substr(at, text_.line(first).size() - before);
    for (std::size_t row = first + 1; row <= last; ++row) {
      std::string& line = text_.lines[row];
      const std::size_t column = op == 'A' ? right : left;
      const std::size_t width = column_of(line, line.size(), tab_stop_);
      if (wanted_end_ && op == 'A') {
        line += typed;
      } else if (width < column) {
        if (op == 'I') continue;
        line += std::string(column - width, ' ') + typed;
      } else {
        line.insert(byte_at_column(line, column, tab_stop_), typed);
      }
    }
  }
  cursor_ = {first, at};
  clamp_cursor();
}

Task<void> Vi::visual_command(Key pressed, std::size_t count, bool has_count) {
  using Kind = Key::Kind;
  if (pressed.is(Kind::kEscape) || pressed.is_control('C')) {
    visual_ = Visual::kNone;
    clamp_cursor();
    co_return;
  }
  const char c = pressed.is(Kind::kText) ? pressed.text[0] : pressed.is(Kind::kDelete) ? 'd' : '\0';
  if (c == 'v' || c == 'V' || pressed.is_control('V')) {
    const Visual wanted = c == 'v' ? Visual::kCharacters : c == 'V' ? Visual::kLines : Visual::kBlock;
    visual_ = visual_ == wanted ? Visual::kNone : wanted;
    clamp_cursor();
    co_return;
  }
  if (c == 'o' || c == 'O') {
    std::swap(cursor_, visual_start_);
    co_return;
  }
  if (c == '"') {
    const Key name = co_await key();
    if (name.is(Kind::kText)) register_ = name.text[0];
    co_return;
  }
  if (visual_ == Visual::kBlock && (c == 'd' || c == 'x' || c == 'c' || c == 'y' || c == 'I' || c == 'A')) {
    co_await visual_block(c);
    co_return;
  }
  if (c == 'i' || c == 'a') {
    const Range range = co_await text_object(c == 'a', count);
    if (range.ok) {
      visual_start_ = range.from;
      cursor_ = range.to;
      if (range.lines)
        visual_ = Visual::kLines;
      else if (cursor_.column > 0)
        cursor_.column = previous_character(text_.line(cursor_.row), cursor_.column);
    }
    co_return;
  }
  marks_['<'] = std::min(visual_start_, cursor_);
  marks_['>'] = std::max(visual_start_, cursor_);
  Range range = visual_range();
  switch (c) {
    case ':': {
      visual_ = Visual::kNone;
      for (char typed : std::string("'<,'>")) command_history_.empty() ? (void)typed : (void)typed;
      pending_keys_ = "'<,'>";
      const std::string typed = co_await prompt_line(':');
      pending_keys_.clear();
      if (!typed.empty()) co_await command_line(typed.substr(1));
      co_return;
    }
    case 'd':
    case 'x':
    case 'X':
    case 'D':
    case 'y':
    case 'Y':
    case 'c':
    case 's':
    case 'S':
    case 'C':
    case 'R':
    case '>':
    case '<':
    case '~':
    case 'u':
    case 'U':
    case 'J':
    case '!':
    case '=': {
      char op = c;
      if (c == 'x' || c == 'X' || c == 'D') op = 'd';
      if (c == 's' || c == 'S' || c == 'C' || c == 'R') op = 'c';
      if (c == 'Y') op = 'y';
      if (c == 'X' || c == 'D' || c == 'Y' || c == 'S' || c == 'C' || c == 'R') range.lines = true;
      visual_ = Visual::kNone;
      if (op == '>' || op == '<') {
        range.lines = true;
        if (range.to.column == 0 && range.to.row > range.from.row && !range.lines) --range.to.row;
        for (std::size_t i = 1; i < count; ++i) shift_lines(range.from.row, range.to.row, op == '>' ? 1 : -1);
      }
      changing_ = op != 'y';
      co_await apply(op, range);
      co_return;
    }
    case 'r': {
      const Key with = co_await key();
      visual_ = Visual::kNone;
      if (!with.is(Kind::kText)) co_return;
      text_.remember(cursor_);
      changing_ = true;
      for (std::size_t row = range.from.row; row <= range.to.row && row < text_.size(); ++row) {
        std::string& line = text_.lines[row];
        const std::size_t begin = !range.lines && row == range.from.row ? range.from.column : 0;
        const std::size_t end =
            !range.lines && row == range.to.row ? std::min(range.to.column, line.size()) : line.size();
        std::string filled;
        for (std::size_t i = begin; i < end; i = next_character(line, i)) filled += with.text;
        line.replace(begin, end - begin, filled);
      }
      cursor_ = range.from;
      co_return;
    }
    case 'p':
    case 'P': {
      visual_ = Visual::kNone;
      const char name = register_;
      const Register kept = registers_[name];
      register_ = '"';
      changing_ = true;
      co_await apply('d', range);
      registers_[name == '"' ? '_' : name] = kept;
      if (kept.lines && !range.lines) (void)text_.insert(cursor_, "\n");
      register_ = name == '"' ? '_' : name;
      put(kept.lines && range.lines && range.from.row >= text_.size(), 1);
      co_return;
    }
    case 'g': {
      const Key second = co_await key();
      if (second.is_text("g")) cursor_ = {has_count ? std::min(count, text_.size()) - 1 : 0, 0};
      if (second.is_text("J")) {
        visual_ = Visual::kNone;
        text_.remember(cursor_);
        cursor_ = range.from;
        join_lines(std::max<std::size_t>(2, range.to.row - range.from.row + 1), false);
      }
      co_return;
    }
    default:
      break;
  }
  const Motion where = co_await motion(pressed, count, has_count, false);
  if (!where.ok) co_return;
  cursor_ = where.to;
}

}  // namespace drydock::screen
