// watch, clear, reset, tput.
#include <algorithm>
#include <ctime>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/screen/programs.h"
#include "core/programs/screen/screen.h"

namespace drydock::screen {
namespace {

// Marks what differs from the picture before.
std::string marked(const std::string& row, const std::string& before) {
  std::string out;
  bool on = false;
  for (std::size_t i = 0; i < row.size(); i = next_character(row, i)) {
    const std::size_t size = character_size(row, i);
    const bool differs = before.compare(std::min(i, before.size()), size, row, i, size) != 0;
    if (differs != on) out += differs ? "\x1b[7m" : "\x1b[m";
    on = differs;
    out += row.substr(i, size);
  }
  return on ? out + "\x1b[m" : out;
}

struct WatchOptions {
  double interval = 2;
  bool differences = false;
  bool cumulative = false;
  bool no_title = false;
  bool errexit = false;
  bool change_exit = false;
  bool direct = false;  // -x: no shell
  bool beep = false;
};

constexpr const char* kWatchUsage =
    "\nUsage:\n watch [options] command\n\nOptions:\n"
    "  -b, --beep             beep if command has a non-zero exit\n"
    "  -c, --color            interpret ANSI color and style sequences\n"
    "  -d, --differences[=<permanent>]\n                         highlight changes between updates\n"
    "  -e, --errexit          exit if command has a non-zero exit\n"
    "  -g, --chgexit          exit when output from command changes\n"
    "  -n, --interval <secs>  seconds to wait between updates\n"
    "  -p, --precise          attempt run command in precise intervals\n"
    "  -t, --no-title         turn off header\n"
    "  -x, --exec             pass command to exec instead of \"sh -c\"\n\n"
    " -h, --help     display this help and exit\n -v, --version  output version information and exit\n\n"
    "For more details see watch(1).\n";

}  // namespace

Task<int> watch_main(Process& process) {
  WatchOptions options;
  std::vector<std::string> words(process.arguments().begin(), process.arguments().end());
  std::size_t i = 0;
  for (; i < words.size() && words[i].size() > 1 && words[i][0] == '-'; ++i) {
    std::string word = words[i];
    if (word == "--") {
      ++i;
      break;
    }
    if (word == "-h" || word == "--help") {
      co_await process.out(kWatchUsage);
      co_return 0;
    }
    if (word == "-v" || word == "--version") {
      co_await process.out("watch from procps-ng 3.3.17\n");
      co_return 0;
    }
    std::string letters;
    std::string value;
    if (word.starts_with("--")) {
      const std::string name =
          word.substr(2, word.find('=') == std::string::npos ? std::string::npos : word.find('=') - 2);
      if (word.find('=') != std::string::npos) value = word.substr(word.find('=') + 1);
      constexpr std::pair<std::string_view, char> kNames[] = {{"beep", 'b'},    {"color", 'c'},    {"differences", 'd'},
                                                              {"errexit", 'e'}, {"chgexit", 'g'},  {"interval", 'n'},
                                                              {"precise", 'p'}, {"no-title", 't'}, {"exec", 'x'}};
      const auto* known =
          std::find_if(std::begin(kNames), std::end(kNames), [&](const auto& each) { return each.first == name; });
      if (known == std::end(kNames)) {
        co_await process.err("watch: unrecognized option '" + word + "'\n" + kWatchUsage);
        co_return 1;
      }
      letters = std::string(1, known->second);
    } else {
      letters = word.substr(1);
    }
    for (std::size_t k = 0; k < letters.size(); ++k) {
      const char c = letters[k];
      if (c == 'd') {
        options.differences = true;
        options.cumulative = !value.empty() || letters.substr(k + 1).starts_with("=");
        if (letters.substr(k + 1).starts_with("=")) break;
      } else if (c == 'n') {
        if (value.empty()) value = letters.substr(k + 1);
        if (value.empty() && i + 1 < words.size()) value = words[++i];
        const auto seconds_given = parse_double(value);
        if (!seconds_given) {
          co_await process.err("watch: failed to parse argument: '" + value + "'\n");
          co_return 1;
        }
        options.interval = std::max(0.1, *seconds_given);
        break;
      } else if (c == 't') {
        options.no_title = true;
      } else if (c == 'e') {
        options.errexit = true;
      } else if (c == 'g') {
        options.change_exit = true;
      } else if (c == 'x') {
        options.direct = true;
      } else if (c == 'b') {
        options.beep = true;
      } else if (c != 'c' && c != 'p') {
        co_await process.err("watch: invalid option -- '" + std::string(1, c) + "'\n" + kWatchUsage);
        co_return 1;
      }
    }
  }
  const std::vector<std::string> command(words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
  if (command.empty()) {
    co_await process.err(kWatchUsage);
    co_return 1;
  }
  const auto tty = process.tty_of(1);
  const std::string text = join(command, " ");
  const auto interval = Duration(static_cast<Duration::rep>(options.interval * 1e9));
  std::optional<Screen> screen;
  if (tty) {
    screen.emplace(process, tty);
    // It takes no keys: ^C and ^Z are signals, as ever.
    Tty::Modes modes = tty->modes();
    modes.signals = true;
    tty->set_modes(modes);
    tty->set_following(true);
  }
  std::vector<std::string> before;
  std::string last_output;
  for (bool first = true;; first = false) {
    std::string output;
    SpawnOptions run;
    if (options.direct)
      run.argv = command;
    else
      run.argv = {"sh", "-c", text};
    auto sink = make_sink([&output](std::string_view bytes) { output += bytes; });
    run.files[0] = make_null_file();
    run.files[1] = sink;
    run.files[2] = sink;
    const ExitStatus status = co_await process.run(std::move(run));
    if (options.direct && status.shell_code() == 127 && output.empty())
      output = "watch: unable to execute '" + command[0] + "': No such file or directory\n";
    const std::size_t columns = screen ? screen->columns() : 80;
    const std::size_t height = screen ? screen->rows() : 24;
    std::vector<std::string> rows;
    if (!options.no_title) {
      const std::string left = format("Every %.1fs: ", options.interval) + text;
      const std::string right = process.hostname() + ": " + format_time(process.now(), "%a %b %e %H:%M:%S %Y");
      std::string title =
          cut_columns(left, 0, columns > display_width(right) + 1 ? columns - display_width(right) - 1 : columns);
      if (display_width(title) + display_width(right) < columns)
        title += std::string(columns - display_width(title) - display_width(right), ' ') + right;
      rows.push_back(title);
      rows.emplace_back();
    }
    const std::size_t heading = rows.size();
    for (const std::string& line : split(output, '\n')) {
      // Long lines go on in the next row.
      std::size_t column = 0;
      const std::size_t width = column_of(line, line.size());
      do {
        rows.push_back(cut_columns(line, column, columns));
        column += columns;
      } while (column < width);
    }
    if (output.ends_with("\n")) rows.pop_back();
    if (!screen) {
      for (const std::string& row : rows) co_await process.out(row + "\n");
    } else {
      std::vector<std::string> shown = rows;
      if (options.differences && !first) {
        for (std::size_t row = heading; row < shown.size(); ++row)
          shown[row] = marked(rows[row], row < before.size() ? before[row] : "");
      }
      if (shown.size() > height) shown.resize(height);
      screen->paint(shown, height - 1, columns - 1);
    }
    if (!options.cumulative || first) before = rows;
    if (options.beep && status.shell_code() != 0) co_await process.out("\a");
    if (options.errexit && status.shell_code() != 0) {
      if (screen) {
        std::vector<std::string> shown = rows;
        shown.resize(height);
        shown[height - 1] = "command exit with a non-zero status, press a key to exit";
        screen->paint(shown, height - 1, columns - 1);
        (void)co_await screen->key();
      }
      if (tty) tty->set_following(false);
      co_return 8;
    }
    if (options.change_exit && !first && output != last_output) {
      if (tty) tty->set_following(false);
      co_return 0;
    }
    last_output = std::move(output);
    const auto slept = co_await process.sleep(interval);
    if (!slept) {
      while (process.take_signal()) {
      }
      if (screen) screen->invalidate();
    }
  }
}

Task<int> clear_main(Process& process) {
  if (process.name() == "reset" || process.name() == "tset") {
    if (const auto tty = process.controlling_tty()) tty->set_modes(Tty::Modes{});
    co_await process.out("\x1b\x63\x1b[!p\x1b[?3;4l\x1b[4l\x1b>");
    co_return 0;
  }
  bool keep_scrollback = false;
  for (const std::string& word : process.arguments()) {
    if (word == "-x") keep_scrollback = true;
  }
  co_await process.out(std::string("\x1b[H\x1b[2J") + (keep_scrollback ? "" : "\x1b[3J"));
  co_return 0;
}

Task<int> tput_main(Process& process) {
  std::vector<std::string> words(process.arguments().begin(), process.arguments().end());
  if (words.size() > 1 && words[0].starts_with("-T"))
    words.erase(words.begin(), words.begin() + (words[0] == "-T" ? 2 : 1));
  if (words.empty()) {
    co_await process.err("usage: tput [-V] [-S] [-x] [-T term] capname\n");
    co_return 2;
  }
  auto tty = process.tty_of(1);
  if (!tty) tty = process.tty_of(2);
  if (!tty) tty = process.controlling_tty();
  const std::string& name = words[0];
  const std::int64_t first = words.size() > 1 ? parse_int(words[1]).value_or(0) : 0;
  const std::int64_t second = words.size() > 2 ? parse_int(words[2]).value_or(0) : 0;
  if (name == "cols" || name == "lines") {
    const int value = name == "cols" ? (tty ? tty->columns() : 80) : (tty ? tty->rows() : 24);
    co_await process.out(std::to_string(value) + "\n");
    co_return 0;
  }
  if (name == "colors") {
    co_await process.out("256\n");
    co_return 0;
  }
  if (name == "longname") {
    co_await process.out("xterm with 256 colors");
    co_return 0;
  }
  if (name == "cup") {
    co_await process.out(
        format("\x1b[%lld;%lldH", static_cast<long long>(first + 1), static_cast<long long>(second + 1)));
    co_return 0;
  }
  if (name == "setaf" || name == "setab") {
    const int base = name == "setaf" ? 30 : 40;
    co_await process.out(first < 8    ? format("\x1b[%lldm", static_cast<long long>(base + first))
                         : first < 16 ? format("\x1b[%lldm", static_cast<long long>(base + 60 + first - 8))
                                      : format("\x1b[%d;5;%lldm", base + 8, static_cast<long long>(first)));
    co_return 0;
  }
  constexpr std::pair<std::string_view, std::string_view> kCapabilities[] = {{"clear", "\x1b[H\x1b[2J\x1b[3J"},
                                                                             {"bold", "\x1b[1m"},
                                                                             {"dim", "\x1b[2m"},
                                                                             {"smul", "\x1b[4m"},
                                                                             {"rmul", "\x1b[24m"},
                                                                             {"rev", "\x1b[7m"},
                                                                             {"smso", "\x1b[7m"},
                                                                             {"rmso", "\x1b[27m"},
                                                                             {"sgr0", "\x1b(B\x1b[m"},
                                                                             {"civis", "\x1b[?25l"},
                                                                             {"cnorm", "\x1b[?12l\x1b[?25h"},
                                                                             {"smcup", "\x1b[?1049h\x1b[22;0;0t"},
                                                                             {"rmcup", "\x1b[?1049l\x1b[23;0;0t"},
                                                                             {"el", "\x1b[K"},
                                                                             {"ed", "\x1b[J"},
                                                                             {"home", "\x1b[H"},
                                                                             {"cuu1", "\x1b[A"},
                                                                             {"cud1", "\n"},
                                                                             {"cuf1", "\x1b[C"},
                                                                             {"cub1", "\b"},
                                                                             {"sc", "\x1b\x37"},
                                                                             {"rc", "\x1b\x38"},
                                                                             {"bel", "\a"},
                                                                             {"op", "\x1b[39;49m"},
                                                                             {"blink", "\x1b[5m"},
                                                                             {"invis", "\x1b[8m"},
                                                                             {"sitm", "\x1b[3m"},
                                                                             {"ritm", "\x1b[23m"},
                                                                             {"reset", "\x1b\x63"},
                                                                             {"init", "\x1b[!p"}};
  for (const auto& [capability, text] : kCapabilities) {
    if (capability != name) continue;
    co_await process.out(std::string(text));
    co_return 0;
  }
  co_await process.err("tput: unknown terminfo capability '" + name + "'\n");
  co_return 4;
}

}  // namespace drydock::screen
