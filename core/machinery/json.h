// JSON text <-> Value.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/machinery/value.h"

namespace drydock {

// One JSON document. Errors are worded as Go's encoding/json words them
// ("invalid character 'x' looking for beginning of value"). Later duplicates of
// a key win; depth is limited to 1,000.
Result<Value> parse_json(std::string_view text);

struct JsonStyle {
  int indent = 0;            // 0: one line, no spaces
  bool escape_html = false;  // Go's json.Marshal writes <, > and & as \u003c, \u003e, \u0026
};
std::string dump_json(const Value& value, JsonStyle style = {});

}  // namespace drydock
