// Which requests a policy is about, and with which parameters.
#pragma once

#include "core/apiserver/policy/expressions.h"
#include "core/apiserver/policy/policy.h"

namespace drydock {

constexpr const char* kPolicyGroup = "admissionregistration.k8s.io";

// The version under which matchConstraints or matchResources want the request; "" when
// they do not. An error when that cannot be said.
Result<std::string> policy_match(const HookedRequest& request, const Value& constraints);

// What its expressions see.
PolicyInput policy_input(const PolicyRequest& request, const std::string& version);

// The parameters of a binding: one null when it has none. An error when it is not
// configured as it should be.
Result<std::vector<Value>> policy_params(const PolicyRequest& request, const Value& kind, const Value& reference);

// The authorizer: of whoever sends the request, or of the service account that the
// expression names.
cel::AskAuthorizer authorizer_of(const AdmissionCall& call);

}  // namespace drydock
