#include "core/programs/shell/editing/history_expansion.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "core/base/strings.h"
#include "core/programs/shell/syntax/lexer.h"

namespace drydock::shell {
namespace {

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  try {
    Lexer lexer(line, true, 1);
    for (lexer.advance(); lexer.token().kind != Token::Kind::kEnd; lexer.advance()) words.push_back(lexer.token().text);
  } catch (const IncompleteText&) {
    words = split_whitespace(line);
  } catch (const SyntaxError&) {
    words = split_whitespace(line);
  }
  return words;
}

bool ends_event(char c) { return std::string_view(" \t\n:^$*-%;&()|<>\"'").find(c) != std::string_view::npos; }

struct Picker {
  const std::string& line;
  std::size_t at;
  const std::deque<std::string>& history;
  std::string problem{};

  const std::string* event() {
    const std::size_t begin = at;
    auto missing = [&]() -> const std::string* {
      problem = line.substr(begin - 1, at - begin + 1) + ": event not found";
      return nullptr;
    };
    if (at >= line.size()) return missing();
    if (line[at] == '!') {
      ++at;
      return history.empty() ? missing() : &history.back();
    }
    if (std::string_view("$^*:").find(line[at]) != std::string_view::npos)
      return history.empty() ? missing() : &history.back();
    if (line[at] == '?') {
      const std::size_t end = std::min(line.find('?', at + 1), line.size());
      const std::string text = line.substr(at + 1, end - at - 1);
      at = std::min(line.size(), end + 1);
      for (auto entry = history.rbegin(); entry != history.rend(); ++entry) {
        if (contains(*entry, text)) return &*entry;
      }
      return missing();
    }
    std::size_t end = at + (line[at] == '-' ? 1 : 0);
    while (end < line.size() && !ends_event(line[end])) ++end;
    const std::string text = line.substr(at, end - at);
    at = end;
    if (const auto number = parse_int(text)) {
      const std::int64_t index = *number < 0 ? static_cast<std::int64_t>(history.size()) + *number : *number - 1;
      if (index < 0 || static_cast<std::size_t>(index) >= history.size()) return missing();
      return &history[static_cast<std::size_t>(index)];
    }
    for (auto entry = history.rbegin(); entry != history.rend(); ++entry) {
      if (entry->starts_with(text)) return &*entry;
    }
    return missing();
  }

  // :0 :n ^ $ * :n-m :n*; nothing when the words asked for are not there.
  std::optional<std::string> words(const std::string& event_text) {
    std::size_t i = at;
    const bool colon = i < line.size() && line[i] == ':';
    if (colon) ++i;
    if (i >= line.size()) return event_text;
    const char c = line[i];
    const bool digit = c >= '0' && c <= '9';
    if (!(c == '^' || c == '$' || c == '*' || (colon && (digit || c == '-')))) return event_text;
    const std::vector<std::string> all = words_of(event_text);
    const std::size_t last = all.empty() ? 0 : all.size() - 1;
    std::size_t from = 0;
    std::size_t to = 0;
    auto number = [&] {
      std::size_t value = 0;
      while (i < line.size() && line[i] >= '0' && line[i] <= '9')
        value = value * 10 + static_cast<std::size_t>(line[i++] - '0');
      return value;
    };
    if (c == '^') {
      from = to = 1;
      ++i;
    } else if (c == '$') {
      from = to = last;
      ++i;
    } else if (c == '*') {
      from = 1;
      to = last;
      ++i;
      if (all.size() < 2) {
        at = i;
        return std::string();
      }
    } else {
      from = to = digit ? number() : 0;
      if (i < line.size() && line[i] == '*') {
        to = last;
        ++i;
      } else if (i < line.size() && line[i] == '-') {
        ++i;
        if (i < line.size() && line[i] == '$') {
          to = last;
          ++i;
        } else if (i < line.size() && line[i] >= '0' && line[i] <= '9') {
          to = number();
        } else {
          to = last == 0 ? 0 : last - 1;
        }
      }
    }
    if (from > to || to >= all.size()) {
      problem = line.substr(at, i - at) + ": bad word specifier";
      return std::nullopt;
    }
    at = i;
    return join(std::span(all).subspan(from, to - from + 1), " ");
  }

  bool modifiers(std::string& text, bool& print_only) {
    while (at + 1 < line.size() && line[at] == ':') {
      const char c = line[at + 1];
      const std::size_t slash = text.rfind('/');
      const std::size_t dot = text.rfind('.');
      if (c == 'p') {
        print_only = true;
      } else if (c == 'h') {
        if (slash != std::string::npos) text.resize(slash);
      } else if (c == 't') {
        if (slash != std::string::npos) text.erase(0, slash + 1);
      } else if (c == 'r') {
        if (dot != std::string::npos) text.resize(dot);
      } else if (c == 'e') {
        if (dot != std::string::npos) text.erase(0, dot);
      } else if (c == 's' || (c == 'g' && at + 2 < line.size() && line[at + 2] == 's')) {
        const std::size_t start = at + (c == 'g' ? 3 : 2);
        if (start >= line.size()) return true;
        const char border = line[start];
        const std::size_t middle = line.find(border, start + 1);
        const std::string from = line.substr(start + 1, std::min(middle, line.size()) - start - 1);
        const std::size_t end =
            middle == std::string::npos ? line.size() : std::min(line.find(border, middle + 1), line.size());
        const std::string to = middle == std::string::npos ? "" : line.substr(middle + 1, end - middle - 1);
        const std::size_t found = text.find(from);
        if (found == std::string::npos || from.empty()) {
          problem = line.substr(at, end - at) + ": substitution failed";
          return false;
        }
        text = c == 'g' ? replace_all(text, from, to) : text.replace(found, from.size(), to);
        at = std::min(line.size(), end + 1);
        continue;
      } else {
        return true;
      }
      at += 2;
    }
    return true;
  }
};

}  // namespace

std::string last_word(const std::string& line) {
  const std::vector<std::string> words = words_of(line);
  return words.empty() ? "" : words.back();
}

HistoryExpansion expand_history(std::string& line, const std::deque<std::string>& history) {
  HistoryExpansion result;
  auto fail = [&](std::string problem) {
    result.ok = false;
    result.problem = std::move(problem);
    return result;
  };
  if (line.starts_with("^")) {
    const std::size_t middle = line.find('^', 1);
    if (middle == std::string::npos || history.empty()) return result;
    const std::size_t end = std::min(line.find('^', middle + 1), line.size());
    const std::string from = line.substr(1, middle - 1);
    std::string text = history.back();
    const std::size_t at = text.find(from);
    if (at == std::string::npos) return fail(line + ": substitution failed");
    text.replace(at, from.size(), line.substr(middle + 1, end - middle - 1));
    line = text + (end + 1 < line.size() ? line.substr(end + 1) : "");
    result.changed = true;
    return result;
  }
  std::string out;
  bool single = false;
  bool in_double = false;
  for (std::size_t i = 0; i < line.size();) {
    const char c = line[i];
    if (c == '\\' && !single) {
      out += line.substr(i, 2);
      i += 2;
      continue;
    }
    if (c == '\'' && !in_double) single = !single;
    if (c == '"' && !single) in_double = !in_double;
    const char next = i + 1 < line.size() ? line[i + 1] : '\0';
    const bool event =
        c == '!' && !single && next != '\0' && std::string_view(" \t\n=(").find(next) == std::string_view::npos &&
        !(in_double && next == '"') && (i == 0 || std::string_view("$[{").find(line[i - 1]) == std::string_view::npos);
    if (!event) {
      out += c;
      ++i;
      continue;
    }
    Picker picker{line, i + 1, history};
    const std::string* entry = picker.event();
    if (entry == nullptr) return fail(picker.problem);
    std::optional<std::string> text = picker.words(*entry);
    if (!text || !picker.modifiers(*text, result.print_only)) return fail(picker.problem);
    out += *text;
    result.changed = true;
    i = picker.at;
  }
  line = out;
  return result;
}

}  // namespace drydock::shell
