// CustomResourceDefinitions themselves: what is wrong with one, and the status that its
// controllers give it.
// https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/
#pragma once

#include <string>

#include "core/apiserver/admission/object_view.h"
#include "core/machinery/resource_registry.h"
#include "core/machinery/validation/field_errors.h"

namespace drydock {

// `definition` has its defaults; `old` is empty for a new one.
void validate_definition(const Value& definition, const Object& old, FieldErrors& errors);

// Accepted names, conditions and stored versions. Names that another resource of the
// group has are not accepted: such a definition is not served.
Value definition_status(const Value& definition, const Object& old, ObjectView& objects,
                        const ResourceRegistry& registry, const std::string& now);
bool is_established(const Object& definition);

// The version whose form is stored; "" when there is none.
std::string storage_version(const Object& definition);
// A version's own part of the definition; null when it has none of that name.
const Value& version_of(const Object& definition, std::string_view name);

}  // namespace drydock
