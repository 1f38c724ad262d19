// Validating policies: which of them a request meets, and what they say.
#include <algorithm>
#include <optional>

#include "core/apiserver/policy/expressions.h"
#include "core/apiserver/policy/matching.h"
#include "core/apiserver/policy/policy.h"
#include "core/apiserver/remembered.h"
#include "core/base/strings.h"
#include "core/machinery/json.h"

namespace drydock {
namespace {

using cel::Val;

constexpr std::size_t kRememberedPolicies = 256;
constexpr std::size_t kMostAuditBytes = 10 * 1024;

struct CompiledPolicy {
  std::vector<PolicyExpression> conditions, variables, validations, messages, annotations;
};

CompiledPolicy compile_policy(const Value& spec) {
  using Kind = cel::Type::Kind;
  CompiledPolicy made;
  const bool with_params = spec["paramKind"].is_object();
  PolicyEnvironment environment(with_params, true);
  PolicyEnvironment messages(with_params, false);
  made.conditions = compile_conditions(spec["matchConditions"], environment);
  for (const Value& variable : spec["variables"].items()) {
    made.variables.push_back(environment.compile(variable, "expression", {}));
    environment.add_variable(variable["name"].str(), made.variables.back());
    messages.add_variable(variable["name"].str(), made.variables.back());
  }
  for (const Value& validation : spec["validations"].items()) {
    made.validations.push_back(environment.compile(validation, "expression", {Kind::kBool}));
    made.messages.push_back(validation["messageExpression"].empty()
                                ? PolicyExpression()
                                : messages.compile(validation, "messageExpression", {Kind::kString}));
  }
  for (const Value& annotation : spec["auditAnnotations"].items())
    made.annotations.push_back(environment.compile(annotation, "valueExpression", {Kind::kString, Kind::kNull}));
  return made;
}

const CompiledPolicy& compiled(const Value& spec) {
  static Remembered<CompiledPolicy> known(kRememberedPolicies);
  return known.of(spec, compile_policy);
}

struct Decision {
  std::string message;
  std::string reason;
  std::size_t index = 0;
};

// What one policy says to one parameter.
struct Verdict {
  std::vector<Decision> denials;
  std::vector<std::string> annotation_errors;
  std::vector<std::pair<std::string, std::string>> annotations;
};

std::string denial_message(PolicyEvaluation& evaluation, const PolicyExpression& validation,
                           const PolicyExpression& message) {
  if (message.program != nullptr) {
    const Val made = evaluation.evaluate(message, "messageExpression");
    const std::string text(made.is(Val::Kind::kString) ? trim(made.text()) : std::string_view());
    if (!text.empty() && text.size() <= cel::kMostMessageBytes && text.find('\n') == std::string::npos) return text;
  }
  const std::string_view fixed = trim(validation.source["message"].as_string());
  if (!fixed.empty()) return std::string(fixed);
  return "failed expression: " + std::string(trim(validation.source["expression"].as_string()));
}

Verdict evaluate(const CompiledPolicy& policy, bool fails_closed, const PolicyInput& input, const Value* params) {
  Verdict verdict;
  PolicyEvaluation evaluation(input, params, policy.variables);
  const Result<bool> matches = conditions_hold(policy.conditions, evaluation);
  if (!matches) {
    if (fails_closed) verdict.denials.push_back({matches.error().message, ""});
    return verdict;
  }
  if (!*matches) return verdict;
  for (std::size_t i = 0; i < policy.validations.size(); ++i) {
    const PolicyExpression& validation = policy.validations[i];
    const Val value = evaluation.evaluate(validation, "expression");
    if (value.is_true()) continue;
    if (value.is_error()) {
      if (fails_closed) verdict.denials.push_back({std::string(value.text()), "", i});
      continue;
    }
    const Value& reason = validation.source["reason"];
    verdict.denials.push_back(
        {denial_message(evaluation, validation, policy.messages[i]), reason.empty() ? "Invalid" : reason.str(), i});
  }
  for (const PolicyExpression& annotation : policy.annotations) {
    const Val value = evaluation.evaluate(annotation, "valueExpression");
    if (value.is_error() && fails_closed) verdict.annotation_errors.emplace_back(value.text());
    if (!value.is(Val::Kind::kString)) continue;
    const std::string_view text = trim(value.text());
    if (!text.empty())
      verdict.annotations.emplace_back(annotation.source["key"].str(), text.substr(0, kMostAuditBytes));
  }
  return verdict;
}

int code_of(std::string_view reason) {
  return reason == "Unauthorized" ? 401 : reason == "Forbidden" ? 403 : reason == "RequestEntityTooLarge" ? 413 : 422;
}

class Judge {
 public:
  explicit Judge(const PolicyRequest& request) : request_(request), call_(request.hooked.call) {}

  Result<void> run() {
    const ObjectView::Objects& policies = call_.objects.all(kPolicyGroup, "validatingadmissionpolicies");
    const ObjectView::Objects& bindings = call_.objects.all(kPolicyGroup, "validatingadmissionpolicybindings");
    for (const auto& [key, policy] : policies) {
      std::vector<const Object*> own;
      for (const auto& [name, binding] : bindings) {
        if (binding.spec()["policyName"].as_string() == key.name) own.push_back(&binding);
      }
      if (!own.empty()) ask(policy, own);
    }
    if (denied_) return *denied_;
    return {};
  }

 private:
  static bool fails_closed(const Object& policy) { return policy.spec()["failurePolicy"].as_string() != "Ignore"; }

  void deny(const Object& policy, const Object* binding, const std::string& why, const std::string& reason) {
    if (denied_) return;
    const std::string message = "ValidatingAdmissionPolicy '" + std::string(policy.name()) + "'" +
                                (binding == nullptr ? "" : " with binding '" + std::string(binding->name()) + "'") +
                                " denied request: " + why;
    const Object& about = request_.hooked.object ? request_.hooked.object : request_.hooked.old;
    Status status = admission_forbidden(call_, about, message);
    status.reason = reason.empty() ? "Invalid" : reason;
    status.code = code_of(status.reason);
    status.causes.push_back({"", message, ""});
    denied_ = std::move(status);
  }

  void misconfigured(const Object& policy, const Object* binding, const std::string& why) {
    if (!fails_closed(policy)) return;
    deny(policy, binding, (binding == nullptr ? "failed to configure policy: " : "failed to configure binding: ") + why,
         "");
  }

  void ask(const Object& policy, const std::vector<const Object*>& bindings) {
    const Value& spec = policy.spec();
    const Result<std::string> version = policy_match(request_.hooked, spec["matchConstraints"]);
    if (!version) return misconfigured(policy, nullptr, version.error().message);
    if (version->empty()) return;
    const PolicyInput input = policy_input(request_, *version);
    std::map<std::string, std::vector<std::string>> annotations;
    for (const Object* binding : bindings) {
      const Value& bound = binding->spec();
      const Result<std::string> matches = bound["matchResources"].is_object()
                                              ? policy_match(request_.hooked, bound["matchResources"])
                                              : Result<std::string>(*version);
      if (!matches) {
        misconfigured(policy, binding, matches.error().message);
        continue;
      }
      if (matches->empty()) continue;
      const Result<std::vector<Value>> params = policy_params(request_, spec["paramKind"], bound["paramRef"]);
      if (!params) {
        misconfigured(policy, binding, params.error().message);
        continue;
      }
      for (const Value& each : *params) apply(policy, *binding, input, each.is_null() ? nullptr : &each, annotations);
    }
    for (const auto& [key, values] : annotations)
      call_.annotations[std::string(policy.name()) + "/" + key] = join(values, ", ");
  }

  void apply(const Object& policy, const Object& binding, const PolicyInput& input, const Value* params,
             std::map<std::string, std::vector<std::string>>& annotations) {
    const Verdict verdict = evaluate(compiled(policy.spec()), fails_closed(policy), input, params);
    const Value& actions = binding.spec()["validationActions"];
    for (const Decision& decision : verdict.denials) {
      for (const Value& action : actions.items()) {
        if (action.as_string() == "Deny") {
          deny(policy, &binding, decision.message, decision.reason);
        } else if (action.as_string() == "Warn") {
          call_.warnings.push_back("Validation failed for ValidatingAdmissionPolicy '" + std::string(policy.name()) +
                                   "' with binding '" + std::string(binding.name()) + "': " + decision.message);
        } else if (action.as_string() == "Audit") {
          const Value failure = Value::object({{"message", decision.message},
                                               {"policy", policy.name()},
                                               {"binding", binding.name()},
                                               {"expressionIndex", decision.index},
                                               {"validationActions", actions}});
          call_.annotations["validation.policy.admission.k8s.io/validation_failure"] =
              dump_json(Value::array({failure}));
        }
      }
    }
    for (const auto& [key, value] : verdict.annotations) {
      std::vector<std::string>& values = annotations[key];
      if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
    }
    for (const std::string& error : verdict.annotation_errors) deny(policy, &binding, error, "");
  }

  const PolicyRequest& request_;
  const AdmissionCall& call_;
  std::optional<Status> denied_;
};

}  // namespace

Result<void> judge_by_policies(const PolicyRequest& request) { return Judge(request).run(); }

Result<bool> match_conditions(const Value& conditions, const Value& admission_request, const AdmissionCall& call) {
  static Remembered<std::vector<PolicyExpression>> known(kRememberedPolicies);
  const auto compile = [](const Value& of) { return compile_conditions(of, PolicyEnvironment(false, true)); };
  const std::vector<PolicyExpression>& compiled_conditions = known.of(conditions, compile);
  PolicyInput input;
  input.request = admission_request;
  input.object = admission_request["object"];
  input.old_object = admission_request["oldObject"];
  input.ask = authorizer_of(call);
  static const std::vector<PolicyExpression> none;
  PolicyEvaluation evaluation(input, nullptr, none);
  return conditions_hold(compiled_conditions, evaluation);
}

}  // namespace drydock
