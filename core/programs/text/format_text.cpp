#include "core/programs/text/format_text.h"

#include "core/base/strings.h"

namespace drydock {
namespace {

// One escape at text[i] (the backslash); moves `i` past it. False for \c.
bool escape(std::string_view text, std::size_t& i, std::string& out) {
  if (i + 1 >= text.size()) {
    out += '\\';
    ++i;
    return true;
  }
  const char c = text[i + 1];
  i += 2;
  switch (c) {
    case 'n':
      out += '\n';
      return true;
    case 't':
      out += '\t';
      return true;
    case 'r':
      out += '\r';
      return true;
    case 'a':
      out += '\a';
      return true;
    case 'b':
      out += '\b';
      return true;
    case 'f':
      out += '\f';
      return true;
    case 'v':
      out += '\v';
      return true;
    case 'e':
      out += '\x1b';
      return true;
    case '\\':
      out += '\\';
      return true;
    case '"':
      out += '"';
      return true;
    case 'c':
      return false;
    default:
      break;
  }
  if (c >= '0' && c <= '7') {
    int value = c - '0';
    for (int digits = 1; digits < (c == '0' ? 4 : 3) && i < text.size() && text[i] >= '0' && text[i] <= '7'; ++digits)
      value = value * 8 + (text[i++] - '0');
    out += static_cast<char>(value);
    return true;
  }
  if (c == 'x') {
    int value = 0;
    for (int digits = 0; digits < 2 && i < text.size(); ++digits) {
      const char d = text[i];
      const int digit = d >= '0' && d <= '9'   ? d - '0'
                        : d >= 'a' && d <= 'f' ? d - 'a' + 10
                        : d >= 'A' && d <= 'F' ? d - 'A' + 10
                                               : -1;
      if (digit < 0) break;
      value = value * 16 + digit;
      ++i;
    }
    out += static_cast<char>(value);
    return true;
  }
  out += '\\';
  out += c;
  return true;
}

}  // namespace

std::string interpret_escapes(std::string_view text, bool& newline) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      out += text[i++];
      continue;
    }
    if (!escape(text, i, out)) {
      newline = false;
      return out;
    }
  }
  return out;
}

std::string format_printf(std::string_view pattern, std::span<const std::string> arguments, std::string& problem) {
  std::string out;
  std::size_t next = 0;
  do {
    const std::size_t before = next;
    for (std::size_t i = 0; i < pattern.size();) {
      if (pattern[i] == '\\') {
        if (!escape(pattern, i, out)) return out;
        continue;
      }
      if (pattern[i] != '%') {
        out += pattern[i++];
        continue;
      }
      if (i + 1 < pattern.size() && pattern[i + 1] == '%') {
        out += '%';
        i += 2;
        continue;
      }
      std::size_t end = i + 1;
      std::string spec = "%";
      while (end < pattern.size() &&
             std::string_view("-+ #0123456789.*").find(pattern[end]) != std::string_view::npos) {
        if (pattern[end] == '*')
          spec += next < arguments.size() ? arguments[next++] : "0";
        else
          spec += pattern[end];
        ++end;
      }
      if (end >= pattern.size()) return out + std::string(pattern.substr(i));
      const char kind = pattern[end];
      const std::string argument = next < arguments.size() ? arguments[next] : "";
      ++next;
      if (kind == 's' || kind == 'b' || kind == 'q' || kind == 'c') {
        bool newline = true;
        std::string text = kind == 'b'   ? interpret_escapes(argument, newline)
                           : kind == 'c' ? argument.substr(0, 1)
                                         : argument;
        if (kind == 'q')
          text = argument.find_first_of(" \t'\"$\\*?") == std::string::npos && !argument.empty()
                     ? argument
                     : "'" + replace_all(argument, "'", "'\\''") + "'";
        out += format((spec + "s").c_str(), text.c_str());
      } else if (kind == 'd' || kind == 'i' || kind == 'u' || kind == 'x' || kind == 'X' || kind == 'o') {
        std::int64_t number = 0;
        if (argument.size() > 1 && (argument[0] == '\'' || argument[0] == '"'))
          number = static_cast<unsigned char>(argument[1]);
        else if (argument.size() > 1 && argument[0] == '0' &&
                 argument.find_first_not_of("01234567") == std::string::npos)
          number = static_cast<std::int64_t>(std::strtoll(argument.c_str(), nullptr, 8));
        else if (argument.starts_with("0x"))
          number = static_cast<std::int64_t>(std::strtoll(argument.c_str(), nullptr, 16));
        else if (!argument.empty()) {
          const auto parsed = parse_int(argument);
          if (!parsed) problem = argument + ": invalid number";
          number = parsed.value_or(0);
        }
        const std::string conversion = spec + "ll" + (kind == 'i' ? 'd' : kind);
        out += format(conversion.c_str(), static_cast<long long>(number));
      } else if (kind == 'f' || kind == 'e' || kind == 'g' || kind == 'G' || kind == 'E') {
        const auto parsed = argument.empty() ? std::optional<double>(0) : parse_double(argument);
        if (!parsed) problem = argument + ": invalid number";
        out += format((spec + kind).c_str(), parsed.value_or(0));
      } else {
        problem = "`" + std::string(1, kind) + "': invalid format character";
        return out;
      }
      i = end + 1;
    }
    if (next == before) break;  // a format without conversions is used once
  } while (next < arguments.size());
  return out;
}

}  // namespace drydock
