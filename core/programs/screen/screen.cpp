#include "core/programs/screen/screen.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/base/sync.h"

namespace drydock::screen {
namespace {

constexpr Duration kEscapePatience = milliseconds(50);  // what follows ESC in a key's sequence comes at once

}  // namespace

Screen::Screen(Process& process, std::shared_ptr<Tty> tty, bool alternate, bool alt_keys)
    : process_(process), tty_(std::move(tty)), alternate_(alternate), alt_keys_(alt_keys), before_(tty_->modes()) {
  process_.on_signal(kSigWinch, Process::Disposition::kCatch);
  resume();
}

Screen::~Screen() { leave(); }

void Screen::resume() {
  if (active_) return;
  active_ = true;
  Tty::Modes modes = tty_->raw_modes();
  modes.map_newline = false;
  tty_->set_modes(modes);
  if (alternate_) tty_->write("\x1b[?1049h");
  shown_.clear();
}

void Screen::leave() {
  if (!active_) return;
  active_ = false;
  if (alternate_) tty_->write("\x1b[?1049l");
  tty_->write("\x1b[?25h");
  tty_->set_modes(before_);
}

Task<void> Screen::suspend() {
  leave();
  (void)process_.kill(0, kSigTstp);
  // Goes on here once it is continued.
  (void)co_await process_.sleep(milliseconds(1));
  resume();
}

void Screen::paint(const std::vector<std::string>& rows, std::size_t cursor_row, std::size_t cursor_column) {
  std::string out = "\x1b[?25l";
  const std::size_t height = this->rows();
  if (shown_.size() != height) {
    out += "\x1b[H\x1b[2J";
    shown_.assign(height, "");
  }
  for (std::size_t i = 0; i < height; ++i) {
    const std::string row = i < rows.size() ? rows[i] : "";
    if (shown_[i] == row) continue;
    out += format("\x1b[%zu;1H", i + 1) + row + "\x1b[K";
    shown_[i] = row;
  }
  out += format("\x1b[%zu;%zuH", cursor_row + 1, cursor_column + 1) + "\x1b[?25h";
  tty_->write(out);
}

// Waits for bytes; false: an event (resize, end) or the deadline came instead.
Task<bool> Screen::fill(std::optional<Duration> patience) {
  const TimePoint deadline = process_.now() + patience.value_or(Duration{0});
  for (;;) {
    SysResult<std::string> bytes = std::string();
    if (patience) {
      const auto got = co_await with_deadline(process_.loop(), deadline, tty_->read(process_, 4096));
      if (!got) {
        event_ = Key{Key::Kind::kTimeout, ""};
        co_return false;
      }
      bytes = *got;
    } else {
      bytes = co_await tty_->read(process_, 4096);
    }
    if (!bytes) {
      bool resized = false;
      while (const auto signal = process_.take_signal()) resized = resized || *signal == kSigWinch;
      if (!resized) continue;
      shown_.clear();
      event_ = Key{Key::Kind::kResize, ""};
      co_return false;
    }
    if (bytes->empty()) {
      event_ = Key{Key::Kind::kClosed, ""};
      co_return false;
    }
    pending_ += *bytes;
    co_return true;
  }
}

// pending_ begins behind an ESC.
Key Screen::decode_escape() {
  using Kind = Key::Kind;
  auto special = [](Kind kind, bool alt = false, bool control = false) {
    Key key;
    key.kind = kind;
    key.alt = alt;
    key.control = control;
    return key;
  };
  if (pending_.empty()) return special(Kind::kEscape);
  const bool bracket = pending_[0] == '[';
  if (bracket || (pending_[0] == 'O' && pending_.size() > 1 &&
                  std::string_view("ABCDHFPQRS").find(pending_[1]) != std::string_view::npos)) {
    std::size_t end = 1;
    while (end < pending_.size() && !(pending_[end] >= '@' && pending_[end] <= '~')) ++end;
    if (end < pending_.size()) {
      const std::string parameters = pending_.substr(1, end - 1);
      const char final = pending_[end];
      pending_.erase(0, end + 1);
      const bool control = parameters.ends_with(";5");
      const bool alt = parameters.ends_with(";3");
      const std::int64_t number = parse_int(parameters.substr(0, parameters.find(';'))).value_or(0);
      switch (final) {
        case 'A':
          return special(Kind::kUp, alt, control);
        case 'B':
          return special(Kind::kDown, alt, control);
        case 'C':
          return special(Kind::kRight, alt, control);
        case 'D':
          return special(Kind::kLeft, alt, control);
        case 'H':
          return special(Kind::kHome, alt, control);
        case 'F':
          return special(Kind::kEnd, alt, control);
        case 'P':
        case 'Q':
        case 'R':
        case 'S': {
          Key key = special(Kind::kFunction);
          key.text = std::to_string(final - 'P' + 1);
          return key;
        }
        case '~': {
          if (number == 1 || number == 7) return special(Kind::kHome);
          if (number == 4 || number == 8) return special(Kind::kEnd);
          if (number == 2) return special(Kind::kInsert);
          if (number == 3) return special(Kind::kDelete, alt, control);
          if (number == 5) return special(Kind::kPageUp);
          if (number == 6) return special(Kind::kPageDown);
          Key key = special(Kind::kFunction);
          key.text = std::to_string(number - 10 - (number > 16 ? 1 : 0) - (number > 22 ? 1 : 0));
          return key;
        }
        default:
          return special(Kind::kFunction);  // one nobody knows
      }
    }
  }
  if (alt_keys_ && pending_[0] != '\x1b') {
    const std::size_t size = character_size(pending_, 0);
    Key key;
    key.text = pending_.substr(0, size);
    key.alt = true;
    pending_.erase(0, size);
    if (key.text == "\x7f") key.kind = Kind::kBackspace;
    return key;
  }
  return special(Kind::kEscape);
}

Task<Key> Screen::key(std::optional<Duration> patience) {
  if (pending_.empty() && !co_await fill(patience)) co_return *std::exchange(event_, std::nullopt);
  const auto c = static_cast<unsigned char>(pending_[0]);
  if (c == 0x1b) {
    if (pending_.size() == 1 && !co_await fill(kEscapePatience)) event_.reset();
    pending_.erase(0, 1);
    co_return decode_escape();
  }
  Key key;
  if (c == '\r' || c == '\n') {
    key.kind = c == '\r' ? Key::Kind::kEnter : Key::Kind::kControl;
    if (c == '\n') key.text = "J";
  } else if (c == '\t') {
    key.kind = Key::Kind::kTab;
  } else if (c == 0x7f || c == 0x08) {
    key.kind = Key::Kind::kBackspace;
  } else if (c < 0x20) {
    key.kind = Key::Kind::kControl;
    key.text = std::string(1, static_cast<char>(c + 0x40));
  } else {
    // A character may come in pieces.
    const std::size_t wanted = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
    while (pending_.size() < wanted && co_await fill(kEscapePatience)) {
    }
    event_.reset();
    key.text = pending_.substr(0, wanted);
    pending_.erase(0, wanted);
    co_return key;
  }
  pending_.erase(0, 1);
  co_return key;
}

// --- text ---

std::size_t character_size(std::string_view text, std::size_t i) {
  std::size_t size = 1;
  if (i < text.size() && (static_cast<unsigned char>(text[i]) & 0x80) == 0) return 1;
  while (i + size < text.size() && (static_cast<unsigned char>(text[i + size]) & 0xc0) == 0x80) ++size;
  return size;
}

std::size_t previous_character(std::string_view text, std::size_t i) {
  if (i == 0) return 0;
  --i;
  while (i > 0 && (static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) --i;
  return i;
}

std::size_t next_character(std::string_view text, std::size_t i) {
  return i >= text.size() ? text.size() : i + character_size(text, i);
}

std::size_t cells_at(std::string_view text, std::size_t i, std::size_t column, std::size_t tab) {
  const auto c = static_cast<unsigned char>(text[i]);
  if (c == '\t') return tab - column % tab;
  if (c < 0x20 || c == 0x7f) return 2;
  return c < 0x80 ? 1 : display_width(text.substr(i, character_size(text, i)));
}

std::size_t column_of(std::string_view text, std::size_t end, std::size_t tab) {
  std::size_t column = 0;
  for (std::size_t i = 0; i < std::min(end, text.size()); i = next_character(text, i))
    column += cells_at(text, i, column, tab);
  return column;
}

std::size_t byte_at_column(std::string_view text, std::size_t column, std::size_t tab) {
  std::size_t at = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t cells = cells_at(text, i, at, tab);
    if (at + cells > column) break;
    at += cells;
    i = next_character(text, i);
  }
  return i;
}

std::string cut_columns(std::string_view text, std::size_t from, std::size_t width, std::size_t tab) {
  std::string out;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size() && column < from + width; i = next_character(text, i)) {
    const std::size_t cells = cells_at(text, i, column, tab);
    const std::size_t end = column + cells;
    const auto c = static_cast<unsigned char>(text[i]);
    if (end > from) {
      if (column < from || end > from + width || c == '\t')
        out += std::string(std::min(end, from + width) - std::max(column, from), ' ');
      else if (c < 0x20 || c == 0x7f)
        out += std::string("^") + static_cast<char>(c ^ 0x40);
      else
        out += text.substr(i, character_size(text, i));
    }
    column = end;
  }
  return out;
}

std::string reversed(std::string_view text) { return "\x1b[7m" + std::string(text) + "\x1b[m"; }
std::string bold(std::string_view text) { return "\x1b[1m" + std::string(text) + "\x1b[m"; }

}  // namespace drydock::screen
