// cd, pwd, pushd, popd, dirs.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/shell/builtins/builtins.h"

namespace drydock::shell {

Task<int> Builtins::change_to(std::string target, bool physical) {
  const std::string before = process_.cwd();
  std::string path = target;
  if (physical) {
    const auto real = process_.real_path(target);
    if (real) path = *real;
  }
  const auto moved = process_.change_directory(path);
  if (!moved) {
    if (!shell_.is_bash())
      co_return co_await complain(
          (shell_.flavour() == Flavour::kAsh ? "can't cd to " + target + ": " : "can't cd to " + target + ": ") +
              std::string(errno_text(moved.error())),
          shell_.flavour() == Flavour::kDash ? 2 : 1);
    co_return co_await complain(target + ": " + std::string(errno_text(moved.error())));
  }
  shell_.set("OLDPWD", before);
  shell_.set("PWD", process_.cwd());
  co_return 0;
}

Task<int> Builtins::cd() {
  const auto given = co_await options("LPe@", "cd [-L|[-P [-e]] [-@]] [dir]");
  if (!given) co_return 2;
  if (argv_.size() > next_ + 1 && shell_.is_bash()) co_return co_await complain("too many arguments");
  const bool physical = has(*given, 'P');
  if (next_ >= argv_.size()) {
    const std::string home = shell_.get("HOME");
    if (home.empty()) co_return co_await complain("HOME not set");
    co_return co_await change_to(home, physical);
  }
  const std::string target = argv_[next_];
  if (target == "-") {
    const std::string old = shell_.get("OLDPWD");
    if (old.empty()) co_return co_await complain("OLDPWD not set");
    const int code = co_await change_to(old, physical);
    if (code == 0) co_await process_.out(process_.cwd() + "\n");
    co_return code;
  }
  if (target.empty()) co_return 0;
  // CDPATH
  if (target[0] != '/' && target != "." && target != ".." && !target.starts_with("./") && !target.starts_with("../")) {
    for (const std::string& base : split(shell_.get("CDPATH"), ':')) {
      if (base.empty()) continue;
      const auto info = process_.stat(base + "/" + target);
      if (!info || info->type != FileType::kDirectory) continue;
      const int code = co_await change_to(base + "/" + target, physical);
      if (code == 0) co_await process_.out(process_.cwd() + "\n");
      co_return code;
    }
  }
  co_return co_await change_to(target, physical);
}

Task<int> Builtins::pwd() {
  const auto given = co_await options("LP", "pwd [-LP]");
  if (!given) co_return 2;
  std::string path = process_.cwd();
  if (has(*given, 'P')) path = process_.real_path(path).value_or(path);
  co_return co_await print(path + "\n");
}

std::vector<std::string> Builtins::directory_list() const {
  std::vector<std::string> all{process_.cwd()};
  all.insert(all.end(), shell_.directory_stack_.begin(), shell_.directory_stack_.end());
  return all;
}

std::string Builtins::shortened(const std::string& path) const {
  const std::string home = shell_.get("HOME");
  if (home.empty() || home == "/") return path;
  return path == home || path.starts_with(home + "/") ? "~" + path.substr(home.size()) : path;
}

Task<int> Builtins::dirs() {
  const auto given = co_await options("clpv", "dirs [-clpv] [+N] [-N]");
  if (!given) co_return 2;
  if (has(*given, 'c')) {
    shell_.directory_stack_.clear();
    co_return 0;
  }
  std::string text;
  const std::vector<std::string> all = directory_list();
  const bool lines = has(*given, 'p') || has(*given, 'v');
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (has(*given, 'v')) text += pad_left(std::to_string(i), 2) + "  ";
    text += (has(*given, 'l') ? all[i] : shortened(all[i])) + (lines || i + 1 == all.size() ? "\n" : " ");
  }
  co_return co_await print(text);
}

Task<int> Builtins::pushd() {
  std::vector<std::string> all = directory_list();
  std::string word = argument(1);
  const bool stay = word == "-n";
  if (stay) word = argument(2);
  const auto place = word.size() > 1 && (word[0] == '+' || word[0] == '-') ? parse_int(word.substr(1)) : std::nullopt;
  if (word.empty() || place) {
    std::size_t index = 1;
    if (place)
      index = word[0] == '+' ? static_cast<std::size_t>(*place) : all.size() - 1 - static_cast<std::size_t>(*place);
    if (!place && all.size() < 2) co_return co_await complain("no other directory");
    if (index >= all.size()) co_return co_await complain(word + ": directory stack index out of range");
    if (place)
      std::rotate(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(index), all.end());
    else
      std::swap(all[0], all[1]);
    const int code = co_await change_to(all[0], false);
    if (code != 0) co_return code;
    shell_.directory_stack_.assign(all.begin() + 1, all.end());
  } else if (stay) {
    shell_.directory_stack_.insert(shell_.directory_stack_.begin(), process_.absolute(word));
  } else {
    const int code = co_await change_to(word, false);
    if (code != 0) co_return code;
    shell_.directory_stack_ = all;
  }
  argv_ = {"dirs"};
  next_ = 1;
  co_return co_await dirs();
}

Task<int> Builtins::popd() {
  std::vector<std::string> all = directory_list();
  const std::string word = argument(1);
  const auto place = word.size() > 1 && (word[0] == '+' || word[0] == '-') ? parse_int(word.substr(1)) : std::nullopt;
  if (all.size() < 2) co_return co_await complain("directory stack empty");
  std::size_t index = 0;
  if (place)
    index = word[0] == '+' ? static_cast<std::size_t>(*place) : all.size() - 1 - static_cast<std::size_t>(*place);
  if (index >= all.size()) co_return co_await complain(word + ": directory stack index out of range");
  all.erase(all.begin() + static_cast<std::ptrdiff_t>(index));
  if (index == 0) {
    const int code = co_await change_to(all[0], false);
    if (code != 0) co_return code;
  }
  shell_.directory_stack_.assign(all.begin() + 1, all.end());
  argv_ = {"dirs"};
  next_ = 1;
  co_return co_await dirs();
}

}  // namespace drydock::shell
