// xargs.
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/host/tty.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/programs.h"
#include "core/programs/coreutils/support.h"

namespace drydock {
namespace {

constexpr std::string_view kHelp =
    "Usage: xargs [OPTION]... COMMAND [INITIAL-ARGS]...\n"
    "Run COMMAND with arguments INITIAL-ARGS and more arguments read from input.\n"
    "\n"
    "Mandatory and optional arguments to long options are also\n"
    "mandatory or optional for the corresponding short option.\n"
    "  -0, --null                   items are separated by a null, not whitespace;\n"
    "                                 disables quote and backslash processing and\n"
    "                                 logical EOF processing\n"
    "  -a, --arg-file=FILE          read arguments from FILE, not standard input\n"
    "  -d, --delimiter=CHARACTER    items in input stream are separated by CHARACTER,\n"
    "                                 not by whitespace\n"
    "  -E END                       set logical EOF string\n"
    "  -I R                         replace R in INITIAL-ARGS with names read from input\n"
    "  -i[R], --replace[=R]         like -I R; {} if R is unspecified\n"
    "  -L, --max-lines=MAX-LINES    use at most MAX-LINES non-blank input lines per\n"
    "                                 command line\n"
    "  -n, --max-args=MAX-ARGS      use at most MAX-ARGS arguments per command line\n"
    "  -o, --open-tty               Reopen stdin as /dev/tty in the child process\n"
    "  -P, --max-procs=MAX-PROCS    run at most MAX-PROCS processes at a time\n"
    "  -p, --interactive            prompt before running commands\n"
    "  -r, --no-run-if-empty        if there are no arguments, then do not run COMMAND\n"
    "  -s, --max-chars=MAX-CHARS    limit length of command line to MAX-CHARS\n"
    "  -t, --verbose                print commands before executing them\n"
    "  -x, --exit                   exit if the size (see -s) is exceeded\n";

constexpr std::size_t kMaxChars = 131072;

class Xargs {
 public:
  Xargs(Process& process, const CommandFlags& flags) : p_(process), flags_(flags) {}

  Task<int> run() {
    command_ = flags_.operands();
    if (command_.empty()) command_ = {"echo"};
    for (const char* name : {"n", "L", "P", "s"}) {
      if (!flags_.has(name)) continue;
      const auto number = parse_int(flags_.value(name));
      if (!number || *number < (name[0] == 'P' ? 0 : 1)) {
        co_await report(p_, number ? "value " + flags_.value(name) + " for -" + name + " option should be >= 1"
                                   : "invalid number \"" + flags_.value(name) + "\" for -" + name + " option");
        co_return 1;
      }
    }
    replaced_ = flags_.has("I") ? flags_.value("I") : flags_.has("i") ? flags_.value("i", "{}") : "";
    std::string input;
    if (flags_.has("a")) {
      const auto text = p_.read_file(flags_.value("a"));
      if (!text) {
        co_await report(
            p_, "Cannot open input file " + quoted(flags_.value("a")) + ": " + std::string(errno_text(text.error())));
        co_return 1;
      }
      input = *text;
    } else {
      input = co_await p_.read_all(0);
    }
    if (!split_input(input)) {
      co_await report(p_, std::string("unmatched ") + quote_ +
                              " quote; by default quotes are special to xargs unless you use the -0 option");
      co_return 1;
    }
    co_await run_all();
    while (running_ > 0) co_await collect();
    co_return code_;
  }

 private:
  struct Item {
    std::string text;
    bool ends_line = false;
  };

  // False: a quote is left open.
  bool split_input(const std::string& input) {
    if (flags_.has("0") || flags_.has("d")) {
      char separator = '\0';
      if (flags_.last_of("0 d") == "d") {
        const std::string text = interpreted(flags_.value("d"));
        separator = text.empty() ? '\0' : text[0];
      }
      std::vector<std::string> pieces = split(input, separator);
      if (!pieces.empty() && pieces.back().empty()) pieces.pop_back();
      for (std::string& piece : pieces) items_.push_back({std::move(piece), true});
      return true;
    }
    if (!replaced_.empty()) {  // one item a line, without the blanks in front
      for (const std::string& line : split(input, '\n')) {
        const std::size_t first = line.find_first_not_of(" \t");
        if (first == std::string::npos) continue;
        std::string text;
        if (!unquote(line.substr(first), text)) return false;
        items_.push_back({std::move(text), true});
      }
      return true;
    }
    std::string word;
    bool started = false;
    for (std::size_t i = 0; i <= input.size(); ++i) {
      const char c = i < input.size() ? input[i] : '\n';
      if (c == '\'' || c == '"') {
        const std::size_t close = input.find(c, i + 1);
        const std::size_t newline = input.find('\n', i + 1);
        if (close == std::string::npos || newline < close) {
          quote_ = c == '"' ? "double" : "single";
          return false;
        }
        word += input.substr(i + 1, close - i - 1);
        started = true;
        i = close;
      } else if (c == '\\' && i + 1 < input.size()) {
        word += input[++i];
        started = true;
      } else if (c == ' ' || c == '\t' || c == '\n') {
        if (started) {
          if (flags_.has("E") && word == flags_.value("E")) return true;
          items_.push_back({std::exchange(word, {}), false});
        }
        started = false;
        // A blank at a line's end joins the next one to it, as -L has it.
        if (c == '\n' && !items_.empty() && !(i > 0 && (input[i - 1] == ' ' || input[i - 1] == '\t')))
          items_.back().ends_line = true;
      } else {
        word += c;
        started = true;
      }
    }
    return true;
  }
  static std::string interpreted(const std::string& text) {
    if (text == "\\n") return "\n";
    if (text == "\\t") return "\t";
    if (text == "\\0") return std::string(1, '\0');
    if (text == "\\\\") return "\\";
    return text;
  }
  bool unquote(const std::string& line, std::string& text) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] == '\\' && i + 1 < line.size()) {
        text += line[++i];
      } else if (line[i] == '\'' || line[i] == '"') {
        const std::size_t close = line.find(line[i], i + 1);
        if (close == std::string::npos) {
          quote_ = line[i] == '"' ? "double" : "single";
          return false;
        }
        text += line.substr(i + 1, close - i - 1);
        i = close;
      } else {
        text += line[i];
      }
    }
    return true;
  }

  Task<void> run_all() {
    if (!replaced_.empty()) {
      for (const Item& item : items_) {
        std::vector<std::string> argv = {command_[0]};
        for (std::size_t i = 1; i < command_.size(); ++i)
          argv.push_back(replace_all(command_[i], replaced_, item.text));
        if (!(co_await start(std::move(argv)))) co_return;
      }
      co_return;
    }
    const auto most = static_cast<std::size_t>(parse_int(flags_.value("n", "0")).value_or(0));
    const auto lines = static_cast<std::size_t>(parse_int(flags_.value("L", "0")).value_or(0));
    const auto chars =
        static_cast<std::size_t>(parse_int(flags_.value("s", std::to_string(kMaxChars))).value_or(kMaxChars));
    std::size_t fixed = 0;
    for (const std::string& word : command_) fixed += word.size() + 1;
    std::vector<std::string> argv = command_;
    std::size_t size = fixed;
    std::size_t line_count = 0;
    for (const Item& item : items_) {
      const bool full = argv.size() > command_.size() &&
                        ((most > 0 && argv.size() - command_.size() >= most) || size + item.text.size() + 1 > chars);
      if (full) {
        if (!(co_await start(std::exchange(argv, command_)))) co_return;
        size = fixed;
      }
      if (fixed + item.text.size() + 1 > chars) {
        co_await report(p_, "argument line too long");
        code_ = 1;
        co_return;
      }
      argv.push_back(item.text);
      size += item.text.size() + 1;
      if (lines > 0 && item.ends_line && ++line_count >= lines) {
        if (!(co_await start(std::exchange(argv, command_)))) co_return;
        size = fixed;
        line_count = 0;
      }
    }
    const bool leftover = argv.size() > command_.size();
    if (leftover || (items_.empty() && !flags_.has("r"))) (void)co_await start(std::move(argv));
  }

  // False: xargs ends here.
  Task<bool> start(std::vector<std::string> argv) {
    const auto limit = static_cast<int>(parse_int(flags_.value("P", "1")).value_or(1));
    while (limit > 0 && running_ >= limit) co_await collect();
    if (stopped_) co_return false;
    if (flags_.has("t") || flags_.has("p")) co_await p_.err(join(argv, " ") + (flags_.has("p") ? " ?..." : "\n"));
    if (flags_.has("p")) {
      const auto tty = p_.open("/dev/tty", kOpenRead);
      const auto answer = tty ? co_await p_.read_line(*tty) : std::nullopt;
      if (tty) p_.close(*tty);
      if (!answer || !(answer->starts_with("y") || answer->starts_with("Y"))) co_return true;
    }
    const std::string name = argv[0];
    SpawnOptions options;
    options.argv = std::move(argv);
    if (!flags_.has("a")) options.files[0] = make_null_file();
    if (flags_.has("o") && p_.controlling_tty()) options.files[0] = p_.controlling_tty()->open();
    const auto child = p_.spawn(std::move(options));
    if (!child) {
      co_await report(p_, name + ": " + std::string(errno_text(child.error())));
      code_ = child.error() == Errno::kNoEnt ? 127 : 126;
      stopped_ = true;
      co_return false;
    }
    ++running_;
    if (limit == 1) co_await collect();
    co_return !stopped_;
  }

  Task<void> collect() {
    const auto waited = co_await p_.wait();
    if (!waited) {
      if (waited.error() != Errno::kIntr) running_ = 0;
      co_return;
    }
    --running_;
    const ExitStatus& status = waited->status;
    if (status.signal != 0) {
      co_await report(p_, command_[0] + ": terminated by signal " + std::to_string(status.signal));
      code_ = 125;
      stopped_ = true;
    } else if (status.code == 255) {
      co_await report(p_, command_[0] + ": exited with status 255; aborting");
      code_ = 124;
      stopped_ = true;
    } else if (status.code != 0) {
      code_ = 123;
    }
  }

  Process& p_;
  const CommandFlags& flags_;
  std::vector<std::string> command_;
  std::string replaced_;
  std::vector<Item> items_;
  std::string quote_;
  int running_ = 0;
  int code_ = 0;
  bool stopped_ = false;
};

Task<int> xargs_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kHelp, 1, CommandFlags::Order::kOptionsFirst);
  if (flags.ended()) co_return flags.exit_code();
  Xargs xargs(p, flags);
  co_return co_await xargs.run();
}

}  // namespace

void register_xargs(ProgramRegistry& programs) { programs.add("xargs", xargs_main); }

}  // namespace drydock
