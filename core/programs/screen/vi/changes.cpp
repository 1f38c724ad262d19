// What vi's operators do to the text.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/screen/vi/vi.h"

namespace drydock::screen {

// --- changes ---

void Vi::yank(const std::string& text, bool lines, bool deleted) {
  if (register_ == '_') {
    register_ = '"';
    return;
  }
  const Register made{text, lines};
  if (register_ >= 'A' && register_ <= 'Z') {
    Register& target = registers_[static_cast<char>(register_ + 32)];
    target.text += text;
    target.lines = target.lines || lines;
  } else if (register_ != '"') {
    registers_[register_] = made;
  } else if (!deleted) {
    registers_['0'] = made;
  } else if (lines || contains(text, "\n")) {
    for (char name = '9'; name > '1'; --name) {
      const auto older = registers_.find(static_cast<char>(name - 1));
      if (older != registers_.end()) registers_[name] = older->second;
    }
    registers_['1'] = made;
  } else {
    registers_['-'] = made;
  }
  registers_['"'] = made;
  register_ = '"';
}

void Vi::put(bool behind, std::size_t count) {
  const char name = register_ >= 'A' && register_ <= 'Z' ? static_cast<char>(register_ + 32) : register_;
  const auto stored = registers_.find(name == '+' || name == '*' ? '"' : name);
  register_ = '"';
  if (stored == registers_.end()) {
    complain(std::string("E353: Nothing in register ") + name);
    return;
  }
  const Register what = stored->second;
  const auto before = static_cast<std::int64_t>(text_.size());
  text_.remember(cursor_);
  if (what.lines) {
    const std::size_t row = cursor_.row + (behind ? 1 : 0);
    for (std::size_t i = 0; i < count; ++i) text_.insert_lines(row, what.text);
    cursor_ = {row, 0};
    cursor_.column = first_non_blank(row);
  } else {
    Position at = cursor_;
    if (behind && !text_.line(at.row).empty()) at.column = next_character(text_.line(at.row), at.column);
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += what.text;
    const Position end = text_.insert(at, text);
    cursor_ = contains(text, "\n") ? at : Position{end.row, previous_character(text_.line(end.row), end.column)};
  }
  tell_lines(before);
}

void Vi::join_lines(std::size_t count, bool space) {
  for (std::size_t i = 1; i < count && cursor_.row + 1 < text_.size(); ++i) {
    std::string& line = text_.lines[cursor_.row];
    std::string next = text_.lines[cursor_.row + 1];
    if (space) next.erase(0, std::min(next.find_first_not_of(" \t"), next.size()));
    cursor_.column = line.size();
    if (space && !line.empty() && !next.empty() && line.back() != ' ' && line.back() != '\t' && next[0] != ')')
      line += ' ';
    line += next;
    text_.lines.erase(text_.lines.begin() + static_cast<std::ptrdiff_t>(cursor_.row) + 1);
  }
  clamp_cursor();
}

void Vi::shift_lines(std::size_t first, std::size_t last, int by) {
  for (std::size_t row = first; row <= last && row < text_.size(); ++row) {
    std::string& line = text_.lines[row];
    if (line.empty()) continue;
    const std::size_t blanks = std::min(line.find_first_not_of(" \t"), line.size());
    const auto cells = static_cast<std::int64_t>(column_of(line, blanks, tab_stop_));
    const std::int64_t wanted = std::max<std::int64_t>(0, cells + by * static_cast<std::int64_t>(shift_width_));
    std::string indent(static_cast<std::size_t>(wanted), ' ');
    if (!options_.contains("expandtab")) {
      const auto tabs = static_cast<std::size_t>(wanted) / tab_stop_;
      indent = std::string(tabs, '\t') + std::string(static_cast<std::size_t>(wanted) % tab_stop_, ' ');
    }
    line = indent + line.substr(blanks);
  }
}

void Vi::change_case(Position from, Position to, char how) {
  for (std::size_t row = from.row; row <= to.row; ++row) {
    std::string& line = text_.lines[row];
    const std::size_t begin = row == from.row ? from.column : 0;
    const std::size_t end = row == to.row ? std::min(to.column, line.size()) : line.size();
    for (std::size_t i = begin; i < end; ++i) {
      const bool upper = line[i] >= 'A' && line[i] <= 'Z';
      const std::string one(1, line[i]);
      line[i] = (how == 'U' || (how == '~' && !upper) ? to_upper(one) : to_lower(one))[0];
    }
  }
}

// ^A, ^X.
void Vi::change_number(std::int64_t by) {
  std::string& line = text_.lines[cursor_.row];
  std::size_t begin = cursor_.column;
  auto digit = [&](std::size_t i) { return i < line.size() && line[i] >= '0' && line[i] <= '9'; };
  while (begin < line.size() && !digit(begin)) ++begin;
  if (begin >= line.size()) return;
  while (begin > 0 && digit(begin - 1)) --begin;
  std::size_t end = begin;
  while (digit(end)) ++end;
  if (begin > 0 && line[begin - 1] == '-') --begin;
  const auto number = parse_int(line.substr(begin, end - begin));
  if (!number) return;
  text_.remember(cursor_);
  changing_ = true;
  const std::string text = std::to_string(*number + by);
  text_.lines[cursor_.row].replace(begin, end - begin, text);
  cursor_.column = begin + text.size() - 1;
}

// One operator on a range.
Task<void> Vi::apply(char op, Range range) {
  const auto before = static_cast<std::int64_t>(text_.size());
  if (range.lines) {
    if (range.from.row > range.to.row) std::swap(range.from, range.to);
    range.from.column = 0;
    range.to.column = text_.line(range.to.row).size();
  }
  const std::size_t lines = range.to.row - range.from.row + 1;
  switch (op) {
    case 'y':
      yank(range.lines ? text_.copy_lines(range.from.row, range.to.row) : text_.copy(range.from, range.to), range.lines,
           false);
      cursor_ = range.lines ? Position{range.from.row,
                                       cursor_.row <= range.from.row ? cursor_.column : first_non_blank(range.from.row)}
                            : range.from;
      if (range.lines && lines > 2) say(std::to_string(lines) + " lines yanked");
      co_return;
    case 'd':
      text_.remember(cursor_);
      if (range.lines) {
        yank(text_.cut_lines(range.from.row, range.to.row), true, true);
        cursor_ = {std::min(range.from.row, text_.size() - 1), 0};
        cursor_.column = first_non_blank(cursor_.row);
      } else {
        yank(text_.cut(range.from, range.to), false, true);
        cursor_ = range.from;
      }
      tell_lines(before);
      co_return;
    case 'c':
      text_.remember(cursor_);
      if (range.lines) {
        yank(text_.copy_lines(range.from.row, range.to.row), true, true);
        const std::string indent = options_.contains("autoindent") ? indent_of(range.from.row) : "";
        text_.lines[range.from.row] = indent;
        if (range.to.row > range.from.row) (void)text_.cut_lines(range.from.row + 1, range.to.row);
        cursor_ = {range.from.row, indent.size()};
      } else {
        yank(text_.cut(range.from, range.to), false, true);
        cursor_ = range.from;
      }
      co_await insert_mode();
      co_return;
    case '>':
    case '<':
      text_.remember(cursor_);
      shift_lines(range.from.row, range.to.row, op == '>' ? 1 : -1);
      cursor_ = {range.from.row, first_non_blank(range.from.row)};
      if (lines > 2) say(std::to_string(lines) + " lines " + op + "ed 1 time");
      co_return;
    case 'U':
    case 'u':
    case '~':
      text_.remember(cursor_);
      change_case(range.from, range.to, op);
      cursor_ = range.from;
      co_return;
    case 'J':
      text_.remember(cursor_);
      cursor_ = range.from;
      join_lines(std::max<std::size_t>(2, lines), true);
      co_return;
    case '!': {
      std::string first_keys = std::to_string(range.from.row + 1) + "," + std::to_string(range.to.row + 1) + "!";
      const std::string typed = co_await prompt_line('!');
      if (!typed.empty()) co_await command_line(first_keys + typed.substr(1));
      co_return;
    }
    case '=':
      text_.remember(cursor_);
      for (std::size_t row = std::max<std::size_t>(1, range.from.row); row <= range.to.row; ++row) {
        std::string& line = text_.lines[row];
        line = indent_of(row - 1) + line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
      }
      cursor_ = {range.from.row, first_non_blank(range.from.row)};
      co_return;
    default:
      co_return;
  }
}

}  // namespace drydock::screen
