#include "core/cel/regex.h"

#include <algorithm>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace drydock::cel {
namespace {

constexpr std::uint64_t kMatchLimit = 500'000;  // patterns come from users
constexpr std::uint64_t kFreeSteps = 1000;
constexpr std::uint64_t kStepsOfCost = 20;
constexpr std::size_t kMostPattern = 20'000;

std::string parse_error(std::string_view what, std::string_view piece) {
  return "error parsing regexp: " + std::string(what) + ": `" + std::string(piece) + "`";
}

bool repeats(std::string_view pattern, std::size_t at) {
  if (at >= pattern.size()) return false;
  if (pattern[at] == '*' || pattern[at] == '+' || pattern[at] == '?') return true;
  // "{2}", "{2,}", "{2,3}"; any other brace is itself.
  if (pattern[at] != '{') return false;
  const std::size_t end = pattern.find('}', at);
  if (end == std::string_view::npos || end == at + 1 || pattern[at + 1] == ',') return false;
  return pattern.substr(at + 1, end - at - 1).find_first_not_of("0123456789,") == std::string_view::npos;
}

// What PCRE2 takes and RE2 does not.
std::string beyond_re2(std::string_view pattern) {
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char letter = pattern[i];
    if (letter == '\\') {
      if (i + 1 >= pattern.size()) return "error parsing regexp: trailing backslash at end of expression: ``";
      const char next = pattern[++i];
      if (next == 'Q') {
        const std::size_t end = pattern.find("\\E", i);
        if (end == std::string_view::npos) return "";
        i = end + 1;
        continue;
      }
      static constexpr std::string_view kKnown = "0AbBdDsSwWzCafnrtvxpPE";
      const bool word = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || (next >= '1' && next <= '9');
      // "\123" is an octal number, "\1" would be a backreference.
      const bool octal =
          next >= '1' && next <= '7' && i + 1 < pattern.size() && pattern[i + 1] >= '0' && pattern[i + 1] <= '7';
      if (word && !octal && kKnown.find(next) == std::string_view::npos)
        return parse_error("invalid escape sequence", pattern.substr(i - 1, 2));
      continue;
    }
    if (in_class) {
      if (letter == ']') in_class = false;
      if (letter == '[' && i + 1 < pattern.size() && pattern[i + 1] == ':') {
        const std::size_t end = pattern.find(":]", i + 2);
        if (end != std::string_view::npos) i = end + 1;
      }
      continue;
    }
    if (letter == '[') {
      in_class = true;
      if (i + 1 < pattern.size() && pattern[i + 1] == '^') ++i;
      if (i + 1 < pattern.size() && pattern[i + 1] == ']') ++i;  // a bracket first is itself
      continue;
    }
    if (letter == '(' && i + 1 < pattern.size()) {
      if (pattern[i + 1] == '*') return parse_error("missing argument to repetition operator", "*");
      if (pattern[i + 1] == '?') {
        // (?flags), (?flags:…), (?P<name>…), (?<name>…)
        std::size_t at = i + 2;
        const bool name =
            pattern.substr(at, 2) == "P<" ||
            (pattern.substr(at, 1) == "<" && pattern.substr(at, 2) != "<=" && pattern.substr(at, 2) != "<!");
        while (!name && at < pattern.size() && std::string_view("imsU-").find(pattern[at]) != std::string_view::npos)
          ++at;
        if (!name && (at >= pattern.size() || (pattern[at] != ':' && pattern[at] != ')')))
          return parse_error("invalid or unsupported Perl syntax", pattern.substr(i, at + 1 - i));
        i = name ? i + 2 : at - 1;
      }
      continue;
    }
    if (!repeats(pattern, i)) continue;
    const std::size_t start = i;
    if (letter == '{') i = pattern.find('}', i);
    if (i + 1 < pattern.size() && pattern[i + 1] == '?') ++i;  // lazy
    if (repeats(pattern, i + 1)) {
      std::size_t end = i + 1;
      if (pattern[end] == '{') end = pattern.find('}', end);
      return parse_error("invalid nested repetition operator", pattern.substr(start, end + 1 - start));
    }
  }
  return "";
}

// PCRE2's reason in Go's words, where the two know the same one.
std::string go_words(int error, std::string_view pattern, std::size_t offset) {
  switch (error) {
    case 106:
      return parse_error("missing closing ]",
                         pattern.substr(pattern.rfind('[') == std::string_view::npos ? 0 : pattern.rfind('[')));
    case 108:
      return parse_error("invalid character class range", pattern.substr(offset > 3 ? offset - 3 : 0, 3));
    case 109:
      return parse_error("missing argument to repetition operator", pattern.substr(offset == 0 ? 0 : offset - 1, 1));
    case 114:
      return parse_error("missing closing )", pattern);
    case 122:
      return parse_error("unexpected )", pattern);
    default:
      return parse_error("invalid or unsupported Perl syntax", pattern);
  }
}

}  // namespace

struct Regex::Code {
  pcre2_code* code = nullptr;
};

void Regex::CodeDeleter::operator()(Code* code) const {
  pcre2_code_free(code->code);
  delete code;
}

Regex::Regex(std::string_view pattern) {
  if (pattern.size() > kMostPattern) {
    fault_ = "error parsing regexp: expression too large";
    return;
  }
  fault_ = beyond_re2(pattern);
  if (!fault_.empty()) return;
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* compiled = pcre2_compile(
      reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
      PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NO_AUTO_CAPTURE, &error, &offset, nullptr);
  if (compiled == nullptr) {
    fault_ = go_words(error, pattern, offset);
    return;
  }
  code_.reset(new Code{compiled});
}

std::string Regex::fault(std::string_view pattern) { return Regex(pattern).fault(); }

bool Regex::find(std::string_view text, std::size_t from, std::size_t& start, std::size_t& end,
                 std::uint64_t& cost) const {
  if (code_ == nullptr || from > text.size()) return false;
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  pcre2_match_data* match = pcre2_match_data_create_from_pattern(code_->code, nullptr);
  // RE2 needs no more steps than the text has places for the pattern's parts. What takes
  // more here is paid for before it is tried.
  std::uint64_t steps = std::min<std::uint64_t>(kFreeSteps + kStepsOfCost * cost, kMatchLimit);
  int found = PCRE2_ERROR_MATCHLIMIT;
  while (true) {
    pcre2_set_match_limit(context, static_cast<std::uint32_t>(steps));
    found = pcre2_match(code_->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from, 0, match, context);
    if (found != PCRE2_ERROR_MATCHLIMIT || steps == kMatchLimit) break;
    cost += steps / kStepsOfCost;
    steps = std::min<std::uint64_t>(steps * 8, kMatchLimit);
  }
  if (found >= 0) {
    const PCRE2_SIZE* places = pcre2_get_ovector_pointer(match);
    start = places[0];
    end = places[1];
  }
  pcre2_match_data_free(match);
  pcre2_match_context_free(context);
  return found >= 0;
}

bool Regex::found_in(std::string_view text, std::uint64_t& cost) const {
  std::size_t start = 0;
  std::size_t end = 0;
  return find(text, 0, start, end, cost);
}

}  // namespace drydock::cel
