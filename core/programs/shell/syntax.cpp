#include "core/programs/shell/syntax.h"

#include <algorithm>

#include "core/base/strings.h"

namespace drydock::shell {
namespace {

struct Incomplete {};
struct SyntaxError {
  std::string text;
};

constexpr std::string_view kReserved[] = {"if",   "then", "elif", "else", "fi", "while", "until", "for",      "do",
                                          "done", "case", "esac", "{",    "}",  "!",     "[[",    "function", "in"};

bool name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool name_part(char c) { return name_start(c) || (c >= '0' && c <= '9'); }
bool blank(char c) { return c == ' ' || c == '\t'; }
bool meta(char c) {
  return blank(c) || c == '\n' || c == ';' || c == '&' || c == '|' || c == '<' || c == '>' || c == '(' || c == ')';
}

struct Token {
  enum class Kind { kWord, kOperator, kNewline, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;
  bool number_before = false;  // a word of digits directly before a redirection
};

bool is_assignment(std::string_view word) {
  if (word.empty() || !name_start(word[0])) return false;
  std::size_t i = 0;
  while (i < word.size() && name_part(word[i])) ++i;
  if (i < word.size() && word[i] == '[') {
    while (i < word.size() && word[i] != ']') ++i;
    ++i;
  }
  if (i < word.size() && word[i] == '+') ++i;
  return i < word.size() && word[i] == '=';
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) { advance(); }

  CommandPtr program() {
    skip_newlines();
    if (token_.kind == Token::Kind::kEnd) return nullptr;
    CommandPtr list = command_list();
    skip_newlines();
    if (!pending_.empty()) throw Incomplete();
    if (token_.kind != Token::Kind::kEnd) unexpected();
    return list;
  }

 private:
  // --- tokens ---

  char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }

  // Moves past a quoted or nested part that starts at position_.
  void skip_quoted(char quote) {
    ++position_;
    while (position_ < text_.size() && text_[position_] != quote) {
      if (quote == '"' && text_[position_] == '\\')
        ++position_;
      else if (quote != '\'' && text_[position_] == '$' && (at(position_ + 1) == '(' || at(position_ + 1) == '{')) {
        skip_dollar();
        continue;
      } else if (quote == '"' && text_[position_] == '`') {
        skip_quoted('`');
        continue;
      }
      ++position_;
    }
    if (position_ >= text_.size()) throw Incomplete();
    ++position_;
  }

  void skip_nested(char open, char close) {
    int depth = 0;
    while (position_ < text_.size()) {
      const char c = text_[position_];
      if (c == '\\') {
        position_ += 2;
        continue;
      }
      if (c == '\'' || c == '"' || c == '`') {
        skip_quoted(c);
        continue;
      }
      if (c == open) ++depth;
      if (c == close && --depth == 0) {
        ++position_;
        return;
      }
      ++position_;
    }
    throw Incomplete();
  }

  void skip_dollar() {
    ++position_;
    if (at(position_) == '(')
      skip_nested('(', ')');
    else if (at(position_) == '{')
      skip_nested('{', '}');
    else if (at(position_) == '\'')
      skip_quoted('\'');
  }

  void advance() {
    for (;;) {
      while (blank(at(position_)) || (at(position_) == '\\' && at(position_ + 1) == '\n'))
        position_ += at(position_) == '\\' ? 2 : 1;
      if (at(position_) != '#') break;
      while (position_ < text_.size() && text_[position_] != '\n') ++position_;
    }
    token_ = Token();
    if (position_ >= text_.size()) return;
    start_ = position_;
    const char c = text_[position_];
    if (c == '\n') {
      ++position_;
      token_ = {Token::Kind::kNewline, "newline", false};
      read_here_documents();
      return;
    }
    // <( and >( are words: process substitution.
    if ((c == '<' || c == '>') && at(position_ + 1) == '(') return read_word();
    static constexpr std::string_view kOperators[] = {"&>>", "<<<", "<<-", ";;&", "&&", "||", ";;", ";&",
                                                      "<<",  ">>",  "<&",  ">&",  "<>", ">|", "&>", "|&",
                                                      "<",   ">",   "|",   "&",   ";",  "(",  ")"};
    for (std::string_view op : kOperators) {
      if (!text_.substr(position_).starts_with(op)) continue;
      position_ += op.size();
      token_ = {Token::Kind::kOperator, std::string(op), false};
      return;
    }
    read_word();
  }

  void read_word() {
    const std::size_t start = position_;
    while (position_ < text_.size()) {
      const char c = text_[position_];
      if ((c == '<' || c == '>') && at(position_ + 1) == '(' && position_ == start) {
        ++position_;
        skip_nested('(', ')');
      } else if (c == '(' && position_ > start && text_[position_ - 1] == '=' &&
                 is_assignment(text_.substr(start, position_ - start))) {
        skip_nested('(', ')');  // an array
      } else if (meta(c)) {
        break;
      } else if (c == '\\') {
        if (position_ + 1 >= text_.size()) throw Incomplete();
        position_ += 2;
      } else if (c == '\'' || c == '"' || c == '`') {
        skip_quoted(c);
      } else if (c == '$') {
        skip_dollar();
      } else {
        ++position_;
      }
    }
    token_ = {Token::Kind::kWord, std::string(text_.substr(start, position_ - start)), false};
    token_.number_before = (at(position_) == '<' || at(position_) == '>') && !token_.text.empty() &&
                           token_.text.find_first_not_of("0123456789") == std::string::npos;
  }

  struct PendingHere {
    Redirection* target;
    std::string delimiter;
    bool strip_tabs;
  };

  void read_here_documents() {
    for (const PendingHere& here : pending_) {
      std::string body;
      for (;;) {
        if (position_ >= text_.size()) throw Incomplete();
        std::size_t end = text_.find('\n', position_);
        const bool last = end == std::string_view::npos;
        if (last) end = text_.size();
        std::string_view line = text_.substr(position_, end - position_);
        position_ = last ? end : end + 1;
        if (here.strip_tabs) {
          while (line.starts_with("\t")) line.remove_prefix(1);
        }
        if (line == here.delimiter) break;
        if (last) throw Incomplete();
        body += line;
        body += '\n';
      }
      here.target->word = std::move(body);
    }
    pending_.clear();
  }

  bool is_op(std::string_view text) const { return token_.kind == Token::Kind::kOperator && token_.text == text; }
  bool is_word(std::string_view text) const { return token_.kind == Token::Kind::kWord && token_.text == text; }
  void skip_newlines() {
    while (token_.kind == Token::Kind::kNewline) advance();
  }
  [[noreturn]] void unexpected() {
    if (token_.kind == Token::Kind::kEnd) throw Incomplete();
    throw SyntaxError{"syntax error near unexpected token `" + token_.text + "'"};
  }
  void expect_word(std::string_view text) {
    if (!is_word(text)) unexpected();
    advance();
  }

  // --- grammar ---

  bool ends_list() const {
    if (token_.kind == Token::Kind::kEnd) return true;
    if (token_.kind == Token::Kind::kOperator)
      return token_.text == ")" || token_.text == ";;" || token_.text == ";&" || token_.text == ";;&";
    if (token_.kind != Token::Kind::kWord) return false;
    for (const char* word : {"then", "elif", "else", "fi", "do", "done", "esac", "}"}) {
      if (token_.text == word) return true;
    }
    return false;
  }

  CommandPtr command_list() {
    auto list = std::make_shared<Command>();
    list->kind = Command::Kind::kList;
    skip_newlines();
    while (!ends_list()) {
      list->children.push_back(and_or());
      std::string separator = ";";
      if (is_op("&") || is_op(";")) {
        separator = token_.text;
        advance();
      } else if (token_.kind != Token::Kind::kNewline && !ends_list()) {
        unexpected();
      }
      list->operators.push_back(separator);
      skip_newlines();
    }
    if (list->children.empty()) unexpected();
    return list;
  }

  CommandPtr and_or() {
    CommandPtr first = pipeline();
    if (!is_op("&&") && !is_op("||")) return first;
    auto chain = std::make_shared<Command>();
    chain->kind = Command::Kind::kAndOr;
    chain->children.push_back(std::move(first));
    while (is_op("&&") || is_op("||")) {
      chain->operators.push_back(token_.text);
      advance();
      skip_newlines();
      chain->children.push_back(pipeline());
    }
    return chain;
  }

  CommandPtr pipeline() {
    bool negated = false;
    while (is_word("!")) {
      negated = !negated;
      advance();
    }
    if (is_word("time")) advance();
    CommandPtr first = command();
    if (!negated && !is_op("|") && !is_op("|&")) return first;
    auto line = std::make_shared<Command>();
    line->kind = Command::Kind::kPipeline;
    line->negated = negated;
    line->children.push_back(std::move(first));
    while (is_op("|") || is_op("|&")) {
      line->operators.push_back(token_.text);
      advance();
      skip_newlines();
      line->children.push_back(command());
    }
    return line;
  }

  bool redirection(std::vector<Redirection>& out) {
    int fd = -1;
    if (token_.kind == Token::Kind::kWord && token_.number_before) {
      fd = static_cast<int>(parse_int(token_.text).value_or(-1));
      advance();
    }
    if (token_.kind != Token::Kind::kOperator) return false;
    const std::string op = token_.text;
    static constexpr std::string_view kOps[] = {"<",   ">",  ">>", "<&", ">&",  "&>",
                                                "&>>", "<>", ">|", "<<", "<<-", "<<<"};
    if (std::find(std::begin(kOps), std::end(kOps), op) == std::end(kOps)) return false;
    advance();
    if (token_.kind != Token::Kind::kWord) unexpected();
    Redirection made;
    made.fd = fd;
    made.op = op == "<<-" ? "<<" : op == ">|" ? ">" : op;
    made.word = token_.text;
    out.reserve(16);  // here-documents keep a pointer to their redirection
    out.push_back(made);
    if (made.op == "<<") {
      std::string delimiter;
      bool quoted = false;
      for (char c : token_.text) {
        if (c == '\'' || c == '"' || c == '\\')
          quoted = true;
        else
          delimiter += c;
      }
      out.back().expand = !quoted;
      pending_.push_back({&out.back(), delimiter, op == "<<-"});
    }
    advance();
    return true;
  }

  CommandPtr command() {
    if (token_.kind == Token::Kind::kOperator && token_.text == "(") {
      if (at(position_) == '(' && position_ == start_ + 1) return arithmetic();
      advance();
      auto made = std::make_shared<Command>();
      made->kind = Command::Kind::kSubshell;
      made->children.push_back(command_list());
      if (!is_op(")")) unexpected();
      advance();
      return with_redirections(std::move(made));
    }
    if (token_.kind == Token::Kind::kWord) {
      if (token_.text == "{") return group();
      if (token_.text == "if") return if_command();
      if (token_.text == "while" || token_.text == "until") return loop();
      if (token_.text == "for" || token_.text == "select") return for_command();
      if (token_.text == "case") return case_command();
      if (token_.text == "[[") return test_command();
      if (token_.text == "function") {
        advance();
        const std::string name = token_.text;
        advance();
        if (is_op("(")) {
          advance();
          if (!is_op(")")) unexpected();
          advance();
        }
        return function(name);
      }
      for (std::string_view word : kReserved) {
        if (token_.text == word && word != "!" && word != "in") unexpected();
      }
    }
    return simple();
  }

  CommandPtr with_redirections(std::shared_ptr<Command> made) {
    made->redirections.reserve(16);
    while (redirection(made->redirections)) {
    }
    return made;
  }

  CommandPtr group() {
    advance();
    auto made = std::make_shared<Command>();
    made->kind = Command::Kind::kGroup;
    made->children.push_back(command_list());
    expect_word("}");
    return with_redirections(std::move(made));
  }

  CommandPtr if_command() {
    auto made = std::make_shared<Command>();
    made->kind = Command::Kind::kIf;
    do {
      advance();
      made->children.push_back(command_list());
      expect_word("then");
      made->children.push_back(command_list());
    } while (is_word("elif"));
    if (is_word("else")) {
      advance();
      made->children.push_back(command_list());
    }
    expect_word("fi");
    return with_redirections(std::move(made));
  }

  CommandPtr loop() {
    auto made = std::make_shared<Command>();
    made->kind = token_.text == "while" ? Command::Kind::kWhile : Command::Kind::kUntil;
    advance();
    made->children.push_back(command_list());
    expect_word("do");
    made->children.push_back(command_list());
    expect_word("done");
    return with_redirections(std::move(made));
  }

  CommandPtr do_group() {
    if (is_op(";")) advance();
    skip_newlines();
    if (is_word("{")) return group();
    expect_word("do");
    CommandPtr body = command_list();
    expect_word("done");
    return body;
  }

  CommandPtr for_command() {
    auto made = std::make_shared<Command>();
    made->kind = Command::Kind::kFor;
    advance();
    if (is_op("(") && at(position_) == '(') {
      made->kind = Command::Kind::kArithFor;
      const std::size_t begin = position_ + 1;
      position_ = start_;
      skip_nested('(', ')');
      made->name = std::string(text_.substr(begin, position_ - begin - 2));
      advance();
    } else {
      if (token_.kind != Token::Kind::kWord) unexpected();
      made->name = token_.text;
      advance();
      skip_newlines();
      if (is_word("in")) {
        made->has_list = true;
        advance();
        while (token_.kind == Token::Kind::kWord) {
          made->words.push_back(token_.text);
          advance();
        }
      }
    }
    made->children.push_back(do_group());
    return with_redirections(std::move(made));
  }

  CommandPtr case_command() {
    auto made = std::make_shared<Command>();
    made->kind = Command::Kind::kCase;
    advance();
    made->name = token_.text;
    advance();
    skip_newlines();
    expect_word("in");
    skip_newlines();
    while (!is_word("esac")) {
      Command::Clause clause;
      if (is_op("(")) advance();
      for (;;) {
        if (token_.kind != Token::Kind::kWord) unexpected();
        clause.patterns.push_back(token_.text);
        advance();
        if (!is_op("|")) break;
        advance();
      }
      if (!is_op(")")) unexpected();
      advance();
      skip_newlines();
      if (!ends_list()) clause.body = command_list();
      made->clauses.push_back(std::move(clause));
      if (is_op(";;") || is_op(";&") || is_op(";;&"))
        advance();
      else if (!is_word("esac"))
        unexpected();
      skip_newlines();
    }
    advance();
    return with_redirections(std::move(made));
  }

  CommandPtr test_command() {
    auto made = std::make_shared<Command>();
    made->kind = Command::Kind::kTest;
    advance();
    while (!is_word("]]")) {
      if (token_.kind == Token::Kind::kEnd) throw Incomplete();
      if (token_.kind != Token::Kind::kNewline) made->words.push_back(token_.text);
      if (token_.kind == Token::Kind::kWord && token_.text == "=~") {
        // What follows is a pattern, parentheses and bars included, up to white space.
        while (blank(at(position_))) ++position_;
        const std::size_t begin = position_;
        int depth = 0;
        while (position_ < text_.size() && (depth > 0 || !blank(at(position_))) && at(position_) != '\n') {
          if (at(position_) == '(') ++depth;
          if (at(position_) == ')') --depth;
          if (at(position_) == '\'' || at(position_) == '"')
            skip_quoted(at(position_));
          else
            ++position_;
        }
        made->words.emplace_back(text_.substr(begin, position_ - begin));
      }
      advance();
    }
    advance();
    return with_redirections(std::move(made));
  }

  CommandPtr arithmetic() {
    auto made = std::make_shared<Command>();
    made->kind = Command::Kind::kArith;
    const std::size_t begin = position_ + 1;
    position_ = start_;
    skip_nested('(', ')');
    made->name = std::string(text_.substr(begin, position_ - begin - 2));
    advance();
    return with_redirections(std::move(made));
  }

  CommandPtr function(const std::string& name) {
    skip_newlines();
    auto made = std::make_shared<Command>();
    made->kind = Command::Kind::kFunction;
    made->name = name;
    made->children.push_back(command());
    return made;
  }

  CommandPtr simple() {
    auto made = std::make_shared<Command>();
    made->redirections.reserve(16);
    for (;;) {
      if (redirection(made->redirections)) continue;
      if (token_.kind != Token::Kind::kWord) break;
      if (made->words.empty() && is_assignment(token_.text))
        made->assignments.push_back(token_.text);
      else
        made->words.push_back(token_.text);
      advance();
      if (made->words.size() == 1 && made->assignments.empty() && made->redirections.empty() && is_op("(")) {
        advance();
        if (!is_op(")")) unexpected();
        advance();
        return function(made->words[0]);
      }
    }
    if (made->words.empty() && made->assignments.empty() && made->redirections.empty()) unexpected();
    return made;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t start_ = 0;
  Token token_;
  std::vector<PendingHere> pending_;
};

}  // namespace

Result<Parsed> parse(std::string_view text) {
  Parsed parsed;
  try {
    Parser parser(text);
    parsed.command = parser.program();
  } catch (const Incomplete&) {
    parsed.incomplete = true;
  } catch (const SyntaxError& error) {
    return Status::plain(error.text);
  }
  return parsed;
}

}  // namespace drydock::shell
