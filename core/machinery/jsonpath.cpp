#include "core/machinery/jsonpath.h"

#include <algorithm>
#include <optional>

#include "core/base/strings.h"
#include "core/machinery/json.h"

namespace drydock {
namespace {
constexpr int kMaxDepth = 100;
}

// One step of an expression, or a piece of the template around it.
struct JsonPath::Node {
  enum class Kind {
    kText,
    kExpression,
    kRange,
    kField,
    kRoot,
    kCurrent,
    kWildcard,
    kRecursive,
    kSlice,
    kUnion,
    kFilter
  };
  Kind kind = Kind::kText;
  std::string text;  // literal text, field name
  // kSlice: from:to:step.
  std::optional<std::int64_t> from, to, step;
  bool is_index = false;
  // kExpression: steps. kRange: the steps of what is ranged over. kUnion: one list each.
  std::vector<Node> steps;
  std::vector<Node> body;                   // kRange
  std::vector<std::vector<Node>> branches;  // kUnion
  // kFilter: left operator right.
  std::vector<Node> left, right;
  std::string comparison;
};

namespace {

using Node = JsonPath::Node;
using Kind = JsonPath::Node::Kind;

std::string unescape(std::string_view body) {
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

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<std::vector<Node>> parse_template(int depth = 0) {
    std::vector<Node> nodes;
    while (at_ < text_.size()) {
      const std::size_t open = text_.find('{', at_);
      if (open != at_)
        nodes.push_back(literal(std::string(text_.substr(at_, open == std::string_view::npos ? open : open - at_))));
      if (open == std::string_view::npos) {
        at_ = text_.size();
        break;
      }
      DRYDOCK_TRY(std::string_view inside, take_action(open));
      inside = trim(inside);
      if (inside == "end") {
        if (depth == 0) return Status::plain("not in range, nothing to end");
        return nodes;
      }
      if (inside.starts_with("range") && inside.size() > 5 &&
          (inside[5] == ' ' || inside[5] == '.' || inside[5] == '[')) {
        if (depth > kMaxDepth) return Status::plain("unexpected nested array in range");
        Node range;
        range.kind = Kind::kRange;
        DRYDOCK_TRY(range.steps, parse_expression(inside.substr(5)));
        DRYDOCK_TRY(range.body, parse_template(depth + 1));
        nodes.push_back(std::move(range));
        continue;
      }
      DRYDOCK_TRY(std::vector<Node> pieces, parse_action(inside));
      for (Node& piece : pieces) nodes.push_back(std::move(piece));
    }
    if (depth > 0) return Status::plain("unclosed range");
    return nodes;
  }

 private:
  static Node literal(std::string text) {
    Node node;
    node.text = std::move(text);
    return node;
  }

  // What stands between { and }, quotes and brackets respected.
  Result<std::string_view> take_action(std::size_t open) {
    char quote = 0;
    for (std::size_t i = open + 1; i < text_.size(); ++i) {
      const char c = text_[i];
      if (quote != 0) {
        if (c == '\\')
          ++i;
        else if (c == quote)
          quote = 0;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '}') {
        at_ = i + 1;
        return text_.substr(open + 1, i - open - 1);
      }
    }
    return Status::plain(quote != 0 ? "unterminated quoted string" : "unclosed action");
  }

  // Quoted texts and expressions, one after the other.
  static Result<std::vector<Node>> parse_action(std::string_view inside) {
    std::vector<Node> pieces;
    while (!(inside = trim(inside)).empty()) {
      if (inside[0] == '"' || inside[0] == '\'') {
        std::size_t end = 1;
        while (end < inside.size() && inside[end] != inside[0]) end += inside[end] == '\\' ? 2 : 1;
        if (end >= inside.size()) return Status::plain("unterminated quoted string");
        pieces.push_back(literal(unescape(inside.substr(1, end - 1))));
        inside.remove_prefix(end + 1);
        continue;
      }
      Node expression;
      expression.kind = Kind::kExpression;
      DRYDOCK_TRY(expression.steps, parse_expression(inside));
      pieces.push_back(std::move(expression));
      break;
    }
    return pieces;
  }

  static bool ends_name(char c) {
    return c == '.' || c == '[' || c == ']' || c == ' ' || c == '(' || c == ')' || c == '=' || c == '!' || c == '<' ||
           c == '>' || c == ',';
  }

  static Result<std::vector<Node>> parse_expression(std::string_view text) {
    std::vector<Node> steps;
    text = trim(text);
    std::size_t i = 0;
    auto add = [&](Kind kind, std::string name = "") {
      Node node;
      node.kind = kind;
      node.text = std::move(name);
      steps.push_back(std::move(node));
    };
    while (i < text.size()) {
      const char c = text[i];
      if (c == '$') {
        add(Kind::kRoot);
        ++i;
      } else if (c == '@') {
        add(Kind::kCurrent);
        ++i;
      } else if (c == ' ') {
        ++i;
      } else if (c == '*') {
        add(Kind::kWildcard);
        ++i;
      } else if (c == '[') {
        const std::size_t close = matching_bracket(text, i);
        if (close == std::string_view::npos) return Status::plain("unterminated array");
        DRYDOCK_TRY(Node step, parse_bracket(trim(text.substr(i + 1, close - i - 1))));
        steps.push_back(std::move(step));
        i = close + 1;
      } else {
        if (c == '.') {
          ++i;
          if (i < text.size() && text[i] == '.') {
            add(Kind::kRecursive);
            ++i;
          }
          if (i >= text.size() || text[i] == '[' || text[i] == '*') continue;
        } else if (!steps.empty() || i > 0) {
          return Status::plain("unrecognized character in action: U+" +
                               format("%04X '%c'", static_cast<unsigned>(static_cast<unsigned char>(c)), c));
        }
        std::string name;
        for (; i < text.size() && !ends_name(text[i]); ++i) {
          if (text[i] == '\\' && i + 1 < text.size()) ++i;
          name += text[i];
        }
        if (name.empty())
          return Status::plain(
              "unrecognized character in action: U+" +
              format("%04X '%c'", static_cast<unsigned>(static_cast<unsigned char>(text[i])), text[i]));
        add(Kind::kField, std::move(name));
      }
    }
    return steps;
  }

  static std::size_t matching_bracket(std::string_view text, std::size_t open) {
    int depth = 0;
    char quote = 0;
    for (std::size_t i = open; i < text.size(); ++i) {
      const char c = text[i];
      if (quote != 0) {
        if (c == '\\')
          ++i;
        else if (c == quote)
          quote = 0;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '[') {
        ++depth;
      } else if (c == ']' && --depth == 0) {
        return i;
      }
    }
    return std::string_view::npos;
  }

  static Result<Node> parse_bracket(std::string_view text) {
    Node node;
    if (text == "*") {
      node.kind = Kind::kWildcard;
      return node;
    }
    if (text.starts_with("?(") && text.ends_with(")")) return parse_filter(trim(text.substr(2, text.size() - 3)));
    const std::vector<std::string_view> parts = split_outside_quotes(text, ',');
    if (parts.size() > 1) {
      node.kind = Kind::kUnion;
      for (std::string_view part : parts) {
        DRYDOCK_TRY(Node branch, parse_bracket(trim(part)));
        node.branches.push_back({std::move(branch)});
      }
      return node;
    }
    if (text.size() >= 2 && (text[0] == '\'' || text[0] == '"') && text.back() == text[0]) {
      node.kind = Kind::kField;
      node.text = unescape(text.substr(1, text.size() - 2));
      return node;
    }
    node.kind = Kind::kSlice;
    const std::vector<std::string> numbers = split(text, ':');
    if (numbers.size() > 3) return Status::plain("invalid array index " + std::string(text));
    std::optional<std::int64_t>* slots[] = {&node.from, &node.to, &node.step};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (numbers[i].empty()) continue;
      const auto number = parse_int(numbers[i]);
      if (!number) return Status::plain("invalid array index " + std::string(text));
      *slots[i] = *number;
    }
    node.is_index = numbers.size() == 1;
    if (node.is_index && !node.from) return Status::plain("invalid array index " + std::string(text));
    return node;
  }

  static std::vector<std::string_view> split_outside_quotes(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    char quote = 0;
    std::size_t start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (quote != 0) {
        if (text[i] == quote) quote = 0;
      } else if (text[i] == '"' || text[i] == '\'') {
        quote = text[i];
      } else if (text[i] == separator) {
        parts.push_back(text.substr(start, i - start));
        start = i + 1;
      }
    }
    parts.push_back(text.substr(start));
    return parts;
  }

  static Result<Node> parse_filter(std::string_view text) {
    Node node;
    node.kind = Kind::kFilter;
    char quote = 0;
    std::size_t at = std::string_view::npos;
    for (std::size_t i = 0; i < text.size() && at == std::string_view::npos; ++i) {
      if (quote != 0) {
        if (text[i] == quote) quote = 0;
      } else if (text[i] == '"' || text[i] == '\'') {
        quote = text[i];
      } else if (text[i] == '=' || text[i] == '!' || text[i] == '<' || text[i] == '>') {
        at = i;
      }
    }
    if (at == std::string_view::npos) {
      node.comparison = "exists";
      DRYDOCK_TRY(node.left, parse_operand(text));
      return node;
    }
    const std::size_t length = at + 1 < text.size() && text[at + 1] == '=' ? 2 : 1;
    node.comparison = std::string(text.substr(at, length));
    if (node.comparison == "=" || node.comparison == "!")
      return Status::plain("unrecognized filter operator " + node.comparison);
    DRYDOCK_TRY(node.left, parse_operand(text.substr(0, at)));
    DRYDOCK_TRY(node.right, parse_operand(text.substr(at + length)));
    return node;
  }

  // A path, a quoted text, a number or a boolean (kept as literal text).
  static Result<std::vector<Node>> parse_operand(std::string_view text) {
    text = trim(text);
    if (text.empty()) return Status::plain("unterminated filter");
    if (text[0] == '@' || text[0] == '$' || text[0] == '.') return parse_expression(text);
    Node node;
    const bool quoted = text.size() >= 2 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0];
    node.text = quoted ? unescape(text.substr(1, text.size() - 2)) : std::string(text);
    node.is_index = !quoted;  // a bare word may be a number or boolean
    return std::vector<Node>{node};
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

class Evaluator {
 public:
  Evaluator(const Value& root, bool allow_missing) : root_(root), allow_missing_(allow_missing) {}

  Result<std::string> print(const std::vector<Node>& nodes, const Value& current) {
    std::string text;
    for (const Node& node : nodes) {
      if (node.kind == Kind::kText) {
        text += node.text;
        continue;
      }
      DRYDOCK_TRY(const std::vector<Value> values, walk(node.steps, {current}));
      if (node.kind == Kind::kRange) {
        for (const Value& value : values) {
          DRYDOCK_TRY(const std::string part, print(node.body, value));
          text += part;
        }
        continue;
      }
      for (std::size_t i = 0; i < values.size(); ++i) text += (i > 0 ? " " : "") + text_of(values[i]);
    }
    return text;
  }

  Result<std::vector<Value>> walk(const std::vector<Node>& steps, std::vector<Value> values) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].kind == Kind::kRecursive && i + 1 < steps.size() && steps[i + 1].kind != Kind::kRecursive) {
        std::vector<Value> everything;
        for (const Value& value : values) descend(value, everything, 0);
        // A name after ".." is looked for everywhere; it need not be anywhere.
        const bool strict = std::exchange(allow_missing_, true);
        std::vector<Value> matches;
        for (const Value& value : everything) {
          if (steps[i + 1].kind == Kind::kField && !value.is_object()) continue;
          Result<std::vector<Value>> found = step(steps[i + 1], {value});
          if (found) matches.insert(matches.end(), found->begin(), found->end());
        }
        allow_missing_ = strict;
        values = std::move(matches);
        ++i;
        continue;
      }
      DRYDOCK_TRY(values, step(steps[i], values));
    }
    return values;
  }

 private:
  static std::string text_of(const Value& value) {
    if (value.is_string()) return value.str();
    if (value.is_null()) return "<nil>";
    return dump_json(value, {.escape_html = true});
  }

  static void descend(const Value& value, std::vector<Value>& all, int depth) {
    if (depth > kMaxDepth) return;
    all.push_back(value);
    for (const Value& item : value.items()) descend(item, all, depth + 1);
    for (const auto& [key, member] : value.members()) descend(member, all, depth + 1);
  }

  Result<std::vector<Value>> step(const Node& node, const std::vector<Value>& values) {
    std::vector<Value> result;
    if (node.kind == Kind::kRoot) return std::vector<Value>{root_};
    for (const Value& value : values) {
      switch (node.kind) {
        case Kind::kCurrent:
        case Kind::kRecursive:
          result.push_back(value);
          break;
        case Kind::kField: {
          const Value* found = value.find(node.text);
          if (found != nullptr)
            result.push_back(*found);
          else if (!allow_missing_)
            return Status::plain(node.text + " is not found");
          break;
        }
        case Kind::kWildcard:
          for (const Value& item : value.items()) result.push_back(item);
          for (const auto& [key, member] : value.members()) result.push_back(member);
          break;
        case Kind::kSlice:
          DRYDOCK_TRY_VOID(slice(node, value, result));
          break;
        case Kind::kUnion:
          for (const std::vector<Node>& branch : node.branches) {
            DRYDOCK_TRY(const std::vector<Value> found, walk(branch, {value}));
            result.insert(result.end(), found.begin(), found.end());
          }
          break;
        case Kind::kFilter:
          for (const Value& item : value.items()) {
            if (holds(node, item)) result.push_back(item);
          }
          break;
        default:
          break;
      }
    }
    return result;
  }

  Result<void> slice(const Node& node, const Value& value, std::vector<Value>& result) const {
    if (value.is_null()) return {};
    if (!value.is_array()) {
      if (allow_missing_) return {};
      return Status::plain((value.is_object() ? "map" : "value") + std::string(" is not array or slice"));
    }
    const auto size = static_cast<std::int64_t>(value.size());
    if (node.is_index) {
      const std::int64_t index = *node.from < 0 ? *node.from + size : *node.from;
      if (index < 0 || index >= size) {
        if (allow_missing_ && size == 0) return {};
        return Status::plain("array index out of bounds: index " + std::to_string(*node.from) + ", length " +
                             std::to_string(size));
      }
      result.push_back(value[static_cast<std::size_t>(index)]);
      return {};
    }
    auto bound = [&](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size); };
    const std::int64_t step = node.step.value_or(1);
    if (step <= 0) return Status::plain("step must be > 0");
    const std::int64_t to = bound(node.to.value_or(size));
    for (std::int64_t i = bound(node.from.value_or(0)); i < to; i += step)
      result.push_back(value[static_cast<std::size_t>(i)]);
    return {};
  }

  std::optional<Value> operand(const std::vector<Node>& nodes, const Value& item) {
    if (nodes.size() == 1 && nodes[0].kind == Kind::kText) {
      if (nodes[0].is_index) {
        if (const auto number = parse_int(nodes[0].text)) return Value(*number);
        if (const auto real = parse_double(nodes[0].text)) return Value(*real);
        if (nodes[0].text == "true" || nodes[0].text == "false") return Value(nodes[0].text == "true");
      }
      return Value(nodes[0].text);
    }
    const bool strict = std::exchange(allow_missing_, true);
    Result<std::vector<Value>> found = walk(nodes, {item});
    allow_missing_ = strict;
    if (!found || found->empty()) return std::nullopt;
    return (*found)[0];
  }

  bool holds(const Node& node, const Value& item) {
    const std::optional<Value> left = operand(node.left, item);
    if (node.comparison == "exists") return left.has_value();
    const std::optional<Value> right = operand(node.right, item);
    if (!left || !right) return false;
    if (node.comparison == "==") return *left == *right;
    if (node.comparison == "!=") return !(*left == *right);
    if (left->is_number() != right->is_number()) return false;
    const double a = left->as_double();
    const double b = right->as_double();
    const int order = left->is_number() ? (a < b ? -1 : a > b ? 1 : 0) : left->as_string().compare(right->as_string());
    if (node.comparison == "<") return order < 0;
    if (node.comparison == ">") return order > 0;
    if (node.comparison == "<=") return order <= 0;
    return order >= 0;
  }

  const Value& root_;
  bool allow_missing_;
};

}  // namespace

Result<JsonPath> JsonPath::parse(std::string_view text) {
  DRYDOCK_TRY(std::vector<Node> nodes, Parser(text).parse_template());
  JsonPath path;
  path.nodes_ = std::make_shared<const std::vector<Node>>(std::move(nodes));
  return path;
}

Result<std::string> JsonPath::print(const Value& data, bool allow_missing) const {
  return Evaluator(data, allow_missing).print(*nodes_, data);
}

Result<std::vector<Value>> JsonPath::find(const Value& data, bool allow_missing) const {
  std::vector<Value> values;
  Evaluator evaluator(data, allow_missing);
  for (const Node& node : *nodes_) {
    if (node.kind != Node::Kind::kExpression) continue;
    DRYDOCK_TRY(const std::vector<Value> found, evaluator.walk(node.steps, {data}));
    values.insert(values.end(), found.begin(), found.end());
  }
  return values;
}

}  // namespace drydock
