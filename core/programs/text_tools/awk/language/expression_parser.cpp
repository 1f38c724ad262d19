#include "core/programs/text_tools/awk/language/expression_parser.h"

#include <utility>

namespace drydock::awk {
namespace {

constexpr int kMaxNesting = 200;  // of expressions and statements: the stack of a tab is small

}  // namespace

ExpressionParser::Depth::Depth(ExpressionParser& parser) : parser_(parser) {
  if (++parser.depth_ > kMaxNesting) parser.fail("expression too deeply nested");
}

void ExpressionParser::fail(const std::string& message) {
  throw SyntaxError{lexer_.offset(), lexer_.kind() == Token::kEnd && message == "syntax error"
                                         ? "unexpected newline or end of string"
                                         : message};
}

bool ExpressionParser::accept(std::string_view punctuation) {
  if (!lexer_.is(punctuation)) return false;
  lexer_.next();
  return true;
}

bool ExpressionParser::accept_keyword(std::string_view word) {
  if (!lexer_.is_keyword(word)) return false;
  lexer_.next();
  return true;
}

void ExpressionParser::expect(std::string_view punctuation) {
  if (!accept(punctuation))
    fail(lexer_.kind() == Token::kNewline ? "unexpected newline or end of string" : "syntax error");
}

void ExpressionParser::skip_newlines() {
  while (lexer_.kind() == Token::kNewline) lexer_.next();
}

void ExpressionParser::skip_terminators() {
  while (lexer_.kind() == Token::kNewline || lexer_.is(";")) lexer_.next();
}

ExpressionPtr ExpressionParser::make(Kind kind, std::string text) {
  auto expression = std::make_unique<Expression>();
  expression->kind = kind;
  expression->text = std::move(text);
  expression->offset = lexer_.offset();
  return expression;
}

ExpressionPtr ExpressionParser::make(Kind kind, std::string text, ExpressionPtr a, ExpressionPtr b, ExpressionPtr c) {
  auto expression = make(kind, std::move(text));
  expression->offset = a->offset;
  expression->children.push_back(std::move(a));
  if (b) expression->children.push_back(std::move(b));
  if (c) expression->children.push_back(std::move(c));
  return expression;
}

bool ExpressionParser::is_target(const Expression& expression) {
  return !expression.parenthesized &&
         (expression.kind == Kind::kVariable || expression.kind == Kind::kElement || expression.kind == Kind::kField);
}

bool ExpressionParser::at_assignment() const {
  if (lexer_.kind() != Token::kPunctuation) return false;
  const std::string& op = lexer_.text();
  return op == "=" || op == "+=" || op == "-=" || op == "*=" || op == "/=" || op == "%=" || op == "^=";
}

std::vector<ExpressionPtr> ExpressionParser::expression_list(std::string_view end) {
  const bool outer = std::exchange(no_greater_, false);
  const bool outer_in = std::exchange(no_in_, false);
  std::vector<ExpressionPtr> list;
  skip_newlines();
  while (!lexer_.is(end)) {
    list.push_back(expression());
    skip_newlines();
    if (!accept(",")) break;
    skip_newlines();
  }
  no_greater_ = outer;
  no_in_ = outer_in;
  return list;
}

ExpressionPtr ExpressionParser::expression() {
  const Depth depth(*this);
  return conditional();
}

ExpressionPtr ExpressionParser::conditional() {
  ExpressionPtr condition = logical_or();
  if (!lexer_.is("?")) return condition;
  lexer_.next();
  skip_newlines();
  ExpressionPtr yes = expression();
  skip_newlines();
  expect(":");
  skip_newlines();
  ExpressionPtr no = expression();
  return make(Kind::kConditional, "", std::move(condition), std::move(yes), std::move(no));
}

ExpressionPtr ExpressionParser::logical_or() {
  ExpressionPtr left = logical_and();
  while (lexer_.is("||")) {
    lexer_.next();
    skip_newlines();
    ExpressionPtr right = logical_and();
    left = make(Kind::kOr, "", std::move(left), std::move(right));
  }
  return left;
}

ExpressionPtr ExpressionParser::logical_and() {
  ExpressionPtr left = membership();
  while (lexer_.is("&&")) {
    lexer_.next();
    skip_newlines();
    ExpressionPtr right = membership();
    left = make(Kind::kAnd, "", std::move(left), std::move(right));
  }
  return left;
}

ExpressionPtr ExpressionParser::membership() {
  ExpressionPtr left = matching();
  while (!no_in_ && lexer_.is_keyword("in")) {
    lexer_.next();
    if (lexer_.kind() != Token::kName) fail();
    auto in = make(Kind::kIn, lexer_.text());
    lexer_.next();
    if (left->kind == Kind::kGroup)
      in->children = std::move(left->children);
    else
      in->children.push_back(std::move(left));
    left = std::move(in);
  }
  return left;
}

ExpressionPtr ExpressionParser::matching() {
  ExpressionPtr left = comparison();
  while (lexer_.is("~") || lexer_.is("!~")) {
    const std::string op = lexer_.text();
    lexer_.next();
    ExpressionPtr right = comparison();
    left = make(Kind::kMatch, op, std::move(left), std::move(right));
  }
  return left;
}

ExpressionPtr ExpressionParser::comparison() {
  ExpressionPtr left = piped();
  if (lexer_.kind() != Token::kPunctuation) return left;
  const std::string op = lexer_.text();
  const bool relational =
      op == "<" || op == "<=" || op == "==" || op == "!=" || op == ">=" || (op == ">" && !no_greater_);
  if (!relational) return left;
  lexer_.next();
  ExpressionPtr right = piped();
  return make(Kind::kBinary, op, std::move(left), std::move(right));
}

ExpressionPtr ExpressionParser::piped() {
  ExpressionPtr left = concatenation();
  while (lexer_.is("|")) {
    const Lexer::State before = lexer_.save();
    lexer_.next();
    if (!accept_keyword("getline")) {
      lexer_.restore(before);
      return left;
    }
    left = make(Kind::kGetline, "|", std::move(left));
    if (ExpressionPtr target = optional_target()) {
      left->has_target = true;
      left->children.push_back(std::move(target));
    }
  }
  return left;
}

bool ExpressionParser::at_operand() const {
  switch (lexer_.kind()) {
    case Token::kNumber:
    case Token::kString:
    case Token::kName:
    case Token::kFunctionName:
    case Token::kBuiltin:
      return true;
    case Token::kKeyword:
      return false;
    case Token::kPunctuation: {
      const std::string& op = lexer_.text();
      return op == "$" || op == "!" || op == "(" || op == "-" || op == "+" || op == "++" || op == "--";
    }
    default:
      return false;
  }
}

ExpressionPtr ExpressionParser::concatenation() {
  ExpressionPtr left = additive();
  while (at_operand() && !lexer_.is("-") && !lexer_.is("+") && !lexer_.is("!")) {
    ExpressionPtr right = additive();
    left = make(Kind::kBinary, "", std::move(left), std::move(right));
  }
  return left;
}

ExpressionPtr ExpressionParser::additive() {
  ExpressionPtr left = multiplicative();
  while (lexer_.is("+") || lexer_.is("-")) {
    const std::string op = lexer_.text();
    lexer_.next();
    ExpressionPtr right = multiplicative();
    left = make(Kind::kBinary, op, std::move(left), std::move(right));
  }
  return left;
}

ExpressionPtr ExpressionParser::multiplicative() {
  ExpressionPtr left = unary();
  while (lexer_.is("*") || lexer_.is("/") || lexer_.is("%")) {
    const std::string op = lexer_.text();
    lexer_.next();
    ExpressionPtr right = unary();
    left = make(Kind::kBinary, op, std::move(left), std::move(right));
  }
  return left;
}

ExpressionPtr ExpressionParser::unary() {
  const Depth depth(*this);
  if (lexer_.is("!") || lexer_.is("-") || lexer_.is("+")) {
    const Kind kind = lexer_.is("!") ? Kind::kNot : lexer_.is("-") ? Kind::kNegate : Kind::kPlus;
    lexer_.next();
    ExpressionPtr operand = unary();
    // "! x ~ y" negates the match, as in every awk.
    if (kind == Kind::kNot && (lexer_.is("~") || lexer_.is("!~")) && !operand->parenthesized) {
      const std::string op = lexer_.text();
      lexer_.next();
      ExpressionPtr right = comparison();
      operand = make(Kind::kMatch, op, std::move(operand), std::move(right));
    }
    return make(kind, "", std::move(operand));
  }
  return power();
}

ExpressionPtr ExpressionParser::power() {
  ExpressionPtr left = postfix();
  if (!lexer_.is("^")) return left;
  lexer_.next();
  const bool negative = lexer_.is("-") || lexer_.is("+") || lexer_.is("!");
  ExpressionPtr right = negative ? unary() : power();
  return make(Kind::kBinary, "^", std::move(left), std::move(right));
}

ExpressionPtr ExpressionParser::postfix() {
  ExpressionPtr operand = primary();
  if (!is_target(*operand)) return operand;
  if (lexer_.is("++") || lexer_.is("--")) {
    const std::string op = lexer_.text();
    lexer_.next();
    return make(Kind::kIncrement, op, std::move(operand));
  }
  // Assignments bind where their target stands: "1 + x = 5" is 1 + (x = 5).
  if (at_assignment()) {
    const std::string op = lexer_.text();
    lexer_.next();
    skip_newlines();
    ExpressionPtr value = expression();
    return make(Kind::kAssign, op, std::move(operand), std::move(value));
  }
  return operand;
}

ExpressionPtr ExpressionParser::optional_target() {
  if (lexer_.is("$")) return field();
  if (lexer_.kind() == Token::kName) return variable();
  return nullptr;
}

ExpressionPtr ExpressionParser::field() {
  const Depth depth(*this);
  lexer_.next();
  if (lexer_.is("++") || lexer_.is("--")) {
    const std::string op = lexer_.text();
    lexer_.next();
    ExpressionPtr target = primary();
    auto step = make(Kind::kIncrement, op, std::move(target));
    step->prefix = true;
    return make(Kind::kField, "", std::move(step));
  }
  if (lexer_.is("-") || lexer_.is("+") || lexer_.is("!")) {
    ExpressionPtr index = unary();
    return make(Kind::kField, "", std::move(index));
  }
  ExpressionPtr index = primary();
  return make(Kind::kField, "", std::move(index));
}

ExpressionPtr ExpressionParser::variable() {
  auto name = make(Kind::kVariable, lexer_.text());
  lexer_.next();
  if (!lexer_.is("[")) return name;
  lexer_.next();
  name->kind = Kind::kElement;
  name->children = expression_list("]");
  if (name->children.empty()) fail();
  expect("]");
  return name;
}

ExpressionPtr ExpressionParser::primary() {
  const Depth depth(*this);
  switch (lexer_.kind()) {
    case Token::kNumber: {
      auto number = make(Kind::kNumber);
      number->number = lexer_.number();
      lexer_.next();
      return number;
    }
    case Token::kString: {
      auto text = make(Kind::kString, lexer_.text());
      lexer_.next();
      return text;
    }
    case Token::kName:
      return variable();
    case Token::kFunctionName: {
      auto call = make(Kind::kCall, lexer_.text());
      lexer_.next();
      lexer_.next();  // "(" stands right behind
      call->children = expression_list(")");
      expect(")");
      return call;
    }
    case Token::kBuiltin:
      return builtin();
    case Token::kKeyword:
      if (lexer_.is_keyword("getline")) return getline();
      break;
    case Token::kPunctuation:
      return punctuation_primary();
    default:
      break;
  }
  if (lexer_.kind() == Token::kNewline) fail("unexpected newline or end of string");
  fail();
}

ExpressionPtr ExpressionParser::punctuation_primary() {
  if (lexer_.is("$")) return field();
  if (lexer_.is("/") || lexer_.is("/=")) {
    auto regex = make(Kind::kRegex);
    regex->text = lexer_.read_regex();
    return regex;
  }
  if (lexer_.is("++") || lexer_.is("--")) {
    auto step = make(Kind::kIncrement, lexer_.text());
    step->prefix = true;
    lexer_.next();
    ExpressionPtr target = primary();
    if (!is_target(*target)) fail();
    step->children.push_back(std::move(target));
    return step;
  }
  if (lexer_.is("-") || lexer_.is("+") || lexer_.is("!")) return unary();
  if (lexer_.is("(")) {
    lexer_.next();
    std::vector<ExpressionPtr> list = expression_list(")");
    expect(")");
    if (list.empty()) fail();
    if (list.size() == 1) {
      list[0]->parenthesized = true;
      // A grouping is a value: "(x) = 1" and "$(x)++" must not see through it.
      return std::move(list[0]);
    }
    auto group = make(Kind::kGroup);
    group->children = std::move(list);
    return group;
  }
  fail();
}

ExpressionPtr ExpressionParser::builtin() {
  auto call = make(Kind::kBuiltin, lexer_.text());
  lexer_.next();
  if (!lexer_.is("(")) {
    if (call->text == "length") return call;
    fail();
  }
  lexer_.next();
  call->children = expression_list(")");
  expect(")");
  return call;
}

ExpressionPtr ExpressionParser::getline() {
  auto read = make(Kind::kGetline, "");
  lexer_.next();
  ExpressionPtr target = optional_target();
  if (lexer_.is("<")) {
    lexer_.next();
    read->text = "<";
    read->children.push_back(source_operand());
  }
  if (target) {
    read->has_target = true;
    read->children.push_back(std::move(target));
  }
  return read;
}

ExpressionPtr ExpressionParser::source_operand() { return primary(); }

}  // namespace drydock::awk
