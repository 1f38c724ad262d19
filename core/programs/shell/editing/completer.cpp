#include "core/programs/shell/editing/completer.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/shell/builtins/builtins.h"
#include "core/programs/shell/expansion/quoting.h"
#include "core/programs/shell/interpreter.h"

namespace drydock::shell {
namespace {

constexpr std::string_view kBreaks = " \t\n\"'><=;|&(:";  // COMP_WORDBREAKS

struct Words {
  std::vector<std::string> list;  // of the command the cursor is in; the last is the word at the cursor
  std::size_t start = 0;          // of the word at the cursor, in the line
  std::size_t command = 0;        // where the command begins
  bool redirects = false;         // the word is a redirection's target
};

// Cuts the line as readline does: the last simple command's words.
Words cut(const std::string& line) {
  Words words;
  std::string word;
  bool in_word = false;
  char quote = '\0';
  words.start = line.size();
  auto end_word = [&] {
    if (in_word) words.list.push_back(word);
    word.clear();
    in_word = false;
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != '\0') {
      if (c == quote)
        quote = '\0';
      else
        word += c;
      continue;
    }
    if (c == '\\' && i + 1 < line.size()) {
      if (!in_word) words.start = i;
      in_word = true;
      word += line[++i];
    } else if (c == '\'' || c == '"') {
      if (!in_word) words.start = i;
      in_word = true;
      quote = c;
    } else if (c == ' ' || c == '\t') {
      end_word();
    } else if (c == ';' || c == '|' || c == '&' || c == '(' || c == '\n' || c == '`') {
      end_word();
      words.list.clear();
      words.command = i + 1;
      words.redirects = false;
    } else if (c == '<' || c == '>') {
      end_word();
      words.redirects = true;
      continue;
    } else {
      if (!in_word) words.start = i;
      in_word = true;
      word += c;
      continue;
    }
    if (!in_word && quote == '\0' && c != '\\')
      words.redirects = words.redirects && (c == ' ' || c == '\t') && words.list.empty();
  }
  if (!in_word) words.start = line.size();
  words.list.push_back(word);
  return words;
}

// Runs a rule's function as bash does: COMP_WORDS and its like in, COMPREPLY out.
Task<std::vector<std::string>> run_rule(Interpreter& shell, CompletionRule rule, std::vector<std::string> list,
                                        std::string line, std::size_t command) {
  std::vector<std::string> found;
  const std::string word = list.back();
  for (const std::string& action : rule.actions) {
    const std::vector<std::string> more = completion_matches(shell, action, word);
    found.insert(found.end(), more.begin(), more.end());
  }
  if (!rule.words.empty()) {
    const std::string expanded = co_await shell.expand_one("\"" + rule.words + "\"");
    for (const std::string& each : split_whitespace(expanded)) {
      if (each.starts_with(word)) found.push_back(each);
    }
  }
  if (!rule.function.empty() && shell.has_function(rule.function)) {
    const int status = shell.last_status();
    (void)shell.set_array("COMP_WORDS", list);
    (void)shell.set("COMP_CWORD", std::to_string(list.size() - 1));
    (void)shell.set("COMP_LINE", line.substr(command));
    (void)shell.set("COMP_POINT", std::to_string(line.size() - command));
    (void)shell.set("COMP_TYPE", "9");
    (void)shell.set("COMP_KEY", "9");
    shell.unset("COMPREPLY");
    std::vector<std::string> arguments{list[0], word, list.size() > 1 ? list[list.size() - 2] : ""};
    (void)co_await shell.call_function(rule.function, std::move(arguments));
    for (const std::string& each : shell.values("COMPREPLY")) found.push_back(each);
    for (const char* name :
         {"COMP_WORDS", "COMP_CWORD", "COMP_LINE", "COMP_POINT", "COMP_TYPE", "COMP_KEY", "COMPREPLY"})
      shell.unset(name);
    shell.restore_status(status);
  }
  co_return found;
}

}  // namespace

Task<Completions> complete_line(Interpreter& shell, std::string line) {
  Completions result;
  Words words = cut(line);
  const std::string word = words.list.back();
  result.start = words.start;
  // Assignments in front of a command are no command.
  while (words.list.size() > 1 && is_assignment(words.list[0])) words.list.erase(words.list.begin());
  if (const std::size_t dollar = line.rfind('$'); dollar != std::string::npos && dollar >= words.start) {
    const bool braces = dollar + 1 < line.size() && line[dollar + 1] == '{';
    const std::string name = line.substr(dollar + (braces ? 2 : 1));
    if (std::all_of(name.begin(), name.end(), name_part)) {
      result.start = dollar;
      for (const std::string& each : completion_matches(shell, "variable", name))
        result.words.push_back(std::string(braces ? "${" : "$") + each + (braces ? "}" : ""));
      co_return result;
    }
  }
  const bool first = words.list.size() == 1 && !words.redirects;
  const std::string command = words.list[0];
  if (first && !contains(word, "/")) {
    if (word.empty()) co_return result;
    result.words = completion_matches(shell, "command", word);
    co_return result;
  }
  if (!first && !words.redirects) {
    // An alias completes as what it stands for, unless it has a rule of its own.
    std::string name(base_name(command));
    if (!shell.completions.contains(name)) {
      const auto alias = shell.aliases.find(name);
      if (alias != shell.aliases.end()) {
        std::vector<std::string> meant = split_whitespace(alias->second);
        if (!meant.empty() && shell.completions.contains(meant[0])) {
          name = meant[0];
          words.list.erase(words.list.begin());
          words.list.insert(words.list.begin(), meant.begin(), meant.end());
        }
      }
    }
    const auto rule = shell.completions.find(name);
    if (rule != shell.completions.end()) {
      const CompletionRule chosen = rule->second;
      shell.completion_options = chosen.options;
      std::vector<std::string> found = co_await run_rule(shell, chosen, words.list, line, words.command);
      // A rule answers for what follows the last break character ("=", ":").
      const std::size_t breaks = word.find_last_of(kBreaks);
      const std::string tail = breaks == std::string::npos ? word : word.substr(breaks + 1);
      const bool of_tail =
          breaks != std::string::npos &&
          std::none_of(found.begin(), found.end(), [&](const std::string& each) { return each.starts_with(word); });
      for (const std::string& each : found) {
        if (each.starts_with(of_tail ? tail : word)) result.words.push_back(each);
      }
      if (of_tail) result.start = line.size() - tail.size();
      std::sort(result.words.begin(), result.words.end());
      result.words.erase(std::unique(result.words.begin(), result.words.end()), result.words.end());
      result.space = !shell.completion_options.contains("nospace");
      result.files = shell.completion_options.contains("filenames");
      const bool falls_back =
          shell.completion_options.contains("default") || shell.completion_options.contains("bashdefault");
      if (!result.words.empty() || !falls_back) co_return result;
      result = Completions();
      result.start = words.start;
    }
  }
  const bool folders = command == "cd" || command == "rmdir" || command == "pushd";
  std::string path = word;
  // --file=path: what follows the sign.
  if (const std::size_t equals = word.rfind('=');
      equals != std::string::npos && line.size() >= word.size() - equals - 1) {
    path = word.substr(equals + 1);
    result.start = line.size() - path.size();
  }
  result.files = true;
  result.words = completion_matches(shell, folders && !words.redirects ? "directory" : "file", path);
  for (std::string& each : result.words) {
    std::string place = each;
    if (place.starts_with("~/")) place = shell.get("HOME") + place.substr(1);
    const auto info = shell.process().stat(place);
    each = each.starts_with("~/") ? "~/" + backslashed(each.substr(2)) : backslashed(each);
    if (info && info->type == FileType::kDirectory) each += "/";
  }
  co_return result;
}

}  // namespace drydock::shell
