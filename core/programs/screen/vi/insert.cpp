// Vi's insert and replace modes.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/screen/vi/vi.h"

namespace drydock::screen {

std::string Vi::indent_of(std::size_t row) const {
  const std::string& line = text_.line(row);
  return line.substr(0, std::min(line.find_first_not_of(" \t"), line.size()));
}

void Vi::type(const std::string& text) { cursor_ = text_.insert(cursor_, text); }

void Vi::new_line() {
  const std::string indent =
      options_.contains("autoindent") && !options_.contains("paste") ? indent_of(cursor_.row) : "";
  // Blanks that only autoindent had put there go again.
  std::string& line = text_.lines[cursor_.row];
  if (!indent.empty() && line == indent && cursor_.column == line.size()) {
    line.clear();
    cursor_.column = 0;
  }
  type("\n");
  std::string& next = text_.lines[cursor_.row];
  if (!indent.empty()) {
    next.erase(0, std::min(next.find_first_not_of(" \t"), next.size()));
    type(indent);
  }
}

void Vi::backspace() {
  if (cursor_.column > 0) {
    const std::string& line = text_.line(cursor_.row);
    std::size_t from = previous_character(line, cursor_.column);
    // With expandtab a tab's worth of blanks goes at once.
    if (options_.contains("expandtab") && line.find_first_not_of(' ') >= cursor_.column &&
        cursor_.column % shift_width_ == 0)
      from = cursor_.column - shift_width_;
    (void)text_.cut({cursor_.row, from}, cursor_);
    cursor_.column = from;
    return;
  }
  if (cursor_.row == 0) return;
  const Position end{cursor_.row - 1, text_.line(cursor_.row - 1).size()};
  (void)text_.cut(end, cursor_);
  cursor_ = end;
}

// Until ESC. The text had been remembered before.
Task<void> Vi::insert_mode(std::size_t count, bool replace) {
  mode_ = replace ? "-- REPLACE --" : "-- INSERT --";
  message_.clear();
  error_ = false;
  std::vector<std::string> typed;        // for a count
  std::vector<std::string> overwritten;  // what replace mode covered
  using Kind = Key::Kind;
  for (;;) {
    const Key pressed = co_await key();
    if (pressed.is(Kind::kClosed)) {
      done_ = true;
      break;
    }
    if (pressed.is(Kind::kEscape) || pressed.is_control('C') || pressed.is_control('[')) break;
    std::string& line = text_.lines[cursor_.row];
    if (pressed.is(Kind::kText)) {
      if (replace && cursor_.column < line.size()) {
        const std::size_t size = character_size(line, cursor_.column);
        overwritten.push_back(line.substr(cursor_.column, size));
        line.erase(cursor_.column, size);
      } else if (replace) {
        overwritten.emplace_back();
      }
      type(pressed.text);
      typed.push_back(pressed.text);
    } else if (pressed.is(Kind::kEnter) || pressed.is_control('J')) {
      new_line();
      typed.emplace_back("\n");
    } else if (pressed.is(Kind::kTab)) {
      std::string tab = "\t";
      if (options_.contains("expandtab"))
        tab = std::string(shift_width_ - column_of(line, cursor_.column, tab_stop_) % shift_width_, ' ');
      type(tab);
      typed.push_back(tab);
    } else if (pressed.is(Kind::kBackspace)) {
      if (replace) {
        if (overwritten.empty() || cursor_.column == 0) continue;
        const std::size_t from = previous_character(line, cursor_.column);
        line.replace(from, cursor_.column - from, overwritten.back());
        overwritten.pop_back();
        cursor_.column = from;
      } else {
        backspace();
      }
      if (!typed.empty()) typed.pop_back();
    } else if (pressed.is(Kind::kDelete)) {
      if (cursor_.column < line.size()) line.erase(cursor_.column, character_size(line, cursor_.column));
    } else if (pressed.is_control('W')) {
      std::size_t from = cursor_.column;
      while (from > 0 && (line[from - 1] == ' ' || line[from - 1] == '\t')) --from;
      const int kind = from > 0 ? kind_of(line, previous_character(line, from), false) : 0;
      while (from > 0 && kind != 0 && kind_of(line, previous_character(line, from), false) == kind)
        from = previous_character(line, from);
      line.erase(from, cursor_.column - from);
      cursor_.column = from;
    } else if (pressed.is_control('U')) {
      const std::size_t from = cursor_.column > indent_of(cursor_.row).size() ? indent_of(cursor_.row).size() : 0;
      line.erase(from, cursor_.column - from);
      cursor_.column = from;
    } else if (pressed.is_control('T') || pressed.is_control('D')) {
      const std::size_t before = line.size();
      shift_lines(cursor_.row, cursor_.row, pressed.is_control('T') ? 1 : -1);
      const std::size_t after = text_.line(cursor_.row).size();
      cursor_.column = cursor_.column + after > before ? cursor_.column + after - before : 0;
    } else if (pressed.is_control('R')) {
      const Key name = co_await key();
      const auto stored = name.is(Kind::kText) ? registers_.find(name.text[0]) : registers_.end();
      if (stored != registers_.end()) type(stored->second.text);
    } else if (pressed.is_control('V')) {
      const Key literal = co_await key();
      if (literal.is(Kind::kTab)) type("\t");
      if (literal.is(Kind::kText)) type(literal.text);
    } else if (pressed.is_control('O')) {
      const std::string mode = mode_;
      mode_ = "-- (insert) --";
      const Key next = co_await key();
      co_await command(next, 1, false);
      mode_ = mode;
      if (done_) break;
    } else if (pressed.is(Kind::kLeft)) {
      cursor_.column = previous_character(line, cursor_.column);
    } else if (pressed.is(Kind::kRight)) {
      cursor_.column = next_character(line, cursor_.column);
    } else if (pressed.is(Kind::kUp) || pressed.is(Kind::kDown)) {
      const std::size_t column = column_of(line, cursor_.column, tab_stop_);
      if (pressed.is(Kind::kUp) && cursor_.row > 0) --cursor_.row;
      if (pressed.is(Kind::kDown) && cursor_.row + 1 < text_.size()) ++cursor_.row;
      cursor_.column = byte_at_column(text_.line(cursor_.row), column, tab_stop_);
    } else if (pressed.is(Kind::kHome)) {
      cursor_.column = 0;
    } else if (pressed.is(Kind::kEnd)) {
      cursor_.column = line.size();
    } else if (pressed.is(Kind::kPageUp) || pressed.is(Kind::kPageDown)) {
      scroll(static_cast<std::int64_t>(text_rows()) * (pressed.is(Kind::kPageUp) ? -1 : 1), true);
    }
  }
  for (std::size_t i = 1; i < count; ++i) type(join(typed, ""));
  // Blanks of an untouched autoindent do not stay.
  std::string& line = text_.lines[cursor_.row];
  if (typed.empty() && !line.empty() && line.find_first_not_of(" \t") == std::string::npos &&
      line == indent_of(cursor_.row) && cursor_.row > 0 && changing_ && !recorded_.empty() &&
      (recorded_[0].is_text("o") || recorded_[0].is_text("O"))) {
    line.clear();
    cursor_.column = 0;
  }
  mode_.clear();
  if (cursor_.column > 0) cursor_.column = previous_character(line, cursor_.column);
  clamp_cursor();
  wanted_ = column_of(text_.line(cursor_.row), cursor_.column, tab_stop_);
  wanted_end_ = false;
  marks_['.'] = cursor_;
}

}  // namespace drydock::screen
