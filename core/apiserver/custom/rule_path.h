// Where a rule's fieldPath points: ".spec.size", ".map['key']".
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/machinery/value.h"

namespace drydock {

// The path as causes name it ("spec.size", "map[key]"), or why the schema has none such.
// Also of selectable fields, where `brackets` are not allowed.
Result<std::string> rule_field_path(std::string_view path, const Value& schema, bool brackets = true);

}  // namespace drydock
