// history, fc.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/shell/builtins/builtins.h"

namespace drydock::shell {

Task<int> Builtins::history() {
  const auto given = co_await options(
      "acd:nrwps", "history [-c] [-d offset] [n] or history -anrw [filename] or history -ps arg [arg...]");
  if (!given) co_return 2;
  const std::string file = next_ < argv_.size()        ? argv_[next_]
                           : shell_.is_set("HISTFILE") ? shell_.get("HISTFILE")
                                                       : shell_.get("HOME") + "/.bash_history";
  if (has(*given, 'c')) {
    shell_.history.clear();
    co_return 0;
  }
  if (has(*given, 'd')) {
    const auto place = parse_int(value(*given, 'd'));
    const auto size = static_cast<std::int64_t>(shell_.history.size());
    const std::int64_t index = !place ? -1 : *place < 0 ? size + *place : *place - 1;
    if (index < 0 || index >= size) co_return co_await complain(value(*given, 'd') + ": history position out of range");
    shell_.history.erase(shell_.history.begin() + static_cast<std::ptrdiff_t>(index));
    co_return 0;
  }
  if (has(*given, 'w') || has(*given, 'a')) {
    std::string text;
    for (const std::string& line : shell_.history) text += line + "\n";
    (void)process_.write_file(file, text, 0600);
    co_return 0;
  }
  if (has(*given, 'r') || has(*given, 'n')) {
    const auto text = process_.read_file(file);
    if (!text) co_return co_await complain(file + ": " + std::string(errno_text(text.error())));
    for (const std::string& line : split(*text, '\n')) {
      if (!line.empty()) shell_.history.push_back(line);
    }
    co_return 0;
  }
  if (has(*given, 's')) {
    shell_.history.push_back(join(std::span(argv_).subspan(next_), " "));
    co_return 0;
  }
  std::size_t first = 0;
  if (next_ < argv_.size()) {
    const auto count = parse_int(argv_[next_]);
    if (!count) co_return co_await complain(argv_[next_] + ": numeric argument required");
    const auto size = static_cast<std::int64_t>(shell_.history.size());
    first = static_cast<std::size_t>(std::max<std::int64_t>(0, size - std::max<std::int64_t>(0, *count)));
  }
  std::string text;
  for (std::size_t i = first; i < shell_.history.size(); ++i)
    text += format("%5zu  ", i + 1) + shell_.history[i] + "\n";
  co_return co_await print(text);
}

Task<int> Builtins::fc() {
  bool list = false;
  bool numbers = true;
  bool reverse = false;
  bool again = false;
  std::string editor;
  std::vector<std::string> operands;
  for (std::size_t i = 1; i < argv_.size(); ++i) {
    const std::string word = argv_[i];
    if (word == "-e") {
      editor = argument(++i);
    } else if (word.size() > 1 && word[0] == '-' && !parse_int(word)) {
      for (char c : word.substr(1)) {
        list = list || c == 'l';
        numbers = numbers && c != 'n';
        reverse = reverse || c == 'r';
        again = again || c == 's';
      }
    } else {
      operands.push_back(word);
    }
  }
  // The fc line itself is the newest entry.
  std::vector<std::string> entries(shell_.history.begin(), shell_.history.end());
  if (!entries.empty() && entries.back().starts_with("fc")) entries.pop_back();
  const auto size = static_cast<std::int64_t>(entries.size());
  auto place = [&](const std::string& word) -> std::int64_t {
    if (const auto number = parse_int(word)) return *number <= 0 ? size + *number : *number - 1;
    for (std::int64_t i = size; i-- > 0;) {
      if (entries[static_cast<std::size_t>(i)].starts_with(word)) return i;
    }
    return -1;
  };
  if (again) {
    std::string from;
    std::string to;
    if (!operands.empty() && contains(operands[0], "=")) {
      from = operands[0].substr(0, operands[0].find('='));
      to = operands[0].substr(operands[0].find('=') + 1);
      operands.erase(operands.begin());
    }
    const std::int64_t at = operands.empty() ? size - 1 : place(operands[0]);
    if (at < 0 || at >= size) co_return co_await complain("no command found");
    std::string text = entries[static_cast<std::size_t>(at)];
    if (!from.empty()) text = replace_all(text, from, to);
    co_await process_.err(text + "\n");
    if (!shell_.history.empty()) shell_.history.back() = text;
    co_return co_await shell_.run_text(text, shell_.name_);
  }
  if (list && size == 0) co_return 0;
  std::int64_t first = operands.empty() ? (list ? std::max<std::int64_t>(0, size - 16) : size - 1) : place(operands[0]);
  std::int64_t last = operands.size() > 1 ? place(operands[1]) : list && operands.size() < 2 ? size - 1 : first;
  if (first < 0 || last < 0 || first >= size || last >= size)
    co_return co_await complain("history specification out of range");
  if (first > last) {
    std::swap(first, last);
    reverse = !reverse;
  }
  if (list) {
    std::string text;
    for (std::int64_t i = 0; i <= last - first; ++i) {
      const std::int64_t at = reverse ? last - i : first + i;
      text += (numbers ? std::to_string(at + 1) : "") + "\t " + entries[static_cast<std::size_t>(at)] + "\n";
    }
    co_return co_await print(text);
  }
  std::string script;
  for (std::int64_t i = first; i <= last; ++i) script += entries[static_cast<std::size_t>(i)] + "\n";
  const std::string path = "/tmp/bash-fc." + std::to_string(process_.pid());
  (void)process_.write_file(path, script, 0600);
  if (editor.empty())
    editor = shell_.is_set("FCEDIT") ? shell_.get("FCEDIT") : shell_.is_set("EDITOR") ? shell_.get("EDITOR") : "vi";
  const int code = co_await shell_.run_text(editor + " " + path, shell_.name_);
  const auto edited = process_.read_file(path);
  (void)process_.unlink(path);
  if (code != 0 || !edited) co_return code;
  co_await process_.err(*edited);
  if (!shell_.history.empty()) shell_.history.back() = std::string(trim(*edited));
  co_return co_await shell_.run_text(*edited, shell_.name_);
}

}  // namespace drydock::shell
