#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/shell/builtins/builtins.h"

namespace drydock::shell {
namespace {

// What only bash has.
constexpr std::string_view kBashOnly[] = {"declare", "typeset",   "shopt",   "pushd",    "popd",    "dirs",
                                          "mapfile", "readarray", "compgen", "complete", "compopt", "enable",
                                          "disown",  "suspend",   "help",    "builtin",  "logout",  "history"};

}  // namespace

Task<int> Builtins::complain(std::string text, int code) {
  co_await shell_.complain(argv_[0] + ": " + text);
  co_return code;
}

Task<int> Builtins::print(std::string text) {
  const auto written = co_await process_.write(1, text);
  if (written) co_return 0;
  if (written.error() != Errno::kPipe)
    co_await shell_.complain(argv_[0] + ": write error: " + std::string(errno_text(written.error())));
  co_return 1;
}

bool Builtins::has(const Options& options, char letter) {
  return std::any_of(options.begin(), options.end(), [&](const auto& each) { return each.first == letter; });
}

std::string Builtins::value(const Options& options, char letter) {
  std::string found;
  for (const auto& [name, text] : options) {
    if (name == letter) found = text;
  }
  return found;
}

Task<std::optional<Builtins::Options>> Builtins::options(std::string letters, std::string usage) {
  Options found;
  std::string wrong;
  std::string problem;
  while (next_ < argv_.size() && argv_[next_].size() > 1 && argv_[next_][0] == '-' && problem.empty()) {
    const std::string word = argv_[next_++];
    if (word == "--") break;
    for (std::size_t i = 1; i < word.size() && problem.empty(); ++i) {
      const std::size_t at = letters.find(word[i]);
      if (at == std::string::npos || word[i] == ':') {
        problem = "-" + word.substr(i, 1) + ": invalid option";
      } else if (at + 1 < letters.size() && letters[at + 1] == ':') {
        std::string text = word.substr(i + 1);
        if (text.empty() && next_ >= argv_.size()) {
          problem = "-" + word.substr(i, 1) + ": option requires an argument";
        } else if (text.empty()) {
          text = argv_[next_++];
        }
        found.emplace_back(word[i], text);
        break;
      } else {
        found.emplace_back(word[i], "");
      }
    }
  }
  if (problem.empty()) co_return found;
  co_await shell_.complain(argv_[0] + ": " + problem);
  if (!usage.empty()) co_await process_.err(argv_[0] + ": usage: " + usage + "\n");
  co_return std::nullopt;
}

const std::map<std::string, Builtins::Function, std::less<>>& Builtins::table() {
  static const std::map<std::string, Function, std::less<>> all{
      {":", &Builtins::nothing},       {"true", &Builtins::nothing},     {"false", &Builtins::failure},
      {"echo", &Builtins::echo},       {"printf", &Builtins::printf_},   {"cd", &Builtins::cd},
      {"pwd", &Builtins::pwd},         {"pushd", &Builtins::pushd},      {"popd", &Builtins::popd},
      {"dirs", &Builtins::dirs},       {"exit", &Builtins::exit_},       {"logout", &Builtins::exit_},
      {"return", &Builtins::return_},  {"break", &Builtins::break_},     {"continue", &Builtins::break_},
      {"export", &Builtins::export_},  {"readonly", &Builtins::export_}, {"local", &Builtins::declare},
      {"declare", &Builtins::declare}, {"typeset", &Builtins::declare},  {"unset", &Builtins::unset_},
      {"set", &Builtins::set_},        {"shopt", &Builtins::shopt},      {"shift", &Builtins::shift},
      {"read", &Builtins::read_},      {"mapfile", &Builtins::mapfile},  {"readarray", &Builtins::mapfile},
      {"source", &Builtins::source},   {".", &Builtins::source},         {"eval", &Builtins::eval},
      {"exec", &Builtins::exec},       {"command", &Builtins::command},  {"builtin", &Builtins::command},
      {"type", &Builtins::type},       {"alias", &Builtins::alias},      {"unalias", &Builtins::unalias},
      {"hash", &Builtins::hash},       {"enable", &Builtins::enable},    {"trap", &Builtins::trap},
      {"wait", &Builtins::wait_},      {"jobs", &Builtins::jobs},        {"fg", &Builtins::fg},
      {"bg", &Builtins::fg},           {"kill", &Builtins::kill_},       {"disown", &Builtins::disown},
      {"suspend", &Builtins::suspend}, {"history", &Builtins::history},  {"fc", &Builtins::fc},
      {"let", &Builtins::let},         {"umask", &Builtins::umask},      {"ulimit", &Builtins::ulimit},
      {"times", &Builtins::times},     {"getopts", &Builtins::getopts},  {"test", &Builtins::test},
      {"[", &Builtins::test},          {"help", &Builtins::help},        {"complete", &Builtins::complete},
      {"compgen", &Builtins::compgen}, {"compopt", &Builtins::compopt},
  };
  return all;
}

bool is_builtin(std::string_view name, Flavour flavour) {
  if (!Builtins::table().contains(name)) return false;
  const bool bash_only = std::find(std::begin(kBashOnly), std::end(kBashOnly), name) != std::end(kBashOnly);
  return flavour == Flavour::kBash || !bash_only || (flavour == Flavour::kAsh && (name == "history" || name == "help"));
}

bool is_declaration(std::string_view name) {
  return name == "declare" || name == "typeset" || name == "local" || name == "export" || name == "readonly";
}

std::vector<std::string> builtin_names() {
  std::vector<std::string> names;
  for (const auto& [name, function] : Builtins::table()) names.push_back(name);
  return names;
}

Task<int> run_builtin(Interpreter& shell, std::vector<std::string> argv, std::set<std::size_t> compound) {
  const auto at = Builtins::table().find(argv[0]);
  if (at == Builtins::table().end()) co_return 127;
  const Builtins::Function function = at->second;
  Builtins builtins(shell, std::move(argv), std::move(compound));
  co_return co_await (builtins.*function)();
}

}  // namespace drydock::shell
