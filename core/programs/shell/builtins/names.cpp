// command, builtin, type, alias, unalias, hash, enable.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/shell/builtins/builtins.h"
#include "core/programs/shell/expansion/quoting.h"

namespace drydock::shell {

Task<int> Builtins::command() {
  const bool builtin_only = argv_[0] == "builtin";
  bool brief = false;
  bool verbose = false;
  while (!builtin_only && next_ < argv_.size() && argv_[next_].size() > 1 && argv_[next_][0] == '-') {
    const std::string word = argv_[next_++];
    if (word == "--") break;
    for (char c : word.substr(1)) {
      brief = brief || c == 'v';
      verbose = verbose || c == 'V';
    }
  }
  if (brief || verbose) {
    std::vector<std::string> words{verbose ? "type" : "command"};
    words.insert(words.end(), argv_.begin() + static_cast<std::ptrdiff_t>(next_), argv_.end());
    argv_ = std::move(words);
    next_ = 1;
    co_return co_await type();
  }
  std::vector<std::string> words(argv_.begin() + static_cast<std::ptrdiff_t>(std::min(next_, argv_.size())),
                                 argv_.end());
  if (words.empty()) co_return 0;
  if (is_builtin(words[0], shell_.flavour())) co_return co_await run_builtin(shell_, std::move(words), {});
  if (builtin_only) {
    co_await shell_.complain("builtin: " + words[0] + ": not a shell builtin");
    co_return 1;
  }
  const std::string text = join(words, " ");
  co_return co_await shell_.run_program(std::move(words), {}, text);
}

Task<int> Builtins::type() {
  const bool brief = argv_[0] == "command";
  std::set<char> flags;
  if (!brief) {
    const auto given = co_await options("afptP", "type [-afptP] name [name ...]");
    if (!given) co_return 2;
    for (const auto& [letter, text] : *given) flags.insert(letter);
  }
  int code = 0;
  for (std::size_t i = next_; i < argv_.size(); ++i) {
    const std::string name = argv_[i];
    struct Meaning {
      std::string kind;
      std::string full;
      std::string brief;
    };
    std::vector<Meaning> found;
    if (const auto alias = shell_.aliases.find(name); alias != shell_.aliases.end())
      found.push_back(
          {"alias",
           name + " is " + (shell_.is_bash() ? "aliased to `" + alias->second + "'" : "an alias for " + alias->second),
           "alias " + name + "=" + single_quoted(alias->second)});
    if (is_reserved(name)) found.push_back({"keyword", name + " is a shell keyword", name});
    if (const auto function = shell_.functions_.find(name); function != shell_.functions_.end() && !flags.contains('f'))
      found.push_back({"function", name + " is a function\n" + name + " () \n" + unparse(*function->second), name});
    if (is_builtin(name, shell_.flavour())) found.push_back({"builtin", name + " is a shell builtin", name});
    if (contains(name, "/")) {
      if (const auto path = process_.find_executable(name)) found.push_back({"file", name + " is " + name, name});
    } else {
      const auto hashed = shell_.hashed_.find(name);
      if (hashed != shell_.hashed_.end() && !flags.contains('a') && process_.exists(hashed->second.first))
        found.push_back({"file", name + " is hashed (" + hashed->second.first + ")", hashed->second.first});
      else
        for (const std::string& directory : split(shell_.get("PATH"), ':')) {
          const std::string path = directory + "/" + name;
          const auto info = process_.stat(path);
          if (!info || info->type != FileType::kRegular || (info->mode & 0111) == 0) continue;
          found.push_back({"file", name + " is " + path, path});
          if (!flags.contains('a')) break;
        }
    }
    if (flags.contains('P') || flags.contains('p')) {
      std::erase_if(found, [&](const Meaning& each) { return each.kind != "file" && flags.contains('P'); });
      if (flags.contains('p') && !found.empty() && found[0].kind != "file") continue;
    }
    if (found.empty()) {
      if (!brief && !flags.contains('t') && !flags.contains('p') && !flags.contains('P'))
        co_await shell_.complain((shell_.is_bash() ? "type: " : "") + name + ": not found");
      code = shell_.is_bash() ? 1 : 127;
      continue;
    }
    for (const Meaning& each : found) {
      const bool path_only = flags.contains('p') || flags.contains('P');
      co_await process_.out((flags.contains('t') ? each.kind : brief || path_only ? each.brief : each.full) + "\n");
      if (!flags.contains('a')) break;
    }
  }
  co_return code;
}

Task<int> Builtins::alias() {
  const std::size_t first = argument(1) == "-p" ? 2 : 1;
  const std::string prefix = shell_.is_bash() ? "alias " : "";
  if (first >= argv_.size()) {
    std::string text;
    for (const auto& [name, value] : shell_.aliases) text += prefix + name + "=" + single_quoted(value) + "\n";
    co_return co_await print(text);
  }
  int code = 0;
  for (std::size_t i = first; i < argv_.size(); ++i) {
    const std::size_t equals = argv_[i].find('=');
    if (equals != std::string::npos && equals > 0) {
      shell_.aliases[argv_[i].substr(0, equals)] = argv_[i].substr(equals + 1);
    } else if (shell_.aliases.contains(argv_[i])) {
      co_await process_.out(prefix + argv_[i] + "=" + single_quoted(shell_.aliases[argv_[i]]) + "\n");
    } else {
      code = co_await complain(argv_[i] + ": not found");
    }
  }
  co_return code;
}

Task<int> Builtins::unalias() {
  if (argv_.size() < 2) {
    co_await process_.err("unalias: usage: unalias [-a] name [name ...]\n");
    co_return 2;
  }
  int code = 0;
  for (std::size_t i = 1; i < argv_.size(); ++i) {
    if (argv_[i] == "-a")
      shell_.aliases.clear();
    else if (shell_.aliases.erase(argv_[i]) == 0)
      code = co_await complain(argv_[i] + ": not found");
  }
  co_return code;
}

Task<int> Builtins::hash() {
  const auto given = co_await options("dlp:rt", "hash [-lr] [-p pathname] [-dt] [name ...]");
  if (!given) co_return 2;
  if (has(*given, 'r')) shell_.hashed_.clear();
  if (has(*given, 'r') && next_ >= argv_.size()) co_return 0;
  if (next_ >= argv_.size()) {
    if (shell_.hashed_.empty()) co_return co_await print("hash: hash table empty\n");
    std::string text = "hits\tcommand\n";
    for (const auto& [name, entry] : shell_.hashed_) text += format("%4d\t", entry.second) + entry.first + "\n";
    co_return co_await print(text);
  }
  int code = 0;
  for (std::size_t i = next_; i < argv_.size(); ++i) {
    const std::string name = argv_[i];
    if (has(*given, 'd')) {
      if (shell_.hashed_.erase(name) == 0) code = co_await complain(name + ": not found");
    } else if (has(*given, 'p')) {
      shell_.hashed_[name] = {value(*given, 'p'), 0};
    } else if (has(*given, 't')) {
      const auto at = shell_.hashed_.find(name);
      if (at == shell_.hashed_.end())
        code = co_await complain(name + ": not found");
      else
        co_await process_.out(at->second.first + "\n");
    } else if (!is_builtin(name, shell_.flavour())) {
      const auto path = process_.find_executable(name);
      if (path)
        shell_.hashed_[name] = {*path, 0};
      else
        code = co_await complain(name + ": not found");
    }
  }
  co_return code;
}

Task<int> Builtins::enable() {
  std::string text;
  if (argv_.size() == 1) {
    for (const std::string& name : builtin_names()) text += "enable " + name + "\n";
  }
  co_return co_await print(text);
}

}  // namespace drydock::shell
