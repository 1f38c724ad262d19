// x-kubernetes-validations: rules in CEL within the schema of a custom resource.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
#pragma once

#include <string>
#include <vector>

#include "core/machinery/validation/field_errors.h"
#include "core/machinery/value.h"

namespace drydock {

// What is wrong with the rules of a definition's schema, which stands at `path`
// ("spec.validation.openAPIV3Schema").
void check_schema_rules(const Value& schema, const std::string& path, FieldErrors& errors);

// Evaluates a schema's rules over a custom resource that is valid otherwise. `old` is
// null for a new one. What was wrong before and did not change only warns.
// Costs one look-up when the schema has no rules.
void evaluate_schema_rules(const Value& schema, const Value& document, const Value& old, FieldErrors& errors,
                           std::vector<std::string>& warnings);

}  // namespace drydock
