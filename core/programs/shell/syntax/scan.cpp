#include "core/programs/shell/syntax/scan.h"

#include "core/programs/shell/syntax/syntax.h"

namespace drydock::shell {

std::size_t skip_single_quotes(std::string_view text, std::size_t i) {
  const std::size_t end = text.find('\'', i + 1);
  return end == std::string_view::npos ? kOpenEnd : end + 1;
}

std::size_t skip_ansi_quotes(std::string_view text, std::size_t i) {
  for (++i; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '\'')
      return i + 1;
  }
  return kOpenEnd;
}

std::size_t skip_backquotes(std::string_view text, std::size_t i) {
  for (++i; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '`')
      return i + 1;
  }
  return kOpenEnd;
}

std::size_t skip_double_quotes(std::string_view text, std::size_t i) {
  ++i;
  while (i < text.size()) {
    switch (text[i]) {
      case '"':
        return i + 1;
      case '\\':
        i += 2;
        break;
      case '`':
        i = skip_backquotes(text, i);
        if (i == kOpenEnd) return kOpenEnd;
        break;
      case '$':
        i = skip_dollar(text, i, true);
        if (i == kOpenEnd) return kOpenEnd;
        break;
      default:
        ++i;
    }
  }
  return kOpenEnd;
}

std::size_t skip_brackets(std::string_view text, std::size_t i, char open, char close) {
  int depth = 0;
  while (i < text.size()) {
    const char c = text[i];
    if (c == '\\') {
      i += 2;
      continue;
    }
    if (c == '\'' || c == '"' || c == '`' || c == '$') {
      i = c == '\''  ? skip_single_quotes(text, i)
          : c == '"' ? skip_double_quotes(text, i)
          : c == '`' ? skip_backquotes(text, i)
                     : skip_dollar(text, i);
      if (i == kOpenEnd) return kOpenEnd;
      continue;
    }
    if (c == open) ++depth;
    if (c == close && --depth == 0) return i + 1;
    ++i;
  }
  return kOpenEnd;
}

std::size_t skip_parameter(std::string_view text, std::size_t i, bool in_quotes) {
  ++i;
  // ${#…}, ${$}: the first characters are a parameter, whatever they are.
  if (i < text.size() && (text[i] == '#' || text[i] == '!')) ++i;
  if (i < text.size() && std::string_view("#$!@*?-'\"").find(text[i]) != std::string_view::npos &&
      i + 1 < text.size() && text[i] != '\'' && text[i] != '"' && text[i] != '}')
    ++i;
  while (i < text.size()) {
    const char c = text[i];
    if (c == '}') return i + 1;
    if (c == '\\') {
      i += 2;
    } else if ((c == '\'' && !in_quotes) || c == '"' || c == '`' || c == '$') {
      i = c == '\''  ? skip_single_quotes(text, i)
          : c == '"' ? skip_double_quotes(text, i)
          : c == '`' ? skip_backquotes(text, i)
                     : skip_dollar(text, i, in_quotes);
      if (i == kOpenEnd) return kOpenEnd;
    } else {
      ++i;
    }
  }
  return kOpenEnd;
}

std::size_t skip_arithmetic(std::string_view text, std::size_t i) {
  const std::size_t end = skip_brackets(text, i, '(', ')');
  if (end == kOpenEnd) return kOpenEnd;
  // "((a); b)" closes its inner bracket early: a subshell.
  const std::size_t inner = skip_brackets(text, i + 1, '(', ')');
  return inner + 1 == end ? end : kOpenEnd;
}

std::size_t skip_dollar(std::string_view text, std::size_t i, bool in_quotes) {
  if (i + 1 >= text.size()) return i + 1;
  switch (text[i + 1]) {
    case '(':
      if (i + 2 < text.size() && text[i + 2] == '(') {
        const std::size_t end = skip_arithmetic(text, i + 1);
        if (end != kOpenEnd) return end;
      }
      return Parser::substitution_end(text, i + 1);
    case '[':
      return skip_brackets(text, i + 1, '[', ']');
    case '{':
      return skip_parameter(text, i + 1, in_quotes);
    case '\'':
      return in_quotes ? i + 1 : skip_ansi_quotes(text, i + 1);
    case '"':
      return i + 1;
    default:
      return i + 2 <= text.size() && (text[i + 1] == '$' || text[i + 1] == '#') ? i + 2 : i + 1;
  }
}

}  // namespace drydock::shell
