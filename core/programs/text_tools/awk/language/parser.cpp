#include "core/programs/text_tools/awk/language/parser.h"

#include <utility>

#include "core/programs/text_tools/awk/language/expression_parser.h"

namespace drydock::awk {
namespace {

// Rules, functions and statements.
class Parser : private ExpressionParser {
 public:
  explicit Parser(std::string_view source) : ExpressionParser(source) {}

  Program run() {
    skip_terminators();
    while (lexer_.kind() != Token::kEnd) {
      item();
      skip_terminators();
    }
    return std::move(program_);
  }

 private:
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

  Program program_;
  int loops_ = 0;
  bool in_function_ = false;
  std::string place_;  // "BEGIN" or "END" while inside
};

}  // namespace

Program parse_program(std::string_view source) { return Parser(source).run(); }

}  // namespace drydock::awk
