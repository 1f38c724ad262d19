// The authorizer of CEL: `authorizer.group('apps').resource('deployments').check('create')`.
// https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-authorizer-library
#pragma once

#include <functional>
#include <string>

#include "core/cel/cel_value.h"

namespace drydock::cel {

struct AuthorizerQuery {
  std::string path;  // of a path check
  std::string group, version = "*", resource, subresource, ns, name;
  std::string verb;
  std::string field_selector, label_selector;
  // serviceAccount(ns, name): asked for it, not for who sends the request.
  std::string service_account_namespace, service_account_name;
};
struct AuthorizerDecision {
  bool allowed = false;
  std::string reason;
  std::string error;
};
using AskAuthorizer = std::function<AuthorizerDecision(const AuthorizerQuery&)>;

// The variable `authorizer`; `requestResource`'s own with the query it starts from.
Val authorizer_value(AskAuthorizer ask);
Val resource_check_value(AskAuthorizer ask, AuthorizerQuery query);

}  // namespace drydock::cel
