// Access rules, disruption budgets, priorities, autoscalers.
#include "core/base/strings.h"
#include "core/machinery/validation/kinds.h"
#include "core/machinery/validation/names.h"

namespace drydock {

void validate_role(FieldErrors& errors, const Object& object) {
  const Value& rules = object.doc()["rules"];
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Value& rule = rules[i];
    const std::string here = at("rules", i);
    if (rule["verbs"].empty()) errors.required(here + ".verbs", "verbs must contain at least one value");
    if (!rule["nonResourceURLs"].empty()) {
      if (object.kind() == "Role")
        errors.invalid(here + ".nonResourceURLs", rule["nonResourceURLs"],
                       "namespaced rules cannot apply to non-resource URLs");
      if (!rule["apiGroups"].empty() || !rule["resources"].empty() || !rule["resourceNames"].empty())
        errors.invalid(here + ".nonResourceURLs", rule["nonResourceURLs"],
                       "rules cannot apply to both regular resources and non-resource URLs");
      continue;
    }
    if (rule["apiGroups"].empty())
      errors.required(here + ".apiGroups", "resource rules must supply at least one api group");
    if (rule["resources"].empty())
      errors.required(here + ".resources", "resource rules must supply at least one resource");
  }
}

void validate_role_binding(FieldErrors& errors, const Object& object) {
  const Value& role = object.doc()["roleRef"];
  if (role["apiGroup"].as_string() != "rbac.authorization.k8s.io")
    errors.unsupported("roleRef.apiGroup", role["apiGroup"], {"rbac.authorization.k8s.io"});
  if (object.kind() == "ClusterRoleBinding")
    errors.supported(role, "kind", "roleRef", {"ClusterRole"});
  else
    errors.supported(role, "kind", "roleRef", {"ClusterRole", "Role"});
  if (role["name"].empty())
    errors.required("roleRef.name");
  else
    errors.invalid_for("roleRef.name", role["name"], path_segment_problems(role["name"].as_string()));
  const Value& subjects = object.doc()["subjects"];
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const Value& subject = subjects[i];
    const std::string here = at("subjects", i);
    if (subject["name"].empty()) errors.required(here + ".name");
    const std::string_view kind = subject["kind"].as_string();
    if (kind == "ServiceAccount") {
      if (!subject["name"].empty())
        errors.invalid_for(here + ".name", subject["name"], dns_subdomain_problems(subject["name"].as_string()));
      if (!subject["apiGroup"].empty()) errors.unsupported(here + ".apiGroup", subject["apiGroup"], {""});
      if (subject["namespace"].empty()) errors.required(here + ".namespace");
    } else if (kind == "User" || kind == "Group") {
      if (subject["apiGroup"].as_string() != "rbac.authorization.k8s.io")
        errors.unsupported(here + ".apiGroup", subject["apiGroup"], {"rbac.authorization.k8s.io"});
    } else {
      errors.unsupported(here + ".kind", subject["kind"], {"Group", "ServiceAccount", "User"});
    }
  }
}

void validate_disruption_budget(FieldErrors& errors, const Object& object) {
  const Value& spec = object.spec();
  if (spec.has("minAvailable") && spec.has("maxUnavailable"))
    errors.invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set");
  for (const char* name : {"minAvailable", "maxUnavailable"}) {
    const Value& value = spec[name];
    const std::string field = "spec." + std::string(name);
    if (value.is_int() && value.as_int() < 0) errors.invalid(field, value, "must be greater than or equal to 0");
    if (!value.is_string()) continue;
    const std::string text = value.str();
    const auto number = text.ends_with('%') ? parse_int(text.substr(0, text.size() - 1)) : std::nullopt;
    if (!number) {
      errors.invalid(field, value,
                     "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or "
                     "'93%', regex used for validation is '[0-9]+%')");
    } else if (*number > 100) {
      errors.invalid(field, value, "must not be greater than 100%");
    }
  }
  validate_label_selector(errors, spec["selector"], "spec.selector");
}

void validate_priority_class(FieldErrors& errors, const Object& object) {
  constexpr std::int64_t kHighestOfUsers = 1000000000;
  const bool system = object.name() == "system-node-critical" || object.name() == "system-cluster-critical";
  if (object.name().starts_with("system-") && !system) {
    errors.forbidden("metadata.name",
                     "priority class names with 'system-' prefix are reserved for system use only. error: " +
                         std::string(object.name()) + " is not a known system priority class");
  }
  if (!system && object.doc()["value"].as_int() > kHighestOfUsers) {
    errors.forbidden("value", "maximum allowed value of a user defined priority is " + std::to_string(kHighestOfUsers));
  }
  errors.supported(object.doc(), "preemptionPolicy", "preemptionPolicy", {"Never", "PreemptLowerPriority"});
}

void validate_autoscaler(FieldErrors& errors, const Object& object) {
  const Value& spec = object.spec();
  const Value& low = spec["minReplicas"];
  const Value& high = spec["maxReplicas"];
  if (low.is_int() && low.as_int() < 1) errors.invalid("spec.minReplicas", low, "must be greater than or equal to 1");
  if (high.as_int() < 1) errors.invalid("spec.maxReplicas", high.as_int(), "must be greater than 0");
  if (low.is_int() && high.as_int() < low.as_int())
    errors.invalid("spec.maxReplicas", high.as_int(), "must be greater than or equal to `minReplicas`");
  const Value& target = spec["scaleTargetRef"];
  for (const char* name : {"kind", "name"}) {
    const std::string field = "spec.scaleTargetRef." + std::string(name);
    if (target[name].empty())
      errors.required(field);
    else
      errors.invalid_for(field, target[name], path_segment_problems(target[name].as_string()));
  }
  for (std::size_t i = 0; i < spec["metrics"].size(); ++i) {
    const Value& metric = spec["metrics"][i];
    const std::string here = at("spec.metrics", i);
    if (metric["type"].empty())
      errors.required(here + ".type", "must specify a metric source type");
    else
      errors.supported(metric, "type", here, {"ContainerResource", "External", "Object", "Pods", "Resource"});
    if (metric["type"].as_string() != "Resource") continue;
    if (metric["resource"]["name"].empty()) errors.required(here + ".resource.name", "must specify a resource name");
    const Value& aim = metric["resource"]["target"];
    if (aim["averageUtilization"].is_int() && aim["averageUtilization"].as_int() < 1)
      errors.invalid(here + ".resource.target.averageUtilization", aim["averageUtilization"], "must be greater than 0");
  }
}

}  // namespace drydock
