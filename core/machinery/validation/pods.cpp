// Pod specifications.
#include "core/base/strings.h"
#include "core/machinery/validation/kinds.h"
#include "core/machinery/validation/names.h"

namespace drydock {
namespace {

void tolerations(FieldErrors& errors, const Value& list, const std::string& path) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Value& toleration = list[i];
    const std::string here = at(path, i);
    const std::string_view op = toleration["operator"].as_string();
    if (!toleration["key"].empty())
      errors.invalid_for(here + ".key", toleration["key"], label_key_problems(toleration["key"].as_string()));
    if (toleration["key"].empty() && op != "Exists") {
      errors.invalid(here + ".operator", op,
                     "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
    }
    if (toleration["tolerationSeconds"].is_int() && toleration["effect"].as_string() != "NoExecute") {
      errors.invalid(here + ".effect", toleration["effect"].str(),
                     "effect must be 'NoExecute' when `tolerationSeconds` is set");
    }
    if (op.empty() || op == "Equal")
      errors.invalid_for(here + ".operator", toleration["value"].str(),
                         label_value_problems(toleration["value"].as_string()));
    else if (op == "Exists") {
      if (!toleration["value"].empty())
        errors.invalid(here + ".operator", toleration, "value must be empty when `operator` is 'Exists'");
    } else {
      errors.unsupported(here + ".operator", toleration["operator"], {"Equal", "Exists"});
    }
    if (!toleration["effect"].empty())
      errors.supported(toleration, "effect", here, {"NoSchedule", "PreferNoSchedule", "NoExecute"});
  }
}

void node_term(FieldErrors& errors, const Value& term, const std::string& path) {
  for (const char* list : {"matchExpressions", "matchFields"}) {
    for (std::size_t i = 0; i < term[list].size(); ++i) {
      const Value& expression = term[list][i];
      const std::string here = at(path + "." + list, i);
      const std::string_view op = expression["operator"].as_string();
      if (op == "In" || op == "NotIn") {
        if (expression["values"].empty())
          errors.required(here + ".values", "must be specified when `operator` is 'In' or 'NotIn'");
      } else if (op == "Exists" || op == "DoesNotExist") {
        if (!expression["values"].empty())
          errors.forbidden(here + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
      } else if (op == "Gt" || op == "Lt") {
        if (expression["values"].size() != 1)
          errors.required(here + ".values", "must be specified single value when `operator` is 'Lt' or 'Gt'");
      } else {
        errors.invalid(here + ".operator", op, "not a valid selector operator");
      }
      errors.invalid_for(here + ".key", expression["key"].str(), label_key_problems(expression["key"].as_string()));
    }
  }
}

void weight(FieldErrors& errors, const Value& preferred, const std::string& path) {
  const std::int64_t value = preferred["weight"].as_int();
  if (value < 1 || value > 100) errors.invalid(path + ".weight", value, "must be in the range 1-100");
}

void pod_term(FieldErrors& errors, const Value& term, const std::string& path) {
  validate_label_selector(errors, term["labelSelector"], path + ".labelSelector");
  if (term["topologyKey"].empty())
    errors.required(path + ".topologyKey", "can not be empty");
  else
    errors.invalid_for(path + ".topologyKey", term["topologyKey"], label_key_problems(term["topologyKey"].as_string()));
}

void affinity(FieldErrors& errors, const Value& what, const std::string& path) {
  const Value& node = what["nodeAffinity"];
  const std::string required = "requiredDuringSchedulingIgnoredDuringExecution";
  const std::string preferred = "preferredDuringSchedulingIgnoredDuringExecution";
  if (node[required].is_object()) {
    const Value& terms = node[required]["nodeSelectorTerms"];
    const std::string here = path + ".nodeAffinity." + required + ".nodeSelectorTerms";
    if (terms.empty()) errors.required(here, "must have at least one node selector term");
    for (std::size_t i = 0; i < terms.size(); ++i) node_term(errors, terms[i], at(here, i));
  }
  for (std::size_t i = 0; i < node[preferred].size(); ++i) {
    const std::string here = at(path + ".nodeAffinity." + preferred, i);
    weight(errors, node[preferred][i], here);
    node_term(errors, node[preferred][i]["preference"], here + ".preference");
  }
  for (const std::string kind : {"podAffinity", "podAntiAffinity"}) {
    const Value& pods = what[kind];
    for (std::size_t i = 0; i < pods[required].size(); ++i)
      pod_term(errors, pods[required][i], at(path + "." + kind + "." + required, i));
    for (std::size_t i = 0; i < pods[preferred].size(); ++i) {
      const std::string here = at(path + "." + kind + "." + preferred, i);
      weight(errors, pods[preferred][i], here);
      pod_term(errors, pods[preferred][i]["podAffinityTerm"], here + ".podAffinityTerm");
    }
  }
}

void spreading(FieldErrors& errors, const Value& list, const std::string& path) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Value& constraint = list[i];
    const std::string here = at(path, i);
    if (constraint["maxSkew"].as_int() <= 0)
      errors.invalid(here + ".maxSkew", constraint["maxSkew"].as_int(), "must be greater than zero");
    if (constraint["topologyKey"].empty()) errors.required(here + ".topologyKey", "can not be empty");
    errors.supported(constraint, "whenUnsatisfiable", here, {"DoNotSchedule", "ScheduleAnyway"});
    validate_label_selector(errors, constraint["labelSelector"], here + ".labelSelector");
  }
}

void dns(FieldErrors& errors, const Value& spec, const std::string& path) {
  const Value& config = spec["dnsConfig"];
  const std::string here = path + ".dnsConfig";
  if (spec["dnsPolicy"].as_string() == "None") {
    if (!config.is_object()) return errors.required(here, "must provide `dnsConfig` when `dnsPolicy` is None");
    if (config["nameservers"].empty())
      return errors.required(here + ".nameservers",
                             "must provide at least one DNS nameserver when `dnsPolicy` is None");
  }
  if (config["nameservers"].size() > 3) {
    errors.invalid(here + ".nameservers", config["nameservers"], "must not have more than 3 nameservers");
  }
  for (std::size_t i = 0; i < config["nameservers"].size(); ++i)
    errors.invalid_for(at(here + ".nameservers", i), config["nameservers"][i],
                       ip_problems(config["nameservers"][i].as_string()));
}

}  // namespace

void validate_pod_spec(FieldErrors& errors, const Value& spec, const std::string& path) {
  std::set<std::string> volumes;
  const Value& grace = spec["terminationGracePeriodSeconds"];
  if (grace.is_int() && grace.as_int() < 0)
    errors.invalid(path + ".terminationGracePeriodSeconds", grace, "must be greater than or equal to 0");
  validate_volumes(errors, spec["volumes"], path + ".volumes", volumes);
  validate_containers(errors, spec, path, volumes);
  if (spec["restartPolicy"].empty())
    errors.required(path + ".restartPolicy");
  else
    errors.supported(spec, "restartPolicy", path, {"Always", "OnFailure", "Never"});
  errors.supported(spec, "dnsPolicy", path, {"ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"});
  validate_labels(errors, spec["nodeSelector"], path + ".nodeSelector");
  const Value& security = spec["securityContext"];
  for (const char* field : {"runAsUser", "runAsGroup", "fsGroup"}) {
    if (security[field].is_int() && (security[field].as_int() < 0 || security[field].as_int() > 2147483647))
      errors.invalid(path + ".securityContext." + field, security[field],
                     "must be between 0 and 2147483647, inclusive");
  }
  affinity(errors, spec["affinity"], path + ".affinity");
  dns(errors, spec, path);
  spreading(errors, spec["topologySpreadConstraints"], path + ".topologySpreadConstraints");
  for (const char* field : {"serviceAccountName", "nodeName", "priorityClassName", "runtimeClassName"}) {
    if (!spec[field].empty())
      errors.invalid_for(path + "." + field, spec[field], dns_subdomain_problems(spec[field].as_string()));
  }
  const Value& deadline = spec["activeDeadlineSeconds"];
  if (deadline.is_int() && (deadline.as_int() < 1 || deadline.as_int() > 2147483647))
    errors.invalid(path + ".activeDeadlineSeconds", deadline, "must be between 1 and 2147483647, inclusive");
  for (const char* field : {"hostname", "subdomain"}) {
    if (!spec[field].empty())
      errors.invalid_for(path + "." + field, spec[field], dns_label_problems(spec[field].as_string()));
  }
  tolerations(errors, spec["tolerations"], path + ".tolerations");
  for (std::size_t i = 0; i < spec["hostAliases"].size(); ++i) {
    const Value& alias = spec["hostAliases"][i];
    errors.invalid_for(at(path + ".hostAliases", i) + ".ip", alias["ip"].str(), ip_problems(alias["ip"].as_string()));
  }
}

void validate_pod_template(FieldErrors& errors, const Value& pod_template, const std::string& path) {
  validate_labels(errors, pod_template["metadata"]["labels"], path + ".labels");
  validate_annotations(errors, pod_template["metadata"]["annotations"], path + ".annotations");
  validate_pod_spec(errors, pod_template["spec"], path + ".spec");
}

}  // namespace drydock
