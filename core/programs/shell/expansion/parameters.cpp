// ${…}: parameters and what can be done to them.
// https://www.gnu.org/software/bash/manual/html_node/Shell-Parameter-Expansion.html
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/shell/expansion/pattern.h"
#include "core/programs/shell/expansion/quoting.h"
#include "core/programs/shell/interpreter.h"
#include "core/programs/shell/syntax/scan.h"

namespace drydock::shell {

// What a ${…} is about, and its values on their way through the operators.
struct Interpreter::Reference {
  std::string name;
  std::string subscript;
  bool indexed = false;
  bool all = false;   // "@" or "*", of the parameters or an array
  bool star = false;  // "*": one field in quotes
  bool is_set = false;
  std::vector<std::string> values;  // one, unless `all`
  std::string shown() const { return indexed ? name + "[" + subscript + "]" : name; }
  const std::string& value() const { return values[0]; }
};

namespace {

std::vector<std::size_t> characters(std::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) starts.push_back(i);
  }
  starts.push_back(text.size());
  return starts;
}

std::string trimmed(const std::string& text, const std::string& pattern, bool front, bool longest) {
  const std::vector<std::size_t> cuts = characters(text);
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    const std::size_t cut = cuts[longest == front ? cuts.size() - 1 - i : i];
    const std::string_view piece = front ? std::string_view(text).substr(0, cut) : std::string_view(text).substr(cut);
    if (match_pattern(pattern, piece)) return front ? text.substr(cut) : text.substr(0, cut);
  }
  return text;
}

std::string replaced(const std::string& text, const std::string& pattern, const std::string& replacement, bool every,
                     bool front, bool back) {
  if (pattern.empty()) return front ? replacement + text : back ? text + replacement : text;
  const std::vector<std::size_t> cuts = characters(text);
  std::string out;
  std::size_t i = 0;  // index into cuts
  while (i + 1 < cuts.size() || (i < cuts.size() && text.empty())) {
    std::size_t matched = kOpenEnd;
    for (std::size_t k = cuts.size(); k-- > i + (text.empty() ? 0 : 1);) {
      if (back && k + 1 != cuts.size()) break;
      if (match_pattern(pattern, std::string_view(text).substr(cuts[i], cuts[k] - cuts[i]))) {
        matched = k;
        break;
      }
    }
    if (matched != kOpenEnd) {
      out += replacement;
      if (text.empty() || !every) return out + text.substr(cuts[matched]);
      i = matched;
      continue;
    }
    if (front || text.empty()) return text;
    out += text.substr(cuts[i], cuts[i + 1] - cuts[i]);
    ++i;
  }
  return out;
}

std::string cased(const std::string& text, const std::string& pattern, char op, bool every) {
  std::string out;
  bool first = true;
  for (char c : text) {
    if ((first || every) && (pattern.empty() || match_pattern(pattern, std::string(1, c)))) {
      const std::string one(1, c);
      const bool is_upper = c >= 'A' && c <= 'Z';
      out += op == '^' || (op == '~' && !is_upper) ? to_upper(one) : to_lower(one);
    } else {
      out += c;
    }
    first = false;
  }
  return out;
}

// Where the unquoted `wanted` stands in an operator's text; npos when nowhere.
std::size_t find_unquoted(std::string_view text, char wanted) {
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    if (text[i] == wanted) return i;
    if (text[i] == '\\')
      end = i + 2;
    else if (text[i] == '\'')
      end = skip_single_quotes(text, i);
    else if (text[i] == '"')
      end = skip_double_quotes(text, i);
    else if (text[i] == '`')
      end = skip_backquotes(text, i);
    else if (text[i] == '$')
      end = skip_dollar(text, i);
    else if (text[i] == '[' && wanted == ':')
      end = skip_brackets(text, i, '[', ']');
    else if (text[i] == '(' && wanted == ':')
      end = skip_brackets(text, i, '(', ')');
    if (end == kOpenEnd) return kOpenEnd;
    i = end == i ? i + 1 : end;
  }
  return kOpenEnd;
}

}  // namespace

void Interpreter::put_values(const Reference& what, unsigned flags, std::vector<Piece>& out) {
  const bool quoted = (flags & kInQuotes) != 0;
  if (!what.all) {
    out.push_back({what.values.empty() ? "" : what.values[0], quoted, !quoted, false});
    return;
  }
  if (what.star && (quoted || (flags & kAssignment) != 0)) {
    const Variable* ifs = variables_.find("IFS");
    const std::string separators = ifs == nullptr ? " " : ifs->plain().value_or(" ");
    out.push_back({join(what.values, separators.substr(0, 1)), true, false, false});
    return;
  }
  bool first = true;
  for (const std::string& value : what.values) {
    if (!first) out.push_back({"", quoted, false, true});
    first = false;
    // Unquoted, an empty one makes no field.
    out.push_back({value, quoted, !quoted, false});
  }
}

Task<void> Interpreter::parameter(std::string_view body, unsigned flags, std::vector<Piece>& out) {
  std::string_view rest = body;
  bool length = false;
  bool indirect = false;
  if (rest.size() > 1 && rest[0] == '#' && std::string_view(":-=+%#/}").find(rest[1]) == std::string_view::npos) {
    length = true;
    rest.remove_prefix(1);
  } else if (rest.size() > 1 && rest[0] == '#' && rest.size() == 2) {
    length = true;  // ${#-}, ${##}
    rest.remove_prefix(1);
  } else if (rest.size() > 1 && rest[0] == '!' && (name_part(rest[1]) || rest[1] == '#' || rest[1] == '@')) {
    indirect = true;
    rest.remove_prefix(1);
  }
  Reference what;
  std::size_t end = 0;
  if (!rest.empty() && name_start(rest[0])) {
    while (end < rest.size() && name_part(rest[end])) ++end;
  } else if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
    while (end < rest.size() && rest[end] >= '0' && rest[end] <= '9') ++end;
  } else if (!rest.empty() && std::string_view("@*#?$!-").find(rest[0]) != std::string_view::npos) {
    end = 1;
  }
  if (end == 0) {
    co_await complain("${" + std::string(body) + "}: bad substitution");
    discard(1);
    co_return;
  }
  what.name = std::string(rest.substr(0, end));
  rest.remove_prefix(end);
  if (rest.starts_with("[") && name_start(what.name[0])) {
    const std::size_t close = skip_brackets(rest, 0, '[', ']');
    if (close == kOpenEnd) {
      co_await complain("${" + std::string(body) + "}: bad substitution");
      discard(1);
      co_return;
    }
    what.subscript = std::string(rest.substr(1, close - 2));
    rest.remove_prefix(close);
    what.indexed = true;
  }
  if (indirect && (rest == "*" || rest == "@") && !what.indexed) {  // ${!prefix*}
    what.all = true;
    what.star = rest == "*";
    for (const auto& [name, variable] : variables_.all()) {
      if (name.starts_with(what.name)) what.values.push_back(name);
    }
    put_values(what, flags, out);
    co_return;
  }
  what.all = what.indexed ? what.subscript == "@" || what.subscript == "*" : what.name == "@" || what.name == "*";
  what.star = what.all && (what.indexed ? what.subscript == "*" : what.name == "*");
  if (indirect && what.all && what.indexed) {  // ${!array[@]}
    const Variable* variable = variables_.find(what.name);
    if (variable != nullptr) what.values = variable->keys();
    put_values(what, flags, out);
    co_return;
  }
  if (indirect && !what.all) {
    const Variable* itself = variables_.find_itself(what.name);
    std::string target = itself != nullptr && itself->reference ? itself->value : get(what.name);
    if (what.indexed) {
      const std::string key = co_await key_of(what.name, what.subscript);
      const Variable* variable = variables_.find(what.name);
      if (variable != nullptr) {
        const auto item = variable->items.find(parse_int(key).value_or(0));
        target = variable->kind == Variable::Kind::kAssociative && variable->table.contains(key)
                     ? variable->table.at(key)
                 : item != variable->items.end() ? item->second
                                                 : "";
      }
    }
    if (target.empty()) {
      if (!is_set(what.name)) {
        co_await complain(what.name + ": invalid indirect expansion");
        discard(1);
      } else {
        co_await complain(target + ": invalid variable name");
        discard(1);
      }
      co_return;
    }
    if (itself != nullptr && itself->reference && rest.empty()) {
      out.push_back({target, (flags & kInQuotes) != 0, (flags & kInQuotes) == 0, false});
      co_return;
    }
    const std::string nested = target + std::string(rest);
    co_await parameter(nested, flags, out);
    co_return;
  }
  if (what.all) {
    what.values = what.indexed ? values(what.name) : positional;
    what.is_set = !what.values.empty();
  } else if (what.indexed) {
    const std::string key = co_await key_of(what.name, what.subscript);
    if (flow_ != Flow::kNone) co_return;
    const Variable* variable = variables_.find(what.name);
    what.values.emplace_back();
    if (variable == nullptr) {
      const std::vector<std::string> all = values(what.name);  // PIPESTATUS and its like
      const auto index = static_cast<std::size_t>(parse_int(key).value_or(0));
      what.is_set = index < all.size();
      if (what.is_set) what.values[0] = all[index];
    } else if (variable->kind == Variable::Kind::kAssociative) {
      const auto item = variable->table.find(key);
      what.is_set = item != variable->table.end();
      if (what.is_set) what.values[0] = item->second;
    } else if (variable->kind == Variable::Kind::kIndexed) {
      std::int64_t index = parse_int(key).value_or(0);
      if (index < 0 && !variable->items.empty()) index += variable->items.rbegin()->first + 1;
      const auto item = variable->items.find(index);
      what.is_set = item != variable->items.end();
      if (what.is_set) what.values[0] = item->second;
    } else {
      what.is_set = (key == "0" || key == "-1") && variable->has_value;
      if (what.is_set) what.values[0] = variable->value;
    }
  } else {
    what.values.push_back(get(what.name));
    what.is_set = is_set(what.name);
  }
  const bool defaults =
      !rest.empty() &&
      (std::string_view("-=?+").find(rest[0]) != std::string_view::npos ||
       (rest[0] == ':' && rest.size() > 1 && std::string_view("-=?+").find(rest[1]) != std::string_view::npos));
  if (!what.is_set && !what.all && option("nounset") && !defaults) {
    co_await complain(what.shown() + ": unbound variable");
    fail_expansion(interactive ? 1 : command_string ? 127 : 1);
    co_return;
  }
  if (length) {
    if (!rest.empty()) {
      co_await complain("${" + std::string(body) + "}: bad substitution");
      discard(1);
      co_return;
    }
    const std::size_t size = what.all ? what.values.size() : utf8_length(what.value());
    out.push_back({std::to_string(size), (flags & kInQuotes) != 0, (flags & kInQuotes) == 0, false});
    co_return;
  }
  if (rest.empty()) {
    put_values(what, flags, out);
    co_return;
  }
  co_await modify(what, rest, flags, out);
}

Task<void> Interpreter::modify(Reference& what, std::string_view rest, unsigned flags, std::vector<Piece>& out) {
  const bool colon = rest[0] == ':';
  const char op = colon && rest.size() > 1 ? rest[1] : rest[0];
  const bool empty =
      what.all ? what.values.empty() || (what.values.size() == 1 && what.values[0].empty()) : what.value().empty();
  const bool missing = colon ? empty || !what.is_set : !what.is_set;
  if (op == '-' || op == '=' || op == '+' || op == '?') {
    const std::string_view word = rest.substr(colon ? 2 : 1);
    const bool quoted = (flags & kInQuotes) != 0;
    const unsigned inner = quoted ? flags : kSplitLiteral | (flags & kAssignment);
    if (op == '+') {
      if (missing) {
        if (quoted) out.push_back({"", true, false, false});
      } else {
        co_await expand_pieces(word, inner, out);
      }
      co_return;
    }
    if (!missing) {
      put_values(what, flags, out);
      co_return;
    }
    if (op == '-') {
      const std::size_t before = out.size();
      co_await expand_pieces(word, inner, out);
      if (quoted && out.size() == before) out.push_back({"", true, false, false});
      co_return;
    }
    std::vector<Piece> pieces;
    co_await expand_pieces(word, quoted ? flags : 0, pieces);
    const std::string fallback = plain_text(pieces);
    if (op == '=') {
      if (what.indexed) {
        const std::string key = co_await key_of(what.name, what.subscript);
        (void)set_element(what.name, key, fallback);
      } else if (is_name(what.name)) {
        (void)set(what.name, fallback);
      } else {
        co_await complain("$" + what.name + ": cannot assign in this way");
        discard(1);
        co_return;
      }
      out.push_back({fallback, quoted, !quoted, false});
      co_return;
    }
    co_await complain(what.shown() + ": " +
                      (!fallback.empty() ? fallback
                       : colon           ? "parameter null or not set"
                                         : "parameter not set"));
    fail_expansion(interactive ? 1 : command_string ? 127 : 1);
    co_return;
  }
  auto each = [&](auto&& change) {
    for (std::string& value : what.values) value = change(value);
  };
  if (colon) {
    if (!co_await substring(what, std::string(rest.substr(1)))) co_return;
  } else if (op == '#' || op == '%') {
    const bool longest = rest.size() > 1 && rest[1] == op;
    const std::string pattern = co_await expand_pattern(std::string(rest.substr(longest ? 2 : 1)));
    each([&](const std::string& text) { return trimmed(text, pattern, op == '#', longest); });
  } else if (op == '/') {
    co_await replace_pattern(what, rest.substr(1), flags);
  } else if (op == '^' || op == ',' || op == '~') {
    const bool every = rest.size() > 1 && rest[1] == op;
    const std::string pattern = co_await expand_pattern(std::string(rest.substr(every ? 2 : 1)));
    each([&](const std::string& text) { return cased(text, pattern, op, every); });
  } else if (op == '@' && rest.size() == 2 && transform(what, rest[1])) {
    if (rest[1] == 'P') {
      for (std::string& value : what.values) value = co_await prompt(value);
    }
  } else {
    co_await complain("${" + what.shown() + std::string(rest) + "}: bad substitution");
    discard(1);
    co_return;
  }
  put_values(what, flags, out);
}

// ${x:offset:length}, of characters or of a list's values.
Task<bool> Interpreter::substring(Reference& what, std::string range) {
  const std::size_t border = find_unquoted(range, ':');
  // A ternary's colon belongs to the offset.
  const std::size_t question = find_unquoted(range, '?');
  std::size_t second = border;
  if (question != kOpenEnd && border != kOpenEnd && question < border) {
    const std::size_t more = find_unquoted(std::string_view(range).substr(border + 1), ':');
    second = more == kOpenEnd ? kOpenEnd : border + 1 + more;
  }
  const std::string first_text = co_await expand_arithmetic(range.substr(0, second));
  const auto given = arithmetic(first_text);
  std::optional<std::int64_t> count;
  std::optional<Status> problem;
  if (!given) problem = given.error();
  if (second != kOpenEnd && !problem) {
    const std::string text = co_await expand_arithmetic(range.substr(second + 1));
    const auto value = arithmetic(text);
    if (value)
      count = *value;
    else
      problem = value.error();
  }
  if (problem) {
    co_await complain(what.shown() + ": " + problem->message);
    discard(1);
    co_return false;
  }
  std::int64_t offset = *given;
  if (what.all) {
    std::vector<std::string> list = what.values;
    if (!what.indexed) list.insert(list.begin(), name_);  // ${@:0} begins with $0
    const auto size = static_cast<std::int64_t>(list.size());
    if (offset < 0) offset += size;
    if (count && *count < 0) {
      co_await complain(range.substr(second + 1) + ": substring expression < 0");
      discard(1);
      co_return false;
    }
    what.values.clear();
    if (offset < 0) co_return true;
    const std::int64_t stop = count ? std::min(size, offset + *count) : size;
    for (std::int64_t i = offset; i < stop; ++i) what.values.push_back(list[static_cast<std::size_t>(i)]);
    co_return true;
  }
  std::string& value = what.values[0];
  const std::vector<std::size_t> cuts = characters(value);
  const auto size = static_cast<std::int64_t>(cuts.size()) - 1;
  if (offset < 0) offset += size;
  if (offset < 0 || offset > size) {
    value.clear();
    co_return true;
  }
  std::int64_t stop = count ? (*count < 0 ? size + *count : std::min(size, offset + *count)) : size;
  if (stop < offset) {
    co_await complain(range.substr(second + 1) + ": substring expression < 0");
    discard(1);
    co_return false;
  }
  const std::size_t begin = cuts[static_cast<std::size_t>(offset)];
  value = value.substr(begin, cuts[static_cast<std::size_t>(stop)] - begin);
  co_return true;
}

// ${x/pattern/text}, ${x//…}, ${x/#…}, ${x/%…}: `spec` is what follows the first slash.
Task<void> Interpreter::replace_pattern(Reference& what, std::string_view spec, unsigned flags) {
  const bool every = spec.starts_with("/");
  const bool front = spec.starts_with("#");
  const bool back = spec.starts_with("%");
  if (every || front || back) spec.remove_prefix(1);
  // A slash at the very start belongs to the pattern.
  const std::size_t found = find_unquoted(spec.size() > 1 ? spec.substr(1) : std::string_view(), '/');
  const std::size_t slash = spec.empty() || found == kOpenEnd ? kOpenEnd : found + 1;
  const std::string pattern = co_await expand_pattern(std::string(spec.substr(0, std::min(slash, spec.size()))));
  std::string replacement;
  if (slash != kOpenEnd) {
    std::vector<Piece> pieces;
    co_await expand_pieces(spec.substr(slash + 1), 0, pieces);
    replacement = plain_text(pieces);
  }
  (void)flags;
  for (std::string& value : what.values) value = replaced(value, pattern, replacement, every, front, back);
}

// ${x@Q} and its like. False for an unknown letter.
bool Interpreter::transform(Reference& what, char how) {
  const Variable* variable = variables_.find(what.name);
  switch (how) {
    case 'Q':
      for (std::string& value : what.values) value = reusable(value);
      if (!what.is_set && !what.all) what.values[0].clear();
      return true;
    case 'U':
      for (std::string& value : what.values) value = to_upper(value);
      return true;
    case 'L':
      for (std::string& value : what.values) value = to_lower(value);
      return true;
    case 'u':
      for (std::string& value : what.values) value = cased(value, "", '^', false);
      return true;
    case 'E':
      for (std::string& value : what.values) value = ansi_unquoted(value);
      return true;
    case 'P':
      return true;
    case 'a':
      for (std::string& value : what.values) {
        const std::string flags = variable == nullptr ? "--" : variable->attributes();
        value = flags == "--" ? "" : flags.substr(1);
      }
      return true;
    case 'A':
      for (std::string& value : what.values) {
        const std::string flags = variable == nullptr ? "--" : variable->attributes();
        value = (flags == "--" ? "" : "declare " + flags + " ") + what.name + "=" + single_quoted(value);
      }
      return true;
    case 'K':
    case 'k':
      if (variable != nullptr && what.all) {
        const std::vector<std::string> keys = variable->keys();
        std::string text;
        for (std::size_t i = 0; i < keys.size() && i < what.values.size(); ++i)
          text += (i == 0 ? "" : " ") + keys[i] + " " + double_quoted(what.values[i]);
        what.values = {text};
      }
      return true;
    default:
      return false;
  }
}

}  // namespace drydock::shell
