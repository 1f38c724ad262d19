#include "core/machinery/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "core/base/strings.h"

namespace drydock {
namespace {

constexpr std::size_t kMaxDepth = 1000;
constexpr std::size_t kMaxNodes = 1000000;  // after aliases are expanded: stops "billion laughs"

bool digits(std::string_view text, std::string_view alphabet) {
  return !text.empty() && text.find_first_not_of(alphabet) == std::string_view::npos;
}

std::optional<Value> resolve_number(std::string_view raw) {
  std::string text = replace_all(raw, "_", "");
  std::string_view body = text;
  bool negative = false;
  if (!body.empty() && (body[0] == '-' || body[0] == '+')) {
    negative = body[0] == '-';
    body.remove_prefix(1);
  }
  if (body.empty()) return std::nullopt;
  auto integer = [&](std::string_view number, int base, std::string_view alphabet) -> std::optional<Value> {
    if (!digits(number, alphabet) || number.size() > 64) return std::nullopt;
    std::uint64_t value = 0;
    for (char c : number) {
      const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
      if (value > (std::numeric_limits<std::uint64_t>::max() - static_cast<std::uint64_t>(digit)) /
                      static_cast<std::uint64_t>(base))
        return std::nullopt;
      value = value * static_cast<std::uint64_t>(base) + static_cast<std::uint64_t>(digit);
    }
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return Value(static_cast<double>(value) * (negative ? -1 : 1));
    return Value(negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value));
  };
  if (body.starts_with("0x")) return integer(body.substr(2), 16, "0123456789abcdefABCDEF");
  if (body.starts_with("0b")) return integer(body.substr(2), 2, "01");
  if (body.starts_with("0o")) return integer(body.substr(2), 8, "01234567");
  if (body.size() > 1 && body[0] == '0' && digits(body, "01234567")) return integer(body.substr(1), 8, "01234567");
  if (auto decimal = integer(body, 10, "0123456789")) return decimal;
  if (body == ".inf" || body == ".Inf" || body == ".INF") return Value(negative ? -HUGE_VAL : HUGE_VAL);
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return Value(std::nan(""));
  // 1.5, .5, 1e3, 685.230_15e+03; never "e5" or "1.2.3".
  if (body.find_first_of("0123456789") == std::string_view::npos ||
      body.find_first_not_of("0123456789.eE+-") != std::string_view::npos)
    return std::nullopt;
  if (body[0] == 'e' || body[0] == 'E') return std::nullopt;
  // What is too large for a number is a text.
  const auto number = parse_double(text[0] == '+' ? std::string_view(text).substr(1) : text);
  if (!number || !std::isfinite(*number)) return std::nullopt;
  return Value(*number);
}

// A plain scalar by the YAML 1.1 rules that go-yaml v2 follows.
Value resolve_plain(const std::string& text) {
  static const std::set<std::string, std::less<>> kTrue{"y",    "Y",    "yes", "Yes", "YES", "true",
                                                        "True", "TRUE", "on",  "On",  "ON"};
  static const std::set<std::string, std::less<>> kFalse{"n",     "N",     "no",  "No",  "NO", "false",
                                                         "False", "FALSE", "off", "Off", "OFF"};
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return {};
  // go-yaml keeps a lone y or n as text.
  if (text.size() > 1 && kTrue.contains(text)) return true;
  if (text.size() > 1 && kFalse.contains(text)) return false;
  if (auto number = resolve_number(text)) return *std::move(number);
  return text;
}

struct YamlFailure {
  std::string text;
};

class Builder final : public YAML::EventHandler {
 public:
  std::vector<Value> documents;

  void OnDocumentStart(const YAML::Mark&) override {
    anchors_.clear();
    nodes_ = 0;
    root_ = Value();
  }
  void OnDocumentEnd() override { documents.push_back(std::move(root_)); }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { put(mark, Value(), anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    put(mark, anchors_[anchor], YAML::NullAnchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    // yaml-cpp tags plain scalars "?" and quoted ones "!".
    if (expecting_key()) {
      key(mark, text);
      return;
    }
    if (tag == "?" || tag.empty()) return put(mark, resolve_plain(text), anchor);
    if (tag == "tag:yaml.org,2002:int" || tag == "tag:yaml.org,2002:float" || tag == "tag:yaml.org,2002:bool" ||
        tag == "tag:yaml.org,2002:null") {
      return put(mark, resolve_plain(text), anchor);
    }
    put(mark, Value(text), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    if (expecting_key()) throw YamlFailure{"yaml: invalid map key: []interface {}"};
    open(mark, Value::array(), anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    if (expecting_key()) throw YamlFailure{"yaml: invalid map key: map[interface {}]interface {}"};
    open(mark, Value::object(), anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    Value container;
    YAML::anchor_t anchor = YAML::NullAnchor;
    YAML::Mark mark;
    std::optional<std::string> key;
    Value merged;  // what "<<" brought in; own keys win
  };

  bool expecting_key() const { return !levels_.empty() && levels_.back().container.is_object() && !levels_.back().key; }

  void key(const YAML::Mark& mark, const std::string& text) {
    Level& level = levels_.back();
    if (level.container.has(text)) {
      throw YamlFailure{"yaml: unmarshal errors:\n  line " + std::to_string(mark.line + 1) + ": key " + go_quote(text) +
                        " already set in map"};
    }
    level.key = text;
  }

  void put(const YAML::Mark& mark, Value value, YAML::anchor_t anchor) {
    count(value);
    // YAML has numbers that JSON cannot write.
    if (value.is_number() && !std::isfinite(value.as_double())) {
      const double number = value.as_double();
      throw YamlFailure{std::string("json: unsupported value: ") + (std::isnan(number) ? "NaN"
                                                                    : number > 0       ? "+Inf"
                                                                                       : "-Inf")};
    }
    if (anchor != YAML::NullAnchor) anchors_[anchor] = value;
    if (levels_.empty()) {
      root_ = std::move(value);
      return;
    }
    Level& level = levels_.back();
    if (level.container.is_array()) {
      level.container.push_back(std::move(value));
      return;
    }
    if (!level.key) {  // a null or alias as key
      key(mark, value.is_string() ? value.str() : "null");
      return;
    }
    const std::string name = *std::exchange(level.key, std::nullopt);
    if (name == "<<" && (value.is_object() || value.is_array())) {
      for (const Value& source : value.is_array() ? std::vector<Value>(value.items().begin(), value.items().end())
                                                  : std::vector<Value>{value}) {
        for (const Value::Member& member : source.members()) {
          if (!level.merged.has(member.key.view())) level.merged.set(member.key, member.value);
        }
      }
      return;
    }
    level.container.set(name, std::move(value));
  }

  void open(const YAML::Mark& mark, Value container, YAML::anchor_t anchor) {
    if (levels_.size() >= kMaxDepth) throw YamlFailure{"yaml: exceeded max depth of " + std::to_string(kMaxDepth)};
    levels_.push_back({std::move(container), anchor, mark, std::nullopt, Value()});
  }

  void close() {
    Level level = std::move(levels_.back());
    levels_.pop_back();
    for (const Value::Member& member : level.merged.members()) {
      if (!level.container.has(member.key.view())) level.container.set(member.key, member.value);
    }
    put(level.mark, std::move(level.container), level.anchor);
  }

  void count(const Value& value) {
    nodes_ += 1 + weight(value);
    if (nodes_ > kMaxNodes) throw YamlFailure{"yaml: document contains excessive aliasing"};
  }
  // Containers were counted when they were built; only aliases add them again.
  std::size_t weight(const Value& value) const {
    std::size_t total = 0;
    for (const Value& item : value.items()) total += 1 + item.size();
    return total + value.members().size();
  }

  Value root_;
  std::vector<Level> levels_;
  std::map<YAML::anchor_t, Value> anchors_;
  std::size_t nodes_ = 0;
};

// go-yaml's words for yaml-cpp's findings. Its scanner counts lines from 1, its parser from
// 0, and neither tells the line when it is the first.
std::string go_words(const YAML::ParserException& error) {
  const std::string& message = error.msg;
  bool by_scanner = false;
  std::string what = message;
  if (contains(message, "illegal map value")) {
    what = "mapping values are not allowed in this context";
    by_scanner = true;
  } else if (contains(message, "end of map not found")) {
    what = "did not find expected key";
  } else if (contains(message, "end of map flow")) {
    what = "did not find expected ',' or '}'";
  } else if (contains(message, "end of sequence flow")) {
    what = "did not find expected ',' or ']'";
  } else if (contains(message, "end of sequence not found")) {
    what = "did not find expected '-' indicator";
  } else if (contains(message, "unknown token") ||
             contains(message, "illegal tab")) {  // a tab that indents is what people meet most
    what = "found character that cannot start any token";
    by_scanner = true;
  } else if (contains(message, "end of scalar") || contains(message, "quoted scalar")) {
    what = "found unexpected end of stream";
    by_scanner = true;
  } else if (contains(message, "alias")) {
    what = "unknown anchor referenced";
  }
  if (error.mark.line == 0) return "yaml: " + what;
  return "yaml: line " + std::to_string(error.mark.line + (by_scanner ? 1 : 0)) + ": " + what;
}

// --- writing ---

bool looks_like_other_type(const std::string& text) {
  if (!resolve_plain(text).is_string()) return true;
  // go-yaml v2 also quotes what YAML 1.1 takes for base-60 numbers, dates and the lone booleans.
  static const std::set<std::string, std::less<>> kWords{"y", "Y", "n", "N", "<<", "="};
  if (kWords.contains(text)) return true;
  const bool numeric = text.find_first_not_of("0123456789:") == std::string::npos && contains(text, ":");
  const bool date = text.size() >= 8 && text.find_first_not_of("0123456789-:TZtz.+ ") == std::string::npos &&
                    std::count(text.begin(), text.end(), '-') >= 2;
  return numeric || date;
}

bool plain_allowed(const std::string& text) {
  if (text.empty() || looks_like_other_type(text)) return false;
  static constexpr std::string_view kIndicators = "-?:,[]{}#&*!|>'\"%@`";
  const char first = text.front();
  if (kIndicators.find(first) != std::string_view::npos) {
    const bool safe_second = text.size() > 1 && text[1] != ' ' && (first == '-' || first == '?' || first == ':');
    if (!safe_second) return false;
  }
  if (text.starts_with("---") || text.starts_with("...")) return false;
  if (first == ' ' || text.back() == ' ' || text.back() == ':') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return false;
    if (text[i] == ':' && i + 1 < text.size() && text[i + 1] == ' ') return false;
    if (text[i] == '#' && i > 0 && text[i - 1] == ' ') return false;
  }
  return true;
}

std::string double_quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20)
          out += format("\\x%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
        else
          out += c;
    }
  }
  return out + "\"";
}

class Emitter {
 public:
  explicit Emitter(std::string& out) : out_(out) {}

  // `inline_ok`: the cursor stands behind "key:" or "- ".
  void value(const Value& v, int indent, bool after_key) {
    if (v.is_object() && !v.empty()) {
      if (after_key) out_ += '\n';
      bool first = !after_key;
      for (const Value::Member& member : v.members()) {
        if (!first || after_key) pad(indent);
        first = false;
        scalar(member.key.str(), indent, true);
        out_ += ':';
        child(member.value, indent);
      }
    } else if (v.is_array() && !v.empty()) {
      if (after_key) out_ += '\n';
      bool first = !after_key;
      for (const Value& item : v.items()) {
        if (!first || after_key) pad(indent);
        first = false;
        out_ += "- ";
        if (item.is_object() || item.is_array()) {
          if (item.empty())
            leaf(item, indent);
          else
            value(item, indent + 2, false);
        } else {
          leaf(item, indent + 2);
        }
      }
    } else {
      if (after_key) out_ += ' ';
      leaf(v, indent + 2);
    }
  }

 private:
  void pad(int indent) { out_.append(static_cast<std::size_t>(indent), ' '); }

  void child(const Value& v, int indent) {
    if (v.is_array() && !v.empty()) return value(v, indent, true);  // sequences stay at their key's column
    if (v.is_object() && !v.empty()) return value(v, indent + 2, true);
    out_ += ' ';
    leaf(v, indent + 2);
  }

  void leaf(const Value& v, int indent) {
    switch (v.kind()) {
      case Value::Kind::kNull:
        out_ += "null";
        break;
      case Value::Kind::kBool:
        out_ += v.as_bool() ? "true" : "false";
        break;
      case Value::Kind::kInt:
        out_ += std::to_string(v.as_int());
        break;
      case Value::Kind::kDouble:
        out_ += format_double(v.as_double());
        break;
      case Value::Kind::kString:
        scalar(v.str(), indent, false);
        return;
      case Value::Kind::kArray:
        out_ += "[]";
        break;
      case Value::Kind::kObject:
        out_ += "{}";
        break;
    }
    out_ += '\n';
  }

  void scalar(const std::string& text, int indent, bool is_key) {
    const bool printable = std::all_of(text.begin(), text.end(), [](char c) {
      return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t';
    });
    if (!is_key && contains(text, "\n") && printable && text.front() != '\n' && !spaces_before_newline(text))
      return block(text, indent);
    if (plain_allowed(text)) {
      out_ += text;
    } else if (!text.empty() && printable && !contains(text, "\n") && !contains(text, "\t") &&
               !looks_like_other_type(text)) {
      out_ += "'" + replace_all(text, "'", "''") + "'";
    } else {
      out_ += double_quoted(text);
    }
    if (!is_key) out_ += '\n';
  }

  static bool spaces_before_newline(const std::string& text) { return contains(text, " \n"); }

  void block(const std::string& text, int indent) {
    out_ += '|';
    // A first line that starts with a space needs the indentation said.
    if (text.front() == ' ') out_ += '2';
    std::string_view body = text;
    if (!body.ends_with("\n"))
      out_ += '-';
    else if (body.ends_with("\n\n") || body == "\n")
      out_ += '+';
    out_ += '\n';
    if (body.ends_with("\n")) body.remove_suffix(1);
    for (const std::string& line : split(body, '\n')) {
      if (!line.empty()) pad(indent);
      out_ += line + "\n";
    }
  }

  std::string& out_;
};

}  // namespace

Result<std::vector<Value>> parse_yaml_documents(std::string_view text) {
  std::istringstream input{std::string(text)};
  Builder builder;
  try {
    YAML::Parser parser(input);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YamlFailure& failure) {
    return Status::plain("error converting YAML to JSON: " + failure.text);
  } catch (const YAML::ParserException& error) {
    return Status::plain("error converting YAML to JSON: " + go_words(error));
  } catch (const YAML::Exception& error) {
    return Status::plain("error converting YAML to JSON: yaml: line " + std::to_string(error.mark.line + 1) + ": " +
                         error.msg);
  }
  std::erase_if(builder.documents, [](const Value& document) { return document.is_null(); });
  return std::move(builder.documents);
}

Result<Value> parse_yaml(std::string_view text) {
  DRYDOCK_TRY(std::vector<Value> documents, parse_yaml_documents(text));
  if (documents.empty()) return Value();
  return std::move(documents.front());
}

std::string dump_yaml(const Value& value) {
  std::string out;
  Emitter(out).value(value, 0, false);
  return out;
}

}  // namespace drydock
