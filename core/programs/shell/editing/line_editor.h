// LineEditor: reads a line at a terminal as readline does: cursor keys, history,
// search, completion, kill and yank, undo, in emacs' keys.
// https://www.gnu.org/software/bash/manual/html_node/Command-Line-Editing.html
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/host/process.h"
#include "core/host/tty.h"
#include "core/programs/shell/editing/completer.h"

namespace drydock::shell {

// What is written for a text: control characters as ^X.
std::string visible(std::string_view text);

class LineEditor {
 public:
  using Completer = std::function<Task<Completions>(std::string line_before_cursor)>;

  // With `marks_pastes` the terminal is asked to mark what is pasted (bracketed paste):
  // it stands at the prompt as a whole, to be looked at before Enter runs it.
  LineEditor(Process& process, std::shared_ptr<Tty> tty, Completer completer, bool marks_pastes)
      : process_(process), tty_(std::move(tty)), completer_(std::move(completer)), marks_pastes_(marks_pastes) {}
  struct Line {
    enum class Kind { kText, kInterrupted, kEndOfFile };
    Kind kind = Kind::kText;
    std::string text;
  };
  // In `prompt`, what stands between \x01 and \x02 takes no room on the screen.
  Task<Line> read(std::string prompt, const std::deque<std::string>& history);

 private:
  struct Place {
    std::size_t row = 0;
    std::size_t column = 0;
  };
  Task<std::optional<char>> next_byte();
  Task<std::string> read_escape();
  Task<void> complete();
  Task<bool> show_candidates(std::vector<std::string> shown);
  Task<bool> search(bool backwards);
  Task<void> escape_key();
  Task<bool> control_key(char c);  // true: the line is done
  Task<void> paste();
  void history_key(bool up);
  void recall(std::size_t where);
  void insert_last_argument();
  void redraw();
  void insert(std::string_view text);
  void erase(std::size_t from, std::size_t to, bool keep);
  void change_word(char how);
  void transpose_words();
  void remember();
  Place place_of(std::size_t offset) const;
  Place advance(Place at, std::string_view text) const;
  std::size_t columns() const;
  std::size_t previous(std::size_t at) const;
  std::size_t next(std::size_t at) const;
  std::size_t blank_word_left() const;
  std::size_t word_left() const;
  std::size_t word_right() const;

  Process& process_;
  std::shared_ptr<Tty> tty_;
  Completer completer_;
  bool marks_pastes_;
  const std::deque<std::string>* history_ = nullptr;
  std::string prompt_;  // as it is written
  std::size_t prompt_width_ = 0;
  std::string text_;
  std::size_t cursor_ = 0;      // byte offset
  std::size_t drawn_rows_ = 0;  // rows above the cursor's row at the last drawing
  std::vector<std::string> killed_;
  bool last_killed_ = false;
  std::size_t yank_size_ = 0;  // of the last yank, for M-y
  std::size_t yank_index_ = 0;
  std::vector<std::pair<std::string, std::size_t>> undo_;
  std::string pending_;  // bytes read but not yet used
  bool interrupted_ = false;
  bool last_was_tab_ = false;
  bool typing_ = false;
  std::size_t place_ = 0;  // in the history; its size: the new line
  std::string draft_;
  std::map<std::size_t, std::string> edited_;  // history lines changed while looking at them
  std::size_t last_argument_ = 0;              // M-. : how many lines back
  std::size_t last_argument_size_ = 0;
};

}  // namespace drydock::shell
