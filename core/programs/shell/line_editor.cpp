#include "core/programs/shell/line_editor.h"

#include <algorithm>

#include "core/base/strings.h"

namespace drydock::shell {

std::size_t LineEditor::previous(std::size_t at) const {
  if (at == 0) return 0;
  --at;
  while (at > 0 && (static_cast<unsigned char>(text_[at]) & 0xc0) == 0x80) --at;
  return at;
}

std::size_t LineEditor::next(std::size_t at) const {
  if (at >= text_.size()) return text_.size();
  ++at;
  while (at < text_.size() && (static_cast<unsigned char>(text_[at]) & 0xc0) == 0x80) ++at;
  return at;
}

std::size_t LineEditor::word_left() const {
  std::size_t at = cursor_;
  while (at > 0 && text_[at - 1] == ' ') --at;
  while (at > 0 && text_[at - 1] != ' ') --at;
  return at;
}

std::size_t LineEditor::word_right() const {
  std::size_t at = cursor_;
  while (at < text_.size() && text_[at] == ' ') ++at;
  while (at < text_.size() && text_[at] != ' ') ++at;
  return at;
}

// Draws prompt and text again from the prompt's row.
void LineEditor::redraw() {
  const auto columns = static_cast<std::size_t>(std::max(10, tty_->columns()));
  std::string out;
  if (drawn_rows_ > 0) out += format("\x1b[%zuA", drawn_rows_);
  out += "\r\x1b[J" + prompt_ + text_;
  const std::size_t prompt_width =
      display_width(prompt_.substr(prompt_.rfind('\n') == std::string::npos ? 0 : prompt_.rfind('\n') + 1));
  const std::size_t total = prompt_width + display_width(text_);
  const std::size_t at = prompt_width + display_width(std::string_view(text_).substr(0, cursor_));
  if (total > 0 && total % columns == 0) out += "\n";
  const std::size_t end_row = total / columns;
  const std::size_t row = at / columns;
  if (end_row > row) out += format("\x1b[%zuA", end_row - row);
  out += "\r";
  if (at % columns > 0) out += format("\x1b[%zuC", at % columns);
  drawn_rows_ = row;
  tty_->write(out);
}

void LineEditor::insert(std::string_view text) {
  const bool at_end = cursor_ == text_.size();
  text_.insert(cursor_, text);
  cursor_ += text.size();
  // Plain typing at the end needs no redrawing until the row is full.
  const auto columns = static_cast<std::size_t>(std::max(10, tty_->columns()));
  const std::size_t width = display_width(prompt_) + display_width(text_);
  if (at_end && width < columns && prompt_.find('\n') == std::string::npos)
    tty_->write(text);
  else
    redraw();
}

Task<std::optional<char>> LineEditor::next_byte() {
  while (pending_.empty()) {
    auto bytes = co_await tty_->read(process_, 4096);
    if (!bytes) {
      const auto signal = process_.take_signal();
      if (signal == kSigInt) {
        interrupted_ = true;
        co_return std::nullopt;
      }
      if (signal == kSigWinch) redraw();
      if (signal == kSigHup || signal == kSigTerm) co_return std::nullopt;
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
    if (*c >= '@' && *c <= '~') co_return sequence;
  }
}

Task<void> LineEditor::complete() {
  const std::vector<std::string> candidates = co_await completer_(text_.substr(0, cursor_));
  std::size_t start = cursor_;
  while (start > 0 && std::string_view(" \t|&;<>()=").find(text_[start - 1]) == std::string_view::npos) --start;
  const std::string word = text_.substr(start, cursor_ - start);
  if (candidates.empty()) co_return;
  std::string common = candidates[0];
  for (const std::string& candidate : candidates) {
    std::size_t same = 0;
    while (same < common.size() && same < candidate.size() && common[same] == candidate[same]) ++same;
    common.resize(same);
  }
  if (common.size() > word.size() && common.starts_with(word)) {
    const bool whole = candidates.size() == 1 && !common.ends_with("/") && !common.ends_with("=");
    insert(common.substr(word.size()) + (whole ? " " : ""));
    co_return;
  }
  if (candidates.size() == 1) {
    if (!common.ends_with("/")) insert(" ");
    co_return;
  }
  if (!last_was_tab_) co_return;  // a second tab lists them
  std::vector<std::string> shown;
  std::size_t width = 0;
  for (const std::string& candidate : candidates) {
    std::string_view name = candidate;
    while (name.size() > 1 && name.back() == '/' && name.find('/') < name.size() - 1) {
      name = std::string_view(candidate).substr(candidate.rfind('/', candidate.size() - 2) + 1);
      break;
    }
    if (const std::size_t slash = name.rfind('/'); slash != std::string_view::npos && slash + 1 < name.size())
      name.remove_prefix(slash + 1);
    shown.emplace_back(name);
    width = std::max(width, display_width(name) + 2);
  }
  const std::size_t per_row = std::max<std::size_t>(1, static_cast<std::size_t>(tty_->columns()) / width);
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
}

// ^R: narrows the newest history line that holds what is typed.
Task<bool> LineEditor::search(const std::deque<std::string>& history) {
  std::string wanted;
  std::string found;
  std::size_t from = history.size();
  auto look = [&] {
    for (std::size_t i = from; i-- > 0;) {
      if (contains(history[i], wanted)) {
        found = history[i];
        from = i;
        return;
      }
    }
  };
  for (;;) {
    tty_->write("\r\x1b[J(reverse-i-search)`" + wanted + "': " + found);
    const auto c = co_await next_byte();
    if (!c || *c == '\x07') co_return false;
    if (*c == '\x12') {
      look();
    } else if (*c == '\x7f' || *c == '\b') {
      if (!wanted.empty()) wanted.pop_back();
      from = history.size();
      look();
    } else if (static_cast<unsigned char>(*c) < 0x20) {
      text_ = found;
      cursor_ = text_.size();
      if (*c != '\r' && *c != '\n') co_return false;
      co_return true;
    } else {
      wanted += *c;
      from = history.size();
      look();
    }
  }
}

Task<LineEditor::Line> LineEditor::read(std::string prompt, const std::deque<std::string>& history) {
  prompt_ = std::move(prompt);
  text_.clear();
  cursor_ = 0;
  drawn_rows_ = 0;
  interrupted_ = false;
  const Tty::Modes before = tty_->modes();
  Tty::Modes modes = tty_->raw_modes();
  modes.signals = true;  // ^C reaches us as a signal
  tty_->set_modes(modes);
  tty_->write(prompt_);
  std::size_t place = history.size();
  std::string draft;
  Line line;
  auto recall = [&](std::size_t where) {
    if (place == history.size()) draft = text_;
    place = where;
    text_ = place == history.size() ? draft : history[place];
    cursor_ = text_.size();
    redraw();
  };
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
    if (c == '\r' || c == '\n') {
      cursor_ = text_.size();
      redraw();
      tty_->write("\n");
      line.text = text_;
      break;
    } else if (tab) {
      co_await complete();
    } else if (c == '\x04') {
      if (text_.empty()) {
        line.kind = Line::Kind::kEndOfFile;
        break;
      }
      text_.erase(cursor_, next(cursor_) - cursor_);
      redraw();
    } else if (c == '\x7f' || c == '\b') {
      const std::size_t at = previous(cursor_);
      text_.erase(at, cursor_ - at);
      cursor_ = at;
      redraw();
    } else if (c == '\x01') {
      cursor_ = 0;
      redraw();
    } else if (c == '\x05') {
      cursor_ = text_.size();
      redraw();
    } else if (c == '\x02') {
      cursor_ = previous(cursor_);
      redraw();
    } else if (c == '\x06') {
      cursor_ = next(cursor_);
      redraw();
    } else if (c == '\x0b') {
      killed_ = text_.substr(cursor_);
      text_.resize(cursor_);
      redraw();
    } else if (c == '\x15') {
      killed_ = text_.substr(0, cursor_);
      text_.erase(0, cursor_);
      cursor_ = 0;
      redraw();
    } else if (c == '\x17') {
      const std::size_t at = word_left();
      killed_ = text_.substr(at, cursor_ - at);
      text_.erase(at, cursor_ - at);
      cursor_ = at;
      redraw();
    } else if (c == '\x19') {
      insert(killed_);
    } else if (c == '\x0c') {
      tty_->write("\x1b[H\x1b[2J");
      drawn_rows_ = 0;
      redraw();
    } else if (c == '\x14' && cursor_ > 0 && text_.size() > 1) {
      const std::size_t at = cursor_ == text_.size() ? previous(cursor_) : cursor_;
      std::swap(text_[at], text_[at - 1]);
      cursor_ = at + 1;
      redraw();
    } else if (c == '\x10' || c == '\x0e') {
      if (c == '\x10' && place > 0) recall(place - 1);
      if (c == '\x0e' && place < history.size()) recall(place + 1);
    } else if (c == '\x12') {
      const bool run = co_await search(history);
      redraw();
      if (run) {
        tty_->write("\n");
        line.text = text_;
        break;
      }
    } else if (c == '\x1b') {
      const std::string sequence = co_await read_escape();
      if (sequence == "[A" || sequence == "OA") {
        if (place > 0) recall(place - 1);
      } else if (sequence == "[B" || sequence == "OB") {
        if (place < history.size()) recall(place + 1);
      } else {
        if (sequence == "[C" || sequence == "OC") cursor_ = next(cursor_);
        if (sequence == "[D" || sequence == "OD") cursor_ = previous(cursor_);
        if (sequence == "[H" || sequence == "OH" || sequence == "[1~") cursor_ = 0;
        if (sequence == "[F" || sequence == "OF" || sequence == "[4~") cursor_ = text_.size();
        if (sequence == "[3~") text_.erase(cursor_, next(cursor_) - cursor_);
        if (sequence == "b" || sequence == "[1;5D" || sequence == "[1;3D") cursor_ = word_left();
        if (sequence == "f" || sequence == "[1;5C" || sequence == "[1;3C") cursor_ = word_right();
        if (sequence == "d") text_.erase(cursor_, word_right() - cursor_);
        if (sequence == "[200~" || sequence == "[201~") continue;  // bracketed paste
        redraw();
      }
    } else if (static_cast<unsigned char>(c) >= 0x20) {
      std::string run(1, c);
      // What came in one go is put in at once.
      while (!pending_.empty() && static_cast<unsigned char>(pending_[0]) >= 0x20 && pending_[0] != '\x7f') {
        run += pending_[0];
        pending_.erase(0, 1);
      }
      insert(run);
    }
    last_was_tab_ = tab;
  }
  tty_->set_modes(before);
  co_return line;
}

}  // namespace drydock::shell
