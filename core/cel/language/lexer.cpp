#include "core/cel/language/lexer.h"

namespace drydock::cel {
namespace {

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool digit(char c) { return c >= '0' && c <= '9'; }
int hex_digit(char c) {
  if (digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void append_utf8(std::string& text, std::uint32_t code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xc0 | (code >> 6));
    text += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    text += static_cast<char>(0xe0 | (code >> 12));
    text += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    text += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    text += static_cast<char>(0xf0 | (code >> 18));
    text += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
    text += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    text += static_cast<char>(0x80 | (code & 0x3f));
  }
}

void Lexer::step() {
  ++at_;
  ++offset_;
  while (at_ < source_.size() && (static_cast<unsigned char>(source_[at_]) & 0xc0) == 0x80) ++at_;
}

void Lexer::skip_blanks() {
  while (at_ < source_.size()) {
    const char c = source_[at_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
      step();
    } else if (source_.substr(at_, 2) == "//") {
      while (at_ < source_.size() && source_[at_] != '\n') step();
    } else {
      return;
    }
  }
}

Token Lexer::next() {
  for (;;) {
    skip_blanks();
    Token token;
    token.offset = offset_;
    if (at_ >= source_.size()) {
      token.text = "<EOF>";
      return token;
    }
    std::size_t quote = 0;
    bool raw = false;
    bool bytes = false;
    if (string_start(quote, raw, bytes)) return string(token, quote, raw, bytes);
    const char c = source_[at_];
    if (letter(c)) {
      const std::size_t start = at_;
      while (at_ < source_.size() && (letter(source_[at_]) || digit(source_[at_]))) step();
      token.kind = Token::Kind::kIdent;
      token.text = source_.substr(start, at_ - start);
      return token;
    }
    if (digit(c) || (c == '.' && at_ + 1 < source_.size() && digit(source_[at_ + 1]))) return number(token);
    token = sign(token);
    if (token.kind != Token::Kind::kEnd) return token;
    // Not the start of anything.
    const std::size_t start = at_;
    step();
    issues_.add(token.offset,
                "Syntax error: token recognition error at: '" + std::string(source_.substr(start, at_ - start)) + "'");
  }
}

Token Lexer::sign(Token token) {
  static constexpr std::string_view kSigns[] = {"==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "+", "-", "*",
                                                "/",  "%",  "(",  ")",  "[",  "]",  "{", "}", ",", ":", "?", "."};
  for (const std::string_view known : kSigns) {
    if (!source_.substr(at_).starts_with(known)) continue;
    token.kind = Token::Kind::kSign;
    token.text = source_.substr(at_, known.size());
    at_ += known.size();
    offset_ += static_cast<std::uint32_t>(known.size());
    return token;
  }
  return token;
}

Token Lexer::number(Token token) {
  const std::size_t start = at_;
  token.kind = Token::Kind::kInt;
  const auto here = [&](std::size_t ahead) { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; };
  if (here(0) == '0' && here(1) == 'x' && hex_digit(here(2)) >= 0) {
    step();
    step();
    while (hex_digit(here(0)) >= 0) step();
  } else {
    while (digit(here(0))) step();
    if (here(0) == '.' && digit(here(1))) {
      token.kind = Token::Kind::kDouble;
      step();
      while (digit(here(0))) step();
    }
    if (here(0) == 'e' || here(0) == 'E') {
      const std::size_t sign_length = here(1) == '+' || here(1) == '-' ? 1 : 0;
      if (digit(here(1 + sign_length))) {
        token.kind = Token::Kind::kDouble;
        for (std::size_t i = 0; i <= sign_length; ++i) step();
        while (digit(here(0))) step();
      }
    }
  }
  if (token.kind == Token::Kind::kInt && (here(0) == 'u' || here(0) == 'U')) {
    token.kind = Token::Kind::kUint;
    step();
  }
  token.text = source_.substr(start, at_ - start);
  return token;
}

// Do an optional prefix (r, b, both in any order) and a quote stand here?
bool Lexer::string_start(std::size_t& quote, bool& raw, bool& bytes) const {
  std::size_t at = at_;
  for (int i = 0; i < 2 && at < source_.size(); ++i) {
    const char c = source_[at];
    if ((c == 'r' || c == 'R') && !raw)
      raw = true;
    else if ((c == 'b' || c == 'B') && !bytes)
      bytes = true;
    else
      break;
    ++at;
  }
  quote = at;
  return at < source_.size() && (source_[at] == '"' || source_[at] == '\'');
}

Token Lexer::string(Token token, std::size_t quote, bool raw, bool bytes) {
  const std::size_t start = at_;
  while (at_ < quote) step();
  const char mark = source_[quote];
  const std::string three(3, mark);
  const bool triple = source_.substr(quote, 3) == three;
  const std::string_view end = triple ? std::string_view(three) : source_.substr(quote, 1);
  for (std::size_t i = 0; i < end.size(); ++i) step();
  token.kind = bytes ? Token::Kind::kBytes : Token::Kind::kString;
  bool good = true;
  while (at_ < source_.size() && !source_.substr(at_).starts_with(end)) {
    const char c = source_[at_];
    if (!triple && (c == '\n' || c == '\r')) break;
    if (c == '\\' && !raw) {
      good = escape(token.value, bytes) && good;
      continue;
    }
    const std::size_t from = at_;
    step();
    token.value += source_.substr(from, at_ - from);
  }
  if (!source_.substr(at_).starts_with(end)) {
    issues_.add(token.offset,
                "Syntax error: token recognition error at: '" + std::string(source_.substr(start, at_ - start)) + "'");
    return next();
  }
  for (std::size_t i = 0; i < end.size(); ++i) step();
  token.text = source_.substr(start, at_ - start);
  if (!good) issues_.add(token.offset, "Syntax error: token recognition error at: '" + std::string(token.text) + "'");
  return token;
}

bool Lexer::escape(std::string& value, bool bytes) {
  step();  // the backslash
  if (at_ >= source_.size()) return false;
  const char c = source_[at_];
  static constexpr std::string_view kLetters = "abfnrtv\\'\"`?";
  static constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\'\"`?";
  if (const std::size_t known = kLetters.find(c); known != std::string_view::npos) {
    value += kMeanings[known];
    step();
    return true;
  }
  int count = 0;
  int base = 16;
  if (c == 'x' || c == 'X') {
    count = 2;
  } else if (c == 'u' && !bytes) {
    count = 4;
  } else if (c == 'U' && !bytes) {
    count = 8;
  } else if (c >= '0' && c <= '3') {
    count = 3;
    base = 8;
  } else {
    return false;
  }
  if (base == 16) step();
  std::uint32_t code = 0;
  for (int i = 0; i < count; ++i) {
    const int number = at_ < source_.size() ? hex_digit(source_[at_]) : -1;
    if (number < 0 || number >= base) return false;
    code = code * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(number);
    step();
  }
  if (bytes) {
    value += static_cast<char>(code);
    return true;
  }
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
  append_utf8(value, code);
  return true;
}

}  // namespace drydock::cel
