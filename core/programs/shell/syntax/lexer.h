// Lexer: cuts shell text into words, operators and newlines. Reads the bodies of
// here-documents when it meets the newline behind them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/programs/shell/syntax/syntax.h"

namespace drydock::shell {

// Thrown inside the parser: the text ends in the middle of something.
struct IncompleteText {
  char wanted = '\0';  // the missing closing character, if it is one
  int line = 0;        // where the part began
};
struct SyntaxError {
  std::string text;
  int line = 0;
};

struct Token {
  enum class Kind { kWord, kOperator, kNewline, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;
  std::size_t begin = 0;
  std::size_t end = 0;
  int line = 1;
  bool before_redirection = false;  // a number or {name} directly in front of "<" or ">"
};

class Lexer {
 public:
  Lexer(std::string text, bool complete, int first_line)
      : text_(std::move(text)), complete_(complete), first_line_(first_line) {}

  const Token& token() const { return token_; }
  void advance();
  // A part the parser reads itself: moves on to `position` and reads the next token.
  void advance_from(std::size_t position);
  void here_document(std::shared_ptr<Redirection> target, bool strip_tabs);
  bool here_documents_open() const { return !pending_.empty(); }
  // Puts `text` in place of the current token and reads that again.
  void replace_token(std::string_view text);
  // [[ … =~ pattern: up to white space outside brackets and quotes. The current token is "=~".
  std::string read_regex();

  const std::string& text() const { return text_; }
  std::size_t position() const { return position_; }
  std::size_t left() const { return text_.size() - position_; }
  int line_at(std::size_t position) const;
  std::string line_text(int line) const;
  bool extended_globs = false;
  std::vector<std::string> warnings;

 private:
  struct PendingHere {
    std::shared_ptr<Redirection> target;
    std::string delimiter;
    bool strip_tabs;
    int line;
  };
  char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  void read_word();
  void read_here_documents();
  std::size_t closed(std::size_t end, char wanted) const;

  std::string text_;
  bool complete_;
  int first_line_;
  std::size_t position_ = 0;
  Token token_;
  std::vector<PendingHere> pending_;
};

}  // namespace drydock::shell
