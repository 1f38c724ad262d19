// test, [, and [[ ]].
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/shell/builtins/builtins.h"
#include "core/programs/shell/expansion/pattern.h"
#include "core/programs/text/regex.h"

namespace drydock::shell {
namespace {

constexpr std::string_view kUnary = "abcdefghknoprstuvwxzGLNOSR";

bool is_binary(std::string_view word) {
  static constexpr std::string_view kOps[] = {"=",   "==",  "!=",  "<",   ">",   "-eq", "-ne",
                                              "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"};
  return std::find(std::begin(kOps), std::end(kOps), word) != std::end(kOps);
}
bool is_unary(std::string_view word) {
  return word.size() == 2 && word[0] == '-' && kUnary.find(word[1]) != std::string_view::npos;
}

bool file_test(Interpreter& shell, char op, const std::string& operand) {
  Process& p = shell.process();
  switch (op) {
    case 'z':
      return operand.empty();
    case 'n':
      return !operand.empty();
    case 't':
      return p.is_tty(static_cast<int>(parse_int(operand).value_or(-1)));
    case 'o':
      return shell.option(operand);
    case 'v': {
      const std::size_t bracket = operand.find('[');
      if (bracket == std::string::npos) return shell.is_set(operand);
      const Variable* variable = shell.variables().find(operand.substr(0, bracket));
      const std::string key = operand.substr(bracket + 1, operand.size() - bracket - 2);
      if (variable == nullptr) return false;
      const std::vector<std::string> keys = variable->keys();
      if (key == "@" || key == "*") return !keys.empty();
      return std::find(keys.begin(), keys.end(), key) != keys.end();
    }
    case 'R': {
      const Variable* variable = shell.variables().find_itself(operand);
      return variable != nullptr && variable->reference;
    }
    default:
      break;
  }
  const auto info = p.stat(operand, op != 'L' && op != 'h');
  if (!info) return false;
  switch (op) {
    case 'f':
      return info->type == FileType::kRegular;
    case 'd':
      return info->type == FileType::kDirectory;
    case 'L':
    case 'h':
      return info->type == FileType::kSymlink;
    case 'p':
      return info->type == FileType::kFifo;
    case 'S':
      return info->type == FileType::kSocket;
    case 'c':
      return info->type == FileType::kCharDevice;
    case 'b':
      return false;
    case 's':
      return info->size > 0;
    case 'r':
      return p.can_access(operand, Process::kRead);
    case 'w':
      return p.can_access(operand, Process::kWrite);
    case 'x':
      return p.can_access(operand, Process::kExecute);
    case 'O':
      return info->uid == p.credentials().uid;
    case 'G':
      return info->gid == p.credentials().gid;
    case 'u':
      return (info->mode & 04000) != 0;
    case 'g':
      return (info->mode & 02000) != 0;
    case 'k':
      return (info->mode & 01000) != 0;
    case 'N':
      return false;
    default:
      return true;  // -e -a
  }
}

bool file_compare(Interpreter& shell, const std::string& op, const std::string& left, const std::string& right) {
  Process& p = shell.process();
  const auto a = p.stat(left);
  const auto b = p.stat(right);
  if (op == "-ef") return a && b && p.real_path(left).value_or("a") == p.real_path(right).value_or("b");
  if (!a || !b) return op == "-nt" ? a.ok() : b.ok();
  return op == "-nt" ? a->modified > b->modified : a->modified < b->modified;
}

bool number_compare(const std::string& op, std::int64_t a, std::int64_t b) {
  if (op == "-eq") return a == b;
  if (op == "-ne") return a != b;
  if (op == "-lt") return a < b;
  if (op == "-le") return a <= b;
  if (op == "-gt") return a > b;
  return a >= b;
}

// test and [: POSIX' rules by the number of words, then bash's grammar.
class TestParser {
 public:
  TestParser(Interpreter& shell, std::vector<std::string> words) : shell_(shell), words_(std::move(words)) {}
  std::string problem;

  bool run() {
    const bool value = by_count(0, words_.size());
    if (!problem.empty()) return false;
    return value;
  }

 private:
  bool by_count(std::size_t at, std::size_t count) {
    const std::string* w = words_.data() + at;
    switch (count) {
      case 0:
        return false;
      case 1:
        return !w[0].empty();
      case 2:
        if (w[0] == "!") return w[1].empty();
        if (is_unary(w[0])) return unary(w[0], w[1]);
        problem = w[0] + ": unary operator expected";
        return false;
      case 3:
        if (is_binary(w[1])) return binary(w[0], w[1], w[2]);
        if (w[1] == "-a") return !w[0].empty() && !w[2].empty();
        if (w[1] == "-o") return !w[0].empty() || !w[2].empty();
        if (w[0] == "!") return !by_count(at + 1, 2);
        if (w[0] == "(" && w[2] == ")") return !w[1].empty();
        problem = w[1] + ": binary operator expected";
        return false;
      case 4:
        if (w[0] == "!") return !by_count(at + 1, 3);
        if (w[0] == "(" && w[3] == ")") return by_count(at + 1, 2);
        break;
      default:
        break;
    }
    at_ = at;
    const bool value = either();
    if (problem.empty() && at_ < words_.size()) problem = "too many arguments";
    return value;
  }
  bool more() const { return at_ < words_.size(); }
  bool take(std::string_view word) {
    if (!more() || words_[at_] != word) return false;
    ++at_;
    return true;
  }
  bool either() {
    bool value = both();
    while (problem.empty() && take("-o")) {
      const bool right = both();
      value = value || right;
    }
    return value;
  }
  bool both() {
    bool value = one();
    while (problem.empty() && take("-a")) {
      const bool right = one();
      value = value && right;
    }
    return value;
  }
  bool one() {
    if (!more()) {
      problem = "argument expected";
      return false;
    }
    if (at_ + 2 < words_.size() && is_binary(words_[at_ + 1])) {
      at_ += 3;
      return binary(words_[at_ - 3], words_[at_ - 2], words_[at_ - 1]);
    }
    if (take("!")) return !one();
    if (take("(")) {
      const bool value = either();
      if (!take(")")) problem = "`)' expected";
      return value;
    }
    if (is_unary(words_[at_]) && at_ + 1 < words_.size()) {
      at_ += 2;
      return unary(words_[at_ - 2], words_[at_ - 1]);
    }
    return !words_[at_++].empty();
  }
  bool unary(const std::string& op, const std::string& operand) {
    if (op == "-t" && !parse_int(operand)) {
      problem = operand + ": integer expression expected";
      return false;
    }
    return file_test(shell_, op[1], operand);
  }
  bool binary(const std::string& left, const std::string& op, const std::string& right) {
    if (op == "=" || op == "==") return left == right;
    if (op == "!=") return left != right;
    if (op == "<") return left < right;
    if (op == ">") return left > right;
    if (op == "-nt" || op == "-ot" || op == "-ef") return file_compare(shell_, op, left, right);
    std::int64_t numbers[2] = {0, 0};
    const std::string* texts[2] = {&left, &right};
    for (int i = 0; i < 2; ++i) {
      const auto number = parse_int(trim(*texts[i]));
      if (!number) {
        if (problem.empty()) problem = *texts[i] + ": integer expression expected";
        return false;
      }
      numbers[i] = *number;
    }
    return number_compare(op, numbers[0], numbers[1]);
  }

  Interpreter& shell_;
  std::vector<std::string> words_;
  std::size_t at_ = 0;
};

// [[ ]]: words as written; expanded one by one, and only when they are needed.
class Conditional {
 public:
  Conditional(Interpreter& shell, const std::vector<std::string>& words) : shell_(shell), words_(words) {}
  std::string problem;

  Task<bool> either() {
    bool value = co_await both();
    while (problem.empty() && take("||")) {
      skip_ += value ? 1 : 0;
      const bool right = co_await both();
      skip_ -= value ? 1 : 0;
      value = value || right;
    }
    co_return value;
  }
  bool done() const { return at_ >= words_.size(); }
  const std::string& next_word() const { return words_[at_]; }

 private:
  bool take(std::string_view word) {
    if (done() || words_[at_] != word) return false;
    ++at_;
    return true;
  }
  Task<bool> both() {
    bool value = co_await one();
    while (problem.empty() && take("&&")) {
      skip_ += value ? 0 : 1;
      const bool right = co_await one();
      skip_ -= value ? 0 : 1;
      value = value && right;
    }
    co_return value;
  }
  Task<bool> one() {
    if (done()) {
      problem = "syntax error in conditional expression";
      co_return false;
    }
    if (take("!")) {
      const bool value = co_await one();
      co_return !value;
    }
    if (take("(")) {
      const bool value = co_await either();
      if (!take(")")) problem = "expected `)'";
      co_return value;
    }
    const bool operand_next =
        at_ + 1 < words_.size() && words_[at_ + 1] != "&&" && words_[at_ + 1] != "||" && words_[at_ + 1] != ")";
    const bool operator_next = at_ + 1 < words_.size() && (is_binary(words_[at_ + 1]) || words_[at_ + 1] == "=~");
    if (is_unary(words_[at_]) && operand_next && !(operator_next && at_ + 2 < words_.size())) {
      const char op = words_[at_][1];
      at_ += 2;
      const std::string raw = words_[at_ - 1];
      if (skip_ > 0) co_return false;
      const std::string operand = co_await shell_.expand_one(raw);
      co_return file_test(shell_, op, operand);
    }
    if (operator_next) {
      if (at_ + 2 >= words_.size()) {
        problem = "unexpected argument to conditional binary operator";
        co_return false;
      }
      at_ += 3;
      if (skip_ > 0) co_return false;
      co_return co_await binary(words_[at_ - 3], words_[at_ - 2], words_[at_ - 1]);
    }
    const std::string raw = words_[at_++];
    if (skip_ > 0) co_return false;
    const std::string text = co_await shell_.expand_one(raw);
    co_return !text.empty();
  }
  Task<bool> binary(std::string raw_left, std::string op, std::string raw_right) {
    const std::string left = co_await shell_.expand_one(raw_left);
    const bool ignore_case = shell_.shopt("nocasematch");
    if (op == "=" || op == "==" || op == "!=") {
      const std::string pattern = co_await shell_.expand_pattern(raw_right);
      co_return match_pattern(pattern, left, ignore_case) == (op != "!=");
    }
    if (op == "=~") {
      const std::string pattern = co_await shell_.expand_pattern(raw_right, true);
      const Regex regex = Regex::compile(pattern, Regex::Syntax::kExtended, ignore_case);
      if (!regex.ok()) {
        regex_failed = true;
        co_return false;
      }
      const auto match = regex.search(left, 0);
      std::vector<std::string> groups;
      if (match) {
        for (const Regex::Group& group : *match)
          groups.push_back(group.begin == std::string_view::npos ? ""
                                                                 : left.substr(group.begin, group.end - group.begin));
      }
      (void)shell_.set_array("BASH_REMATCH", groups);
      co_return match.has_value();
    }
    const std::string right = co_await shell_.expand_one(raw_right);
    if (op == "<") co_return left < right;
    if (op == ">") co_return left > right;
    if (op == "-nt" || op == "-ot" || op == "-ef") co_return file_compare(shell_, op, left, right);
    const auto a = shell_.arithmetic(left);
    const auto b = shell_.arithmetic(right);
    if (!a || !b) {
      problem = (a ? b : a).error().message;
      co_return false;
    }
    co_return number_compare(op, *a, *b);
  }

  Interpreter& shell_;
  const std::vector<std::string>& words_;
  std::size_t at_ = 0;
  int skip_ = 0;

 public:
  bool regex_failed = false;
};

}  // namespace

Task<int> Builtins::test() {
  std::vector<std::string> words(argv_.begin() + 1, argv_.end());
  if (argv_[0] == "[") {
    if (words.empty() || words.back() != "]") co_return co_await complain("missing `]'", 2);
    words.pop_back();
  }
  TestParser parser(shell_, std::move(words));
  const bool value = parser.run();
  if (!parser.problem.empty()) co_return co_await complain(parser.problem, 2);
  co_return value ? 0 : 1;
}

Task<int> run_conditional(Interpreter& shell, CommandPtr command) {
  if (shell.option("xtrace")) co_await shell.process().err("+ [[ " + join(command->words, " ") + " ]]\n");
  Conditional conditional(shell, command->words);
  const bool value = co_await conditional.either();
  if (shell.stopped()) co_return 1;
  if (conditional.problem.empty() && !conditional.done())
    conditional.problem = "syntax error in conditional expression: unexpected token `" + conditional.next_word() + "'";
  if (!conditional.problem.empty()) {
    co_await shell.complain(conditional.problem.starts_with("syntax") ? conditional.problem
                                                                      : "[[: " + conditional.problem);
    co_return conditional.problem.starts_with("syntax") ? 2 : 1;
  }
  co_return conditional.regex_failed ? 2 : value ? 0 : 1;
}

}  // namespace drydock::shell
