#include "core/programs/text_tools/awk/language/lexer.h"

#include <algorithm>
#include <iterator>

#include "core/programs/text_tools/awk/value.h"

namespace drydock::awk {
namespace {

constexpr std::string_view kKeywords[] = {
    "BEGIN",    "END",  "function", "func",   "if", "else",    "while", "for",    "do",     "break", "continue", "next",
    "nextfile", "exit", "return",   "delete", "in", "getline", "print", "printf", "switch", "case",  "default"};
constexpr std::string_view kBuiltins[] = {
    "length",  "substr",  "index",  "split",  "sub",    "gsub",     "gensub",  "match",  "sprintf",
    "sin",     "cos",     "atan2",  "exp",    "log",    "sqrt",     "int",     "rand",   "srand",
    "tolower", "toupper", "system", "close",  "fflush", "strftime", "systime", "mktime", "and",
    "or",      "xor",     "lshift", "rshift", "compl",  "strtonum", "asort",   "asorti", "typeof"};
constexpr std::string_view kOperators[] = {"**=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=",
                                           "**",  "==", "!=", "<=", ">=", "!~", ">>", "{",  "}",  "(",  ")",
                                           "[",   "]",  ";",  ",",  "+",  "-",  "*",  "/",  "%",  "^",  "!",
                                           ">",   "<",  "|",  "?",  ":",  "~",  "$",  "="};

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
int hex_digit(char c) {
  return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

std::string decode_escapes(std::string_view text) {
  static constexpr std::string_view kNames = "ntrfvab\\\"/";
  static constexpr std::string_view kBytes = "\n\t\r\f\v\a\b\\\"/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 >= text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    if (const std::size_t at = kNames.find(c); at != std::string_view::npos) {
      out += kBytes[at];
    } else if (c == '\n') {
      continue;
    } else if (c >= '0' && c <= '7') {
      int value = 0;
      std::size_t digits = 0;
      for (; digits < 3 && i + digits < text.size() && text[i + digits] >= '0' && text[i + digits] <= '7'; ++digits)
        value = value * 8 + (text[i + digits] - '0');
      i += digits - 1;
      out += static_cast<char>(value);
    } else if (c == 'x' && i + 1 < text.size() && hex_digit(text[i + 1]) >= 0) {
      int value = hex_digit(text[++i]);
      if (i + 1 < text.size() && hex_digit(text[i + 1]) >= 0) value = value * 16 + hex_digit(text[++i]);
      out += static_cast<char>(value);
    } else {
      // "\." stays as it is: a regular expression in a string may want it.
      out += '\\';
      out += c;
    }
  }
  return out;
}

void Lexer::restore(const State& state) {
  at_ = state.at;
  begin_ = state.begin;
  kind_ = state.kind;
  text_ = state.text;
  number_ = state.number;
  space_before_ = state.space_before;
}

void Lexer::skip_space() {
  space_before_ = false;
  for (; at_ < source_.size(); ++at_) {
    const char c = source_[at_];
    if (c == '\\' && at_ + 1 < source_.size() && source_[at_ + 1] == '\n') {
      ++at_;
    } else if (c == '\\' && source_.substr(at_ + 1).starts_with("\r\n")) {
      at_ += 2;
    } else if (c == '#') {
      while (at_ + 1 < source_.size() && source_[at_ + 1] != '\n') ++at_;
    } else if (c != ' ' && c != '\t' && c != '\r') {
      return;
    }
    space_before_ = true;
  }
}

void Lexer::next() {
  skip_space();
  begin_ = at_;
  text_.clear();
  if (at_ >= source_.size()) {
    kind_ = Token::kEnd;
    return;
  }
  const char c = source_[at_];
  if (c == '\n') {
    ++at_;
    kind_ = Token::kNewline;
    return;
  }
  if (c == '"') return read_string();
  if (is_digit(c) || (c == '.' && at_ + 1 < source_.size() && is_digit(source_[at_ + 1]))) return read_number();
  if (is_name_start(c)) {
    while (at_ < source_.size() && (is_name_start(source_[at_]) || is_digit(source_[at_]))) text_ += source_[at_++];
    if (std::find(std::begin(kKeywords), std::end(kKeywords), text_) != std::end(kKeywords))
      kind_ = Token::kKeyword;
    else if (std::find(std::begin(kBuiltins), std::end(kBuiltins), text_) != std::end(kBuiltins))
      kind_ = Token::kBuiltin;
    else
      kind_ = at_ < source_.size() && source_[at_] == '(' ? Token::kFunctionName : Token::kName;
    if (text_ == "func") text_ = "function";
    return;
  }
  for (std::string_view op : kOperators) {
    if (source_.substr(at_).starts_with(op)) {
      kind_ = Token::kPunctuation;
      at_ += op.size();
      text_ = op == "**" ? "^" : op == "**=" ? "^=" : op;
      return;
    }
  }
  throw SyntaxError{begin_, std::string("invalid char '") + c + "' in expression"};
}

void Lexer::read_string() {
  std::string raw;
  for (++at_;; ++at_) {
    if (at_ >= source_.size() || source_[at_] == '\n') throw SyntaxError{begin_, "unterminated string"};
    if (source_[at_] == '"') break;
    raw += source_[at_];
    if (source_[at_] == '\\' && at_ + 1 < source_.size()) raw += source_[++at_];
  }
  ++at_;
  kind_ = Token::kString;
  text_ = decode_escapes(raw);
}

void Lexer::read_number() {
  if (source_[at_] == '0' && at_ + 2 < source_.size() && (source_[at_ + 1] == 'x' || source_[at_ + 1] == 'X') &&
      hex_digit(source_[at_ + 2]) >= 0) {
    number_ = 0;
    for (at_ += 2; at_ < source_.size() && hex_digit(source_[at_]) >= 0; ++at_)
      number_ = number_ * 16 + hex_digit(source_[at_]);
  } else {
    while (at_ < source_.size() && (is_digit(source_[at_]) || source_[at_] == '.')) ++at_;
    if (at_ < source_.size() && (source_[at_] == 'e' || source_[at_] == 'E')) {
      std::size_t k = at_ + 1;
      if (k < source_.size() && (source_[k] == '+' || source_[k] == '-')) ++k;
      if (k < source_.size() && is_digit(source_[k])) {
        while (k < source_.size() && is_digit(source_[k])) ++k;
        at_ = k;
      }
    }
    number_ = number_prefix(source_.substr(begin_, at_ - begin_));
  }
  kind_ = Token::kNumber;
  text_ = source_.substr(begin_, at_ - begin_);
}

std::string Lexer::read_regex() {
  std::string regex = text_ == "/=" ? "=" : "";
  bool bracket = false;
  for (;; ++at_) {
    if (at_ >= source_.size() || source_[at_] == '\n') throw SyntaxError{begin_ + 1, "unterminated regexp"};
    const char c = source_[at_];
    if (c == '\\' && at_ + 1 < source_.size()) {
      if (source_[at_ + 1] != '/') regex += c;
      regex += source_[++at_];
      continue;
    }
    if (c == '[' && !bracket) {
      bracket = true;
      regex += c;
      // "]" right behind "[" or "[^" is a member.
      if (at_ + 1 < source_.size() && source_[at_ + 1] == '^') regex += source_[++at_];
      if (at_ + 1 < source_.size() && source_[at_ + 1] == ']') regex += source_[++at_];
      continue;
    }
    if (bracket && c == '[' && at_ + 1 < source_.size() && source_[at_ + 1] == ':') {
      const std::size_t close = source_.find(":]", at_ + 2);
      if (close != std::string_view::npos) {
        regex += source_.substr(at_, close + 2 - at_);
        at_ = close + 1;
        continue;
      }
    }
    if (c == ']') bracket = false;
    if (c == '/' && !bracket) break;
    regex += c;
  }
  ++at_;
  next();
  return regex;
}

}  // namespace drydock::awk
