#include "core/base/strings.h"
#include "core/programs/kubectl/explain_docs.h"

namespace drydock::kubectl {
namespace {

// The line of a type; lines are sorted by name.
std::string_view type_line(std::string_view type) {
  for (const char* const* line = kDocTypes; *line != nullptr; ++line) {
    const std::string_view text = *line;
    if (text.size() > type.size() && text[type.size()] == ' ' && text.starts_with(type))
      return text.substr(type.size() + 1);
  }
  return "";
}

std::string_view text_at(std::string_view number) {
  const auto place = parse_int(number);
  return place ? kDocTexts[*place] : "";
}

}  // namespace

std::string_view type_docs(std::string_view type) {
  const std::string_view line = type_line(type);
  return line.empty() ? "" : text_at(line.substr(0, line.find(' ')));
}

FieldDocs field_docs(std::string_view type, std::string_view field) {
  std::string_view line = type_line(type);
  while (!line.empty()) {
    const std::size_t space = line.find(' ');
    const std::string_view word = line.substr(0, space);
    line = space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) continue;
    std::string_view name = word.substr(0, equals);
    const bool required = name.ends_with('*');
    if (required) name.remove_suffix(1);
    if (name == field) return {text_at(word.substr(equals + 1)), required};
  }
  return {};
}

}  // namespace drydock::kubectl
