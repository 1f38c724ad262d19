// echo, printf.
#include <algorithm>
#include <ctime>

#include "core/base/strings.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/shell/builtins/builtins.h"
#include "core/programs/shell/expansion/quoting.h"
#include "core/programs/text/format_text.h"

namespace drydock::shell {
namespace {

// printf's %(…)T: a time in seconds since 1970; -1 is now, -2 when the shell started.
std::string time_text(std::int64_t when, const std::string& pattern) {
  return format_time(std::chrono::seconds(when), pattern.empty() ? "%H:%M:%S" : pattern);
}

}  // namespace

Task<int> Builtins::echo() {
  bool newline = true;
  bool escapes = shell_.shopt("xpg_echo") || shell_.flavour() == Flavour::kDash;
  std::size_t i = 1;
  const std::string_view letters = shell_.flavour() == Flavour::kDash ? "n" : "neE";
  for (; i < argv_.size() && argv_[i].size() > 1 && argv_[i][0] == '-' &&
         argv_[i].find_first_not_of(letters, 1) == std::string::npos;
       ++i) {
    for (char c : argv_[i].substr(1)) {
      if (c == 'n') newline = false;
      if (c == 'e') escapes = true;
      if (c == 'E') escapes = false;
    }
  }
  std::string text = join(std::span(argv_).subspan(i), " ");
  if (escapes) text = interpret_escapes(text, newline);
  if (newline) text += '\n';
  co_return co_await print(std::move(text));
}

Task<int> Builtins::printf_() {
  const std::string usage = "printf [-v var] format [arguments]";
  std::size_t first = 1;
  std::string variable;
  if (argument(1) == "-v") {
    if (argv_.size() < 3) {
      co_await shell_.complain("printf: -v: option requires an argument");
      co_await process_.err("printf: usage: " + usage + "\n");
      co_return 2;
    }
    variable = argv_[2];
    first = 3;
  }
  if (argument(first) == "--") ++first;
  if (first >= argv_.size()) {
    co_await process_.err("printf: usage: " + usage + "\n");
    co_return 2;
  }
  // %q and %(…)T are the shell's own: their arguments are put in as %s.
  std::string pattern = argv_[first];
  std::vector<std::string> arguments(argv_.begin() + static_cast<std::ptrdiff_t>(first) + 1, argv_.end());
  struct Own {
    std::size_t place;  // of the argument within one use of the format
    char kind;
    std::string time_format;
  };
  std::vector<Own> own;
  std::size_t per_use = 0;
  std::string plain;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      plain += pattern[i];
      if (pattern[i] == '\\' && i + 1 < pattern.size()) plain += pattern[++i];
      continue;
    }
    if (i + 1 < pattern.size() && pattern[i + 1] == '%') {
      plain += "%%";
      ++i;
      continue;
    }
    std::size_t end = i + 1;
    while (end < pattern.size() && std::string_view("-+ #0123456789.*").find(pattern[end]) != std::string_view::npos) {
      if (pattern[end] == '*') ++per_use;
      ++end;
    }
    if (end < pattern.size() && pattern[end] == '(') {
      const std::size_t close = pattern.find(")T", end);
      if (close != std::string::npos) {
        own.push_back({per_use, 'T', pattern.substr(end + 1, close - end - 1)});
        plain += pattern.substr(i, end - i) + "s";
        ++per_use;
        i = close + 1;
        continue;
      }
    }
    const char kind = end < pattern.size() ? pattern[end] : '\0';
    if (kind == 'q') own.push_back({per_use, 'q', ""});
    plain += pattern.substr(i, end - i) +
             (kind == 'q' ? std::string("s") : pattern.substr(std::min(end, pattern.size()), 1));
    ++per_use;
    i = end;
  }
  if (!own.empty()) {
    const std::size_t uses = std::max<std::size_t>(1, (arguments.size() + per_use - 1) / per_use);
    for (std::size_t use = 0; use < uses; ++use) {
      for (const Own& each : own) {
        const std::size_t at = use * per_use + each.place;
        if (at >= arguments.size() && (use > 0 || each.kind == 'q')) {
          if (use > 0) continue;
        }
        const bool given = at < arguments.size();
        if (!given) arguments.resize(at + 1);
        if (each.kind == 'q') {
          arguments[at] = backslashed(arguments[at]);
          continue;
        }
        std::int64_t when = given ? parse_int(arguments[at]).value_or(0) : -1;
        if (when == -1) when = std::chrono::duration_cast<seconds>(process_.now().time_since_epoch()).count();
        if (when == -2) when = std::chrono::duration_cast<seconds>(process_.started().time_since_epoch()).count();
        arguments[at] = time_text(when, each.time_format);
      }
    }
  }
  std::string problem;
  const std::string text = format_printf(plain, arguments, problem);
  if (!problem.empty()) co_await shell_.complain("printf: " + problem);
  if (variable.empty()) {
    const int code = co_await print(text);
    co_return problem.empty() ? code : 1;
  }
  if (const std::size_t bracket = variable.find('['); bracket != std::string::npos && variable.ends_with("]"))
    (void)shell_.set_element(variable.substr(0, bracket), variable.substr(bracket + 1, variable.size() - bracket - 2),
                             text);
  else if (is_name(variable))
    (void)shell_.set(variable, text);
  else
    co_return co_await complain("`" + variable + "': not a valid identifier", 2);
  co_return problem.empty() ? 0 : 1;
}

}  // namespace drydock::shell
