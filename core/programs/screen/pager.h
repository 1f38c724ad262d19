// Pager: shows text a screen at a time, with less' keys. man uses it too.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/programs/screen/screen.h"
#include "core/programs/text/regex.h"

namespace drydock::screen {

struct PagerOptions {
  bool numbers = false;             // -N
  bool chop = false;                // -S
  bool colors = false;              // -R
  bool ignore_case = false;         // -i
  bool quit_if_one_screen = false;  // -F
  bool keep_screen = false;         // -X
  bool follow = false;              // +F
  bool at_end = false;              // +G
  bool more = false;                // as more(1)
  std::string search;               // +/pattern
  std::size_t first_line = 0;       // +N
};

struct PagerFile {
  std::string name;  // "" for standard input
  std::string path;  // read again while following
  std::string text;
};

class Pager {
 public:
  Pager(Process& process, std::shared_ptr<Tty> tty, std::vector<PagerFile> files, PagerOptions options);
  Task<int> run();

 private:
  struct Row {
    std::size_t line;
    std::size_t part;  // which piece of a wrapped line
  };
  void open_file(std::size_t index);
  void layout();
  void show(Screen& screen);
  std::string row_text(const Row& row) const;
  std::string prompt() const;
  void move(std::int64_t rows);
  void go_to_line(std::size_t line);
  bool find(bool forwards, std::size_t from_row);
  Task<std::string> ask(Screen& screen, std::string first);
  Task<void> follow(Screen& screen);
  Task<void> help(Screen& screen);
  Task<bool> key(Screen& screen);

  Process& process_;
  std::shared_ptr<Tty> tty_;
  std::vector<PagerFile> files_;
  PagerOptions options_;
  std::size_t file_ = 0;
  std::vector<std::string> lines_;
  std::vector<Row> rows_;
  std::size_t top_ = 0;   // row
  std::size_t left_ = 0;  // column, with -S
  std::size_t width_ = 80;
  std::size_t height_ = 23;
  std::string pattern_;
  bool forwards_ = true;
  std::string message_;
  bool first_prompt_ = true;
  std::size_t count_ = 0;
};

// Shows a text on the process' terminal, or writes it when there is none.
Task<int> page_text(Process& process, std::string name, std::string text);

}  // namespace drydock::screen
