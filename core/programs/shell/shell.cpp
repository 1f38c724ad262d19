#include "core/programs/shell/shell.h"

#include <algorithm>
#include <set>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/programs/shell/interpreter.h"
#include "core/programs/shell/line_editor.h"

namespace drydock {
namespace {

using namespace shell;

constexpr std::size_t kHistoryLimit = 1000;

// Commands, files, and what `kubectl __complete` offers.
Task<std::vector<std::string>> completions(Process& process, Interpreter& interpreter, std::string before) {
  std::size_t start = before.size();
  while (start > 0 && std::string_view(" \t|&;<>()=").find(before[start - 1]) == std::string_view::npos) --start;
  const std::string word = before.substr(start);
  // The command that the cursor is in.
  std::size_t command_start = 0;
  for (std::size_t i = 0; i < start; ++i) {
    if (before[i] == '|' || before[i] == ';' || before[i] == '&' || before[i] == '(') command_start = i + 1;
  }
  std::vector<std::string> words = split_whitespace(before.substr(command_start, start - command_start));
  std::set<std::string> found;
  if (words.empty() && !contains(word, "/")) {
    for (const std::string& name : builtin_names()) {
      if (name.starts_with(word)) found.insert(name);
    }
    for (const auto& [name, text] : interpreter.aliases) {
      if (name.starts_with(word)) found.insert(name);
    }
    for (const std::string& directory : split(interpreter.get("PATH"), ':')) {
      const auto names = process.list_directory(directory);
      if (!names) continue;
      for (const std::string& name : *names) {
        if (name.starts_with(word)) found.insert(name);
      }
    }
    co_return std::vector<std::string>(found.begin(), found.end());
  }
  const bool kubectl = !words.empty() && (words[0] == "kubectl" || words[0] == "k");
  const bool redirect = start > 0 && (before[start - 1] == '<' || before[start - 1] == '>');
  if (kubectl && !redirect && !contains(word, "/") && !contains(word, ".")) {
    SpawnOptions options;
    options.argv = {"kubectl", "__complete"};
    options.argv.insert(options.argv.end(), words.begin() + 1, words.end());
    options.argv.push_back(word);
    std::string output;
    options.files[0] = make_null_file();
    options.files[1] = make_sink([&output](std::string_view bytes) { output += bytes; });
    options.files[2] = make_null_file();
    (void)co_await process.run(std::move(options));
    for (const std::string& line : split(output, '\n')) {
      const std::string name = line.substr(0, line.find('\t'));
      if (!name.empty() && name[0] != ':' && name.starts_with(word)) found.insert(name);
    }
    if (!found.empty()) co_return std::vector<std::string>(found.begin(), found.end());
  }
  if (word.starts_with("$")) {
    for (const auto& [name, value] : process.environment()) {
      if (("$" + name).starts_with(word)) found.insert("$" + name);
    }
    co_return std::vector<std::string>(found.begin(), found.end());
  }
  const std::size_t slash = word.rfind('/');
  const std::string directory = slash == std::string::npos ? "" : word.substr(0, slash + 1);
  const std::string prefix = slash == std::string::npos ? word : word.substr(slash + 1);
  std::string place = directory.empty() ? "." : directory;
  if (place.starts_with("~")) place = interpreter.get("HOME") + place.substr(1);
  const auto names = process.list_directory(place);
  if (names) {
    for (const std::string& name : *names) {
      if (!name.starts_with(prefix) || (prefix.empty() && name.starts_with("."))) continue;
      const auto info = process.stat(place + "/" + name);
      found.insert(directory + name + (info && info->type == FileType::kDirectory ? "/" : ""));
    }
  }
  co_return std::vector<std::string>(found.begin(), found.end());
}

// !!, !n, !text and ^old^new; false when there is no such event.
bool expand_history(std::string& line, const std::deque<std::string>& history, std::string& problem) {
  if (line.starts_with("^") && !history.empty()) {
    const std::vector<std::string> parts = split(line, '^');
    if (parts.size() >= 3) {
      std::string text = history.back();
      const std::size_t at = text.find(parts[1]);
      if (at == std::string::npos) {
        problem = line + ": substitution failed";
        return false;
      }
      line = text.replace(at, parts[1].size(), parts[2]);
      return true;
    }
  }
  std::string out;
  bool single = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\'') single = !single;
    const bool event = line[i] == '!' && !single && i + 1 < line.size() &&
                       std::string_view(" =(\t\"").find(line[i + 1]) == std::string_view::npos &&
                       (i == 0 || (line[i - 1] != '$' && line[i - 1] != '[' && line[i - 1] != '\\'));
    if (!event) {
      out += line[i];
      continue;
    }
    std::size_t end = i + 1;
    if (line[end] == '!')
      ++end;
    else
      while (end < line.size() && line[end] != ' ' && line[end] != ';' && line[end] != '|') ++end;
    const std::string spec = line.substr(i + 1, end - i - 1);
    const std::string* found = nullptr;
    if (spec == "!" && !history.empty()) {
      found = &history.back();
    } else if (const auto number = parse_int(spec)) {
      const std::int64_t index = *number < 0 ? static_cast<std::int64_t>(history.size()) + *number : *number - 1;
      if (index >= 0 && static_cast<std::size_t>(index) < history.size())
        found = &history[static_cast<std::size_t>(index)];
    } else {
      for (auto entry = history.rbegin(); entry != history.rend() && found == nullptr; ++entry) {
        if (entry->starts_with(spec)) found = &*entry;
      }
    }
    if (found == nullptr) {
      problem = "!" + spec + ": event not found";
      return false;
    }
    out += *found;
    i = end - 1;
  }
  line = out;
  return true;
}

Task<int> interactive(Process& process, Interpreter& interpreter, std::shared_ptr<Tty> tty) {
  interpreter.interactive = true;
  for (int signal : {kSigInt, kSigWinch, kSigHup}) process.on_signal(signal, Process::Disposition::kCatch);
  for (int signal : {kSigTstp, kSigQuit, kSigTerm}) process.on_signal(signal, Process::Disposition::kIgnore);
  tty->set_foreground_group(process.group());
  if (!interpreter.is_set("PS1"))
    interpreter.set("PS1", contains(interpreter.name(), "bash") ? "\\s-5.1\\$ " : "\\w \\$ ");
  if (!interpreter.is_set("PS2")) interpreter.set("PS2", "> ");
  LineEditor editor(process, tty, [&process, &interpreter](std::string before) {
    return completions(process, interpreter, std::move(before));
  });
  std::string text;
  while (!interpreter.exiting()) {
    if (text.empty()) co_await interpreter.reap_jobs(true);
    const std::string prompt = co_await interpreter.prompt(interpreter.get(text.empty() ? "PS1" : "PS2"));
    LineEditor::Line line = co_await editor.read(prompt, interpreter.history);
    while (process.take_signal()) {
    }
    if (tty->hung_up()) break;
    if (line.kind == LineEditor::Line::Kind::kInterrupted) {
      text.clear();
      continue;
    }
    if (line.kind == LineEditor::Line::Kind::kEndOfFile) {
      if (!text.empty()) {
        text.clear();
        continue;
      }
      co_await process.out(interpreter.login ? "logout\n" : "exit\n");
      break;
    }
    std::string problem;
    const std::string typed = line.text;
    if (!expand_history(line.text, interpreter.history, problem)) {
      co_await process.err(interpreter.name() + ": " + problem + "\n");
      continue;
    }
    if (line.text != typed) co_await process.out(line.text + "\n");
    text += line.text + "\n";
    Result<Parsed> parsed = parse(text);
    if (parsed && parsed->incomplete) continue;
    std::string entry(trim(text));
    if (!entry.empty() && (interpreter.history.empty() || interpreter.history.back() != entry)) {
      interpreter.history.push_back(entry);
      if (interpreter.history.size() > kHistoryLimit) interpreter.history.pop_front();
    }
    const std::string command = std::exchange(text, {});
    if (trim(command).empty()) continue;
    (void)co_await interpreter.run_text(command, interpreter.name());
  }
  const std::string file = interpreter.get("HOME") + "/.bash_history";
  std::string saved;
  for (const std::string& entry : interpreter.history) saved += entry + "\n";
  if (!saved.empty() && contains(interpreter.name(), "bash")) (void)process.write_file(file, saved, 0600);
  co_await interpreter.run_exit_trap();
  co_return interpreter.exiting() ? interpreter.exit_code() : interpreter.last_status();
}

Task<void> source_if_there(Process& process, Interpreter& interpreter, std::string path) {
  auto text = process.read_file(path);
  if (text) (void)co_await interpreter.run_text(*text, path);
}

Task<int> shell_main(Process& process) {
  const std::vector<std::string> words(process.argv());
  std::string name(process.name());
  const bool bash = contains(name, "bash");
  bool login = words[0].starts_with("-");
  std::optional<std::string> command;
  bool from_stdin = false;
  bool force_interactive = false;
  std::vector<std::string> set_options;
  std::size_t i = 1;
  for (; i < words.size() && words[i].size() > 1 && (words[i][0] == '-' || words[i][0] == '+'); ++i) {
    if (words[i] == "--") {
      ++i;
      break;
    }
    if (words[i] == "--login")
      login = true;
    else if (words[i] == "--version") {
      co_await process.out("GNU bash, version 5.1.8(1)-release (x86_64-redhat-linux-gnu)\n");
      co_return 0;
    } else if (words[i].starts_with("--")) {
      if (words[i] != "--norc" && words[i] != "--noprofile" && words[i] != "--posix") {
        co_await process.err(name + ": " + words[i] + ": invalid option\n");
        co_return 2;
      }
    } else {
      for (char c : words[i].substr(1)) {
        if (c == 'c') {
          if (i + 1 >= words.size()) {
            co_await process.err(name + ": -c: option requires an argument\n");
            co_return 2;
          }
          command = "";
        } else if (c == 'l')
          login = true;
        else if (c == 's')
          from_stdin = true;
        else if (c == 'i')
          force_interactive = true;
        else if (c == 'o')
          set_options.push_back("-o " + (i + 1 < words.size() ? words[++i] : ""));
        else
          set_options.push_back(std::string(1, words[i][0]) + c);
      }
    }
  }
  const std::shared_ptr<Tty> tty = process.tty_of(0);
  if (command) {
    command = words[i++];
    Interpreter interpreter(process, i < words.size() ? words[i] : name);
    if (i < words.size())
      interpreter.positional.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
    for (const std::string& option : set_options) (void)co_await interpreter.run_text("set " + option, name);
    if (login) co_await source_if_there(process, interpreter, "/etc/profile");
    int code = co_await interpreter.run_text(*command, name + (bash ? ": -c" : ""));
    co_await interpreter.run_exit_trap();
    co_return interpreter.exiting() ? interpreter.exit_code() : code;
  }
  if (i < words.size() && !from_stdin) {
    const std::string path = words[i];
    auto text = process.read_file(path);
    if (!text) {
      co_await process.err(name + ": " + path + ": " + std::string(errno_text(text.error())) + "\n");
      co_return 127;
    }
    Interpreter interpreter(process, path);
    interpreter.positional.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
    for (const std::string& option : set_options) (void)co_await interpreter.run_text("set " + option, name);
    int code = co_await interpreter.run_text(*text, path);
    co_await interpreter.run_exit_trap();
    co_return interpreter.exiting() ? interpreter.exit_code() : code;
  }
  Interpreter interpreter(process, login ? "-" + name : name);
  interpreter.login = login;
  for (const std::string& option : set_options) (void)co_await interpreter.run_text("set " + option, name);
  if (tty || force_interactive) {
    if (login)
      co_await source_if_there(process, interpreter, "/etc/profile");
    else if (bash)
      co_await source_if_there(process, interpreter, interpreter.get("HOME") + "/.bashrc");
    if (tty) co_return co_await interactive(process, interpreter, tty);
  }
  const std::string script = co_await process.read_all(0);
  int code = co_await interpreter.run_text(script, name);
  co_await interpreter.run_exit_trap();
  co_return interpreter.exiting() ? interpreter.exit_code() : code;
}

}  // namespace

void register_shell_programs(ProgramRegistry& programs) {
  for (const char* name : {"bash", "sh", "ash", "dash"}) programs.add(name, shell_main);
}

}  // namespace drydock
