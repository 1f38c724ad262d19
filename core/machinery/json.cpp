#include "core/machinery/json.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "core/base/strings.h"

namespace drydock {
namespace {

constexpr std::size_t kMaxDepth = 1000;

// Builds a Value from nlohmann's parser events; no second document is made.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return put(Value()); }
  bool boolean(bool value) override { return put(Value(value)); }
  bool number_integer(number_integer_t value) override { return put(Value(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    return put(value > INT64_MAX ? Value(static_cast<double>(value)) : Value(static_cast<std::int64_t>(value)));
  }
  bool number_float(number_float_t value, const string_t&) override { return put(Value(value)); }
  bool string(string_t& value) override { return put(Value(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Value::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Value::array()); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    keys_.back() = name;
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    error_position_ = position;
    return false;
  }

  Value take() { return std::move(root_); }
  std::size_t error_position() const { return error_position_; }
  bool too_deep() const { return too_deep_; }

 private:
  bool put(Value value) {
    if (open_.empty())
      root_ = std::move(value);
    else if (open_.back().is_array())
      open_.back().push_back(std::move(value));
    else
      open_.back().set(keys_.back(), std::move(value));
    return true;
  }
  bool open(Value container) {
    too_deep_ = open_.size() >= kMaxDepth;
    open_.push_back(std::move(container));
    keys_.emplace_back();
    return !too_deep_;
  }
  bool close() {
    Value done = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    return put(std::move(done));
  }

  Value root_;
  std::vector<Value> open_;
  std::vector<std::string> keys_;
  std::size_t error_position_ = 0;
  bool too_deep_ = false;
};

// encoding/json's words for what stands at the place where parsing stopped.
std::string go_error(std::string_view text, std::size_t position) {
  if (position == 0 || position > text.size()) return "unexpected end of JSON input";
  const char c = text[position - 1];
  std::size_t before = position - 1;
  while (before > 0 &&
         (text[before - 1] == ' ' || text[before - 1] == '\n' || text[before - 1] == '\t' || text[before - 1] == '\r'))
    --before;
  const char previous = before == 0 ? '\0' : text[before - 1];
  const bool value_wanted = previous == '\0' || previous == ':' || previous == '[' || previous == ',';
  const std::string shown = c == '\'' ? "'\\''" : c == '"' ? "'\"'" : std::string("'") + c + "'";
  if (previous == '{') return "invalid character " + shown + " looking for beginning of object key string";
  return "invalid character " + shown + (value_wanted ? " looking for beginning of value" : " after top-level value");
}

void write_string(std::string& out, std::string_view text, bool escape_html) {
  out += '"';
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
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
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      default:
        if (byte < 0x20 || (escape_html && (c == '<' || c == '>' || c == '&')))
          out += format("\\u%04x", static_cast<unsigned>(byte));
        else
          out += c;
    }
  }
  out += '"';
}

class Writer {
 public:
  Writer(std::string& out, JsonStyle style) : out_(out), style_(style) {}
  void write(const Value& value, int depth) {
    switch (value.kind()) {
      case Value::Kind::kNull:
        out_ += "null";
        break;
      case Value::Kind::kBool:
        out_ += value.as_bool() ? "true" : "false";
        break;
      case Value::Kind::kInt:
        out_ += std::to_string(value.as_int());
        break;
      case Value::Kind::kDouble:
        out_ += format_double(value.as_double());
        break;
      case Value::Kind::kString:
        write_string(out_, value.as_string(), style_.escape_html);
        break;
      case Value::Kind::kArray: {
        if (value.empty()) {
          out_ += "[]";
          break;
        }
        out_ += '[';
        bool first = true;
        for (const Value& item : value.items()) {
          separate(first, depth + 1);
          write(item, depth + 1);
        }
        close(depth, ']');
        break;
      }
      case Value::Kind::kObject: {
        if (value.empty()) {
          out_ += "{}";
          break;
        }
        out_ += '{';
        bool first = true;
        for (const Value::Member& member : value.members()) {
          separate(first, depth + 1);
          write_string(out_, member.key.view(), style_.escape_html);
          out_ += style_.indent > 0 ? ": " : ":";
          write(member.value, depth + 1);
        }
        close(depth, '}');
        break;
      }
    }
  }

 private:
  void line(int depth) {
    if (style_.indent == 0) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(depth * style_.indent), ' ');
  }
  void separate(bool& first, int depth) {
    if (!first) out_ += ',';
    first = false;
    line(depth);
  }
  void close(int depth, char bracket) {
    line(depth);
    out_ += bracket;
  }
  std::string& out_;
  JsonStyle style_;
};

}  // namespace

Result<Value> parse_json(std::string_view text) {
  Builder builder;
  if (!nlohmann::json::sax_parse(text, &builder)) {
    if (builder.too_deep()) return Status::plain("exceeded max depth");
    return Status::plain(go_error(text, builder.error_position()));
  }
  return builder.take();
}

std::string dump_json(const Value& value, JsonStyle style) {
  std::string out;
  Writer(out, style).write(value, 0);
  return out;
}

}  // namespace drydock
