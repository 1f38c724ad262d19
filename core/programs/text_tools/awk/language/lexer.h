// awk's words. Whether "/" divides or opens a regular expression is for the parser
// to know: it asks with read_regex() when it stands where an operand may stand.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace drydock::awk {

enum class Token {
  kEnd,
  kNewline,
  kNumber,
  kString,
  kName,          // variable
  kFunctionName,  // name with "(" right behind it
  kBuiltin,       // length, substr, …
  kKeyword,       // BEGIN, if, while, print, getline, in, …
  kPunctuation,   // operators and brackets, by their text
};

// What ends the reading of a program: "cmd. line:1: … ^ syntax error".
struct SyntaxError {
  std::size_t offset = 0;
  std::string message;
};

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) { next(); }

  Token kind() const { return kind_; }
  // Decoded text of strings; names, keywords and operators as they stand.
  const std::string& text() const { return text_; }
  double number() const { return number_; }
  std::size_t offset() const { return begin_; }  // where the token starts
  bool space_before() const { return space_before_; }
  bool is(std::string_view punctuation) const { return kind_ == Token::kPunctuation && text_ == punctuation; }
  bool is_keyword(std::string_view word) const { return kind_ == Token::kKeyword && text_ == word; }
  void next();  // throws SyntaxError
  // At "/" or "/=": reads to the closing slash and moves to the token behind it.
  std::string read_regex();
  std::string_view source() const { return source_; }

  struct State {
    std::size_t at, begin;
    Token kind;
    std::string text;
    double number;
    bool space_before;
  };
  State save() const { return {at_, begin_, kind_, text_, number_, space_before_}; }
  void restore(const State& state);

 private:
  void skip_space();
  void read_string();
  void read_number();

  std::string_view source_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;
  Token kind_ = Token::kEnd;
  std::string text_;
  double number_ = 0;
  bool space_before_ = false;
};

// Backslash escapes of awk strings, for "…", -v and command line assignments.
std::string decode_escapes(std::string_view text);

}  // namespace drydock::awk
