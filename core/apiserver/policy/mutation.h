// Mutating policies: `Object{spec: Object.spec{replicas: 3}}` is merged into what is
// written, `[JSONPatch{op: "add", path: "/…", value: …}]` is applied to it.
// https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/
#pragma once

#include <string_view>

#include "core/apiserver/policy/policy.h"
#include "core/cel/cel_type.h"

namespace drydock {

// The types that may be built in a mutation: Object, Object.spec, …, JSONPatch.
cel::TypeRef mutation_type(std::string_view name);
// Why an expression of that type is no mutation; "" when it is one.
std::string mutation_result_fault(const cel::Type& type, bool apply_configuration);

// Every policy with a binding that matches changes `document`. An error ends the request
// as its failurePolicy says.
Result<void> change_by_mutating_policies(const PolicyRequest& request, Value& document);

}  // namespace drydock
