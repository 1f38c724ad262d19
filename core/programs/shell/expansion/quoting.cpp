#include "core/programs/shell/expansion/quoting.h"

#include <algorithm>

#include "core/base/strings.h"

namespace drydock::shell {
namespace {

constexpr std::string_view kSpecial = " \t\n'\"\\$`|&;<>()*?[]!#~{}^=";

bool control(char c) { return (static_cast<unsigned char>(c) < 0x20) || c == 0x7f; }
bool has_control(std::string_view text) { return std::any_of(text.begin(), text.end(), control); }

std::string ansi_quoted(std::string_view text) {
  std::string out = "$'";
  for (char c : text) {
    constexpr std::string_view kPlain = "\a\b\x1b\f\n\r\t\v\\'";
    constexpr std::string_view kLetters = "abEfnrtv\\'";
    const std::size_t at = kPlain.find(c);
    if (at != std::string_view::npos)
      out += std::string("\\") + kLetters[at];
    else if (control(c))
      out += format("\\%03o", static_cast<unsigned>(static_cast<unsigned char>(c)));
    else
      out += c;
  }
  return out + "'";
}

void append_utf8(std::uint32_t point, std::string& out) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | (point >> 6));
    out += static_cast<char>(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | (point >> 12));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (point & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (point >> 18));
    out += static_cast<char>(0x80 | ((point >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (point & 0x3f));
  }
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string single_quoted(std::string_view text) { return "'" + replace_all(text, "'", "'\\''") + "'"; }

std::string reusable(std::string_view text) { return has_control(text) ? ansi_quoted(text) : single_quoted(text); }

std::string double_quoted(std::string_view text) {
  if (has_control(text)) return ansi_quoted(text);
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\' || c == '$' || c == '`') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string backslashed(std::string_view text) {
  if (text.empty()) return "''";
  if (has_control(text)) return ansi_quoted(text);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool only_first = c == '#' || c == '~';
    if (c != '=' && kSpecial.find(c) != std::string_view::npos && (!only_first || i == 0)) out += '\\';
    if (c == ',') out += '\\';
    out += c;
  }
  return out;
}

std::string quote_when_needed(std::string_view text) {
  if (text.empty()) return "''";
  if (has_control(text)) return ansi_quoted(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '=' || c == '}' || c == '{') {
      if (c != '=') return single_quoted(text);
      continue;
    }
    if ((c == '#' || c == '~') && i > 0) continue;
    if (kSpecial.find(c) != std::string_view::npos) return single_quoted(text);
  }
  return std::string(text);
}

std::string ansi_unquoted(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 >= text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    constexpr std::string_view kLetters = "abeEfnrtv\\'\"?";
    constexpr std::string_view kPlain = "\a\b\x1b\x1b\f\n\r\t\v\\'\"?";
    if (const std::size_t at = kLetters.find(c); at != std::string_view::npos) {
      out += kPlain[at];
    } else if (c >= '0' && c <= '7') {
      int value = c - '0';
      for (int digits = 1; digits < 3 && i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '7'; ++digits)
        value = value * 8 + (text[++i] - '0');
      out += static_cast<char>(value);
    } else if (c == 'x' || c == 'u' || c == 'U') {
      std::uint32_t value = 0;
      int digits = 0;
      const int most = c == 'x' ? 2 : c == 'u' ? 4 : 8;
      while (digits < most && i + 1 < text.size() && hex_digit(text[i + 1]) >= 0) {
        value = value * 16 + static_cast<std::uint32_t>(hex_digit(text[++i]));
        ++digits;
      }
      if (c == 'x')
        out += static_cast<char>(value);
      else
        append_utf8(value, out);
    } else if (c == 'c' && i + 1 < text.size()) {
      out += static_cast<char>(text[++i] & 0x1f);
    } else {
      out += '\\';
      out += c;
    }
  }
  return out;
}

}  // namespace drydock::shell
