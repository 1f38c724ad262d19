#include "core/programs/shell/editing/line_editor.h"

#include <algorithm>
#include <cctype>

#include "core/base/strings.h"
#include "core/programs/shell/editing/history_expansion.h"

namespace drydock::shell {
namespace {

constexpr std::size_t kUndoLimit = 500;
constexpr std::size_t kKillLimit = 10;
// Bracketed paste: the terminal marks what is pasted (see paste()).
constexpr std::string_view kMarkPastes = "\x1b[?2004h";
constexpr std::string_view kPlainPastes = "\x1b[?2004l";

bool word_byte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || (static_cast<unsigned char>(c) & 0x80) != 0;
}

std::size_t character_size(std::string_view text, std::size_t i) {
  std::size_t size = 1;
  while (i + size < text.size() && (static_cast<unsigned char>(text[i + size]) & 0xc0) == 0x80) ++size;
  return size;
}

// Without the invisible parts and escape sequences: what takes room.
std::string shown_prompt(std::string_view prompt) {
  std::string out;
  bool hidden = false;
  for (std::size_t i = 0; i < prompt.size(); ++i) {
    if (prompt[i] == '\x01' || prompt[i] == '\x02') {
      hidden = prompt[i] == '\x01';
    } else if (prompt[i] == '\x1b' && i + 1 < prompt.size() && prompt[i + 1] == '[') {
      ++i;
      while (i + 1 < prompt.size() && !(prompt[i + 1] >= '@' && prompt[i + 1] <= '~')) ++i;
      ++i;
    } else if (prompt[i] == '\x1b' && i + 1 < prompt.size() && prompt[i + 1] == ']') {
      while (i < prompt.size() && prompt[i] != '\a') ++i;
    } else if (!hidden) {
      out += prompt[i];
    }
  }
  return out;
}

}  // namespace

std::string visible(std::string_view text) {
  std::string out;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n' || c == '\t' || (byte >= 0x20 && byte != 0x7f))
      out += c;
    else
      out += std::string("^") + static_cast<char>(byte ^ 0x40);
  }
  return out;
}

std::size_t LineEditor::columns() const { return static_cast<std::size_t>(std::max(10, tty_->columns())); }

std::size_t LineEditor::previous(std::size_t at) const {
  if (at == 0) return 0;
  --at;
  while (at > 0 && (static_cast<unsigned char>(text_[at]) & 0xc0) == 0x80) --at;
  return at;
}

std::size_t LineEditor::next(std::size_t at) const {
  return at >= text_.size() ? text_.size() : at + character_size(text_, at);
}

std::size_t LineEditor::blank_word_left() const {
  std::size_t at = cursor_;
  while (at > 0 && (text_[at - 1] == ' ' || text_[at - 1] == '\n')) --at;
  while (at > 0 && text_[at - 1] != ' ' && text_[at - 1] != '\n') --at;
  return at;
}

std::size_t LineEditor::word_left() const {
  std::size_t at = cursor_;
  while (at > 0 && !word_byte(text_[at - 1])) --at;
  while (at > 0 && word_byte(text_[at - 1])) --at;
  return at;
}

std::size_t LineEditor::word_right() const {
  std::size_t at = cursor_;
  while (at < text_.size() && !word_byte(text_[at])) ++at;
  while (at < text_.size() && word_byte(text_[at])) ++at;
  return at;
}

// --- the screen ---

// Where the cursor is after `text`, begun at `at`.
LineEditor::Place LineEditor::advance(Place at, std::string_view text) const {
  const std::size_t width = columns();
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t size = character_size(text, i);
    if (text[i] == '\n') {
      ++at.row;
      at.column = 0;
    } else {
      const std::size_t cells = text[i] == '\t' ? 8 - at.column % 8 : display_width(text.substr(i, size));
      if (at.column + cells > width) {
        ++at.row;
        at.column = 0;
      }
      at.column += cells;
      if (at.column == width) {
        ++at.row;
        at.column = 0;
      }
    }
    i += size;
  }
  return at;
}

LineEditor::Place LineEditor::place_of(std::size_t offset) const {
  Place start = advance({}, std::string(prompt_width_, ' '));
  return advance(start, visible(std::string_view(text_).substr(0, offset)));
}

// Draws prompt and text again from the prompt's row.
void LineEditor::redraw() {
  std::string out;
  if (drawn_rows_ > 0) out += format("\x1b[%zuA", drawn_rows_);
  const std::size_t newline = prompt_.rfind('\n');
  out += "\r\x1b[J" + (newline == std::string::npos ? prompt_ : prompt_.substr(newline + 1)) + visible(text_);
  const Place end = place_of(text_.size());
  const Place at = place_of(cursor_);
  // A full row: a blank makes the terminal wrap by itself, so that it can reflow the line later.
  if (end.column == 0 && end.row > 0 && !text_.ends_with("\n")) out += " \r";
  if (end.row > at.row) out += format("\x1b[%zuA", end.row - at.row);
  out += "\r";
  if (at.column > 0) out += format("\x1b[%zuC", at.column);
  drawn_rows_ = at.row;
  tty_->write(out);
}

// --- changes ---

void LineEditor::remember() {
  undo_.emplace_back(text_, cursor_);
  if (undo_.size() > kUndoLimit) undo_.erase(undo_.begin());
}

void LineEditor::insert(std::string_view text) {
  if (!typing_) remember();
  typing_ = true;
  const bool at_end = cursor_ == text_.size();
  text_.insert(cursor_, text);
  cursor_ += text.size();
  // Plain typing at the end needs no redrawing until the row is full.
  const Place end = place_of(text_.size());
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
  if (at_end && plain && end.row == drawn_rows_ && end.column > 0)
    tty_->write(text);
  else
    redraw();
}

// Takes out a part; `keep` puts it where ^Y finds it.
void LineEditor::erase(std::size_t from, std::size_t to, bool keep) {
  if (from >= to) return;
  remember();
  const std::string cut = text_.substr(from, to - from);
  if (keep) {
    if (last_killed_ && !killed_.empty())
      killed_.back() = from < cursor_ ? cut + killed_.back() : killed_.back() + cut;
    else
      killed_.push_back(cut);
    if (killed_.size() > kKillLimit) killed_.erase(killed_.begin());
  }
  text_.erase(from, to - from);
  cursor_ = from;
  redraw();
}

// M-u, M-l, M-c.
void LineEditor::change_word(char how) {
  remember();
  std::size_t at = cursor_;
  while (at < text_.size() && !word_byte(text_[at])) ++at;
  bool first = true;
  for (; at < text_.size() && word_byte(text_[at]); ++at) {
    const std::string one(1, text_[at]);
    text_[at] = (how == 'u' || (how == 'c' && first) ? to_upper(one) : to_lower(one))[0];
    first = false;
  }
  cursor_ = at;
  redraw();
}

void LineEditor::transpose_words() {
  std::size_t end = cursor_;
  while (end < text_.size() && !word_byte(text_[end])) ++end;
  while (end < text_.size() && word_byte(text_[end])) ++end;
  std::size_t second = end;
  while (second > 0 && !word_byte(text_[second - 1])) --second;
  const std::size_t second_end = second;
  while (second > 0 && word_byte(text_[second - 1])) --second;
  std::size_t first_end = second;
  while (first_end > 0 && !word_byte(text_[first_end - 1])) --first_end;
  std::size_t first = first_end;
  while (first > 0 && word_byte(text_[first - 1])) --first;
  if (first == first_end) return;
  remember();
  text_ = text_.substr(0, first) + text_.substr(second, second_end - second) +
          text_.substr(first_end, second - first_end) + text_.substr(first, first_end - first) +
          text_.substr(second_end);
  cursor_ = second_end;
  redraw();
}

// --- history ---

void LineEditor::recall(std::size_t where) {
  if (place_ == history_->size())
    draft_ = text_;
  else if (text_ != (*history_)[place_])
    edited_[place_] = text_;
  place_ = where;
  const auto changed = edited_.find(place_);
  text_ = place_ == history_->size() ? draft_ : changed != edited_.end() ? changed->second : (*history_)[place_];
  cursor_ = text_.size();
  undo_.clear();
  redraw();
}

void LineEditor::history_key(bool up) {
  if (up && place_ > 0) recall(place_ - 1);
  if (!up && place_ < history_->size()) recall(place_ + 1);
}

void LineEditor::insert_last_argument() {
  if (last_argument_ >= history_->size()) return;
  if (last_argument_size_ > 0) {
    text_.erase(cursor_ - last_argument_size_, last_argument_size_);
    cursor_ -= last_argument_size_;
  } else {
    remember();
  }
  const std::string word = last_word((*history_)[history_->size() - 1 - last_argument_]);
  ++last_argument_;
  text_.insert(cursor_, word);
  cursor_ += word.size();
  last_argument_size_ = word.size();
  redraw();
}

// --- keys ---

Task<std::optional<char>> LineEditor::next_byte() {
  while (pending_.empty()) {
    auto bytes = co_await tty_->read(process_, 4096);
    if (!bytes) {
      while (const auto signal = process_.take_signal()) {
        if (*signal == kSigInt) {
          interrupted_ = true;
          co_return std::nullopt;
        }
        if (*signal == kSigWinch) redraw();
        if (*signal == kSigHup) co_return std::nullopt;
      }
      continue;
    }
    if (bytes->empty()) co_return std::nullopt;
    pending_ = *std::move(bytes);
  }
  const char c = pending_[0];
  pending_.erase(0, 1);
  co_return c;
}

// What follows ESC: "[A", "OH", "[1;5C", "b".
Task<std::string> LineEditor::read_escape() {
  std::string sequence;
  const auto first = co_await next_byte();
  if (!first) co_return sequence;
  sequence += *first;
  if (*first != '[' && *first != 'O') co_return sequence;
  for (;;) {
    const auto c = co_await next_byte();
    if (!c) co_return sequence;
    sequence += *c;
    if (*c >= '@' && *c <= '~' && !(sequence.size() == 2 && *c == '[')) co_return sequence;
  }
}

// Text between ESC [200~ and ESC [201~ goes in as it is, newlines and tabs too.
Task<void> LineEditor::paste() {
  std::string text;
  while (!text.ends_with("\x1b[201~")) {
    const auto c = co_await next_byte();
    if (!c) co_return;
    text += *c == '\r' ? '\n' : *c;
  }
  text.resize(text.size() - 6);
  typing_ = false;
  insert(text);
}

Task<void> LineEditor::escape_key() {
  const std::string sequence = co_await read_escape();
  const std::string key = sequence.starts_with("O") ? "[" + sequence.substr(1) : sequence;
  if (key == "." || key == "_") {
    insert_last_argument();
    co_return;
  }
  if (key == "[200~") {
    co_await paste();
    co_return;
  }
  if (key == "[A") {
    history_key(true);
  } else if (key == "[B") {
    history_key(false);
  } else if (key == "<") {
    if (!history_->empty()) recall(0);
  } else if (key == ">") {
    recall(history_->size());
  } else if (key == "d") {
    erase(cursor_, word_right(), true);
  } else if (key == "\x7f" || key == "\b") {
    erase(word_left(), cursor_, true);
  } else if (key == "[3~") {
    erase(cursor_, next(cursor_), false);
  } else if (key == "[3;5~") {
    erase(cursor_, word_right(), true);
  } else if (key == "u" || key == "l" || key == "c") {
    change_word(key[0]);
  } else if (key == "t") {
    transpose_words();
  } else if (key == "y" && yank_size_ > 0 && killed_.size() > 1) {
    text_.erase(cursor_ - yank_size_, yank_size_);
    cursor_ -= yank_size_;
    yank_index_ = (yank_index_ + killed_.size() - 1) % killed_.size();
    text_.insert(cursor_, killed_[yank_index_]);
    yank_size_ = killed_[yank_index_].size();
    cursor_ += yank_size_;
    redraw();
  } else if (key == "#") {
    text_.insert(0, "#");
    cursor_ = text_.size();
    redraw();
    pending_.insert(0, "\r");
  } else {
    const std::size_t before = cursor_;
    if (key == "[C") cursor_ = next(cursor_);
    if (key == "[D") cursor_ = previous(cursor_);
    if (key == "[H" || key == "[1~" || key == "[7~") cursor_ = 0;
    if (key == "[F" || key == "[4~" || key == "[8~") cursor_ = text_.size();
    if (key == "b" || key == "[1;5D" || key == "[1;3D") cursor_ = word_left();
    if (key == "f" || key == "[1;5C" || key == "[1;3C") cursor_ = word_right();
    if (cursor_ != before) redraw();
  }
}

Task<bool> LineEditor::control_key(char c) {
  switch (c) {
    case '\x7f':
    case '\b':
      if (cursor_ == 0)
        tty_->write("\a");
      else
        erase(previous(cursor_), cursor_, false);
      break;
    case '\x04':
      erase(cursor_, next(cursor_), false);
      break;
    case '\x01':
      cursor_ = 0;
      redraw();
      break;
    case '\x05':
      cursor_ = text_.size();
      redraw();
      break;
    case '\x02':
      cursor_ = previous(cursor_);
      redraw();
      break;
    case '\x06':
      cursor_ = next(cursor_);
      redraw();
      break;
    case '\x0b':
      erase(cursor_, text_.size(), true);
      break;
    case '\x15':
      erase(0, cursor_, true);
      break;
    case '\x17':
      erase(blank_word_left(), cursor_, true);
      break;
    case '\x19':
      if (killed_.empty()) break;
      typing_ = false;
      yank_index_ = killed_.size() - 1;
      insert(killed_.back());
      yank_size_ = killed_.back().size();
      break;
    case '\x0c':
      tty_->write("\x1b[H\x1b[2J");
      drawn_rows_ = 0;
      redraw();
      break;
    case '\x14': {
      if (cursor_ == 0 || next(0) >= text_.size()) break;
      remember();
      const std::size_t right = cursor_ == text_.size() ? previous(cursor_) : cursor_;
      const std::size_t left = previous(right);
      const std::size_t end = next(right);
      text_ = text_.substr(0, left) + text_.substr(right, end - right) + text_.substr(left, right - left) +
              text_.substr(end);
      cursor_ = end;
      redraw();
      break;
    }
    case '\x10':
      history_key(true);
      break;
    case '\x0e':
      history_key(false);
      break;
    case '\x12':
    case '\x13':
      co_return co_await search(c == '\x12');
    case '\x16':  // ^V: the next key as it is
      if (const auto literal = co_await next_byte()) insert(std::string(1, *literal));
      break;
    case '\x18': {  // ^X ^U: undo
      const auto second = co_await next_byte();
      if (second == '\x15') co_return co_await control_key('\x1f');
      break;
    }
    case '\x1f':
      if (undo_.empty()) break;
      text_ = undo_.back().first;
      cursor_ = undo_.back().second;
      undo_.pop_back();
      redraw();
      break;
    default:
      break;
  }
  co_return false;
}

Task<LineEditor::Line> LineEditor::read(std::string prompt, const std::deque<std::string>& history) {
  history_ = &history;
  const std::size_t newline = prompt.rfind('\n');
  prompt_width_ = display_width(shown_prompt(newline == std::string::npos ? prompt : prompt.substr(newline + 1)));
  std::erase(prompt, '\x01');
  std::erase(prompt, '\x02');
  prompt_ = std::move(prompt);
  text_.clear();
  cursor_ = 0;
  drawn_rows_ = place_of(0).row;
  interrupted_ = false;
  undo_.clear();
  edited_.clear();
  draft_.clear();
  place_ = history.size();
  typing_ = false;
  const Tty::Modes before = tty_->modes();
  Tty::Modes modes = tty_->raw_modes();
  modes.signals = true;  // ^C reaches us as a signal
  tty_->set_modes(modes);
  tty_->set_prompt(prompt_);
  if (marks_pastes_) tty_->write(kMarkPastes);
  tty_->write(prompt_);
  Line line;
  for (;;) {
    tty_->set_prompting(pending_.empty());
    const auto byte = co_await next_byte();
    tty_->set_prompting(false);
    if (!byte) {
      line.kind = interrupted_ ? Line::Kind::kInterrupted : Line::Kind::kEndOfFile;
      tty_->write(interrupted_ ? "^C\n" : "");
      break;
    }
    const char c = *byte;
    const bool tab = c == '\t';
    const bool kills = c == '\x0b' || c == '\x15' || c == '\x17';
    const bool yanks = c == '\x19' || c == '\x1b';
    if (!yanks) yank_size_ = 0;
    if (c != '\x1b') {
      last_argument_ = 0;
      last_argument_size_ = 0;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == '\x7f') typing_ = false;
    if (c == '\r' || c == '\n') {
      if (cursor_ != text_.size()) {
        cursor_ = text_.size();
        redraw();
      }
      tty_->write("\n");
      line.text = text_;
      break;
    }
    if (c == '\x04' && text_.empty()) {
      line.kind = Line::Kind::kEndOfFile;
      break;
    }
    if (tab) {
      co_await complete();
    } else if (c == '\x1b') {
      co_await escape_key();
    } else if (static_cast<unsigned char>(c) >= 0x20 && c != '\x7f') {
      std::string run(1, c);
      // What came in one go is put in at once.
      while (!pending_.empty() && static_cast<unsigned char>(pending_[0]) >= 0x20 && pending_[0] != '\x7f') {
        run += pending_[0];
        pending_.erase(0, 1);
      }
      insert(run);
    } else if (co_await control_key(c)) {
      tty_->write("\n");
      line.text = text_;
      break;
    }
    if (interrupted_) {
      line.kind = Line::Kind::kInterrupted;
      tty_->write("^C\n");
      break;
    }
    last_was_tab_ = tab;
    last_killed_ = kills;
  }
  if (marks_pastes_) tty_->write(kPlainPastes);
  tty_->set_modes(before);
  co_return line;
}

}  // namespace drydock::shell
