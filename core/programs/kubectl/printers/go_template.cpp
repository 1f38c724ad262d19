#include "core/programs/kubectl/printers/go_template.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/programs/kubectl/printers/go_template_nodes.h"

namespace drydock::kubectl {
namespace {

using Node = GoTemplate::Node;
constexpr int kMaxDepth = 100;

// A template value: a document, or "no value" (a missing map key), which prints
// differently from nil but is false like it.
struct Item {
  Value value;
  bool present = true;
};

bool truth(const Item& item) {
  const Value& value = item.value;
  if (!item.present || value.is_null()) return false;
  if (value.is_bool()) return value.as_bool();
  if (value.is_number()) return value.as_double() != 0;
  return !value.empty();
}

// As fmt prints %v: maps in key order, lists in brackets.
std::string print_value(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return "<nil>";
    case Value::Kind::kBool:
      return value.as_bool() ? "true" : "false";
    case Value::Kind::kInt:
      return std::to_string(value.as_int());
    case Value::Kind::kDouble:
      return format_double(value.as_double());
    case Value::Kind::kString:
      return value.str();
    case Value::Kind::kArray: {
      std::string text = "[";
      for (const Value& item : value.items()) text += (text.size() > 1 ? " " : "") + print_value(item);
      return text + "]";
    }
    case Value::Kind::kObject: {
      std::string text = "map[";
      for (const auto& [key, item] : value.members())
        text += (text.size() > 4 ? " " : "") + key.str() + ":" + print_value(item);
      return text + "]";
    }
  }
  return "";
}
std::string print_item(const Item& item) {
  return !item.present || item.value.is_null() ? "<no value>" : print_value(item.value);
}

int compare(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return a.as_double() < b.as_double() ? -1 : a.as_double() > b.as_double() ? 1 : 0;
  const int order = a.as_string().compare(b.as_string());
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

// %d %s %v %q %t %f and widths: what templates use of fmt.Printf.
std::string print_formatted(std::string_view pattern, const std::vector<Item>& arguments) {
  std::string text;
  std::size_t next = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      text += pattern[i];
      continue;
    }
    if (++i >= pattern.size()) return text + "%!(NOVERB)";
    if (pattern[i] == '%') {
      text += '%';
      continue;
    }
    bool left = false;
    bool zero = false;
    while (i < pattern.size() &&
           (pattern[i] == '-' || pattern[i] == '0' || pattern[i] == '+' || pattern[i] == ' ' || pattern[i] == '#')) {
      left = left || pattern[i] == '-';
      zero = zero || pattern[i] == '0';
      ++i;
    }
    std::size_t width = 0;
    while (i < pattern.size() && pattern[i] >= '0' && pattern[i] <= '9')
      width = std::min<std::size_t>(1000, width * 10 + static_cast<std::size_t>(pattern[i++] - '0'));
    int precision = -1;
    if (i < pattern.size() && pattern[i] == '.') {
      precision = 0;
      while (++i < pattern.size() && pattern[i] >= '0' && pattern[i] <= '9')
        precision = std::min(100, precision * 10 + (pattern[i] - '0'));
    }
    const char verb = i < pattern.size() ? pattern[i] : '!';
    if (next >= arguments.size()) {
      text += std::string("%!") + verb + "(MISSING)";
      continue;
    }
    const Value& value = arguments[next++].value;
    std::string piece;
    if (verb == 'q')
      piece = go_quote(value.is_string() ? value.as_string() : print_value(value));
    else if (verb == 'd' && !value.is_int())
      piece = std::string("%!d(") + (value.is_string() ? "string=" : "float64=") + print_value(value) + ")";
    else if (verb == 'f')
      piece = drydock::format("%.*f", precision < 0 ? 6 : precision, value.as_double());
    else
      piece = print_value(value);
    if (verb == 's' && precision >= 0) piece = piece.substr(0, static_cast<std::size_t>(precision));
    if (piece.size() < width)
      piece = left                  ? pad_right(piece, width)
              : zero && verb == 'd' ? std::string(width - piece.size(), '0') + piece
                                    : pad_left(piece, width);
    text += piece;
  }
  if (next < arguments.size()) {
    text += "%!(EXTRA ";
    for (std::size_t i = next; i < arguments.size(); ++i) {
      const char* type = arguments[i].value.is_string() ? "string=" : arguments[i].value.is_int() ? "int64=" : "";
      text += (i > next ? ", " : "") + std::string(type) + print_value(arguments[i].value);
    }
    text += ")";
  }
  return text;
}

std::string html_escape(std::string_view text) {
  std::string result;
  for (char c : text) {
    if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '&')
      result += "&amp;";
    else if (c == '"')
      result += "&#34;";
    else if (c == '\'')
      result += "&#39;";
    else
      result += c;
  }
  return result;
}

class Interpreter {
 public:
  Interpreter(const GoTemplate::Program& program, const Value& data) : program_(program) {
    variables_.push_back({"$", {data, true}});
  }

  Result<void> run(const std::vector<Node>& nodes, const Item& dot, int depth) {
    if (depth > kMaxDepth) return Status::plain("exceeded maximum template depth (100000)");
    const std::size_t scope = variables_.size();
    for (const Node& node : nodes) {
      DRYDOCK_TRY_VOID(run_node(node, dot, depth));
      if (leaving_ != Leaving::kNo) break;
    }
    variables_.resize(scope);
    return {};
  }
  std::string take_output() { return std::move(output_); }

 private:
  enum class Leaving { kNo, kBreak, kContinue };
  struct Variable {
    std::string name;
    Item item;
  };

  Result<void> run_node(const Node& node, const Item& dot, int depth) {
    switch (node.kind) {
      case Node::Kind::kText:
        output_ += node.text;
        return {};
      case Node::Kind::kBreak:
        leaving_ = Leaving::kBreak;
        return {};
      case Node::Kind::kContinue:
        leaving_ = Leaving::kContinue;
        return {};
      case Node::Kind::kAction: {
        DRYDOCK_TRY(Item item, evaluate(node.pipeline, dot));
        if (node.pipeline.variables.empty()) output_ += print_item(item);
        return {};
      }
      case Node::Kind::kTemplate: {
        const auto at = program_.templates.find(node.text);
        if (at == program_.templates.end()) return Status::plain("template " + go_quote(node.text) + " not defined");
        Item argument{Value(), false};
        if (!node.pipeline.commands.empty()) {
          DRYDOCK_TRY(argument, evaluate(node.pipeline, dot));
        }
        return run(at->second, argument, depth + 1);
      }
      case Node::Kind::kIf:
      case Node::Kind::kWith: {
        const std::size_t scope = variables_.size();
        DRYDOCK_TRY(Item item, evaluate(node.pipeline, dot));
        const bool holds = truth(item);
        const Item& inner = node.kind == Node::Kind::kWith && holds ? item : dot;
        DRYDOCK_TRY_VOID(run(holds ? node.body : node.otherwise, inner, depth + 1));
        variables_.resize(scope);
        return {};
      }
      case Node::Kind::kRange:
        return run_range(node, dot, depth);
    }
    return {};
  }

  Result<void> run_range(const Node& node, const Item& dot, int depth) {
    const std::size_t scope = variables_.size();
    TemplatePipeline source = node.pipeline;
    source.variables.clear();
    DRYDOCK_TRY(Item item, evaluate(source, dot));
    std::vector<std::pair<Value, Value>> entries;
    if (item.value.is_object()) {
      for (const auto& [key, value] : item.value.members()) entries.emplace_back(Value(key.view()), value);
    } else if (item.value.is_array()) {
      for (const Value& value : item.value.items()) entries.emplace_back(Value(entries.size()), value);
    } else if (item.value.is_int()) {
      for (std::int64_t i = 0; i < item.value.as_int() && i < 100000; ++i) entries.emplace_back(Value(i), Value(i));
    } else if (item.present && !item.value.is_null()) {
      return Status::plain("range can't iterate over " + print_value(item.value));
    }
    if (entries.empty()) return run(node.otherwise, dot, depth + 1);
    const auto& names = node.pipeline.variables;
    for (const auto& [key, value] : entries) {
      variables_.resize(scope);
      if (names.size() == 1) variables_.push_back({names[0], {value, true}});
      if (names.size() >= 2) {
        variables_.push_back({names[0], {key, true}});
        variables_.push_back({names[1], {value, true}});
      }
      DRYDOCK_TRY_VOID(run(node.body, {value, true}, depth + 1));
      const Leaving how = std::exchange(leaving_, Leaving::kNo);
      if (how == Leaving::kBreak) break;
    }
    variables_.resize(scope);
    return {};
  }

  Result<Item> evaluate(const TemplatePipeline& pipeline, const Item& dot) {
    Item item;
    bool first = true;
    for (const TemplateCommand& command : pipeline.commands) {
      DRYDOCK_TRY(item, evaluate_command(command, dot, first ? nullptr : &item));
      first = false;
    }
    for (const std::string& name : pipeline.variables) {
      if (pipeline.declares) {
        variables_.push_back({name, item});
        continue;
      }
      for (auto at = variables_.rbegin(); at != variables_.rend(); ++at) {
        if (at->name == name) {
          at->item = item;
          break;
        }
      }
    }
    return item;
  }

  Result<Item> walk(Item item, const std::vector<std::string>& fields) {
    for (const std::string& field : fields) {
      if (!item.present || item.value.is_null()) {
        if (item.present) return Status::plain("nil data; no entry for key " + go_quote(field));
        return Item{Value(), false};
      }
      if (!item.value.is_object()) {
        const char* type = item.value.is_array()    ? "[]interface {}"
                           : item.value.is_string() ? "string"
                           : item.value.is_bool()   ? "bool"
                                                    : "int64";
        return Status::plain("can't evaluate field " + field + " in type " + type);
      }
      const Value* found = item.value.find(field);
      item = found == nullptr ? Item{Value(), false} : Item{*found, true};
    }
    return item;
  }

  Result<Item> operand(const TemplateOperand& source, const Item& dot) {
    switch (source.kind) {
      case TemplateOperand::Kind::kDot:
      case TemplateOperand::Kind::kField:
        return walk(dot, source.fields);
      case TemplateOperand::Kind::kLiteral:
        return Item{source.literal, true};
      case TemplateOperand::Kind::kVariable:
        for (auto at = variables_.rbegin(); at != variables_.rend(); ++at) {
          if (at->name == source.name) return walk(at->item, source.fields);
        }
        return Status::plain("undefined variable: " + source.name);
      case TemplateOperand::Kind::kPipeline: {
        DRYDOCK_TRY(Item item, evaluate(*source.pipeline, dot));
        return walk(std::move(item), source.fields);
      }
      case TemplateOperand::Kind::kFunction:
        return call(source.name, {});
    }
    return Item{};
  }

  Result<Item> evaluate_command(const TemplateCommand& command, const Item& dot, const Item* piped) {
    const TemplateOperand& first = command.operands[0];
    if (first.kind != TemplateOperand::Kind::kFunction) {
      if (command.operands.size() > 1)
        return Status::plain("can't give argument to non-function " +
                             (first.fields.empty() ? std::string(".") : "." + first.fields[0]));
      return operand(first, dot);
    }
    // and / or stop at the first operand that decides.
    const bool is_and = first.name == "and";
    if (is_and || first.name == "or") {
      Item result;
      for (std::size_t i = 1; i < command.operands.size(); ++i) {
        DRYDOCK_TRY(result, operand(command.operands[i], dot));
        if (truth(result) != is_and) return result;
      }
      return piped != nullptr ? *piped : result;
    }
    std::vector<Item> arguments;
    for (std::size_t i = 1; i < command.operands.size(); ++i) {
      DRYDOCK_TRY(Item item, operand(command.operands[i], dot));
      arguments.push_back(std::move(item));
    }
    if (piped != nullptr) arguments.push_back(*piped);
    return call(first.name, arguments);
  }

  static Result<Item> index(const std::vector<Item>& arguments) {
    Item item = arguments[0];
    for (std::size_t i = 1; i < arguments.size(); ++i) {
      const Value& key = arguments[i].value;
      if (item.value.is_array()) {
        if (!key.is_int()) return Status::plain("error calling index: cannot index slice/array with type string");
        if (key.as_int() < 0 || key.as_int() >= static_cast<std::int64_t>(item.value.size())) {
          return Status::plain("error calling index: reflect: slice index out of range");
        }
        item = {item.value[static_cast<std::size_t>(key.as_int())], true};
      } else if (item.value.is_object()) {
        const Value* found = item.value.find(key.as_string());
        item = found == nullptr ? Item{Value(), false} : Item{*found, true};
      } else {
        return Status::plain("error calling index: index of untyped nil");
      }
    }
    return item;
  }

  Result<Item> call(const std::string& name, const std::vector<Item>& arguments) {
    auto need = [&](std::size_t count) { return arguments.size() >= count; };
    auto wrong = [&]() {
      return Status::plain("wrong number of args for " + name + ": want at least 1 got " +
                           std::to_string(arguments.size()));
    };
    if (name == "not") {
      if (!need(1)) return wrong();
      return Item{Value(!truth(arguments[0])), true};
    }
    if (name == "len") {
      if (!need(1)) return wrong();
      const Value& value = arguments[0].value;
      if (value.is_null() || value.is_number() || value.is_bool())
        return Status::plain("error calling len: len of nil pointer");
      return Item{Value(value.size()), true};
    }
    if (name == "index" || name == "slice") {
      if (!need(1)) return wrong();
      if (name == "index") return index(arguments);
      const Value& value = arguments[0].value;
      const std::size_t from =
          need(2) ? static_cast<std::size_t>(std::max<std::int64_t>(0, arguments[1].value.as_int())) : 0;
      const std::size_t to =
          need(3) ? static_cast<std::size_t>(std::max<std::int64_t>(0, arguments[2].value.as_int())) : value.size();
      if (from > to || to > value.size()) return Status::plain("error calling slice: index out of range");
      if (value.is_string()) return Item{Value(value.as_string().substr(from, to - from)), true};
      Value part = Value::array();
      for (std::size_t i = from; i < to; ++i) part.push_back(value[i]);
      return Item{part, true};
    }
    if (name == "eq" || name == "ne" || name == "lt" || name == "le" || name == "gt" || name == "ge") {
      if (!need(2)) return Status::plain("missing argument for comparison");
      const Value& a = arguments[0].value;
      if (name == "eq") {
        bool equal = false;
        for (std::size_t i = 1; i < arguments.size(); ++i) equal = equal || a == arguments[i].value;
        return Item{Value(equal), true};
      }
      const Value& b = arguments[1].value;
      if (name == "ne") return Item{Value(!(a == b)), true};
      if (a.is_string() != b.is_string())
        return Status::plain("error calling " + name + ": incompatible types for comparison");
      const int order = compare(a, b);
      return Item{Value(name == "lt"   ? order < 0
                        : name == "le" ? order <= 0
                        : name == "gt" ? order > 0
                                       : order >= 0),
                  true};
    }
    if (name == "printf") {
      if (!need(1)) return wrong();
      return Item{Value(print_formatted(arguments[0].value.as_string(), {arguments.begin() + 1, arguments.end()})),
                  true};
    }
    if (name == "print" || name == "println") {
      std::string text;
      for (std::size_t i = 0; i < arguments.size(); ++i) {
        const bool between =
            i > 0 && (name == "println" || (!arguments[i].value.is_string() && !arguments[i - 1].value.is_string()));
        text += (between ? " " : "") + print_value(arguments[i].value);
      }
      return Item{Value(name == "println" ? text + "\n" : text), true};
    }
    if (name == "html" || name == "urlquery" || name == "js") {
      if (!need(1)) return wrong();
      return Item{Value(html_escape(print_value(arguments[0].value))), true};
    }
    // kubectl's own.
    if (name == "base64decode") {
      if (!need(1)) return wrong();
      auto decoded = base64_decode(arguments[0].value.as_string());
      if (!decoded) return Status::plain("error calling base64decode: base64 decode failed");
      return Item{Value(*decoded), true};
    }
    if (name == "exists") {
      if (!need(1)) return wrong();
      Item item = arguments[0];
      for (std::size_t i = 1; i < arguments.size(); ++i) {
        const Value& key = arguments[i].value;
        const Value& next = key.is_int() ? item.value[static_cast<std::size_t>(std::max<std::int64_t>(0, key.as_int()))]
                                         : item.value[key.as_string()];
        item = {next, !next.is_null()};
      }
      return Item{Value(item.present && !item.value.is_null()), true};
    }
    return Status::plain("function " + go_quote(name) + " not defined");
  }

  const GoTemplate::Program& program_;
  std::vector<Variable> variables_;
  std::string output_;
  Leaving leaving_ = Leaving::kNo;
};

}  // namespace

GoTemplate::GoTemplate(std::unique_ptr<Program> program) : program_(std::move(program)) {}
GoTemplate::GoTemplate(GoTemplate&&) noexcept = default;
GoTemplate& GoTemplate::operator=(GoTemplate&&) noexcept = default;
GoTemplate::~GoTemplate() = default;

Result<GoTemplate> GoTemplate::parse(std::string_view text) {
  auto program = std::make_unique<Program>();
  Result<void> parsed = parse_template(text, *program);
  if (!parsed) return Status::plain("template: output:1: " + parsed.error().message);
  return GoTemplate(std::move(program));
}

Result<std::string> GoTemplate::execute(const Value& data) const {
  Interpreter interpreter(*program_, data);
  Result<void> done = interpreter.run(program_->nodes, {data, true}, 0);
  if (!done) return Status::plain("template: output:1: executing \"output\": " + done.error().message);
  return interpreter.take_output();
}

}  // namespace drydock::kubectl
