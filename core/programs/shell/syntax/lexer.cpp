#include "core/programs/shell/syntax/lexer.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/shell/syntax/scan.h"

namespace drydock::shell {
namespace {

bool blank(char c) { return c == ' ' || c == '\t'; }
bool meta(char c) {
  return blank(c) || c == '\n' || c == ';' || c == '&' || c == '|' || c == '<' || c == '>' || c == '(' || c == ')';
}

constexpr std::string_view kReserved[] = {"if",  "then",   "elif", "else", "fi",       "while", "until",
                                          "for", "select", "do",   "done", "case",     "esac",  "{",
                                          "}",   "!",      "[[",   "]]",   "function", "in",    "time"};

}  // namespace

bool name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool name_part(char c) { return name_start(c) || (c >= '0' && c <= '9'); }

bool is_name(std::string_view word) {
  return !word.empty() && name_start(word[0]) && std::all_of(word.begin(), word.end(), name_part);
}

bool is_reserved(std::string_view word) {
  return std::find(std::begin(kReserved), std::end(kReserved), word) != std::end(kReserved);
}

bool is_assignment(std::string_view word) {
  if (word.empty() || !name_start(word[0])) return false;
  std::size_t i = 0;
  while (i < word.size() && name_part(word[i])) ++i;
  if (i < word.size() && word[i] == '[') {
    i = skip_brackets(word, i, '[', ']');
    if (i == kOpenEnd) return false;
  }
  if (i < word.size() && word[i] == '+') ++i;
  return i < word.size() && word[i] == '=';
}

int Lexer::line_at(std::size_t position) const {
  const auto end = text_.begin() + static_cast<std::ptrdiff_t>(std::min(position, text_.size()));
  return first_line_ + static_cast<int>(std::count(text_.begin(), end, '\n'));
}

std::string Lexer::line_text(int line) const {
  const std::vector<std::string> lines = split(text_, '\n');
  const int index = line - first_line_;
  return index >= 0 && static_cast<std::size_t>(index) < lines.size() ? lines[static_cast<std::size_t>(index)] : "";
}

std::size_t Lexer::closed(std::size_t end, char wanted) const {
  if (end == kOpenEnd) throw IncompleteText{wanted, line_at(position_)};
  return end;
}

void Lexer::advance_from(std::size_t position) {
  position_ = position;
  advance();
}

void Lexer::replace_token(std::string_view text) {
  text_.replace(token_.begin, token_.end - token_.begin, text);
  advance_from(token_.begin);
}

void Lexer::here_document(std::shared_ptr<Redirection> target, bool strip_tabs) {
  std::string delimiter;
  bool quoted = false;
  const std::string& word = target->delimiter;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] == '\'' || word[i] == '"') {
      quoted = true;
    } else if (word[i] == '\\' && i + 1 < word.size()) {
      quoted = true;
      delimiter += word[++i];
    } else {
      delimiter += word[i];
    }
  }
  target->expand = !quoted;
  pending_.push_back({std::move(target), std::move(delimiter), strip_tabs, token_.line});
}

void Lexer::read_here_documents() {
  for (const PendingHere& here : pending_) {
    std::string body;
    for (;;) {
      if (position_ >= text_.size()) {
        if (!complete_) throw IncompleteText{'\0', here.line};
        warnings.push_back("here-document at line " + std::to_string(here.line) +
                           " delimited by end-of-file (wanted `" + here.delimiter + "')");
        break;
      }
      const std::size_t newline = text_.find('\n', position_);
      const bool last = newline == std::string::npos;
      const std::size_t end = last ? text_.size() : newline;
      std::string_view line = std::string_view(text_).substr(position_, end - position_);
      position_ = last ? end : end + 1;
      while (here.strip_tabs && line.starts_with("\t")) line.remove_prefix(1);
      if (line == here.delimiter) {
        // The newline behind the delimiter may still be to come.
        break;
      }
      if (last && !complete_) throw IncompleteText{'\0', here.line};
      body += line;
      body += '\n';
    }
    here.target->word = std::move(body);
  }
  pending_.clear();
}

void Lexer::advance() {
  for (;;) {
    while (blank(at(position_)) || (at(position_) == '\\' && at(position_ + 1) == '\n'))
      position_ += at(position_) == '\\' ? 2 : 1;
    if (at(position_) != '#') break;
    while (position_ < text_.size() && text_[position_] != '\n') ++position_;
  }
  token_ = Token();
  token_.begin = position_;
  token_.end = position_;
  token_.line = line_at(position_);
  if (position_ >= text_.size()) {
    if (!pending_.empty()) read_here_documents();
    return;
  }
  const char c = text_[position_];
  if (c == '\n') {
    token_.kind = Token::Kind::kNewline;
    token_.text = "newline";
    token_.end = ++position_;
    read_here_documents();
    return;
  }
  // <( and >( are words: process substitution.
  if ((c == '<' || c == '>') && at(position_ + 1) == '(') return read_word();
  static constexpr std::string_view kOperators[] = {"&>>", "<<<", "<<-", ";;&", "&&", "||", ";;", ";&",
                                                    "<<",  ">>",  "<&",  ">&",  "<>", ">|", "&>", "|&",
                                                    "<",   ">",   "|",   "&",   ";",  "(",  ")"};
  for (std::string_view op : kOperators) {
    if (!std::string_view(text_).substr(position_).starts_with(op)) continue;
    position_ += op.size();
    token_.kind = Token::Kind::kOperator;
    token_.text = std::string(op);
    token_.end = position_;
    return;
  }
  read_word();
}

void Lexer::read_word() {
  const std::size_t start = position_;
  const std::string_view text = text_;
  bool in_name = true;  // only name characters so far
  while (position_ < text.size()) {
    const char c = text[position_];
    if ((c == '<' || c == '>') && at(position_ + 1) == '(') {
      position_ = closed(Parser::parsed_substitution_end(text, position_ + 1), ')');
    } else if (c == '(' && position_ > start && text[position_ - 1] == '=' &&
               is_assignment(text.substr(start, position_ - start))) {
      position_ = closed(skip_brackets(text, position_, '(', ')'), ')');  // an array
    } else if (c == '(' && position_ > start &&
               (std::string_view("?*+@").find(text[position_ - 1]) != std::string_view::npos ||
                (text[position_ - 1] == '!' && (extended_globs || position_ > start + 1)))) {
      position_ = closed(skip_brackets(text, position_, '(', ')'), ')');  // an extended pattern
    } else if (c == '[' && in_name && position_ > start && name_start(text[start])) {
      // A subscript may hold blanks when an assignment follows it.
      const std::size_t end = skip_brackets(text, position_, '[', ']');
      const bool assigns = end != kOpenEnd && (at(end) == '=' || (at(end) == '+' && at(end + 1) == '='));
      position_ = assigns ? end : position_ + 1;
    } else if (meta(c)) {
      break;
    } else if (c == '\\') {
      if (position_ + 1 >= text.size()) {
        if (!complete_) throw IncompleteText{'\0', line_at(position_)};
        ++position_;
      } else {
        position_ += 2;
      }
    } else if (c == '\'') {
      position_ = closed(skip_single_quotes(text, position_), '\'');
    } else if (c == '"') {
      position_ = closed(skip_double_quotes(text, position_), '"');
    } else if (c == '`') {
      position_ = closed(skip_backquotes(text, position_), '`');
    } else if (c == '$') {
      const char next = at(position_ + 1);
      const bool command =
          next == '(' && (at(position_ + 2) != '(' || skip_arithmetic(text, position_ + 1) == kOpenEnd);
      position_ = closed(command ? Parser::parsed_substitution_end(text, position_ + 1) : skip_dollar(text, position_),
                         next == '{'    ? '}'
                         : next == '\'' ? '\''
                                        : ')');
    } else {
      ++position_;
    }
    in_name = in_name && name_part(c);
  }
  token_.kind = Token::Kind::kWord;
  token_.text = std::string(text.substr(start, position_ - start));
  token_.end = position_;
  const std::string& word = token_.text;
  const bool number = !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
  const bool name = word.size() > 2 && word[0] == '{' && word.back() == '}' &&
                    is_name(std::string_view(word).substr(1, word.size() - 2));
  token_.before_redirection = (at(position_) == '<' || at(position_) == '>') && (number || name);
}

std::string Lexer::read_regex() {
  while (blank(at(position_))) ++position_;
  const std::size_t begin = position_;
  const std::string_view text = text_;
  int depth = 0;
  while (position_ < text.size()) {
    const char c = text[position_];
    if (c == '\n' || (depth <= 0 && blank(c))) break;
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (c == '\\')
      position_ += 2;
    else if (c == '\'')
      position_ = closed(skip_single_quotes(text, position_), '\'');
    else if (c == '"')
      position_ = closed(skip_double_quotes(text, position_), '"');
    else if (c == '$')
      position_ = closed(skip_dollar(text, position_), '}');
    else if (c == '[') {
      // A bracket expression: blanks and brackets inside mean themselves.
      std::size_t end = position_ + 1;
      if (at(end) == '^') ++end;
      if (at(end) == ']') ++end;
      while (end < text.size() && text[end] != ']' && text[end] != '\n') {
        const std::size_t kind = text[end] == '[' && at(end + 1) == ':' ? text.find(":]", end) : kOpenEnd;
        end = kind != kOpenEnd ? kind + 2 : end + 1;
      }
      position_ = at(end) == ']' ? end + 1 : position_ + 1;
    } else
      ++position_;
  }
  position_ = std::min(position_, text.size());
  return std::string(text.substr(begin, position_ - begin));
}

}  // namespace drydock::shell
