// complete, compgen, compopt.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/shell/builtins/builtins.h"
#include "core/programs/shell/expansion/pattern.h"
#include "core/programs/shell/expansion/quoting.h"

namespace drydock::shell {
namespace {

constexpr std::pair<char, std::string_view> kActionLetters[] = {
    {'a', "alias"}, {'b', "builtin"}, {'c', "command"}, {'d', "directory"}, {'e', "export"}, {'f', "file"},
    {'g', "group"}, {'j', "job"},     {'k', "keyword"}, {'s', "service"},   {'u', "user"},   {'v', "variable"}};

}  // namespace

std::vector<std::string> completion_matches(Interpreter& shell, const std::string& action, const std::string& word) {
  Process& process = shell.process();
  std::set<std::string> found;
  auto offer = [&](std::string_view name) {
    if (name.starts_with(word)) found.emplace(name);
  };
  if (action == "alias" || action == "command") {
    for (const auto& [name, text] : shell.aliases) offer(name);
  }
  if (action == "builtin" || action == "command") {
    for (const std::string& name : builtin_names()) offer(name);
  }
  if (action == "function" || action == "command") {
    for (const std::string& name : shell.function_names()) offer(name);
  }
  if (action == "keyword" || action == "command") {
    for (const char* name :
         {"if",   "then", "elif",     "else", "fi",   "while", "until", "for", "select", "do", "done",
          "case", "esac", "function", "in",   "time", "{",     "}",     "!",   "[[",     "]]", "coproc"})
      offer(name);
  }
  if (action == "command") {
    for (const std::string& directory : split(shell.get("PATH"), ':')) {
      const auto names = process.list_directory(directory);
      if (!names) continue;
      for (const std::string& name : *names) offer(name);
    }
  }
  if (action == "variable" || action == "export") {
    for (const auto& [name, variable] : shell.variables().all()) {
      if (variable.has_value && (action == "variable" || variable.exported)) offer(name);
    }
  }
  if (action == "user" || action == "group") {
    const auto text = process.read_file(action == "user" ? "/etc/passwd" : "/etc/group");
    for (const std::string& line : split(text ? *text : "", '\n')) offer(line.substr(0, line.find(':')));
    found.erase("");
  }
  if (action == "hostname") {
    const auto text = process.read_file("/etc/hosts");
    for (const std::string& line : split(text ? *text : "", '\n')) {
      const std::vector<std::string> words = split_whitespace(line);
      for (std::size_t i = 1; i < words.size(); ++i) offer(words[i]);
    }
  }
  if (action == "signal") {
    for (int signal = 1; signal < 32; ++signal) {
      if (!signal_name(signal).empty()) offer("SIG" + std::string(signal_name(signal)));
    }
  }
  if (action == "job") {
    for (const Job& job : shell.jobs()) offer(job.text.substr(0, job.text.find(' ')));
  }
  if (action == "file" || action == "directory") {
    const std::size_t slash = word.rfind('/');
    const std::string directory = slash == std::string::npos ? "" : word.substr(0, slash + 1);
    const std::string prefix = slash == std::string::npos ? word : word.substr(slash + 1);
    std::string place = directory.empty() ? "." : directory;
    if (place.starts_with("~/")) place = shell.get("HOME") + place.substr(1);
    const auto names = process.list_directory(place);
    for (const std::string& name : names ? *names : std::vector<std::string>()) {
      if (!name.starts_with(prefix) || (prefix.empty() && name.starts_with("."))) continue;
      const auto info = process.stat(place + "/" + name);
      const bool folder = info && info->type == FileType::kDirectory;
      if (folder || action == "file") found.insert(directory + name);
    }
  }
  return {found.begin(), found.end()};
}

namespace {

// A rule as `complete -p` shows it.
std::string rule_text(const std::string& name, const CompletionRule& rule) {
  std::string text = "complete";
  for (const std::string& option : rule.options) text += " -o " + option;
  for (const std::string& action : rule.actions) text += " -A " + action;
  if (!rule.glob.empty()) text += " -G " + single_quoted(rule.glob);
  if (!rule.words.empty()) text += " -W " + single_quoted(rule.words);
  if (!rule.prefix.empty()) text += " -P " + single_quoted(rule.prefix);
  if (!rule.suffix.empty()) text += " -S " + single_quoted(rule.suffix);
  if (!rule.function.empty()) text += " -F " + rule.function;
  if (!rule.command.empty()) text += " -C " + single_quoted(rule.command);
  return text + " " + name + "\n";
}

}  // namespace

Task<int> Builtins::complete() {
  const auto given =
      co_await options("abcdefgjksuvprDEIo:A:G:W:F:C:X:P:S:",
                       "complete [-abcdefgjksuv] [-pr] [-DEI] [-o option] [-A action] [-G globpat] [-W wordlist] [-F "
                       "function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [name ...]");
  if (!given) co_return 2;
  CompletionRule rule;
  for (const auto& [letter, text] : *given) {
    if (letter == 'o') rule.options.insert(text);
    if (letter == 'A') rule.actions.insert(text);
    for (const auto& [action, name] : kActionLetters) {
      if (letter == action) rule.actions.emplace(name);
    }
  }
  rule.glob = value(*given, 'G');
  rule.words = value(*given, 'W');
  rule.function = value(*given, 'F');
  rule.command = value(*given, 'C');
  rule.prefix = value(*given, 'P');
  rule.suffix = value(*given, 'S');
  std::vector<std::string> names(argv_.begin() + static_cast<std::ptrdiff_t>(next_), argv_.end());
  if (has(*given, 'D')) names = {"-D"};
  if (has(*given, 'E')) names = {"-E"};
  if (has(*given, 'r')) {
    if (names.empty()) shell_.completions.clear();
    int code = 0;
    for (const std::string& name : names) {
      if (shell_.completions.erase(name) == 0) code = co_await complain(name + ": no completion specification");
    }
    co_return code;
  }
  if (has(*given, 'p') || given->empty()) {
    std::string text;
    int code = 0;
    for (const std::string& name : names) {
      const auto at = shell_.completions.find(name);
      if (at == shell_.completions.end())
        code = co_await complain(name + ": no completion specification");
      else
        text += rule_text(name, at->second);
    }
    if (names.empty()) {
      for (const auto& [name, each] : shell_.completions) text += rule_text(name, each);
    }
    co_await process_.out(text);
    co_return code;
  }
  if (names.empty()) {
    co_await process_.err(
        "complete: usage: complete [-abcdefgjksuv] [-pr] [-DEI] [-o option] [-A action] [name ...]\n");
    co_return 2;
  }
  for (const std::string& name : names) shell_.completions[name] = rule;
  co_return 0;
}

Task<int> Builtins::compgen() {
  const auto given = co_await options("abcdefgjksuvo:A:G:W:F:C:X:P:S:",
                                      "compgen [-abcdefgjksuv] [-o option] [-A action] [-G globpat] [-W wordlist] [-F "
                                      "function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [word]");
  if (!given) co_return 2;
  const std::string word = argument(next_);
  std::vector<std::string> found;
  auto add = [&](const std::vector<std::string>& more) { found.insert(found.end(), more.begin(), more.end()); };
  for (const auto& [letter, text] : *given) {
    if (letter == 'A') add(completion_matches(shell_, text, word));
    for (const auto& [action, name] : kActionLetters) {
      if (letter == action) add(completion_matches(shell_, std::string(name), word));
    }
  }
  if (has(*given, 'W')) {
    const std::string list = co_await shell_.expand_one(value(*given, 'W'));
    const Variable* ifs = shell_.variables_.find("IFS");
    const std::string separators = ifs == nullptr ? " \t\n" : ifs->plain().value_or(" \t\n");
    std::string piece;
    for (char c : list + separators.substr(0, 1)) {
      if (separators.find(c) == std::string::npos)
        piece += c;
      else if (!piece.empty()) {
        if (piece.starts_with(word)) found.push_back(piece);
        piece.clear();
      }
    }
  }
  if (has(*given, 'G')) add(shell_.glob(value(*given, 'G')));
  if (has(*given, 'F')) {
    std::vector<std::string> arguments{"", word, ""};
    (void)co_await shell_.call_function(value(*given, 'F'), std::move(arguments));
    add(shell_.values("COMPREPLY"));
  }
  if (has(*given, 'X')) {
    std::string pattern = value(*given, 'X');
    const bool keep = pattern.starts_with("!");
    if (keep) pattern.erase(0, 1);
    std::erase_if(found, [&](const std::string& each) { return match_pattern(pattern, each) != keep; });
  }
  std::string text;
  for (const std::string& each : found) text += value(*given, 'P') + each + value(*given, 'S') + "\n";
  co_await process_.out(text);
  co_return found.empty() ? 1 : 0;
}

Task<int> Builtins::compopt() {
  for (std::size_t i = 1; i + 1 < argv_.size(); ++i) {
    if (argv_[i] == "-o")
      shell_.completion_options.insert(argv_[++i]);
    else if (argv_[i] == "+o")
      shell_.completion_options.erase(argv_[++i]);
  }
  co_return 0;
}

}  // namespace drydock::shell
