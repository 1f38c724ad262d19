// The shell's own commands.
#include <algorithm>
#include <map>

#include "core/base/strings.h"
#include "core/host/tty.h"
#include "core/programs/shell/interpreter.h"
#include "core/programs/text/format_text.h"
#include "core/programs/text/regex.h"

namespace drydock::shell {

// Has the interpreter's confidence; each builtin is one member.
class Builtins {
 public:
  Builtins(Interpreter& shell, std::vector<std::string> argv)
      : shell_(shell), process_(shell.process_), argv_(std::move(argv)) {}
  using Function = Task<int> (Builtins::*)();
  static const std::map<std::string, Function, std::less<>>& table();

 private:
  Task<int> complain(std::string text, int code = 1) {
    co_await shell_.complain(argv_[0] + ": " + text);
    co_return code;
  }
  std::string argument(std::size_t i) const { return i < argv_.size() ? argv_[i] : ""; }

  Task<int> nothing() { co_return 0; }
  Task<int> failure() { co_return 1; }

  Task<int> echo() {
    bool newline = true;
    bool escapes = false;
    std::size_t i = 1;
    for (; i < argv_.size() && argv_[i].size() > 1 && argv_[i][0] == '-' &&
           argv_[i].find_first_not_of("neE", 1) == std::string::npos;
         ++i) {
      for (char c : argv_[i].substr(1)) {
        if (c == 'n') newline = false;
        if (c == 'e') escapes = true;
        if (c == 'E') escapes = false;
      }
    }
    std::string text = join(std::span(argv_).subspan(i), " ");
    if (escapes) text = interpret_escapes(text, newline);
    if (newline) text += '\n';
    auto written = co_await process_.write(1, text);
    co_return written ? 0 : 1;
  }

  Task<int> printf_() {
    if (argv_.size() < 2) co_return co_await complain("usage: printf [-v var] format [arguments]", 2);
    std::size_t first = 1;
    std::string variable;
    if (argv_[1] == "-v" && argv_.size() > 3) {
      variable = argv_[2];
      first = 3;
    }
    std::string problem;
    const std::string text = format_printf(argv_[first], std::span(argv_).subspan(first + 1), problem);
    if (!problem.empty()) co_await shell_.complain("printf: " + problem);
    if (variable.empty())
      (void)co_await process_.write(1, text);
    else
      shell_.set(variable, text);
    co_return problem.empty() ? 0 : 1;
  }

  Task<int> cd() {
    std::string target = argument(1) == "--" ? argument(2) : argument(1);
    if (argv_.size() > 2 && argv_[1] != "--") co_return co_await complain("too many arguments");
    const bool back = target == "-";
    if (back) target = shell_.get("OLDPWD");
    if (target.empty()) target = shell_.get("HOME");
    if (target.empty()) co_return co_await complain("HOME not set");
    const std::string before = process_.cwd();
    const auto moved = process_.change_directory(target);
    if (!moved) co_return co_await complain(target + ": " + std::string(errno_text(moved.error())));
    shell_.set("OLDPWD", before, true);
    shell_.set("PWD", process_.cwd(), true);
    if (back) co_await process_.out(process_.cwd() + "\n");
    co_return 0;
  }

  Task<int> pwd() {
    co_await process_.out(process_.cwd() + "\n");
    co_return 0;
  }

  Task<int> exit_() {
    shell_.flow_ = Flow::kExit;
    shell_.exit_code_ = argv_.size() > 1 ? static_cast<int>(parse_int(argv_[1]).value_or(2)) & 0xff : shell_.status_;
    if (argv_.size() > 1 && !parse_int(argv_[1]))
      co_await shell_.complain("exit: " + argv_[1] + ": numeric argument required");
    co_return shell_.exit_code_;
  }

  Task<int> return_() {
    shell_.flow_ = Flow::kReturn;
    shell_.status_ = argv_.size() > 1 ? static_cast<int>(parse_int(argv_[1]).value_or(2)) & 0xff : shell_.status_;
    co_return shell_.status_;
  }

  Task<int> break_() {
    shell_.flow_ = argv_[0] == "break" ? Flow::kBreak : Flow::kContinue;
    shell_.flow_depth_ = static_cast<int>(parse_int(argument(1).empty() ? "1" : argument(1)).value_or(1));
    co_return 0;
  }

  Task<int> export_() {
    const bool read_only = argv_[0] == "readonly";
    bool shown = argv_.size() == 1;
    for (std::size_t i = 1; i < argv_.size(); ++i) {
      if (argv_[i] == "-p") shown = true;
      if (argv_[i].starts_with("-")) continue;
      const std::size_t equals = argv_[i].find('=');
      const std::string name = argv_[i].substr(0, equals);
      const bool valid = !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
                         name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
                             std::string::npos;
      if (!valid) co_return co_await complain("`" + argv_[i] + "': not a valid identifier");
      if (equals != std::string::npos)
        shell_.set(name, argv_[i].substr(equals + 1), !read_only);
      else
        shell_.set(name, shell_.get(name), !read_only);
      if (read_only) shell_.variables_[name].read_only = true;
    }
    if (!shown) co_return 0;
    std::string text;
    for (const auto& [name, variable] : shell_.variables_) {
      if (read_only ? variable.read_only : variable.exported)
        text += std::string("declare -") + (read_only ? "r " : "x ") + name + "=" + go_quote(variable.value) + "\n";
    }
    co_await process_.out(text);
    co_return 0;
  }

  Task<int> local() {
    const bool in_function = !shell_.locals_.empty();
    if (argv_[0] == "local" && !in_function) co_return co_await complain("can only be used in a function");
    std::string flags;
    for (std::size_t i = 1; i < argv_.size(); ++i) {
      if (argv_[i].starts_with("-")) {
        flags += argv_[i].substr(1);
        continue;
      }
      const std::size_t equals = argv_[i].find('=');
      const std::string name = argv_[i].substr(0, equals);
      if (in_function && !contains(flags, "g")) {
        const auto at = shell_.variables_.find(name);
        shell_.locals_.back().emplace(name, at == shell_.variables_.end() ? std::nullopt : std::optional(at->second));
        if (equals == std::string::npos) shell_.variables_.erase(name);
      }
      if (contains(flags, "A")) shell_.declared_maps_.insert(name);
      if (contains(flags, "a") || contains(flags, "A")) shell_.variables_[name].array.emplace();
      if (equals != std::string::npos &&
          !(co_await shell_.assign(name + "=" + quote(argv_[i].substr(equals + 1)), nullptr)))
        co_return 1;
      if (contains(flags, "x")) shell_.set(name, shell_.get(name), true);
      if (contains(flags, "r")) shell_.variables_[name].read_only = true;
    }
    co_return 0;
  }
  static std::string quote(const std::string& text) {
    return text.starts_with("(") ? text : "'" + replace_all(text, "'", "'\\''") + "'";
  }

  Task<int> unset_() {
    bool functions = false;
    for (std::size_t i = 1; i < argv_.size(); ++i) {
      if (argv_[i] == "-f")
        functions = true;
      else if (argv_[i] == "-v")
        functions = false;
      else if (functions || (!shell_.variables_.contains(argv_[i]) && shell_.functions_.contains(argv_[i])))
        shell_.functions_.erase(argv_[i]);
      else if (const std::size_t bracket = argv_[i].find('['); bracket != std::string::npos) {
        auto& array = shell_.variables_[argv_[i].substr(0, bracket)].array;
        if (array) array->erase(argv_[i].substr(bracket + 1, argv_[i].size() - bracket - 2));
      } else
        shell_.unset(argv_[i]);
    }
    co_return 0;
  }

  Task<int> set_() {
    std::size_t i = 1;
    if (argv_.size() == 1) {
      std::string text;
      for (const auto& [name, variable] : shell_.variables_) text += name + "=" + quote(variable.value) + "\n";
      co_await process_.out(text);
      co_return 0;
    }
    for (; i < argv_.size() && argv_[i].size() > 1 && (argv_[i][0] == '-' || argv_[i][0] == '+'); ++i) {
      if (argv_[i] == "--") {
        ++i;
        shell_.positional.assign(argv_.begin() + static_cast<std::ptrdiff_t>(i), argv_.end());
        co_return 0;
      }
      const bool on = argv_[i][0] == '-';
      for (char c : argv_[i].substr(1)) {
        if (c == 'o') {
          const std::string name = argument(i + 1);
          if (name == "pipefail") shell_.pipefail_ = on;
          const char letter = name == "errexit"     ? 'e'
                              : name == "nounset"   ? 'u'
                              : name == "xtrace"    ? 'x'
                              : name == "allexport" ? 'a'
                                                    : '\0';
          if (letter != '\0') on ? (void)shell_.options_.insert(letter) : (void)shell_.options_.erase(letter);
          ++i;
        } else if (on) {
          shell_.options_.insert(c);
        } else {
          shell_.options_.erase(c);
        }
      }
    }
    if (i < argv_.size()) shell_.positional.assign(argv_.begin() + static_cast<std::ptrdiff_t>(i), argv_.end());
    co_return 0;
  }

  Task<int> shift() {
    const auto count = parse_int(argument(1).empty() ? "1" : argument(1));
    if (!count || *count < 0 || static_cast<std::size_t>(*count) > shell_.positional.size()) co_return 1;
    shell_.positional.erase(shell_.positional.begin(), shell_.positional.begin() + static_cast<std::ptrdiff_t>(*count));
    co_return 0;
  }

  Task<int> read_() {
    bool raw = false;
    bool silent = false;
    std::string message;
    std::string array;
    std::vector<std::string> names;
    for (std::size_t i = 1; i < argv_.size(); ++i) {
      const std::string word = argv_[i];
      if (word == "-p")
        message = argument(++i);
      else if (word == "-a")
        array = argument(++i);
      else if (word == "-t" || word == "-n" || word == "-d" || word == "-u")
        ++i;
      else if (word.starts_with("-")) {
        raw = raw || contains(word, "r");
        silent = silent || contains(word, "s");
        if (contains(word, "p")) message = argument(++i);
      } else
        names.push_back(word);
    }
    if (!message.empty() && process_.is_tty(0)) co_await process_.err(message);
    const auto tty = process_.tty_of(0);
    const Tty::Modes before = tty ? tty->modes() : Tty::Modes{};
    if (silent && tty) {
      Tty::Modes modes = before;
      modes.echo = false;
      tty->set_modes(modes);
    }
    std::optional<std::string> line = co_await process_.read_line(0);
    if (tty) tty->set_modes(before);
    const bool end = !line;
    std::string text = line.value_or("");
    while (!raw && text.ends_with("\\")) {
      text.pop_back();
      auto more = co_await process_.read_line(0);
      if (!more) break;
      text += *more;
    }
    if (!array.empty()) {
      std::map<std::string, std::string> items;
      std::size_t next = 0;
      for (std::string& piece : split_whitespace(text)) items[std::to_string(next++)] = std::move(piece);
      shell_.variables_[array].array = std::move(items);
      co_return end ? 1 : 0;
    }
    const std::string ifs = shell_.is_set("IFS") ? shell_.get("IFS") : " \t\n";
    if (names.empty()) {
      shell_.set("REPLY", text);
      co_return end ? 1 : 0;
    }
    std::string_view rest = text;
    auto separator = [&](char c) { return ifs.find(c) != std::string::npos; };
    for (std::size_t i = 0; i < names.size(); ++i) {
      while (!rest.empty() && separator(rest[0]) && (rest[0] == ' ' || rest[0] == '\t')) rest.remove_prefix(1);
      if (i + 1 == names.size()) {
        while (!rest.empty() && separator(rest.back()) && (rest.back() == ' ' || rest.back() == '\t'))
          rest.remove_suffix(1);
        shell_.set(names[i], std::string(rest));
        break;
      }
      std::size_t end_at = 0;
      while (end_at < rest.size() && !separator(rest[end_at])) ++end_at;
      shell_.set(names[i], std::string(rest.substr(0, end_at)));
      rest.remove_prefix(std::min(rest.size(), end_at + 1));
    }
    co_return end ? 1 : 0;
  }

  Task<int> source() {
    if (argv_.size() < 2) co_return co_await complain("filename argument required", 2);
    std::string path = argv_[1];
    if (!contains(path, "/")) {
      const auto found = process_.find_executable(path);
      if (found && !process_.exists(path)) path = *found;
    }
    auto text = process_.read_file(path);
    if (!text) co_return co_await complain(path + ": " + std::string(errno_text(text.error())));
    std::vector<std::string> saved = shell_.positional;
    if (argv_.size() > 2) shell_.positional.assign(argv_.begin() + 2, argv_.end());
    int code = co_await shell_.run_text(*text, path);
    if (argv_.size() > 2) shell_.positional = saved;
    if (shell_.flow_ == Flow::kReturn) shell_.flow_ = Flow::kNone;
    co_return code;
  }

  Task<int> eval() {
    const std::string text = join(std::span(argv_).subspan(1), " ");
    co_return co_await shell_.run_text(text, shell_.name_ + ": eval");
  }

  Task<int> exec() {
    if (argv_.size() < 2) co_return 0;
    process_.environment() = shell_.exported({});
    std::vector<std::string> argv(argv_.begin() + 1, argv_.end());
    const std::string name = argv[0];
    auto result = co_await process_.exec(std::move(argv));
    if (result) {
      shell_.flow_ = Flow::kExit;
      shell_.exit_code_ = *result;
      co_return *result;
    }
    co_await shell_.complain(
        name + ": " +
        (result.error() == Errno::kNoEnt ? std::string("not found") : std::string(errno_text(result.error()))));
    shell_.flow_ = Flow::kExit;
    shell_.exit_code_ = result.error() == Errno::kNoEnt ? 127 : 126;
    co_return shell_.exit_code_;
  }

  Task<int> command() {
    if (argument(1) == "-v" || argument(1) == "-V") {
      argv_.erase(argv_.begin() + 1);
      co_return co_await type();
    }
    argv_.erase(argv_.begin());
    if (argv_.empty()) co_return 0;
    if (is_builtin(argv_[0])) co_return (co_await run_builtin(shell_, argv_)).value_or(1);
    co_return co_await shell_.run_program(argv_, {});
  }

  Task<int> type() {
    const bool brief = argv_[0] == "command" || argv_[0] == "which";
    int code = 0;
    for (std::size_t i = 1; i < argv_.size(); ++i) {
      const std::string name = argv_[i];
      if (name == "-t" || name == "-a" || name == "-p") continue;
      const auto path = process_.find_executable(name);
      if (shell_.aliases.contains(name))
        co_await process_.out(brief ? "alias " + name + "='" + shell_.aliases[name] + "'\n"
                                    : name + " is aliased to `" + shell_.aliases[name] + "'\n");
      else if (shell_.functions_.contains(name))
        co_await process_.out(brief ? name + "\n" : name + " is a function\n");
      else if (is_builtin(name))
        co_await process_.out(brief ? name + "\n" : name + " is a shell builtin\n");
      else if (path)
        co_await process_.out(brief ? *path + "\n" : name + " is " + *path + "\n");
      else {
        if (!brief) co_await shell_.complain("type: " + name + ": not found");
        code = 1;
      }
    }
    co_return code;
  }

  Task<int> alias() {
    if (argv_.size() == 1) {
      std::string text;
      for (const auto& [name, value] : shell_.aliases) text += "alias " + name + "='" + value + "'\n";
      co_await process_.out(text);
      co_return 0;
    }
    int code = 0;
    for (std::size_t i = 1; i < argv_.size(); ++i) {
      const std::size_t equals = argv_[i].find('=');
      if (argv_[0] == "unalias") {
        if (argv_[i] == "-a")
          shell_.aliases.clear();
        else
          shell_.aliases.erase(argv_[i]);
      } else if (equals != std::string::npos) {
        shell_.aliases[argv_[i].substr(0, equals)] = argv_[i].substr(equals + 1);
      } else if (shell_.aliases.contains(argv_[i])) {
        co_await process_.out("alias " + argv_[i] + "='" + shell_.aliases[argv_[i]] + "'\n");
      } else {
        code = co_await complain(argv_[i] + ": not found");
      }
    }
    co_return code;
  }

  Task<int> trap() {
    if (argv_.size() == 1) {
      std::string text;
      for (const auto& [name, action] : shell_.traps_) text += "trap -- '" + action + "' " + name + "\n";
      co_await process_.out(text);
      co_return 0;
    }
    const bool reset = argv_.size() == 2 || argv_[1] == "-";
    for (std::size_t i = argv_.size() == 2 ? 1 : 2; i < argv_.size(); ++i) {
      std::string name = to_upper(argv_[i]);
      const auto number = signal_number(name);
      if (!number && name != "ERR" && name != "DEBUG") {
        co_await shell_.complain("trap: " + argv_[i] + ": invalid signal specification");
        co_return 1;
      }
      name = !number ? name : *number == 0 ? "EXIT" : std::string(signal_name(*number));
      if (reset)
        shell_.traps_.erase(name);
      else
        shell_.traps_[name] = argv_[1];
      if (number && *number > 0 && *number != kSigKill) {
        process_.on_signal(*number, reset              ? Process::Disposition::kDefault
                                    : argv_[1].empty() ? Process::Disposition::kIgnore
                                                       : Process::Disposition::kCatch);
      }
    }
    co_return 0;
  }

  Task<int> wait_() {
    int code = 0;
    if (argv_.size() > 1) {
      for (std::size_t i = 1; i < argv_.size(); ++i) {
        const Job* job = find_job(argv_[i]);
        const auto pid = job != nullptr ? std::optional<std::int64_t>(job->pids.back()) : parse_int(argv_[i]);
        if (!pid) co_return co_await complain(argv_[i] + ": no such job", 127);
        const auto waited = co_await process_.wait(static_cast<Pid>(*pid));
        code = waited ? waited->status.shell_code() : 127;
      }
    } else {
      for (const Job& job : shell_.jobs_) {
        for (Pid pid : job.pids) (void)co_await process_.wait(pid);
      }
    }
    std::erase_if(shell_.jobs_, [](const Job& job) { return !job.stopped; });
    co_return code;
  }

  const Job* find_job(const std::string& spec) const {
    if (shell_.jobs_.empty()) return nullptr;
    if (spec.empty() || spec == "%" || spec == "%%" || spec == "%+") return &shell_.jobs_.back();
    if (!spec.starts_with("%")) return nullptr;
    const auto number = parse_int(spec.substr(1));
    for (const Job& job : shell_.jobs_) {
      if (number ? job.number == *number : job.text.starts_with(spec.substr(1))) return &job;
    }
    return nullptr;
  }

  Task<int> jobs() {
    co_await shell_.reap_jobs(true);
    std::string text;
    for (const Job& job : shell_.jobs_) {
      text += "[" + std::to_string(job.number) + "]" + (&job == &shell_.jobs_.back() ? "+" : "-") + "  " +
              pad_right(job.stopped ? "Stopped" : "Running", 24) + job.text + (job.stopped ? "" : " &") + "\n";
    }
    co_await process_.out(text);
    co_return 0;
  }

  Task<int> fg() {
    const Job* found = find_job(argument(1));
    if (found == nullptr)
      co_return co_await complain((argument(1).empty() ? "current" : argument(1)) + ": no such job");
    Job job = *found;
    std::erase_if(shell_.jobs_, [&](const Job& other) { return other.number == job.number; });
    job.stopped = false;
    const bool foreground = argv_[0] == "fg";
    co_await process_.out(foreground ? job.text + "\n" : "[" + std::to_string(job.number) + "]+ " + job.text + " &\n");
    if (const auto tty = process_.controlling_tty(); foreground && tty) tty->set_foreground_group(job.group);
    (void)process_.kill(-job.group, kSigCont);
    if (foreground) co_return co_await shell_.wait_job(std::move(job), true);
    shell_.jobs_.push_back(std::move(job));
    co_return 0;
  }

  Task<int> kill_() {
    int signal = kSigTerm;
    std::size_t i = 1;
    if (argument(1) == "-l") {
      std::string text;
      for (int s = 1; s < 32; ++s) {
        if (!signal_name(s).empty()) text += format("%2d) SIG%s\n", s, std::string(signal_name(s)).c_str());
      }
      co_await process_.out(text);
      co_return 0;
    }
    if (argument(1).starts_with("-") && argument(1).size() > 1) {
      const std::string name = argument(1) == "-s" || argument(1) == "-n" ? argument(2) : argument(1).substr(1);
      i = argument(1) == "-s" || argument(1) == "-n" ? 3 : 2;
      const auto number = signal_number(name);
      if (!number) co_return co_await complain(name + ": invalid signal specification");
      signal = *number;
    }
    if (i >= argv_.size())
      co_return co_await complain(
          "usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]", 2);
    int code = 0;
    for (; i < argv_.size(); ++i) {
      const Job* job = find_job(argv_[i]);
      const auto pid = job != nullptr ? std::optional<std::int64_t>(-job->group) : parse_int(argv_[i]);
      if (!pid) {
        code = co_await complain(argv_[i] + ": arguments must be process or job IDs");
        continue;
      }
      const auto sent = process_.kill(static_cast<Pid>(*pid), signal);
      if (!sent) {
        co_await shell_.complain("kill: (" + argv_[i] + ") - " + std::string(errno_text(sent.error())));
        code = 1;
      }
    }
    co_return code;
  }

  Task<int> history() {
    std::string text;
    std::size_t number = 1;
    for (const std::string& line : shell_.history) text += format("%5zu  ", number++) + line + "\n";
    if (argument(1) == "-c") {
      shell_.history.clear();
      co_return 0;
    }
    co_await process_.out(text);
    co_return 0;
  }

  Task<int> let() {
    std::int64_t last = 0;
    for (std::size_t i = 1; i < argv_.size(); ++i) {
      auto value = shell_.arithmetic(argv_[i]);
      if (!value) co_return co_await complain(value.error().message);
      last = *value;
    }
    co_return last != 0 ? 0 : 1;
  }

  Task<int> umask() {
    if (argv_.size() > 1) {
      std::uint32_t mask = 0;
      for (char c : argv_[1]) {
        if (c < '0' || c > '7') co_return co_await complain(argv_[1] + ": octal number out of range");
        mask = mask * 8 + static_cast<std::uint32_t>(c - '0');
      }
      process_.set_umask(mask);
    } else {
      co_await process_.out(format("%04o\n", process_.umask()));
    }
    co_return 0;
  }

  Task<int> getopts() {
    const std::string spec = argument(1);
    const std::string name = argument(2);
    auto index = static_cast<std::size_t>(std::max<std::int64_t>(1, parse_int(shell_.get("OPTIND")).value_or(1)));
    const std::vector<std::string> arguments =
        argv_.size() > 3 ? std::vector<std::string>(argv_.begin() + 3, argv_.end()) : shell_.positional;
    const auto offset =
        static_cast<std::size_t>(std::max<std::int64_t>(1, parse_int(shell_.get("__optoffset")).value_or(1)));
    if (index > arguments.size() || arguments[index - 1].size() < 2 || arguments[index - 1][0] != '-' ||
        arguments[index - 1] == "--") {
      shell_.set(name, "?");
      co_return 1;
    }
    const std::string& word = arguments[index - 1];
    const char option = word[offset];
    const std::size_t at = spec.find(option);
    std::size_t next_offset = offset + 1;
    shell_.set(name, at == std::string::npos ? "?" : std::string(1, option));
    if (at == std::string::npos) {
      if (!spec.starts_with(":")) co_await shell_.complain("illegal option -- " + std::string(1, option));
    } else if (at + 1 < spec.size() && spec[at + 1] == ':') {
      if (next_offset < word.size())
        shell_.set("OPTARG", word.substr(next_offset));
      else if (index < arguments.size())
        shell_.set("OPTARG", arguments[index++]);
      else {
        shell_.set(name, "?");
        co_await shell_.complain("option requires an argument -- " + std::string(1, option));
      }
      next_offset = word.size();
    }
    if (next_offset >= word.size()) {
      ++index;
      next_offset = 1;
    }
    shell_.set("OPTIND", std::to_string(index));
    shell_.set("__optoffset", std::to_string(next_offset));
    co_return 0;
  }

  Task<int> test() {
    std::vector<std::string> words = argv_;
    co_return co_await test_expression(shell_, std::move(words));
  }

  Interpreter& shell_;
  Process& process_;
  std::vector<std::string> argv_;
};

const std::map<std::string, Builtins::Function, std::less<>>& Builtins::table() {
  static const std::map<std::string, Function, std::less<>> all{
      {":", &Builtins::nothing},       {"true", &Builtins::nothing},
      {"false", &Builtins::failure},   {"echo", &Builtins::echo},
      {"printf", &Builtins::printf_},  {"cd", &Builtins::cd},
      {"pwd", &Builtins::pwd},         {"exit", &Builtins::exit_},
      {"logout", &Builtins::exit_},    {"return", &Builtins::return_},
      {"break", &Builtins::break_},    {"continue", &Builtins::break_},
      {"export", &Builtins::export_},  {"readonly", &Builtins::export_},
      {"local", &Builtins::local},     {"declare", &Builtins::local},
      {"typeset", &Builtins::local},   {"unset", &Builtins::unset_},
      {"set", &Builtins::set_},        {"shift", &Builtins::shift},
      {"read", &Builtins::read_},      {"source", &Builtins::source},
      {".", &Builtins::source},        {"eval", &Builtins::eval},
      {"exec", &Builtins::exec},       {"command", &Builtins::command},
      {"builtin", &Builtins::command}, {"type", &Builtins::type},
      {"which", &Builtins::type},      {"alias", &Builtins::alias},
      {"unalias", &Builtins::alias},   {"trap", &Builtins::trap},
      {"wait", &Builtins::wait_},      {"jobs", &Builtins::jobs},
      {"fg", &Builtins::fg},           {"bg", &Builtins::fg},
      {"kill", &Builtins::kill_},      {"history", &Builtins::history},
      {"let", &Builtins::let},         {"umask", &Builtins::umask},
      {"getopts", &Builtins::getopts}, {"test", &Builtins::test},
      {"[", &Builtins::test},          {"hash", &Builtins::nothing},
      {"shopt", &Builtins::nothing},   {"complete", &Builtins::nothing},
      {"compopt", &Builtins::nothing}, {"ulimit", &Builtins::nothing},
      {"times", &Builtins::nothing},
  };
  return all;
}

bool is_builtin(std::string_view name) { return Builtins::table().contains(name); }

std::vector<std::string> builtin_names() {
  std::vector<std::string> names;
  for (const auto& [name, function] : Builtins::table()) names.push_back(name);
  return names;
}

Task<std::optional<int>> run_builtin(Interpreter& shell, std::vector<std::string> argv) {
  const auto at = Builtins::table().find(argv[0]);
  if (at == Builtins::table().end()) co_return std::nullopt;
  Builtins builtins(shell, std::move(argv));
  co_return co_await (builtins.*at->second)();
}

// --- test, [, [[ ---

namespace {

class TestParser {
 public:
  TestParser(Interpreter& shell, std::vector<std::string> words, bool extended)
      : shell_(shell), words_(std::move(words)), extended_(extended) {}
  std::string problem;
  bool run() {
    if (words_.empty()) return false;
    const bool value = either();
    if (problem.empty() && at_ < words_.size()) problem = "too many arguments";
    return value;
  }

 private:
  bool more() const { return at_ < words_.size(); }
  bool take(std::string_view word) {
    if (!more() || words_[at_] != word) return false;
    ++at_;
    return true;
  }
  bool either() {
    bool value = both();
    while (take("-o") || (extended_ && take("||"))) {
      const bool right = both();
      value = value || right;
    }
    return value;
  }
  bool both() {
    bool value = one();
    while (take("-a") || (extended_ && take("&&"))) {
      const bool right = one();
      value = value && right;
    }
    return value;
  }
  std::int64_t number(const std::string& text) {
    if (extended_) {
      const auto value = shell_.arithmetic(text);
      if (value) return *value;
    }
    const auto value = parse_int(trim(text));
    if (!value && problem.empty()) problem = text + ": integer expression expected";
    return value.value_or(0);
  }
  static bool binary_operator(const std::string& word) {
    static constexpr std::string_view kOps[] = {"=",   "==",  "!=",  "=~",  "<",   ">",   "-eq", "-ne",
                                                "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"};
    return std::find(std::begin(kOps), std::end(kOps), word) != std::end(kOps);
  }
  bool one() {
    if (!more()) {
      problem = "argument expected";
      return false;
    }
    if (at_ + 2 < words_.size() + 0 && binary_operator(words_[at_ + 1])) return binary();
    if (take("!")) return !one();
    if (words_[at_] == "(" && words_.size() > at_ + 2) {
      ++at_;
      const bool value = either();
      if (!take(")")) problem = "`)' expected";
      return value;
    }
    const std::string word = words_[at_];
    if (word.size() == 2 && word[0] == '-' && at_ + 1 < words_.size()) {
      const std::string operand = words_[at_ + 1];
      at_ += 2;
      return unary(word[1], operand);
    }
    ++at_;
    return !word.empty();
  }
  bool unary(char op, const std::string& operand) {
    Process& p = shell_.process();
    if (op == 'z') return operand.empty();
    if (op == 'n') return !operand.empty();
    if (op == 'v') return shell_.is_set(operand);
    if (op == 't') return p.is_tty(static_cast<int>(parse_int(operand).value_or(-1)));
    const auto info = p.stat(operand, op != 'L' && op != 'h');
    if (!info) return false;
    switch (op) {
      case 'e':
      case 'a':
        return true;
      case 'f':
        return info->type == FileType::kRegular;
      case 'd':
        return info->type == FileType::kDirectory;
      case 'L':
      case 'h':
        return info->type == FileType::kSymlink;
      case 'p':
        return info->type == FileType::kFifo;
      case 'S':
        return info->type == FileType::kSocket;
      case 'c':
        return info->type == FileType::kCharDevice;
      case 's':
        return info->size > 0;
      case 'r':
        return p.can_access(operand, Process::kRead);
      case 'w':
        return p.can_access(operand, Process::kWrite);
      case 'x':
        return p.can_access(operand, Process::kExecute);
      case 'O':
        return info->uid == p.credentials().uid;
      default:
        problem = std::string("-") + op + ": unary operator expected";
        return false;
    }
  }
  bool binary() {
    const std::string left = words_[at_];
    const std::string op = words_[at_ + 1];
    const std::string right = words_[at_ + 2];
    at_ += 3;
    if (op == "=" || op == "==") return extended_ ? Interpreter::match_pattern(right, left) : left == right;
    if (op == "!=") return !(extended_ ? Interpreter::match_pattern(right, left) : left == right);
    if (op == "<") return left < right;
    if (op == ">") return left > right;
    if (op == "=~") {
      const Regex regex = Regex::compile(right, Regex::Syntax::kExtended);
      if (!regex.ok()) {
        problem = "syntax error in regular expression";
        return false;
      }
      const auto match = regex.search(left, 0);
      return match.has_value();
    }
    if (op == "-nt" || op == "-ot" || op == "-ef") {
      const auto a = shell_.process().stat(left);
      const auto b = shell_.process().stat(right);
      if (op == "-ef")
        return a && b &&
               shell_.process().real_path(left).value_or("a") == shell_.process().real_path(right).value_or("b");
      if (!a || !b) return op == "-nt" ? a.ok() : b.ok();
      return op == "-nt" ? a->modified > b->modified : a->modified < b->modified;
    }
    const std::int64_t a = number(left);
    const std::int64_t b = number(right);
    if (op == "-eq") return a == b;
    if (op == "-ne") return a != b;
    if (op == "-lt") return a < b;
    if (op == "-le") return a <= b;
    if (op == "-gt") return a > b;
    return a >= b;
  }

  Interpreter& shell_;
  std::vector<std::string> words_;
  std::size_t at_ = 0;
  bool extended_;
};

}  // namespace

Task<int> test_expression(Interpreter& shell, std::vector<std::string> words) {
  const std::string name = words[0];
  words.erase(words.begin());
  if (name == "[") {
    if (words.empty() || words.back() != "]") {
      co_await shell.process().err(shell.name() + ": [: missing `]'\n");
      co_return 2;
    }
    words.pop_back();
  }
  TestParser parser(shell, std::move(words), name == "[[");
  const bool value = parser.run();
  if (!parser.problem.empty()) {
    co_await shell.process().err(shell.name() + ": " + name + ": " + parser.problem + "\n");
    co_return 2;
  }
  co_return value ? 0 : 1;
}

}  // namespace drydock::shell
