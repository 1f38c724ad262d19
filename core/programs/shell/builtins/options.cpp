// set, shopt, shift, getopts, umask, ulimit, times.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/shell/builtins/builtins.h"
#include "core/programs/shell/expansion/quoting.h"

namespace drydock::shell {
namespace {

struct OptionName {
  std::string_view name;
  char letter;  // '\0': none
};
constexpr OptionName kOptions[] = {{"allexport", 'a'},
                                   {"braceexpand", 'B'},
                                   {"emacs", '\0'},
                                   {"errexit", 'e'},
                                   {"errtrace", 'E'},
                                   {"functrace", 'T'},
                                   {"hashall", 'h'},
                                   {"histexpand", 'H'},
                                   {"history", '\0'},
                                   {"ignoreeof", '\0'},
                                   {"interactive-comments", '\0'},
                                   {"keyword", 'k'},
                                   {"monitor", 'm'},
                                   {"noclobber", 'C'},
                                   {"noexec", 'n'},
                                   {"noglob", 'f'},
                                   {"nolog", '\0'},
                                   {"notify", 'b'},
                                   {"nounset", 'u'},
                                   {"onecmd", 't'},
                                   {"physical", 'P'},
                                   {"pipefail", '\0'},
                                   {"posix", '\0'},
                                   {"privileged", 'p'},
                                   {"verbose", 'v'},
                                   {"vi", '\0'},
                                   {"xtrace", 'x'}};

constexpr std::string_view kShopts[] = {"autocd",
                                        "assoc_expand_once",
                                        "cdable_vars",
                                        "cdspell",
                                        "checkhash",
                                        "checkjobs",
                                        "checkwinsize",
                                        "cmdhist",
                                        "compat31",
                                        "compat32",
                                        "compat40",
                                        "compat41",
                                        "compat42",
                                        "compat43",
                                        "compat44",
                                        "complete_fullquote",
                                        "direxpand",
                                        "dirspell",
                                        "dotglob",
                                        "execfail",
                                        "expand_aliases",
                                        "extdebug",
                                        "extglob",
                                        "extquote",
                                        "failglob",
                                        "force_fignore",
                                        "globasciiranges",
                                        "globstar",
                                        "gnu_errfmt",
                                        "histappend",
                                        "histreedit",
                                        "histverify",
                                        "hostcomplete",
                                        "huponexit",
                                        "inherit_errexit",
                                        "interactive_comments",
                                        "lastpipe",
                                        "lithist",
                                        "localvar_inherit",
                                        "localvar_unset",
                                        "login_shell",
                                        "mailwarn",
                                        "no_empty_cmd_completion",
                                        "nocaseglob",
                                        "nocasematch",
                                        "nullglob",
                                        "progcomp",
                                        "progcomp_alias",
                                        "promptvars",
                                        "restricted_shell",
                                        "shift_verbose",
                                        "sourcepath",
                                        "xpg_echo"};

}  // namespace

void Interpreter::set_option(const std::string& long_name, bool on) {
  if (on)
    options_.insert(long_name);
  else
    options_.erase(long_name);
}

Task<int> Builtins::set_() {
  std::size_t i = 1;
  if (argv_.size() == 1) {
    std::string text;
    for (const auto& [name, variable] : shell_.variables_.all()) {
      if (!variable.has_value) continue;
      if (variable.kind == Variable::Kind::kScalar) {
        text +=
            name + "=" + (shell_.is_bash() ? quote_when_needed(variable.value) : single_quoted(variable.value)) + "\n";
      } else {
        const std::string line = declaration(name, variable);
        text += line.substr(line.find(' ', line.find(' ') + 1) + 1);
      }
    }
    co_return co_await print(text);
  }
  for (; i < argv_.size() && argv_[i].size() > 1 && (argv_[i][0] == '-' || argv_[i][0] == '+'); ++i) {
    if (argv_[i] == "--") {
      ++i;
      shell_.positional.assign(argv_.begin() + static_cast<std::ptrdiff_t>(i), argv_.end());
      co_return 0;
    }
    const bool on = argv_[i][0] == '-';
    const std::string letters = argv_[i].substr(1);
    for (char c : letters) {
      if (c == 'o') {
        if (i + 1 >= argv_.size()) {
          std::string text;
          for (const OptionName& each : kOptions) {
            const bool is_on = shell_.option(each.name);
            text += on ? pad_right(each.name, 15) + "\t" + (is_on ? "on" : "off") + "\n"
                       : std::string("set ") + (is_on ? "-o " : "+o ") + std::string(each.name) + "\n";
          }
          co_return co_await print(text);
        }
        const std::string name = argv_[++i];
        const bool known = std::any_of(std::begin(kOptions), std::end(kOptions),
                                       [&](const OptionName& each) { return each.name == name; });
        if (!known) co_return co_await complain(name + ": invalid option name");
        shell_.set_option(name, on);
        continue;
      }
      const auto* at = std::find_if(std::begin(kOptions), std::end(kOptions),
                                    [&](const OptionName& each) { return each.letter == c; });
      if (at == std::end(kOptions)) {
        co_await shell_.complain("set: " + argv_[i].substr(0, 1) + c + ": invalid option");
        co_await process_.err("set: usage: set [-abefhkmnptuvxBCHP] [-o option-name] [--] [arg ...]\n");
        co_return 2;
      }
      shell_.set_option(std::string(at->name), on);
    }
  }
  if (i < argv_.size() && argv_[i] == "-") {
    ++i;
    shell_.set_option("xtrace", false);
    shell_.set_option("verbose", false);
    if (i >= argv_.size()) co_return 0;
  }
  if (i < argv_.size()) shell_.positional.assign(argv_.begin() + static_cast<std::ptrdiff_t>(i), argv_.end());
  co_return 0;
}

Task<int> Builtins::shopt() {
  const auto given = co_await options("opqsu", "shopt [-pqsu] [-o] [optname ...]");
  if (!given) co_return 2;
  const bool set_options = has(*given, 'o');
  std::vector<std::string> names(argv_.begin() + static_cast<std::ptrdiff_t>(next_), argv_.end());
  const bool changes = (has(*given, 's') || has(*given, 'u')) && !names.empty();
  const bool all = names.empty();
  if (all) {
    if (set_options)
      for (const OptionName& each : kOptions) names.emplace_back(each.name);
    else
      names.assign(std::begin(kShopts), std::end(kShopts));
  }
  int code = 0;
  std::string text;
  for (const std::string& name : names) {
    const bool known = set_options ? std::any_of(std::begin(kOptions), std::end(kOptions),
                                                 [&](const OptionName& each) { return each.name == name; })
                                   : std::find(std::begin(kShopts), std::end(kShopts), name) != std::end(kShopts);
    if (!known) {
      code = co_await complain(name + ": invalid shell option name");
      continue;
    }
    const bool on = set_options ? shell_.option(name) : shell_.shopt(name);
    if (changes) {
      if (set_options)
        shell_.set_option(name, has(*given, 's'));
      else if (has(*given, 's'))
        shell_.shopts_.insert(name);
      else
        shell_.shopts_.erase(name);
      continue;
    }
    if (all && (has(*given, 's') || has(*given, 'u')) && on != has(*given, 's')) continue;
    if (!all && !on) code = 1;
    if (has(*given, 'q')) continue;
    text += has(*given, 'p') ? std::string(set_options ? "set " : "shopt ") +
                                   (set_options ? (on ? "-o " : "+o ") : (on ? "-s " : "-u ")) + name + "\n"
                             : pad_right(name, 15) + "\t" + (on ? "on" : "off") + "\n";
  }
  co_await process_.out(text);
  co_return code;
}

Task<int> Builtins::shift() {
  const std::string word = argument(1).empty() ? "1" : argument(1);
  const auto count = parse_int(word);
  if (!count) co_return co_await complain(word + ": numeric argument required");
  if (*count < 0) co_return co_await complain(word + ": shift count out of range");
  if (static_cast<std::size_t>(*count) > shell_.positional.size()) {
    if (shell_.shopt("shift_verbose")) co_return co_await complain(word + ": shift count out of range");
    if (!shell_.is_bash()) {
      co_await shell_.complain("shift: can't shift that many");
      co_return 2;
    }
    co_return 1;
  }
  shell_.positional.erase(shell_.positional.begin(), shell_.positional.begin() + static_cast<std::ptrdiff_t>(*count));
  co_return 0;
}

Task<int> Builtins::getopts() {
  if (argv_.size() < 3) {
    co_await process_.err("getopts: usage: getopts optstring name [arg ...]\n");
    co_return 2;
  }
  std::string spec = argument(1);
  const std::string name = argument(2);
  const bool silent = spec.starts_with(":");
  if (silent) spec.erase(0, 1);
  const bool quiet = silent || shell_.get("OPTERR") == "0";
  auto index = static_cast<std::size_t>(std::max<std::int64_t>(1, parse_int(shell_.get("OPTIND")).value_or(1)));
  const std::vector<std::string> arguments =
      argv_.size() > 3 ? std::vector<std::string>(argv_.begin() + 3, argv_.end()) : shell_.positional;
  const std::size_t offset = shell_.option_offset_;
  if (index > arguments.size() || arguments[index - 1].size() < 2 || arguments[index - 1][0] != '-' ||
      arguments[index - 1] == "--") {
    if (index <= arguments.size() && arguments[index - 1] == "--") shell_.set("OPTIND", std::to_string(index + 1));
    shell_.set(name, "?");
    co_return 1;
  }
  const std::string word = arguments[index - 1];
  const char option = offset < word.size() ? word[offset] : '\0';
  const std::size_t at = option == ':' ? std::string::npos : spec.find(option);
  std::size_t next_offset = offset + 1;
  std::string result(1, option);
  shell_.unset("OPTARG");
  if (at == std::string::npos) {
    result = "?";
    if (silent) shell_.set("OPTARG", std::string(1, option));
    if (!quiet) co_await process_.err(shell_.name() + ": illegal option -- " + option + "\n");
  } else if (at + 1 < spec.size() && spec[at + 1] == ':') {
    if (next_offset < word.size()) {
      shell_.set("OPTARG", word.substr(next_offset));
    } else if (index < arguments.size()) {
      shell_.set("OPTARG", arguments[index++]);
    } else {
      result = silent ? ":" : "?";
      if (silent) shell_.set("OPTARG", std::string(1, option));
      if (!quiet) co_await process_.err(shell_.name() + ": option requires an argument -- " + option + "\n");
    }
    next_offset = word.size();
  }
  if (next_offset >= word.size()) {
    ++index;
    next_offset = 1;
  }
  shell_.set("OPTIND", std::to_string(index));
  shell_.option_offset_ = next_offset;
  shell_.set(name, result);
  co_return 0;
}

namespace {

std::string symbolic(std::uint32_t mask) {
  std::string text;
  const std::uint32_t rights = ~mask & 0777;
  for (int who = 0; who < 3; ++who) {
    const std::uint32_t bits = (rights >> (6 - 3 * who)) & 7;
    text += std::string(who == 0 ? "u=" : who == 1 ? ",g=" : ",o=");
    if ((bits & 4) != 0) text += 'r';
    if ((bits & 2) != 0) text += 'w';
    if ((bits & 1) != 0) text += 'x';
  }
  return text;
}

// "u=rwx,g=rx,o=" or "go-w" as a mask; nothing when it is neither.
std::optional<std::uint32_t> symbolic_mask(const std::string& text, std::uint32_t before) {
  std::uint32_t rights = ~before & 0777;
  for (const std::string& clause : split(text, ',')) {
    std::size_t i = 0;
    std::uint32_t who = 0;
    for (; i < clause.size() && std::string_view("ugoa").find(clause[i]) != std::string_view::npos; ++i)
      who |= clause[i] == 'u' ? 0700 : clause[i] == 'g' ? 0070 : clause[i] == 'o' ? 0007 : 0777;
    if (who == 0) who = 0777;
    if (i >= clause.size() || std::string_view("=+-").find(clause[i]) == std::string_view::npos) return std::nullopt;
    const char op = clause[i++];
    std::uint32_t bits = 0;
    for (; i < clause.size(); ++i) {
      if (std::string_view("rwx").find(clause[i]) == std::string_view::npos) return std::nullopt;
      bits |= clause[i] == 'r' ? 0444 : clause[i] == 'w' ? 0222 : 0111;
    }
    if (op == '=') rights = (rights & ~who) | (bits & who);
    if (op == '+') rights |= bits & who;
    if (op == '-') rights &= ~(bits & who);
  }
  return ~rights & 0777;
}

}  // namespace

Task<int> Builtins::umask() {
  const auto given = co_await options("pS", "umask [-p] [-S] [mode]");
  if (!given) co_return 2;
  if (next_ < argv_.size()) {
    const std::string word = argv_[next_];
    if (word.find_first_not_of("0123456789") != std::string::npos) {
      const auto mask = symbolic_mask(word, process_.umask());
      if (!mask) co_return co_await complain("`" + word + "': invalid symbolic mode character");
      process_.set_umask(*mask);
      co_return 0;
    }
    std::uint32_t mask = 0;
    for (char c : word) {
      if (c > '7') co_return co_await complain(word + ": octal number out of range");
      mask = mask * 8 + static_cast<std::uint32_t>(c - '0');
    }
    process_.set_umask(mask & 0777);
    co_return 0;
  }
  const std::string text = has(*given, 'S') ? symbolic(process_.umask()) : format("%04o", process_.umask());
  co_return co_await print((has(*given, 'p') ? std::string(has(*given, 'S') ? "umask -S " : "umask ") : "") + text +
                           "\n");
}

Task<int> Builtins::ulimit() {
  struct Limit {
    char letter;
    std::string_view name;
    std::string_view unit;
    std::string_view value;
  };
  static constexpr Limit kLimits[] = {{'R', "real-time non-blocking time", "(microseconds, -R)", "unlimited"},
                                      {'c', "core file size", "(blocks, -c)", "0"},
                                      {'d', "data seg size", "(kbytes, -d)", "unlimited"},
                                      {'e', "scheduling priority", "(-e)", "0"},
                                      {'f', "file size", "(blocks, -f)", "unlimited"},
                                      {'i', "pending signals", "(-i)", "15077"},
                                      {'l', "max locked memory", "(kbytes, -l)", "64"},
                                      {'m', "max memory size", "(kbytes, -m)", "unlimited"},
                                      {'n', "open files", "(-n)", "1024"},
                                      {'p', "pipe size", "(512 bytes, -p)", "8"},
                                      {'q', "POSIX message queues", "(bytes, -q)", "819200"},
                                      {'r', "real-time priority", "(-r)", "0"},
                                      {'s', "stack size", "(kbytes, -s)", "8192"},
                                      {'t', "cpu time", "(seconds, -t)", "unlimited"},
                                      {'u', "max user processes", "(-u)", "15077"},
                                      {'v', "virtual memory", "(kbytes, -v)", "unlimited"},
                                      {'x', "file locks", "(-x)", "unlimited"}};
  bool all = false;
  std::vector<const Limit*> wanted;
  std::size_t i = 1;
  for (; i < argv_.size() && argv_[i].starts_with("-") && argv_[i].size() > 1; ++i) {
    for (char c : argv_[i].substr(1)) {
      if (c == 'a') all = true;
      if (c == 'a' || c == 'S' || c == 'H') continue;
      const auto* at =
          std::find_if(std::begin(kLimits), std::end(kLimits), [&](const Limit& each) { return each.letter == c; });
      if (at == std::end(kLimits)) {
        co_await shell_.complain("ulimit: -" + std::string(1, c) + ": invalid option");
        co_await process_.err("ulimit: usage: ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]\n");
        co_return 2;
      }
      wanted.push_back(at);
    }
  }
  if (i < argv_.size()) co_return 0;  // a limit nothing here comes near to
  if (wanted.empty() && !all) wanted.push_back(&kLimits[4]);
  if (all) {
    for (const Limit& each : kLimits) wanted.push_back(&each);
  }
  std::string text;
  for (const Limit* each : wanted) {
    if (wanted.size() > 1)
      text += pad_right(each->name, 20) + pad_left(each->unit, 20) + " " + std::string(each->value) + "\n";
    else
      text += std::string(each->value) + "\n";
  }
  co_return co_await print(text);
}

Task<int> Builtins::times() {
  const auto used = std::chrono::duration_cast<milliseconds>(process_.cpu_time()).count();
  const std::string own = format("%lldm%lld.%03llds", static_cast<long long>(used / 60000),
                                 static_cast<long long>(used / 1000 % 60), static_cast<long long>(used % 1000));
  co_return co_await print(own + " 0m0.000s\n0m0.000s 0m0.000s\n");
}

}  // namespace drydock::shell
