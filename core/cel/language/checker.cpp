#include "core/cel/language/checker.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "core/cel/function.h"
#include "core/cel/regex.h"
#include "core/cel/times.h"

namespace drydock::cel {
namespace {

using Kind = Type::Kind;

constexpr int kFirstFresh = 26;  // parameters below are those of the tables

bool wild(const Type& type) { return type.kind == Kind::kDyn || type.kind == Kind::kError; }

struct TypeName {
  std::string_view name;
  Kind kind;
};
constexpr TypeName kTypeNames[] = {
    {"bool", Kind::kBool},
    {"int", Kind::kInt},
    {"uint", Kind::kUint},
    {"double", Kind::kDouble},
    {"string", Kind::kString},
    {"bytes", Kind::kBytes},
    {"list", Kind::kList},
    {"map", Kind::kMap},
    {"null_type", Kind::kNull},
    {"type", Kind::kType},
    {"optional_type", Kind::kOptional},
    {"google.protobuf.Timestamp", Kind::kTimestamp},
    {"google.protobuf.Duration", Kind::kDuration},
};
constexpr std::string_view kOpaqueTypeNames[] = {
    "kubernetes.Quantity",    "net.IP",          "net.CIDR", "kubernetes.URL", "kubernetes.Semver",
    "kubernetes.NamedFormat", "kubernetes.Image"};

TypeRef named_type(std::string_view name) {
  for (const TypeName& known : kTypeNames) {
    if (known.name == name) return type_of(known.kind);
  }
  for (const std::string_view known : kOpaqueTypeNames) {
    if (known == name) return opaque_type(name);
  }
  return nullptr;
}

std::string qualified_name(const Node& node) {
  if (node.kind == Node::Kind::kIdent) return node.name;
  if (node.kind != Node::Kind::kSelect || node.test || node.optional) return "";
  const std::string before = qualified_name(*node.args[0]);
  return before.empty() ? "" : before + "." + node.name;
}

class Checker {
 public:
  Checker(Program& program, const Environment& environment, Issues& issues)
      : program_(program), environment_(environment), issues_(issues) {}

  void run() {
    check(*program_.root);
    program_.type = resolve(program_.root->type);
  }

 private:
  // --- types with parameters ---
  TypeRef fresh() {
    auto type = std::make_shared<Type>();
    type->kind = Kind::kParam;
    type->param = kFirstFresh + static_cast<int>(known_.size());
    known_.push_back(nullptr);
    return type;
  }
  TypeRef& known(const Type& param) { return known_[static_cast<std::size_t>(param.param - kFirstFresh)]; }

  // What is known of the parameters put in; an unknown one is dyn when `whole`.
  TypeRef resolve(const TypeRef& type, bool whole = true) {
    if (type->kind == Kind::kParam) {
      if (known(*type) != nullptr) return resolve(known(*type), whole);
      return whole ? type_of(Kind::kDyn) : type;
    }
    if (type->params.empty()) return type;
    bool same = true;
    std::vector<TypeRef> params;
    for (const TypeRef& param : type->params) {
      params.push_back(resolve(param, whole));
      same = same && params.back() == param;
    }
    if (same) return type;
    auto made = std::make_shared<Type>(*type);
    made->params = std::move(params);
    return made;
  }

  // A table's type with its parameters replaced by this call's own.
  TypeRef instantiate(const TypeRef& type, std::vector<TypeRef>& own) {
    if (type->kind == Kind::kParam) {
      const auto index = static_cast<std::size_t>(type->param);
      if (own.size() <= index) own.resize(index + 1);
      if (own[index] == nullptr) own[index] = fresh();
      return own[index];
    }
    if (type->params.empty()) return type;
    auto made = std::make_shared<Type>(*type);
    for (TypeRef& param : made->params) param = instantiate(param, own);
    return made;
  }

  bool occurs(const Type& param, const Type& inside) {
    if (inside.kind == Kind::kParam) {
      if (inside.param == param.param) return true;
      return known(inside) != nullptr && occurs(param, *known(inside));
    }
    return std::any_of(inside.params.begin(), inside.params.end(),
                       [&](const TypeRef& part) { return occurs(param, *part); });
  }

  static bool less_specific(const Type& a, const Type& b) {
    if (wild(a) || a.kind == Kind::kParam) return true;
    if (wild(b) || b.kind == Kind::kParam || a.kind != b.kind || a.params.size() != b.params.size()) return false;
    for (std::size_t i = 0; i < a.params.size(); ++i) {
      if (!less_specific(*a.params[i], *b.params[i])) return false;
    }
    return a.name == b.name;
  }

  // May `param` stand for `type`? first: it may; second: it had a meaning before.
  std::pair<bool, bool> substitute(const TypeRef& type, const TypeRef& param) {
    if (type->kind == Kind::kParam && type->param == param->param) return {true, true};
    if (const TypeRef before = known(*param)) {
      if (type == before) return {true, true};
      if (!fits(type, before)) return {false, true};
      const TypeRef general = less_specific(*type, *before) ? type : before;
      if (!occurs(*param, *general)) known(*param) = general;
      return {true, true};
    }
    if (occurs(*param, *type)) return {false, false};
    known(*param) = type;
    return {true, false};
  }

  static bool may_be_null(const Type& type) {
    return type.kind == Kind::kObject || type.kind == Kind::kOpaque || type.kind == Kind::kDuration ||
           type.kind == Kind::kTimestamp || type.kind == Kind::kNull || type.kind == Kind::kOptional;
  }

  bool fits(const TypeRef& a, const TypeRef& b) {
    if (b->kind == Kind::kParam) {
      const auto [valid, had] = substitute(a, b);
      if (valid) return true;
      if (had) return false;
    }
    if (a->kind == Kind::kParam) return substitute(b, a).first;
    if (wild(*a) || wild(*b)) return true;
    if (a->kind == Kind::kNull) return may_be_null(*b);
    if (b->kind == Kind::kNull) return may_be_null(*a);
    if (a->kind != b->kind || a->name != b->name) return false;
    if (a->kind == Kind::kType) return true;
    if (a->params.size() != b->params.size()) return false;
    for (std::size_t i = 0; i < a->params.size(); ++i) {
      if (!fits(a->params[i], b->params[i])) return false;
    }
    return true;
  }

  // All of them or nothing learnt.
  bool all_fit(const std::vector<TypeRef>& given, const std::vector<TypeRef>& wanted) {
    const std::vector<TypeRef> before = known_;
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (!fits(given[i], wanted[i])) {
        known_ = before;
        return false;
      }
    }
    return true;
  }

  // One type for the items of a literal.
  TypeRef join(const TypeRef& before, const TypeRef& next, const Node& at) {
    if (before == nullptr) return next;
    if (all_fit({before}, {next})) return less_specific(*before, *next) ? before : next;
    issues_.add(at.offset, "expected type '" + shown(before) + "' but found '" + shown(next) + "'");
    return type_of(Kind::kError);
  }

  std::string shown(const TypeRef& type) { return resolve(type, true)->str(); }

  // --- nodes ---
  void check(Node& node) {
    switch (node.kind) {
      case Node::Kind::kLiteral:
        node.type = literal_type(node.literal);
        break;
      case Node::Kind::kIdent:
        ident(node);
        break;
      case Node::Kind::kSelect:
        select(node);
        break;
      case Node::Kind::kCall:
        call(node);
        break;
      case Node::Kind::kList:
        list(node);
        break;
      case Node::Kind::kMap:
        map(node);
        break;
      case Node::Kind::kStruct:
        structure(node);
        break;
      case Node::Kind::kLoop:
        loop(node);
        break;
      case Node::Kind::kBind:
        bind(node);
        break;
    }
    if (node.type == nullptr) node.type = type_of(Kind::kError);
  }

  static TypeRef literal_type(const Val& literal) {
    switch (literal.kind()) {
      case Val::Kind::kNull:
        return type_of(Kind::kNull);
      case Val::Kind::kBool:
        return type_of(Kind::kBool);
      case Val::Kind::kInt:
        return type_of(Kind::kInt);
      case Val::Kind::kUint:
        return type_of(Kind::kUint);
      case Val::Kind::kDouble:
        return type_of(Kind::kDouble);
      case Val::Kind::kBytes:
        return type_of(Kind::kBytes);
      default:
        return type_of(Kind::kString);
    }
  }

  // The variable or type of that whole name becomes the node's meaning.
  bool meaning(Node& node, const std::string& name) {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      if (scope->first != name) continue;
      node.type = scope->second;
      node.resolved = name;
      return true;
    }
    const auto variable = environment_.variables.find(name);
    if (variable != environment_.variables.end()) {
      node.type = variable->second;
      node.resolved = name;
      program_.references.insert(name);
      return true;
    }
    if (TypeRef type = named_type(name)) {
      node.kind = Node::Kind::kLiteral;
      node.literal = Val::of_type(type);
      node.type = type_type(std::move(type));
      return true;
    }
    return false;
  }

  void undeclared(const Node& node, const std::string& name) {
    issues_.add(node.offset, "undeclared reference to '" + name + "' (in container '')");
  }

  void ident(Node& node) {
    if (!meaning(node, node.name)) undeclared(node, node.name);
  }

  void select(Node& node) {
    if (!node.test) {
      const std::string whole = qualified_name(node);
      if (!whole.empty() && meaning(node, whole)) {
        node.args.clear();
        if (node.kind == Node::Kind::kSelect) {
          node.kind = Node::Kind::kIdent;
          node.name = whole;
        }
        return;
      }
    }
    Node& operand = *node.args[0];
    check(operand);
    const TypeRef type = resolve(operand.type, false);
    const bool through = type->kind == Kind::kOptional;
    TypeRef field = field_type(node, through ? type->params[0] : type);
    if (node.test)
      node.type = type_of(Kind::kBool);
    else
      node.type = through || node.optional ? optional_of(std::move(field)) : std::move(field);
  }

  TypeRef field_type(const Node& node, const TypeRef& type) {
    const TypeRef owner = resolve(type, false);
    switch (owner->kind) {
      case Kind::kMap:
        if (owner->params.size() == 2) return owner->params[1];
        break;
      case Kind::kObject: {
        TypeRef field = owner->field(node.name);
        if (field != nullptr) return field;
        issues_.add(node.offset, "undefined field '" + node.name + "'");
        return type_of(Kind::kError);
      }
      case Kind::kParam:
        known(*owner) = type_of(Kind::kDyn);
        return type_of(Kind::kDyn);
      case Kind::kDyn:
      case Kind::kError:
        return type_of(Kind::kDyn);
      default:
        issues_.add(node.offset, "type '" + shown(owner) + "' does not support field selection");
        return type_of(Kind::kError);
    }
    return type_of(Kind::kDyn);
  }

  void call(Node& node) {
    if (node.member) {
      // "sets.contains(a, b)" is a function's name with a dot.
      const std::string space = qualified_name(*node.args[0]);
      if (!space.empty()) {
        if (const Function* function = find_function(space + "." + node.name)) {
          node.name = space + "." + node.name;
          node.member = false;
          node.args.erase(node.args.begin());
          for (const NodePtr& arg : node.args) check(*arg);
          return overload(node, *function);
        }
      }
    }
    for (const NodePtr& arg : node.args) check(*arg);
    const Function* function = find_function(node.name);
    if (function == nullptr) return undeclared(node, node.name);
    overload(node, *function);
    literals(node);
  }

  void overload(Node& node, const Function& function) {
    node.function = &function;
    std::vector<TypeRef> given;
    for (const NodePtr& arg : node.args) given.push_back(arg->type);
    const bool doubtful = std::any_of(given.begin(), given.end(),
                                      [&](const TypeRef& type) { return resolve(type)->kind == Kind::kError; });
    TypeRef result;
    std::string_view rest = function.overloads;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      std::string_view row = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const bool member = row.starts_with('.');
      if (member) row.remove_prefix(1);
      if (member != node.member) continue;
      std::vector<TypeRef> own;
      std::vector<TypeRef> wanted;
      while (!row.starts_with('>')) wanted.push_back(instantiate(read_type(row), own));
      row.remove_prefix(1);
      if (wanted.size() != given.size() || !all_fit(given, wanted)) continue;
      const TypeRef this_result = resolve(instantiate(read_type(row), own), false);
      if (result == nullptr)
        result = this_result;
      else if (!same_type(*result, *this_result))
        result = type_of(Kind::kDyn);
    }
    if (result != nullptr) {
      node.type = result;
      return;
    }
    node.type = type_of(Kind::kError);
    if (!doubtful) no_overload(node, node.name, given, node.member);
  }

  void no_overload(const Node& node, const std::string& name, const std::vector<TypeRef>& given, bool member) {
    std::string text;
    std::size_t first = 0;
    if (member) {
      text = shown(given[0]) + ".";
      first = 1;
    }
    text += "(";
    for (std::size_t i = first; i < given.size(); ++i) text += (i == first ? "" : ", ") + shown(given[i]);
    issues_.add(node.offset, "found no matching overload for '" + name + "' applied to '" + text + ")'");
  }

  // Literal times and patterns are looked at before they are used.
  void literals(const Node& node) {
    const bool pattern = node.name == "matches" && node.args.size() == 2;
    if (!pattern && ((node.name != "duration" && node.name != "timestamp") || node.args.size() != 1)) return;
    const Node& argument = *node.args.back();
    if (argument.kind != Node::Kind::kLiteral || !argument.literal.is(Val::Kind::kString)) return;
    const std::string_view text = argument.literal.text();
    const bool good = pattern                   ? Regex::fault(text).empty()
                      : node.name == "duration" ? parse_duration_nanos(text).has_value()
                                                : parse_moment(text).has_value();
    if (!good) issues_.add(argument.offset, "invalid " + node.name + " argument");
  }

  // The type that an entry marked with `?` stands for.
  TypeRef unwrapped(const Node& value, bool optional) {
    if (!optional) return value.type;
    const TypeRef type = resolve(value.type, false);
    if (type->kind == Kind::kOptional) return type->params[0];
    if (!wild(*type))
      issues_.add(value.offset, "expected type 'optional_type(" + shown(type) + ")' but found '" + shown(type) + "'");
    return type_of(Kind::kDyn);
  }

  void list(Node& node) {
    TypeRef item;
    for (std::size_t i = 0; i < node.args.size(); ++i) {
      check(*node.args[i]);
      item = join(item, unwrapped(*node.args[i], node.optional_entries[i]), *node.args[i]);
    }
    node.type = list_of(item == nullptr ? fresh() : item);
  }

  void map(Node& node) {
    TypeRef key;
    TypeRef value;
    for (std::size_t i = 0; i + 1 < node.args.size(); i += 2) {
      check(*node.args[i]);
      key = join(key, node.args[i]->type, *node.args[i]);
      check(*node.args[i + 1]);
      value = join(value, unwrapped(*node.args[i + 1], node.optional_entries[i / 2]), *node.args[i + 1]);
    }
    if (key == nullptr) {
      key = fresh();
      value = fresh();
    }
    node.type = map_of(key, value);
  }

  void structure(Node& node) {
    const TypeRef type = environment_.structure ? environment_.structure(node.name) : nullptr;
    for (const NodePtr& arg : node.args) check(*arg);
    if (type == nullptr) return undeclared(node, node.name);
    node.type = type;
    for (std::size_t i = 0; i < node.args.size(); ++i) {
      const TypeRef field = type->field(node.fields[i]);
      if (field == nullptr) {
        issues_.add(node.entry_offsets[i], "undefined field '" + node.fields[i] + "'");
        continue;
      }
      const TypeRef value = unwrapped(*node.args[i], node.optional_entries[i]);
      if (!all_fit({value}, {field})) {
        issues_.add(node.entry_offsets[i], "expected type of field '" + node.fields[i] + "' is '" + shown(field) +
                                               "' but provided type is '" + shown(value) + "'");
      }
    }
  }

  void loop(Node& node) {
    check(*node.args[0]);
    const TypeRef range = resolve(node.args[0]->type, false);
    TypeRef first = type_of(Kind::kDyn);
    TypeRef second = type_of(Kind::kDyn);
    const bool two = node.variables.size() == 2;
    if (range->kind == Kind::kList) {
      first = two ? type_of(Kind::kInt) : range->params[0];
      second = range->params[0];
    } else if (range->kind == Kind::kMap && range->params.size() == 2) {
      first = range->params[0];
      second = range->params[1];
    } else if (!wild(*range) && range->kind != Kind::kParam) {
      issues_.add(node.args[0]->offset, "expression of type '" + shown(range) +
                                            "' cannot be range of a comprehension (must be list, map, or dynamic)");
      first = second = type_of(Kind::kError);
    }
    const std::size_t scopes = scopes_.size();
    scopes_.emplace_back(node.variables[0], first);
    if (two) scopes_.emplace_back(node.variables[1], second);
    for (std::size_t i = 1; i < node.args.size(); ++i) check(*node.args[i]);
    scopes_.resize(scopes);

    const TypeRef boolean = type_of(Kind::kBool);
    const TypeRef part = node.args[1]->type;
    const TypeRef last = node.args.back()->type;
    const auto condition = [&](const TypeRef& result, bool choice) {
      if (all_fit({part}, {boolean})) return;
      if (choice)
        no_overload(node, "_?_:_", {part, result, result}, false);
      else
        no_overload(node, node.loop == Node::Loop::kAll ? "_&&_" : "_||_", {boolean, part}, false);
    };
    switch (node.loop) {
      case Node::Loop::kAll:
      case Node::Loop::kExists:
        condition(boolean, false);
        node.type = boolean;
        break;
      case Node::Loop::kExistsOne:
        condition(type_of(Kind::kInt), true);
        node.type = boolean;
        break;
      case Node::Loop::kFilter:
        node.type = list_of(first);
        condition(node.type, true);
        break;
      case Node::Loop::kMap:
        node.type = list_of(last);
        if (node.args.size() == 3) condition(node.type, true);
        break;
      case Node::Loop::kTransformMap:
        node.type = map_of(first, last);
        if (node.args.size() == 3) condition(node.type, true);
        break;
      case Node::Loop::kTransformEntry:
        if (resolve(last, false)->kind == Kind::kMap || wild(*resolve(last)))
          node.type = last;
        else
          no_overload(node, "cel.@mapInsert", {map_of(type_of(Kind::kDyn), type_of(Kind::kDyn)), last}, false);
        if (node.args.size() == 3 && node.type != nullptr) condition(node.type, true);
        break;
    }
  }

  void bind(Node& node) {
    check(*node.args[0]);
    const TypeRef target = resolve(node.args[0]->type, false);
    TypeRef held = type_of(Kind::kDyn);
    if (target->kind == Kind::kOptional)
      held = target->params[0];
    else if (!wild(*target))
      no_overload(node, "hasValue", {target}, true);
    scopes_.emplace_back(node.variables[0], held);
    check(*node.args[1]);
    scopes_.pop_back();
    const TypeRef result = node.args[1]->type;
    if (!node.flat) {
      node.type = optional_of(result);
    } else if (resolve(result, false)->kind == Kind::kOptional || wild(*resolve(result))) {
      node.type = result;
    } else {
      no_overload(node, "_?_:_", {type_of(Kind::kBool), result, optional_of(type_of(Kind::kDyn))}, false);
    }
  }

  Program& program_;
  const Environment& environment_;
  Issues& issues_;
  std::vector<TypeRef> known_;  // of fresh parameters
  std::vector<std::pair<std::string, TypeRef>> scopes_;
};

}  // namespace

void check(Program& program, const Environment& environment, Issues& issues) {
  Checker(program, environment, issues).run();
}

}  // namespace drydock::cel
