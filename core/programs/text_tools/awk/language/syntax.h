// The tree of an awk program.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace drydock::awk {

struct Expression;
struct Statement;
using ExpressionPtr = std::unique_ptr<Expression>;
using StatementPtr = std::unique_ptr<Statement>;

struct Expression {
  enum class Kind {
    kNumber,
    kString,
    kRegex,        // text; alone it is matched with $0
    kVariable,     // text
    kElement,      // text[children]
    kField,        // $ child
    kAssign,       // children: target, value; text: "=", "+=", …
    kConditional,  // c ? a : b
    kAnd,
    kOr,
    kNot,
    kNegate,
    kPlus,
    kBinary,     // text: + - * / % ^ < <= == != > >= and "" (concatenation)
    kMatch,      // text: ~ or !~
    kIn,         // children: subscripts; text: array
    kIncrement,  // text: "++" or "--"; prefix
    kCall,       // text: function
    kBuiltin,    // text
    kGetline,    // text: "", "<" or "|"; children: [source], then [target]
    kGroup,      // (a, b): only before "in" and in print
  };
  Kind kind;
  std::string text;
  double number = 0;
  bool prefix = false;
  bool has_target = false;  // getline
  bool parenthesized = false;
  std::size_t offset = 0;
  std::vector<ExpressionPtr> children;
};

struct Statement {
  enum class Kind {
    kExpression,
    kPrint,
    kPrintf,
    kIf,
    kWhile,
    kDo,
    kFor,    // body, with init and step as statements
    kForIn,  // name in text
    kBlock,
    kBreak,
    kContinue,
    kNext,
    kNextFile,
    kExit,
    kReturn,
    kDelete,
    kSwitch,
  };
  Kind kind;
  std::string text;      // redirection ">", ">>", "|"; array of delete and for-in
  std::string variable;  // for-in
  ExpressionPtr condition;
  ExpressionPtr target;  // of the redirection
  std::vector<ExpressionPtr> expressions;
  std::vector<StatementPtr> statements;  // if: then, else; for: init, step, body
  std::vector<std::size_t> labels;       // switch: first statement of each case
  std::size_t offset = 0;
};

struct Function {
  std::vector<std::string> parameters;
  StatementPtr body;
  std::size_t offset = 0;
};

struct Rule {
  enum class Kind { kBegin, kEnd, kPattern, kRange };
  Kind kind = Kind::kPattern;
  ExpressionPtr pattern;  // null: every record
  ExpressionPtr last;     // of a range
  StatementPtr action;    // null: print
};

struct Program {
  std::vector<Rule> rules;
  std::map<std::string, Function> functions;
};

}  // namespace drydock::awk
