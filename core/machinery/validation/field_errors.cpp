#include "core/machinery/validation/field_errors.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/validation/names.h"

namespace drydock {
namespace {

std::string shown(const Value& value) { return value.is_string() ? go_quote(value.as_string()) : dump_json(value); }

std::string with_detail(std::string text, std::string_view detail) {
  return detail.empty() ? text : text + ": " + std::string(detail);
}

}  // namespace

std::string at(const std::string& path, std::size_t index) { return path + "[" + std::to_string(index) + "]"; }
std::string at(const std::string& path, std::string_view key) { return path + "[" + std::string(key) + "]"; }

void FieldErrors::required(const std::string& field, std::string_view detail) {
  causes.push_back({"FieldValueRequired", with_detail("Required value", detail), field});
}
void FieldErrors::invalid(const std::string& field, const Value& value, std::string_view detail) {
  causes.push_back({"FieldValueInvalid", with_detail("Invalid value: " + shown(value), detail), field});
}
void FieldErrors::duplicate(const std::string& field, const Value& value) {
  causes.push_back({"FieldValueDuplicate", "Duplicate value: " + shown(value), field});
}
void FieldErrors::not_found(const std::string& field, const Value& value) {
  causes.push_back({"FieldValueNotFound", "Not found: " + shown(value), field});
}
void FieldErrors::forbidden(const std::string& field, std::string_view detail) {
  causes.push_back({"FieldValueForbidden", with_detail("Forbidden", detail), field});
}
void FieldErrors::unsupported(const std::string& field, const Value& value,
                              std::initializer_list<std::string_view> known) {
  std::vector<std::string> quoted;
  for (const std::string_view text : known) quoted.push_back(go_quote(text));
  const std::string text = value.is_null() ? "\"\"" : shown(value);
  causes.push_back(
      {"FieldValueNotSupported", "Unsupported value: " + text + ": supported values: " + join(quoted, ", "), field});
}
void FieldErrors::too_long(const std::string& field, std::size_t most) {
  causes.push_back({"FieldValueTooLong", "Too long: may not be more than " + std::to_string(most) + " bytes", field});
}
void FieldErrors::too_many(const std::string& field, std::size_t found, std::size_t most) {
  causes.push_back({"FieldValueTooMany",
                    "Too many: " + std::to_string(found) + ": must have at most " + std::to_string(most) + " items",
                    field});
}
void FieldErrors::invalid_for(const std::string& field, const Value& value, const std::vector<std::string>& problems) {
  for (const std::string& problem : problems) invalid(field, value, problem);
}

void FieldErrors::non_negative(const Value& object, std::string_view name, const std::string& path) {
  const Value& value = object[name];
  if (value.is_int() && value.as_int() < 0)
    invalid(path + "." + std::string(name), value, "must be greater than or equal to 0");
}
void FieldErrors::supported(const Value& object, std::string_view name, const std::string& path,
                            std::initializer_list<std::string_view> known) {
  const Value& value = object[name];
  if (std::find(known.begin(), known.end(), value.as_string()) == known.end())
    unsupported(path + "." + std::string(name), value, known);
}
void FieldErrors::port_number(const std::string& field, const Value& value) {
  if (value.as_int() < 1 || value.as_int() > 65535)
    invalid(field, value.is_null() ? Value(0) : value, "must be between 1 and 65535, inclusive");
}
void FieldErrors::port_number_or_name(const std::string& field, const Value& value) {
  if (value.is_string())
    invalid_for(field, value, port_name_problems(value.as_string()));
  else
    port_number(field, value);
}

}  // namespace drydock
