#include <algorithm>
#include <utility>

#include "core/base/strings.h"
#include "core/programs/shell/syntax/lexer.h"
#include "core/programs/shell/syntax/scan.h"
#include "core/programs/shell/syntax/syntax.h"

namespace drydock::shell {

Parser::Parser(std::string text, const Aliases* aliases, bool complete, int first_line)
    : lexer_(std::make_unique<Lexer>(std::move(text), complete, first_line)), aliases_(aliases) {}

Parser::~Parser() = default;

std::size_t Parser::substitution_end(std::string_view text, std::size_t open) {
  try {
    return parsed_substitution_end(text, open);
  } catch (const SyntaxError&) {
    return skip_brackets(text, open, '(', ')');
  }
}

std::size_t Parser::parsed_substitution_end(std::string_view text, std::size_t open) {
  Parser inner(std::string(text.substr(open + 1)), nullptr, false);
  try {
    inner.lexer_->advance();
    inner.skip_newlines();
    if (!inner.is_op(")")) (void)inner.command_list();
    if (!inner.is_op(")")) inner.unexpected();
  } catch (const IncompleteText&) {
    return kOpenEnd;
  }
  return open + 1 + inner.lexer_->token().end;
}

Parsed Parser::next() {
  Parsed parsed;
  try {
    if (!std::exchange(started_, true)) lexer_->advance();
    skip_newlines();
    if (lexer_->token().kind == Token::Kind::kEnd) return parsed;
    parsed.command = line_list();
    const Token::Kind kind = lexer_->token().kind;
    if (kind != Token::Kind::kEnd && kind != Token::Kind::kNewline) unexpected();
    parsed.state = Parsed::State::kCommand;
  } catch (const IncompleteText& open) {
    parsed.state = Parsed::State::kIncomplete;
    parsed.line = lexer_->line_at(lexer_->text().size()) + (lexer_->text().ends_with("\n") ? 0 : 1);
    parsed.message = "syntax error: unexpected end of file";
    if (open.wanted != '\0') {
      parsed.line = open.line;
      parsed.message = "unexpected EOF while looking for matching `" + std::string(1, open.wanted) + "'";
    }
  } catch (const SyntaxError& error) {
    parsed.state = Parsed::State::kError;
    parsed.message = error.text;
    parsed.line = error.line;
    parsed.line_text = lexer_->line_text(error.line);
  }
  parsed.warnings = std::exchange(lexer_->warnings, {});
  return parsed;
}

// --- helpers ---

std::shared_ptr<Command> Parser::make(Command::Kind kind) const {
  auto made = std::make_shared<Command>();
  made->kind = kind;
  made->line = lexer_->token().line;
  return made;
}

bool Parser::is_op(std::string_view text) const {
  return lexer_->token().kind == Token::Kind::kOperator && lexer_->token().text == text;
}
bool Parser::is_word(std::string_view text) const {
  return lexer_->token().kind == Token::Kind::kWord && lexer_->token().text == text;
}
void Parser::skip_newlines() {
  while (lexer_->token().kind == Token::Kind::kNewline) lexer_->advance();
}
void Parser::unexpected() const {
  const Token& token = lexer_->token();
  if (token.kind == Token::Kind::kEnd) throw IncompleteText{'\0', token.line};
  throw SyntaxError{"syntax error near unexpected token `" + token.text + "'", token.line};
}
void Parser::expect_word(std::string_view text) {
  if (!is_word(text)) unexpected();
  lexer_->advance();
}

bool Parser::ends_list() const {
  const Token& token = lexer_->token();
  if (token.kind == Token::Kind::kEnd) return true;
  if (token.kind == Token::Kind::kOperator)
    return token.text == ")" || token.text == ";;" || token.text == ";&" || token.text == ";;&";
  if (token.kind != Token::Kind::kWord) return false;
  for (const char* word : {"then", "elif", "else", "fi", "do", "done", "esac", "}"}) {
    if (token.text == word) return true;
  }
  return false;
}

// The current word is a command's first: an alias is put in its place.
bool Parser::replace_alias() {
  const Token& token = lexer_->token();
  if (aliases_ == nullptr || token.kind != Token::Kind::kWord) return false;
  const auto alias = aliases_->find(token.text);
  if (alias == aliases_->end()) return false;
  // Not inside its own text.
  const auto open = open_aliases_.find(token.text);
  const std::size_t behind = lexer_->text().size() - token.end;
  if (open != open_aliases_.end() && behind >= open->second) return false;
  open_aliases_[token.text] = behind;
  check_next_word_ = alias->second.ends_with(" ") || alias->second.ends_with("\t");
  lexer_->replace_token(alias->second + " ");
  return true;
}

// --- grammar ---

// What stands on a line: lists go on over newlines only inside compound commands.
CommandPtr Parser::line_list() {
  auto list = make(Command::Kind::kList);
  for (;;) {
    list->children.push_back(and_or());
    const bool more = is_op("&") || is_op(";");
    list->operators.push_back(more ? lexer_->token().text : ";");
    if (!more) return list;
    lexer_->advance();
    const Token::Kind kind = lexer_->token().kind;
    if (kind == Token::Kind::kEnd || kind == Token::Kind::kNewline) return list;
  }
}

CommandPtr Parser::command_list() {
  auto list = make(Command::Kind::kList);
  skip_newlines();
  while (!ends_list()) {
    list->children.push_back(and_or());
    std::string separator = ";";
    if (is_op("&") || is_op(";")) {
      separator = lexer_->token().text;
      lexer_->advance();
    } else if (lexer_->token().kind != Token::Kind::kNewline && !ends_list()) {
      unexpected();
    }
    list->operators.push_back(separator);
    skip_newlines();
  }
  if (list->children.empty()) unexpected();
  return list;
}

CommandPtr Parser::and_or() {
  CommandPtr first = pipeline();
  if (!is_op("&&") && !is_op("||")) return first;
  auto chain = make(Command::Kind::kAndOr);
  chain->children.push_back(std::move(first));
  while (is_op("&&") || is_op("||")) {
    chain->operators.push_back(lexer_->token().text);
    lexer_->advance();
    skip_newlines();
    chain->children.push_back(pipeline());
  }
  return chain;
}

CommandPtr Parser::pipeline() {
  auto line = make(Command::Kind::kPipeline);
  for (;;) {
    if (is_word("!")) {
      line->negated = !line->negated;
      lexer_->advance();
    } else if (is_word("time")) {
      line->timed = Command::Timed::kYes;
      lexer_->advance();
      if (is_word("-p")) {
        line->timed = Command::Timed::kPosix;
        lexer_->advance();
      }
    } else {
      break;
    }
  }
  const bool ends =
      lexer_->token().kind == Token::Kind::kNewline || lexer_->token().kind == Token::Kind::kEnd || is_op(";");
  if (line->timed != Command::Timed::kNo && ends) {  // `time` alone
    line->children.push_back(make(Command::Kind::kSimple));
    return line;
  }
  CommandPtr first = command();
  const bool plain = !line->negated && line->timed == Command::Timed::kNo;
  if (plain && !is_op("|") && !is_op("|&")) return first;
  line->children.push_back(std::move(first));
  while (is_op("|") || is_op("|&")) {
    line->operators.push_back(lexer_->token().text);
    lexer_->advance();
    skip_newlines();
    line->children.push_back(command());
  }
  return line;
}

bool Parser::redirection(Command& command) {
  auto made = std::make_shared<Redirection>();
  const Token first = lexer_->token();
  if (first.kind == Token::Kind::kWord && first.before_redirection) {
    if (first.text[0] == '{')
      made->variable = first.text.substr(1, first.text.size() - 2);
    else
      made->fd = static_cast<int>(parse_int(first.text).value_or(-1));
    lexer_->advance();
  }
  if (lexer_->token().kind != Token::Kind::kOperator) return false;
  static constexpr std::string_view kOps[] = {"<", ">", ">>", "<&", ">&", "&>", "&>>", "<>", ">|", "<<", "<<-", "<<<"};
  const std::string op = lexer_->token().text;
  if (std::find(std::begin(kOps), std::end(kOps), op) == std::end(kOps)) return false;
  lexer_->advance();
  if (lexer_->token().kind != Token::Kind::kWord) unexpected();
  made->op = op;
  made->word = lexer_->token().text;
  command.redirections.push_back(made);
  if (op == "<<" || op == "<<-") {
    made->delimiter = made->word;
    made->word.clear();
    lexer_->here_document(made, op == "<<-");
  }
  lexer_->advance();
  return true;
}

CommandPtr Parser::with_redirections(std::shared_ptr<Command> made) {
  while (redirection(*made)) {
  }
  return made;
}

CommandPtr Parser::command() {
  while (lexer_->token().kind == Token::Kind::kWord && !is_reserved(lexer_->token().text) && replace_alias()) {
  }
  if (is_op("(")) {
    const std::size_t begin = lexer_->token().begin;
    if (std::string_view(lexer_->text()).substr(begin).starts_with("((")) {
      if (skip_arithmetic(lexer_->text(), begin) != kOpenEnd) return arithmetic();
      if (skip_brackets(lexer_->text(), begin, '(', ')') == kOpenEnd) throw IncompleteText{')', lexer_->token().line};
    }
    return subshell();
  }
  if (lexer_->token().kind == Token::Kind::kWord) {
    const std::string word = lexer_->token().text;
    if (word == "{") return group();
    if (word == "if") return if_command();
    if (word == "while" || word == "until") return loop();
    if (word == "for" || word == "select") return for_command();
    if (word == "case") return case_command();
    if (word == "[[") return test_command();
    if (word == "function") {
      lexer_->advance();
      if (lexer_->token().kind != Token::Kind::kWord) unexpected();
      const std::string name = lexer_->token().text;
      lexer_->advance();
      if (is_op("(")) {
        lexer_->advance();
        if (!is_op(")")) unexpected();
        lexer_->advance();
      }
      return function(name);
    }
    if (is_reserved(word) && word != "in" && word != "]]" && word != "!" && word != "time") unexpected();
  }
  return simple();
}

CommandPtr Parser::subshell() {
  auto made = make(Command::Kind::kSubshell);
  lexer_->advance();
  made->children.push_back(command_list());
  if (!is_op(")")) unexpected();
  lexer_->advance();
  return with_redirections(std::move(made));
}

CommandPtr Parser::group() {
  auto made = make(Command::Kind::kGroup);
  lexer_->advance();
  made->children.push_back(command_list());
  expect_word("}");
  return with_redirections(std::move(made));
}

CommandPtr Parser::if_command() {
  auto made = make(Command::Kind::kIf);
  do {
    lexer_->advance();
    made->children.push_back(command_list());
    expect_word("then");
    made->children.push_back(command_list());
  } while (is_word("elif"));
  if (is_word("else")) {
    lexer_->advance();
    made->children.push_back(command_list());
  }
  expect_word("fi");
  return with_redirections(std::move(made));
}

CommandPtr Parser::loop() {
  auto made = make(is_word("while") ? Command::Kind::kWhile : Command::Kind::kUntil);
  lexer_->advance();
  made->children.push_back(command_list());
  expect_word("do");
  made->children.push_back(command_list());
  expect_word("done");
  return with_redirections(std::move(made));
}

CommandPtr Parser::do_group() {
  if (is_op(";")) lexer_->advance();
  skip_newlines();
  const bool braces = is_word("{");
  if (!braces && !is_word("do")) unexpected();
  lexer_->advance();
  CommandPtr body = command_list();
  expect_word(braces ? "}" : "done");
  return body;
}

CommandPtr Parser::for_command() {
  auto made = make(is_word("select") ? Command::Kind::kSelect : Command::Kind::kFor);
  lexer_->advance();
  const std::size_t begin = lexer_->token().begin;
  if (is_op("(") && std::string_view(lexer_->text()).substr(begin).starts_with("((")) {
    made->kind = Command::Kind::kArithFor;
    const std::size_t end = skip_arithmetic(lexer_->text(), begin);
    if (end == kOpenEnd) throw IncompleteText{')', lexer_->token().line};
    made->name = lexer_->text().substr(begin + 2, end - begin - 4);
    lexer_->advance_from(end);
  } else {
    if (lexer_->token().kind != Token::Kind::kWord) unexpected();
    made->name = lexer_->token().text;
    lexer_->advance();
    skip_newlines();
    if (is_word("in")) {
      made->has_list = true;
      lexer_->advance();
      while (lexer_->token().kind == Token::Kind::kWord) {
        made->words.push_back(lexer_->token().text);
        lexer_->advance();
      }
      if (!is_op(";") && lexer_->token().kind != Token::Kind::kNewline) unexpected();
    }
  }
  made->children.push_back(do_group());
  return with_redirections(std::move(made));
}

CommandPtr Parser::case_command() {
  auto made = make(Command::Kind::kCase);
  lexer_->advance();
  if (lexer_->token().kind != Token::Kind::kWord) unexpected();
  made->name = lexer_->token().text;
  lexer_->advance();
  skip_newlines();
  expect_word("in");
  skip_newlines();
  while (!is_word("esac")) {
    Command::Clause clause;
    if (is_op("(")) lexer_->advance();
    for (;;) {
      if (lexer_->token().kind != Token::Kind::kWord) unexpected();
      clause.patterns.push_back(lexer_->token().text);
      lexer_->advance();
      if (!is_op("|")) break;
      lexer_->advance();
    }
    if (!is_op(")")) unexpected();
    lexer_->advance();
    skip_newlines();
    if (!ends_list()) clause.body = command_list();
    clause.end = ";;";
    const bool ended = is_op(";;") || is_op(";&") || is_op(";;&");
    if (ended) {
      clause.end = lexer_->token().text;
      lexer_->advance();
    } else if (!is_word("esac")) {
      unexpected();
    }
    made->clauses.push_back(std::move(clause));
    skip_newlines();
  }
  lexer_->advance();
  return with_redirections(std::move(made));
}

CommandPtr Parser::test_command() {
  auto made = make(Command::Kind::kTest);
  lexer_->extended_globs = true;
  lexer_->advance();
  while (!is_word("]]")) {
    const Token& token = lexer_->token();
    if (token.kind == Token::Kind::kEnd) throw IncompleteText{'\0', token.line};
    if (token.kind == Token::Kind::kOperator &&
        (token.text == ";" || token.text == ";;" || token.text == "&" || token.text == "|"))
      throw SyntaxError{"syntax error in conditional expression: unexpected token `" + token.text + "'", token.line};
    const bool regex = is_word("=~");
    if (token.kind != Token::Kind::kNewline) made->words.push_back(token.text);
    if (regex) made->words.push_back(lexer_->read_regex());
    lexer_->advance();
  }
  lexer_->extended_globs = false;
  if (made->words.empty()) throw SyntaxError{"syntax error near `]]'", lexer_->token().line};
  lexer_->advance();
  return with_redirections(std::move(made));
}

CommandPtr Parser::arithmetic() {
  auto made = make(Command::Kind::kArith);
  const std::size_t begin = lexer_->token().begin;
  const std::size_t end = skip_arithmetic(lexer_->text(), begin);
  made->name = lexer_->text().substr(begin + 2, end - begin - 4);
  lexer_->advance_from(end);
  return with_redirections(std::move(made));
}

CommandPtr Parser::function(const std::string& name) {
  auto made = make(Command::Kind::kFunction);
  skip_newlines();
  made->name = name;
  const bool compound = is_op("(") || (lexer_->token().kind == Token::Kind::kWord && is_reserved(lexer_->token().text));
  if (!compound) unexpected();
  made->children.push_back(command());
  return made;
}

CommandPtr Parser::simple() {
  auto made = make(Command::Kind::kSimple);
  for (;;) {
    if (redirection(*made)) continue;
    if (lexer_->token().kind != Token::Kind::kWord) break;
    const bool expands = made->words.empty() || check_next_word_;
    if (expands && !is_assignment(lexer_->token().text)) {
      check_next_word_ = false;
      if (replace_alias()) {
        // The alias may be a whole compound command.
        if (made->words.empty() && made->assignments.empty() && made->redirections.empty()) return command();
        continue;
      }
    }
    const std::string word = lexer_->token().text;
    if (made->words.empty() && is_assignment(word))
      made->assignments.push_back(word);
    else
      made->words.push_back(word);
    lexer_->advance();
    if (made->words.size() == 1 && made->assignments.empty() && made->redirections.empty() && is_op("(")) {
      lexer_->advance();
      if (!is_op(")")) unexpected();
      lexer_->advance();
      return function(made->words[0]);
    }
  }
  if (made->words.empty() && made->assignments.empty() && made->redirections.empty()) unexpected();
  return made;
}

}  // namespace drydock::shell
