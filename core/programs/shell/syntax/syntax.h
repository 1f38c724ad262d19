// The shell's grammar: words, commands, and the parser that reads them.
// https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html
//
// A word is kept as it was written, quotes and all; expansion reads it again.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::shell {

struct Redirection {
  int fd = -1;            // -1: the operator's own
  std::string variable;   // {name}>file: the descriptor's number goes there
  std::string op;         // "<" ">" ">>" ">|" "<&" ">&" "&>" "&>>" "<>" "<<" "<<-" "<<<"
  std::string word;       // target; a here-document's text
  std::string delimiter;  // of a here-document, as written
  bool expand = true;     // here-documents with an unquoted delimiter
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
    kSelect,
    kCase,
    kFunction,
    kTest,
    kArith
  };
  enum class Timed { kNo, kYes, kPosix };
  Kind kind = Kind::kSimple;
  int line = 0;
  std::vector<std::string> assignments;  // simple: NAME=word
  std::vector<std::string> words;        // simple: command and arguments; for: the list; [[ ]]: its words
  std::vector<std::shared_ptr<Redirection>> redirections;
  std::vector<CommandPtr> children;    // parts, by kind
  std::vector<std::string> operators;  // and-or: "&&" "||"; list: ";" "&"; pipeline: "|" "|&"
  std::string name;                    // for: variable; case: word; function: name; ((…)): expression
  struct Clause {
    std::vector<std::string> patterns;
    CommandPtr body;  // null: empty
    std::string end;  // ";;" ";&" ";;&"
  };
  std::vector<Clause> clauses;
  bool negated = false;  // pipeline
  Timed timed = Timed::kNo;
  bool has_list = false;  // for … in
};

using Aliases = std::map<std::string, std::string>;

struct Parsed {
  enum class State { kCommand, kEnd, kIncomplete, kError };
  State state = State::kEnd;
  CommandPtr command;
  // kError: "syntax error near unexpected token `fi'". kIncomplete: what a text that
  // ends here is told.
  std::string message;
  int line = 0;           // of the error
  std::string line_text;  // the line at fault; "" when bash would not show it
  std::vector<std::string> warnings;
};

class Lexer;

// Reads a text command by command: what the first lines do (aliases, exit) is done
// before the next ones are read.
class Parser {
 public:
  // `complete`: nothing follows the text, so an open here-document ends with it.
  Parser(std::string text, const Aliases* aliases, bool complete, int first_line = 1);
  ~Parser();
  Parsed next();
  void set_aliases(const Aliases* aliases) { aliases_ = aliases; }

  // The position behind the ")" of a command that starts behind the "(" at `open`; npos when open.
  // Of a command that cannot be parsed: behind the bracket that matches.
  static std::size_t substitution_end(std::string_view text, std::size_t open);
  // The same for text that is being parsed: throws SyntaxError.
  static std::size_t parsed_substitution_end(std::string_view text, std::size_t open);

 private:
  CommandPtr line_list();
  CommandPtr command_list();
  CommandPtr and_or();
  CommandPtr pipeline();
  bool redirection(Command& command);
  CommandPtr command();
  CommandPtr with_redirections(std::shared_ptr<Command> made);
  CommandPtr subshell();
  CommandPtr group();
  CommandPtr if_command();
  CommandPtr loop();
  CommandPtr do_group();
  CommandPtr for_command();
  CommandPtr case_command();
  CommandPtr test_command();
  CommandPtr arithmetic();
  CommandPtr function(const std::string& name);
  CommandPtr simple();

  std::shared_ptr<Command> make(Command::Kind kind) const;
  bool is_op(std::string_view text) const;
  bool is_word(std::string_view text) const;
  bool ends_list() const;
  void skip_newlines();
  void expect_word(std::string_view text);
  [[noreturn]] void unexpected() const;
  bool replace_alias();

  std::unique_ptr<Lexer> lexer_;
  const Aliases* aliases_;
  std::map<std::string, std::size_t> open_aliases_;  // name -> bytes of text that were left behind it
  bool check_next_word_ = false;                     // an alias that ended in white space
  bool started_ = false;
};

// The command as `type` and `jobs` print it.
std::string unparse(const Command& command, int indent = 0);
// "NAME=…", "NAME+=…", "NAME[i]=…".
bool is_assignment(std::string_view word);
bool is_name(std::string_view word);
bool is_reserved(std::string_view word);
bool name_start(char c);
bool name_part(char c);

}  // namespace drydock::shell
