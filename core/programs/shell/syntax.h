// The shell's grammar: words, commands, and the parser that reads them.
// https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace drydock::shell {

// A word is kept as it was written, quotes and all; expansion reads it again.
struct Redirection {
  int fd = -1;         // -1: the operator's own
  std::string op;      // "<" ">" ">>" "<&" ">&" "&>" "<>" "<<" "<<<"
  std::string word;    // target; a here-document's text
  bool expand = true;  // here-documents with an unquoted delimiter
};

struct Command;
using CommandPtr = std::shared_ptr<const Command>;

struct Command {
  enum class Kind {
    kSimple,
    kPipeline,
    kAndOr,
    kList,
    kSubshell,
    kGroup,
    kIf,
    kWhile,
    kUntil,
    kFor,
    kArithFor,
    kCase,
    kFunction,
    kTest,
    kArith
  };
  Kind kind = Kind::kSimple;
  std::vector<std::string> assignments;  // simple: NAME=word
  std::vector<std::string> words;        // simple: command and arguments; for: the list; [[ ]]: its words
  std::vector<Redirection> redirections;
  std::vector<CommandPtr> children;    // parts, by kind
  std::vector<std::string> operators;  // and-or: "&&" "||"; list: ";" "&"
  std::string name;                    // for: variable; case: word; function: name; ((…)): expression
  struct Clause {
    std::vector<std::string> patterns;
    CommandPtr body;
  };
  std::vector<Clause> clauses;
  bool negated = false;   // pipeline
  bool has_list = false;  // for … in
};

struct Parsed {
  CommandPtr command;       // null: nothing but white space
  bool incomplete = false;  // more lines are needed (an open quote, loop or here-document)
};
// The error is bash's, without the shell's name in front: "syntax error near unexpected token `fi'".
Result<Parsed> parse(std::string_view text);

}  // namespace drydock::shell
