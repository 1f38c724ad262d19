#include "core/programs/text/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace drydock {
namespace {

constexpr std::uint32_t kMatchLimit = 500000;

// POSIX syntax to Perl's. In basic syntax \( \) \{ \} \| \+ \? are the special ones.
std::string to_perl(std::string_view pattern, bool basic) {
  std::string out;
  bool start = true;  // where a basic * or ^ means itself or an anchor
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '[') {
      std::size_t end = i + 1;
      if (end < pattern.size() && pattern[end] == '^') ++end;
      if (end < pattern.size() && pattern[end] == ']') ++end;
      while (end < pattern.size() && pattern[end] != ']') {
        if (pattern[end] == '[' && end + 1 < pattern.size() &&
            (pattern[end + 1] == ':' || pattern[end + 1] == '.' || pattern[end + 1] == '=')) {
          const std::size_t close = pattern.find(std::string(1, pattern[end + 1]) + "]", end + 2);
          if (close == std::string_view::npos) break;
          end = close + 2;
        } else {
          ++end;
        }
      }
      // Backslashes in brackets are plain in POSIX.
      for (std::size_t k = i; k < end && k < pattern.size(); ++k) {
        if (pattern[k] == '\\')
          out += "\\\\";
        else if (pattern[k] == '[' && k > i && !(k + 1 < pattern.size() && pattern[k + 1] == ':'))
          out += "\\[";
        else
          out += pattern[k];
      }
      if (end < pattern.size()) out += ']';
      i = end;
      start = false;
      continue;
    }
    if (c == '\\' && i + 1 < pattern.size()) {
      const char next = pattern[++i];
      if (basic && std::string_view("(){}|+?").find(next) != std::string_view::npos) {
        out += next;
        start = next == '(' || next == '|';
        continue;
      }
      if (next == '<')
        out += "\\b(?=\\w)";
      else if (next == '>')
        out += "\\b(?<=\\w)";
      else if (next == '`')
        out += "\\A";
      else if (next == '\'')
        out += "\\z";
      else if (next == 'n')
        out += "\\n";
      else {
        out += '\\';
        out += next;
      }
      start = false;
      continue;
    }
    if (basic && std::string_view("(){}|+?").find(c) != std::string_view::npos) {
      out += '\\';
      out += c;
    } else if (basic && c == '*' && start) {
      out += "\\*";
    } else if (basic && c == '^' && !start) {
      out += "\\^";
    } else if (basic && c == '$' && i + 1 < pattern.size() &&
               !(pattern[i + 1] == '\\' && i + 2 < pattern.size() &&
                 (pattern[i + 2] == ')' || pattern[i + 2] == '|'))) {
      out += "\\$";
    } else if (!basic && c == '{' && !(i + 1 < pattern.size() && pattern[i + 1] >= '0' && pattern[i + 1] <= '9')) {
      out += "\\{";
    } else {
      out += c;
    }
    start = c == '^' && start ? true : c == '(' || c == '|';
  }
  return out;
}

std::string posix_error(int code) {
  switch (code) {
    case PCRE2_ERROR_MISSING_SQUARE_BRACKET:
      return "Unmatched [, [^, [:, [., or [=";
    case PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS:
      return "Unmatched ( or \\(";
    case PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS:
      return "Unmatched ) or \\)";
    case PCRE2_ERROR_END_BACKSLASH:
      return "Trailing backslash";
    case PCRE2_ERROR_CLASS_RANGE_ORDER:
      return "Invalid range end";
    case PCRE2_ERROR_QUANTIFIER_INVALID:
      return "Invalid preceding regular expression";
    default:
      return "Invalid regular expression";
  }
}

}  // namespace

Regex Regex::compile(std::string_view pattern, Syntax syntax, bool ignore_case) {
  Regex regex;
  const std::string perl = syntax == Syntax::kBasic || syntax == Syntax::kExtended
                               ? to_perl(pattern, syntax == Syntax::kBasic)
                               : std::string(pattern);
  std::uint32_t options = PCRE2_MULTILINE;
  if (ignore_case) options |= PCRE2_CASELESS;
  if (syntax == Syntax::kFixed) options = PCRE2_LITERAL | (ignore_case ? PCRE2_CASELESS : 0u);
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(perl.data()), perl.size(), options, &error, &offset, nullptr);
  if (code == nullptr)
    regex.error_ = posix_error(error);
  else
    regex.code_ =
        std::shared_ptr<void>(code, [](void* compiled) { pcre2_code_free(static_cast<pcre2_code*>(compiled)); });
  return regex;
}

std::optional<std::vector<Regex::Group>> Regex::search(std::string_view text, std::size_t from,
                                                       bool not_line_start) const {
  if (!code_) return std::nullopt;
  auto* code = static_cast<pcre2_code*>(code_.get());
  pcre2_match_data* data = pcre2_match_data_create_from_pattern(code, nullptr);
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  pcre2_set_match_limit(context, kMatchLimit);
  const int count = pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from,
                                not_line_start ? PCRE2_NOTBOL : 0, data, context);
  std::optional<std::vector<Group>> groups;
  if (count > 0) {
    const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(data);
    groups.emplace();
    const std::uint32_t all = pcre2_get_ovector_count(data);
    for (std::uint32_t i = 0; i < all; ++i) {
      Group group;
      if (i < static_cast<std::uint32_t>(count) && ends[2 * i] != PCRE2_UNSET) group = {ends[2 * i], ends[2 * i + 1]};
      groups->push_back(group);
    }
  }
  pcre2_match_context_free(context);
  pcre2_match_data_free(data);
  return groups;
}

}  // namespace drydock
