#include "core/programs/screen/vi/vi.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/screen/programs.h"

namespace drydock::screen {

std::vector<Key> keys_of(std::string_view text) {
  std::vector<Key> keys;
  for (std::size_t i = 0; i < text.size(); i = next_character(text, i)) {
    Key key;
    if (text[i] == '\n' || text[i] == '\r')
      key.kind = Key::Kind::kEnter;
    else if (text[i] == '\x1b')
      key.kind = Key::Kind::kEscape;
    else
      key.text = std::string(text.substr(i, character_size(text, i)));
    keys.push_back(key);
  }
  return keys;
}

Vi::Vi(Process& process, std::shared_ptr<Tty> tty, bool read_only)
    : process_(process), screen_(process, std::move(tty)), read_only_(read_only) {}

void Vi::complain(std::string text) {
  message_ = std::move(text);
  error_ = true;
  // What was to come of a macro or "." is dropped.
  if (replay_depth_ > 0) replay_.clear();
}

std::string Vi::shown_name() const { return path_.empty() ? "[No Name]" : "\"" + path_ + "\""; }

Task<Key> Vi::key() {
  if (!replay_.empty()) {
    const Key next = replay_.front();
    replay_.pop_front();
    recorded_.push_back(next);
    co_return next;
  }
  if (replay_depth_ > 0) {  // a repeated command that wants more than it had
    Key escape;
    escape.kind = Key::Kind::kEscape;
    co_return escape;
  }
  for (;;) {
    if (!screen_.has_input()) show();
    const Key pressed = co_await screen_.key();
    if (pressed.is(Key::Kind::kResize)) continue;
    recorded_.push_back(pressed);
    if (macro_ != '\0') macro_keys_.push_back(pressed);
    co_return pressed;
  }
}

// ":…", "/…" at the bottom of the screen; "" when it was given up.
Task<std::string> Vi::prompt_line(char first) {
  std::string text = pending_keys_.starts_with("'<") ? pending_keys_ : "";
  std::size_t cursor = text.size();
  std::vector<std::string>& history = first == ':' ? command_history_ : search_history_;
  std::size_t place = history.size();
  using Kind = Key::Kind;
  for (;;) {
    if (replay_.empty() && replay_depth_ == 0 && !screen_.has_input()) {
      message_ = std::string(1, first) + text;
      error_ = false;
      show();
      std::vector<std::string> rows;
      // The cursor goes to the line being typed.
      const std::size_t column = 1 + column_of(text, cursor);
      co_await process_.out(format("\x1b[%zu;%zuH", screen_.rows(), std::min(column, screen_.columns() - 1) + 1));
    }
    Key pressed;
    if (!replay_.empty() || replay_depth_ > 0) {
      pressed = co_await key();
    } else {
      pressed = co_await screen_.key();
      if (pressed.is(Kind::kResize)) continue;
      recorded_.push_back(pressed);
      if (macro_ != '\0') macro_keys_.push_back(pressed);
    }
    if (pressed.is(Kind::kEnter) || pressed.is_control('J')) break;
    const bool gives_up = pressed.is(Kind::kEscape) || pressed.is_control('C') || pressed.is(Kind::kClosed) ||
                          (pressed.is(Kind::kBackspace) && text.empty());
    if (gives_up) {
      message_.clear();
      co_return std::string();
    }
    if (pressed.is(Kind::kText)) {
      text.insert(cursor, pressed.text);
      cursor += pressed.text.size();
    } else if (pressed.is(Kind::kTab)) {
      // The last word as a file's name.
      const std::size_t blank = text.rfind(' ', cursor == 0 ? 0 : cursor - 1);
      const std::string word = blank == std::string::npos ? "" : text.substr(blank + 1, cursor - blank - 1);
      const std::size_t slash = word.rfind('/');
      const std::string folder = slash == std::string::npos ? "" : word.substr(0, slash + 1);
      const auto names = process_.list_directory(folder.empty() ? "." : folder);
      std::vector<std::string> fitting;
      if (names && blank != std::string::npos) {
        for (const std::string& name : *names) {
          if ((folder + name).starts_with(word)) fitting.push_back(folder + name);
        }
      }
      if (!fitting.empty()) {
        text.replace(blank + 1, cursor - blank - 1, fitting[0]);
        cursor = blank + 1 + fitting[0].size();
      }
    } else if (pressed.is(Kind::kBackspace)) {
      const std::size_t from = previous_character(text, cursor);
      text.erase(from, cursor - from);
      cursor = from;
    } else if (pressed.is_control('U')) {
      text.erase(0, cursor);
      cursor = 0;
    } else if (pressed.is_control('W')) {
      std::size_t from = cursor;
      while (from > 0 && text[from - 1] == ' ') --from;
      while (from > 0 && text[from - 1] != ' ') --from;
      text.erase(from, cursor - from);
      cursor = from;
    } else if (pressed.is(Kind::kLeft)) {
      cursor = previous_character(text, cursor);
    } else if (pressed.is(Kind::kRight)) {
      cursor = next_character(text, cursor);
    } else if (pressed.is(Kind::kHome) || pressed.is_control('B')) {
      cursor = 0;
    } else if (pressed.is(Kind::kEnd) || pressed.is_control('E')) {
      cursor = text.size();
    } else if (pressed.is(Kind::kUp) && place > 0) {
      text = history[--place];
      cursor = text.size();
    } else if (pressed.is(Kind::kDown)) {
      place = std::min(place + 1, history.size());
      text = place < history.size() ? history[place] : "";
      cursor = text.size();
    }
  }
  message_.clear();
  if (!text.empty() && (history.empty() || history.back() != text)) history.push_back(text);
  co_return std::string(1, first) + text;
}

// --- files ---

bool Vi::load(const std::string& path) {
  path_ = path;
  cursor_ = {};
  top_ = 0;
  new_file_ = false;
  marks_.clear();
  const auto info = process_.stat(path);
  if (info && info->type == FileType::kDirectory) {
    text_.load("");
    complain("\"" + path + "\" is a directory");
    return false;
  }
  const auto content = process_.read_file(path);
  if (!content) {
    text_.load("");
    if (content.error() == Errno::kNoEnt) {
      new_file_ = true;
      say("\"" + path + "\" [New]");
    } else {
      say("\"" + path + "\" [" +
          (content.error() == Errno::kAcces ? "Permission Denied" : std::string(errno_text(content.error()))) + "]");
    }
    return false;
  }
  text_.load(*content);
  no_end_of_line_ = !content->empty() && !content->ends_with("\n");
  const std::size_t lines = content->empty() ? 0 : text_.size();
  const bool locked = read_only_ || !process_.can_access(path, Process::kWrite);
  say("\"" + path + "\" " + (locked ? "[readonly] " : "") + (no_end_of_line_ ? "[noeol] " : "") +
      std::to_string(lines) + "L, " + std::to_string(content->size()) + "B");
  return true;
}

// Rows first to last into a file; "" is the file being edited.
Task<bool> Vi::write(std::string path, std::size_t first, std::size_t last, bool force, bool append) {
  const bool own = path.empty() || path == path_;
  if (path.empty()) path = path_;
  if (path.empty()) {
    complain("E32: No file name");
    co_return false;
  }
  if (own && read_only_ && !force) {
    complain("E45: 'readonly' option is set (add ! to override)");
    co_return false;
  }
  const auto info = process_.stat(path);
  if (info && info->type == FileType::kDirectory) {
    complain("\"" + path + "\" is a directory");
    co_return false;
  }
  if (!own && info && !force && !append) {
    complain("E13: File exists (add ! to override)");
    co_return false;
  }
  const std::string content =
      text_.size() == 1 && text_.line(0).empty() && new_file_ && own ? "" : text_.copy_lines(first, last);
  const auto written = append ? process_.append_file(path, content) : process_.write_file(path, content);
  if (!written) {
    if (own && info && written.error() == Errno::kAcces && !force)
      complain("E45: 'readonly' option is set (add ! to override)");
    else
      complain("\"" + path + "\" E212: Can't open file for writing");
    co_return false;
  }
  if (path_.empty()) path_ = path;
  if (own || path == path_) {
    if (first == 0 && last + 1 >= text_.size()) text_.modified = false;
    new_file_ = false;
  }
  const std::size_t lines = content.empty() ? 0 : last - first + 1;
  say("\"" + path + "\" " + (!info ? "[New] " : "") + std::to_string(lines) + "L, " + std::to_string(content.size()) +
      "B " + (append ? "appended" : "written"));
  co_return true;
}

Task<int> Vi::run(std::vector<std::string> files, std::vector<std::string> commands) {
  files_ = std::move(files);
  // The person's own settings.
  const std::string home(process_.env("HOME"));
  for (const char* name : {"/.vimrc", "/.vim/vimrc", "/.exrc"}) {
    const auto settings = process_.read_file(home + name);
    if (!settings) continue;
    for (const std::string& line : split(*settings, '\n')) {
      const std::string_view command = trim(line);
      if (command.starts_with("set ") || command.starts_with("se ")) set_options(command.substr(command.find(' ') + 1));
    }
    message_.clear();
    error_ = false;
    break;
  }
  if (!files_.empty()) (void)load(files_[0]);
  if (files_.size() > 1 && !error_) message_ += "";
  for (const std::string& command : commands) {
    if (command.empty())
      cursor_ = {text_.size() - 1, 0};
    else
      co_await command_line(command);
  }
  clamp_cursor();
  while (!done_) co_await normal();
  screen_.leave();
  co_return code_;
}

namespace {

constexpr const char* kVersion = "VIM - Vi IMproved 8.2 (2019 Dec 12)\n";

}  // namespace

Task<int> vi_main(Process& process) {
  std::vector<std::string> files;
  std::vector<std::string> commands;
  bool read_only = process.name() == "view";
  bool options_end = false;
  const std::vector<std::string> words(process.arguments().begin(), process.arguments().end());
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (options_end || word.empty() || (word[0] != '-' && word[0] != '+') || word == "-") {
      files.push_back(word);
    } else if (word == "--") {
      options_end = true;
    } else if (word == "--version") {
      co_await process.out(kVersion);
      co_return 0;
    } else if (word == "-h" || word == "--help") {
      co_await process.out(
          "usage: vim [arguments] [file ..]       edit specified file(s)\n\n"
          "Arguments:\n   --\t\t\tOnly file names after this\n   -R\t\t\tReadonly mode (like \"view\")\n"
          "   +\t\t\tStart at end of file\n   +<lnum>\t\tStart at line <lnum>\n"
          "   -c <command>\t\tExecute <command> after loading the first file\n   --version\t\tPrint version "
          "information and exit\n");
      co_return 0;
    } else if (word[0] == '+') {
      commands.push_back(word.substr(1));
    } else if (word == "-c" && i + 1 < words.size()) {
      commands.push_back(words[++i]);
    } else if (word == "-R" || word == "-M") {
      read_only = true;
    } else if (word == "-u" || word == "-i" || word == "-T" || word == "-w") {
      ++i;
    } else if (word == "-n" || word == "-e" || word == "-N" || word == "-C" || word == "-o" || word == "-O" ||
               word == "-p" || word == "-y" || word == "-b") {
      continue;
    } else {
      co_await process.err("VIM - Vi IMproved 8.2 (2019 Dec 12)\nUnknown option argument: \"" + word +
                           "\"\nMore info with: \"vim -h\"\n");
      co_return 1;
    }
  }
  std::shared_ptr<Tty> tty = process.tty_of(0);
  if (!tty) tty = process.tty_of(1);
  if (!process.tty_of(1)) co_await process.err("Vim: Warning: Output is not to a terminal\n");
  if (!process.tty_of(0)) co_await process.err("Vim: Warning: Input is not from a terminal\n");
  if (!tty) tty = process.controlling_tty();
  if (!tty) {
    co_await process.err("Vim: Error reading input, exiting...\nVim: Finished.\n");
    co_return 1;
  }
  Vi editor(process, tty, read_only);
  co_return co_await editor.run(std::move(files), std::move(commands));
}

}  // namespace drydock::screen
