#include "core/apiserver/custom/rule_path.h"

namespace drydock {
namespace {

// The next token: one of . [ ], a quoted text, or what stands before the next of them.
std::string_view take_token(std::string_view& text) {
  std::size_t end = 0;
  if (text[0] == '\'') {
    for (end = 1; end < text.size() && (text[end] != '\'' || text[end - 1] == '\\');) ++end;
    end = std::min(end + 1, text.size());
  } else if (text[0] == '.' || text[0] == '[' || text[0] == ']') {
    end = 1;
  } else {
    end = std::min(text.find_first_of(".[]"), text.size());
  }
  const std::string_view token = text.substr(0, end);
  text.remove_prefix(end);
  return token;
}

Result<std::string> unquoted(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      plain += text[i];
      continue;
    }
    static constexpr std::string_view kLetters = "abfnrtv'\\";
    static constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v'\\";
    const std::size_t known = kLetters.find(text[++i]);
    if (known == std::string_view::npos)
      return Status::plain("invalid string literal: invalid escape char \\" + std::string(1, text[i]));
    plain += kMeanings[known];
  }
  return plain;
}

}  // namespace

Result<std::string> rule_field_path(std::string_view path, const Value& schema, bool brackets) {
  const Value* here = &schema;
  std::string made;
  while (!path.empty()) {
    const std::string_view opening = take_token(path);
    if (opening != "." && opening != "[") return Status::plain("expected [ or . but got: " + std::string(opening));
    if (opening == "[" && !brackets) return Status::plain("array notation is not allowed");
    if (path.empty()) return Status::plain("unexpected end of JSON path");
    const std::string_view token = take_token(path);
    std::string name(token);
    if (opening == "[") {
      if (token.size() < 2 || token.front() != '\'' || token.back() != '\'')
        return Status::plain("expected single quoted string but got " + std::string(token));
      DRYDOCK_TRY(name, unquoted(token.substr(1, token.size() - 2)));
    }
    if ((*here)["properties"].is_object()) {
      const Value* property = (*here)["properties"].find(name);
      if (property == nullptr) return Status::plain("does not refer to a valid field");
      here = property;
      made += (made.empty() ? "" : ".") + name;
    } else if ((*here)["additionalProperties"].is_object()) {
      here = &(*here)["additionalProperties"];
      made += "[" + name + "]";
    } else {
      return Status::plain("does not refer to a valid field");
    }
    if (opening != "[") continue;
    if (path.empty()) return Status::plain("unexpected end of JSON path");
    const std::string_view closing = take_token(path);
    if (closing != "]") return Status::plain("expected ] but got " + std::string(closing));
  }
  return made;
}

}  // namespace drydock
