// Takes a CEL expression apart.
// https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/cel/language/issues.h"

namespace drydock::cel {

struct Token {
  enum class Kind : std::uint8_t { kEnd, kIdent, kInt, kUint, kDouble, kString, kBytes, kSign };
  Kind kind = Kind::kEnd;
  std::uint32_t offset = 0;  // in code points
  std::string_view text;     // as it stands; of signs "==", "(", …
  std::string value;         // of strings and bytes, escapes resolved
  bool is(std::string_view sign) const { return kind == Kind::kSign && text == sign; }
  bool word(std::string_view name) const { return kind == Kind::kIdent && text == name; }
};

class Lexer {
 public:
  Lexer(std::string_view source, Issues& issues) : source_(source), issues_(issues) {}
  Token next();

 private:
  void skip_blanks();
  void step();  // one code point
  Token sign(Token token);
  Token number(Token token);
  bool string_start(std::size_t& quote, bool& raw, bool& bytes) const;
  Token string(Token token, std::size_t quote, bool raw, bool bytes);
  bool escape(std::string& value, bool bytes);

  std::string_view source_;
  Issues& issues_;
  std::size_t at_ = 0;
  std::uint32_t offset_ = 0;
};

// The code point in UTF-8.
void append_utf8(std::string& text, std::uint32_t code);

}  // namespace drydock::cel
