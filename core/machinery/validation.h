// Validation of objects, in the words of k8s.io/kubernetes' validation packages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/machinery/object.h"

namespace drydock {

// Fields that the kind does not have, and values of the wrong type. `strictness` is
// fieldValidation: Strict refuses, Warn (the default) warns, Ignore keeps quiet; both
// leave the unknown fields out. Wrong types are always refused. Parts that `document`
// shares with `known`, which has passed before, are not looked at again.
Result<std::vector<std::string>> check_fields(std::string_view api_version, std::string_view kind, Value& document,
                                              std::string_view strictness, const Value& known = {});

// Empty when the object is fine.
std::vector<StatusCause> validate_create(const Object& object);
std::vector<StatusCause> validate_update(const Object& old, const Object& updated);

}  // namespace drydock
