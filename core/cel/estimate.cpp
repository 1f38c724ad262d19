#include "core/cel/estimate.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/strings.h"

namespace drydock::cel {
namespace {

using Cost = std::uint64_t;
using Kind = Type::Kind;

constexpr Cost kMost = UINT64_MAX;
constexpr Cost kListCost = 10;
constexpr Cost kMapCost = 30;
constexpr Cost kStructCost = 40;

Cost plus(Cost a, Cost b) { return a > kMost - b ? kMost : a + b; }
Cost tenth(Cost size) { return size == kMost ? kMost / 10 : (size + 9) / 10; }
Cost quarter(Cost size) { return size == kMost ? kMost / 4 : (size + 3) / 4; }

// How the work of a function grows.
enum class Growth : std::uint8_t { kTarget, kArgument, kProduct, kPattern, kItems };
struct Row {
  std::string_view name;
  Growth growth;
  bool keeps_size = false;  // the result is as long as the target, at most
};
constexpr Row kGrowing[] = {
    {"startsWith", Growth::kArgument},
    {"endsWith", Growth::kArgument},
    {"contains", Growth::kProduct},
    {"matches", Growth::kPattern},
    {"find", Growth::kPattern, true},
    {"findAll", Growth::kPattern, true},
    {"lowerAscii", Growth::kTarget, true},
    {"upperAscii", Growth::kTarget, true},
    {"trim", Growth::kTarget, true},
    {"substring", Growth::kTarget, true},
    {"split", Growth::kTarget, true},
    {"join", Growth::kTarget},
    {"replace", Growth::kTarget},
    {"format", Growth::kTarget},
    {"strings.quote", Growth::kTarget},
    {"string", Growth::kTarget, true},
    {"bytes", Growth::kTarget, true},
    {"url", Growth::kTarget},
    {"isURL", Growth::kTarget},
    {"ip", Growth::kTarget},
    {"isIP", Growth::kTarget},
    {"cidr", Growth::kTarget},
    {"isCIDR", Growth::kTarget},
    {"quantity", Growth::kTarget},
    {"isQuantity", Growth::kTarget},
    {"isSorted", Growth::kItems},
    {"sum", Growth::kItems},
    {"min", Growth::kItems},
    {"max", Growth::kItems},
    {"sets.contains", Growth::kProduct},
    {"sets.equivalent", Growth::kProduct},
    {"sets.intersects", Growth::kProduct},
};

bool text_type(const Node& node) { return node.type->kind == Kind::kString || node.type->kind == Kind::kBytes; }

class Estimator {
 public:
  // The cost of a node and, in `size`, how large its value may be.
  Cost cost(const Node& node, Cost& size) {
    size = size_of_type(node);
    switch (node.kind) {
      case Node::Kind::kLiteral:
        return 0;
      case Node::Kind::kIdent:
        for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
          if (scope->first != node.resolved) continue;
          size = std::min(size, scope->second);
          break;
        }
        return 1;
      case Node::Kind::kSelect: {
        const Cost before = cost(*node.args[0]);
        const Kind owner = node.args[0]->type->kind;
        const bool counts = !node.test && owner != Kind::kDyn;
        return plus(before, counts || node.optional ? 1 : 0);
      }
      case Node::Kind::kCall:
        return call(node, size);
      case Node::Kind::kList:
        size = node.args.size();
        return plus(all(node), kListCost);
      case Node::Kind::kMap:
        size = node.args.size() / 2;
        return plus(all(node), kMapCost);
      case Node::Kind::kStruct:
        return plus(all(node), kStructCost);
      case Node::Kind::kLoop:
        return loop(node, size);
      case Node::Kind::kBind: {
        Cost held = 0;
        const Cost target = cost(*node.args[0], held);
        scopes_.emplace_back(node.variables[0], kMost);
        const Cost body = cost(*node.args[1]);
        scopes_.pop_back();
        return plus(plus(target, body), 3);
      }
    }
    return 0;
  }
  Cost cost(const Node& node) {
    Cost size = 0;
    return cost(node, size);
  }

 private:
  static Cost size_of_type(const Node& node) {
    if (node.kind == Node::Kind::kLiteral) {
      if (node.literal.is(Val::Kind::kString)) return utf8_length(node.literal.text());
      if (node.literal.is(Val::Kind::kBytes)) return node.literal.text().size();
      return 1;
    }
    switch (node.type->kind) {
      case Kind::kNull:
      case Kind::kBool:
      case Kind::kInt:
      case Kind::kUint:
      case Kind::kDouble:
      case Kind::kTimestamp:
      case Kind::kDuration:
      case Kind::kType:
        return 1;
      default:
        return node.type->most;
    }
  }

  Cost all(const Node& node) {
    Cost sum = 0;
    for (const NodePtr& arg : node.args) sum = plus(sum, cost(*arg));
    return sum;
  }

  Cost call(const Node& node, Cost& size) {
    std::vector<Cost> costs;
    std::vector<Cost> sizes;
    Cost sum = 0;
    for (const NodePtr& arg : node.args) {
      Cost of_arg = 0;
      costs.push_back(cost(*arg, of_arg));
      sizes.push_back(of_arg);
      sum = plus(sum, costs.back());
    }
    const std::string_view name = node.name;
    if (name == "_&&_" || name == "_||_") return sum;
    if (name == "_?_:_") {
      size = std::max(sizes[1], sizes[2]);
      return plus(costs[0], std::max(costs[1], costs[2]));
    }
    if (name == "_==_" || name == "_!=_") return plus(sum, tenth(std::min(sizes[0], sizes[1])));
    if (name == "_<_" || name == "_<=_" || name == "_>_" || name == "_>=_")
      return plus(sum, text_type(*node.args[0]) ? tenth(std::min(sizes[0], sizes[1])) : 1);
    if (name == "_+_") {
      if (node.type->kind == Kind::kList) size = plus(sizes[0], sizes[1]);
      if (!text_type(node)) return plus(sum, 1);
      size = plus(sizes[0], sizes[1]);
      return plus(sum, tenth(size));
    }
    if (name == "@in") return plus(sum, node.args[1]->type->kind == Kind::kList ? sizes[1] : 1);
    if (name == "dyn") {
      size = sizes[0];
      return plus(sum, 1);
    }
    if ((name == "indexOf" || name == "lastIndexOf") && node.args[0]->type->kind == Kind::kList)
      return plus(sum, sizes[0]);
    for (const Row& row : kGrowing) {
      if (row.name != name || sizes.empty()) continue;
      if (row.keeps_size) size = std::min(size, sizes[0]);
      const Cost second = sizes.size() > 1 ? sizes[1] : 1;
      switch (row.growth) {
        case Growth::kTarget:
          return plus(sum, tenth(sizes[0]));
        case Growth::kArgument:
          return plus(sum, tenth(second));
        case Growth::kProduct:
          return plus(sum, saturating_product(tenth(sizes[0]), tenth(second)));
        case Growth::kPattern:
          return plus(sum, saturating_product(tenth(plus(sizes[0], 1)), quarter(second)));
        case Growth::kItems:
          return plus(sum, sizes[0]);
      }
    }
    return plus(sum, 1);
  }

  // As the fold costs that a macro stands for.
  Cost loop(const Node& node, Cost& size) {
    Cost count = 0;
    const Cost range = cost(*node.args[0], count);
    Cost item = kMost;
    // The items of a list that is written out are known.
    if (node.args[0]->kind == Node::Kind::kList) {
      item = 0;
      for (const NodePtr& each : node.args[0]->args) {
        Cost of_each = 0;
        cost(*each, of_each);
        item = std::max(item, of_each);
      }
    }
    const std::size_t scopes = scopes_.size();
    for (const std::string& variable : node.variables) scopes_.emplace_back(variable, item);
    const Cost first = cost(*node.args[1]);
    const Cost last = node.args.size() > 2 ? cost(*node.args.back()) : first;
    scopes_.resize(scopes);
    const bool conditional = node.args.size() > 2;
    const auto folded = [&](Cost start, Cost step, Cost result) {
      return plus(plus(range, plus(start, result)), saturating_product(count, step));
    };
    using Loop = Node::Loop;
    switch (node.loop) {
      case Loop::kAll:
        return folded(0, plus(first, 3), 1);
      case Loop::kExists:
        return folded(0, plus(first, 4), 1);
      case Loop::kExistsOne:
        return folded(0, plus(first, 2), 2);
      case Loop::kFilter:
        size = count;
        return folded(kListCost, plus(first, 13), 1);
      case Loop::kMap:
        size = count;
        return folded(kListCost, plus(conditional ? first : 0, plus(last, 12)), 1);
      default:
        size = count;
        return folded(kMapCost, plus(conditional ? first : 0, plus(last, 3)), 1);
    }
  }

  std::vector<std::pair<std::string_view, Cost>> scopes_;
};

}  // namespace

std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kMost : product;
}

std::uint64_t estimate_cost(const Program& program) { return Estimator().cost(*program.root); }

}  // namespace drydock::cel
