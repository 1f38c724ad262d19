#include "core/programs/text_tools/sed/script.h"

#include <algorithm>
#include <map>

#include "core/base/strings.h"

namespace drydock::sed {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Escapes that GNU sed knows everywhere: \t, \n, \x41, \d065, \o101, \cX.
bool decode_escape(std::string_view text, std::size_t& at, char& out) {
  static constexpr std::string_view kNames = "tnrfva";
  static constexpr std::string_view kBytes = "\t\n\r\f\v\a";
  const char c = text[at];
  if (const std::size_t i = kNames.find(c); i != std::string_view::npos) {
    out = kBytes[i];
    ++at;
    return true;
  }
  if (c == 'c' && at + 1 < text.size()) {
    const char upper = text[at + 1] >= 'a' && text[at + 1] <= 'z' ? static_cast<char>(text[at + 1] - 32) : text[at + 1];
    out = static_cast<char>(upper ^ 0x40);
    at += 2;
    return true;
  }
  const int base = c == 'x' ? 16 : c == 'd' ? 10 : c == 'o' ? 8 : 0;
  if (base == 0) return false;
  int value = 0;
  std::size_t i = at + 1;
  const std::size_t most = base == 16 ? 2 : 3;
  for (; i < text.size() && i - at - 1 < most; ++i) {
    const char d = text[i];
    const int digit = is_digit(d)            ? d - '0'
                      : d >= 'a' && d <= 'f' ? d - 'a' + 10
                      : d >= 'A' && d <= 'F' ? d - 'A' + 10
                                             : 99;
    if (digit >= base) break;
    value = value * base + digit;
  }
  if (i == at + 1) return false;
  out = static_cast<char>(value);
  at = i;
  return true;
}

class Parser {
 public:
  explicit Parser(bool extended) : extended_(extended) {}

  Script run(const std::vector<ScriptPart>& parts) {
    // Parts are joined by newlines; a command that wants more text takes it from the next.
    for (const ScriptPart& part : parts) {
      starts_.push_back(text_.size());
      text_ += part.text;
      if (!text_.ends_with("\n")) text_ += '\n';
      parts_.push_back(&part);
    }
    if (!parts.empty() && parts[0].text.starts_with("#n") && (parts[0].text.size() == 2 || parts[0].text[2] == '\n'))
      script_.quiet = true;
    while (at_ < text_.size()) command();
    if (!blocks_.empty()) throw std::string("-e expression #1, char 0: unmatched `{'");
    for (Command& each : script_.commands) {
      if ((each.name != 'b' && each.name != 't' && each.name != 'T') || each.text.empty()) {
        if (each.name == 'b' || each.name == 't' || each.name == 'T') each.jump = script_.commands.size();
        continue;
      }
      const auto label = labels_.find(each.text);
      if (label == labels_.end()) throw "can't find label for jump to `" + each.text + "'";
      each.jump = label->second;
    }
    return std::move(script_);
  }

 private:
  [[noreturn]] void fail(const std::string& message) {
    std::size_t part = 0;
    while (part + 1 < starts_.size() && starts_[part + 1] <= (at_ == 0 ? 0 : at_ - 1)) ++part;
    const ScriptPart& source = *parts_[part];
    if (source.is_file) {
      const std::size_t end = std::min(at_, text_.size());
      const auto line = 1 + std::count(text_.begin() + static_cast<std::ptrdiff_t>(starts_[part]),
                                       text_.begin() + static_cast<std::ptrdiff_t>(end == 0 ? 0 : end - 1), '\n');
      throw std::string("file " + source.where + " line " + std::to_string(line) + ": " + message);
    }
    const auto offset = static_cast<long long>(at_ - starts_[part]);
    const auto size = static_cast<long long>(source.text.size());
    throw std::string(source.where + ", char " + std::to_string(std::min(offset, std::max(size, 0LL))) + ": " +
                      message);
  }
  [[noreturn]] void fail_behind(const std::string& message) {
    ++at_;
    fail(message);
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\n'; }
  char take() { return at_ < text_.size() ? text_[at_++] : '\n'; }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  std::size_t number() {
    std::size_t value = 0;
    while (is_digit(peek())) value = value * 10 + static_cast<std::size_t>(take() - '0');
    return value;
  }

  // Up to `delimiter`; "\n" and "\delimiter" are for the caller to see decoded.
  std::optional<std::string> delimited(char delimiter, bool is_regex) {
    std::string out;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '\n' && is_regex && at_ >= text_.size()) return std::nullopt;
      if (c == '\\' && at_ < text_.size()) {
        const char next = text_[at_++];
        if (next == delimiter) {
          // An escaped delimiter is the plain character; \n stays a newline's name.
          out += delimiter;
        } else if (next == '\n' && is_regex) {
          out += '\n';
        } else {
          out += '\\';
          out += next;
        }
        continue;
      }
      if (c == delimiter) return out;
      out += c;
    }
    return std::nullopt;
  }

  // Backslash escapes of sed that the regular expressions do not know.
  std::string decode_regex(const std::string& pattern) const {
    std::string out;
    bool bracket = false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (!bracket && pattern[i] == '[') {
        bracket = true;
        out += '[';
        if (i + 1 < pattern.size() && pattern[i + 1] == '^') out += pattern[++i];
        if (i + 1 < pattern.size() && pattern[i + 1] == ']') out += pattern[++i];
        continue;
      }
      if (bracket && pattern[i] == '[' && i + 1 < pattern.size() &&
          (pattern[i + 1] == ':' || pattern[i + 1] == '.' || pattern[i + 1] == '=')) {
        const std::size_t close = pattern.find(std::string{pattern[i + 1], ']'}, i + 2);
        if (close != std::string::npos) {
          out += pattern.substr(i, close + 2 - i);
          i = close + 1;
          continue;
        }
      }
      if (bracket && pattern[i] == ']') bracket = false;
      if (pattern[i] != '\\' || i + 1 >= pattern.size()) {
        out += pattern[i];
        continue;
      }
      std::size_t next = i + 1;
      char byte = 0;
      const char named = pattern[next];
      if (named != 'b' && decode_escape(pattern, next, byte)) {
        // \x26 and the like give plain characters.
        if ((named == 'x' || named == 'd' || named == 'o') &&
            std::string_view("^$.[]*\\/").find(byte) != std::string_view::npos)
          out += '\\';
        out += byte;
        i = next - 1;
        continue;
      }
      out += pattern[i];
      if (!bracket) out += pattern[++i];
    }
    return out;
  }

  std::optional<Regex> regex(const std::string& pattern, bool ignore_case, bool multiline) {
    if (pattern.empty()) return std::nullopt;
    Regex compiled = Regex::compile(decode_regex(pattern), extended_ ? Regex::Syntax::kExtended : Regex::Syntax::kBasic,
                                    ignore_case, multiline);
    if (!compiled.ok()) fail(compiled.error());
    return compiled;
  }

  bool address(Address& out, bool second) {
    const char c = peek();
    if (is_digit(c)) {
      out.kind = Address::Kind::kLine;
      out.first = number();
      if (peek() == '~' && !second) {
        ++at_;
        out.kind = Address::Kind::kStep;
        out.step = number();
      } else if (out.first == 0 && !second) {
        out.kind = Address::Kind::kZero;
      }
      return true;
    }
    if (second && (c == '+' || c == '~')) {
      ++at_;
      out.kind = c == '+' ? Address::Kind::kRelative : Address::Kind::kMultiple;
      out.first = number();
      return true;
    }
    if (c == '$') {
      ++at_;
      out.kind = Address::Kind::kLast;
      return true;
    }
    if (c != '/' && c != '\\') return false;
    ++at_;
    const char delimiter = c == '/' ? '/' : take();
    auto pattern = delimited(delimiter, true);
    if (!pattern) fail("unterminated address regex");
    bool ignore_case = false;
    bool multiline = false;
    for (; peek() == 'I' || peek() == 'M'; ++at_) (peek() == 'I' ? ignore_case : multiline) = true;
    out.kind = Address::Kind::kRegex;
    out.regex = regex(*pattern, ignore_case, multiline);
    return true;
  }

  void end_of_command() {
    skip_blanks();
    if (peek() == '}' || peek() == '#') return;
    if (at_ >= text_.size()) return;
    const char c = take();
    if (c != '\n' && c != ';') fail("extra characters after command");
  }

  void command() {
    while (at_ < text_.size() && std::string_view(" \t\n;").find(peek()) != std::string_view::npos) ++at_;
    if (at_ >= text_.size()) return;
    if (peek() == '#') {
      while (at_ < text_.size() && peek() != '\n') ++at_;
      return;
    }
    Command made;
    if (address(made.from, false)) {
      skip_blanks();
      if (peek() == ',') {
        ++at_;
        skip_blanks();
        if (!address(made.to, true)) fail("unexpected `,'");
      }
    } else if (peek() == ',') {
      ++at_;
      fail("unexpected `,'");
    }
    skip_blanks();
    while (peek() == '!') {
      made.negated = true;
      ++at_;
      skip_blanks();
    }
    if (at_ >= text_.size() || peek() == '\n') fail("missing command");
    made.name = take();
    if (made.from.kind == Address::Kind::kZero && made.to.kind != Address::Kind::kRegex)
      fail("invalid usage of line address 0");
    body(made);
  }

  void body(Command& made) {
    switch (made.name) {
      case '{':
        blocks_.push_back(script_.commands.size());
        script_.commands.push_back(std::move(made));
        return;
      case '}':
        if (made.from.kind != Address::Kind::kNone) fail("} doesn't want any addresses");
        if (blocks_.empty()) fail("unexpected `}'");
        script_.commands[blocks_.back()].jump = script_.commands.size();
        blocks_.pop_back();
        end_of_command();
        return;
      case ':': {
        if (made.from.kind != Address::Kind::kNone) fail(": doesn't want any addresses");
        skip_blanks();
        std::string label = word();
        if (label.empty()) fail("\":\" lacks a label");
        labels_[label] = script_.commands.size();
        return;
      }
      case 'b':
      case 't':
      case 'T':
        skip_blanks();
        made.text = word();
        break;
      case 'a':
      case 'i':
      case 'c':
        text_argument(made);
        break;
      case 'r':
      case 'R':
      case 'w':
      case 'W':
        skip_blanks();
        made.text = line();
        if (made.text.empty()) fail("missing filename in r/R/w/W commands");
        break;
      case 'q':
      case 'Q':
      case 'l':
      case 'L':
        if ((made.name == 'q' || made.name == 'Q') && made.to.kind != Address::Kind::kNone)
          fail("command only uses one address");
        skip_blanks();
        if (is_digit(peek())) made.number = static_cast<int>(number());
        end_of_command();
        break;
      case 's':
        substitution(made);
        break;
      case 'y':
        transliteration(made);
        break;
      case 'e':
        skip_blanks();
        made.text = line();
        break;
      case '=':
      case 'd':
      case 'D':
      case 'F':
      case 'g':
      case 'G':
      case 'h':
      case 'H':
      case 'n':
      case 'N':
      case 'p':
      case 'P':
      case 'x':
      case 'z':
        end_of_command();
        break;
      default:
        fail(std::string("unknown command: `") + made.name + "'");
    }
    script_.commands.push_back(std::move(made));
  }

  // A label: up to a blank or semicolon.
  std::string word() {
    std::string out;
    while (at_ < text_.size() && peek() != '\n' && peek() != ';' && peek() != ' ' && peek() != '\t') {
      if (peek() == '}') break;
      out += take();
    }
    skip_blanks();
    if (peek() == '\n' || peek() == ';') ++at_;
    return out;
  }
  std::string line() {
    std::string out;
    while (at_ < text_.size() && peek() != '\n') out += take();
    if (at_ < text_.size()) ++at_;
    return out;
  }

  // a\ newline text, a text, a\text; lines that end with a backslash go on.
  void text_argument(Command& made) {
    skip_blanks();
    if (peek() == '\\') {
      const std::size_t behind = ++at_;
      skip_blanks();
      if (peek() != '\n') {
        at_ = behind;  // a\  text: the blanks belong to it
      } else if (at_ + 1 < text_.size()) {
        ++at_;
      } else {
        fail("expected \\ after `a', `c' or `i'");
      }
    } else if (peek() == '\n') {
      fail("expected \\ after `a', `c' or `i'");
    }
    std::string out;
    while (at_ < text_.size()) {
      const char c = take();
      if (c == '\n') break;
      if (c != '\\') {
        out += c;
        continue;
      }
      if (at_ >= text_.size()) break;
      if (peek() == '\n') {
        ++at_;
        out += '\n';
        continue;
      }
      char byte = 0;
      if (decode_escape(text_, at_, byte))
        out += byte;
      else
        out += take();
    }
    made.text = out + "\n";
  }

  void substitution(Command& made) {
    const char delimiter = take();
    if (delimiter == '\n' || delimiter == '\\') fail("unterminated `s' command");
    auto pattern = delimited(delimiter, true);
    if (!pattern) fail("unterminated `s' command");
    auto replacement = delimited(delimiter, false);
    if (!replacement) fail("unterminated `s' command");
    bool ignore_case = false;
    bool multiline = false;
    bool numbered = false;
    for (;;) {
      const char c = peek();
      if (c == 'g') {
        if (made.global) fail_behind("multiple `g' options to `s' command");
        made.global = true;
      } else if (c == 'p') {
        if (made.print) fail_behind("multiple `p' options to `s' command");
        made.print = true;
      } else if (c == 'i' || c == 'I') {
        ignore_case = true;
      } else if (c == 'm' || c == 'M') {
        multiline = true;
      } else if (c == 'e') {
        made.evaluate = true;
      } else if (is_digit(c)) {
        if (numbered) fail_behind("multiple number options to `s' command");
        numbered = true;
        made.occurrence = number();
        if (made.occurrence == 0) fail("number option to `s' command may not be zero");
        continue;
      } else if (c == 'w') {
        ++at_;
        skip_blanks();
        made.write_file = line();
        if (made.write_file.empty()) fail("missing filename in r/R/w/W commands");
        break;
      } else {
        skip_blanks();
        if (peek() == '}' || peek() == '#') break;
        if (at_ >= text_.size()) break;
        const char end = take();
        if (end != '\n' && end != ';') fail("unknown option to `s'");
        --at_;  // messages about the pattern count from the flags' end
        parse_replacement(made, *replacement);
        finish(made, *pattern, ignore_case, multiline);
        ++at_;
        return;
      }
      ++at_;
    }
    parse_replacement(made, *replacement);
    finish(made, *pattern, ignore_case, multiline);
  }
  void finish(Command& made, const std::string& pattern, bool ignore_case, bool multiline) {
    made.regex = regex(pattern, ignore_case, multiline);
    if (!made.regex) return;
    for (const ReplacementPart& part : made.replacement) {
      if (part.kind == ReplacementPart::Kind::kGroup && part.group > made.regex->group_count())
        fail("invalid reference \\" + std::to_string(part.group) + " on `s' command's RHS");
    }
  }

  void parse_replacement(Command& made, const std::string& text) {
    using Kind = ReplacementPart::Kind;
    std::vector<ReplacementPart>& parts = made.replacement;
    auto plain = [&](char c) {
      if (parts.empty() || parts.back().kind != Kind::kText) parts.push_back({});
      parts.back().text += c;
    };
    for (std::size_t i = 0; i < text.size();) {
      const char c = text[i++];
      if (c == '&') {
        parts.push_back({Kind::kGroup, "", 0});
        continue;
      }
      if (c != '\\' || i >= text.size()) {
        plain(c);
        continue;
      }
      const char next = text[i];
      if (is_digit(next)) {
        parts.push_back({Kind::kGroup, "", static_cast<std::size_t>(next - '0')});
        ++i;
        continue;
      }
      static constexpr std::string_view kCases = "ULulE";
      static constexpr Kind kKinds[] = {Kind::kUpper, Kind::kLower, Kind::kUpperNext, Kind::kLowerNext, Kind::kEndCase};
      if (const std::size_t which = kCases.find(next); which != std::string_view::npos) {
        parts.push_back({kKinds[which], "", 0});
        ++i;
        continue;
      }
      char byte = 0;
      if (decode_escape(text, i, byte)) {
        plain(byte);
      } else {
        plain(next);
        ++i;
      }
    }
  }

  void transliteration(Command& made) {
    const char delimiter = take();
    auto from = delimited(delimiter, false);
    if (!from) fail("unterminated `y' command");
    auto to = delimited(delimiter, false);
    if (!to) fail("unterminated `y' command");
    auto decode = [](const std::string& text) {
      std::string out;
      for (std::size_t i = 0; i < text.size();) {
        if (text[i] == '\\' && i + 1 < text.size()) {
          ++i;
          char byte = 0;
          if (decode_escape(text, i, byte)) {
            out += byte;
            continue;
          }
        }
        out += text[i++];
      }
      return out;
    };
    made.text = decode(*from);
    made.mapping = decode(*to);
    if (made.text.size() != made.mapping.size()) fail("strings for `y' command are different lengths");
    end_of_command();
  }

  bool extended_;
  std::string text_;
  std::size_t at_ = 0;
  std::vector<std::size_t> starts_;
  std::vector<const ScriptPart*> parts_;
  Script script_;
  std::vector<std::size_t> blocks_;
  std::map<std::string, std::size_t> labels_;
};

}  // namespace

Script parse_script(const std::vector<ScriptPart>& parts, bool extended) { return Parser(extended).run(parts); }

}  // namespace drydock::sed
