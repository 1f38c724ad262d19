// YAML text <-> Value, as sigs.k8s.io/yaml converts: YAML 1.1 scalars, mappings
// to objects, no custom tags.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/machinery/value.h"

namespace drydock {

// All documents of a stream ("---" separates; empty documents are dropped).
// JSON is YAML, so JSON works too. Errors read
// "error converting YAML to JSON: yaml: line 3: mapping values are not allowed in this context".
// Aliases are expanded up to a size limit.
Result<std::vector<Value>> parse_yaml_documents(std::string_view text);
// Exactly one document; an empty text is null.
Result<Value> parse_yaml(std::string_view text);

// As sigs.k8s.io/yaml prints: two spaces, sequences not indented below their
// key, sorted keys, block literals for text of several lines, quotes where needed.
std::string dump_yaml(const Value& value);

}  // namespace drydock
