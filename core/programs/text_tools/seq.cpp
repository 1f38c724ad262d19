// seq: numbers in a row. Decimals are counted exactly, in units of the last digit.
#include <algorithm>
#include <cmath>

#include "core/base/strings.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/text_tools/streams.h"
#include "core/programs/text_tools/tools.h"

namespace drydock {
namespace {

constexpr std::string_view kSeqHelp =
    "Usage: seq [OPTION]... LAST\n"
    "  or:  seq [OPTION]... FIRST LAST\n"
    "  or:  seq [OPTION]... FIRST INCREMENT LAST\n"
    "Print numbers from FIRST to LAST, in steps of INCREMENT.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -f, --format=FORMAT      use printf style floating-point FORMAT\n"
    "  -s, --separator=STRING   use STRING to separate numbers (default: \\n)\n"
    "  -w, --equal-width        equalize width by padding with leading zeroes\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n"
    "\n"
    "If FIRST or INCREMENT is omitted, it defaults to 1.  That is, an\n"
    "omitted INCREMENT defaults to 1 even when LAST is smaller than FIRST.\n"
    "The sequence of numbers ends when the sum of the current number and\n"
    "INCREMENT would become greater than LAST.\n"
    "FIRST, INCREMENT, and LAST are interpreted as floating point values.\n"
    "INCREMENT is usually positive if FIRST is smaller than LAST, and\n"
    "INCREMENT is usually negative if FIRST is greater than LAST.\n"
    "INCREMENT must not be 0; none of FIRST, INCREMENT and LAST may be NaN.\n"
    "FORMAT must be suitable for printing one argument of type 'double';\n"
    "it defaults to %.PRECf if FIRST, INCREMENT, and LAST are all fixed point\n"
    "decimal numbers with maximum precision PREC, and to %g otherwise.\n";

struct Number {
  double value = 0;
  bool fixed = false;  // written as digits with at most one point
  int precision = 0;   // digits behind the point
  std::string digits;  // without sign and point
  bool negative = false;
};

std::optional<Number> number_of(const std::string& word) {
  Number number;
  std::string_view text = word;
  if (text.starts_with("+")) text.remove_prefix(1);
  const std::string_view body = text.starts_with("-") ? text.substr(1) : text;
  if (body == "inf" || body == "infinity") {
    number.value = text.starts_with("-") ? -HUGE_VAL : HUGE_VAL;
    return number;
  }
  const auto value = parse_double(text);
  if (!value || std::isnan(*value)) return std::nullopt;
  number.value = *value;
  number.negative = text.starts_with("-");
  number.fixed = body.find_first_not_of("0123456789.") == std::string_view::npos;
  if (number.fixed) {
    const std::size_t point = body.find('.');
    if (point != std::string_view::npos) number.precision = static_cast<int>(body.size() - point - 1);
    number.digits = replace_all(body, ".", "");
  }
  return number;
}

constexpr std::size_t kExactDigits = 17;  // that fit into 64 bits with room for one more step

// The number in units of 10^-precision.
std::optional<std::int64_t> scaled(const Number& number, int precision) {
  if (!number.fixed) return std::nullopt;
  std::string digits = number.digits + std::string(static_cast<std::size_t>(precision - number.precision), '0');
  if (digits.size() > kExactDigits) return std::nullopt;
  const std::int64_t value = digits.empty() ? 0 : parse_int(digits).value_or(0);
  return number.negative ? -value : value;
}

std::string fixed_text(std::int64_t units, int precision) {
  std::string digits = std::to_string(units < 0 ? -units : units);
  if (precision > 0) {
    const auto places = static_cast<std::size_t>(precision);
    if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
    digits.insert(digits.size() - places, ".");
  }
  return (units < 0 ? "-" : "") + digits;
}

// What is wrong with a -f format, or "".
std::string format_problem(const std::string& pattern) {
  const std::string shown = "format " + quoted(pattern);
  bool found = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') continue;
    if (i + 1 < pattern.size() && pattern[i + 1] == '%') {
      ++i;
      continue;
    }
    if (found) return shown + " has too many % directives";
    found = true;
    std::size_t end = i + 1;
    while (end < pattern.size() && std::string_view("-+ #0'").find(pattern[end]) != std::string_view::npos) ++end;
    while (end < pattern.size() && pattern[end] >= '0' && pattern[end] <= '9') ++end;
    if (end < pattern.size() && pattern[end] == '.') ++end;
    while (end < pattern.size() && pattern[end] >= '0' && pattern[end] <= '9') ++end;
    if (end >= pattern.size()) return shown + " ends in %";
    if (std::string_view("efgaEFGA").find(pattern[end]) == std::string_view::npos)
      return shown + " has unknown %" + pattern[end] + " directive";
    i = end;
  }
  return found ? "" : shown + " has no % directive";
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.insert(text.starts_with("-") ? 1 : 0, width - text.size(), '0');
  return text;
}

}  // namespace

Task<int> seq_main(Process& p) {
  // A negative number is no flag.
  std::vector<std::string> words(p.arguments().begin(), p.arguments().end());
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") break;
    const bool negative = word.size() > 1 && word[0] == '-' && (word[1] == '.' || (word[1] >= '0' && word[1] <= '9'));
    if (negative) words.insert(words.begin() + static_cast<std::ptrdiff_t>(i), "--");
    if (negative || !word.starts_with("-")) break;
    if (word == "-s" || word == "-f" || word == "--separator" || word == "--format") ++i;
  }
  const CommandFlags flags =
      co_await read_flags_of(p, std::move(words), kSeqHelp, 1, CommandFlags::Order::kOptionsFirst);
  if (flags.ended()) co_return flags.exit_code();
  const std::vector<std::string>& operands = flags.operands();
  if (operands.empty() || operands.size() > 3) {
    co_await complain_with_hint(p, operands.empty() ? "missing operand" : "extra operand " + quoted(operands[3]));
    co_return 1;
  }
  const std::string pattern = flags.value("f");
  const bool formatted = flags.has("f");
  const std::string problem = formatted ? format_problem(pattern) : "";
  if (!problem.empty()) {
    co_await report(p, problem);
    co_return 1;
  }
  if (formatted && flags.has("w")) {
    co_await complain_with_hint(p, "format string may not be specified when printing equal width strings");
    co_return 1;
  }
  std::vector<Number> numbers;
  for (const std::string& word : operands) {
    const std::optional<Number> number = number_of(word);
    if (!number) {
      co_await complain_with_hint(p, "invalid floating point argument: " + quoted(word));
      co_return 1;
    }
    numbers.push_back(*number);
  }
  const Number one{1, true, 0, "1", false};
  const Number first = numbers.size() > 1 ? numbers[0] : one;
  const Number step = numbers.size() > 2 ? numbers[1] : one;
  const Number last = numbers.back();
  if (step.value == 0) {
    co_await complain_with_hint(p, "invalid Zero increment value: " + quoted(operands[1]));
    co_return 1;
  }
  const int shown_precision = std::max(first.precision, step.precision);
  const int precision = std::max(shown_precision, last.precision);
  const auto exact_first = scaled(first, precision);
  const auto exact_step = scaled(step, precision);
  const auto exact_last = scaled(last, precision);
  const bool endless = std::isinf(last.value);
  const bool exact = exact_first && exact_step && (exact_last || endless);
  std::int64_t unit = 1;
  for (int i = shown_precision; i < precision; ++i) unit *= 10;
  std::size_t width = 0;
  if (flags.has("w")) {
    if (exact && exact_last) {
      width = std::max(fixed_text(*exact_first / unit, shown_precision).size(),
                       fixed_text(*exact_last / unit, shown_precision).size());
      // A first number below zero that stands alone with its sign counts it too.
    } else {
      width = std::max(format("%.*f", shown_precision, first.value).size(),
                       format("%.*f", shown_precision, last.value).size());
    }
  }
  const std::string separator = flags.value("s", "\n");
  Output out(p);
  Breath breath(p);
  bool any = false;
  for (std::int64_t i = 0;; ++i) {
    std::string text;
    double value = 0;
    if (exact) {
      std::int64_t units = 0;
      if (__builtin_mul_overflow(i, *exact_step, &units) || __builtin_add_overflow(units, *exact_first, &units)) break;
      const bool past = *exact_step > 0             ? last.value > 0 && endless ? false : endless || units > *exact_last
                        : last.value < 0 && endless ? false
                                                    : endless || units < *exact_last;
      if (past) break;
      if (formatted)
        value = static_cast<double>(units) / std::pow(10.0, precision);
      else
        text = fixed_text(units / unit, shown_precision);
    } else {
      value = first.value + static_cast<double>(i) * step.value;
      if (step.value > 0 ? value > last.value : value < last.value) break;
      const bool fixed = first.fixed && step.fixed;
      text = fixed ? format("%.*f", shown_precision, value) : format("%g", value);
    }
    if (formatted) text = format(pattern.c_str(), value);
    if (any) out.add(separator);
    out.add(padded(std::move(text), width));
    any = true;
    if (out.wants_flush() && !co_await out.flush()) co_return 1;
    if (breath.due()) co_await breath.take();
  }
  if (any) out.add("\n");
  (void)co_await out.flush();
  co_return 0;
}

}  // namespace drydock
