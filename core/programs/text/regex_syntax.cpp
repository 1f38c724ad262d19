#include "core/programs/text/regex_syntax.h"

#include <algorithm>
#include <vector>

namespace drydock {
namespace {

constexpr int kMaxRepeats = 32767;  // RE_DUP_MAX
constexpr std::string_view kBracketError = "Unmatched [, [^, [:, [., or [=";
constexpr std::string_view kClasses[] = {"alpha", "digit", "alnum", "upper", "lower", "space",
                                         "blank", "punct", "print", "graph", "cntrl", "xdigit"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Translator {
 public:
  Translator(std::string_view pattern, Regex::Syntax syntax)
      : pattern_(pattern), basic_(syntax == Regex::Syntax::kBasic), awk_(syntax == Regex::Syntax::kAwk) {}

  TranslatedRegex run() {
    while (at_ < pattern_.size() && result_.error.empty()) step();
    if (result_.error.empty() && !groups_.empty()) fail("Unmatched ( or \\(");
    return std::move(result_);
  }

 private:
  void fail(std::string_view error) { result_.error = error; }
  std::string& out() { return result_.pattern; }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < pattern_.size() ? pattern_[at_ + ahead] : '\0'; }

  void step() {
    const char c = pattern_[at_];
    if (c == '\\') {
      escape();
    } else if (c == '[') {
      atom();
      bracket();
    } else if (c == '*') {
      ++at_;
      if (start_ && basic_)
        literal('*');
      else
        repeat("*");
    } else if (!basic_ && (c == '+' || c == '?')) {
      ++at_;
      repeat(std::string(1, c));
    } else if (!basic_ && c == '{') {
      interval();
    } else if (!basic_ && c == '(') {
      ++at_;
      open_group();
    } else if (!basic_ && c == ')') {
      ++at_;
      close_group();
    } else if (!basic_ && c == '|') {
      ++at_;
      alternative();
    } else if (c == '^') {
      ++at_;
      if (!basic_ || start_) {
        out() += '^';
        atom_ = std::string::npos;
      } else {
        literal('^');
      }
    } else if (c == '$') {
      ++at_;
      const bool closes = peek() == '\\' && (peek(1) == ')' || peek(1) == '|');
      if (!basic_ || at_ == pattern_.size() || closes) {
        out() += '$';
        atom_ = std::string::npos;
        start_ = false;
      } else {
        literal('$');
      }
    } else if (c == '.') {
      ++at_;
      atom();
      out() += '.';
    } else {
      ++at_;
      literal(c);
    }
  }

  // What follows may be repeated.
  void atom() {
    atom_ = out().size();
    quantified_ = false;
    start_ = false;
  }
  void literal(char c) {
    atom();
    if (std::string_view("\\^$.[]|()?*+{}/-#&~").find(c) != std::string_view::npos) out() += '\\';
    if (c == '\0')
      out() += "\\x00";
    else
      out() += c;
  }

  void repeat(const std::string& how) {
    if (atom_ == std::string::npos) return;  // "*" with nothing before it: GNU skips it
    if (quantified_) {                       // a** and a*+ : Perl would read a modifier
      out().insert(atom_, "(?:");
      out() += ')';
    }
    out() += how;
    quantified_ = true;
  }

  // At "{" (extended) or behind "\{" (basic).
  void interval() {
    const std::size_t open = basic_ ? at_ : at_ + 1;
    std::size_t i = open;
    auto number = [&]() {
      int value = -1;
      for (; i < pattern_.size() && is_digit(pattern_[i]); ++i) {
        if (value <= kMaxRepeats) value = (value < 0 ? 0 : value) * 10 + (pattern_[i] - '0');
      }
      return value;
    };
    int low = number();
    int high = low;
    bool comma = false;
    if (i < pattern_.size() && pattern_[i] == ',') {
      comma = true;
      ++i;
      high = number();
    }
    const std::string_view close = basic_ ? "\\}" : "}";
    const bool closed = pattern_.substr(std::min(i, pattern_.size())).starts_with(close);
    if (!closed || (low < 0 && !comma)) {
      if (!basic_) {  // an ordinary brace
        ++at_;
        literal('{');
        return;
      }
      fail(i >= pattern_.size() ? "Unmatched { or \\{" : "Invalid content of \\{\\}");
      return;
    }
    if (low > kMaxRepeats || high > kMaxRepeats) return fail("Regular expression too big");
    if (high >= 0 && low > high) return fail("Invalid content of \\{\\}");
    at_ = i + close.size();
    if (atom_ == std::string::npos) {
      if (awk_) return;
      return fail("Invalid preceding regular expression");
    }
    std::string how = "{" + std::to_string(low < 0 ? 0 : low);
    if (comma) how += high < 0 ? "," : "," + std::to_string(high);
    repeat(how + "}");
  }

  void open_group() {
    groups_.push_back(out().size());
    out() += '(';
    start_ = true;
    atom_ = std::string::npos;
  }
  void close_group() {
    if (groups_.empty()) return fail("Unmatched ) or \\)");
    out() += ')';
    atom_ = groups_.back();
    quantified_ = false;
    start_ = false;
    groups_.pop_back();
    ++closed_;
  }
  void alternative() {
    out() += '|';
    result_.alternatives = true;
    start_ = true;
    atom_ = std::string::npos;
  }

  void escape() {
    if (at_ + 1 >= pattern_.size()) return fail("Trailing backslash");
    const char c = pattern_[at_ + 1];
    at_ += 2;
    if (basic_) {
      if (c == '(') return open_group();
      if (c == ')') return close_group();
      if (c == '|') return alternative();
      if (c == '{') return interval();
      if (c == '+' || c == '?') {
        if (atom_ == std::string::npos) return literal(c);
        return repeat(std::string(1, c));
      }
    }
    if (awk_ && awk_escape(c)) return;
    if (!awk_ && c >= '1' && c <= '9') {
      if (c - '0' > closed_) return fail("Invalid back reference");
      atom();
      out() += std::string("\\g{") + c + "}";
      return;
    }
    switch (c) {
      case 'w':
      case 'W':
      case 's':
      case 'S':
        atom();
        out() += '\\';
        out() += c;
        return;
      case 'b':
      case 'B':
        return assertion(c == 'b' ? "\\b" : "\\B");
      case '<':
        return assertion("\\b(?=\\w)");
      case '>':
        return assertion("\\b(?<=\\w)");
      case '`':
        return assertion("\\A");
      case '\'':
        return assertion("\\z");
      case 'n':
        return literal('\n');
      default:
        return literal(c);
    }
  }
  void assertion(std::string_view perl) {
    out() += perl;
    atom_ = std::string::npos;
    start_ = false;
  }
  // The escapes of awk's own strings and regular expressions.
  bool awk_escape(char c) {
    static constexpr std::string_view kNames = "tnrfva";
    static constexpr std::string_view kBytes = "\t\n\r\f\v\a";
    if (c == 'y') {
      assertion("\\b");
      return true;
    }
    if (c == 'b') {
      literal('\b');
      return true;
    }
    if (const std::size_t at = kNames.find(c); at != std::string_view::npos) {
      literal(kBytes[at]);
      return true;
    }
    if (c >= '0' && c <= '7') {
      int value = c - '0';
      for (int digits = 1; digits < 3 && peek() >= '0' && peek() <= '7' && at_ < pattern_.size(); ++digits)
        value = value * 8 + (pattern_[at_++] - '0');
      literal(static_cast<char>(value));
      return true;
    }
    return false;
  }

  void bracket() {
    std::string set = "[";
    std::size_t i = at_ + 1;
    if (i < pattern_.size() && pattern_[i] == '^') {
      set += '^';
      ++i;
    }
    bool first = true;
    for (;; first = false) {
      if (i >= pattern_.size()) return fail(kBracketError);
      char c = pattern_[i];
      if (c == ']' && !first) break;
      if (c == '[' && i + 1 < pattern_.size() &&
          std::string_view(":.=").find(pattern_[i + 1]) != std::string_view::npos) {
        const char kind = pattern_[i + 1];
        const std::size_t close = pattern_.find(std::string{kind, ']'}, i + 2);
        if (close == std::string_view::npos) return fail(kBracketError);
        const std::string_view name = pattern_.substr(i + 2, close - i - 2);
        i = close + 2;
        if (kind == ':') {
          bool known = false;
          for (std::string_view each : kClasses) known = known || each == name;
          if (!known) return fail("Invalid character class name");
          set += "[:" + std::string(name) + ":]";
          continue;
        }
        if (name.size() != 1) return fail("Invalid collation character");
        c = name[0];
        --i;
      } else if (awk_ && c == '\\' && i + 1 < pattern_.size()) {
        c = bracket_escape(pattern_[++i]);
      }
      ++i;
      // A range: "a-z", but not the last "-".
      if (i + 1 < pattern_.size() && pattern_[i] == '-' && pattern_[i + 1] != ']') {
        char high = pattern_[i + 1];
        i += 2;
        if (high == '[' && i < pattern_.size() && (pattern_[i] == '.' || pattern_[i] == '=')) {
          const std::size_t close = pattern_.find(std::string{pattern_[i], ']'}, i + 1);
          if (close == std::string_view::npos) return fail(kBracketError);
          high = pattern_[i + 1];
          i = close + 2;
        } else if (awk_ && high == '\\' && i < pattern_.size()) {
          high = bracket_escape(pattern_[i++]);
        }
        if (static_cast<unsigned char>(high) < static_cast<unsigned char>(c)) return fail("Invalid range end");
        add(set, c);
        set += '-';
        add(set, high);
        continue;
      }
      add(set, c);
    }
    at_ = i + 1;
    out() += set + "]";
  }
  static void add(std::string& set, char c) {
    if (c == '\0') {
      set += "\\x00";
      return;
    }
    if (std::string_view("\\[]^-").find(c) != std::string_view::npos) set += '\\';
    set += c;
  }
  static char bracket_escape(char c) {
    static constexpr std::string_view kNames = "tnrfvab";
    static constexpr std::string_view kBytes = "\t\n\r\f\v\a\b";
    const std::size_t at = kNames.find(c);
    return at == std::string_view::npos ? c : kBytes[at];
  }

  std::string_view pattern_;
  bool basic_;
  bool awk_;
  std::size_t at_ = 0;
  std::size_t atom_ = std::string::npos;  // where in the output the last repeatable thing starts
  bool quantified_ = false;               // and whether it is repeated already
  bool start_ = true;                     // of the pattern, a group or an alternative
  int closed_ = 0;
  std::vector<std::size_t> groups_;
  TranslatedRegex result_;
};

}  // namespace

TranslatedRegex translate_posix_regex(std::string_view pattern, Regex::Syntax syntax) {
  return Translator(pattern, syntax).run();
}

}  // namespace drydock
