// Screen: what full-screen programs share: raw mode, decoded keys, painting.
//
//   Screen screen(process, tty);
//   screen.paint(rows, cursor_row, cursor_column);
//   const Key key = co_await screen.key();
//
// The terminal gets its modes and its former picture back in the destructor, also
// when the program is killed.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/host/process.h"
#include "core/host/tty.h"

namespace drydock::screen {

struct Key {
  enum class Kind {
    kText,     // one character, UTF-8
    kControl,  // text is the letter: "A" for ^A
    kEscape,
    kEnter,
    kTab,
    kBackspace,
    kUp,
    kDown,
    kLeft,
    kRight,
    kHome,
    kEnd,
    kPageUp,
    kPageDown,
    kInsert,
    kDelete,
    kFunction,  // text is the number: "1" for F1
    kResize,    // the window has another size
    kTimeout,   // nobody typed in time
    kClosed     // the terminal is gone
  };
  Kind kind = Kind::kText;
  std::string text;
  bool alt = false;
  bool control = false;  // of cursor keys

  bool is(Kind wanted) const { return kind == wanted; }
  bool is_text(std::string_view wanted) const { return kind == Kind::kText && !alt && text == wanted; }
  bool is_control(char letter) const { return kind == Kind::kControl && text.size() == 1 && text[0] == letter; }
};

class Screen {
 public:
  // `alternate`: the program's picture goes when it ends, as vim's and less' do.
  // `alt_keys`: ESC and a key are one key (nano); otherwise they are two (vi).
  Screen(Process& process, std::shared_ptr<Tty> tty, bool alternate = true, bool alt_keys = false);
  ~Screen();
  Screen(const Screen&) = delete;

  std::size_t columns() const { return static_cast<std::size_t>(tty_->columns()); }
  std::size_t rows() const { return static_cast<std::size_t>(tty_->rows()); }
  Task<Key> key(std::optional<Duration> patience = std::nullopt);
  // True while typed bytes wait that key() has not looked at.
  bool has_input() const { return !pending_.empty(); }
  // Shows these rows from the top; those that look as before are left alone.
  void paint(const std::vector<std::string>& rows, std::size_t cursor_row, std::size_t cursor_column);
  void invalidate() { shown_.clear(); }
  // Leaves raw mode and the alternate picture; resume() takes both again.
  void leave();
  void resume();
  // ^Z: the terminal goes back to the shell until the program is continued.
  Task<void> suspend();

 private:
  Task<bool> fill(std::optional<Duration> patience);
  Key decode_escape();

  Process& process_;
  std::shared_ptr<Tty> tty_;
  bool alternate_;
  bool alt_keys_;
  bool active_ = false;
  Tty::Modes before_;
  std::string pending_;
  std::vector<std::string> shown_;
  std::optional<Key> event_;
};

// --- text on a screen ---

std::size_t character_size(std::string_view text, std::size_t i);
// Byte offset of the character before / behind `i`.
std::size_t previous_character(std::string_view text, std::size_t i);
std::size_t next_character(std::string_view text, std::size_t i);
// Terminal columns of the character at `i` when it stands in `column`: tabs, wide and control characters.
std::size_t cells_at(std::string_view text, std::size_t i, std::size_t column, std::size_t tab = 8);
// Columns in front of byte `end`.
std::size_t column_of(std::string_view text, std::size_t end, std::size_t tab = 8);
// The byte whose character covers `column`.
std::size_t byte_at_column(std::string_view text, std::size_t column, std::size_t tab = 8);
// What is shown of `text` in columns [from, from + width): tabs as spaces, control characters as ^X.
std::string cut_columns(std::string_view text, std::size_t from, std::size_t width, std::size_t tab = 8);
std::string reversed(std::string_view text);  // in reverse video
std::string bold(std::string_view text);

}  // namespace drydock::screen
