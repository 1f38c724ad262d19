// exit, return, break, continue, source, eval, exec, trap.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/shell/builtins/builtins.h"
#include "core/programs/shell/expansion/quoting.h"

namespace drydock::shell {

Task<int> Builtins::exit_() {
  if (argv_[0] == "logout" && !shell_.login) co_return co_await complain("not login shell: use `exit'");
  if (shell_.interactive && !shell_.in_subshell_) {
    if (argv_[0] == "exit") co_await process_.err(shell_.login ? "logout\n" : "exit\n");
    const bool stopped =
        std::any_of(shell_.jobs_.begin(), shell_.jobs_.end(), [](const Job& job) { return job.stopped; });
    if (stopped && shell_.get("__exit_warned").empty()) {
      shell_.set("__exit_warned", "1");
      co_await process_.err("There are stopped jobs.\n");
      co_return 1;
    }
  }
  int code = shell_.status_;
  if (argv_.size() > 1) {
    const auto given = parse_int(argv_[1]);
    if (!given) {
      co_await shell_.complain("exit: " + argv_[1] + ": numeric argument required");
      code = 2;
    } else if (argv_.size() > 2) {
      co_return co_await complain("too many arguments");
    } else {
      code = static_cast<int>(*given & 0xff);
    }
  }
  shell_.flow_ = Flow::kExit;
  shell_.exit_code_ = code;
  co_return code;
}

Task<int> Builtins::return_() {
  if (!shell_.variables_.in_function() && shell_.sourced_ == 0)
    co_return co_await complain("can only `return' from a function or sourced script", 2);
  int code = shell_.status_;
  if (argv_.size() > 1) {
    const auto given = parse_int(argv_[1]);
    if (!given) co_await shell_.complain("return: " + argv_[1] + ": numeric argument required");
    code = given ? static_cast<int>(*given & 0xff) : 2;
  }
  shell_.flow_ = Flow::kReturn;
  co_return shell_.status_ = code;
}

Task<int> Builtins::break_() {
  if (shell_.loop_depth_ == 0)
    co_return shell_.is_bash() ? co_await complain("only meaningful in a `for', `while', or `until' loop", 0) : 0;
  std::int64_t levels = 1;
  if (argv_.size() > 1) {
    const auto given = parse_int(argv_[1]);
    if (!given) {
      co_await shell_.complain(argv_[0] + ": " + argv_[1] + ": numeric argument required");
      shell_.fail_expansion(128);
      co_return 128;
    }
    if (*given < 1) co_return co_await complain(argv_[1] + ": loop count out of range");
    levels = *given;
  }
  shell_.flow_ = argv_[0] == "break" ? Flow::kBreak : Flow::kContinue;
  shell_.flow_depth_ = static_cast<int>(std::min<std::int64_t>(levels, shell_.loop_depth_));
  co_return 0;
}

Task<int> Builtins::source() {
  if (argv_.size() < 2) {
    co_await shell_.complain(argv_[0] + ": filename argument required");
    co_await process_.err(argv_[0] + ": usage: " + argv_[0] + " filename [arguments]\n");
    co_return 2;
  }
  std::string path = argv_[1];
  if (!contains(path, "/") && !process_.exists(path)) {
    for (const std::string& directory : split(shell_.get("PATH"), ':')) {
      if (!process_.exists(directory + "/" + path)) continue;
      path = directory + "/" + path;
      break;
    }
  }
  const auto info = process_.stat(path);
  if (info && info->type == FileType::kDirectory) co_return co_await complain(argv_[1] + ": is a directory");
  auto text = process_.read_file(path);
  if (!text) {
    co_await shell_.complain(shell_.is_bash() ? argv_[1] + ": " + std::string(errno_text(text.error()))
                                              : argv_[0] + ": can't open '" + argv_[1] +
                                                    "': " + std::string(errno_text(text.error())));
    co_return 1;
  }
  std::vector<std::string> saved = shell_.positional;
  if (argv_.size() > 2) shell_.positional.assign(argv_.begin() + 2, argv_.end());
  const int line = shell_.line_;
  const std::string name = shell_.name_;
  ++shell_.sourced_;
  // Errors in it are told with its own name.
  shell_.name_ = argv_[1];
  int code = co_await shell_.run_text(*text, argv_[1]);
  shell_.name_ = name;
  --shell_.sourced_;
  shell_.line_ = line;
  if (argv_.size() > 2) shell_.positional = saved;
  if (shell_.flow_ == Flow::kReturn) {
    shell_.flow_ = Flow::kNone;
    code = shell_.status_;
  }
  co_return code;
}

Task<int> Builtins::eval() {
  const std::size_t first = argument(1) == "--" ? 2 : 1;
  const std::string text = join(std::span(argv_).subspan(std::min(first, argv_.size())), " ");
  if (trim(text).empty()) co_return 0;
  shell_.status_ = 0;
  co_return co_await shell_.run_text(text, shell_.name_ + (shell_.is_bash() ? ": eval" : ""), shell_.line_);
}

Task<int> Builtins::exec() {
  const auto given = co_await options("cla:", "exec [-cl] [-a name] [command [argument ...]] [redirection ...]");
  if (!given) co_return 2;
  if (next_ >= argv_.size()) co_return 0;
  std::vector<std::string> argv(argv_.begin() + static_cast<std::ptrdiff_t>(next_), argv_.end());
  const std::string name = argv[0];
  if (has(*given, 'c'))
    process_.own_environment().clear();
  else
    process_.own_environment() = shell_.environment_with({});
  if (!process_.environment().contains("PATH")) process_.own_environment()["PATH"] = shell_.get("PATH");
  auto result = co_await process_.exec(std::move(argv));
  if (result) {
    shell_.traps_.clear();
    shell_.flow_ = Flow::kExit;
    shell_.exit_code_ = *result;
    co_return *result;
  }
  const bool missing = result.error() == Errno::kNoEnt;
  co_await shell_.complain(
      "exec: " + name + ": " +
      (missing && !contains(name, "/") ? std::string("not found") : std::string(errno_text(result.error()))));
  const int code = missing ? 127 : 126;
  if (shell_.interactive) co_return code;
  shell_.flow_ = Flow::kExit;
  shell_.exit_code_ = code;
  co_return code;
}

Task<int> Builtins::trap() {
  auto full_name = [](const std::string& name) {
    return name == "EXIT" || name == "ERR" || name == "DEBUG" || name == "RETURN" ? name : "SIG" + name;
  };
  std::size_t i = 1;
  if (argument(1) == "-l") {
    argv_ = {"kill", "-l"};
    co_return co_await kill_();
  }
  const bool shows = argument(1) == "-p";
  if (argument(1) == "--" || shows) ++i;
  if (i >= argv_.size() || shows) {
    std::string text;
    for (const auto& [name, action] : shell_.traps_) {
      const bool wanted =
          i >= argv_.size() ||
          std::any_of(argv_.begin() + static_cast<std::ptrdiff_t>(i), argv_.end(), [&](const std::string& word) {
            return to_upper(word) == name || to_upper(word) == "SIG" + name;
          });
      if (wanted) text += "trap -- " + single_quoted(action) + " " + (shell_.is_bash() ? full_name(name) : name) + "\n";
    }
    co_return co_await print(text);
  }
  const bool one = i + 1 == argv_.size();
  const bool number_first = parse_int(argv_[i]).has_value();
  const bool reset = one || argv_[i] == "-" || number_first;
  const std::string action = argv_[i];
  int code = 0;
  for (std::size_t k = one || number_first ? i : i + 1; k < argv_.size(); ++k) {
    std::string name = to_upper(argv_[k]);
    const bool special = name == "ERR" || name == "DEBUG" || name == "RETURN";
    const auto number = special ? std::nullopt : signal_number(name);
    if (!number && !special) {
      co_await shell_.complain("trap: " + argv_[k] + ": invalid signal specification");
      code = 1;
      continue;
    }
    if (!special) name = *number == 0 ? "EXIT" : std::string(signal_name(*number));
    if (reset)
      shell_.traps_.erase(name);
    else
      shell_.traps_[name] = action;
    if (number && *number > 0 && *number != kSigKill && *number != kSigStop) {
      const bool at_prompt = shell_.interactive && !shell_.in_subshell_ &&
                             (*number == kSigInt || *number == kSigTerm || *number == kSigHup || *number == kSigWinch);
      process_.on_signal(*number, reset && !at_prompt        ? Process::Disposition::kDefault
                                  : !reset && action.empty() ? Process::Disposition::kIgnore
                                                             : Process::Disposition::kCatch);
    }
  }
  co_return code;
}

}  // namespace drydock::shell
