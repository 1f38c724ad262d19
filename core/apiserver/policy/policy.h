// ValidatingAdmissionPolicy and MutatingAdmissionPolicy: rules in CEL over what clients
// write, bound to resources and parameters.
// https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
#pragma once

#include <functional>

#include "core/apiserver/admission/webhooks.h"
#include "core/machinery/resource_registry.h"
#include "core/machinery/validation/field_errors.h"

namespace drydock {

// A request, and what policies may ask about it.
struct PolicyRequest {
  const HookedRequest& hooked;
  const ResourceRegistry& registry;
};

// Every policy with a binding that matches judges: the first denial ends the request,
// warnings and audit annotations go into the call.
Result<void> judge_by_policies(const PolicyRequest& request);

// What is wrong with a policy or binding of either kind (or with the matchConditions of a
// webhook configuration); nothing for other kinds.
void validate_policy(const Object& object, FieldErrors& errors);

// The status that upstream's controller writes after it has checked the expressions
// against the types of what the policy matches.
Value policy_status(const Object& policy, const ResourceRegistry& registry);

}  // namespace drydock
