// What may be said in a policy and its binding, in the words of
// k8s.io/kubernetes/pkg/apis/admissionregistration/validation.
#include <algorithm>
#include <set>

#include "core/apiserver/policy/expressions.h"
#include "core/apiserver/policy/mutation.h"
#include "core/apiserver/policy/policy.h"
#include "core/base/strings.h"
#include "core/machinery/validation/kinds.h"
#include "core/machinery/validation/names.h"

namespace drydock {
namespace {

using Kind = cel::Type::Kind;

constexpr std::size_t kMostConditions = 64;
constexpr std::size_t kMostAnnotations = 20;
constexpr const char* kNeedsOne = "validations or auditAnnotations must contain at least one item";

bool blank(const Value& text) { return trim(text.as_string()).empty(); }

void add_compile_error(FieldErrors& errors, const PolicyExpression& compiled, const std::string& path,
                       std::string_view field) {
  if (!compiled.error.empty()) errors.invalid(path + "." + std::string(field), compiled.source[field], compiled.error);
}

bool identifier(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

void check_failure_policy(FieldErrors& errors, const Value& spec) {
  if (spec["failurePolicy"].is_null())
    errors.required("spec.failurePolicy");
  else
    errors.supported(spec, "failurePolicy", "spec", {"Fail", "Ignore"});
}

void check_param_kind(FieldErrors& errors, const Value& kind, const std::string& path) {
  const std::string version = kind["apiVersion"].str();
  const std::vector<std::string> parts = split(version, '/');
  if (version.empty()) {
    errors.required(path + ".apiVersion");
  } else if (parts.size() > 2) {
    errors.invalid(path + ".apiVersion", version, "unexpected GroupVersion string: " + version);
  } else {
    if (parts.size() == 2) {
      if (const Problems problems = dns_subdomain_problems(parts[0]); !problems.empty())
        errors.invalid(path + ".apiVersion", parts[0], join(problems, ","));
    }
    if (parts.back().empty())
      errors.invalid(path + ".apiVersion", version, "version must be specified");
    else if (const Problems problems = dns_1035_problems(parts.back()); !problems.empty())
      errors.invalid(path + ".apiVersion", parts.back(), join(problems, ","));
  }
  if (kind["kind"].empty())
    errors.required(path + ".kind");
  else if (const Problems problems = dns_1035_problems(to_lower(kind["kind"].as_string())); !problems.empty())
    errors.invalid(path + ".kind", kind["kind"],
                   "may have mixed case, but should otherwise match: " + join(problems, ","));
}

// A list that must have something in it, "*" only by itself.
void check_list(FieldErrors& errors, const Value& list, const std::string& path) {
  if (list.empty()) return errors.required(path);
  if (list.size() < 2) return;
  for (const Value& item : list.items()) {
    if (item.as_string() == "*")
      return errors.invalid(
          path, list,
          "if '*' is present, must not specify other " + std::string(path.ends_with("apiGroups")     ? "API groups"
                                                                     : path.ends_with("apiVersions") ? "API versions"
                                                                                                     : "operations"));
  }
}

void check_rules(FieldErrors& errors, const Value& rules, const std::string& path) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Value& rule = rules[i];
    const std::string here = at(path, i);
    std::set<std::string> names;
    for (std::size_t j = 0; j < rule["resourceNames"].size(); ++j) {
      const Value& name = rule["resourceNames"][j];
      errors.invalid_for(at(here + ".resourceNames", j), name, path_segment_problems(name.as_string()));
      if (!names.insert(name.str()).second) errors.duplicate(at(here + ".resourceNames", j), name);
    }
    check_list(errors, rule["operations"], here + ".operations");
    for (std::size_t j = 0; j < rule["operations"].size(); ++j) {
      const std::initializer_list<std::string_view> known = {"*", "CONNECT", "CREATE", "DELETE", "UPDATE"};
      const Value& operation = rule["operations"][j];
      if (std::find(known.begin(), known.end(), operation.as_string()) == known.end())
        errors.unsupported(at(here + ".operations", j), operation, known);
    }
    check_list(errors, rule["apiGroups"], here + ".apiGroups");
    check_list(errors, rule["apiVersions"], here + ".apiVersions");
    for (std::size_t j = 0; j < rule["apiVersions"].size(); ++j) {
      if (rule["apiVersions"][j].empty()) errors.required(at(here + ".apiVersions", j));
    }
    if (rule["resources"].empty()) errors.required(here + ".resources");
    if (!rule["scope"].is_null()) errors.supported(rule, "scope", here, {"*", "Cluster", "Namespaced"});
  }
}

void check_match(FieldErrors& errors, const Value& match, const std::string& path) {
  if (match["matchPolicy"].is_null())
    errors.required(path + ".matchPolicy");
  else
    errors.supported(match, "matchPolicy", path, {"Equivalent", "Exact"});
  for (const char* selector : {"namespaceSelector", "objectSelector"}) {
    if (match[selector].is_null())
      errors.required(path + "." + selector);
    else
      validate_label_selector(errors, match[selector], path + "." + selector);
  }
  check_rules(errors, match["resourceRules"], path + ".resourceRules");
  check_rules(errors, match["excludeResourceRules"], path + ".excludeResourceRules");
}

void check_conditions(FieldErrors& errors, const Value& conditions, const PolicyEnvironment& environment,
                      const std::string& path) {
  if (conditions.size() > kMostConditions) errors.too_many(path, conditions.size(), kMostConditions);
  std::set<std::string> names;
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const Value& condition = conditions[i];
    const std::string here = at(path, i);
    if (blank(condition["expression"]))
      errors.required(here + ".expression");
    else
      add_compile_error(errors, environment.compile(condition, "expression", {Kind::kBool}), here, "expression");
    if (condition["name"].empty()) {
      errors.required(here + ".name");
    } else {
      errors.invalid_for(here + ".name", condition["name"], qualified_name_problems(condition["name"].as_string()));
      if (!names.insert(condition["name"].str()).second) errors.duplicate(here + ".name", condition["name"]);
    }
  }
}

void check_variables(FieldErrors& errors, const Value& variables, PolicyEnvironment& environment,
                     PolicyEnvironment* other) {
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const Value& variable = variables[i];
    const std::string here = at("spec.variables", i);
    if (blank(variable["name"]))
      errors.required(here + ".name", "name is not specified");
    else if (!identifier(variable["name"].as_string()))
      errors.invalid(here + ".name", variable["name"], "name is not a valid CEL identifier");
    if (blank(variable["expression"])) {
      errors.required(here + ".expression", "expression is not specified");
      continue;
    }
    const PolicyExpression compiled = environment.compile(variable, "expression", {});
    add_compile_error(errors, compiled, here, "expression");
    environment.add_variable(variable["name"].str(), compiled);
    if (other != nullptr) other->add_variable(variable["name"].str(), compiled);
  }
}

void check_validation(FieldErrors& errors, const Value& validation, const std::string& path,
                      const PolicyEnvironment& environment, const PolicyEnvironment& messages) {
  if (blank(validation["expression"]))
    errors.required(path + ".expression", "expression is not specified");
  else
    add_compile_error(errors, environment.compile(validation, "expression", {Kind::kBool}), path, "expression");
  if (!validation["messageExpression"].empty()) {
    if (blank(validation["messageExpression"]))
      errors.invalid(path + ".messageExpression", validation["messageExpression"], "must be non-empty if specified");
    else
      add_compile_error(errors, messages.compile(validation, "messageExpression", {Kind::kString}), path,
                        "messageExpression");
  }
  const std::string_view message = validation["message"].as_string();
  if (!message.empty() && trim(message).empty())
    errors.invalid(path + ".message", validation["message"], "message must be non-empty if specified");
  else if (trim(message).find('\n') != std::string_view::npos)
    errors.invalid(path + ".message", validation["message"], "message must not contain line breaks");
  if (!validation["reason"].is_null())
    errors.supported(validation, "reason", path, {"Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"});
}

void check_annotations(FieldErrors& errors, const Object& policy, const PolicyEnvironment& environment) {
  const Value& annotations = policy.spec()["auditAnnotations"];
  if (annotations.size() > kMostAnnotations) {
    errors.invalid("spec.auditAnnotations", annotations,
                   "must not have more than " + std::to_string(kMostAnnotations) + " auditAnnotations");
  }
  std::set<std::string> keys;
  for (std::size_t i = 0; i < annotations.size(); ++i) {
    const Value& annotation = annotations[i];
    const std::string here = at("spec.auditAnnotations", i);
    const std::string key = annotation["key"].str();
    if (key.empty())
      errors.required(here + ".key", "key is not specified");
    else
      errors.invalid_for(here + ".key", annotation["key"],
                         qualified_name_problems(policy.name().empty() ? key : std::string(policy.name()) + "/" + key));
    if (blank(annotation["valueExpression"]))
      errors.required(here + ".valueExpression", "valueExpression is not specified");
    else
      add_compile_error(errors, environment.compile(annotation, "valueExpression", {Kind::kString, Kind::kNull}), here,
                        "valueExpression");
    if (!keys.insert(key).second) errors.duplicate(here + ".key", annotation["key"]);
  }
}

// What both kinds of policies have; the environment knows the variables afterwards.
void check_policy(FieldErrors& errors, const Value& spec, PolicyEnvironment& environment, PolicyEnvironment* messages) {
  check_failure_policy(errors, spec);
  if (spec["paramKind"].is_object()) check_param_kind(errors, spec["paramKind"], "spec.paramKind");
  if (spec["matchConstraints"].is_null()) {
    errors.required("spec.matchConstraints");
  } else {
    check_match(errors, spec["matchConstraints"], "spec.matchConstraints");
    if (spec["matchConstraints"]["resourceRules"].empty()) errors.required("spec.matchConstraints.resourceRules");
  }
  check_conditions(errors, spec["matchConditions"], environment, "spec.matchConditions");
  check_variables(errors, spec["variables"], environment, messages);
}

void check_validating(FieldErrors& errors, const Object& policy) {
  const Value& spec = policy.spec();
  PolicyEnvironment environment(spec["paramKind"].is_object(), true);
  PolicyEnvironment messages(spec["paramKind"].is_object(), false);
  check_policy(errors, spec, environment, &messages);
  if (spec["validations"].empty() && spec["auditAnnotations"].empty()) {
    errors.required("spec.validations", kNeedsOne);
    errors.required("spec.auditAnnotations", kNeedsOne);
  }
  for (std::size_t i = 0; i < spec["validations"].size(); ++i)
    check_validation(errors, spec["validations"][i], at("spec.validations", i), environment, messages);
  check_annotations(errors, policy, environment);
}

void check_mutating(FieldErrors& errors, const Value& spec) {
  PolicyEnvironment environment(spec["paramKind"].is_object(), true);
  environment.cel().structure = mutation_type;
  check_policy(errors, spec, environment, nullptr);
  if (spec["mutations"].empty()) errors.required("spec.mutations", "mutations must contain at least one item");
  for (std::size_t i = 0; i < spec["mutations"].size(); ++i) {
    const Value& mutation = spec["mutations"][i];
    const std::string here = at("spec.mutations", i);
    const std::string type = mutation["patchType"].str();
    if (type.empty()) {
      errors.required(here + ".patchType");
      continue;
    }
    if (type != "ApplyConfiguration" && type != "JSONPatch") {
      errors.unsupported(here + ".patchType", mutation["patchType"], {"ApplyConfiguration", "JSONPatch"});
      continue;
    }
    const bool apply = type == "ApplyConfiguration";
    const char* field = apply ? "applyConfiguration" : "jsonPatch";
    const char* other = apply ? "jsonPatch" : "applyConfiguration";
    if (!mutation[other].is_null())
      errors.invalid(
          here + "." + other, mutation[other],
          std::string("must not be specified when patchType is ") + (apply ? "ApplyConfiguration" : "JSONPatch"));
    if (mutation[field].is_null()) {
      errors.required(here + "." + field, "must be specified when patchType is " + type);
      continue;
    }
    const std::string place = here + "." + field;
    if (blank(mutation[field]["expression"])) {
      errors.required(place + ".expression", "expression is not specified");
      continue;
    }
    PolicyExpression compiled = environment.compile(mutation[field], "expression", {});
    if (compiled.error.empty()) compiled.error = mutation_result_fault(*compiled.program->type, apply);
    add_compile_error(errors, compiled, place, "expression");
  }
  if (spec["reinvocationPolicy"].empty())
    errors.required("spec.reinvocationPolicy");
  else
    errors.supported(spec, "reinvocationPolicy", "spec", {"IfNeeded", "Never"});
}

void check_binding(FieldErrors& errors, const Object& binding, bool mutating) {
  const Value& spec = binding.spec();
  if (spec["policyName"].empty())
    errors.required("spec.policyName");
  else
    errors.invalid_for("spec.policyName", spec["policyName"], dns_subdomain_problems(spec["policyName"].as_string()));
  if (const Value& reference = spec["paramRef"]; reference.is_object()) {
    const std::string path = "spec.paramRef";
    if (!reference["name"].empty()) {
      errors.invalid_for(path + ".name", reference["name"], path_segment_problems(reference["name"].as_string()));
      if (!reference["selector"].is_null())
        errors.forbidden(path + ".name", "name and selector are mutually exclusive");
    } else if (!reference["selector"].is_null()) {
      validate_label_selector(errors, reference["selector"], path + ".selector");
    } else {
      errors.required(path, "one of name or selector must be specified");
    }
    if (reference["parameterNotFoundAction"].is_null())
      errors.required(path + ".parameterNotFoundAction");
    else
      errors.supported(reference, "parameterNotFoundAction", path, {"Allow", "Deny"});
  }
  if (spec["matchResources"].is_object()) check_match(errors, spec["matchResources"], "spec.matchResources");
  if (mutating) return;
  std::set<std::string> actions;
  const Value& list = spec["validationActions"];
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::initializer_list<std::string_view> known = {"Audit", "Deny", "Warn"};
    if (std::find(known.begin(), known.end(), list[i].as_string()) == known.end())
      errors.unsupported(at("spec.validationActions", i), list[i], known);
    if (!actions.insert(list[i].str()).second) errors.duplicate(at("spec.validationActions", i), list[i]);
  }
  if (actions.contains("Deny") && actions.contains("Warn")) {
    errors.invalid("spec.validationActions", list,
                   "must not contain both Deny and Warn (repeating the same validation failure information in the API "
                   "response and headers serves no purpose)");
  }
  if (actions.empty()) errors.required("spec.validationActions", "at least one validation action is required");
}

}  // namespace

void validate_policy(const Object& object, FieldErrors& errors) {
  const std::string_view kind = object.kind();
  if (kind == "ValidatingAdmissionPolicy") return check_validating(errors, object);
  if (kind == "MutatingAdmissionPolicy") return check_mutating(errors, object.spec());
  if (kind == "ValidatingAdmissionPolicyBinding" || kind == "MutatingAdmissionPolicyBinding")
    return check_binding(errors, object, kind.starts_with("M"));
  const PolicyEnvironment environment(false, true);
  for (std::size_t i = 0; i < object.doc()["webhooks"].size(); ++i) {
    check_conditions(errors, object.doc()["webhooks"][i]["matchConditions"], environment,
                     at("webhooks", i) + ".matchConditions");
  }
}

}  // namespace drydock
