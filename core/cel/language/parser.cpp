#include "core/cel/language/parser.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/base/strings.h"

namespace drydock::cel {
namespace {

constexpr int kMostDepth = 250;           // of nested parts, as cel-go
constexpr std::uint16_t kMostTree = 400;  // of the tree: chains of operators count, too
constexpr std::size_t kMostBytes = 100'000;
constexpr const char* kOperands =
    "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

constexpr std::string_view kReserved[] = {"as",        "break",  "const",  "continue", "else", "for",
                                          "function",  "if",     "import", "let",      "loop", "package",
                                          "namespace", "return", "var",    "void",     "while"};

struct Level {
  std::string_view signs[6];
  std::string_view functions[6];
};
// From weak to strong.
constexpr Level kLevels[] = {
    {{"==", "!=", "<", "<=", ">", ">="}, {"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"}},
    {{"+", "-"}, {"_+_", "_-_"}},
    {{"*", "/", "%"}, {"_*_", "_/_", "_%_"}},
};

class Parser {
 public:
  Parser(std::string_view source, Issues& issues) : lexer_(source, issues), issues_(issues) { advance(); }

  NodePtr whole() {
    NodePtr node = expression();
    if (!failed_ && token_.kind != Token::Kind::kEnd) {
      const Token extra = token_;
      advance();
      const bool one = token_.kind == Token::Kind::kEnd;
      fail(extra, std::string(one ? "extraneous input '" : "mismatched input '") + std::string(extra.text) +
                      "' expecting <EOF>");
    }
    return failed_ ? nullptr : std::move(node);
  }

 private:
  void advance() { token_ = lexer_.next(); }

  // Only the first one: what follows an error means nothing.
  void fail(const Token& at, const std::string& message) {
    if (failed_) return;
    failed_ = true;
    issues_.add(at.offset, "Syntax error: " + message);
  }
  void plain_failure(std::uint32_t offset, const std::string& message) {
    if (failed_) return;
    failed_ = true;
    issues_.add(offset, message);
  }

  NodePtr make(Node::Kind kind, std::uint32_t offset) {
    auto node = std::make_unique<Node>();
    node->kind = kind;
    node->offset = offset;
    return node;
  }

  void add(Node& node, NodePtr part) {
    if (part == nullptr) part = make(Node::Kind::kLiteral, node.offset);  // after an error
    node.depth = std::max<std::uint16_t>(node.depth, static_cast<std::uint16_t>(part->depth + 1));
    if (node.depth > kMostTree) plain_failure(node.offset, "expression recursion limit exceeded: 250");
    node.args.push_back(std::move(part));
  }

  NodePtr call(std::string_view function, std::uint32_t offset, NodePtr first, NodePtr second = nullptr,
               NodePtr third = nullptr) {
    NodePtr node = make(Node::Kind::kCall, offset);
    node->name = function;
    add(*node, std::move(first));
    if (second != nullptr) add(*node, std::move(second));
    if (third != nullptr) add(*node, std::move(third));
    return node;
  }

  bool take(std::string_view sign) {
    if (failed_ || !token_.is(sign)) return false;
    advance();
    return true;
  }

  void expect(std::string_view sign) {
    if (failed_ || take(sign)) return;
    if (token_.kind == Token::Kind::kEnd)
      fail(token_, "missing '" + std::string(sign) + "' at '<EOF>'");
    else
      fail(token_, "mismatched input '" + std::string(token_.text) + "' expecting '" + std::string(sign) + "'");
  }

  NodePtr expression() {
    if (failed_) return nullptr;
    if (depth_ >= kMostDepth) {
      plain_failure(token_.offset, "expression recursion limit exceeded: 250");
      return nullptr;
    }
    ++depth_;
    NodePtr node = logical("||", "_||_");
    if (!failed_ && token_.is("?")) {
      const std::uint32_t offset = token_.offset;
      advance();
      NodePtr yes = logical("||", "_||_");
      expect(":");
      NodePtr no = expression();
      node = call("_?_:_", offset, std::move(node), std::move(yes), std::move(no));
    }
    --depth_;
    return node;
  }

  // Chains of && and || become balanced trees, so that long ones are not deep.
  NodePtr balanced(std::vector<NodePtr>& parts, const std::vector<std::uint32_t>& offsets, std::string_view function,
                   std::size_t low, std::size_t high) {
    if (low == high) return std::move(parts[low]);
    const std::size_t middle = (low + high + 1) / 2;
    NodePtr left = balanced(parts, offsets, function, low, middle - 1);
    NodePtr right = balanced(parts, offsets, function, middle, high);
    return call(function, offsets[middle - 1], std::move(left), std::move(right));
  }

  NodePtr logical(std::string_view sign, std::string_view function) {
    const bool either = sign == "||";
    std::vector<NodePtr> parts;
    std::vector<std::uint32_t> offsets;
    parts.push_back(either ? logical("&&", "_&&_") : binary(0));
    while (!failed_ && token_.is(sign)) {
      offsets.push_back(token_.offset);
      advance();
      parts.push_back(either ? logical("&&", "_&&_") : binary(0));
    }
    return balanced(parts, offsets, function, 0, parts.size() - 1);
  }

  NodePtr binary(std::size_t level) {
    if (level == std::size(kLevels)) return unary();
    NodePtr left = binary(level + 1);
    while (!failed_) {
      std::string_view function;
      for (std::size_t i = 0; i < 6; ++i) {
        if (!kLevels[level].signs[i].empty() && token_.is(kLevels[level].signs[i]))
          function = kLevels[level].functions[i];
      }
      if (level == 0 && token_.word("in")) function = "@in";
      if (function.empty()) break;
      const std::uint32_t offset = token_.offset;
      advance();
      NodePtr right = binary(level + 1);
      left = call(function, offset, std::move(left), std::move(right));
    }
    return left;
  }

  NodePtr unary() {
    if (failed_) return nullptr;
    for (const std::string_view sign : {"!", "-"}) {
      if (!token_.is(sign)) continue;
      const std::uint32_t offset = token_.offset;
      std::size_t count = 0;
      while (token_.is(sign)) {
        ++count;
        advance();
        // A number takes the sign before it.
        const bool number = token_.kind == Token::Kind::kInt || token_.kind == Token::Kind::kDouble;
        if (sign == "-" && number) {
          const std::uint32_t at = count == 1 ? offset : token_.offset - 1;
          NodePtr node = member(literal(true, at));
          return count % 2 == 0 ? call("-_", offset, std::move(node)) : std::move(node);
        }
      }
      NodePtr node = member(primary());
      if (count % 2 == 0) return node;
      return call(sign == "!" ? "!_" : "-_", offset, std::move(node));
    }
    return member(primary());
  }

  NodePtr member(NodePtr node) {
    while (!failed_) {
      const std::uint32_t offset = token_.offset;
      if (take(".")) {
        const bool optional = take("?");
        if (token_.kind != Token::Kind::kIdent || token_.word("in") || token_.word("true") || token_.word("false") ||
            token_.word("null")) {
          fail(token_, (token_.kind == Token::Kind::kEnd
                            ? "mismatched input '<EOF>' expecting IDENTIFIER"
                            : "no viable alternative at input '." + std::string(token_.text) + "'"));
          return node;
        }
        const std::string name(token_.text);
        advance();
        if (!optional && token_.is("(")) {
          const std::uint32_t open = token_.offset;
          advance();
          NodePtr made = make(Node::Kind::kCall, open);
          made->name = name;
          made->member = true;
          add(*made, std::move(node));
          arguments(*made, ")");
          expand(made);
          node = std::move(made);
          continue;
        }
        NodePtr made = make(Node::Kind::kSelect, offset);
        made->name = name;
        made->optional = optional;
        add(*made, std::move(node));
        node = std::move(made);
      } else if (take("[")) {
        const bool optional = take("?");
        NodePtr index = expression();
        expect("]");
        node = call(optional ? "_[?_]" : "_[_]", offset, std::move(node), std::move(index));
      } else if (token_.is("{") && !qualified_name(node.get()).empty()) {
        advance();
        node = structure(qualified_name(node.get()), offset);
      } else {
        break;
      }
    }
    return node;
  }

  // "a.b.C" of a chain of selections; "" of anything else.
  static std::string qualified_name(const Node* node) {
    if (node == nullptr) return "";
    if (node->kind == Node::Kind::kIdent) return node->name;
    if (node->kind != Node::Kind::kSelect || node->test || node->optional) return "";
    const std::string before = qualified_name(node->args[0].get());
    return before.empty() ? "" : before + "." + node->name;
  }

  NodePtr structure(const std::string& name, std::uint32_t offset) {
    NodePtr node = make(Node::Kind::kStruct, offset);
    node->name = name;
    while (!failed_ && !token_.is("}")) {
      node->optional_entries.push_back(take("?"));
      if (token_.kind != Token::Kind::kIdent) {
        fail(token_, "mismatched input '" + std::string(token_.text) + "' expecting {'}', ',', '?', IDENTIFIER}");
        break;
      }
      node->fields.emplace_back(token_.text);
      advance();
      node->entry_offsets.push_back(token_.offset);
      expect(":");
      add(*node, expression());
      if (!take(",")) break;
    }
    expect("}");
    return node;
  }

  void arguments(Node& node, std::string_view end) {
    if (take(end)) return;
    do {
      if (node.kind == Node::Kind::kList) {
        if (token_.is(end)) break;  // a comma before the end
        node.optional_entries.push_back(take("?"));
      }
      add(node, expression());
    } while (take(","));
    expect(end);
  }

  NodePtr primary() {
    if (failed_) return nullptr;
    const Token token = token_;
    switch (token.kind) {
      case Token::Kind::kInt:
      case Token::Kind::kUint:
      case Token::Kind::kDouble:
      case Token::Kind::kString:
      case Token::Kind::kBytes:
        return literal(false, token.offset);
      case Token::Kind::kIdent:
        return identifier();
      default:
        break;
    }
    if (take("(")) {
      NodePtr node = expression();
      expect(")");
      return node;
    }
    if (take("[")) {
      NodePtr node = make(Node::Kind::kList, token.offset);
      arguments(*node, "]");
      return node;
    }
    if (take("{")) {
      NodePtr node = make(Node::Kind::kMap, token.offset);
      while (!failed_ && !token_.is("}")) {
        node->optional_entries.push_back(take("?"));
        add(*node, expression());
        node->entry_offsets.push_back(token_.offset);
        expect(":");
        add(*node, expression());
        if (!take(",")) break;
      }
      expect("}");
      return node;
    }
    if (token.is(".")) {  // the root namespace, which is ours
      advance();
      if (token_.kind == Token::Kind::kIdent) return identifier();
    }
    fail(token_, "mismatched input '" + std::string(token_.text) + "' expecting " + kOperands);
    return nullptr;
  }

  NodePtr identifier() {
    const Token token = token_;
    advance();
    NodePtr node = make(Node::Kind::kLiteral, token.offset);
    if (token.text == "true" || token.text == "false") {
      node->literal = Val::of_bool(token.text == "true");
      return node;
    }
    if (token.text == "null") return node;
    if (token.text == "in") {
      fail(token, std::string("mismatched input 'in' expecting ") + kOperands);
      return nullptr;
    }
    if (std::find(std::begin(kReserved), std::end(kReserved), token.text) != std::end(kReserved)) {
      plain_failure(token.offset, "Syntax error: reserved identifier: " + std::string(token.text));
      return nullptr;
    }
    node->name = token.text;
    if (token_.is("(")) {
      node->kind = Node::Kind::kCall;
      node->offset = token_.offset;
      advance();
      arguments(*node, ")");
      expand(node);
      return node;
    }
    node->kind = Node::Kind::kIdent;
    return node;
  }

  void expand(NodePtr& node) {
    if (failed_) return;
    const bool before = issues_.empty();
    expand_macro(node, issues_);
    if (before && !issues_.empty()) failed_ = true;
  }

  NodePtr literal(bool negative, std::uint32_t offset) {
    const Token token = token_;
    advance();
    NodePtr node = make(Node::Kind::kLiteral, offset);
    std::string text = (negative ? "-" : "") + std::string(token.text);
    const auto parse_whole = [&](auto& number) {
      if (token.kind == Token::Kind::kUint) text.pop_back();
      const std::size_t sign = negative ? 1 : 0;
      const bool hex = text.size() > sign + 1 && text[sign + 1] == 'x';
      if (hex) text.erase(sign, 2);
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, hex ? 16 : 10);
      return error == std::errc() && end == text.data() + text.size();
    };
    if (token.kind == Token::Kind::kInt) {
      std::int64_t number = 0;
      if (!parse_whole(number)) plain_failure(offset, "Syntax error: invalid int literal");
      node->literal = Val::of_int(number);
    } else if (token.kind == Token::Kind::kUint) {
      std::uint64_t number = 0;
      if (!parse_whole(number)) plain_failure(offset, "Syntax error: invalid uint literal");
      node->literal = Val::of_uint(number);
    } else if (token.kind == Token::Kind::kDouble) {
      const std::optional<double> number = parse_double(text);
      if (!number) plain_failure(offset, "Syntax error: invalid double literal");
      node->literal = Val::of_double(number.value_or(0));
    } else if (token.kind == Token::Kind::kString) {
      node->literal = Val::of_string(token.value);
    } else {
      node->literal = Val::of_bytes(token.value);
    }
    return node;
  }

  Lexer lexer_;
  Issues& issues_;
  Token token_;
  int depth_ = 0;
  bool failed_ = false;
};

struct Macro {
  std::string_view name;
  std::size_t args;  // without the receiver
  Node::Loop loop;
  std::size_t variables;
};
constexpr Macro kLoops[] = {
    {"all", 2, Node::Loop::kAll, 1},
    {"exists", 2, Node::Loop::kExists, 1},
    {"exists_one", 2, Node::Loop::kExistsOne, 1},
    {"existsOne", 2, Node::Loop::kExistsOne, 1},
    {"filter", 2, Node::Loop::kFilter, 1},
    {"map", 2, Node::Loop::kMap, 1},
    {"map", 3, Node::Loop::kMap, 1},
    {"all", 3, Node::Loop::kAll, 2},
    {"exists", 3, Node::Loop::kExists, 2},
    {"existsOne", 3, Node::Loop::kExistsOne, 2},
    {"exists_one", 3, Node::Loop::kExistsOne, 2},
    {"transformList", 3, Node::Loop::kMap, 2},
    {"transformList", 4, Node::Loop::kMap, 2},
    {"transformMap", 3, Node::Loop::kTransformMap, 2},
    {"transformMap", 4, Node::Loop::kTransformMap, 2},
    {"transformMapEntry", 3, Node::Loop::kTransformEntry, 2},
    {"transformMapEntry", 4, Node::Loop::kTransformEntry, 2},
};

}  // namespace

void expand_macro(NodePtr& call, Issues& issues) {
  if (!call->member) {
    if (call->name != "has" || call->args.size() != 1) return;
    NodePtr& argument = call->args[0];
    if (argument->kind != Node::Kind::kSelect || argument->test) {
      issues.add(argument->offset, "invalid argument to has() macro");
      return;
    }
    NodePtr inner = std::move(argument);
    inner->test = true;
    inner->offset = call->offset;
    call = std::move(inner);
    return;
  }
  const std::size_t count = call->args.size() - 1;
  if ((call->name == "optMap" || call->name == "optFlatMap") && count == 2) {
    if (call->args[1]->kind != Node::Kind::kIdent) {
      issues.add(call->args[1]->offset, call->name + "() variable name must be a simple identifier");
      return;
    }
    call->kind = Node::Kind::kBind;
    call->flat = call->name == "optFlatMap";
    call->variables.push_back(call->args[1]->name);
    call->args.erase(call->args.begin() + 1);
    return;
  }
  for (const Macro& macro : kLoops) {
    if (macro.name != call->name || macro.args != count) continue;
    for (std::size_t i = 0; i < macro.variables; ++i) {
      if (call->args[1 + i]->kind != Node::Kind::kIdent) {
        issues.add(call->args[1 + i]->offset, "argument must be a simple name");
        return;
      }
      call->variables.push_back(call->args[1 + i]->name);
    }
    if (macro.variables == 2 && call->variables[0] == call->variables[1]) {
      issues.add(call->args[2]->offset, "duplicate variable name: " + call->variables[0]);
      return;
    }
    call->kind = Node::Kind::kLoop;
    call->loop = macro.loop;
    call->args.erase(call->args.begin() + 1, call->args.begin() + 1 + static_cast<std::ptrdiff_t>(macro.variables));
    return;
  }
}

NodePtr parse(std::string_view source, Issues& issues) {
  if (source.size() > kMostBytes) {
    issues.add(0, "expression code point size exceeds limit: size: " + std::to_string(source.size()) + ", limit " +
                      std::to_string(kMostBytes));
    return nullptr;
  }
  NodePtr node = Parser(source, issues).whole();
  return issues.empty() ? std::move(node) : nullptr;
}

}  // namespace drydock::cel
