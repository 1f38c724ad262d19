// expr, printf, echo, pwd, true, false, yes, sync: small programs that
// scripts and `find -exec` start by name. The shell has its own of most.
#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/programs.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/text/format_text.h"
#include "core/programs/text/regex.h"

namespace drydock {
namespace {

// --- expr ---

class Calculation {
 public:
  explicit Calculation(std::vector<std::string> words) : words_(std::move(words)) {}

  std::string run() {
    std::string value = either();
    if (problem_.empty() && at_ < words_.size()) problem_ = "syntax error: unexpected argument " + quoted(words_[at_]);
    return value;
  }
  const std::string& problem() const { return problem_; }
  static bool null(const std::string& value) {
    const auto number = parse_int(value);
    return value.empty() || (number && *number == 0);
  }

 private:
  bool take(std::string_view word) {
    if (at_ >= words_.size() || words_[at_] != word) return false;
    ++at_;
    return true;
  }
  std::string either() {
    std::string value = both();
    while (take("|")) {
      const std::string right = both();
      if (null(value)) value = null(right) ? "0" : right;
    }
    return value;
  }
  std::string both() {
    std::string value = comparison();
    while (take("&")) {
      const std::string right = comparison();
      if (null(value) || null(right)) value = "0";
    }
    return value;
  }
  std::string comparison() {
    std::string value = sum();
    for (;;) {
      std::string op;
      for (const char* known : {"<=", ">=", "!=", "==", "=", "<", ">"}) {
        if (op.empty() && take(known)) op = known;
      }
      if (op.empty()) return value;
      const std::string right = sum();
      const auto a = parse_int(value);
      const auto b = parse_int(right);
      const int order = a && b ? (*a < *b ? -1 : *a > *b ? 1 : 0) : value.compare(right);
      const bool yes = op == "<"    ? order < 0
                       : op == "<=" ? order <= 0
                       : op == ">"  ? order > 0
                       : op == ">=" ? order >= 0
                       : op == "!=" ? order != 0
                                    : order == 0;
      value = yes ? "1" : "0";
    }
  }
  std::int64_t number(const std::string& text) {
    const auto value = parse_int(text);
    if (!value && problem_.empty()) problem_ = "non-integer argument";
    return value.value_or(0);
  }
  std::string sum() {
    std::string value = product();
    for (;;) {
      const bool plus = take("+");
      if (!plus && !take("-")) return value;
      const std::string right = product();
      if (!problem_.empty()) return value;
      const auto a = static_cast<std::uint64_t>(number(value));
      const auto b = static_cast<std::uint64_t>(number(right));
      value = std::to_string(static_cast<std::int64_t>(plus ? a + b : a - b));
    }
  }
  std::string product() {
    std::string value = match();
    for (;;) {
      char op = 0;
      for (char known : {'*', '/', '%'}) {
        if (op == 0 && take(std::string(1, known))) op = known;
      }
      if (op == 0) return value;
      const std::string right = match();
      if (!problem_.empty()) return value;
      const std::int64_t a = number(value);
      const std::int64_t b = number(right);
      if (problem_.empty() && op != '*' && b == 0) problem_ = "division by zero";
      if (!problem_.empty()) return value;
      // -1 apart: the smallest number has no opposite.
      const std::int64_t result =
          op == '*'   ? static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b))
          : b == -1   ? (op == '%' ? 0 : static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(a)))
          : op == '/' ? a / b
                      : a % b;
      value = std::to_string(result);
    }
  }
  std::string match() {
    std::string value = primary();
    while (take(":")) value = matched(value, primary());
    return value;
  }
  std::string matched(const std::string& text, const std::string& pattern) {
    const Regex regex = Regex::compile(pattern, Regex::Syntax::kBasic);
    if (!regex.ok()) {
      problem_ = regex.error();
      return {};
    }
    const auto groups = regex.search(text, 0);
    const bool hit = groups && (*groups)[0].begin == 0;
    const bool grouped = contains(pattern, "\\(");
    if (!hit) return grouped ? "" : "0";
    if (!grouped) return std::to_string(utf8_length(text.substr(0, (*groups)[0].end)));
    const Regex::Group& group = (*groups)[1];
    return group.begin == std::string_view::npos ? "" : text.substr(group.begin, group.end - group.begin);
  }
  std::string primary() {
    if (at_ >= words_.size()) {
      if (problem_.empty())
        problem_ = "syntax error: missing argument after " + quoted(words_.empty() ? "" : words_.back());
      return {};
    }
    if (take("+")) return primary_word();
    if (take("(")) {
      std::string value = either();
      if (!take(")") && problem_.empty())
        problem_ = at_ < words_.size() ? "syntax error: expecting ')' instead of " + quoted(words_[at_])
                                       : "syntax error: expecting ')' after " + quoted(words_.back());
      return value;
    }
    if (take("length")) return std::to_string(utf8_length(primary()));
    if (take("match")) {
      const std::string text = primary();
      return matched(text, primary());
    }
    if (take("index")) {
      const std::string text = primary();
      const std::size_t at = text.find_first_of(primary());
      return std::to_string(at == std::string::npos ? 0 : at + 1);
    }
    if (take("substr")) {
      const std::string text = primary();
      const std::int64_t from = parse_int(primary()).value_or(0);
      const std::int64_t length = parse_int(primary()).value_or(0);
      if (from < 1 || length < 1 || from > static_cast<std::int64_t>(text.size())) return "";
      return text.substr(static_cast<std::size_t>(from - 1), static_cast<std::size_t>(length));
    }
    return primary_word();
  }
  std::string primary_word() { return at_ < words_.size() ? words_[at_++] : std::string(); }

  std::vector<std::string> words_;
  std::size_t at_ = 0;
  std::string problem_;
};

Task<int> expr_main(Process& p) {
  std::vector<std::string> words(p.arguments().begin(), p.arguments().end());
  if (!words.empty() && words[0] == "--") words.erase(words.begin());
  if (words.empty()) {
    co_await complain_with_hint(p, "missing operand");
    co_return 2;
  }
  Calculation calculation(std::move(words));
  const std::string value = calculation.run();
  if (!calculation.problem().empty()) {
    co_await report(p, calculation.problem());
    co_return 2;
  }
  co_await p.out(value + "\n");
  co_return Calculation::null(value) ? 1 : 0;
}

// --- what the shell has, too ---

Task<int> echo_main(Process& p) {
  bool newline = true;
  bool escapes = false;
  std::size_t first = 0;
  const auto words = p.arguments();
  for (; first < words.size(); ++first) {
    const std::string& word = words[first];
    if (word.size() < 2 || word[0] != '-' || word.find_first_not_of("neE", 1) != std::string::npos) break;
    for (char c : word.substr(1)) {
      if (c == 'n')
        newline = false;
      else
        escapes = c == 'e';
    }
  }
  std::string text = join(words.subspan(first), " ");
  if (escapes) text = interpret_escapes(text, newline);
  if (newline) text += "\n";
  co_await p.out(std::move(text));
  co_return 0;
}

Task<int> printf_main(Process& p) {
  if (p.arguments().empty()) {
    co_await complain_with_hint(p, "missing operand");
    co_return 1;
  }
  std::string problem;
  std::string text = format_printf(p.arguments()[0], p.arguments().subspan(1), problem);
  co_await p.out(std::move(text));
  if (problem.empty()) co_return 0;
  const std::size_t colon = problem.rfind(": invalid number");
  co_await report(
      p, colon == std::string::npos ? problem : quoted(problem.substr(0, colon)) + ": expected a numeric value");
  co_return 1;
}

Task<int> pwd_main(Process& p) {
  co_await p.out(p.real_path(".").value_or(p.cwd()) + "\n");
  co_return 0;
}

Task<int> true_main(Process&) { co_return 0; }
Task<int> false_main(Process&) { co_return 1; }

Task<int> yes_main(Process& p) {
  std::string line = (p.arguments().empty() ? "y" : join(p.arguments(), " ")) + "\n";
  std::string block;
  while (block.size() < 4096) block += line;
  for (;;) {
    if (!co_await p.write(1, block)) co_return 1;
    // Where nobody makes it wait (a file, /dev/null) the clock must still go on.
    if (!co_await p.sleep(microseconds(50))) co_return 1;
  }
}

// test and [ as programs (probes run them without a shell): the shell's own do the work.
Task<int> test_main(Process& p) {
  const std::string name(p.name());
  std::vector<std::string> argv{"/bin/sh", "-c", name + " \"$@\"", name};
  argv.insert(argv.end(), p.arguments().begin(), p.arguments().end());
  const auto result = co_await p.exec(std::move(argv));
  co_return result ? *result : 2;
}

}  // namespace

void register_expressions(ProgramRegistry& programs) {
  programs.add("expr", expr_main);
  programs.add("test", test_main);
  programs.add("[", test_main);
  programs.add("echo", echo_main);
  programs.add("printf", printf_main);
  programs.add("pwd", pwd_main);
  programs.add("true", true_main);
  programs.add("false", false_main);
  programs.add("yes", yes_main);
}

}  // namespace drydock
