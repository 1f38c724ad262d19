// Word expansion.
// https://www.gnu.org/software/bash/manual/html_node/Shell-Expansions.html
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/programs/shell/interpreter.h"

namespace drydock::shell {
namespace {

bool name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool name_part(char c) { return name_start(c) || (c >= '0' && c <= '9'); }

// End of the part that starts at `i` with an opening bracket; quotes are skipped.
std::size_t closing(std::string_view text, std::size_t i, char open, char close) {
  int depth = 0;
  for (; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '\'' && open != '"') {
      i = text.find('\'', i + 1);
      if (i == std::string_view::npos) return text.size();
    } else if (text[i] == open) {
      ++depth;
    } else if (text[i] == close && --depth == 0) {
      return i;
    }
  }
  return text.size();
}

// {a,b} and {1..5}, before everything else.
std::vector<std::string> expand_braces(const std::string& word) {
  std::size_t open = std::string::npos;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] == '\\') {
      ++i;
    } else if (word[i] == '\'' || word[i] == '"') {
      i = word.find(word[i], i + 1);
      if (i == std::string::npos) return {word};
    } else if (word[i] == '$' && i + 1 < word.size() && (word[i + 1] == '{' || word[i + 1] == '(')) {
      i = closing(word, i + 1, word[i + 1], word[i + 1] == '{' ? '}' : ')');
    } else if (word[i] == '{') {
      open = i;
      break;
    }
  }
  if (open == std::string::npos) return {word};
  const std::size_t close = closing(word, open, '{', '}');
  if (close >= word.size()) return {word};
  const std::string inside = word.substr(open + 1, close - open - 1);
  std::vector<std::string> choices;
  int depth = 0;
  std::string piece;
  for (char c : inside) {
    if (c == '{') ++depth;
    if (c == '}') --depth;
    if (c == ',' && depth == 0)
      choices.push_back(std::exchange(piece, {}));
    else
      piece += c;
  }
  choices.push_back(piece);
  if (choices.size() == 1) {
    choices.clear();
    const std::size_t dots = inside.find("..");
    if (dots != std::string::npos) {
      const std::string first = inside.substr(0, dots);
      std::string last = inside.substr(dots + 2);
      std::int64_t step = 1;
      if (const std::size_t more = last.find(".."); more != std::string::npos) {
        step = std::max<std::int64_t>(1, std::abs(parse_int(last.substr(more + 2)).value_or(1)));
        last.resize(more);
      }
      const auto a = parse_int(first);
      const auto b = parse_int(last);
      if (a && b && std::abs(*b - *a) / step < 100000) {
        const std::size_t width = (first[0] == '0' && first.size() > 1) || (last[0] == '0' && last.size() > 1)
                                      ? std::max(first.size(), last.size())
                                      : 0;
        for (std::int64_t i = *a; *a <= *b ? i <= *b : i >= *b; i += *a <= *b ? step : -step) {
          std::string number = std::to_string(i);
          while (number.size() < width) number.insert(0, "0");
          choices.push_back(number);
        }
      } else if (first.size() == 1 && last.size() == 1 && name_start(first[0]) && name_start(last[0])) {
        for (int c = first[0]; first[0] <= last[0] ? c <= last[0] : c >= last[0]; c += first[0] <= last[0] ? 1 : -1)
          choices.emplace_back(1, static_cast<char>(c));
      }
    }
    if (choices.empty()) {
      // Not an expansion; the rest may hold one.
      std::vector<std::string> out;
      for (const std::string& rest : expand_braces(word.substr(close + 1)))
        out.push_back(word.substr(0, close + 1) + rest);
      return out;
    }
  }
  std::vector<std::string> out;
  const std::vector<std::string> tails = expand_braces(word.substr(close + 1));
  for (const std::string& choice : choices) {
    for (const std::string& middle : expand_braces(choice)) {
      for (const std::string& tail : tails) out.push_back(word.substr(0, open) + middle + tail);
    }
  }
  return out;
}

std::string ansi_quoted(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 >= text.size()) {
      out += text[i];
      continue;
    }
    switch (text[++i]) {
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case 'r':
        out += '\r';
        break;
      case 'a':
        out += '\a';
        break;
      case 'b':
        out += '\b';
        break;
      case 'e':
        out += '\x1b';
        break;
      case '0':
        out += '\0';
        break;
      case 'x': {
        int value = 0;
        int digits = 0;
        while (digits < 2 && i + 1 < text.size() && std::isxdigit(static_cast<unsigned char>(text[i + 1])) != 0) {
          const char c = text[++i];
          value = value * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
          ++digits;
        }
        out += static_cast<char>(value);
        break;
      }
      default:
        out += text[i];
    }
  }
  return out;
}

// Backslashes in front of what a pattern would read as special.
std::string escape_pattern(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '*' || c == '?' || c == '[' || c == ']' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

// A recursive-descent calculator over shell arithmetic.
class Calculator {
 public:
  Calculator(Interpreter& shell, std::string_view text) : shell_(shell), text_(text) {}
  Result<std::int64_t> run() {
    std::int64_t value = comma();
    space();
    if (error_.empty() && at_ < text_.size())
      error_ = "syntax error in expression (error token is " + go_quote(text_.substr(at_)) + ")";
    if (!error_.empty()) return Status::plain(std::string(text_) + ": " + error_);
    return value;
  }

 private:
  void space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }
  bool take(std::string_view op) {
    space();
    if (!text_.substr(at_).starts_with(op)) return false;
    at_ += op.size();
    return true;
  }
  bool take_op(std::string_view op, std::string_view not_before) {
    space();
    if (!text_.substr(at_).starts_with(op)) return false;
    const char next = at_ + op.size() < text_.size() ? text_[at_ + op.size()] : '\0';
    if (not_before.find(next) != std::string_view::npos && next != '\0') return false;
    at_ += op.size();
    return true;
  }
  std::int64_t comma() {
    std::int64_t value = assignment();
    while (take(",")) value = assignment();
    return value;
  }
  std::int64_t assignment() {
    space();
    const std::size_t start = at_;
    std::size_t end = at_;
    while (end < text_.size() && name_part(text_[end])) ++end;
    if (end > start && name_start(text_[start])) {
      const std::string name(text_.substr(start, end - start));
      at_ = end;
      space();
      for (std::string_view op : {"<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "="}) {
        if (!text_.substr(at_).starts_with(op) || (op == "=" && text_.substr(at_).starts_with("=="))) continue;
        at_ += op.size();
        const std::int64_t right = assignment();
        const std::int64_t left = variable(name);
        std::int64_t value = right;
        if (op == "+=") value = left + right;
        if (op == "-=") value = left - right;
        if (op == "*=") value = left * right;
        if (op == "/=") value = divide(left, right);
        if (op == "%=") value = modulo(left, right);
        if (op == "<<=") value = left << (right & 63);
        if (op == ">>=") value = left >> (right & 63);
        if (op == "&=") value = left & right;
        if (op == "|=") value = left | right;
        if (op == "^=") value = left ^ right;
        shell_.set(name, std::to_string(value));
        return value;
      }
      at_ = start;
    }
    return ternary();
  }
  std::int64_t ternary() {
    const std::int64_t condition = binary(0);
    if (!take("?")) return condition;
    const std::int64_t yes = assignment();
    if (!take(":")) error_ = "`:' expected for conditional expression";
    const std::int64_t no = assignment();
    return condition != 0 ? yes : no;
  }
  std::int64_t divide(std::int64_t a, std::int64_t b) {
    if (b == 0) error_ = "division by 0 (error token is \"0\")";
    return b == 0 || b == -1 ? (b == -1 ? 0 - a : 0) : a / b;
  }
  std::int64_t modulo(std::int64_t a, std::int64_t b) {
    if (b == 0) error_ = "division by 0 (error token is \"0\")";
    return b == 0 || b == -1 ? 0 : a % b;
  }
  std::int64_t binary(int level) {
    if (level == 11) return unary();
    if (++depth_ > 2000) {
      error_ = "expression recursion level exceeded";
      return 0;
    }
    std::int64_t left = binary(level + 1);
    for (;;) {
      if (level == 0 && take("||")) {
        const std::int64_t r = binary(1);
        left = left != 0 || r != 0;
      } else if (level == 1 && take("&&")) {
        const std::int64_t r = binary(2);
        left = left != 0 && r != 0;
      } else if (level == 2 && take_op("|", "|="))
        left |= binary(3);
      else if (level == 3 && take_op("^", "="))
        left ^= binary(4);
      else if (level == 4 && take_op("&", "&="))
        left &= binary(5);
      else if (level == 5 && take("=="))
        left = left == binary(6);
      else if (level == 5 && take("!="))
        left = left != binary(6);
      else if (level == 6 && take("<="))
        left = left <= binary(7);
      else if (level == 6 && take(">="))
        left = left >= binary(7);
      else if (level == 6 && take_op("<", "<"))
        left = left < binary(7);
      else if (level == 6 && take_op(">", ">"))
        left = left > binary(7);
      else if (level == 7 && take_op("<<", "="))
        left = left << (binary(8) & 63);
      else if (level == 7 && take_op(">>", "="))
        left = left >> (binary(8) & 63);
      else if (level == 8 && take_op("+", "+="))
        left += binary(9);
      else if (level == 8 && take_op("-", "-="))
        left -= binary(9);
      else if (level == 9 && take_op("*", "*="))
        left *= binary(10);
      else if (level == 9 && take_op("/", "="))
        left = divide(left, binary(10));
      else if (level == 9 && take_op("%", "="))
        left = modulo(left, binary(10));
      else if (level == 10 && take("**")) {
        std::int64_t exponent = binary(10);
        std::int64_t result = 1;
        while (exponent-- > 0) result *= left;
        left = result;
      } else {
        --depth_;
        return left;
      }
    }
  }
  std::int64_t unary() {
    if (take("++")) return bump(+1, true);
    if (take("--")) return bump(-1, true);
    if (take("!")) return unary() == 0;
    if (take("~")) return ~unary();
    if (take("-")) return 0 - unary();
    if (take("+")) return unary();
    return primary();
  }
  std::string read_name() {
    space();
    const std::size_t start = at_;
    while (at_ < text_.size() && name_part(text_[at_])) ++at_;
    return std::string(text_.substr(start, at_ - start));
  }
  std::int64_t bump(int by, bool before) {
    const std::string name = read_name();
    const std::int64_t old = variable(name);
    shell_.set(name, std::to_string(old + by));
    return before ? old + by : old;
  }
  std::int64_t variable(const std::string& name) {
    const std::string text = shell_.get(name);
    if (text.empty()) return 0;
    if (const auto number = parse_int(trim(text))) return *number;
    if (++depth_ > 200) return 0;
    auto inner = shell_.arithmetic(text);
    return inner ? *inner : 0;
  }
  std::int64_t primary() {
    space();
    if (take("(")) {
      const std::int64_t value = comma();
      if (!take(")")) error_ = "missing `)'";
      return value;
    }
    if (at_ >= text_.size()) {
      if (error_.empty())
        error_ = "syntax error: operand expected (error token is \"" +
                 std::string(text_.substr(std::min(at_, text_.size()))) + "\")";
      return 0;
    }
    const char c = text_[at_];
    if (c >= '0' && c <= '9') {
      const std::size_t start = at_;
      while (at_ < text_.size() && (name_part(text_[at_]) || text_[at_] == '#')) ++at_;
      const std::string token(text_.substr(start, at_ - start));
      int base = 10;
      std::string digits = token;
      if (token.starts_with("0x") || token.starts_with("0X")) {
        base = 16;
        digits = token.substr(2);
      } else if (const std::size_t hash = token.find('#'); hash != std::string::npos) {
        base = static_cast<int>(parse_int(token.substr(0, hash)).value_or(10));
        digits = token.substr(hash + 1);
      } else if (token.size() > 1 && token[0] == '0') {
        base = 8;
      }
      std::int64_t value = 0;
      for (char d : digits) {
        const int digit = d <= '9' ? d - '0' : (d | 0x20) - 'a' + 10;
        if (digit >= base) {
          error_ = "value too great for base (error token is " + go_quote(token) + ")";
          return 0;
        }
        value = value * base + digit;
      }
      return value;
    }
    if (name_start(c)) {
      const std::string name = read_name();
      if (take("++")) {
        const std::int64_t old = variable(name);
        shell_.set(name, std::to_string(old + 1));
        return old;
      }
      if (take("--")) {
        const std::int64_t old = variable(name);
        shell_.set(name, std::to_string(old - 1));
        return old;
      }
      return variable(name);
    }
    if (error_.empty()) error_ = "syntax error: operand expected (error token is " + go_quote(text_.substr(at_)) + ")";
    return 0;
  }

  Interpreter& shell_;
  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::string error_;
};

}  // namespace

Result<std::int64_t> Interpreter::arithmetic(std::string_view expression) {
  return Calculator(*this, expression).run();
}

bool Interpreter::match_pattern(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t retry = 0;
  auto one = [&](std::size_t& at) {
    const char c = text[t];
    if (pattern[at] == '?') {
      ++at;
      return true;
    }
    if (pattern[at] == '[') {
      std::size_t i = at + 1;
      const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
      if (negated) ++i;
      bool found = false;
      const std::size_t first = i;
      while (i < pattern.size() && (pattern[i] != ']' || i == first)) {
        if (pattern[i] == '[' && i + 1 < pattern.size() && pattern[i + 1] == ':') {
          const std::size_t end = pattern.find(":]", i);
          if (end == std::string_view::npos) break;
          const std::string_view kind = pattern.substr(i + 2, end - i - 2);
          const auto byte = static_cast<unsigned char>(c);
          found = found || (kind == "alpha" && std::isalpha(byte)) || (kind == "digit" && std::isdigit(byte)) ||
                  (kind == "alnum" && std::isalnum(byte)) || (kind == "space" && std::isspace(byte)) ||
                  (kind == "upper" && std::isupper(byte)) || (kind == "lower" && std::islower(byte)) ||
                  (kind == "punct" && std::ispunct(byte));
          i = end + 2;
          continue;
        }
        if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
          found = found || (c >= pattern[i] && c <= pattern[i + 2]);
          i += 3;
        } else {
          found = found || pattern[i] == c;
          ++i;
        }
      }
      if (i < pattern.size()) {
        at = i + 1;
        return found != negated;
      }
    }
    if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
    return pattern[at++] == c;
  };
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
      continue;
    }
    std::size_t next = p;
    if (p < pattern.size() && one(next)) {
      p = next;
      ++t;
      continue;
    }
    if (star == std::string_view::npos) return false;
    p = star + 1;
    t = ++retry;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::vector<std::string> Interpreter::glob(const std::string& pattern) const {
  std::vector<std::string> found{pattern.starts_with("/") ? "/" : ""};
  const std::vector<std::string> parts = split(pattern, '/');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string& part = parts[i];
    if (part.empty()) continue;
    const bool last = i + 1 == parts.size();
    std::vector<std::string> next;
    const bool plain = part.find_first_of("*?[") == std::string::npos;
    for (const std::string& base : found) {
      if (plain) {
        std::string name;
        for (std::size_t k = 0; k < part.size(); ++k) {
          if (part[k] == '\\' && k + 1 < part.size()) ++k;
          name += part[k];
        }
        const std::string path = base + name;
        if (process_.exists(path)) next.push_back(last ? path : path + "/");
        continue;
      }
      auto names = process_.list_directory(base.empty() ? "." : base);
      if (!names) continue;
      for (const std::string& name : *names) {
        if (name.starts_with(".") && !part.starts_with(".")) continue;
        if (!match_pattern(part, name)) continue;
        const auto info = process_.stat(base + name);
        if (!last && (!info || info->type != FileType::kDirectory)) continue;
        next.push_back(last ? base + name : base + name + "/");
      }
    }
    found = std::move(next);
  }
  std::sort(found.begin(), found.end());
  return found;
}

// One ${…}: returns its text; lists ("${a[@]}") are written to `out` directly.
Task<std::string> Interpreter::parameter(std::string_view body, bool quoted, std::vector<Piece>& out, bool& handled) {
  handled = false;
  std::string_view rest = body;
  bool length = false;
  bool indirect = false;
  if (rest.size() > 1 && rest[0] == '#') {
    length = true;
    rest.remove_prefix(1);
  } else if (rest.size() > 1 && rest[0] == '!') {
    indirect = true;
    rest.remove_prefix(1);
  }
  std::size_t end = 0;
  if (!rest.empty() && name_start(rest[0])) {
    while (end < rest.size() && name_part(rest[end])) ++end;
  } else if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
    while (end < rest.size() && rest[end] >= '0' && rest[end] <= '9') ++end;
  } else {
    end = std::min<std::size_t>(1, rest.size());
  }
  std::string variable(rest.substr(0, end));
  rest.remove_prefix(end);
  std::string index;
  bool has_index = false;
  if (rest.starts_with("[")) {
    const std::size_t close = closing(rest, 0, '[', ']');
    index = std::string(rest.substr(1, close - 1));
    rest.remove_prefix(std::min(rest.size(), close + 1));
    has_index = true;
  }
  if (indirect && rest.empty() && !has_index) variable = get(variable);
  std::vector<std::string> values;
  const bool all =
      (has_index && (index == "@" || index == "*")) || (!has_index && (variable == "@" || variable == "*"));
  bool set_already = false;
  std::string value;
  if (all) {
    if (has_index && indirect) {
      const auto at = variables_.find(variable);
      if (at != variables_.end() && at->second.array) {
        for (const auto& [key, ignored] : *at->second.array) values.push_back(key);
      }
    } else {
      values = has_index ? array_values(variable) : positional;
    }
    set_already = !values.empty();
    value = join(values, " ");
  } else if (has_index) {
    const auto at = variables_.find(variable);
    std::string key = co_await expand_one(index);
    if (at != variables_.end() && at->second.array) {
      const bool numeric = at->second.array->empty() || parse_int(at->second.array->begin()->first).has_value();
      if (numeric && !parse_int(key)) key = std::to_string(arithmetic(key).value_or(0));
      const auto entry = at->second.array->find(key);
      set_already = entry != at->second.array->end();
      if (set_already) value = entry->second;
    } else if (key == "0") {
      value = get(variable);
      set_already = is_set(variable);
    }
  } else {
    value = get(variable);
    set_already = is_set(variable);
  }
  if (length) co_return std::to_string(all ? values.size() : utf8_length(value));
  if (rest.empty()) {
    if (!set_already && options_.contains('u') && !all) {
      co_await complain(variable + ": unbound variable");
      flow_ = Flow::kExit;
      exit_code_ = 1;
    }
    const bool separate = all && (index == "@" || variable == "@" || !quoted);
    if (separate) {
      handled = true;
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) out.push_back({"", quoted, true});
        out.push_back({values[i], quoted, false});
      }
      if (values.empty() && quoted) out.push_back({"", false, false});
    }
    co_return value;
  }
  // Defaults and alternatives.
  const bool colon = rest[0] == ':';
  const char op = colon && rest.size() > 1 ? rest[1] : rest[0];
  const bool missing = colon ? value.empty() : !set_already;
  if (op == '-' || op == '=' || op == '+' || op == '?') {
    const std::string word(rest.substr(colon ? 2 : 1));
    if (op == '+') co_return missing ? std::string() : co_await expand_one(word);
    if (!missing) co_return value;
    std::string fallback = co_await expand_one(word);
    if (op == '=') set(variable, fallback);
    if (op == '?') {
      co_await complain(variable + ": " + (fallback.empty() ? "parameter null or not set" : fallback));
      flow_ = Flow::kExit;
      exit_code_ = 1;
      co_return std::string();
    }
    co_return fallback;
  }
  if (colon) {  // a part: ${x:offset:length}
    const std::string range = co_await expand_one(std::string(rest.substr(1)));
    const std::size_t second = range.find(':');
    const std::int64_t size = static_cast<std::int64_t>(all ? values.size() : value.size());
    std::int64_t offset = arithmetic(range.substr(0, second)).value_or(0);
    if (offset < 0) offset = std::max<std::int64_t>(0, size + offset);
    if (all && !has_index && offset > 0) --offset;
    offset = std::min(offset, size);
    std::int64_t count = second == std::string::npos ? size - offset : arithmetic(range.substr(second + 1)).value_or(0);
    if (count < 0) count = std::max<std::int64_t>(0, size + count - offset);
    if (all) {
      std::vector<std::string> part;
      for (std::int64_t i = offset; i < std::min(size, offset + count); ++i)
        part.push_back(values[static_cast<std::size_t>(i)]);
      co_return join(part, " ");
    }
    co_return value.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(count));
  }
  auto each = [&](auto&& change) {
    if (!all) return change(value);
    std::vector<std::string> changed;
    for (const std::string& item : values) changed.push_back(change(item));
    return join(changed, " ");
  };
  if (op == '#' || op == '%') {
    const bool longest = rest.size() > 1 && rest[1] == op;
    const std::string pattern = co_await expand_one(std::string(rest.substr(longest ? 2 : 1)));
    co_return each([&](const std::string& text) {
      std::string best = text;
      bool found = false;
      for (std::size_t i = 0; i <= text.size(); ++i) {
        const std::size_t cut = longest == (op == '#') ? text.size() - i : i;
        const std::string_view piece =
            op == '#' ? std::string_view(text).substr(0, cut) : std::string_view(text).substr(cut);
        if (!found && match_pattern(pattern, piece)) {
          best = op == '#' ? text.substr(cut) : text.substr(0, cut);
          found = true;
        }
      }
      return best;
    });
  }
  if (op == '/') {
    const bool every = rest.size() > 1 && rest[1] == '/';
    std::string_view spec = rest.substr(every ? 2 : 1);
    std::size_t slash = 0;
    while (slash < spec.size() && spec[slash] != '/') slash += spec[slash] == '\\' ? 2 : 1;
    slash = std::min(slash, spec.size());
    std::string pattern = co_await expand_one(std::string(spec.substr(0, slash)));
    const std::string replacement =
        slash < spec.size() ? co_await expand_one(std::string(spec.substr(slash + 1))) : std::string();
    const bool front = !every && pattern.starts_with("#");
    const bool back = !every && pattern.starts_with("%");
    if (front || back) pattern.erase(0, 1);
    co_return each([&](const std::string& text) {
      std::string out_text;
      for (std::size_t i = 0; i < text.size();) {
        std::size_t matched = 0;
        bool found = false;
        for (std::size_t n = text.size() - i; n > 0 && !found; --n) {
          if (match_pattern(pattern, std::string_view(text).substr(i, n)) && (!back || i + n == text.size())) {
            matched = n;
            found = true;
          }
        }
        if (found && (!front || i == 0)) {
          out_text += replacement;
          i += matched;
          if (!every) return out_text + text.substr(i);
        } else {
          out_text += text[i++];
        }
        if (front) return out_text + text.substr(i);
      }
      return out_text;
    });
  }
  if (op == '^' || op == ',') {
    const bool every = rest.size() > 1 && rest[1] == op;
    co_return each([&](const std::string& text) {
      if (every) return op == '^' ? to_upper(text) : to_lower(text);
      return (op == '^' ? to_upper(text.substr(0, 1)) : to_lower(text.substr(0, 1))) +
             (text.empty() ? "" : text.substr(1));
    });
  }
  co_await complain("${" + std::string(body) + "}: bad substitution");
  status_ = 1;
  co_return std::string();
}

Task<void> Interpreter::expand_pieces(std::string_view word, bool in_quotes, std::vector<Piece>& out) {
  std::size_t i = 0;
  auto literal = [&](char c, bool quoted) {
    if (!out.empty() && out.back().quoted == quoted && !out.back().breaks)
      out.back().text += c;
    else
      out.push_back({std::string(1, c), quoted, false});
  };
  if (!in_quotes && word.starts_with("~")) {
    const std::size_t end = std::min(word.find('/'), word.size());
    if (end == 1) {
      out.push_back({get("HOME").empty() ? "/root" : get("HOME"), true, false});
      i = 1;
    } else if (word.substr(0, end) == "~+" || word.substr(0, end) == "~-") {
      out.push_back({get(word[1] == '+' ? "PWD" : "OLDPWD"), true, false});
      i = 2;
    } else if (word.substr(1, end - 1) == "root") {
      out.push_back({"/root", true, false});
      i = end;
    }
  }
  while (i < word.size()) {
    const char c = word[i];
    if (c == '\\') {
      if (i + 1 >= word.size()) {
        literal('\\', true);
        break;
      }
      const char next = word[i + 1];
      if (in_quotes && next != '$' && next != '`' && next != '"' && next != '\\' && next != '\n') literal('\\', true);
      if (next != '\n') literal(next, true);
      i += 2;
    } else if (c == '\'' && !in_quotes) {
      const std::size_t end = word.find('\'', i + 1);
      out.push_back({std::string(word.substr(i + 1, end - i - 1)), true, false});
      i = end == std::string_view::npos ? word.size() : end + 1;
    } else if (c == '"' && !in_quotes) {
      std::size_t end = i + 1;
      while (end < word.size() && word[end] != '"') {
        if (word[end] == '\\')
          ++end;
        else if (word[end] == '$' && end + 1 < word.size() && (word[end + 1] == '(' || word[end + 1] == '{'))
          end = closing(word, end + 1, word[end + 1], word[end + 1] == '(' ? ')' : '}');
        ++end;
      }
      out.push_back({"", true, false});
      co_await expand_pieces(word.substr(i + 1, std::min(end, word.size()) - i - 1), true, out);
      i = std::min(end, word.size()) + 1;
    } else if (c == '$' && i + 1 < word.size()) {
      const char next = word[i + 1];
      std::string value;
      bool handled = false;
      if (next == '\'' && !in_quotes) {
        std::size_t end = i + 2;
        while (end < word.size() && word[end] != '\'') end += word[end] == '\\' ? 2 : 1;
        out.push_back({ansi_quoted(word.substr(i + 2, std::min(end, word.size()) - i - 2)), true, false});
        i = end + 1;
        continue;
      }
      if (next == '(' && word.substr(i).starts_with("$((")) {
        const std::size_t end = closing(word, i + 1, '(', ')');
        const std::string expression = co_await expand_one(std::string(word.substr(i + 3, end - i - 4)));
        auto result = arithmetic(expression);
        if (!result) {
          co_await complain(result.error().message);
          status_ = 1;
        }
        value = result ? std::to_string(*result) : "";
        i = end + 1;
      } else if (next == '(') {
        const std::size_t end = closing(word, i + 1, '(', ')');
        value = co_await substitute(std::string(word.substr(i + 2, end - i - 2)));
        i = end + 1;
      } else if (next == '{') {
        const std::size_t end = closing(word, i + 1, '{', '}');
        value = co_await parameter(word.substr(i + 2, end - i - 2), in_quotes, out, handled);
        i = end + 1;
      } else if (name_start(next)) {
        std::size_t end = i + 1;
        while (end < word.size() && name_part(word[end])) ++end;
        value = co_await parameter(word.substr(i + 1, end - i - 1), in_quotes, out, handled);
        i = end;
      } else if (std::string_view("0123456789@*#?$!-_").find(next) != std::string_view::npos) {
        value = co_await parameter(word.substr(i + 1, 1), in_quotes, out, handled);
        i += 2;
      } else {
        literal('$', true);
        ++i;
        continue;
      }
      if (!handled) out.push_back({value, in_quotes, false});
    } else if (c == '`') {
      std::size_t end = i + 1;
      std::string command;
      while (end < word.size() && word[end] != '`') {
        if (word[end] == '\\' && end + 1 < word.size() &&
            (word[end + 1] == '`' || word[end + 1] == '\\' || word[end + 1] == '$'))
          ++end;
        command += word[end++];
      }
      out.push_back({co_await substitute(command), in_quotes, false});
      i = end + 1;
    } else {
      if (in_quotes) {
        literal(c, true);
      } else {
        // Unquoted source text is not split, but its stars are patterns.
        out.push_back({std::string(1, c), false, false});
        ++i;
        while (i < word.size() && std::string_view("\\'\"$`").find(word[i]) == std::string_view::npos)
          out.back().text += word[i++];
        literal_runs_.insert(out.size() - 1);
        continue;
      }
      ++i;
    }
  }
}

Task<std::vector<std::string>> Interpreter::expand(std::string word) {
  std::vector<std::string> fields;
  const std::string ifs = is_set("IFS") ? get("IFS") : " \t\n";
  for (const std::string& part : expand_braces(word)) {
    if ((part.starts_with("<(") || part.starts_with(">(")) && part.ends_with(")")) {
      // Process substitution: the output as a file of its own.
      const std::string text = co_await substitute(part.substr(2, part.size() - 3));
      const std::string path = "/tmp/.sh-" + std::to_string(process_.pid()) + "-" + std::to_string(++substitutions_);
      (void)process_.write_file(path, text.empty() ? "" : text + "\n");
      fields.push_back(path);
      continue;
    }
    const std::set<std::size_t> outer_runs = std::exchange(literal_runs_, {});
    std::vector<Piece> pieces;
    co_await expand_pieces(part, false, pieces);
    const std::set<std::size_t> runs = std::exchange(literal_runs_, outer_runs);
    std::string text;     // the field as text
    std::string pattern;  // the field as a pattern: quoted parts escaped
    bool exists = false;
    bool special = false;
    auto finish = [&] {
      if (!exists) return;
      std::vector<std::string> matches = special ? glob(pattern) : std::vector<std::string>();
      if (matches.empty())
        fields.push_back(text);
      else
        fields.insert(fields.end(), matches.begin(), matches.end());
      text.clear();
      pattern.clear();
      exists = false;
      special = false;
    };
    for (std::size_t p = 0; p < pieces.size(); ++p) {
      const Piece& piece = pieces[p];
      if (piece.breaks) {
        finish();
        continue;
      }
      if (piece.quoted) {
        text += piece.text;
        pattern += escape_pattern(piece.text);
        exists = true;
        continue;
      }
      const bool source = runs.contains(p);
      for (char c : piece.text) {
        if (!source && ifs.find(c) != std::string::npos) {
          const bool white = c == ' ' || c == '\t' || c == '\n';
          if (!white && !exists) exists = true;
          finish();
          continue;
        }
        text += c;
        pattern += c;
        exists = true;
        special = special || c == '*' || c == '?' || c == '[';
      }
    }
    finish();
  }
  co_return fields;
}

Task<std::string> Interpreter::expand_one(std::string word) {
  const std::set<std::size_t> outer_runs = std::exchange(literal_runs_, {});
  std::vector<Piece> pieces;
  co_await expand_pieces(word, false, pieces);
  literal_runs_ = outer_runs;
  std::string text;
  for (const Piece& piece : pieces) text += piece.breaks ? std::string(" ") : piece.text;
  co_return text;
}

Task<std::string> Interpreter::prompt(std::string text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 >= text.size()) {
      out += text[i];
      continue;
    }
    const std::string cwd = process_.cwd();
    const std::string home = get("HOME");
    std::string shown =
        !home.empty() && (cwd == home || cwd.starts_with(home + "/")) ? "~" + cwd.substr(home.size()) : cwd;
    switch (text[++i]) {
      case 'h':
        out += process_.hostname().substr(0, process_.hostname().find('.'));
        break;
      case 'H':
        out += process_.hostname();
        break;
      case 'u':
        out += process_.credentials().uid == 0 ? "root" : std::to_string(process_.credentials().uid);
        break;
      case 'w':
        out += shown;
        break;
      case 'W':
        out += shown == "~" || shown == "/" ? shown : std::string(base_name(shown));
        break;
      case '$':
        out += process_.credentials().uid == 0 ? '#' : '$';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 'e':
        out += '\x1b';
        break;
      case 's':
        out += name_;
        break;
      case '[':
      case ']':
        break;
      case '\\':
        out += '\\';
        break;
      default:
        out += '\\';
        out += text[i];
    }
  }
  if (contains(out, "$(") || contains(out, "${") || contains(out, "`")) {
    const int status = status_;
    out = co_await expand_one("\"" + replace_all(out, "\"", "\\\"") + "\"");
    status_ = status;
  }
  co_return out;
}

}  // namespace drydock::shell
