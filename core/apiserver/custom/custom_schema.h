// Structural schemas of custom resources: defaulting, pruning and validation.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
#pragma once

#include <string>
#include <vector>

#include "core/machinery/validation/field_errors.h"
#include "core/machinery/value.h"

namespace drydock {

// Fills absent fields that have a default.
void apply_schema_defaults(const Value& schema, Value& document);
// Takes away what the schema does not know; the paths of what went.
std::vector<std::string> prune_unknown(const Value& schema, Value& document);
// Types, required fields, limits, patterns, enumerations.
void validate_against_schema(const Value& schema, const Value& document, const std::string& path, FieldErrors& errors);

}  // namespace drydock
