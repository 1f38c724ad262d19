// Vi's normal mode.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/screen/vi/vi.h"

namespace drydock::screen {
namespace {

constexpr int kMaxReplayDepth = 20;  // macros that call macros

}  // namespace

// d, c, y, > and their like: waits for a motion or an object.
Task<void> Vi::operate(char op, std::size_t count, bool has_count) {
  Key next = co_await key();
  std::size_t more = 0;
  while (next.is(Key::Kind::kText) &&
         ((next.text[0] >= '1' && next.text[0] <= '9') || (more > 0 && next.text == "0"))) {
    more = more * 10 + static_cast<std::size_t>(next.text[0] - '0');
    next = co_await key();
  }
  if (more > 0) {
    count *= more;
    has_count = true;
  }
  if (!next.is(Key::Kind::kText) && next.is(Key::Kind::kEscape)) co_return;
  const char c = next.is(Key::Kind::kText) ? next.text[0] : '\0';
  changing_ = op != 'y';
  Range range;
  if (c == op || ((op == 'u' || op == 'U' || op == '~') && c == op)) {  // dd, yy, >>
    range = {{cursor_.row, 0}, {std::min(cursor_.row + count - 1, text_.size() - 1), 0}, true, true};
    if (cursor_.row + count > text_.size() && count > 1 && op == 'd' && false) co_return;
  } else if (c == 'i' || c == 'a') {
    range = co_await text_object(c == 'a', count);
  } else if (c == 'g') {
    const Key second = co_await key();
    if (second.is_text("g")) range = {{has_count ? std::min(count, text_.size()) - 1 : 0, 0}, cursor_, true, true};
    if (second.is_text("e") || second.is_text("E")) {
      const Position to = word_end_backwards(cursor_, second.text == "E");
      range = {to, {cursor_.row, next_character(text_.line(cursor_.row), cursor_.column)}, false, true};
    }
    if (range.ok && range.from.row > range.to.row) std::swap(range.from, range.to);
  } else {
    // cw stops at the word's end.
    const bool as_end =
        op == 'c' && (c == 'w' || c == 'W') && kind_of(text_.line(cursor_.row), cursor_.column, false) != 0;
    Key meant = next;
    if (as_end) {
      meant.text = c == 'w' ? "e" : "E";
      // On a word's last character cw changes that word only.
      const std::string& line = text_.line(cursor_.row);
      const std::size_t behind = next_character(line, cursor_.column);
      const int kind = kind_of(line, cursor_.column, c == 'W');
      if (count == 1 && (behind >= line.size() || kind_of(line, behind, c == 'W') != kind)) {
        range = {cursor_, {cursor_.row, behind}, false, true};
        co_await apply(op, range);
        co_return;
      }
    }
    const Motion where = co_await motion(meant, count, has_count, true);
    if (!where.ok) co_return;
    range.ok = true;
    range.lines = where.lines;
    range.from = std::min(cursor_, where.to);
    range.to = std::max(cursor_, where.to);
    if (where.lines) {
      range.from = {std::min(cursor_.row, where.to.row), 0};
      range.to = {std::max(cursor_.row, where.to.row), 0};
    } else if (where.inclusive) {
      range.to.column = next_character(text_.line(range.to.row), range.to.column);
    } else if (range.to.column == 0 && range.to.row > range.from.row && (c == '}' || c == '{')) {
      // An exclusive motion to a line's start ends with the line before it.
      range.to = {range.to.row - 1, text_.line(range.to.row - 1).size()};
      if (range.from.column <= first_non_blank(range.from.row) && op == 'd') range.lines = true;
    }
  }
  if (!range.ok) co_return;
  co_await apply(op, range);
}

// --- normal mode ---

void Vi::scroll(std::int64_t rows, bool with_cursor) {
  const auto last = static_cast<std::int64_t>(text_.size()) - 1;
  top_ = static_cast<std::size_t>(std::clamp<std::int64_t>(static_cast<std::int64_t>(top_) + rows, 0, last));
  if (with_cursor)
    cursor_.row =
        static_cast<std::size_t>(std::clamp<std::int64_t>(static_cast<std::int64_t>(cursor_.row) + rows, 0, last));
  cursor_.row = std::clamp(cursor_.row, top_, std::min(top_ + text_rows() - 1, text_.size() - 1));
  cursor_.column = keep_column(cursor_.row);
}

Task<void> Vi::g_command(std::size_t count, bool has_count) {
  const Key second = co_await key();
  if (!second.is(Key::Kind::kText)) co_return;
  switch (second.text[0]) {
    case 'g':
      marks_['\''] = cursor_;
      cursor_.row = has_count ? std::min(count, text_.size()) - 1 : 0;
      cursor_.column = first_non_blank(cursor_.row);
      break;
    case 'e':
    case 'E':
      cursor_ = word_end_backwards(cursor_, second.text == "E");
      break;
    case 'J':
      text_.remember(cursor_);
      changing_ = true;
      join_lines(std::max<std::size_t>(2, count), false);
      break;
    case 'u':
    case 'U':
    case '~':
      co_await operate(second.text[0], count, has_count);
      break;
    case 'j':
      if (cursor_.row + 1 < text_.size()) cursor_ = {cursor_.row + 1, keep_column(cursor_.row + 1)};
      break;
    case 'k':
      if (cursor_.row > 0) cursor_ = {cursor_.row - 1, keep_column(cursor_.row - 1)};
      break;
    case '_':
      cursor_.column = previous_character(text_.line(cursor_.row), text_.line(cursor_.row).find_last_not_of(" \t") + 1);
      break;
    case 'v':
      if (marks_.contains('<')) {
        visual_ = Visual::kCharacters;
        visual_start_ = marks_['<'];
        cursor_ = marks_['>'];
      }
      break;
    case 'i':
      if (marks_.contains('.')) cursor_ = marks_['.'];
      text_.remember(cursor_);
      changing_ = true;
      co_await insert_mode();
      break;
    default:
      break;
  }
}

Task<void> Vi::z_command() {
  const Key second = co_await key();
  const std::size_t height = text_rows();
  if (second.is_text("z") || second.is_text(".")) top_ = cursor_.row - std::min(cursor_.row, height / 2);
  if (second.is_text("t") || second.is(Key::Kind::kEnter)) top_ = cursor_.row;
  if (second.is_text("b") || second.is_text("-")) top_ = cursor_.row - std::min(cursor_.row, height - 1);
}

// ".": the keys of the last change, once more.
Task<void> Vi::repeat(std::size_t count, bool has_count) {
  if (last_change_.empty() || replay_depth_ > kMaxReplayDepth) co_return;
  const std::vector<Key> keys = last_change_;
  std::deque<Key> outer = std::exchange(replay_, {});
  std::size_t begin = 0;
  if (has_count) {  // takes the place of the change's own count
    while (begin < keys.size() && keys[begin].is(Key::Kind::kText) && keys[begin].text[0] >= '1' &&
           keys[begin].text[0] <= '9')
      ++begin;
    for (char c : std::to_string(count)) {
      Key digit;
      digit.text = std::string(1, c);
      replay_.push_back(digit);
    }
  }
  replay_.insert(replay_.end(), keys.begin() + static_cast<std::ptrdiff_t>(begin), keys.end());
  ++replay_depth_;
  while (!replay_.empty() && !done_) co_await normal();
  --replay_depth_;
  replay_ = std::move(outer);
  last_change_ = keys;
  changing_ = false;
}

Task<void> Vi::normal() {
  recorded_.clear();
  changing_ = false;
  pending_keys_.clear();
  const Key first = co_await key();
  if (first.is(Key::Kind::kClosed)) {
    done_ = true;
    co_return;
  }
  if (first.is(Key::Kind::kResize) || first.is(Key::Kind::kTimeout)) co_return;
  if (visual_ == Visual::kNone || !message_.empty()) {
    message_.clear();
    error_ = false;
  }
  Key pressed = first;
  std::size_t count = 0;
  auto read_count = [&]() -> Task<void> {
    while (pressed.is(Key::Kind::kText) &&
           ((pressed.text[0] >= '1' && pressed.text[0] <= '9') || (count > 0 && pressed.text == "0"))) {
      count = std::min<std::size_t>(count * 10 + static_cast<std::size_t>(pressed.text[0] - '0'), 99999);
      pending_keys_ += pressed.text;
      pressed = co_await key();
    }
  };
  co_await read_count();
  while (pressed.is_text("\"") && visual_ == Visual::kNone) {
    const Key name = co_await key();
    if (name.is(Key::Kind::kText)) register_ = name.text[0];
    pressed = co_await key();
    co_await read_count();
  }
  pending_keys_ += pressed.text;
  const bool was_visual = visual_ != Visual::kNone;
  const Position before = cursor_;
  const bool vertical = pressed.is_text("j") || pressed.is_text("k") || pressed.is(Key::Kind::kUp) ||
                        pressed.is(Key::Kind::kDown) || pressed.is(Key::Kind::kEnter) || pressed.is_control('N') ||
                        pressed.is_control('P');
  co_await command(pressed, std::max<std::size_t>(1, count), count > 0);
  pending_keys_.clear();
  clamp_cursor();
  if (!vertical && (cursor_ != before || pressed.is_text("$") || !pressed.is(Key::Kind::kText))) {
    const bool scrolls =
        pressed.is(Key::Kind::kControl) || pressed.is(Key::Kind::kPageDown) || pressed.is(Key::Kind::kPageUp);
    if (!scrolls) {
      wanted_ = column_of(text_.line(cursor_.row), cursor_.column, tab_stop_);
      wanted_end_ = pressed.is_text("$") || pressed.is(Key::Kind::kEnd);
    }
  }
  if (changing_ && !was_visual && !recorded_.empty() && !recorded_[0].is_text(":") && !recorded_[0].is_text(".") &&
      !recorded_[0].is_text("u"))
    last_change_ = recorded_;
}

Task<void> Vi::command(Key pressed, std::size_t count, bool has_count) {
  using Kind = Key::Kind;
  const auto height = static_cast<std::int64_t>(text_rows());
  const auto many = static_cast<std::int64_t>(count);
  if (pressed.is_control('F') || pressed.is(Kind::kPageDown)) {
    scroll(std::max<std::int64_t>(1, height - 2) * many, false);
    cursor_.column = first_non_blank(cursor_.row);
    co_return;
  }
  if (pressed.is_control('B') || pressed.is(Kind::kPageUp)) {
    scroll(-std::max<std::int64_t>(1, height - 2) * many, false);
    cursor_.column = first_non_blank(cursor_.row);
    co_return;
  }
  if (pressed.is_control('D') || pressed.is_control('U')) {
    const std::int64_t by = has_count ? many : std::max<std::int64_t>(1, height / 2);
    scroll(pressed.is_control('D') ? by : -by, true);
    cursor_.column = first_non_blank(cursor_.row);
    co_return;
  }
  if (pressed.is_control('E') || pressed.is_control('Y')) {
    scroll(pressed.is_control('E') ? many : -many, false);
    co_return;
  }
  if (pressed.is_control('L')) {
    screen_.invalidate();
    co_return;
  }
  if (pressed.is_control('G')) {
    co_await command_line("file");
    co_return;
  }
  if (pressed.is_control('Z')) {
    co_await screen_.suspend();
    co_return;
  }
  if (visual_ != Visual::kNone) {
    co_await visual_command(pressed, count, has_count);
    co_return;
  }
  if (pressed.is_control('R')) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto at = text_.redo();
      if (!at) {
        say("Already at newest change");
        break;
      }
      cursor_ = *at;
    }
    co_return;
  }
  if (pressed.is_control('A') || pressed.is_control('X')) {
    change_number(pressed.is_control('A') ? many : -many);
    co_return;
  }
  if (pressed.is_control('C')) {
    say("Type  :qa!  and press <Enter> to abandon all changes and exit Vim");
    co_return;
  }
  if (pressed.is_control('V')) {
    visual_ = Visual::kBlock;
    visual_start_ = cursor_;
    co_return;
  }
  char c = pressed.is(Kind::kText) ? pressed.text[0] : '\0';
  if (pressed.is(Kind::kInsert)) c = 'i';
  if (pressed.is(Kind::kDelete)) c = 'x';
  const std::string line = text_.line(cursor_.row);
  const Position at = cursor_;
  auto begin_insert = [&](Position where) {
    text_.remember(at);
    changing_ = true;
    cursor_ = where;
  };
  switch (c) {
    case 'i':
      begin_insert(cursor_);
      co_await insert_mode(count);
      co_return;
    case 'I':
      begin_insert({cursor_.row, std::min(line.find_first_not_of(" \t"), line.size())});
      co_await insert_mode(count);
      co_return;
    case 'a':
      begin_insert({cursor_.row, next_character(line, cursor_.column)});
      co_await insert_mode(count);
      co_return;
    case 'A':
      begin_insert({cursor_.row, line.size()});
      co_await insert_mode(count);
      co_return;
    case 'o':
    case 'O': {
      text_.remember(cursor_);
      changing_ = true;
      const std::string indent =
          options_.contains("autoindent") && !options_.contains("paste") ? indent_of(cursor_.row) : "";
      const std::size_t row = cursor_.row + (c == 'o' ? 1 : 0);
      text_.lines.insert(text_.lines.begin() + static_cast<std::ptrdiff_t>(row), indent);
      cursor_ = {row, indent.size()};
      co_await insert_mode();
      co_return;
    }
    case 'R':
      begin_insert(cursor_);
      co_await insert_mode(count, true);
      co_return;
    case 'x':
    case 'X': {
      if (line.empty() || (c == 'X' && cursor_.column == 0)) co_return;
      Position from = cursor_;
      Position to = cursor_;
      for (std::size_t i = 0; i < count; ++i) {
        if (c == 'x')
          to.column = next_character(line, to.column);
        else
          from.column = previous_character(line, from.column);
      }
      changing_ = true;
      co_await apply('d', {from, to, false, true});
      co_return;
    }
    case 's': {
      Position to = cursor_;
      for (std::size_t i = 0; i < count; ++i) to.column = next_character(line, to.column);
      changing_ = true;
      co_await apply('c', {cursor_, to, false, true});
      co_return;
    }
    case 'S':
      changing_ = true;
      co_await apply('c', {{cursor_.row, 0}, {std::min(cursor_.row + count - 1, text_.size() - 1), 0}, true, true});
      co_return;
    case 'D':
    case 'C':
      changing_ = true;
      co_await apply(c == 'D' ? 'd' : 'c', {cursor_,
                                            {std::min(cursor_.row + count - 1, text_.size() - 1),
                                             text_.line(std::min(cursor_.row + count - 1, text_.size() - 1)).size()},
                                            false,
                                            true});
      co_return;
    case 'Y':
      co_await apply('y', {{cursor_.row, 0}, {std::min(cursor_.row + count - 1, text_.size() - 1), 0}, true, true});
      co_return;
    case 'd':
    case 'c':
    case 'y':
    case '>':
    case '<':
    case '=':
    case '!':
      co_await operate(c, count, has_count);
      co_return;
    case 'p':
    case 'P':
      changing_ = true;
      put(c == 'p', count);
      co_return;
    case 'J':
      if (cursor_.row + 1 >= text_.size()) co_return;
      text_.remember(cursor_);
      changing_ = true;
      join_lines(std::max<std::size_t>(2, count), true);
      co_return;
    case 'r': {
      const Key with = co_await key();
      std::size_t end = cursor_.column;
      for (std::size_t i = 0; i < count; ++i) {
        if (end >= line.size()) co_return;
        end = next_character(line, end);
      }
      if (!with.is(Kind::kText) && !with.is(Kind::kEnter)) co_return;
      text_.remember(cursor_);
      changing_ = true;
      (void)text_.cut(cursor_, {cursor_.row, end});
      if (with.is(Kind::kEnter)) {
        cursor_ = text_.insert(cursor_, "\n");
      } else {
        std::string text;
        for (std::size_t i = 0; i < count; ++i) text += with.text;
        const Position behind = text_.insert(cursor_, text);
        cursor_.column = previous_character(text_.line(cursor_.row), behind.column);
      }
      co_return;
    }
    case '~': {
      if (line.empty()) co_return;
      text_.remember(cursor_);
      changing_ = true;
      Position to = cursor_;
      for (std::size_t i = 0; i < count; ++i) to.column = next_character(line, to.column);
      change_case(cursor_, to, '~');
      cursor_.column = to.column;
      co_return;
    }
    case 'u':
      for (std::size_t i = 0; i < count; ++i) {
        const auto before = static_cast<std::int64_t>(text_.size());
        const auto back = text_.undo(cursor_);
        if (!back) {
          say("Already at oldest change");
          break;
        }
        cursor_ = *back;
        const std::int64_t by = static_cast<std::int64_t>(text_.size()) - before;
        if (by != 0)
          say(by == 1    ? "1 more line"
              : by == -1 ? "1 line less"
              : by > 0   ? std::to_string(by) + " more lines"
                         : std::to_string(-by) + " fewer lines");
        else
          say("1 change");
      }
      co_return;
    case '.':
      co_await repeat(count, has_count);
      co_return;
    case 'v':
    case 'V':
      visual_ = c == 'v' ? Visual::kCharacters : Visual::kLines;
      visual_start_ = cursor_;
      co_return;
    case 'g':
      co_await g_command(count, has_count);
      co_return;
    case 'z':
      co_await z_command();
      co_return;
    case 'Z': {
      const Key second = co_await key();
      if (second.is_text("Z")) co_await quit_command("x", false);
      if (second.is_text("Q")) co_await quit_command("q", true);
      co_return;
    }
    case 'm': {
      const Key name = co_await key();
      if (name.is(Kind::kText)) marks_[name.text[0]] = cursor_;
      co_return;
    }
    case 'q': {
      if (macro_ != '\0') {
        if (!macro_keys_.empty()) macro_keys_.pop_back();  // the q itself
        macros_[std::exchange(macro_, '\0')] = std::exchange(macro_keys_, {});
        co_return;
      }
      const Key name = co_await key();
      if (name.is(Kind::kText)) {
        macro_keys_.clear();
        macro_ = name.text[0];
      }
      co_return;
    }
    case '@': {
      const Key name = co_await key();
      if (!name.is(Kind::kText) || replay_depth_ > kMaxReplayDepth) co_return;
      const char wanted = name.text[0] == '@' ? (last_find_.empty() ? 'q' : 'q') : name.text[0];
      const auto macro = macros_.find(wanted);
      if (macro == macros_.end()) co_return;
      const std::vector<Key> keys = macro->second;
      std::deque<Key> outer = std::exchange(replay_, {});
      for (std::size_t i = 0; i < count; ++i) replay_.insert(replay_.end(), keys.begin(), keys.end());
      ++replay_depth_;
      while (!replay_.empty() && !done_) co_await normal();
      --replay_depth_;
      replay_ = std::move(outer);
      co_return;
    }
    case '&':
      co_await command_line("s");
      co_return;
    case ':': {
      const std::string typed = co_await prompt_line(':');
      if (!typed.empty()) {
        const std::string range = has_count ? ".,.+" + std::to_string(count - 1) : "";
        co_await command_line(range + typed.substr(1));
      }
      co_return;
    }
    default:
      break;
  }
  const Motion where = co_await motion(pressed, count, has_count, false);
  if (where.ok) cursor_ = where.to;
}

}  // namespace drydock::screen
