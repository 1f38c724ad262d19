// LineEditor: reads a line at a terminal as readline does: cursor keys, history,
// completion, the usual control keys.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/host/process.h"
#include "core/host/tty.h"

namespace drydock::shell {

class LineEditor {
 public:
  // Candidates for the word that ends at the cursor: whole words that may replace it.
  using Completer = std::function<Task<std::vector<std::string>>(std::string line_before_cursor)>;

  LineEditor(Process& process, std::shared_ptr<Tty> tty, Completer completer)
      : process_(process), tty_(std::move(tty)), completer_(std::move(completer)) {}
  struct Line {
    enum class Kind { kText, kInterrupted, kEndOfFile };
    Kind kind = Kind::kText;
    std::string text;
  };
  Task<Line> read(std::string prompt, const std::deque<std::string>& history);

 private:
  Task<std::optional<char>> next_byte();
  Task<std::string> read_escape();
  Task<void> complete();
  Task<bool> search(const std::deque<std::string>& history);
  void redraw();
  void insert(std::string_view text);
  std::size_t previous(std::size_t at) const;
  std::size_t next(std::size_t at) const;
  std::size_t word_left() const;
  std::size_t word_right() const;

  Process& process_;
  std::shared_ptr<Tty> tty_;
  Completer completer_;
  std::string prompt_;
  std::string text_;
  std::size_t cursor_ = 0;      // byte offset
  std::size_t drawn_rows_ = 0;  // rows above the cursor's row at the last drawing
  std::string killed_;
  std::string pending_;  // bytes read but not yet used
  bool interrupted_ = false;
  bool last_was_tab_ = false;
};

}  // namespace drydock::shell
