// metadata.ownerReferences: who an object belongs to.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/
#pragma once

#include <string>

#include "core/machinery/object.h"

namespace drydock::controllers {

// The entry that makes `owner` the managing controller (blockOwnerDeletion set).
Value controller_reference(const Object& owner, std::string_view api_version, std::string_view kind);

// uid of the managing controller, "" when there is none.
std::string_view controller_uid(const Object& object);

// A pod made from a controller's template: labels, annotations, finalizers,
// spec; generateName "<owner>-" and the owner reference.
Object pod_from_template(const Value& pod_template, const Object& owner, std::string_view owner_api_version,
                         std::string_view owner_kind);

}  // namespace drydock::controllers
