#include "core/programs/text_tools/awk/parser.h"

#include <utility>

namespace drydock::awk {
namespace {

constexpr int kMaxNesting = 200;  // of expressions and statements: the stack of a tab is small

class Parser {
 public:
  explicit Parser(std::string_view source) : lexer_(source) {}

  Program run() {
    skip_terminators();
    while (lexer_.kind() != Token::kEnd) {
      item();
      skip_terminators();
    }
    return std::move(program_);
  }

 private:
  using Kind = Expression::Kind;

  struct Depth {
    explicit Depth(Parser& parser) : parser_(parser) {
      if (++parser.depth_ > kMaxNesting) parser.fail("expression too deeply nested");
    }
    ~Depth() { --parser_.depth_; }
    Parser& parser_;
  };

  [[noreturn]] void fail(const std::string& message = "syntax error") {
    throw SyntaxError{lexer_.offset(), lexer_.kind() == Token::kEnd && message == "syntax error"
                                           ? "unexpected newline or end of string"
                                           : message};
  }
  bool accept(std::string_view punctuation) {
    if (!lexer_.is(punctuation)) return false;
    lexer_.next();
    return true;
  }
  bool accept_keyword(std::string_view word) {
    if (!lexer_.is_keyword(word)) return false;
    lexer_.next();
    return true;
  }
  void expect(std::string_view punctuation) {
    if (!accept(punctuation))
      fail(lexer_.kind() == Token::kNewline ? "unexpected newline or end of string" : "syntax error");
  }
  void skip_newlines() {
    while (lexer_.kind() == Token::kNewline) lexer_.next();
  }
  void skip_terminators() {
    while (lexer_.kind() == Token::kNewline || lexer_.is(";")) lexer_.next();
  }
  ExpressionPtr make(Kind kind, std::string text = "") {
    auto expression = std::make_unique<Expression>();
    expression->kind = kind;
    expression->text = std::move(text);
    expression->offset = lexer_.offset();
    return expression;
  }
  ExpressionPtr make(Kind kind, std::string text, ExpressionPtr a, ExpressionPtr b = nullptr,
                     ExpressionPtr c = nullptr) {
    auto expression = make(kind, std::move(text));
    expression->offset = a->offset;
    expression->children.push_back(std::move(a));
    if (b) expression->children.push_back(std::move(b));
    if (c) expression->children.push_back(std::move(c));
    return expression;
  }

  void item() {
    if (lexer_.is_keyword("function")) return function();
    Rule rule;
    if (lexer_.is_keyword("BEGIN") || lexer_.is_keyword("END")) {
      rule.kind = lexer_.text() == "BEGIN" ? Rule::Kind::kBegin : Rule::Kind::kEnd;
      const std::string word = lexer_.text();
      place_ = word;
      lexer_.next();
      if (!lexer_.is("{")) fail(word + " blocks must have an action part");
    } else if (!lexer_.is("{")) {
      rule.pattern = expression();
      if (accept(",")) {
        skip_newlines();
        rule.kind = Rule::Kind::kRange;
        rule.last = expression();
      }
    }
    if (lexer_.is("{")) rule.action = block();
    place_.clear();
    program_.rules.push_back(std::move(rule));
  }

  void function() {
    lexer_.next();
    if (lexer_.kind() != Token::kName && lexer_.kind() != Token::kFunctionName) fail();
    const std::string name = lexer_.text();
    Function function;
    function.offset = lexer_.offset();
    if (program_.functions.contains(name)) fail("function name `" + name + "' previously defined");
    lexer_.next();
    expect("(");
    while (!lexer_.is(")")) {
      if (lexer_.kind() != Token::kName) fail();
      function.parameters.push_back(lexer_.text());
      lexer_.next();
      if (!accept(",")) break;
      skip_newlines();
    }
    expect(")");
    skip_newlines();
    in_function_ = true;
    if (!lexer_.is("{")) fail();
    function.body = block();
    in_function_ = false;
    program_.functions.emplace(name, std::move(function));
  }

  // --- statements ---

  StatementPtr statement_of(Statement::Kind kind) {
    auto statement = std::make_unique<Statement>();
    statement->kind = kind;
    statement->offset = lexer_.offset();
    return statement;
  }

  StatementPtr block() {
    const Depth depth(*this);
    auto body = statement_of(Statement::Kind::kBlock);
    expect("{");
    skip_terminators();
    while (!lexer_.is("}")) {
      if (lexer_.kind() == Token::kEnd) fail();
      body->statements.push_back(statement());
      skip_terminators();
    }
    lexer_.next();
    return body;
  }

  void end_of_statement() {
    if (lexer_.is(";") || lexer_.kind() == Token::kNewline) {
      lexer_.next();
      return;
    }
    if (!lexer_.is("}") && lexer_.kind() != Token::kEnd) fail();
  }

  // The body of if, while, for: one statement, maybe on the next line; ";" is an empty one.
  StatementPtr body() {
    skip_newlines();
    if (accept(";")) return statement_of(Statement::Kind::kBlock);
    return statement();
  }

  StatementPtr statement() {
    const Depth depth(*this);
    if (lexer_.is("{")) return block();
    if (lexer_.kind() == Token::kKeyword) {
      const std::string word = lexer_.text();
      if (word == "if") return if_statement();
      if (word == "while") {
        auto loop = statement_of(Statement::Kind::kWhile);
        lexer_.next();
        expect("(");
        loop->condition = expression();
        expect(")");
        loop->statements.push_back(loop_body());
        return loop;
      }
      if (word == "do") return do_statement();
      if (word == "for") return for_statement();
      if (word == "switch") return switch_statement();
    }
    auto simple = simple_statement();
    end_of_statement();
    return simple;
  }

  StatementPtr loop_body() {
    ++loops_;
    auto inner = body();
    --loops_;
    return inner;
  }

  StatementPtr if_statement() {
    auto choice = statement_of(Statement::Kind::kIf);
    lexer_.next();
    expect("(");
    choice->condition = expression();
    expect(")");
    choice->statements.push_back(body());
    // An else may stand behind newlines and one semicolon.
    const Lexer::State before = lexer_.save();
    skip_terminators();
    if (accept_keyword("else"))
      choice->statements.push_back(body());
    else
      lexer_.restore(before);
    return choice;
  }

  StatementPtr do_statement() {
    auto loop = statement_of(Statement::Kind::kDo);
    lexer_.next();
    loop->statements.push_back(loop_body());
    skip_terminators();
    if (!accept_keyword("while")) fail();
    expect("(");
    loop->condition = expression();
    expect(")");
    end_of_statement();
    return loop;
  }

  StatementPtr for_statement() {
    auto loop = statement_of(Statement::Kind::kFor);
    lexer_.next();
    expect("(");
    if (lexer_.kind() == Token::kName) {  // for (name in array)
      const Lexer::State before = lexer_.save();
      const std::string name = lexer_.text();
      lexer_.next();
      if (accept_keyword("in") && lexer_.kind() == Token::kName) {
        const std::string array = lexer_.text();
        lexer_.next();
        if (accept(")")) {
          loop->kind = Statement::Kind::kForIn;
          loop->variable = name;
          loop->text = array;
          loop->statements.push_back(loop_body());
          return loop;
        }
      }
      lexer_.restore(before);
    }
    StatementPtr init = lexer_.is(";") ? statement_of(Statement::Kind::kBlock) : simple_statement();
    expect(";");
    skip_newlines();
    if (!lexer_.is(";")) loop->condition = expression();
    expect(";");
    skip_newlines();
    StatementPtr step = lexer_.is(")") ? statement_of(Statement::Kind::kBlock) : simple_statement();
    expect(")");
    loop->statements.push_back(std::move(init));
    loop->statements.push_back(std::move(step));
    loop->statements.push_back(loop_body());
    return loop;
  }

  // gawk's switch: labels are constants or regular expressions; "default" is a null label.
  StatementPtr switch_statement() {
    auto choice = statement_of(Statement::Kind::kSwitch);
    lexer_.next();
    expect("(");
    choice->condition = expression();
    expect(")");
    skip_newlines();
    expect("{");
    skip_terminators();
    ++loops_;
    while (!lexer_.is("}")) {
      if (accept_keyword("case")) {
        choice->expressions.push_back(primary());
        choice->labels.push_back(choice->statements.size());
        expect(":");
      } else if (accept_keyword("default")) {
        choice->expressions.push_back(nullptr);
        choice->labels.push_back(choice->statements.size());
        expect(":");
      } else {
        choice->statements.push_back(statement());
      }
      skip_terminators();
    }
    --loops_;
    lexer_.next();
    return choice;
  }

  bool at_statement_end() const {
    return lexer_.is(";") || lexer_.is("}") || lexer_.is(")") || lexer_.kind() == Token::kNewline ||
           lexer_.kind() == Token::kEnd;
  }

  StatementPtr simple_statement() {
    if (lexer_.kind() == Token::kKeyword) {
      const std::string word = lexer_.text();
      if (word == "print" || word == "printf") return print_statement(word == "printf");
      if (word == "delete") return delete_statement();
      if (word == "break" || word == "continue") {
        if (loops_ == 0) fail("`" + word + "' is not allowed outside a loop" + (word == "break" ? " or switch" : ""));
        auto jump = statement_of(word == "break" ? Statement::Kind::kBreak : Statement::Kind::kContinue);
        lexer_.next();
        return jump;
      }
      if (word == "next" || word == "nextfile") {
        if (!place_.empty()) throw SyntaxError{std::string::npos, "`" + word + "' used in " + place_ + " action"};
        auto jump = statement_of(word == "next" ? Statement::Kind::kNext : Statement::Kind::kNextFile);
        lexer_.next();
        return jump;
      }
      if (word == "exit" || word == "return") {
        if (word == "return" && !in_function_) fail("`return' used outside function context");
        auto jump = statement_of(word == "exit" ? Statement::Kind::kExit : Statement::Kind::kReturn);
        lexer_.next();
        if (!at_statement_end()) jump->condition = expression();
        return jump;
      }
    }
    auto plain = statement_of(Statement::Kind::kExpression);
    plain->expressions.push_back(expression());
    return plain;
  }

  StatementPtr delete_statement() {
    auto removal = statement_of(Statement::Kind::kDelete);
    lexer_.next();
    const bool grouped = accept("(");
    if (lexer_.kind() != Token::kName) fail();
    removal->text = lexer_.text();
    lexer_.next();
    if (accept("[")) {
      removal->expressions = expression_list("]");
      expect("]");
    }
    if (grouped) expect(")");
    return removal;
  }

  StatementPtr print_statement(bool formatted) {
    auto print = statement_of(formatted ? Statement::Kind::kPrintf : Statement::Kind::kPrint);
    lexer_.next();
    const bool outer = std::exchange(no_greater_, true);
    if (!at_statement_end() && !lexer_.is(">") && !lexer_.is(">>") && !lexer_.is("|")) {
      print->expressions.push_back(expression());
      while (accept(",")) {
        skip_newlines();
        print->expressions.push_back(expression());
      }
    }
    // print (a, b) > "file"
    if (print->expressions.size() == 1 && print->expressions[0]->kind == Kind::kGroup) {
      auto group = std::move(print->expressions[0]);
      print->expressions = std::move(group->children);
    }
    for (const ExpressionPtr& each : print->expressions) {
      if (each->kind == Kind::kGroup) fail();
    }
    if (formatted && print->expressions.empty()) fail();
    if (lexer_.is(">") || lexer_.is(">>") || lexer_.is("|")) {
      print->text = lexer_.text();
      lexer_.next();
      print->target = concatenation();
    }
    no_greater_ = outer;
    return print;
  }

  // --- expressions, from the loosest operator to the tightest ---

  static bool is_target(const Expression& expression) {
    return !expression.parenthesized &&
           (expression.kind == Kind::kVariable || expression.kind == Kind::kElement || expression.kind == Kind::kField);
  }
  bool at_assignment() const {
    if (lexer_.kind() != Token::kPunctuation) return false;
    const std::string& op = lexer_.text();
    return op == "=" || op == "+=" || op == "-=" || op == "*=" || op == "/=" || op == "%=" || op == "^=";
  }
  std::vector<ExpressionPtr> expression_list(std::string_view end) {
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

  ExpressionPtr expression() {
    const Depth depth(*this);
    return conditional();
  }

  ExpressionPtr conditional() {
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
  ExpressionPtr logical_or() {
    ExpressionPtr left = logical_and();
    while (lexer_.is("||")) {
      lexer_.next();
      skip_newlines();
      ExpressionPtr right = logical_and();
      left = make(Kind::kOr, "", std::move(left), std::move(right));
    }
    return left;
  }
  ExpressionPtr logical_and() {
    ExpressionPtr left = membership();
    while (lexer_.is("&&")) {
      lexer_.next();
      skip_newlines();
      ExpressionPtr right = membership();
      left = make(Kind::kAnd, "", std::move(left), std::move(right));
    }
    return left;
  }
  ExpressionPtr membership() {
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
  ExpressionPtr matching() {
    ExpressionPtr left = comparison();
    while (lexer_.is("~") || lexer_.is("!~")) {
      const std::string op = lexer_.text();
      lexer_.next();
      ExpressionPtr right = comparison();
      left = make(Kind::kMatch, op, std::move(left), std::move(right));
    }
    return left;
  }
  ExpressionPtr comparison() {
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
  // "command" | getline [target], as often as it stands there.
  ExpressionPtr piped() {
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

  bool at_operand() const {
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
  ExpressionPtr concatenation() {
    ExpressionPtr left = additive();
    while (at_operand() && !lexer_.is("-") && !lexer_.is("+") && !lexer_.is("!")) {
      ExpressionPtr right = additive();
      left = make(Kind::kBinary, "", std::move(left), std::move(right));
    }
    return left;
  }
  ExpressionPtr additive() {
    ExpressionPtr left = multiplicative();
    while (lexer_.is("+") || lexer_.is("-")) {
      const std::string op = lexer_.text();
      lexer_.next();
      ExpressionPtr right = multiplicative();
      left = make(Kind::kBinary, op, std::move(left), std::move(right));
    }
    return left;
  }
  ExpressionPtr multiplicative() {
    ExpressionPtr left = unary();
    while (lexer_.is("*") || lexer_.is("/") || lexer_.is("%")) {
      const std::string op = lexer_.text();
      lexer_.next();
      ExpressionPtr right = unary();
      left = make(Kind::kBinary, op, std::move(left), std::move(right));
    }
    return left;
  }
  ExpressionPtr unary() {
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
  ExpressionPtr power() {
    ExpressionPtr left = postfix();
    if (!lexer_.is("^")) return left;
    lexer_.next();
    const bool negative = lexer_.is("-") || lexer_.is("+") || lexer_.is("!");
    ExpressionPtr right = negative ? unary() : power();
    return make(Kind::kBinary, "^", std::move(left), std::move(right));
  }
  ExpressionPtr postfix() {
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

  ExpressionPtr optional_target() {
    if (lexer_.is("$")) return field();
    if (lexer_.kind() == Token::kName) return variable();
    return nullptr;
  }
  ExpressionPtr field() {
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
  ExpressionPtr variable() {
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

  ExpressionPtr primary() {
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

  ExpressionPtr punctuation_primary() {
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

  ExpressionPtr builtin() {
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

  ExpressionPtr getline() {
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
  // The file of "getline < file": no concatenation, no operators.
  ExpressionPtr source_operand() { return primary(); }

  Lexer lexer_;
  Program program_;
  int depth_ = 0;
  int loops_ = 0;
  bool in_function_ = false;
  std::string place_;  // "BEGIN" or "END" while inside
  bool no_greater_ = false;
  bool no_in_ = false;
};

}  // namespace

Program parse_program(std::string_view source) { return Parser(source).run(); }

}  // namespace drydock::awk
