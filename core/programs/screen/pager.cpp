#include "core/programs/screen/pager.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/screen/programs.h"

namespace drydock::screen {
namespace {

constexpr Duration kFollowInterval = milliseconds(500);

// man's bold and underlined letters ("x\bx", "_\bx") as escape sequences; others as they are.
std::string rendered(const std::string& line) {
  std::string out;
  for (std::size_t i = 0; i < line.size();) {
    const std::size_t size = character_size(line, i);
    const std::string one = line.substr(i, size);
    if (i + size + 1 < line.size() && line[i + size] == '\b') {
      const std::string over = line.substr(i + size + 1, character_size(line, i + size + 1));
      out += (one == "_" ? "\x1b[4m" : "\x1b[1m") + over + "\x1b[m";
      i += size + 1 + over.size();
    } else {
      out += one;
      i += size;
    }
  }
  return out;
}

// Cuts a line with escape sequences at screen columns.
std::string cut_styled(const std::string& line, std::size_t from, std::size_t width) {
  std::string out;
  std::size_t column = 0;
  bool styled = false;
  for (std::size_t i = 0; i < line.size();) {
    if (line[i] == '\x1b' && i + 1 < line.size() && line[i + 1] == '[') {
      std::size_t end = i + 2;
      while (end < line.size() && !(line[end] >= '@' && line[end] <= '~')) ++end;
      if (end < line.size() && line[end] == 'm') {
        out += line.substr(i, end - i + 1);
        styled = true;
      }
      i = std::min(line.size(), end + 1);
      continue;
    }
    const std::size_t cells = cells_at(line, i, column);
    const std::size_t size = character_size(line, i);
    const auto c = static_cast<unsigned char>(line[i]);
    if (column >= from && column + cells <= from + width) {
      if (c == '\t')
        out += std::string(cells, ' ');
      else if (c < 0x20 || c == 0x7f)
        out += std::string("^") + static_cast<char>(c ^ 0x40);
      else
        out += line.substr(i, size);
    }
    column += cells;
    i += size;
  }
  return styled ? out + "\x1b[m" : out;
}

std::string plain(const std::string& line) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\x1b' && i + 1 < line.size() && line[i + 1] == '[') {
      i += 2;
      while (i < line.size() && !(line[i] >= '@' && line[i] <= '~')) ++i;
    } else {
      out += line[i];
    }
  }
  return out;
}

constexpr const char* kHelp =
    "                   SUMMARY OF LESS COMMANDS\n\n"
    "  q  :q  Q           Quit.\n"
    "  e  j  ^N  RETURN   Forward  one line.\n"
    "  y  k  ^P           Backward one line.\n"
    "  f  ^F  SPACE       Forward  one window.\n"
    "  b  ^B              Backward one window.\n"
    "  d  ^D  u  ^U       Forward, backward half a window.\n"
    "  LeftArrow, RightArrow   Left, right half a screen width (with -S).\n"
    "  F                  Forward forever; like \"tail -f\". ^C stops it.\n"
    "  g  <  G  >         First, last line (or line N).\n"
    "  N%                 N percent into the file.\n"
    "  /pattern  ?pattern Search forward, backward.\n"
    "  n  N               Repeat the search, in the other direction.\n"
    "  &pattern           (not a filter here: searches)\n"
    "  :n  :p             Next, previous file.\n"
    "  -N  -S  -i  -R     Line numbers, chopped lines, case, colors on or off.\n"
    "  = ^G               Where in the file.\n"
    "  v                  Edit the file with $EDITOR.\n"
    "  !command           Run a shell command.\n"
    "  h  H               This help.\n";

}  // namespace

Pager::Pager(Process& process, std::shared_ptr<Tty> tty, std::vector<PagerFile> files, PagerOptions options)
    : process_(process), tty_(std::move(tty)), files_(std::move(files)), options_(std::move(options)) {
  open_file(0);
}

void Pager::open_file(std::size_t index) {
  file_ = index;
  lines_ = split(files_[index].text, '\n');
  if (!lines_.empty() && lines_.back().empty()) lines_.pop_back();
  for (std::string& line : lines_) {
    if (line.ends_with("\r")) line.pop_back();
    line = rendered(line);
  }
  top_ = 0;
  left_ = 0;
  first_prompt_ = true;
}

void Pager::layout() {
  width_ = static_cast<std::size_t>(std::max(10, tty_->columns()));
  height_ = static_cast<std::size_t>(std::max(2, tty_->rows())) - 1;
  rows_.clear();
  const std::size_t room = width_ - (options_.numbers ? std::min<std::size_t>(8, width_ - 1) : 0);
  for (std::size_t line = 0; line < lines_.size(); ++line) {
    const std::string text = plain(lines_[line]);
    const std::size_t cells = column_of(text, text.size());
    const std::size_t parts = options_.chop ? 1 : std::max<std::size_t>(1, (cells + room - 1) / room);
    for (std::size_t part = 0; part < parts; ++part) rows_.push_back({line, part});
  }
  const std::size_t last = rows_.size() > height_ ? rows_.size() - height_ : 0;
  top_ = std::min(top_, last);
}

std::string Pager::row_text(const Row& row) const {
  std::string lead;
  std::size_t room = width_;
  if (options_.numbers) {
    lead = row.part == 0 ? pad_left(std::to_string(row.line + 1), 7) + " " : std::string(8, ' ');
    room -= std::min<std::size_t>(8, width_ - 1);
  }
  const std::size_t from = options_.chop ? left_ : row.part * room;
  std::string line = lines_[row.line];
  if (!pattern_.empty()) {
    const Regex regex = Regex::compile(pattern_, Regex::Syntax::kExtended, options_.ignore_case);
    const std::string text = plain(line);
    std::string marked;
    std::size_t at = 0;
    while (regex.ok() && at <= text.size()) {
      const auto match = regex.search(text, at);
      if (!match || (*match)[0].end == (*match)[0].begin) break;
      marked += text.substr(at, (*match)[0].begin - at) +
                reversed(text.substr((*match)[0].begin, (*match)[0].end - (*match)[0].begin));
      at = (*match)[0].end;
    }
    if (!marked.empty()) line = marked + text.substr(at);
  }
  return lead + cut_styled(line, from, room);
}

std::string Pager::prompt() const {
  if (!message_.empty()) return reversed(message_);
  const bool at_end = top_ + height_ >= rows_.size();
  const PagerFile& file = files_[file_];
  if (options_.more) {
    const std::size_t shown = rows_.empty() ? 100 : std::min(rows_.size(), top_ + height_) * 100 / rows_.size();
    return reversed(at_end ? "(END)" : "--More--(" + std::to_string(shown) + "%)");
  }
  if (first_prompt_ && !file.name.empty()) {
    std::string text = file.name;
    if (files_.size() > 1) text += " (file " + std::to_string(file_ + 1) + " of " + std::to_string(files_.size()) + ")";
    if (at_end) text += " (END)";
    if (at_end && file_ + 1 < files_.size()) text += " - Next: " + files_[file_ + 1].name;
    return reversed(text);
  }
  if (at_end) return reversed(file_ + 1 < files_.size() ? "(END) - Next: " + files_[file_ + 1].name : "(END)");
  return ":";
}

void Pager::show(Screen& screen) {
  layout();
  std::vector<std::string> rows;
  for (std::size_t i = top_; i < std::min(rows_.size(), top_ + height_); ++i) rows.push_back(row_text(rows_[i]));
  while (rows.size() < height_) rows.emplace_back(options_.more ? "" : "~");
  const std::string bottom = prompt();
  rows.push_back(bottom);
  screen.paint(rows, height_, std::min(display_width(plain(bottom)), width_ - 1));
}

void Pager::move(std::int64_t by) {
  const auto last = static_cast<std::int64_t>(rows_.size() > height_ ? rows_.size() - height_ : 0);
  top_ = static_cast<std::size_t>(std::clamp<std::int64_t>(static_cast<std::int64_t>(top_) + by, 0, last));
  first_prompt_ = false;
}

void Pager::go_to_line(std::size_t line) {
  layout();
  const auto at = std::find_if(rows_.begin(), rows_.end(), [&](const Row& row) { return row.line >= line; });
  top_ = static_cast<std::size_t>(at - rows_.begin());
  move(0);
}

bool Pager::find(bool forwards, std::size_t from_row) {
  const Regex regex = Regex::compile(pattern_, Regex::Syntax::kExtended, options_.ignore_case);
  if (!regex.ok()) {
    message_ = "Invalid pattern  (press RETURN)";
    return false;
  }
  if (!rows_.empty()) {
    std::size_t line = rows_[std::min(from_row, rows_.size() - 1)].line;
    for (;;) {
      if (forwards ? line + 1 >= lines_.size() : line == 0) break;
      line += forwards ? 1 : static_cast<std::size_t>(-1);
      if (!regex.search(plain(lines_[line]), 0)) continue;
      go_to_line(line);
      return true;
    }
  }
  message_ = "Pattern not found  (press RETURN)";
  return false;
}

Task<std::string> Pager::ask(Screen& screen, std::string first) {
  std::string text;
  for (;;) {
    message_.clear();
    layout();
    std::vector<std::string> rows;
    for (std::size_t i = top_; i < std::min(rows_.size(), top_ + height_); ++i) rows.push_back(row_text(rows_[i]));
    while (rows.size() < height_) rows.emplace_back("~");
    rows.push_back(first + text);
    screen.paint(rows, height_, std::min(display_width(first + text), width_ - 1));
    const Key pressed = co_await screen.key();
    if (pressed.is(Key::Kind::kEnter) || pressed.is_control('J')) co_return first + text;
    if (pressed.is(Key::Kind::kEscape) || pressed.is_control('C') || pressed.is(Key::Kind::kClosed))
      co_return std::string();
    if (pressed.is(Key::Kind::kBackspace)) {
      if (text.empty()) co_return std::string();
      text.erase(previous_character(text, text.size()));
    }
    if (pressed.is(Key::Kind::kText)) text += pressed.text;
    if (pressed.is_control('U')) text.clear();
  }
}

// F: shows what the file gets, until ^C.
Task<void> Pager::follow(Screen& screen) {
  for (;;) {
    if (!files_[file_].path.empty()) {
      if (const auto text = process_.read_file(files_[file_].path)) {
        files_[file_].text = *text;
        open_file(file_);
      }
    }
    layout();
    move(static_cast<std::int64_t>(rows_.size()));
    message_ = "Waiting for data... (interrupt to abort)";
    show(screen);
    const Key pressed = co_await screen.key(kFollowInterval);
    if (pressed.is(Key::Kind::kTimeout) || pressed.is(Key::Kind::kResize)) continue;
    message_.clear();
    co_return;
  }
}

Task<void> Pager::help(Screen& screen) {
  Pager inner(process_, tty_, {{"HELP", "", kHelp}}, PagerOptions());
  inner.message_ = "HELP -- Press RETURN for more, or q when done";
  for (;;) {
    inner.show(screen);
    inner.message_.clear();
    if (!co_await inner.key(screen)) co_return;
  }
}

// One key's work; false ends the pager.
Task<bool> Pager::key(Screen& screen) {
  const Key pressed = co_await screen.key();
  using Kind = Key::Kind;
  if (pressed.is(Kind::kResize)) co_return true;
  if (pressed.is(Kind::kClosed)) co_return false;
  const bool had_message = !message_.empty();
  message_.clear();
  if (had_message && pressed.is(Kind::kEnter)) co_return true;
  const char c = pressed.is(Kind::kText) ? pressed.text[0] : '\0';
  if (c >= '0' && c <= '9') {
    count_ = std::min<std::size_t>(count_ * 10 + static_cast<std::size_t>(c - '0'), 9999999);
    message_ = ":" + std::to_string(count_);
    co_return true;
  }
  const std::size_t given = std::exchange(count_, 0);
  const auto count = static_cast<std::int64_t>(std::max<std::size_t>(1, given));
  const auto page = static_cast<std::int64_t>(height_);
  const bool at_end = top_ + height_ >= rows_.size();
  if (c == 'q' || c == 'Q' || pressed.is_control('C')) co_return c == '\0';
  if (c == 'j' || c == 'e' || pressed.is(Kind::kEnter) || pressed.is(Kind::kDown) || pressed.is_control('N') ||
      pressed.is_control('E')) {
    if (options_.more && at_end) co_return false;
    move(count);
  } else if (c == 'k' || c == 'y' || pressed.is(Kind::kUp) || pressed.is_control('P') || pressed.is_control('Y')) {
    move(-count);
  } else if (c == ' ' || c == 'f' || pressed.is(Kind::kPageDown) || pressed.is_control('F') ||
             pressed.is_control('V')) {
    if (options_.more && at_end) {
      if (file_ + 1 >= files_.size()) co_return false;
      open_file(file_ + 1);
      co_return true;
    }
    move(page * count);
  } else if (c == 'b' || pressed.is(Kind::kPageUp) || pressed.is_control('B')) {
    move(-page * count);
  } else if (c == 'd' || pressed.is_control('D')) {
    move(std::max<std::int64_t>(1, page / 2));
  } else if (c == 'u' || pressed.is_control('U')) {
    move(-std::max<std::int64_t>(1, page / 2));
  } else if (c == 'g' || c == '<' || pressed.is(Kind::kHome)) {
    go_to_line(given > 0 ? given - 1 : 0);
  } else if (c == 'G' || c == '>' || pressed.is(Kind::kEnd)) {
    if (given > 0)
      go_to_line(given - 1);
    else
      move(static_cast<std::int64_t>(rows_.size()));
  } else if (c == '%' || c == 'p') {
    go_to_line(lines_.size() * std::min<std::size_t>(given, 100) / 100);
  } else if (pressed.is(Kind::kRight)) {
    left_ += width_ / 2;
  } else if (pressed.is(Kind::kLeft)) {
    left_ -= std::min(left_, width_ / 2);
  } else if (c == '/' || c == '?' || c == '&') {
    const std::string typed = co_await ask(screen, std::string(1, c));
    if (typed.empty()) co_return true;
    if (typed.size() > 1) pattern_ = typed.substr(1);
    forwards_ = c != '?';
    if (!pattern_.empty())
      (void)find(forwards_, forwards_ && top_ == 0 && first_prompt_ && !rows_.empty() ? top_ : top_);
    first_prompt_ = false;
  } else if (c == 'n' || c == 'N') {
    if (pattern_.empty())
      message_ = "No previous search pattern  (press RETURN)";
    else
      (void)find((c == 'n') == forwards_, top_);
  } else if (c == 'F') {
    co_await follow(screen);
  } else if (c == 'h' || c == 'H') {
    co_await help(screen);
  } else if (c == '=' || pressed.is_control('G')) {
    const std::size_t last = rows_.empty() ? 0 : rows_[std::min(rows_.size(), top_ + height_) - 1].line + 1;
    message_ = (files_[file_].name.empty() ? "" : files_[file_].name + " ") + "lines " +
               std::to_string(rows_.empty() ? 0 : rows_[top_].line + 1) + "-" + std::to_string(last) + "/" +
               std::to_string(lines_.size()) + " byte " + std::to_string(files_[file_].text.size()) + "/" +
               std::to_string(files_[file_].text.size()) + " " +
               std::to_string(lines_.empty() ? 100 : last * 100 / lines_.size()) + "%  (press RETURN)";
  } else if (c == '-') {
    const Key option = co_await screen.key();
    if (option.is_text("N")) options_.numbers = !options_.numbers;
    if (option.is_text("S")) options_.chop = !options_.chop;
    if (option.is_text("i") || option.is_text("I")) options_.ignore_case = !options_.ignore_case;
    if (option.is_text("N"))
      message_ = options_.numbers ? "Constantly display line numbers  (press RETURN)"
                                  : "Don't use line numbers  (press RETURN)";
    if (option.is_text("S"))
      message_ = options_.chop ? "Chop long lines  (press RETURN)" : "Fold long lines  (press RETURN)";
    screen.invalidate();
  } else if (c == 'v' && !files_[file_].path.empty()) {
    screen.leave();
    SpawnOptions options;
    const std::string editor(process_.env("EDITOR"));
    options.argv = {
        "sh", "-c",
        (editor.empty() ? "vi" : editor) + " +" + std::to_string(rows_.empty() ? 1 : rows_[top_].line + 1) + " \"$0\"",
        files_[file_].path};
    (void)co_await process_.run(std::move(options));
    screen.resume();
    if (const auto text = process_.read_file(files_[file_].path)) {
      files_[file_].text = *text;
      const std::size_t before = top_;
      open_file(file_);
      top_ = before;
    }
  } else if (c == '!') {
    const std::string typed = co_await ask(screen, "!");
    if (typed.size() < 2) co_return true;
    screen.leave();
    SpawnOptions options;
    options.argv = {"sh", "-c", typed.substr(1)};
    (void)co_await process_.run(std::move(options));
    co_await process_.out("!done  (press RETURN)");
    screen.resume();
    (void)co_await screen.key();
  } else if (c == ':') {
    const Key second = co_await screen.key();
    if (second.is_text("q") || second.is_text("Q")) co_return false;
    if (second.is_text("n") || second.is_text("p")) {
      const bool next = second.is_text("n");
      if (next ? file_ + 1 >= files_.size() : file_ == 0)
        message_ = next ? "No next file  (press RETURN)" : "No previous file  (press RETURN)";
      else
        open_file(file_ + (next ? 1 : static_cast<std::size_t>(-1)));
    }
    if (second.is_text("f")) message_ = files_[file_].name + "  (press RETURN)";
  } else if (c == 'r' || c == 'R' || pressed.is_control('L')) {
    screen.invalidate();
  } else if (pressed.is_control('Z')) {
    co_await screen.suspend();
  }
  co_return true;
}

Task<int> Pager::run() {
  layout();
  const bool fits = rows_.size() <= height_ && files_.size() == 1;
  if ((options_.quit_if_one_screen || options_.more) && fits && !options_.follow) {
    for (const std::string& line : lines_) co_await process_.out(line + "\n");
    co_return 0;
  }
  Screen screen(process_, tty_, !options_.keep_screen && !options_.more);
  if (options_.first_line > 0) go_to_line(options_.first_line - 1);
  if (options_.at_end) move(static_cast<std::int64_t>(rows_.size()));
  if (!options_.search.empty()) {
    pattern_ = options_.search;
    const Regex regex = Regex::compile(pattern_, Regex::Syntax::kExtended, options_.ignore_case);
    if (!lines_.empty() && !(regex.ok() && regex.search(plain(lines_[0]), 0))) (void)find(true, 0);
  }
  if (options_.follow) co_await follow(screen);
  for (;;) {
    show(screen);
    if (!co_await key(screen)) break;
  }
  if (options_.more) co_await process_.out("\r\n");
  screen.leave();
  if (options_.keep_screen) co_await process_.out("\n");
  co_return 0;
}

Task<int> page_text(Process& process, std::string name, std::string text) {
  const auto tty = process.tty_of(1);
  if (!tty) {
    std::string bare;
    for (const std::string& line : split(text, '\n')) {
      for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\b' && !bare.empty()) {
          bare.pop_back();
          continue;
        }
        bare += line[i];
      }
      bare += '\n';
    }
    if (text.ends_with("\n")) bare.pop_back();
    co_await process.out(bare);
    co_return 0;
  }
  std::vector<PagerFile> files(1);
  files[0].name = std::move(name);
  files[0].text = std::move(text);
  Pager pager(process, tty, std::move(files), PagerOptions());
  co_return co_await pager.run();
}

Task<int> less_main(Process& process) {
  const std::string program(process.name());
  PagerOptions options;
  options.more = program == "more";
  std::vector<std::string> names;
  bool end = false;
  std::vector<std::string> words;
  if (program == "less") words = split_whitespace(process.env("LESS"));
  for (std::string& word : words) {
    if (!word.starts_with("-")) word.insert(0, "-");
  }
  words.insert(words.end(), process.arguments().begin(), process.arguments().end());
  for (const std::string& word : words) {
    if (end || word.empty() || (word[0] != '-' && word[0] != '+') || word == "-") {
      names.push_back(word);
    } else if (word == "--") {
      end = true;
    } else if (word == "--version" || word == "-V") {
      co_await process.out(program == "more" ? "more from util-linux 2.37.4\n"
                                             : "less 590 (PCRE2 regular expressions)\n");
      co_return 0;
    } else if (word == "--help" || word == "-?") {
      co_await process.out(kHelp);
      co_return 0;
    } else if (word[0] == '+') {
      const std::string what = word.substr(1);
      if (what == "F") options.follow = true;
      if (what == "G") options.at_end = true;
      if (what.starts_with("/")) options.search = what.substr(1);
      if (const auto number = parse_int(what))
        options.first_line = static_cast<std::size_t>(std::max<std::int64_t>(0, *number));
    } else {
      for (char c : word.substr(1)) {
        if (c == 'N') options.numbers = true;
        if (c == 'S') options.chop = true;
        if (c == 'R' || c == 'r') options.colors = true;
        if (c == 'i' || c == 'I') options.ignore_case = true;
        if (c == 'F') options.quit_if_one_screen = true;
        if (c == 'X') options.keep_screen = true;
      }
    }
  }
  std::vector<PagerFile> files;
  int code = 0;
  if (names.empty()) {
    if (process.is_tty(0)) {
      co_await process.err(program == "more" ? "more: bad usage\nTry 'more --help' for more information.\n"
                                             : "Missing filename (\"less --help\" for help)\n");
      co_return 1;
    }
    names.emplace_back("-");
  }
  for (const std::string& name : names) {
    PagerFile file;
    file.name = name == "-" ? "" : name;
    if (name == "-") {
      file.text = co_await process.read_all(0);
      files.push_back(std::move(file));
      continue;
    }
    const auto info = process.stat(name);
    if (info && info->type == FileType::kDirectory) {
      co_await process.err(program == "more" ? "\n*** " + name + ": directory ***\n\n" : name + " is a directory\n");
      code = 1;
      continue;
    }
    const auto text = process.read_file(name);
    if (!text) {
      co_await process.err((program == "more" ? "more: cannot open " + name : name) + ": " +
                           std::string(errno_text(text.error())) + "\n");
      code = 1;
      continue;
    }
    file.text = *text;
    file.path = name;
    files.push_back(std::move(file));
  }
  if (files.empty()) co_return code;
  const auto tty = process.tty_of(1);
  if (!tty) {
    for (const PagerFile& file : files) {
      if (files.size() > 1 && program == "more")
        co_await process.out("::::::::::::::\n" + file.name + "\n::::::::::::::\n");
      co_await process.out(file.text);
    }
    co_return code;
  }
  Pager pager(process, process.controlling_tty() ? process.controlling_tty() : tty, std::move(files),
              std::move(options));
  co_return co_await pager.run();
}

}  // namespace drydock::screen
