#include "core/world/terminal_text.h"

#include <algorithm>

#include "core/base/strings.h"

namespace drydock {
namespace {

constexpr std::size_t kTabStop = 8;

// Bytes of the character that starts with `lead`.
std::size_t character_bytes(unsigned char lead) { return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4; }

// Bytes of the escape sequence at the start of `text`; npos when its end has not arrived.
std::size_t sequence_bytes(std::string_view text) {
  if (text.size() < 2) return std::string_view::npos;
  const char kind = text[1];
  if (kind == '[') {
    for (std::size_t i = 2; i < text.size(); ++i) {
      if (text[i] >= '@' && text[i] <= '~') return i + 1;
    }
    return std::string_view::npos;
  }
  if (kind == ']') {  // up to BEL or ESC backslash
    for (std::size_t i = 2; i < text.size(); ++i) {
      if (text[i] == '\a') return i + 1;
      if (text[i] == '\x1b' && i + 1 < text.size()) return i + 2;
    }
    return std::string_view::npos;
  }
  const bool charset = kind == '(' || kind == ')';
  if (charset && text.size() < 3) return std::string_view::npos;
  return charset ? 3 : 2;
}

}  // namespace

void TerminalText::next_row() {
  if (++row_ == rows_.size()) rows_.emplace_back();
}

void TerminalText::put(std::string_view character) {
  const std::size_t width = character == "\t" ? kTabStop - column_ % kTabStop : display_width(character);
  if (width == 0) {  // a combining mark
    if (column_ > 0 && column_ <= rows_[row_].cells.size()) rows_[row_].cells[column_ - 1] += character;
    return;
  }
  if (column_ + width > columns_ && character != "\t") {
    rows_[row_].wraps = true;
    next_row();
    column_ = 0;
  }
  std::vector<std::string>& cells = rows_[row_].cells;
  if (cells.size() < column_ + width) cells.resize(column_ + width, " ");
  cells[column_] = character;
  for (std::size_t i = 1; i < width; ++i) cells[column_ + i].clear();
  column_ += width;
}

std::size_t TerminalText::parameter(std::string_view parameters, std::size_t otherwise) const {
  const auto number = parse_int(parameters.substr(0, parameters.find(';')));
  return number && *number >= 0 ? static_cast<std::size_t>(*number) : otherwise;
}

void TerminalText::control_sequence(char kind, std::string_view parameters) {
  if (parameters == "?1049" || parameters == "?47") alternate_ = kind == 'h';
  if (alternate_) return;
  std::vector<std::string>& cells = rows_[row_].cells;
  const std::size_t count = std::max<std::size_t>(1, parameter(parameters, 1));
  switch (kind) {
    case 'A':
      row_ -= std::min(row_, count);
      break;
    case 'B':
      for (std::size_t i = 0; i < count && row_ + 1 < rows_.size(); ++i) ++row_;
      break;
    case 'C':
      column_ = std::min(columns_, column_ + count);
      break;
    case 'D':
      column_ -= std::min(column_, count);
      break;
    case 'G':
      column_ = std::min(columns_, count - 1);
      break;
    case 'H':  // a new screen starts below what was shown
      row_ = rows_.size() - 1;
      if (!rows_[row_].cells.empty()) next_row();
      column_ = 0;
      break;
    case 'K':
      if (parameter(parameters, 0) == 0 && cells.size() > column_) cells.resize(column_);
      if (parameter(parameters, 0) == 2) cells.clear();
      break;
    case 'J':
      if (parameter(parameters, 0) != 0) break;
      if (cells.size() > column_) cells.resize(column_);
      rows_.resize(row_ + 1);
      rows_[row_].wraps = false;
      break;
    default:
      break;
  }
}

void TerminalText::feed(std::string_view bytes) {
  pending_ += bytes;
  std::size_t at = 0;
  while (at < pending_.size()) {
    const std::string_view rest = std::string_view(pending_).substr(at);
    const char c = rest[0];
    if (c == '\x1b') {
      const std::size_t length = sequence_bytes(rest);
      if (length == std::string_view::npos) break;
      if (rest[1] == '[') control_sequence(rest[length - 1], rest.substr(2, length - 3));
      at += length;
      continue;
    }
    const std::size_t length = character_bytes(static_cast<unsigned char>(c));
    if (length > rest.size()) break;
    at += length;
    if (alternate_) continue;
    if (c == '\r') {
      column_ = 0;
    } else if (c == '\n') {
      rows_[row_].wraps = false;
      next_row();
      column_ = 0;
    } else if (c == '\b') {
      column_ -= std::min<std::size_t>(column_, 1);
    } else if (c == '\t' || static_cast<unsigned char>(c) >= 0x20) {
      put(rest.substr(0, length));
    }
  }
  pending_.erase(0, at);
}

std::string TerminalText::take() {
  std::string text;
  for (const Row& row : rows_) {
    for (const std::string& cell : row.cells) text += cell;
    if (!row.wraps && &row != &rows_.back()) text += '\n';
  }
  // The last line stays, in case it goes on; all its rows, if it has wrapped.
  std::size_t first = rows_.size() - 1;
  while (first > 0 && rows_[first - 1].wraps) --first;
  rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(first));
  row_ -= std::min(row_, first);
  const std::size_t newline = text.rfind('\n');
  const std::string last = newline == std::string::npos ? text : text.substr(newline + 1);
  std::string fresh = text.starts_with(taken_) ? text.substr(taken_.size()) : "\n" + text;
  taken_ = last;
  return fresh;
}

}  // namespace drydock
