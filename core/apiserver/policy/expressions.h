// What admission expressions in CEL see: object, oldObject, request, params,
// namespaceObject, variables, authorizer.
// https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/cel/authorizer.h"
#include "core/cel/cel.h"
#include "core/machinery/value.h"

namespace drydock {

// One expression, compiled or not.
struct PolicyExpression {
  Value source;  // the entry that holds it: a validation, a variable, …
  std::shared_ptr<const cel::Program> program;
  std::string error;  // "compilation failed: …"
};

// What its result may be: the types' kinds; none: any.
using ResultKinds = std::vector<cel::Type::Kind>;

// The variables that an expression of a policy may name.
class PolicyEnvironment {
 public:
  // `object` and `parameters` are dyn unless a type is given.
  PolicyEnvironment(bool with_params, bool with_authorizer, cel::TypeRef object = nullptr,
                    cel::TypeRef parameters = nullptr);
  // Makes variables.NAME known to what is compiled from now on.
  void add_variable(const std::string& name, const PolicyExpression& expression);
  PolicyExpression compile(const Value& source, std::string_view field, const ResultKinds& kinds) const;
  cel::Environment& cel() { return environment_; }

 private:
  cel::Environment environment_;
  std::shared_ptr<std::map<std::string, cel::TypeRef, std::less<>>> variables_;
};

// The values of one request.
struct PolicyInput {
  Value request;  // an AdmissionRequest; its object and oldObject are not shown through it
  Value object;
  Value old_object;
  Value namespace_object;
  cel::AskAuthorizer ask;
};

// Evaluates the expressions of one policy for one request and one parameter, out of one
// budget.
class PolicyEvaluation {
 public:
  // `variables` outlive it.
  PolicyEvaluation(const PolicyInput& input, const Value* params, const std::vector<PolicyExpression>& variables);
  // An error's text is upstream's: "expression '…' resulted in error: …".
  cel::Val evaluate(const PolicyExpression& expression, std::string_view field);
  bool spent() const { return budget_ < 0; }

 private:
  friend struct LazyVariables;
  cel::Activation activation_;
  std::int64_t budget_ = cel::kRuntimeBudget;
  int depth_ = 0;  // of variables that ask for variables
};

// All conditions hold? An error when none says no and one cannot be judged.
Result<bool> conditions_hold(const std::vector<PolicyExpression>& conditions, PolicyEvaluation& evaluation);
std::vector<PolicyExpression> compile_conditions(const Value& conditions, const PolicyEnvironment& environment);

}  // namespace drydock
