// The line editor's completion lists and its search through the history.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/shell/editing/line_editor.h"

namespace drydock::shell {
namespace {

constexpr std::size_t kAskFrom = 100;  // candidates before readline asks

}  // namespace

Task<bool> LineEditor::show_candidates(std::vector<std::string> shown) {
  if (shown.size() >= kAskFrom) {
    tty_->write("\nDisplay all " + std::to_string(shown.size()) + " possibilities? (y or n)");
    for (;;) {
      const auto answer = co_await next_byte();
      if (!answer || *answer == 'n' || *answer == 'N' || *answer == '\x7f' || *answer == '\x07') {
        tty_->write("\n");
        drawn_rows_ = 0;
        redraw();
        co_return false;
      }
      if (*answer == 'y' || *answer == 'Y' || *answer == ' ' || *answer == '\t') break;
    }
  }
  std::size_t width = 0;
  for (const std::string& each : shown) width = std::max(width, display_width(each) + 2);
  const std::size_t per_row = std::max<std::size_t>(1, columns() / width);
  const std::size_t rows = (shown.size() + per_row - 1) / per_row;
  std::string out = "\n";
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t i = row; i < shown.size(); i += rows)
      out += i + rows < shown.size() ? pad_right(shown[i], width) : shown[i];
    out += "\n";
  }
  tty_->write(out);
  drawn_rows_ = 0;
  redraw();
  co_return true;
}

Task<void> LineEditor::complete() {
  const std::string before = text_.substr(0, cursor_);
  const Completions found = co_await completer_(before);
  if (found.words.empty()) {
    tty_->write("\a");
    co_return;
  }
  const std::string word = before.substr(found.start);
  std::string common = found.words[0];
  for (const std::string& candidate : found.words) {
    std::size_t same = 0;
    while (same < common.size() && same < candidate.size() && common[same] == candidate[same]) ++same;
    common.resize(same);
  }
  const bool single = found.words.size() == 1;
  std::string tail;
  if (single && found.space && !common.ends_with("/") && !common.ends_with("=")) tail = " ";
  typing_ = false;
  if (common.starts_with(word)) {
    const std::string more = common.substr(word.size()) + tail;
    if (!more.empty()) {
      insert(more);
      if (!single) tty_->write("\a");
      co_return;
    }
  } else if (single || common.size() > word.size()) {
    remember();
    text_.replace(found.start, word.size(), common + tail);
    cursor_ = found.start + common.size() + tail.size();
    redraw();
    co_return;
  }
  if (single) co_return;
  tty_->write("\a");
  if (!last_was_tab_) co_return;  // a second tab lists them
  std::vector<std::string> shown;
  for (const std::string& candidate : found.words) {
    std::string_view name = candidate;
    if (found.files) {
      const std::size_t slash = name.substr(0, name.size() - (name.ends_with("/") ? 1 : 0)).rfind('/');
      if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
    }
    shown.emplace_back(name);
  }
  (void)co_await show_candidates(std::move(shown));
}

// ^R, ^S: narrows the history to lines that hold what is typed. True: run it.
Task<bool> LineEditor::search(bool backwards) {
  const std::string before = text_;
  const std::size_t before_cursor = cursor_;
  std::string wanted;
  std::string found = text_;
  std::size_t at = place_;
  bool failed = false;
  auto look = [&](bool step) {
    std::size_t i = at;
    failed = false;
    for (;;) {
      if (step) {
        if (backwards ? i == 0 : i + 1 >= history_->size()) {
          failed = true;
          return;
        }
        i += backwards ? static_cast<std::size_t>(-1) : 1;
      } else if (i >= history_->size()) {
        if (i == 0) {
          failed = true;
          return;
        }
        i = history_->size() - 1;
      }
      step = true;
      if (contains((*history_)[i], wanted)) {
        at = i;
        found = (*history_)[i];
        return;
      }
    }
  };
  for (;;) {
    std::string out;
    if (drawn_rows_ > 0) out += format("\x1b[%zuA", drawn_rows_);
    const std::string label =
        std::string(failed ? "(failed " : "(") + (backwards ? "reverse-" : "") + "i-search)`" + wanted + "': ";
    out += "\r\x1b[J" + label + visible(found);
    drawn_rows_ = advance({}, label + visible(found)).row;
    tty_->write(out);
    const auto c = co_await next_byte();
    if (!c) co_return false;
    if (*c == '\x07') {  // ^G: as it was
      text_ = before;
      cursor_ = before_cursor;
      redraw();
      co_return false;
    }
    if (*c == '\x12' || *c == '\x13') {
      backwards = *c == '\x12';
      if (!wanted.empty()) look(true);
    } else if (*c == '\x7f' || *c == '\b') {
      while (!wanted.empty()) {
        const bool lead = (static_cast<unsigned char>(wanted.back()) & 0xc0) != 0x80;
        wanted.pop_back();
        if (lead) break;
      }
      at = history_->size();
      if (!wanted.empty()) look(false);
    } else if (static_cast<unsigned char>(*c) < 0x20) {
      // Any other key ends the search and then does what it does.
      text_ = found;
      place_ = at;
      const std::size_t where = text_.find(wanted);
      cursor_ = where == std::string::npos ? text_.size() : where;
      redraw();
      if (*c == '\r' || *c == '\n') co_return true;
      pending_.insert(0, 1, *c);
      co_return false;
    } else {
      wanted += *c;
      look(false);
    }
  }
}

}  // namespace drydock::shell
