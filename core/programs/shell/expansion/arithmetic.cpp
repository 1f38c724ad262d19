// Shell arithmetic: 64-bit integers, C's operators, variables by name.
// https://www.gnu.org/software/bash/manual/html_node/Shell-Arithmetic.html
#include "core/base/strings.h"
#include "core/programs/shell/interpreter.h"
#include "core/programs/shell/syntax/scan.h"

namespace drydock::shell {
namespace {

constexpr int kMaxDepth = 200;  // of brackets and of names that lead to names

std::int64_t wrap(std::uint64_t value) { return static_cast<std::int64_t>(value); }
std::uint64_t bits(std::int64_t value) { return static_cast<std::uint64_t>(value); }

struct Failure {
  std::string text;
};

}  // namespace

// A recursive-descent calculator. `skip_` > 0: the part is read but has no effect.
class Arithmetic {
 public:
  Arithmetic(Interpreter& shell, std::string_view text, int depth) : shell_(shell), text_(text), depth_(depth) {}

  Result<std::int64_t> run() {
    try {
      return evaluate();
    } catch (const Failure& failure) {
      return Status::plain(std::string(trim_left(text_)) + ": " + failure.text);
    }
  }
  std::int64_t evaluate() {
    space();
    if (at_ >= text_.size()) return 0;
    const std::int64_t value = comma();
    space();
    if (at_ < text_.size()) {
      const char c = text_[at_];
      if (name_part(c) || c == '(' || c == ')') fail("syntax error in expression");
      fail(c == '=' ? "attempted assignment to non-variable"
           : std::string_view("+-*/%<>&|^!~?:,").find(c) != std::string_view::npos
               ? "syntax error: operand expected"
               : "syntax error: invalid arithmetic operator");
    }
    return value;
  }

 private:
  struct Place {
    std::string name;
    std::string subscript;
    bool indexed = false;
  };

  static std::string_view trim_left(std::string_view text) {
    while (!text.empty() && (text[0] == ' ' || text[0] == '\t')) text.remove_prefix(1);
    return text;
  }
  [[noreturn]] void fail(const std::string& text) const { fail_at(text, at_); }
  [[noreturn]] void fail_at(const std::string& text, std::size_t from) const {
    throw Failure{text + " (error token is \"" + std::string(text_.substr(std::min(from, text_.size()))) + "\")"};
  }
  void space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }
  bool take(std::string_view op, std::string_view not_before = "") {
    space();
    if (!text_.substr(at_).starts_with(op)) return false;
    const char next = at_ + op.size() < text_.size() ? text_[at_ + op.size()] : '\0';
    if (next != '\0' && not_before.find(next) != std::string_view::npos) return false;
    last_ = at_;
    at_ += op.size();
    return true;
  }

  std::int64_t comma() {
    std::int64_t value = assignment();
    while (take(",")) value = assignment();
    return value;
  }

  Place place() {
    space();
    Place found;
    const std::size_t start = at_;
    while (at_ < text_.size() && name_part(text_[at_])) ++at_;
    found.name = std::string(text_.substr(start, at_ - start));
    if (at_ < text_.size() && text_[at_] == '[') {
      const std::size_t end = skip_brackets(text_, at_, '[', ']');
      if (end == kOpenEnd) fail("bad array subscript");
      found.indexed = true;
      found.subscript = std::string(text_.substr(at_ + 1, end - at_ - 2));
      at_ = end;
    }
    return found;
  }

  std::int64_t assignment() {
    space();
    const std::size_t start = at_;
    if (at_ < text_.size() && name_start(text_[at_])) {
      const Place target = place();
      space();
      for (std::string_view op : {"<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "="}) {
        if (!text_.substr(at_).starts_with(op) || (op == "=" && text_.substr(at_).starts_with("=="))) continue;
        at_ += op.size();
        const std::size_t operand = at_;
        const std::int64_t right = assignment();
        std::int64_t value = right;
        if (op != "=") value = apply(op.substr(0, op.size() - 1), read(target), right, operand);
        store(target, value);
        return value;
      }
      at_ = start;
    }
    return ternary();
  }

  std::int64_t ternary() {
    const std::int64_t condition = logical_or();
    if (!take("?")) return condition;
    skip_ += condition == 0 ? 1 : 0;
    space();
    if (at_ >= text_.size() || text_[at_] == ':') fail("expression expected");
    const std::int64_t yes = comma();
    skip_ -= condition == 0 ? 1 : 0;
    if (!take(":")) fail("`:' expected for conditional expression");
    skip_ += condition != 0 ? 1 : 0;
    const std::int64_t no = ternary();
    skip_ -= condition != 0 ? 1 : 0;
    return condition != 0 ? yes : no;
  }

  std::int64_t logical_or() {
    std::int64_t left = logical_and();
    while (take("||")) {
      skip_ += left != 0 ? 1 : 0;
      const std::int64_t right = logical_and();
      skip_ -= left != 0 ? 1 : 0;
      left = left != 0 || right != 0;
    }
    return left;
  }
  std::int64_t logical_and() {
    std::int64_t left = binary(0);
    while (take("&&")) {
      skip_ += left == 0 ? 1 : 0;
      const std::int64_t right = binary(0);
      skip_ -= left == 0 ? 1 : 0;
      left = left != 0 && right != 0;
    }
    return left;
  }

  std::int64_t apply(std::string_view op, std::int64_t a, std::int64_t b, std::size_t operand) {
    if (op == "/" || op == "%") {
      if (b == 0) {
        if (skip_ > 0) return 0;
        at_ = operand;
        space();
        fail("division by 0");
      }
      if (b == -1) return op == "/" ? wrap(0 - bits(a)) : 0;
      return op == "/" ? a / b : a % b;
    }
    if (op == "+") return wrap(bits(a) + bits(b));
    if (op == "-") return wrap(bits(a) - bits(b));
    if (op == "*") return wrap(bits(a) * bits(b));
    if (op == "<<") return wrap(bits(a) << (b & 63));
    if (op == ">>") return a >> (b & 63);
    if (op == "&") return a & b;
    if (op == "|") return a | b;
    if (op == "^") return a ^ b;
    if (op == "==") return a == b;
    if (op == "!=") return a != b;
    if (op == "<=") return a <= b;
    if (op == ">=") return a >= b;
    if (op == "<") return a < b;
    return a > b;
  }

  // From weakest to strongest: | ^ & (== !=) (<= >= < >) (<< >>) (+ -) (* / %).
  std::int64_t binary(int level) {
    struct Operator {
      std::string_view text;
      std::string_view not_before;
    };
    static const std::vector<std::vector<Operator>> kLevels = {{{"|", "|="}},
                                                               {{"^", "="}},
                                                               {{"&", "&="}},
                                                               {{"==", ""}, {"!=", ""}},
                                                               {{"<=", ""}, {">=", ""}, {"<", "<"}, {">", ">"}},
                                                               {{"<<", "="}, {">>", "="}},
                                                               {{"+", "="}, {"-", "="}},
                                                               {{"*", "*="}, {"/", "="}, {"%", "="}}};
    if (level == static_cast<int>(kLevels.size())) return power();
    std::int64_t left = binary(level + 1);
    for (bool again = true; again;) {
      again = false;
      for (const Operator& op : kLevels[static_cast<std::size_t>(level)]) {
        if (!take(op.text, op.not_before)) continue;
        const std::size_t operand = at_;
        left = apply(op.text, left, binary(level + 1), operand);
        again = true;
        break;
      }
    }
    return left;
  }

  std::int64_t power() {
    const std::int64_t base = unary();
    if (!take("**")) return base;
    std::int64_t exponent = power();
    if (exponent < 0) fail("exponent less than 0");
    std::uint64_t result = 1;
    for (std::uint64_t square = bits(base); exponent > 0; exponent >>= 1, square *= square) {
      if ((exponent & 1) != 0) result *= square;
    }
    return wrap(result);
  }

  std::int64_t unary() {
    if (take("++")) return bump(+1, true);
    if (take("--")) return bump(-1, true);
    if (take("!", "=")) return unary() == 0;
    if (take("~")) return ~unary();
    if (take("-")) return wrap(0 - bits(unary()));
    if (take("+")) return unary();
    return primary();
  }
  std::int64_t bump(int by, bool before) {
    space();
    if (at_ >= text_.size() || !name_start(text_[at_])) {  // "--5" is twice minus
      return by < 0 ? unary() : unary();
    }
    return bump_place(place(), by, before);
  }
  std::int64_t bump_place(const Place& target, int by, bool before) {
    const std::int64_t old = read(target);
    store(target, old + by);
    return before ? old + by : old;
  }

  std::string key(const Place& target) {
    const Variable* variable = shell_.variables_.find(target.name);
    if (variable != nullptr && variable->kind == Variable::Kind::kAssociative) {
      std::string_view text = target.subscript;
      if (text.size() > 1 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0])
        text = text.substr(1, text.size() - 2);
      return std::string(text);
    }
    return std::to_string(nested(target.subscript));
  }
  std::int64_t nested(const std::string& text) {
    if (depth_ > kMaxDepth) fail("expression recursion level exceeded");
    return Arithmetic(shell_, text, depth_ + 1).evaluate();
  }
  std::int64_t read(const Place& target) {
    if (skip_ > 0) return 0;
    std::string text;
    if (target.indexed) {
      const Variable* variable = shell_.variables_.find(target.name);
      if (variable != nullptr) {
        const std::string at = key(target);
        if (variable->kind == Variable::Kind::kAssociative) {
          const auto item = variable->table.find(at);
          if (item != variable->table.end()) text = item->second;
        } else if (variable->kind == Variable::Kind::kIndexed) {
          std::int64_t index = parse_int(at).value_or(0);
          if (index < 0 && !variable->items.empty()) index += variable->items.rbegin()->first + 1;
          const auto item = variable->items.find(index);
          if (item != variable->items.end()) text = item->second;
        } else if (at == "0") {
          text = variable->value;
        }
      }
    } else {
      text = shell_.get(target.name);
      if (text.empty() && shell_.option("nounset") && !shell_.is_set(target.name))
        throw Failure{target.name + ": unbound variable"};
    }
    if (text.empty()) return 0;
    if (const auto number = parse_int(text); number && (text[0] != '0' || text.size() == 1)) return *number;
    return nested(text);
  }
  void store(const Place& target, std::int64_t value) {
    if (skip_ > 0) return;
    if (target.indexed)
      (void)shell_.set_element(target.name, key(target), std::to_string(value));
    else
      (void)shell_.set(target.name, std::to_string(value));
  }

  std::int64_t number() {
    const std::size_t start = at_;
    while (at_ < text_.size() && (name_part(text_[at_]) || text_[at_] == '#' || text_[at_] == '@')) ++at_;
    const std::string_view token = text_.substr(start, at_ - start);
    int base = 10;
    std::string_view digits = token;
    if (token.starts_with("0x") || token.starts_with("0X")) {
      base = 16;
      digits = token.substr(2);
    } else if (const std::size_t hash = token.find('#'); hash != std::string_view::npos) {
      base = static_cast<int>(parse_int(token.substr(0, hash)).value_or(0));
      digits = token.substr(hash + 1);
      if (base < 2 || base > 64) fail_at("invalid arithmetic base", start);
    } else if (token.size() > 1 && token[0] == '0') {
      base = 8;
    }
    std::uint64_t value = 0;
    for (char d : digits) {
      int digit = d >= '0' && d <= '9'   ? d - '0'
                  : d >= 'a' && d <= 'z' ? d - 'a' + 10
                  : d >= 'A' && d <= 'Z' ? d - 'A' + (base <= 36 ? 10 : 36)
                  : d == '@'             ? 62
                  : d == '_'             ? 63
                                         : 99;
      if (digit >= base) fail_at("value too great for base", start);
      value = value * static_cast<std::uint64_t>(base) + static_cast<std::uint64_t>(digit);
    }
    return wrap(value);
  }

  std::int64_t primary() {
    space();
    if (at_ < text_.size() && text_[at_] == '(') {
      if (++depth_ > kMaxDepth) fail("expression recursion level exceeded");
      ++at_;
      const std::int64_t value = comma();
      --depth_;
      if (!take(")")) fail("missing `)'");
      return value;
    }
    if (at_ >= text_.size()) fail_at("syntax error: operand expected", last_);
    const char c = text_[at_];
    if (c >= '0' && c <= '9') return number();
    if (name_start(c)) {
      const Place target = place();
      if (take("++")) return bump_place(target, +1, false);
      if (take("--")) return bump_place(target, -1, false);
      return read(target);
    }
    fail("syntax error: operand expected");
  }

  Interpreter& shell_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t last_ = 0;  // where the last operator began
  int depth_;
  int skip_ = 0;
};

Result<std::int64_t> Interpreter::arithmetic(std::string_view expression) {
  return Arithmetic(*this, expression, 0).run();
}

}  // namespace drydock::shell
