#include "core/programs/shell/expansion/pattern.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <optional>

#include "core/base/strings.h"
#include "core/programs/shell/syntax/scan.h"
#include "core/programs/shell/syntax/syntax.h"

namespace drydock::shell {
namespace {

constexpr int kMaxSteps = 200000;  // of one match: a pattern cannot search for ever

std::size_t character_size(std::string_view text, std::size_t i) {
  std::size_t size = 1;
  while (i + size < text.size() && (static_cast<unsigned char>(text[i + size]) & 0xc0) == 0x80) ++size;
  return size;
}

bool in_class(std::string_view kind, char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x80) return kind == "alpha" || kind == "alnum" || kind == "print" || kind == "graph";
  return (kind == "alpha" && std::isalpha(byte)) || (kind == "digit" && std::isdigit(byte)) ||
         (kind == "alnum" && std::isalnum(byte)) || (kind == "space" && std::isspace(byte)) ||
         (kind == "upper" && std::isupper(byte)) || (kind == "lower" && std::islower(byte)) ||
         (kind == "punct" && std::ispunct(byte)) || (kind == "xdigit" && std::isxdigit(byte)) ||
         (kind == "blank" && (c == ' ' || c == '\t')) || (kind == "cntrl" && std::iscntrl(byte)) ||
         (kind == "print" && std::isprint(byte)) || (kind == "graph" && std::isgraph(byte)) ||
         (kind == "word" && (std::isalnum(byte) || c == '_'));
}

class Matcher {
 public:
  Matcher(std::string_view pattern, std::string_view text, bool ignore_case)
      : pattern_(pattern), text_(text), ignore_case_(ignore_case) {}
  bool run() { return match(0, 0); }

 private:
  char folded(char c) const { return ignore_case_ && c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

  bool extended_at(std::size_t p) const {
    return p + 1 < pattern_.size() && pattern_[p + 1] == '(' &&
           std::string_view("?*+@!").find(pattern_[p]) != std::string_view::npos && group_end(p + 1) != kOpenEnd;
  }
  // Behind the ")" of the group whose "(" is at `p`.
  std::size_t group_end(std::size_t p) const {
    int depth = 0;
    for (; p < pattern_.size(); ++p) {
      if (pattern_[p] == '\\')
        ++p;
      else if (pattern_[p] == '(')
        ++depth;
      else if (pattern_[p] == ')' && --depth == 0)
        return p + 1;
    }
    return kOpenEnd;
  }

  bool match(std::size_t p, std::size_t t) {
    if (++steps_ > kMaxSteps) return false;
    while (p < pattern_.size()) {
      if (extended_at(p)) return match_group(p, t);
      const char c = pattern_[p];
      if (c == '*') {
        while (p < pattern_.size() && pattern_[p] == '*' && !extended_at(p)) ++p;
        if (p == pattern_.size()) return true;
        for (std::size_t from = t; from <= text_.size(); ++from) {
          if (match(p, from)) return true;
        }
        return false;
      }
      if (t >= text_.size()) return false;
      if (c == '?') {
        t += character_size(text_, t);
        ++p;
        continue;
      }
      if (c == '[') {
        std::size_t end = p;
        const std::optional<bool> found = match_set(end, text_[t]);
        if (found) {
          if (!*found) return false;
          p = end;
          t += character_size(text_, t);
          continue;
        }
      }
      if (c == '\\' && p + 1 < pattern_.size()) ++p;
      if (folded(pattern_[p]) != folded(text_[t])) return false;
      ++p;
      ++t;
    }
    return t == text_.size();
  }

  // A [set] at `p`; nothing when it is not closed. Moves `p` behind it.
  std::optional<bool> match_set(std::size_t& p, char c) const {
    std::size_t i = p + 1;
    const bool negated = i < pattern_.size() && (pattern_[i] == '!' || pattern_[i] == '^');
    if (negated) ++i;
    bool found = false;
    const std::size_t first = i;
    c = folded(c);
    while (i < pattern_.size() && (pattern_[i] != ']' || i == first)) {
      if (pattern_[i] == '[' && i + 1 < pattern_.size() && pattern_[i + 1] == ':') {
        const std::size_t end = pattern_.find(":]", i + 2);
        if (end != std::string_view::npos) {
          found = found || in_class(pattern_.substr(i + 2, end - i - 2), c);
          i = end + 2;
          continue;
        }
      }
      if (pattern_[i] == '\\' && i + 1 < pattern_.size()) ++i;
      const char low = pattern_[i];
      if (i + 2 < pattern_.size() && pattern_[i + 1] == '-' && pattern_[i + 2] != ']') {
        i += 2;
        if (pattern_[i] == '\\' && i + 1 < pattern_.size()) ++i;
        const auto at = static_cast<unsigned char>(c);
        found = found || (at >= static_cast<unsigned char>(folded(low)) &&
                          at <= static_cast<unsigned char>(folded(pattern_[i])));
      } else {
        found = found || folded(low) == c;
      }
      ++i;
    }
    if (i >= pattern_.size()) return std::nullopt;
    p = i + 1;
    return found != negated;
  }

  bool match_group(std::size_t p, std::size_t t) {
    const char kind = pattern_[p];
    const std::size_t end = group_end(p + 1);
    std::vector<std::string_view> choices;
    std::size_t begin = p + 2;
    int depth = 0;
    for (std::size_t i = begin; i < end; ++i) {
      if (pattern_[i] == '\\') {
        ++i;
        continue;
      }
      if (pattern_[i] == '(') ++depth;
      if ((pattern_[i] == '|' && depth == 0) || i + 1 == end) {
        choices.push_back(pattern_.substr(begin, i - begin));
        begin = i + 1;
      }
      if (pattern_[i] == ')') --depth;
    }
    auto matches_choice = [&](std::string_view piece) {
      return std::any_of(choices.begin(), choices.end(), [&](std::string_view choice) {
        Matcher inner(choice, piece, ignore_case_);
        inner.steps_ = steps_;
        const bool found = inner.run();
        steps_ = inner.steps_;
        return found;
      });
    };
    if ((kind == '?' || kind == '*') && match(end, t)) return true;
    for (std::size_t to = text_.size() + 1; to-- > t;) {
      const bool found = matches_choice(text_.substr(t, to - t));
      if (kind == '!') {
        if (!found && match(end, to)) return true;
        continue;
      }
      if (!found) continue;
      if (match(end, to)) return true;
      // Once more: the same group again from here.
      if ((kind == '*' || kind == '+') && to > t && match_group(p, to)) return true;
    }
    return false;
  }

  std::string_view pattern_;
  std::string_view text_;
  bool ignore_case_;
  int steps_ = 0;
};

// {1..5}, {a..e..2}; empty when it is none.
std::vector<std::string> sequence(const std::string& inside) {
  std::vector<std::string> out;
  const std::size_t dots = inside.find("..");
  if (dots == std::string::npos) return out;
  const std::string first = inside.substr(0, dots);
  std::string last = inside.substr(dots + 2);
  std::int64_t step = 1;
  if (const std::size_t more = last.find(".."); more != std::string::npos) {
    const auto given = parse_int(last.substr(more + 2));
    if (!given) return out;
    step = std::max<std::int64_t>(1, std::abs(*given));
    last.resize(more);
  }
  const auto a = parse_int(first);
  const auto b = parse_int(last);
  constexpr std::int64_t kMost = 100000;
  if (a && b) {
    if (std::abs(*b - *a) / step >= kMost) return out;
    auto padded = [](const std::string& number) {
      const std::size_t sign = number.starts_with("-") ? 1 : 0;
      return number.size() > sign + 1 && number[sign] == '0';
    };
    const std::size_t width = padded(first) || padded(last) ? std::max(first.size(), last.size()) : 0;
    for (std::int64_t i = *a; *a <= *b ? i <= *b : i >= *b; i += *a <= *b ? step : -step) {
      std::string number = std::to_string(std::abs(i));
      const std::size_t sign = i < 0 ? 1 : 0;
      while (number.size() + sign < width) number.insert(0, "0");
      out.push_back((i < 0 ? "-" : "") + number);
    }
  } else if (first.size() == 1 && last.size() == 1 && std::isalpha(static_cast<unsigned char>(first[0])) &&
             std::isalpha(static_cast<unsigned char>(last[0]))) {
    const int from = first[0];
    const int to = last[0];
    for (int c = from; from <= to ? c <= to : c >= to; c += static_cast<int>(from <= to ? step : -step)) {
      const char letter = static_cast<char>(c);
      out.push_back(letter == '\\' ? "\\\\" : letter == '`' ? "\\`" : std::string(1, letter));
    }
  }
  return out;
}

// Behind a quoted or nested part at `i`; `i` when there is none.
std::size_t skip_part(const std::string& word, std::size_t i) {
  std::size_t end = i;
  if (word[i] == '\\') return std::min(word.size(), i + 2);
  if (word[i] == '\'') end = skip_single_quotes(word, i);
  if (word[i] == '"') end = skip_double_quotes(word, i);
  if (word[i] == '`') end = skip_backquotes(word, i);
  if (word[i] == '$') end = skip_dollar(word, i);
  if ((word[i] == '<' || word[i] == '>') && i + 1 < word.size() && word[i + 1] == '(')
    end = Parser::substitution_end(word, i + 1);
  return end == kOpenEnd ? word.size() : end;
}

}  // namespace

std::vector<std::string> expand_braces(const std::string& word) {
  for (std::size_t open = 0; open < word.size();) {
    const std::size_t behind = skip_part(word, open);
    if (behind != open) {
      open = behind;
      continue;
    }
    if (word[open] != '{') {
      ++open;
      continue;
    }
    std::vector<std::string> choices;
    std::size_t begin = open + 1;
    std::size_t i = begin;
    int depth = 0;
    bool closed = false;
    while (i < word.size()) {
      const std::size_t next = skip_part(word, i);
      if (next != i) {
        i = next;
        continue;
      }
      if (word[i] == '{') ++depth;
      if (word[i] == '}' && depth-- == 0) {
        closed = true;
        break;
      }
      if (word[i] == ',' && depth == 0) {
        choices.push_back(word.substr(begin, i - begin));
        begin = i + 1;
      }
      ++i;
    }
    if (!closed) {
      ++open;
      continue;
    }
    if (choices.empty())
      choices = sequence(word.substr(open + 1, i - open - 1));
    else
      choices.push_back(word.substr(begin, i - begin));
    if (choices.empty()) {
      ++open;
      continue;
    }
    std::vector<std::string> out;
    const std::vector<std::string> tails = expand_braces(word.substr(i + 1));
    for (const std::string& choice : choices) {
      for (const std::string& middle : expand_braces(choice)) {
        for (const std::string& tail : tails) out.push_back(word.substr(0, open) + middle + tail);
      }
    }
    return out;
  }
  return {word};
}

bool match_pattern(std::string_view pattern, std::string_view text, bool ignore_case) {
  return Matcher(pattern, text, ignore_case).run();
}

bool is_pattern(std::string_view word) {
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] == '\\') {
      ++i;
    } else if (word[i] == '*' || word[i] == '?') {
      return true;
    } else if (word[i] == '[') {
      if (word.find(']', i + 1) != std::string_view::npos) return true;
    } else if (i + 1 < word.size() && word[i + 1] == '(' &&
               std::string_view("+@!").find(word[i]) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

std::string escape_pattern(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (std::string_view("*?[]\\()|!+@^-").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string escape_regex(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (std::string_view(".*+?[](){}^$|\\").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string unescape_pattern(std::string_view pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    out += pattern[i];
  }
  return out;
}

}  // namespace drydock::shell
