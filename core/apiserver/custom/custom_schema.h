// Structural schemas of custom resources: defaulting, pruning and validation.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
#pragma once

#include <string>
#include <vector>

#include "core/machinery/object.h"
#include "core/machinery/resource_registry.h"
#include "core/machinery/validation/field_errors.h"
#include "core/machinery/value.h"

namespace drydock {

// Fills absent fields that have a default.
void apply_schema_defaults(const Value& schema, Value& document);
// A stored object as clients see it: custom ones with the defaults that their definition has now.
Object presented(const ResourceInfo& resource, const Object& object);
// Takes away what the schema does not know; the paths of what went.
std::vector<std::string> prune_unknown(const Value& schema, Value& document);
// Types, required fields, limits, patterns, enumerations. `old` is what the value was,
// null when there was none: what has not changed is not held against an update.
void validate_against_schema(const Value& schema, const Value& document, const Value* old, const std::string& path,
                             FieldErrors& errors);
// The item of a list with keys that `item` was; null when there is none.
const Value* old_list_item(const Value& schema, const Value& item, const Value* old);

}  // namespace drydock
