// Types of what a structural schema describes.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#type-checking
#pragma once

#include "core/cel/cel_type.h"
#include "core/machinery/value.h"

namespace drydock::cel {

// Null for a schema that says nothing of its value (no type): expressions cannot see it.
// Of a whole resource (`root`) apiVersion, kind, metadata.name and .generateName are
// known, whatever the schema says.
TypeRef schema_type(const Value& schema, bool root);

}  // namespace drydock::cel
