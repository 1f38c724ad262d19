// Nano, the editor: title, text, status line, two lines of help.
// https://www.nano-editor.org/dist/latest/nano.html
#pragma once

#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/screen/nano_texts.h"
#include "core/programs/screen/screen.h"
#include "core/programs/screen/vi/text.h"

namespace drydock::screen {
// https://www.nano-editor.org/dist/latest/nano.html
class Nano {
  using Kind = Key::Kind;

 public:
  Nano(Process& process, std::shared_ptr<Tty> tty, bool numbers, bool read_only, std::size_t tab)
      : process_(process),
        screen_(process, std::move(tty), true, true),
        numbers_(numbers),
        read_only_(read_only),
        tab_(tab) {}

  Task<int> run(std::string path, Position start) {
    load(path);
    cursor_ = {std::min(start.row, text_.size() - 1), 0};
    cursor_.column = std::min(start.column, text_.line(cursor_.row).size());
    while (!done_) {
      show();
      const Key pressed = co_await screen_.key();
      if (pressed.is(Kind::kClosed)) break;
      if (!pressed.is(Kind::kResize)) status_.clear();
      co_await command(pressed);
    }
    screen_.leave();
    co_return 0;
  }

 private:
  void load(const std::string& path) {
    path_ = path;
    if (path.empty()) return;
    const auto info = process_.stat(path);
    if (info && info->type == FileType::kDirectory) {
      status_ = "\"" + path + "\" is a directory";
      path_.clear();
      return;
    }
    const auto content = process_.read_file(path);
    if (!content) {
      status_ = content.error() == Errno::kNoEnt
                    ? "New File"
                    : "Error reading " + path + ": " + std::string(errno_text(content.error()));
      return;
    }
    text_.load(*content);
    const std::size_t lines = content->empty() ? 0 : text_.size();
    status_ = "Read " + std::to_string(lines) + (lines == 1 ? " line" : " lines");
    if (!process_.can_access(path, Process::kWrite)) status_ = "File '" + path + "' is unwritable";
  }

  std::size_t text_rows() const { return screen_.rows() > 5 ? screen_.rows() - 4 : 1; }
  std::size_t gutter() const {
    return numbers_ ? std::max<std::size_t>(2, std::to_string(text_.size()).size()) + 1 : 0;
  }

  // Key and meaning in two rows of six.
  std::vector<std::string> help_rows(std::span<const HelpItem> items) const {
    std::vector<std::string> rows;
    const std::size_t per_row = (items.size() + 1) / 2;
    const std::size_t width = std::max<std::size_t>(8, screen_.columns() / std::max<std::size_t>(1, per_row));
    for (std::size_t row = 0; row < 2; ++row) {
      std::string text;
      for (std::size_t i = row * per_row; i < std::min(items.size(), (row + 1) * per_row); ++i) {
        const std::string cell = std::string(items[i].key) + " " + std::string(items[i].text);
        const std::string cut = cut_columns(cell, 0, width - 1);
        text += reversed(items[i].key) +
                pad_right(cut.substr(std::min(items[i].key.size(), cut.size())), width - items[i].key.size());
      }
      rows.push_back(text);
    }
    return rows;
  }

  void show(const std::string& prompt = "", std::size_t prompt_cursor = 0,
            std::span<const HelpItem> items = kMainHelp) {
    const std::size_t columns = screen_.columns();
    const std::size_t height = text_rows();
    if (cursor_.row < top_) top_ = cursor_.row - std::min(cursor_.row, height / 2);
    if (cursor_.row >= top_ + height) top_ = cursor_.row - height / 2;
    std::vector<std::string> rows;
    const std::string left = "  GNU nano 5.6.1";
    const std::string name = path_.empty() ? "New Buffer" : path_;
    const std::string right = read_only_ ? "View  " : text_.modified ? "Modified  " : "";
    std::string title = left;
    const std::size_t middle = columns > display_width(name) ? (columns - display_width(name)) / 2 : 0;
    title += std::string(middle > title.size() + 1 ? middle - title.size() : 2, ' ') + name;
    const std::size_t used = display_width(title);
    if (used + right.size() < columns) title += std::string(columns - used - right.size(), ' ') + right;
    rows.push_back(reversed(cut_columns(title, 0, columns)));
    std::size_t cursor_column = 0;
    const std::size_t room = columns - std::min(gutter(), columns - 1);
    for (std::size_t i = 0; i < height; ++i) {
      const std::size_t row = top_ + i;
      if (row >= text_.size()) {
        rows.emplace_back();
        continue;
      }
      // A long line is moved sideways while the cursor is in it.
      const std::string& line = text_.line(row);
      std::size_t from = 0;
      if (row == cursor_.row) {
        const std::size_t column = column_of(line, cursor_.column, tab_);
        while (column >= from + room - 1) from += room > 10 ? room - 8 : 1;
        cursor_column = gutter() + column - from + (from > 0 ? 0 : 0);
      }
      std::string shown = cut_columns(line, from, room, tab_);
      if (from > 0 && !shown.empty()) shown = reversed("<") + shown.substr(character_size(shown, 0));
      if (column_of(line, line.size(), tab_) > from + room) {
        shown = cut_columns(line, from, room - 1, tab_);
        if (from > 0 && !shown.empty()) shown = reversed("<") + shown.substr(character_size(shown, 0));
        shown += reversed(">");
      }
      if (mark_ && from == 0) {
        const Position a = std::min(*mark_, cursor_);
        const Position b = std::max(*mark_, cursor_);
        if (row >= a.row && row <= b.row) {
          const std::size_t begin = row == a.row ? a.column : 0;
          const std::size_t end = row == b.row ? b.column : line.size();
          shown = cut_columns(line.substr(0, begin), 0, room, tab_) + reversed(line.substr(begin, end - begin)) +
                  line.substr(end);
        }
      }
      if (numbers_) shown = reversed(pad_left(std::to_string(row + 1), gutter() - 1)) + " " + shown;
      rows.push_back(shown);
    }
    if (!prompt.empty()) {
      rows.push_back(reversed(pad_right(cut_columns(prompt, 0, columns), columns)));
    } else if (!status_.empty()) {
      const std::string text = "[ " + status_ + " ]";
      const std::size_t width = display_width(text);
      rows.push_back(std::string(width < columns ? (columns - width) / 2 : 0, ' ') +
                     reversed(cut_columns(text, 0, columns)));
    } else {
      rows.emplace_back();
    }
    for (std::string& row : help_rows(items)) rows.push_back(std::move(row));
    if (prompt.empty())
      screen_.paint(rows, 1 + cursor_.row - top_, std::min(cursor_column, columns - 1));
    else
      screen_.paint(rows, height + 1, std::min(prompt_cursor, columns - 1));
  }

  // A question on the status line; nothing when it was cancelled.
  Task<std::optional<std::string>> ask(std::string question, std::string text) {
    static constexpr HelpItem kItems[] = {{"^G", "Get Help"}, {"M-D", "DOS Format"}, {"M-A", "Append"},
                                          {"^C", "Cancel"},   {"M-M", "Mac Format"}, {"^T", "Browse"}};
    std::size_t cursor = text.size();
    for (;;) {
      const std::string line = question + ": " + text;
      show(line, column_of(question, question.size()) + 2 + column_of(text, cursor), kItems);
      const Key pressed = co_await screen_.key();
      if (pressed.is(Kind::kEnter) || pressed.is_control('J')) co_return text;
      if (pressed.is_control('C') || pressed.is(Kind::kEscape) || pressed.is(Kind::kClosed)) {
        status_ = "Cancelled";
        co_return std::nullopt;
      }
      if (pressed.is(Kind::kText) && !pressed.alt) {
        text.insert(cursor, pressed.text);
        cursor += pressed.text.size();
      } else if (pressed.is(Kind::kBackspace)) {
        const std::size_t from = previous_character(text, cursor);
        text.erase(from, cursor - from);
        cursor = from;
      } else if (pressed.is(Kind::kDelete) || pressed.is_control('D')) {
        if (cursor < text.size()) text.erase(cursor, character_size(text, cursor));
      } else if (pressed.is(Kind::kLeft) || pressed.is_control('B')) {
        cursor = previous_character(text, cursor);
      } else if (pressed.is(Kind::kRight) || pressed.is_control('F')) {
        cursor = next_character(text, cursor);
      } else if (pressed.is(Kind::kHome) || pressed.is_control('A')) {
        cursor = 0;
      } else if (pressed.is(Kind::kEnd) || pressed.is_control('E')) {
        cursor = text.size();
      } else if (pressed.is_control('K') || pressed.is_control('U')) {
        text.clear();
        cursor = 0;
      }
    }
  }

  // Y, N, A or, when cancelled, C.
  Task<char> ask_yes(std::string question, bool all) {
    static constexpr HelpItem kYesNo[] = {{" Y", "Yes"}, {" N", "No"}, {"^C", "Cancel"}};
    static constexpr HelpItem kWithAll[] = {{" Y", "Yes"}, {" A", "All"}, {" N", "No"}, {"^C", "Cancel"}};
    for (;;) {
      show(question + " ", display_width(question) + 1,
           all ? std::span<const HelpItem>(kWithAll) : std::span<const HelpItem>(kYesNo));
      const Key pressed = co_await screen_.key();
      if (pressed.is_text("y") || pressed.is_text("Y")) co_return 'Y';
      if (pressed.is_text("n") || pressed.is_text("N")) co_return 'N';
      if (all && (pressed.is_text("a") || pressed.is_text("A"))) co_return 'A';
      if (pressed.is_control('C') || pressed.is(Kind::kEscape) || pressed.is(Kind::kClosed)) {
        status_ = "Cancelled";
        co_return 'C';
      }
    }
  }

  Task<bool> write_out() {
    if (read_only_) {
      status_ = "Key is invalid in view mode";
      co_return false;
    }
    const auto name = co_await ask("File Name to Write", path_);
    if (!name) co_return false;
    if (name->empty()) {
      status_ = "Cancelled";
      co_return false;
    }
    if (*name != path_ && process_.exists(*name)) {
      const std::string question = "File \"" + *name + "\" exists; OVERWRITE?";
      if (co_await ask_yes(question, false) != 'Y') co_return false;
    }
    const std::string content = text_.size() == 1 && text_.line(0).empty() ? "" : text_.whole();
    const auto written = process_.write_file(*name, content);
    if (!written) {
      status_ = "Error writing " + *name + ": " + std::string(errno_text(written.error()));
      co_return false;
    }
    path_ = *name;
    text_.modified = false;
    const std::size_t lines = content.empty() ? 0 : text_.size();
    status_ = "Wrote " + std::to_string(lines) + (lines == 1 ? " line" : " lines");
    co_return true;
  }

  Task<void> leave() {
    if (!text_.modified || read_only_) {
      done_ = true;
      co_return;
    }
    const char answer = co_await ask_yes("Save modified buffer?", false);
    if (answer == 'N') done_ = true;
    if (answer == 'Y' && co_await write_out()) done_ = true;
  }

  Task<void> search() {
    const std::string question = "Search" + (last_search_.empty() ? "" : " [" + last_search_ + "]");
    const auto wanted = co_await ask(question, "");
    if (!wanted) co_return;
    if (!wanted->empty()) last_search_ = *wanted;
    if (last_search_.empty())
      status_ = "Cancelled";
    else
      (void)find_next();
  }

  bool find_next() {
    const Regex regex = Regex::compile(last_search_, Regex::Syntax::kFixed, true);
    const auto found = find_forwards(text_, regex, cursor_, true);
    if (!found) {
      status_ = "\"" + last_search_ + "\" not found";
      return false;
    }
    if (found->at == cursor_)
      status_ = "This is the only occurrence";
    else if (found->wrapped)
      status_ = "Search Wrapped";
    cursor_ = found->at;
    return true;
  }

  Task<void> replace() {
    const std::string question = "Search (to replace)" + (last_search_.empty() ? "" : " [" + last_search_ + "]");
    const auto wanted = co_await ask(question, "");
    if (!wanted) co_return;
    if (!wanted->empty()) last_search_ = *wanted;
    if (last_search_.empty()) co_return;
    const auto with = co_await ask("Replace with", "");
    if (!with) co_return;
    const Regex regex = Regex::compile(last_search_, Regex::Syntax::kFixed, true);
    const Position before = cursor_;
    std::size_t count = 0;
    bool all = false;
    bool remembered = false;
    // Each occurrence once, from the cursor on and around the end.
    std::size_t left = 0;
    for (const std::string& line : text_.lines) {
      for (std::size_t at = 0; at <= line.size();) {
        const auto match = regex.search(line, at);
        if (!match || (*match)[0].end == (*match)[0].begin) break;
        ++left;
        at = (*match)[0].end;
      }
    }
    if (left == 0) status_ = "\"" + last_search_ + "\" not found";
    Position from = cursor_;
    bool at_cursor = true;
    for (; left > 0; --left) {
      // An occurrence right at the cursor counts too.
      const auto here = regex.search(text_.line(from.row), from.column);
      std::optional<Found> found;
      if (at_cursor && here && (*here)[0].begin == from.column) found = Found{from, (*here)[0].end, false};
      if (!found && here) found = Found{{from.row, (*here)[0].begin}, (*here)[0].end, false};
      if (!found) found = find_forwards(text_, regex, {from.row, text_.line(from.row).size()}, true);
      if (!found) break;
      cursor_ = found->at;
      char answer = 'Y';
      if (!all) answer = co_await ask_yes("Replace this instance?", true);
      if (answer == 'C') co_return;
      if (answer == 'A') all = true;
      if (answer == 'N') {
        from = {found->at.row, found->end};
        continue;
      }
      if (!std::exchange(remembered, true)) text_.remember(before);
      (void)text_.cut(found->at, {found->at.row, found->end});
      from = text_.insert(found->at, *with);
      ++count;
    }
    cursor_ = before;
    cursor_.column = std::min(cursor_.column, text_.line(cursor_.row).size());
    if (count > 0 || status_.empty())
      status_ = "Replaced " + std::to_string(count) + (count == 1 ? " occurrence" : " occurrences");
  }

  Task<void> read_in() {
    const auto name = co_await ask("File to insert [from ./]", "");
    if (!name || name->empty()) co_return;
    const auto content = process_.read_file(*name);
    if (!content) {
      status_ = content.error() == Errno::kNoEnt
                    ? "File \"" + *name + "\" not found"
                    : "Error reading " + *name + ": " + std::string(errno_text(content.error()));
      co_return;
    }
    text_.remember(cursor_);
    const std::size_t before = text_.size();
    cursor_ = text_.insert(cursor_, *content);
    const std::size_t lines = text_.size() - before;
    status_ = "Inserted " + std::to_string(lines) + (lines == 1 ? " line" : " lines");
  }

  Task<void> go_to_line() {
    const auto text = co_await ask("Enter line number, column number", "");
    if (!text || text->empty()) co_return;
    const std::vector<std::string> parts = split(*text, ',');
    const auto row = parse_int(trim(parts[0]));
    const auto column = parts.size() > 1 ? parse_int(trim(parts[1])) : std::optional<std::int64_t>(1);
    if (!row && !parts[0].empty()) {
      status_ = "Invalid line or column number";
      co_return;
    }
    if (row) {
      const std::int64_t wanted = *row < 0 ? static_cast<std::int64_t>(text_.size()) + *row : *row - 1;
      cursor_.row =
          static_cast<std::size_t>(std::clamp<std::int64_t>(wanted, 0, static_cast<std::int64_t>(text_.size()) - 1));
    }
    cursor_.column = byte_at_column(text_.line(cursor_.row),
                                    static_cast<std::size_t>(std::max<std::int64_t>(1, column.value_or(1))) - 1, tab_);
  }

  Task<void> help() {
    std::vector<std::string> rows{
        reversed(pad_right("  GNU nano 5.6.1" + std::string(10, ' ') + "Main nano help text", screen_.columns()))};
    for (const std::string& line : split(kHelpText, '\n')) rows.push_back(line);
    rows.resize(screen_.rows());
    rows.back() = reversed("^X") + " Close";
    screen_.paint(rows, screen_.rows() - 1, 0);
    for (;;) {
      const Key pressed = co_await screen_.key();
      if (pressed.is_control('X') || pressed.is_control('G') || pressed.is(Kind::kEscape) || pressed.is_text("q") ||
          pressed.is(Kind::kClosed))
        co_return;
    }
  }

  bool change() {
    if (read_only_) {
      status_ = "Key is invalid in view mode";
      return false;
    }
    text_.remember(cursor_);
    return true;
  }

  void cut(bool keep) {
    if (mark_) {
      const Position a = std::min(*mark_, cursor_);
      const Position b = std::max(*mark_, cursor_);
      cut_buffer_ = keep ? text_.copy(a, b) : text_.cut(a, b);
      if (!keep) cursor_ = a;
      mark_.reset();
      return;
    }
    const std::string line = text_.line(cursor_.row) + "\n";
    cut_buffer_ = cutting_ ? cut_buffer_ + line : line;
    if (keep) {
      if (cursor_.row + 1 < text_.size()) cursor_ = {cursor_.row + 1, 0};
      return;
    }
    (void)text_.cut_lines(cursor_.row, cursor_.row);
    cursor_ = {std::min(cursor_.row, text_.size() - 1), 0};
  }

  void vertical(std::int64_t by) {
    if (!vertical_) wanted_ = column_of(text_.line(cursor_.row), cursor_.column, tab_);
    cursor_.row = static_cast<std::size_t>(std::clamp<std::int64_t>(static_cast<std::int64_t>(cursor_.row) + by, 0,
                                                                    static_cast<std::int64_t>(text_.size()) - 1));
    cursor_.column = byte_at_column(text_.line(cursor_.row), wanted_, tab_);
    vertical_ = true;
  }

  Task<void> command(Key pressed) {
    const bool was_vertical = std::exchange(vertical_, false);
    const bool was_cutting = std::exchange(cutting_, false);
    const bool was_typing = std::exchange(typing_, false);
    const std::string& line = text_.line(cursor_.row);
    const auto page = static_cast<std::int64_t>(text_rows()) - 2;
    if (pressed.is(Kind::kResize)) co_return;
    if (pressed.alt && (pressed.is(Kind::kText))) {
      const std::string key = to_lower(pressed.text);
      if (key == "u") {
        const auto at = text_.undo(cursor_);
        status_ = at ? "Undid action" : "Nothing to undo";
        if (at) cursor_ = *at;
      } else if (key == "e") {
        const auto at = text_.redo();
        status_ = at ? "Redid action" : "Nothing to redo";
        if (at) cursor_ = *at;
        cursor_.row = std::min(cursor_.row, text_.size() - 1);
        cursor_.column = std::min(cursor_.column, text_.line(cursor_.row).size());
      } else if (key == "a") {
        if (mark_)
          mark_.reset();
        else
          mark_ = cursor_;
        status_ = mark_ ? "Mark Set" : "Mark Unset";
      } else if (key == "6" || key == "^") {
        cutting_ = was_cutting;
        cut(true);
        cutting_ = true;
      } else if (key == "w") {
        if (!last_search_.empty()) (void)find_next();
      } else if (key == "r") {
        co_await replace();
      } else if (key == "g") {
        co_await go_to_line();
      } else if (key == "n" || key == "#") {
        numbers_ = !numbers_;
        status_ = std::string("Line numbering ") + (numbers_ ? "enabled" : "disabled");
      } else if (key == "\\" || key == "|") {
        cursor_ = {0, 0};
      } else if (key == "/" || key == "?") {
        cursor_ = {text_.size() - 1, text_.line(text_.size() - 1).size()};
      } else {
        status_ = "Unbound key: M-" + to_upper(pressed.text);
      }
      co_return;
    }
    if (pressed.is(Kind::kText) || pressed.is(Kind::kTab)) {
      if (!was_typing && !change()) co_return;
      if (read_only_) co_return;
      cursor_ = text_.insert(cursor_, pressed.is(Kind::kTab) ? "\t" : pressed.text);
      text_.modified = true;
      typing_ = true;
    } else if (pressed.is(Kind::kEnter) || pressed.is_control('M')) {
      if (change()) cursor_ = text_.insert(cursor_, "\n");
    } else if (pressed.is(Kind::kBackspace)) {
      if ((cursor_.column == 0 && cursor_.row == 0) || !change()) co_return;
      const Position end = cursor_;
      const Position begin = cursor_.column > 0 ? Position{cursor_.row, previous_character(line, cursor_.column)}
                                                : Position{cursor_.row - 1, text_.line(cursor_.row - 1).size()};
      (void)text_.cut(begin, end);
      cursor_ = begin;
    } else if (pressed.is(Kind::kDelete) || pressed.is_control('D')) {
      if ((cursor_.column >= line.size() && cursor_.row + 1 >= text_.size()) || !change()) co_return;
      const Position end = cursor_.column < line.size() ? Position{cursor_.row, next_character(line, cursor_.column)}
                                                        : Position{cursor_.row + 1, 0};
      (void)text_.cut(cursor_, end);
    } else if (pressed.is(Kind::kLeft) || pressed.is_control('B')) {
      if (cursor_.column > 0)
        cursor_.column = previous_character(line, cursor_.column);
      else if (cursor_.row > 0)
        cursor_ = {cursor_.row - 1, text_.line(cursor_.row - 1).size()};
    } else if (pressed.is(Kind::kRight) || pressed.is_control('F')) {
      if (cursor_.column < line.size())
        cursor_.column = next_character(line, cursor_.column);
      else if (cursor_.row + 1 < text_.size())
        cursor_ = {cursor_.row + 1, 0};
    } else if (pressed.is(Kind::kUp) || pressed.is_control('P')) {
      vertical_ = was_vertical;
      vertical(-1);
    } else if (pressed.is(Kind::kDown) || pressed.is_control('N')) {
      vertical_ = was_vertical;
      vertical(1);
    } else if (pressed.is(Kind::kPageUp) || pressed.is_control('Y')) {
      vertical_ = was_vertical;
      vertical(-page);
    } else if (pressed.is(Kind::kPageDown) || pressed.is_control('V')) {
      vertical_ = was_vertical;
      vertical(page);
    } else if (pressed.is(Kind::kHome) || pressed.is_control('A')) {
      cursor_.column = 0;
    } else if (pressed.is(Kind::kEnd) || pressed.is_control('E')) {
      cursor_.column = line.size();
    } else if (pressed.is_control('O') || (pressed.is(Kind::kFunction) && pressed.text == "3")) {
      (void)co_await write_out();
    } else if (pressed.is_control('S')) {
      if (path_.empty()) {
        (void)co_await write_out();
      } else if (process_.write_file(path_, text_.whole())) {
        text_.modified = false;
        status_ = "Wrote " + std::to_string(text_.size()) + (text_.size() == 1 ? " line" : " lines");
      }
    } else if (pressed.is_control('X') || (pressed.is(Kind::kFunction) && pressed.text == "2")) {
      co_await leave();
    } else if (pressed.is_control('K')) {
      if (!was_cutting ? !change() : read_only_) co_return;
      cutting_ = was_cutting;
      cut(false);
      text_.modified = true;
      cutting_ = true;
    } else if (pressed.is_control('U')) {
      if (!cut_buffer_.empty() && change()) cursor_ = text_.insert(cursor_, cut_buffer_);
    } else if (pressed.is_control('W')) {
      co_await search();
    } else if (pressed.is_control('\\')) {
      co_await replace();
    } else if (pressed.is_control('R')) {
      co_await read_in();
    } else if (pressed.is_control('_')) {
      co_await go_to_line();
    } else if (pressed.is_control('C')) {
      std::size_t before = cursor_.column;
      std::size_t total = 0;
      for (std::size_t row = 0; row < text_.size(); ++row) {
        total += text_.line(row).size() + 1;
        if (row < cursor_.row) before += text_.line(row).size() + 1;
      }
      const std::size_t columns = column_of(line, line.size(), tab_) + 1;
      const std::size_t column = column_of(line, cursor_.column, tab_) + 1;
      status_ = format("line %zu/%zu (%zu%%), col %zu/%zu (%zu%%), char %zu/%zu (%zu%%)", cursor_.row + 1, text_.size(),
                       (cursor_.row + 1) * 100 / text_.size(), column, columns, column * 100 / columns, before, total,
                       before * 100 / std::max<std::size_t>(1, total));
    } else if (pressed.is_control('G') || (pressed.is(Kind::kFunction) && pressed.text == "1")) {
      co_await help();
    } else if (pressed.is_control('L')) {
      screen_.invalidate();
    } else if (pressed.is_control('^')) {
      mark_ = mark_ ? std::nullopt : std::optional<Position>(cursor_);
      status_ = mark_ ? "Mark Set" : "Mark Unset";
    } else if (pressed.is_control('Z')) {
      status_ = "Suspension is not enabled";
    } else if (pressed.is(Kind::kControl)) {
      status_ = "Unbound key: ^" + pressed.text;
    }
  }

  Process& process_;
  Screen screen_;
  ViText text_;
  Position cursor_;
  std::size_t top_ = 0;
  std::string path_;
  std::string status_;
  std::string cut_buffer_;
  std::string last_search_;
  std::optional<Position> mark_;
  bool numbers_;
  bool read_only_;
  std::size_t tab_;
  std::size_t wanted_ = 0;
  bool vertical_ = false;
  bool cutting_ = false;
  bool typing_ = false;
  bool done_ = false;
};

}  // namespace drydock::screen
