// What an expression means for given variables. Errors are values; the cost limit is
// the one that nothing absorbs.
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "core/base/strings.h"
#include "core/cel/cel.h"
#include "core/cel/function.h"
#include "core/cel/language/checker.h"
#include "core/cel/language/parser.h"

namespace drydock::cel {
namespace {

using Kind = Val::Kind;

constexpr std::uint64_t kListCost = 10;
constexpr std::uint64_t kMapCost = 30;
constexpr std::uint64_t kStructCost = 40;
constexpr std::uint64_t kAppendCost = 12;  // of one item that a macro adds: what its fold would cost
constexpr std::uint64_t kTestCost = 2;

std::string key_text(const Val& key) {
  switch (key.kind()) {
    case Kind::kString:
      return std::string(key.text());
    case Kind::kBool:
      return key.boolean() ? "true" : "false";
    case Kind::kUint:
      return std::to_string(key.unsigned_integer());
    case Kind::kDouble:
      return double_text(key.real());
    default:
      return std::to_string(key.integer());
  }
}

class Evaluation {
 public:
  Evaluation(const Activation& activation, std::uint64_t limit) : activation_(activation), limit_(limit) {}

  Val run(const Node& node) {
    Val value = eval(node);
    return spent_ ? too_costly() : value;
  }
  std::uint64_t cost() const { return cost_; }

 private:
  void charge(std::uint64_t cost) {
    cost_ = cost_ + cost < cost_ ? UINT64_MAX : cost_ + cost;
    spent_ = spent_ || cost_ > limit_;
  }

  Val eval(const Node& node) {
    if (spent_) return Val::error("");
    switch (node.kind) {
      case Node::Kind::kLiteral:
        return node.literal;
      case Node::Kind::kIdent:
        return ident(node);
      case Node::Kind::kSelect:
        return select(node);
      case Node::Kind::kCall:
        return call(node);
      case Node::Kind::kList:
        return list(node);
      case Node::Kind::kMap:
        return map(node);
      case Node::Kind::kStruct:
        return structure(node);
      case Node::Kind::kLoop:
        return loop(node);
      case Node::Kind::kBind:
        return bind(node);
    }
    return {};
  }

  Val ident(const Node& node) {
    charge(1);
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      if (scope->first == node.resolved) return scope->second;
    }
    const auto variable = activation_.variables.find(node.resolved);
    if (variable == activation_.variables.end()) return Val::error("no such attribute(s): " + node.resolved);
    return variable->second;
  }

  // False: there is no such field, which is an error or not.
  static bool field(const Val& owner, const std::string& name, Val& found) {
    if (owner.is(Kind::kMap)) return owner.map().find(Val::of_string(name), found);
    if (owner.is(Kind::kRecord)) return owner.record().field(name, found);
    return false;
  }

  Val select(const Node& node) {
    Val owner = eval(*node.args[0]);
    if (owner.is_error()) return owner;
    if (!node.test) charge(1);
    bool through = node.optional;
    if (owner.is(Kind::kOptional)) {
      if (owner.held() == nullptr) return node.test ? Val::of_bool(false) : Val::none();
      owner = Val(*owner.held());
      through = true;
    }
    Val found;
    const bool known = field(owner, node.name, found);
    if (node.test) return known && found.is_error() ? found : Val::of_bool(known);
    if (!known) return through ? Val::none() : Val::error("no such key: " + node.name);
    if (found.is_error()) return found;
    return through ? Val::some(std::move(found)) : std::move(found);
  }

  // An index that is a whole number, of whatever type.
  static bool whole(const Val& index, std::int64_t& number) {
    if (index.is(Kind::kInt)) {
      number = index.integer();
      return true;
    }
    if (index.is(Kind::kUint)) {
      number = index.integer();
      return number >= 0;
    }
    if (!index.is(Kind::kDouble) || std::floor(index.real()) != index.real() || std::abs(index.real()) > 1e15)
      return false;
    number = static_cast<std::int64_t>(index.real());
    return true;
  }

  Val index(const Node& node, bool optional) {
    Val owner = eval(*node.args[0]);
    if (owner.is_error()) return owner;
    const Val key = eval(*node.args[1]);
    if (key.is_error()) return key;
    charge(1);
    if (owner.is(Kind::kOptional)) {
      if (owner.held() == nullptr) return owner;
      owner = Val(*owner.held());
      optional = true;
    }
    Val found;
    if (owner.is(Kind::kList)) {
      std::int64_t at = 0;
      if (!whole(key, at)) return Val::error("unsupported index type '" + key.type_name() + "' in list");
      if (at < 0 || static_cast<std::uint64_t>(at) >= owner.list().size())
        return optional ? Val::none() : Val::error("index out of bounds: " + std::to_string(at));
      found = owner.list().at(static_cast<std::size_t>(at));
    } else if (owner.is(Kind::kMap)) {
      if (!owner.map().find(key, found)) return optional ? Val::none() : Val::error("no such key: " + key_text(key));
    } else {
      return optional ? Val::none() : no_such_overload();
    }
    return optional && !found.is_error() ? Val::some(std::move(found)) : found;
  }

  // `decisive` ends it: false of an and, true of an or, on whichever side.
  Val logical(const Node& node, bool decisive) {
    const Val left = eval(*node.args[0]);
    if (left.is(Kind::kBool) && left.boolean() == decisive) return left;
    const Val right = eval(*node.args[1]);
    if (right.is(Kind::kBool) && right.boolean() == decisive) return right;
    if (left.is_error()) return left;
    if (right.is_error()) return right;
    if (!left.is(Kind::kBool) || !right.is(Kind::kBool)) return no_such_overload();
    return Val::of_bool(!decisive);
  }

  Val call(const Node& node) {
    const std::string& name = node.name;
    if (name == "_&&_") return logical(node, false);
    if (name == "_||_") return logical(node, true);
    if (name == "_?_:_") {
      const Val condition = eval(*node.args[0]);
      if (condition.is_error()) return condition;
      if (!condition.is(Kind::kBool)) return no_such_overload();
      return eval(*node.args[condition.boolean() ? 1 : 2]);
    }
    if (name == "_[_]" || name == "_[?_]") return index(node, name == "_[?_]");
    if (node.member && (name == "orValue" || name == "or")) {
      const Val target = eval(*node.args[0]);
      if (target.is_error()) return target;
      if (!target.is(Kind::kOptional)) return no_such_overload();
      if (target.held() != nullptr) return name == "or" ? target : *target.held();
      return eval(*node.args[1]);
    }
    std::vector<Val> args;
    args.reserve(node.args.size());
    for (const NodePtr& arg : node.args) {
      args.push_back(eval(*arg));
      if (args.back().is_error()) return std::move(args.back());
    }
    if (node.function == nullptr || node.function->call == nullptr) return no_such_overload();
    Call made{args, name};
    Val result = node.function->call(made);
    charge(made.cost);
    return result;
  }

  Val list(const Node& node) {
    charge(kListCost);
    std::vector<Val> items;
    for (std::size_t i = 0; i < node.args.size(); ++i) {
      Val item = eval(*node.args[i]);
      if (item.is_error()) return item;
      if (node.optional_entries[i]) {
        if (!item.is(Kind::kOptional))
          return Val::error("cannot initialize optional list element from non-optional value");
        if (item.held() == nullptr) continue;
        item = Val(*item.held());
      }
      items.push_back(std::move(item));
    }
    return Val::of_list(std::move(items));
  }

  Val map(const Node& node) {
    charge(kMapCost);
    std::vector<std::pair<Val, Val>> entries;
    for (std::size_t i = 0; i + 1 < node.args.size(); i += 2) {
      Val key = eval(*node.args[i]);
      if (key.is_error()) return key;
      Val value = eval(*node.args[i + 1]);
      if (value.is_error()) return value;
      if (!key.is(Kind::kString) && !key.is(Kind::kBool) && !key.is(Kind::kInt) && !key.is(Kind::kUint))
        return Val::error("unsupported key type: " + key.type_name());
      if (node.optional_entries[i / 2]) {
        if (!value.is(Kind::kOptional)) return Val::error("cannot initialize optional entry from non-optional value");
        if (value.held() == nullptr) continue;
        value = Val(*value.held());
      }
      entries.emplace_back(std::move(key), std::move(value));
    }
    const std::size_t count = entries.size();
    Val made = Val::of_map(std::move(entries));
    if (made.map().size() != count) return Val::error("Failed with repeated key");
    return made;
  }

  Val structure(const Node& node) {
    charge(kStructCost);
    std::vector<std::pair<Val, Val>> entries;
    for (std::size_t i = 0; i < node.args.size(); ++i) {
      Val value = eval(*node.args[i]);
      if (value.is_error()) return value;
      if (node.optional_entries[i]) {
        if (value.is(Kind::kOptional) && value.held() == nullptr) continue;
        if (value.is(Kind::kOptional)) value = Val(*value.held());
      }
      entries.emplace_back(Val::of_string(node.fields[i]), std::move(value));
    }
    return Val::of_map(std::move(entries));
  }

  Val loop(const Node& node) {
    const Val range = eval(*node.args[0]);
    if (range.is_error()) return range;
    if (!range.is(Kind::kList) && !range.is(Kind::kMap)) return no_such_overload();
    const bool over_list = range.is(Kind::kList);
    const bool two = node.variables.size() == 2;
    const std::size_t size = over_list ? range.list().size() : range.map().size();
    using Loop = Node::Loop;
    const bool conditional = node.loop != Loop::kFilter && node.args.size() == 3;  // map and its like
    const Node* condition = node.loop <= Loop::kFilter || conditional ? node.args[1].get() : nullptr;
    const bool decisive = node.loop == Loop::kExists;
    std::vector<Val> items;
    std::vector<std::pair<Val, Val>> entries;
    std::size_t found = 0;
    Val failure;
    const std::size_t scopes = scopes_.size();
    for (std::size_t i = 0; i < size && !spent_; ++i) {
      Val first;
      Val second;
      if (over_list) {
        first = two ? Val::of_int(static_cast<std::int64_t>(i)) : range.list().at(i);
        if (two) second = range.list().at(i);
      } else {
        std::tie(first, second) = range.map().entry(i);
      }
      const Val key = first;
      scopes_.emplace_back(node.variables[0], std::move(first));
      if (two) scopes_.emplace_back(node.variables[1], std::move(second));
      charge(kTestCost);
      Val verdict = condition == nullptr ? Val::of_bool(true) : eval(*condition);
      if (!verdict.is_error() && !verdict.is(Kind::kBool)) verdict = no_such_overload();
      Val made;
      if (verdict.is_true() && node.loop > Loop::kFilter) {
        charge(kAppendCost);
        made = eval(*node.args.back());
      }
      scopes_.resize(scopes);
      if (node.loop == Loop::kAll || node.loop == Loop::kExists) {
        if (verdict.is(Kind::kBool) && verdict.boolean() == decisive) return verdict;
        if (verdict.is_error() && !failure.is_error()) failure = std::move(verdict);
        continue;
      }
      if (verdict.is_error()) return verdict;
      if (made.is_error()) return made;
      if (verdict.is_false()) continue;
      switch (node.loop) {
        case Loop::kExistsOne:
          ++found;
          break;
        case Loop::kFilter:
          charge(kAppendCost);
          items.push_back(key);
          break;
        case Loop::kMap:
          items.push_back(std::move(made));
          break;
        case Loop::kTransformMap:
          entries.emplace_back(key, std::move(made));
          break;
        default:
          if (!made.is(Kind::kMap)) return no_such_overload();
          for (std::size_t j = 0; j < made.map().size(); ++j) {
            charge(1);
            entries.push_back(made.map().entry(j));
          }
      }
    }
    scopes_.resize(scopes);
    switch (node.loop) {
      case Loop::kAll:
      case Loop::kExists:
        return failure.is_error() ? failure : Val::of_bool(!decisive);
      case Loop::kExistsOne:
        return Val::of_bool(found == 1);
      case Loop::kFilter:
      case Loop::kMap:
        return Val::of_list(std::move(items));
      default:
        break;
    }
    const std::size_t count = entries.size();
    Val made = Val::of_map(std::move(entries));
    if (made.map().size() != count) return Val::error("insert failed: key already exists");
    return made;
  }

  Val bind(const Node& node) {
    const Val target = eval(*node.args[0]);
    if (target.is_error()) return target;
    if (!target.is(Kind::kOptional)) return no_such_overload();
    if (target.held() == nullptr) return target;
    scopes_.emplace_back(node.variables[0], *target.held());
    Val value = eval(*node.args[1]);
    scopes_.pop_back();
    if (value.is_error() || node.flat) return value;
    return Val::some(std::move(value));
  }

  const Activation& activation_;
  const std::uint64_t limit_;
  std::uint64_t cost_ = 0;
  bool spent_ = false;
  std::vector<std::pair<std::string_view, Val>> scopes_;
};

}  // namespace

Val no_such_overload() { return Val::error("no such overload"); }
Val too_costly() { return Val::error("operation cancelled: actual cost limit exceeded"); }

bool Call::affords(std::uint64_t first, std::uint64_t second) {
  if (first == 0 || second <= kPerCallLimit / first) return true;
  cost = kPerCallLimit + 1;
  return false;
}

const Function* find_function(std::string_view name) {
  using Table = std::map<std::string_view, const Function*>;
  static const Table table = [] {
    Table made;
    for (const auto functions :
         {operator_functions(), conversion_functions(), time_functions(), string_functions(), list_functions(),
          network_functions(), kubernetes_functions(), version_functions(), authorizer_functions()}) {
      for (const Function& function : functions) made.emplace(function.name, &function);
    }
    return made;
  }();
  const auto found = table.find(name);
  return found == table.end() ? nullptr : found->second;
}

Compiled compile(std::string_view source, const Environment& environment) {
  Issues issues;
  auto program = std::make_shared<Program>();
  program->source = source;
  program->root = parse(source, issues);
  if (program->root != nullptr) check(*program, environment, issues);
  if (!issues.empty()) return {nullptr, issues.text(source)};
  return {std::move(program), ""};
}

Outcome evaluate(const Program& program, const Activation& activation, std::uint64_t limit) {
  Evaluation evaluation(activation, limit);
  Val value = evaluation.run(*program.root);
  return {std::move(value), evaluation.cost()};
}

bool check_cel(std::string_view text) {
  static const Value document = Value::object({{"name", "x"},
                                               {"replicas", 3},
                                               {"weight", 0.5},
                                               {"list", Value::array({1, 2, 3})},
                                               {"labels", Value::object({{"a", "b"}, {"c", "d"}})}});
  Environment environment;
  environment.variables["self"] = type_of(Type::Kind::kDyn);
  environment.variables["object"] = type_of(Type::Kind::kDyn);
  const Compiled compiled = compile(text, environment);
  if (compiled.program == nullptr) return false;
  Activation activation;
  activation.variables["self"] = Val::of_document(document);
  activation.variables["object"] = Val::of_document(document);
  return !evaluate(*compiled.program, activation).value.is_error();
}

}  // namespace drydock::cel
