#include "core/base/strings.h"
#include "core/programs/kubectl/printers/go_template_nodes.h"

namespace drydock::kubectl {
namespace {

using Node = GoTemplate::Node;
constexpr int kMaxDepth = 100;

struct Token {
  enum class Kind { kEnd, kWord, kField, kVariable, kString, kNumber, kChar, kPunctuation };
  Kind kind = Kind::kEnd;
  std::string text;
};

// A piece of the template: text, or what stands between {{ and }}.
struct Piece {
  bool action = false;
  std::string text;
};

Result<std::vector<Piece>> cut(std::string_view text) {
  std::vector<Piece> pieces;
  bool trim_next = false;
  std::size_t at = 0;
  while (true) {
    const std::size_t open = text.find("{{", at);
    std::string literal(text.substr(at, open == std::string_view::npos ? std::string_view::npos : open - at));
    if (trim_next) literal = literal.substr(std::min(literal.size(), literal.find_first_not_of(" \t\r\n")));
    if (open == std::string_view::npos) {
      if (!literal.empty()) pieces.push_back({false, literal});
      return pieces;
    }
    std::size_t begin = open + 2;
    if (text.substr(begin).starts_with("- ")) {
      literal = literal.substr(0, literal.find_last_not_of(" \t\r\n") + 1);
      begin += 2;
    }
    if (!literal.empty()) pieces.push_back({false, literal});
    // The end, quotes respected.
    std::size_t close = begin;
    char quote = 0;
    for (; close < text.size(); ++close) {
      const char c = text[close];
      if (quote != 0) {
        if (c == '\\' && quote != '`')
          ++close;
        else if (c == quote)
          quote = 0;
      } else if (c == '"' || c == '`' || c == '\'') {
        quote = c;
      } else if (text.substr(close).starts_with("}}")) {
        break;
      }
    }
    if (close >= text.size()) return Status::plain(quote != 0 ? "unterminated quoted string" : "unclosed action");
    std::string_view inside = text.substr(begin, close - begin);
    trim_next = inside.ends_with(" -");
    if (trim_next) inside.remove_suffix(2);
    inside = trim(inside);
    if (!inside.starts_with("/*")) pieces.push_back({true, std::string(inside)});
    at = close + 2;
  }
}

bool word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80) != 0;
}

std::string unquote(std::string_view body) {
  std::string result;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\\' || i + 1 >= body.size()) {
      result += body[i];
      continue;
    }
    switch (body[++i]) {
      case 'n':
        result += '\n';
        break;
      case 't':
        result += '\t';
        break;
      case 'r':
        result += '\r';
        break;
      default:
        result += body[i];
    }
  }
  return result;
}

Result<std::vector<Token>> lex(std::string_view text) {
  using Kind = Token::Kind;
  std::vector<Token> tokens;
  std::size_t i = 0;
  while (i < text.size()) {
    const char c = text[i];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      if (tokens.empty() || tokens.back().text != " " || tokens.back().kind != Kind::kPunctuation)
        tokens.push_back({Kind::kPunctuation, " "});
      ++i;
      continue;
    }
    std::size_t end = i + 1;
    if (c == '"' || c == '`' || c == '\'') {
      while (end < text.size() && text[end] != c) end += text[end] == '\\' && c != '`' ? 2 : 1;
      if (end >= text.size()) return Status::plain("unterminated quoted string");
      const std::string_view body = text.substr(i + 1, end - i - 1);
      const std::string value = c == '`' ? std::string(body) : unquote(body);
      tokens.push_back({c == '\'' ? Kind::kChar : Kind::kString, value});
      i = end + 1;
      continue;
    }
    if (c == '.' || c == '$') {
      while (end < text.size() && word_char(text[end])) ++end;
      tokens.push_back({c == '.' ? Kind::kField : Kind::kVariable, std::string(text.substr(i, end - i))});
    } else if ((c >= '0' && c <= '9') ||
               ((c == '-' || c == '+') && end < text.size() && text[end] >= '0' && text[end] <= '9')) {
      while (end < text.size() && (word_char(text[end]) || text[end] == '.')) ++end;
      tokens.push_back({Kind::kNumber, std::string(text.substr(i, end - i))});
    } else if (word_char(c)) {
      while (end < text.size() && word_char(text[end])) ++end;
      tokens.push_back({Kind::kWord, std::string(text.substr(i, end - i))});
    } else if (text.substr(i).starts_with(":=")) {
      end = i + 2;
      tokens.push_back({Kind::kPunctuation, ":="});
    } else if (c == '|' || c == '(' || c == ')' || c == ',' || c == '=') {
      tokens.push_back({Kind::kPunctuation, std::string(1, c)});
    } else {
      return Status::plain(std::string("unexpected ") + go_quote(std::string(1, c)) + " in command");
    }
    i = end;
  }
  return tokens;
}

class PipelineParser {
 public:
  explicit PipelineParser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  Result<TemplatePipeline> parse() {
    DRYDOCK_TRY(TemplatePipeline pipeline, parse_pipeline(0));
    if (at_ < tokens_.size()) return Status::plain("unexpected " + go_quote(tokens_[at_].text) + " in operand");
    return pipeline;
  }

 private:
  bool is(std::string_view punctuation) const {
    return at_ < tokens_.size() && tokens_[at_].kind == Token::Kind::kPunctuation && tokens_[at_].text == punctuation;
  }
  void skip_space() {
    while (is(" ")) ++at_;
  }

  // "$i, $e := " in front of a pipeline.
  void parse_variables(TemplatePipeline& pipeline) {
    const std::size_t start = at_;
    std::vector<std::string> names;
    while (at_ < tokens_.size() && tokens_[at_].kind == Token::Kind::kVariable) {
      names.push_back(tokens_[at_++].text);
      skip_space();
      if (!is(",")) break;
      ++at_;
      skip_space();
    }
    if (!names.empty() && (is(":=") || is("="))) {
      pipeline.declares = is(":=");
      pipeline.variables = std::move(names);
      ++at_;
      return;
    }
    at_ = start;
  }

  Result<TemplatePipeline> parse_pipeline(int depth) {
    if (depth > kMaxDepth) return Status::plain("template: nested too deeply");
    TemplatePipeline pipeline;
    skip_space();
    parse_variables(pipeline);
    while (true) {
      TemplateCommand command;
      skip_space();
      while (at_ < tokens_.size() && !is("|") && !is(")")) {
        DRYDOCK_TRY(TemplateOperand operand, parse_operand(depth));
        command.operands.push_back(std::move(operand));
        skip_space();
      }
      if (command.operands.empty())
        return Status::plain(pipeline.commands.empty() ? "missing value for command" : "missing value for command");
      pipeline.commands.push_back(std::move(command));
      if (!is("|")) return pipeline;
      ++at_;
    }
  }

  Result<TemplateOperand> parse_operand(int depth) {
    TemplateOperand operand;
    const Token token = tokens_[at_++];
    using Kind = TemplateOperand::Kind;
    switch (token.kind) {
      case Token::Kind::kField:
        if (token.text == ".") {
          operand.kind = Kind::kDot;
        } else {
          operand.kind = Kind::kField;
          operand.fields.push_back(token.text.substr(1));
        }
        break;
      case Token::Kind::kVariable:
        operand.kind = Kind::kVariable;
        operand.name = token.text;
        break;
      case Token::Kind::kString:
      case Token::Kind::kChar:
        operand.kind = Kind::kLiteral;
        operand.literal = token.kind == Token::Kind::kChar && !token.text.empty()
                              ? Value(static_cast<int>(static_cast<unsigned char>(token.text[0])))
                              : Value(token.text);
        break;
      case Token::Kind::kNumber:
        operand.kind = Kind::kLiteral;
        if (const auto number = parse_int(token.text))
          operand.literal = *number;
        else if (const auto real = parse_double(token.text))
          operand.literal = *real;
        else
          return Status::plain("bad number syntax: " + go_quote(token.text));
        break;
      case Token::Kind::kWord:
        if (token.text == "true" || token.text == "false") {
          operand.kind = Kind::kLiteral;
          operand.literal = token.text == "true";
        } else if (token.text == "nil") {
          operand.kind = Kind::kLiteral;
        } else {
          operand.kind = Kind::kFunction;
          operand.name = token.text;
        }
        break;
      case Token::Kind::kPunctuation:
        if (token.text == "(") {
          operand.kind = Kind::kPipeline;
          DRYDOCK_TRY(TemplatePipeline inner, parse_pipeline(depth + 1));
          if (!is(")")) return Status::plain("unclosed left paren");
          ++at_;
          operand.pipeline = std::make_shared<TemplatePipeline>(std::move(inner));
          break;
        }
        return Status::plain("unexpected " + go_quote(token.text) + " in command");
      case Token::Kind::kEnd:
        return Status::plain("unexpected end of template");
    }
    while (at_ < tokens_.size() && tokens_[at_].kind == Token::Kind::kField && tokens_[at_].text.size() > 1) {
      operand.fields.push_back(tokens_[at_++].text.substr(1));
    }
    return operand;
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

Result<TemplatePipeline> parse_pipeline_text(std::string_view text) {
  DRYDOCK_TRY(std::vector<Token> tokens, lex(text));
  return PipelineParser(std::move(tokens)).parse();
}

class TemplateParser {
 public:
  TemplateParser(std::vector<Piece> pieces, GoTemplate::Program& program)
      : pieces_(std::move(pieces)), program_(program) {}

  // Until {{end}} or {{else…}} (left for the caller), or the end of the text.
  Result<std::vector<Node>> parse_list(int depth) {
    std::vector<Node> nodes;
    if (depth > kMaxDepth) return Status::plain("template nested too deeply");
    while (at_ < pieces_.size()) {
      const Piece& piece = pieces_[at_];
      if (!piece.action) {
        nodes.push_back({Node::Kind::kText, piece.text, {}, {}, {}});
        ++at_;
        continue;
      }
      const std::string word = piece.text.substr(0, piece.text.find_first_of(" \t\n("));
      if (word == "end" || word == "else") {
        if (depth == 0) return Status::plain("unexpected {{" + word + "}}");
        return nodes;
      }
      const std::string rest(trim(std::string_view(piece.text).substr(word.size())));
      ++at_;
      if (word == "if" || word == "range" || word == "with") {
        DRYDOCK_TRY(Node node, parse_control(word, rest, depth));
        nodes.push_back(std::move(node));
      } else if (word == "define" || word == "block") {
        DRYDOCK_TRY_VOID(parse_define(word, rest, depth, nodes));
      } else if (word == "template") {
        DRYDOCK_TRY(Node node, template_call(rest));
        nodes.push_back(std::move(node));
      } else if (word == "break" || word == "continue") {
        nodes.push_back({word == "break" ? Node::Kind::kBreak : Node::Kind::kContinue, "", {}, {}, {}});
      } else {
        DRYDOCK_TRY(TemplatePipeline pipeline, parse_pipeline_text(pieces_[at_ - 1].text));
        nodes.push_back({Node::Kind::kAction, "", std::move(pipeline), {}, {}});
      }
    }
    if (depth > 0) return Status::plain("unexpected EOF");
    return nodes;
  }

 private:
  Result<Node> parse_control(const std::string& word, const std::string& condition, int depth) {
    Node node;
    node.kind = word == "if" ? Node::Kind::kIf : word == "range" ? Node::Kind::kRange : Node::Kind::kWith;
    if (condition.empty()) return Status::plain("missing value for " + word);
    DRYDOCK_TRY(node.pipeline, parse_pipeline_text(condition));
    DRYDOCK_TRY(node.body, parse_list(depth + 1));
    if (at_ >= pieces_.size()) return Status::plain("unexpected EOF");
    const std::string end = pieces_[at_++].text;
    if (!end.starts_with("else")) return node;
    const std::string chained(trim(std::string_view(end).substr(4)));
    if (chained.empty()) {
      DRYDOCK_TRY(node.otherwise, parse_list(depth + 1));
      if (at_ < pieces_.size()) ++at_;
      return node;
    }
    // {{else if …}} ends with the same {{end}}.
    const std::string inner = chained.substr(0, chained.find(' '));
    DRYDOCK_TRY(Node nested,
                parse_control(inner, chained.substr(std::min(chained.size(), inner.size() + 1)), depth + 1));
    node.otherwise.push_back(std::move(nested));
    return node;
  }

  Result<Node> template_call(const std::string& rest) {
    DRYDOCK_TRY(std::vector<Token> tokens, lex(rest));
    if (tokens.empty() || tokens[0].kind != Token::Kind::kString)
      return Status::plain("missing name in template clause");
    Node node;
    node.kind = Node::Kind::kTemplate;
    node.text = tokens[0].text;
    tokens.erase(tokens.begin());
    bool only_space = true;
    for (const Token& token : tokens) only_space = only_space && token.text == " ";
    if (!only_space) {
      DRYDOCK_TRY(node.pipeline, PipelineParser(std::move(tokens)).parse());
    }
    return node;
  }

  Result<void> parse_define(const std::string& word, const std::string& rest, int depth, std::vector<Node>& nodes) {
    DRYDOCK_TRY(Node call, template_call(rest));
    DRYDOCK_TRY(std::vector<Node> body, parse_list(depth + 1));
    if (at_ < pieces_.size()) ++at_;
    program_.templates[call.text] = std::move(body);
    if (word == "block") nodes.push_back(std::move(call));
    return {};
  }

  std::vector<Piece> pieces_;
  GoTemplate::Program& program_;
  std::size_t at_ = 0;
};

}  // namespace

Result<void> parse_template(std::string_view text, GoTemplate::Program& program) {
  DRYDOCK_TRY(std::vector<Piece> pieces, cut(text));
  DRYDOCK_TRY(program.nodes, TemplateParser(std::move(pieces), program).parse_list(0));
  return {};
}

}  // namespace drydock::kubectl
