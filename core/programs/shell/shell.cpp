#include "core/programs/shell/shell.h"

#include <algorithm>
#include <deque>
#include <optional>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/programs/shell/editing/completer.h"
#include "core/programs/shell/editing/history_expansion.h"
#include "core/programs/shell/editing/line_editor.h"
#include "core/programs/shell/interpreter.h"

namespace drydock {
namespace {

using namespace shell;

constexpr std::size_t kHistoryLimit = 1000;

// What was typed before, from the history file.
void load_history(Process& process, Interpreter& interpreter) {
  const auto saved = process.read_file(interpreter.get("HISTFILE"));
  if (!saved) return;
  for (const std::string& entry : split(*saved, '\n')) {
    if (!entry.empty()) interpreter.history.push_back(entry);
  }
  while (interpreter.history.size() > kHistoryLimit) interpreter.history.pop_front();
}

// HISTCONTROL: ignorespace, ignoredups, erasedups, ignoreboth.
void add_history(Interpreter& interpreter, const std::string& entry) {
  const std::string control = interpreter.get("HISTCONTROL");
  const bool both = contains(control, "ignoreboth");
  if (trim(entry).empty()) return;
  if ((both || contains(control, "ignorespace")) && entry.starts_with(" ")) return;
  std::deque<std::string>& history = interpreter.history;
  if ((both || contains(control, "ignoredups")) && !history.empty() && history.back() == entry) return;
  if (contains(control, "erasedups")) std::erase(history, entry);
  history.push_back(entry);
  if (history.size() > kHistoryLimit) history.pop_front();
}

// A command of several lines as one entry: joined by "; " where that means the same.
std::string history_entry(const std::string& text) {
  std::string entry(text);
  while (entry.ends_with("\n")) entry.pop_back();
  return entry;
}

Task<int> interactive(Process& process, Interpreter& interpreter, std::shared_ptr<Tty> tty) {
  interpreter.interactive = true;
  // Caught, not ignored: what it starts must not inherit that.
  for (int signal : {kSigInt, kSigWinch, kSigHup, kSigTstp, kSigQuit, kSigTerm, kSigTtou})
    process.on_signal(signal, Process::Disposition::kCatch);
  tty->set_foreground_group(process.group());
  const bool bash = interpreter.is_bash();
  if (!interpreter.is_set("PS1")) interpreter.set("PS1", bash ? "\\s-\\v\\$ " : "\\w \\$ ");
  if (!interpreter.is_set("PS2")) interpreter.set("PS2", "> ");
  if (bash) {
    for (const char* option : {"monitor", "histexpand", "history", "emacs"}) interpreter.set_option(option, true);
    if (!interpreter.is_set("HISTFILE")) interpreter.set("HISTFILE", interpreter.get("HOME") + "/.bash_history");
    if (!interpreter.is_set("HISTSIZE")) interpreter.set("HISTSIZE", std::to_string(kHistoryLimit));
    load_history(process, interpreter);
  }
  LineEditor editor(
      process, tty, [&interpreter](std::string before) { return complete_line(interpreter, std::move(before)); }, bash);
  std::string text;
  int ignored_ends = 0;
  while (!interpreter.exiting()) {
    if (text.empty()) {
      co_await interpreter.reap_jobs(true);
      const std::string before_prompt = interpreter.get("PROMPT_COMMAND");
      if (bash && !before_prompt.empty()) {
        const int status = interpreter.last_status();
        (void)co_await interpreter.run_line(before_prompt);
        interpreter.restore_status(status);
      }
    }
    const std::string prompt = co_await interpreter.prompt(interpreter.get(text.empty() ? "PS1" : "PS2"));
    LineEditor::Line line = co_await editor.read(prompt, interpreter.history);
    while (process.take_signal()) {
    }
    if (tty->hung_up()) break;
    if (line.kind == LineEditor::Line::Kind::kInterrupted) {
      text.clear();
      interpreter.restore_status(130);
      continue;
    }
    if (line.kind == LineEditor::Line::Kind::kEndOfFile) {
      if (!text.empty()) {
        co_await process.err(interpreter.name() + ": syntax error: unexpected end of file\n");
        interpreter.restore_status(2);
        text.clear();
        continue;
      }
      const auto& jobs = interpreter.jobs();
      const bool stopped = std::any_of(jobs.begin(), jobs.end(), [](const Job& job) { return job.stopped; });
      co_await process.out(interpreter.login ? "logout\n" : "exit\n");
      if (stopped && ignored_ends++ == 0) {
        co_await process.err("There are stopped jobs.\n");
        continue;
      }
      break;
    }
    ignored_ends = 0;
    if (interpreter.option("histexpand")) {
      const HistoryExpansion expanded = expand_history(line.text, interpreter.history);
      if (!expanded.ok) {
        co_await process.err(interpreter.name() + ": " + expanded.problem + "\n");
        continue;
      }
      if (expanded.changed) co_await process.out(line.text + "\n");
      if (expanded.print_only) {
        add_history(interpreter, line.text);
        continue;
      }
    }
    text += line.text + "\n";
    // Aliases are looked at too: one may open a compound command.
    Parser trial(text, &interpreter.aliases, false);
    Parsed parsed = trial.next();
    while (parsed.state == Parsed::State::kCommand) parsed = trial.next();
    const bool continued = line.text.ends_with("\\") && !line.text.ends_with("\\\\");
    if (parsed.state == Parsed::State::kIncomplete || continued) continue;
    add_history(interpreter, history_entry(text));
    const std::string command = std::exchange(text, {});
    if (trim(command).empty()) continue;
    (void)co_await interpreter.run_line(command);
  }
  std::string saved;
  for (const std::string& entry : interpreter.history) saved += entry + "\n";
  const std::string file = interpreter.get("HISTFILE");
  if (!saved.empty() && bash && !file.empty()) (void)process.write_file(file, saved, 0600);
  if (tty->hung_up()) {
    // The terminal is gone: so are the jobs.
    for (const Job& job : interpreter.jobs()) {
      if (job.group != 0) (void)process.kill(-job.group, kSigHup);
    }
  }
  co_await interpreter.run_exit_trap();
  co_return interpreter.exiting() ? interpreter.exit_code() : interpreter.last_status();
}

Task<void> source_if_there(Process& process, Interpreter& interpreter, std::string path) {
  auto text = process.read_file(path);
  if (text) (void)co_await interpreter.run_text(*text, path);
}

struct Invocation {
  bool login = false;
  bool from_input = false;
  bool interactive = false;
  bool no_profile = false;
  bool no_rc = false;
  std::optional<std::string> command;
  std::vector<std::string> set_words;
  std::vector<std::string> shopt_words;
  std::size_t next = 1;
  std::string problem;
};

Invocation read_invocation(const std::vector<std::string>& words) {
  Invocation how;
  how.login = words[0].starts_with("-");
  std::size_t i = 1;
  bool takes_command = false;
  for (; i < words.size() && words[i].size() > 1 && (words[i][0] == '-' || words[i][0] == '+'); ++i) {
    const std::string& word = words[i];
    if (word == "--") {
      ++i;
      break;
    }
    if (word == "--login") {
      how.login = true;
    } else if (word == "--norc") {
      how.no_rc = true;
    } else if (word == "--noprofile") {
      how.no_profile = true;
    } else if (word == "--rcfile" || word == "--init-file") {
      ++i;
    } else if (word.starts_with("--")) {
      if (word != "--posix" && word != "--noediting" && word != "--verbose" && word != "--restricted") {
        how.problem = word + ": invalid option";
        return how;
      }
    } else {
      const std::string sign = word.substr(0, 1);
      for (char c : word.substr(1)) {
        if (c == 'c')
          takes_command = true;
        else if (c == 'l')
          how.login = true;
        else if (c == 's')
          how.from_input = true;
        else if (c == 'i')
          how.interactive = true;
        else if (c == 'o' || c == 'O') {
          if (i + 1 >= words.size()) continue;
          std::vector<std::string>& list = c == 'o' ? how.set_words : how.shopt_words;
          list.push_back(c == 'o' ? sign + "o" : sign == "-" ? "-s" : "-u");
          list.push_back(words[++i]);
        } else
          how.set_words.push_back(sign + c);
      }
    }
  }
  if (takes_command) {
    if (i >= words.size())
      how.problem = "-c: option requires an argument";
    else
      how.command = words[i++];
  }
  how.next = i;
  return how;
}

Task<int> shell_main(Process& process, Flavour flavour) {
  const std::vector<std::string> words(process.argv());
  std::string name = words[0].starts_with("-") ? words[0].substr(1) : words[0];
  const std::string shown(base_name(name));
  if (flavour == Flavour::kBash) {
    for (const std::string& word : words) {
      if (word != "--version") continue;
      co_await process.out(
          "GNU bash, version 5.1.8(1)-release (x86_64-redhat-linux-gnu)\n"
          "Copyright (C) 2020 Free Software Foundation, Inc.\n"
          "License GPLv3+: GNU GPL version 3 or later <http://gnu.org/licenses/gpl.html>\n\n"
          "This is free software; you are free to change and redistribute it.\n"
          "There is NO WARRANTY, to the extent permitted by law.\n");
      co_return 0;
    }
  }
  Invocation how = read_invocation(words);
  if (!how.problem.empty()) {
    co_await process.err(shown + ": " + how.problem + "\n");
    co_return 2;
  }
  const std::shared_ptr<Tty> tty = process.tty_of(0);
  const bool has_script = !how.command && how.next < words.size() && !how.from_input;
  std::string zero = words[0];
  if (how.command && how.next < words.size()) zero = words[how.next++];
  if (has_script) zero = words[how.next++];
  if (how.login && !words[0].starts_with("-") && !how.command && !has_script) zero = "-" + shown;
  Interpreter interpreter(process, zero, flavour);
  interpreter.login = how.login;
  interpreter.command_string = how.command.has_value();
  interpreter.positional.assign(words.begin() + static_cast<std::ptrdiff_t>(std::min(how.next, words.size())),
                                words.end());
  if (!how.set_words.empty()) {
    std::string options = "set";
    for (const std::string& word : how.set_words) options += " " + word;
    (void)co_await interpreter.run_text(options, shown);
  }
  if (!how.shopt_words.empty()) {
    std::string options = "shopt";
    for (const std::string& word : how.shopt_words) options += " " + word;
    (void)co_await interpreter.run_text(options, shown);
  }
  std::optional<std::string> script;
  if (has_script) {
    interpreter.script = zero;
    std::string path = zero;
    if (!process.exists(path) && !contains(path, "/")) {
      const auto found = process.find_executable(path);
      if (found) path = *found;
    }
    const auto info = process.stat(path);
    auto text = process.read_file(path);
    if (!text) {
      const std::string reason =
          info && info->type == FileType::kDirectory ? "Is a directory" : std::string(errno_text(text.error()));
      co_await process.err(flavour == Flavour::kBash  ? shown + ": " + zero + ": " + reason + "\n"
                           : flavour == Flavour::kAsh ? shown + ": can't open '" + zero + "': " + reason + "\n"
                                                      : shown + ": 0: cannot open " + zero + ": No such file\n");
      co_return text.error() == Errno::kNoEnt ? (flavour == Flavour::kAsh || flavour == Flavour::kDash ? 2 : 127) : 126;
    }
    if (text->starts_with("\x7f")) {
      co_await process.err(zero + ": " + zero + ": cannot execute binary file\n");
      co_return 126;
    }
    script = *text;
  }
  const bool prompts = !how.command && !script && (how.interactive || tty);
  if (how.interactive || prompts) interpreter.interactive = true;
  if (how.login && !how.no_profile)
    co_await source_if_there(process, interpreter, "/etc/profile");
  else if (prompts && flavour == Flavour::kBash && !how.no_rc)
    co_await source_if_there(process, interpreter, interpreter.get("HOME") + "/.bashrc");
  int code = interpreter.last_status();
  if (!interpreter.exiting()) {
    if (how.command) {
      code = co_await interpreter.run_script(*how.command, zero);
    } else if (script) {
      code = co_await interpreter.run_script(*script, zero);
    } else if (prompts && tty) {
      co_return co_await interactive(process, interpreter, tty);
    } else {
      interpreter.reads_input = true;
      code = co_await interpreter.run_input();
    }
  }
  co_await interpreter.run_exit_trap();
  co_return interpreter.exiting() ? interpreter.exit_code() : code;
}

Task<int> bash_main(Process& process) { return shell_main(process, Flavour::kBash); }
Task<int> ash_main(Process& process) { return shell_main(process, Flavour::kAsh); }
Task<int> dash_main(Process& process) { return shell_main(process, Flavour::kDash); }

}  // namespace

void register_shell_programs(ProgramRegistry& programs) {
  programs.add("bash", bash_main);
  programs.add("sh", ash_main);
  programs.add("ash", ash_main);
  programs.add("dash", dash_main);
}

}  // namespace drydock
