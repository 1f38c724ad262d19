// Vi: a modal editor with vim's commands and messages.
// https://vimhelp.org
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/programs/screen/screen.h"
#include "core/programs/screen/vi/text.h"

namespace drydock::screen {

class Vi {
 public:
  Vi(Process& process, std::shared_ptr<Tty> tty, bool read_only);
  // Edits the files one after the other (:n); `commands` are run first (+cmd). The exit code.
  Task<int> run(std::vector<std::string> files, std::vector<std::string> commands);

 private:
  struct Register {
    std::string text;
    bool lines = false;
  };
  struct Range {
    Position from;
    Position to;  // exclusive; for lines only the rows count, both included
    bool lines = false;
    bool ok = false;
  };
  struct Motion {
    Position to;
    bool lines = false;
    bool inclusive = false;
    bool ok = false;
  };
  enum class Visual { kNone, kCharacters, kLines, kBlock };

  // vi.cpp
  Task<Key> key();
  Task<std::string> prompt_line(char first);
  bool load(const std::string& path);
  Task<bool> write(std::string path, std::size_t first, std::size_t last, bool force, bool append);
  void say(std::string text) { message_ = std::move(text); }
  void complain(std::string text);
  std::string shown_name() const;
  bool may_leave(const std::string& what);

  // vi_view.cpp
  void show();
  std::size_t text_rows() const { return screen_.rows() > 1 ? screen_.rows() - 1 : 1; }
  std::size_t gutter() const;
  std::size_t height_of(std::size_t row) const;
  void scroll_to_cursor();
  std::string shown_line(std::size_t row, std::size_t from, std::size_t width) const;
  std::string bottom_line() const;

  // vi_motions.cpp
  Task<Motion> motion(Key key, std::size_t count, bool has_count, bool for_operator);
  Task<Range> text_object(bool around, std::size_t count);
  Position word_forwards(Position at, bool big) const;
  Position word_backwards(Position at, bool big) const;
  Position word_end(Position at, bool big) const;
  Position word_end_backwards(Position at, bool big) const;
  std::optional<Position> matching_bracket() const;
  std::optional<Position> find_character(char kind, const std::string& wanted, std::size_t count) const;
  Motion search(bool forwards, std::size_t count);
  Position paragraph(bool forwards) const;
  Range quoted(char quote, bool around) const;
  Range bracketed(char open, char close, bool around) const;
  std::size_t first_non_blank(std::size_t row) const;
  void clamp_cursor();
  std::size_t keep_column(std::size_t row) const;

  // vi_normal.cpp
  Task<void> normal();
  Task<void> command(Key key, std::size_t count, bool has_count);
  Task<void> g_command(std::size_t count, bool has_count);
  Task<void> z_command();
  Task<void> operate(char op, std::size_t count, bool has_count);
  Task<void> apply(char op, Range range);
  void yank(const std::string& text, bool lines, bool deleted);
  void put(bool behind, std::size_t count);
  void join_lines(std::size_t count, bool space);
  void shift_lines(std::size_t first, std::size_t last, int by);
  void change_case(Position from, Position to, char how);
  void change_number(std::int64_t by);
  Task<void> visual_command(Key key, std::size_t count, bool has_count);
  Range visual_range() const;
  Task<void> visual_block(char op);
  Task<void> repeat(std::size_t count, bool has_count);
  void scroll(std::int64_t rows, bool with_cursor);

  // vi_insert.cpp
  Task<void> insert_mode(std::size_t count = 1, bool replace = false);
  void type(const std::string& text);
  void new_line();
  void backspace();
  std::string indent_of(std::size_t row) const;

  // vi_commands.cpp
  Task<void> command_line(std::string text);
  std::optional<std::size_t> address(std::string_view text, std::size_t& i);
  Task<void> substitute(std::string spec, std::size_t first, std::size_t last);
  Task<void> global(std::string spec, std::size_t first, std::size_t last, bool matching);
  void set_options(std::string_view words);
  Task<void> shell_command(std::string command);
  Task<void> quit_command(std::string name, bool force);
  void tell_lines(std::int64_t before);

  Process& process_;
  Screen screen_;
  ViText text_;
  Position cursor_;
  std::size_t wanted_ = 0;   // column that j and k try to keep
  bool wanted_end_ = false;  // after $
  std::size_t top_ = 0;      // first row shown
  std::size_t left_ = 0;     // first column shown (nowrap)
  std::string path_;
  std::vector<std::string> files_;
  std::size_t file_index_ = 0;
  bool read_only_ = false;
  bool new_file_ = false;
  bool no_end_of_line_ = false;
  bool done_ = false;
  int code_ = 0;
  std::string mode_;  // "-- INSERT --"
  std::string message_;
  bool error_ = false;
  std::string pending_keys_;  // shown while a command is incomplete
  std::map<char, Register> registers_;
  char register_ = '"';
  std::map<char, Position> marks_;
  std::string pattern_;
  bool pattern_forwards_ = true;
  bool highlight_ = true;
  std::string last_find_;  // f, F, t, T and the character
  std::string last_substitution_;
  Visual visual_ = Visual::kNone;
  Position visual_start_;
  std::vector<std::string> command_history_;
  std::vector<std::string> search_history_;
  std::set<std::string> options_{"wrap", "wrapscan", "autoindent", "hlsearch"};
  std::size_t tab_stop_ = 8;
  std::size_t shift_width_ = 8;
  std::deque<Key> replay_;        // keys that come before the keyboard's
  std::vector<Key> recorded_;     // of the command at hand
  std::vector<Key> last_change_;  // for "."
  bool changing_ = false;         // the command at hand changes the text
  char macro_ = '\0';             // being recorded by q
  std::map<char, std::vector<Key>> macros_;
  std::vector<Key> macro_keys_;
  int replay_depth_ = 0;
};

// Text as the keys that would type it.
std::vector<Key> keys_of(std::string_view text);
std::string text_of(const std::vector<Key>& keys);

Task<int> vi_main(Process& process);

}  // namespace drydock::screen
