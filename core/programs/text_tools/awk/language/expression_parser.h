// The expressions of an awk program, by recursive descent; what stands around them
// (rules, functions, statements) is the Parser's, which builds on this class.
// Everything throws SyntaxError.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/programs/text_tools/awk/language/lexer.h"
#include "core/programs/text_tools/awk/language/syntax.h"

namespace drydock::awk {

class ExpressionParser {
 protected:
  using Kind = Expression::Kind;

  explicit ExpressionParser(std::string_view source) : lexer_(source) {}

  // Counts how deep expressions and statements are nested while it lives.
  struct Depth {
    explicit Depth(ExpressionParser& parser);
    ~Depth() { --parser_.depth_; }
    ExpressionParser& parser_;
  };

  [[noreturn]] void fail(const std::string& message = "syntax error");
  bool accept(std::string_view punctuation);
  bool accept_keyword(std::string_view word);
  void expect(std::string_view punctuation);
  void skip_newlines();
  void skip_terminators();
  ExpressionPtr make(Kind kind, std::string text = "");
  ExpressionPtr make(Kind kind, std::string text, ExpressionPtr a, ExpressionPtr b = nullptr,
                     ExpressionPtr c = nullptr);

  // --- what statements are made of ---

  ExpressionPtr expression();
  // Up to the `end` punctuation, which stays.
  std::vector<ExpressionPtr> expression_list(std::string_view end);
  ExpressionPtr concatenation();
  ExpressionPtr primary();

  Lexer lexer_;
  bool no_greater_ = false;  // inside print: ">" redirects
  bool no_in_ = false;

 private:
  static bool is_target(const Expression& expression);
  bool at_assignment() const;
  bool at_operand() const;

  // --- from the loosest operator to the tightest ---

  ExpressionPtr conditional();
  ExpressionPtr logical_or();
  ExpressionPtr logical_and();
  ExpressionPtr membership();
  ExpressionPtr matching();
  ExpressionPtr comparison();
  // "command" | getline [target], as often as it stands there.
  ExpressionPtr piped();
  ExpressionPtr additive();
  ExpressionPtr multiplicative();
  ExpressionPtr unary();
  ExpressionPtr power();
  ExpressionPtr postfix();
  ExpressionPtr punctuation_primary();
  ExpressionPtr builtin();
  ExpressionPtr getline();
  // The file of "getline < file": no concatenation, no operators.
  ExpressionPtr source_operand();

  // --- places that can be assigned to ---

  ExpressionPtr optional_target();
  ExpressionPtr field();
  ExpressionPtr variable();

  int depth_ = 0;
};

}  // namespace drydock::awk
