// FieldErrors: what a validation finds wrong, in the words of
// k8s.io/apimachinery/pkg/util/validation/field.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/machinery/value.h"

namespace drydock {

class FieldErrors {
 public:
  std::vector<StatusCause> causes;

  void required(const std::string& field, std::string_view detail = "");
  // The value as %q, %v or JSON, whichever its kind asks for.
  void invalid(const std::string& field, const Value& value, std::string_view detail);
  void duplicate(const std::string& field, const Value& value);
  void not_found(const std::string& field, const Value& value);
  void forbidden(const std::string& field, std::string_view detail);
  // `known` in alphabetical order, unless upstream has another.
  void unsupported(const std::string& field, const Value& value, std::initializer_list<std::string_view> known);
  void too_long(const std::string& field, std::size_t most);
  void too_many(const std::string& field, std::size_t found, std::size_t most);
  // Each of `problems` makes the value invalid.
  void invalid_for(const std::string& field, const Value& value, const std::vector<std::string>& problems);

  // Checks that come often. Absent fields are fine.
  void non_negative(const Value& object, std::string_view name, const std::string& path);
  void supported(const Value& object, std::string_view name, const std::string& path,
                 std::initializer_list<std::string_view> known);  // "" is unsupported, too
  void port_number(const std::string& field, const Value& value);
  void port_number_or_name(const std::string& field, const Value& value);
};

// "spec.containers" and 2: "spec.containers[2]".
std::string at(const std::string& path, std::size_t index);
std::string at(const std::string& path, std::string_view key);

}  // namespace drydock
