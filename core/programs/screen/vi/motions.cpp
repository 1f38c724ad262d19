// Where vi's motions lead and what its text objects cover.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/screen/vi/vi.h"

namespace drydock::screen {

std::size_t Vi::first_non_blank(std::size_t row) const {
  const std::size_t at = text_.line(row).find_first_not_of(" \t");
  return at == std::string::npos ? previous_character(text_.line(row), text_.line(row).size()) : at;
}

// In normal mode the cursor stands on a character.
void Vi::clamp_cursor() {
  cursor_.row = std::min(cursor_.row, text_.size() - 1);
  const std::string& line = text_.line(cursor_.row);
  const bool past_end = visual_ != Visual::kNone || mode_.find("INSERT") != std::string::npos ||
                        mode_.find("REPLACE") != std::string::npos;
  const std::size_t last = past_end ? line.size() : previous_character(line, line.size());
  cursor_.column = std::min(cursor_.column, last);
  while (cursor_.column > 0 && cursor_.column < line.size() &&
         (static_cast<unsigned char>(line[cursor_.column]) & 0xc0) == 0x80)
    --cursor_.column;
}

std::size_t Vi::keep_column(std::size_t row) const {
  const std::string& line = text_.line(row);
  if (wanted_end_) return visual_ != Visual::kNone ? line.size() : previous_character(line, line.size());
  return byte_at_column(line, wanted_, tab_stop_);
}

Position Vi::word_forwards(Position at, bool big) const {
  const int kind = kind_of(text_.line(at.row), at.column, big);
  if (kind != 0) {
    while (at.column < text_.line(at.row).size() && kind_of(text_.line(at.row), at.column, big) == kind)
      at.column = next_character(text_.line(at.row), at.column);
  }
  for (;;) {
    const std::string& line = text_.line(at.row);
    while (at.column < line.size() && kind_of(line, at.column, big) == 0) ++at.column;
    if (at.column < line.size()) return at;
    if (at.row + 1 >= text_.size()) return {at.row, line.size()};
    at = {at.row + 1, 0};
    if (text_.line(at.row).empty()) return at;  // an empty line is a word
  }
}

Position Vi::word_backwards(Position at, bool big) const {
  for (;;) {
    if (at.column == 0) {
      if (at.row == 0) return {0, 0};
      --at.row;
      at.column = text_.line(at.row).size();
      if (at.column == 0) return at;
      continue;
    }
    at.column = previous_character(text_.line(at.row), at.column);
    if (kind_of(text_.line(at.row), at.column, big) != 0) break;
  }
  const std::string& line = text_.line(at.row);
  const int kind = kind_of(line, at.column, big);
  while (at.column > 0 && kind_of(line, previous_character(line, at.column), big) == kind)
    at.column = previous_character(line, at.column);
  return at;
}

Position Vi::word_end(Position at, bool big) const {
  at.column = next_character(text_.line(at.row), at.column);
  for (;;) {
    const std::string& line = text_.line(at.row);
    while (at.column < line.size() && kind_of(line, at.column, big) == 0) ++at.column;
    if (at.column < line.size()) break;
    if (at.row + 1 >= text_.size()) return {at.row, previous_character(line, line.size())};
    at = {at.row + 1, 0};
  }
  const std::string& line = text_.line(at.row);
  const int kind = kind_of(line, at.column, big);
  for (;;) {
    const std::size_t next = next_character(line, at.column);
    if (next >= line.size() || kind_of(line, next, big) != kind) return at;
    at.column = next;
  }
}

Position Vi::word_end_backwards(Position at, bool big) const {
  const std::string* line = &text_.line(at.row);
  const int kind = kind_of(*line, at.column, big);
  while (at.column > 0 && kind != 0 && kind_of(*line, at.column, big) == kind) {
    if (at.column == 0) break;
    at.column = previous_character(*line, at.column);
  }
  for (;;) {
    if (at.column < line->size() && kind_of(*line, at.column, big) != 0 &&
        kind_of(*line, at.column, big) != (kind == 0 ? -1 : -1))
      return at;
    if (at.column == 0) {
      if (at.row == 0) return {0, 0};
      line = &text_.line(--at.row);
      at.column = previous_character(*line, line->size());
      if (line->empty()) return at;
      continue;
    }
    at.column = previous_character(*line, at.column);
  }
}

std::optional<Position> Vi::matching_bracket() const {
  constexpr std::string_view kPairs = "()[]{}";
  const std::string& line = text_.line(cursor_.row);
  const std::size_t start = line.find_first_of(kPairs, cursor_.column);
  if (start == std::string::npos) return std::nullopt;
  const std::size_t kind = kPairs.find(line[start]);
  const bool forwards = kind % 2 == 0;
  const char same = line[start];
  const char other = kPairs[forwards ? kind + 1 : kind - 1];
  int depth = 0;
  Position at{cursor_.row, start};
  for (;;) {
    const std::string& here = text_.line(at.row);
    if (at.column < here.size()) {
      if (here[at.column] == same) ++depth;
      if (here[at.column] == other && --depth == 0) return at;
    }
    if (forwards) {
      if (++at.column >= here.size()) {
        if (++at.row >= text_.size()) return std::nullopt;
        at.column = 0;
      }
    } else {
      while (at.column == 0) {
        if (at.row == 0) return std::nullopt;
        at.column = text_.line(--at.row).size();
      }
      --at.column;
    }
  }
}

// f F t T on the cursor's line.
std::optional<Position> Vi::find_character(char kind, const std::string& wanted, std::size_t count) const {
  const std::string& line = text_.line(cursor_.row);
  std::size_t at = cursor_.column;
  for (std::size_t i = 0; i < count; ++i) {
    if (kind == 'f' || kind == 't') {
      at = line.find(wanted, next_character(line, at));
    } else {
      at = at == 0 ? std::string::npos : line.rfind(wanted, at - 1);
    }
    if (at == std::string::npos) return std::nullopt;
  }
  if (kind == 't') at = previous_character(line, at);
  if (kind == 'T') at = next_character(line, at);
  return Position{cursor_.row, at};
}

Position Vi::paragraph(bool forwards) const {
  std::size_t row = cursor_.row;
  auto blank = [&](std::size_t r) { return text_.line(r).empty(); };
  if (forwards) {
    while (row + 1 < text_.size() && blank(row)) ++row;
    while (row + 1 < text_.size() && !blank(row)) ++row;
    return blank(row) ? Position{row, 0} : Position{row, text_.line(row).size()};
  }
  while (row > 0 && blank(row)) --row;
  while (row > 0 && !blank(row)) --row;
  return {row, 0};
}

Vi::Motion Vi::search(bool forwards, std::size_t count) {
  Motion result;
  const bool ignore_case =
      options_.contains("ignorecase") && !(options_.contains("smartcase") && to_lower(pattern_) != pattern_);
  const Regex regex = compile_vim_pattern(pattern_, ignore_case);
  if (!regex.ok()) {
    complain("E486: Pattern not found: " + pattern_);
    return result;
  }
  Position at = cursor_;
  bool wrapped = false;
  for (std::size_t i = 0; i < count; ++i) {
    const bool wraps = options_.contains("wrapscan");
    const auto found = forwards ? find_forwards(text_, regex, at, wraps) : find_backwards(text_, regex, at, wraps);
    if (!found) {
      complain(wraps ? "E486: Pattern not found: " + pattern_
                     : (forwards ? "E385: Search hit BOTTOM without match for: "
                                 : "E384: Search hit TOP without match for: ") +
                           pattern_);
      return result;
    }
    at = found->at;
    wrapped = wrapped || found->wrapped;
  }
  highlight_ = true;
  if (wrapped)
    say(forwards ? "search hit BOTTOM, continuing at TOP" : "search hit TOP, continuing at BOTTOM");
  else
    say((forwards ? "/" : "?") + pattern_);
  result.to = at;
  result.ok = true;
  return result;
}

Vi::Range Vi::quoted(char quote, bool around) const {
  Range range;
  const std::string& line = text_.line(cursor_.row);
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\')
      ++i;
    else if (line[i] == quote)
      places.push_back(i);
  }
  for (std::size_t i = 0; i + 1 < places.size(); i += 2) {
    if (cursor_.column > places[i + 1]) continue;
    std::size_t end = places[i + 1] + (around ? 1 : 0);
    if (around) {
      while (end < line.size() && line[end] == ' ') ++end;
    }
    range = {{cursor_.row, places[i] + (around ? 0 : 1)}, {cursor_.row, end}, false, true};
    return range;
  }
  return range;
}

Vi::Range Vi::bracketed(char open, char close, bool around) const {
  Range range;
  // Backwards to the bracket that is open here.
  Position at = cursor_;
  int depth = 0;
  for (bool first = true;; first = false) {
    const std::string& line = text_.line(at.row);
    if (at.column < line.size()) {
      if (line[at.column] == close && !first) ++depth;
      if (line[at.column] == open && depth-- == 0) break;
    }
    while (at.column == 0) {
      if (at.row == 0) return range;
      at.column = text_.line(--at.row).size();
    }
    --at.column;
  }
  Position end = at;
  depth = 0;
  for (;;) {
    const std::string& line = text_.line(end.row);
    if (end.column < line.size()) {
      if (line[end.column] == open) ++depth;
      if (line[end.column] == close && --depth == 0) break;
    }
    if (++end.column >= line.size()) {
      if (++end.row >= text_.size()) return range;
      end.column = 0;
    }
  }
  range.ok = true;
  range.from = around ? at : Position{at.row, at.column + 1};
  range.to = around ? Position{end.row, end.column + 1} : end;
  // i{ over several lines leaves the brackets' lines alone.
  if (!around && at.row < end.row && at.column + 1 >= text_.line(at.row).size() &&
      text_.line(end.row).find_first_not_of(" \t") == end.column && end.row > at.row + 1) {
    range.from = {at.row + 1, 0};
    range.to = {end.row - 1, 0};
    range.lines = true;
  }
  return range;
}

Task<Vi::Range> Vi::text_object(bool around, std::size_t count) {
  Range range;
  const Key object = co_await key();
  if (!object.is(Key::Kind::kText)) co_return range;
  const char c = object.text[0];
  const std::string& line = text_.line(cursor_.row);
  if (c == 'w' || c == 'W') {
    if (line.empty()) co_return range;
    const bool big = c == 'W';
    std::size_t begin = cursor_.column;
    std::size_t end = cursor_.column;
    const int kind = kind_of(line, begin, big);
    while (begin > 0 && kind_of(line, previous_character(line, begin), big) == kind)
      begin = previous_character(line, begin);
    for (std::size_t i = 0; i < std::max<std::size_t>(1, count); ++i) {
      const int now = kind_of(line, end, big);
      while (end < line.size() && kind_of(line, end, big) == now) end = next_character(line, end);
      if (!around) continue;
      const std::size_t before = end;
      const int behind = kind_of(line, end, big);
      if (now == 0) {
        while (end < line.size() && kind_of(line, end, big) == behind) end = next_character(line, end);
      } else {
        while (end < line.size() && kind_of(line, end, big) == 0) ++end;
        // At the end of a line the blanks in front go.
        if (end == before && begin > 0 && kind_of(line, begin - 1, big) == 0) {
          while (begin > 0 && kind_of(line, begin - 1, big) == 0) --begin;
        }
      }
    }
    co_return Range{{cursor_.row, begin}, {cursor_.row, end}, false, true};
  }
  if (c == '"' || c == '\'' || c == '`') co_return quoted(c, around);
  if (c == '(' || c == ')' || c == 'b') co_return bracketed('(', ')', around);
  if (c == '{' || c == '}' || c == 'B') co_return bracketed('{', '}', around);
  if (c == '[' || c == ']') co_return bracketed('[', ']', around);
  if (c == '<' || c == '>') co_return bracketed('<', '>', around);
  if (c == 'p') {
    std::size_t first = cursor_.row;
    std::size_t last = cursor_.row;
    const bool empty = line.empty();
    while (first > 0 && text_.line(first - 1).empty() == empty) --first;
    while (last + 1 < text_.size() && text_.line(last + 1).empty() == empty) ++last;
    while (around && last + 1 < text_.size() && text_.line(last + 1).empty() != empty) ++last;
    co_return Range{{first, 0}, {last, 0}, true, true};
  }
  co_return range;
}

Task<Vi::Motion> Vi::motion(Key pressed, std::size_t count, bool has_count, bool for_operator) {
  Motion result;
  result.to = cursor_;
  auto rows = [&](std::int64_t by) {
    const auto row = static_cast<std::int64_t>(cursor_.row) + by;
    if (row < 0 || row >= static_cast<std::int64_t>(text_.size())) {
      if (count == 1) return;
    }
    result.to.row =
        static_cast<std::size_t>(std::clamp<std::int64_t>(row, 0, static_cast<std::int64_t>(text_.size()) - 1));
    result.to.column = keep_column(result.to.row);
    result.lines = true;
    result.ok = true;
  };
  const auto many = static_cast<std::int64_t>(count);
  using Kind = Key::Kind;
  char c = pressed.is(Kind::kText) ? pressed.text[0] : '\0';
  if (pressed.is(Kind::kUp) || pressed.is_control('P')) c = 'k';
  if (pressed.is(Kind::kDown) || pressed.is_control('N') || pressed.is_control('J')) c = 'j';
  if (pressed.is(Kind::kLeft)) c = pressed.control ? 'b' : 'h';
  if (pressed.is(Kind::kRight)) c = pressed.control ? 'w' : 'l';
  if (pressed.is(Kind::kHome)) c = '0';
  if (pressed.is(Kind::kEnd)) c = '$';
  if (pressed.is(Kind::kBackspace)) c = 'h';
  if (pressed.is(Kind::kEnter)) c = '+';
  const std::string& line = text_.line(cursor_.row);
  switch (c) {
    case 'h':
      result.ok = cursor_.column > 0 || for_operator;
      for (std::size_t i = 0; i < count; ++i) result.to.column = previous_character(line, result.to.column);
      break;
    case 'l':
    case ' ':
      for (std::size_t i = 0; i < count; ++i) result.to.column = next_character(line, result.to.column);
      if (!for_operator && visual_ == Visual::kNone)
        result.to.column = std::min(result.to.column, previous_character(line, line.size()));
      result.ok = result.to != cursor_;
      break;
    case 'j':
      rows(many);
      break;
    case 'k':
      rows(-many);
      break;
    case '+':
    case '-':
      rows(c == '+' ? many : -many);
      if (result.ok) result.to.column = first_non_blank(result.to.row);
      break;
    case '_':
      result.to.row = std::min(cursor_.row + count - 1, text_.size() - 1);
      result.to.column = first_non_blank(result.to.row);
      result.lines = result.ok = true;
      break;
    case 'w':
    case 'W':
      for (std::size_t i = 0; i < count; ++i) {
        const Position before = result.to;
        result.to = word_forwards(result.to, c == 'W');
        // The last word of an operator ends with its line.
        if (for_operator && i + 1 == count && result.to.row > before.row)
          result.to = {before.row, text_.line(before.row).size()};
      }
      if (!for_operator && result.to.column >= text_.line(result.to.row).size())
        result.to.column = previous_character(text_.line(result.to.row), text_.line(result.to.row).size());
      result.ok = true;
      break;
    case 'b':
    case 'B':
      for (std::size_t i = 0; i < count; ++i) result.to = word_backwards(result.to, c == 'B');
      result.ok = result.to != cursor_;
      break;
    case 'e':
    case 'E':
      for (std::size_t i = 0; i < count; ++i) result.to = word_end(result.to, c == 'E');
      result.ok = result.inclusive = true;
      break;
    case '0':
      result.to.column = 0;
      result.ok = true;
      break;
    case '^':
      result.to.column = first_non_blank(cursor_.row);
      result.ok = true;
      break;
    case '|':
      result.to.column = byte_at_column(line, count - 1, tab_stop_);
      result.ok = true;
      break;
    case '$':
      result.to.row = std::min(cursor_.row + count - 1, text_.size() - 1);
      result.to.column = previous_character(text_.line(result.to.row), text_.line(result.to.row).size());
      if (visual_ != Visual::kNone) result.to.column = text_.line(result.to.row).size();
      result.ok = true;
      result.inclusive = !text_.line(result.to.row).empty();
      break;
    case 'G':
      marks_['\''] = cursor_;
      result.to.row = has_count ? std::min(count, text_.size()) - (count > 0 ? 1 : 0) : text_.size() - 1;
      result.to.column = first_non_blank(result.to.row);
      result.ok = result.lines = true;
      break;
    case 'H':
    case 'M':
    case 'L': {
      const std::size_t bottom = std::min(top_ + text_rows(), text_.size()) - 1;
      result.to.row = c == 'H'   ? std::min(top_ + count - 1, bottom)
                      : c == 'M' ? (top_ + bottom) / 2
                                 : bottom - std::min(bottom - top_, count - 1);
      result.to.column = first_non_blank(result.to.row);
      result.ok = result.lines = true;
      break;
    }
    case 'f':
    case 'F':
    case 't':
    case 'T': {
      const Key wanted = co_await key();
      if (!wanted.is(Kind::kText)) co_return result;
      last_find_ = std::string(1, c) + wanted.text;
      const auto found = find_character(c, wanted.text, count);
      if (found) result = {*found, false, c == 'f' || c == 't', true};
      break;
    }
    case ';':
    case ',': {
      if (last_find_.empty()) break;
      char kind = last_find_[0];
      if (c == ',') kind = kind == 'f' ? 'F' : kind == 'F' ? 'f' : kind == 't' ? 'T' : 't';
      auto found = find_character(kind, last_find_.substr(1), count);
      if (found && *found == cursor_ && (kind == 't' || kind == 'T'))
        found = find_character(kind, last_find_.substr(1), count + 1);
      if (found) result = {*found, false, kind == 'f' || kind == 't', true};
      break;
    }
    case '%': {
      if (has_count) {
        result.to.row = std::min((count * text_.size() + 99) / 100, text_.size()) - 1;
        result.to.column = first_non_blank(result.to.row);
        result.ok = result.lines = true;
        break;
      }
      const auto found = matching_bracket();
      if (found) result = {*found, false, true, true};
      break;
    }
    case '{':
    case '}':
      result.ok = true;
      for (std::size_t i = 0; i < count; ++i) {
        const Position before = cursor_;
        cursor_ = result.to;
        result.to = paragraph(c == '}');
        cursor_ = before;
      }
      break;
    case '/':
    case '?': {
      const std::string typed = co_await prompt_line(c);
      if (typed.empty()) co_return result;
      std::string wanted = typed.substr(1);
      // /pattern/ ends at the slash.
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i] == '\\')
          ++i;
        else if (wanted[i] == c) {
          wanted.resize(i);
          break;
        }
      }
      if (!wanted.empty()) pattern_ = wanted;
      pattern_forwards_ = c == '/';
      if (pattern_.empty()) {
        complain("E35: No previous regular expression");
        co_return result;
      }
      marks_['\''] = cursor_;
      co_return search(c == '/', count);
    }
    case 'n':
    case 'N':
      if (pattern_.empty()) {
        complain("E35: No previous regular expression");
        co_return result;
      }
      marks_['\''] = cursor_;
      co_return search((c == 'n') == pattern_forwards_, count);
    case '*':
    case '#': {
      std::size_t begin = cursor_.column;
      while (begin < line.size() && kind_of(line, begin, false) != 2) ++begin;
      if (begin >= line.size()) {
        complain("E348: No string under cursor");
        co_return result;
      }
      while (begin > 0 && kind_of(line, previous_character(line, begin), false) == 2)
        begin = previous_character(line, begin);
      std::size_t end = begin;
      while (end < line.size() && kind_of(line, end, false) == 2) end = next_character(line, end);
      pattern_ = "\\<" + line.substr(begin, end - begin) + "\\>";
      pattern_forwards_ = c == '*';
      marks_['\''] = cursor_;
      co_return search(pattern_forwards_, count);
    }
    case '\'':
    case '`': {
      const Key name = co_await key();
      const auto mark = name.is(Kind::kText) ? marks_.find(name.text[0] == '`' ? '\'' : name.text[0]) : marks_.end();
      if (mark == marks_.end()) {
        complain("E20: Mark not set");
        co_return result;
      }
      result.to = mark->second;
      result.to.row = std::min(result.to.row, text_.size() - 1);
      if (c == '\'') {
        result.to.column = first_non_blank(result.to.row);
        result.lines = true;
      }
      result.ok = true;
      break;
    }
    default:
      break;
  }
  co_return result;
}

}  // namespace drydock::screen
