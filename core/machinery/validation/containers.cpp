// Containers: ports, environment, mounts, resources, probes, hooks.
#include <algorithm>
#include <map>

#include "core/base/strings.h"
#include "core/machinery/quantity.h"
#include "core/machinery/validation/kinds.h"
#include "core/machinery/validation/names.h"

namespace drydock {
namespace {

bool is_container_resource(std::string_view name) {
  return name == "cpu" || name == "memory" || name == "ephemeral-storage" || name.starts_with("hugepages-");
}
bool is_standard_resource(std::string_view name) {
  static constexpr std::string_view kNames[] = {"cpu",
                                                "memory",
                                                "ephemeral-storage",
                                                "requests.cpu",
                                                "requests.memory",
                                                "requests.ephemeral-storage",
                                                "limits.cpu",
                                                "limits.memory",
                                                "limits.ephemeral-storage",
                                                "pods",
                                                "resourcequotas",
                                                "services",
                                                "replicationcontrollers",
                                                "secrets",
                                                "configmaps",
                                                "persistentvolumeclaims",
                                                "storage",
                                                "requests.storage",
                                                "services.nodeports",
                                                "services.loadbalancers"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames) || name.starts_with("hugepages-") ||
         name.starts_with("requests.hugepages-");
}
bool is_extended(std::string_view name) {
  return contains(name, "/") && !contains(name, "kubernetes.io/") && !name.starts_with("requests.");
}

void resource_name(FieldErrors& errors, const std::string& name, const std::string& field) {
  errors.invalid_for(field, name, qualified_name_problems(name));
  if (contains(name, "/")) return;
  if (!is_standard_resource(name))
    errors.invalid(field, name, "must be a standard resource type or fully qualified");
  else if (!is_container_resource(name))
    errors.invalid(field, name, "must be a standard resource for containers");
}

void ports(FieldErrors& errors, const Value& list, const std::string& path) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Value& port = list[i];
    const std::string here = at(path, i);
    if (!port["name"].empty()) {
      const Problems problems = port_name_problems(port["name"].as_string());
      errors.invalid_for(here + ".name", port["name"], problems);
      if (problems.empty() && !names.insert(port["name"].str()).second) errors.duplicate(here + ".name", port["name"]);
    }
    if (port["containerPort"].as_int() == 0)
      errors.required(here + ".containerPort");
    else
      errors.port_number(here + ".containerPort", port["containerPort"]);
    if (port["hostPort"].as_int() != 0) errors.port_number(here + ".hostPort", port["hostPort"]);
    if (port["protocol"].empty())
      errors.required(here + ".protocol");
    else
      errors.supported(port, "protocol", here, {"SCTP", "TCP", "UDP"});
  }
}

void key_reference(FieldErrors& errors, const Value& reference, const std::string& path) {
  if (reference["name"].empty()) errors.required(path + ".name");
  if (reference["key"].empty())
    errors.required(path + ".key");
  else
    errors.invalid_for(path + ".key", reference["key"], config_key_problems(reference["key"].as_string()));
}

void value_source(FieldErrors& errors, const Value& variable, const std::string& path) {
  const Value& from = variable["valueFrom"];
  if (!from.is_object()) return;
  int sources = 0;
  if (const Value& field = from["fieldRef"]; field.is_object()) {
    ++sources;
    const std::string name = field["fieldPath"].str();
    static constexpr std::string_view kPaths[] = {
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
        "status.hostIP", "status.hostIPs",     "status.podIP", "status.podIPs"};
    const bool subscript = name.starts_with("metadata.labels['") || name.starts_with("metadata.annotations['");
    if (name.empty()) {
      errors.required(path + ".fieldRef.fieldPath");
    } else if (name == "metadata.labels" || name == "metadata.annotations" ||
               (!subscript && std::find(std::begin(kPaths), std::end(kPaths), name) == std::end(kPaths))) {
      const bool known = name == "metadata.labels" || name == "metadata.annotations";
      if (known) {
        errors.unsupported(
            path + ".fieldRef.fieldPath", name,
            {"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
             "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"});
      } else {
        errors.invalid(path + ".fieldRef.fieldPath", name,
                       "error converting fieldPath: field label not supported: " + name);
      }
    }
  }
  if (from["resourceFieldRef"].is_object()) {
    ++sources;
    if (from["resourceFieldRef"]["resource"].empty()) errors.required(path + ".resourceFieldRef.resource");
  }
  for (const char* kind : {"configMapKeyRef", "secretKeyRef"}) {
    if (!from[kind].is_object()) continue;
    ++sources;
    key_reference(errors, from[kind], path + "." + kind);
  }
  if (from["fileKeyRef"].is_object()) ++sources;
  if (sources == 0) {
    errors.invalid(path, "",
                   "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or "
                   "`fileKeyRef`");
  } else if (!variable["value"].empty()) {
    errors.invalid(path, "", "may not be specified when `value` is not empty");
  } else if (sources > 1) {
    errors.invalid(path, "", "may not have more than one field specified at a time");
  }
}

void environment(FieldErrors& errors, const Value& container, const std::string& path) {
  for (std::size_t i = 0; i < container["env"].size(); ++i) {
    const Value& variable = container["env"][i];
    const std::string here = at(path + ".env", i);
    if (variable["name"].empty())
      errors.required(here + ".name");
    else
      errors.invalid_for(here + ".name", variable["name"], environment_name_problems(variable["name"].as_string()));
    value_source(errors, variable, here + ".valueFrom");
  }
  for (std::size_t i = 0; i < container["envFrom"].size(); ++i) {
    const Value& source = container["envFrom"][i];
    const std::string here = at(path + ".envFrom", i);
    if (!source["prefix"].empty())
      errors.invalid_for(here + ".prefix", source["prefix"], environment_name_problems(source["prefix"].as_string()));
    int sources = 0;
    for (const char* kind : {"configMapRef", "secretRef"}) {
      if (!source[kind].is_object()) continue;
      ++sources;
      if (source[kind]["name"].empty()) errors.required(here + "." + kind + ".name");
    }
    if (sources == 0) errors.invalid(here, "", "must specify one of: `configMapRef` or `secretRef`");
    if (sources > 1) errors.invalid(here, "", "may not have more than one field specified at a time");
  }
}

void mounts(FieldErrors& errors, const Value& list, const std::string& path, const std::set<std::string>& volumes) {
  std::set<std::string> places;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Value& mount = list[i];
    const std::string here = at(path, i);
    if (mount["name"].empty()) errors.required(here + ".name");
    if (!volumes.contains(mount["name"].str())) errors.not_found(here + ".name", mount["name"].str());
    if (mount["mountPath"].empty())
      errors.required(here + ".mountPath");
    else if (!places.insert(mount["mountPath"].str()).second)
      errors.invalid(here + ".mountPath", mount["mountPath"], "must be unique");
    if (!mount["subPath"].empty()) {
      if (mount["subPath"].as_string().starts_with('/'))
        errors.invalid(here + ".subPath", mount["subPath"], "must be a relative path");
      const std::vector<std::string> parts = split(mount["subPath"].as_string(), '/');
      if (std::find(parts.begin(), parts.end(), "..") != parts.end())
        errors.invalid(here + ".subPath", mount["subPath"], "must not contain '..'");
    }
  }
}

// exec, httpGet, tcpSocket, grpc or sleep; exactly one.
void handler(FieldErrors& errors, const Value& action, const std::string& path) {
  int handlers = 0;
  auto more = [&](const char* kind) {
    if (!action[kind].is_object()) return false;
    if (++handlers > 1) errors.forbidden(path + "." + kind, "may not specify more than 1 handler type");
    return handlers == 1;
  };
  if (more("exec") && action["exec"]["command"].empty()) errors.required(path + ".exec.command");
  if (more("httpGet")) {
    const Value& get = action["httpGet"];
    if (get["path"].empty()) errors.required(path + ".httpGet.path");
    errors.port_number_or_name(path + ".httpGet.port", get["port"]);
    errors.supported(get, "scheme", path + ".httpGet", {"HTTP", "HTTPS"});
  }
  if (more("tcpSocket")) errors.port_number_or_name(path + ".tcpSocket.port", action["tcpSocket"]["port"]);
  if (more("grpc")) errors.port_number(path + ".grpc.port", action["grpc"]["port"]);
  if (more("sleep")) errors.non_negative(action["sleep"], "seconds", path + ".sleep");
  if (handlers == 0) errors.required(path, "must specify a handler type");
}

void probe(FieldErrors& errors, const Value& container, const char* name, const std::string& path) {
  const Value& what = container[name];
  if (!what.is_object()) return;
  const std::string here = path + "." + name;
  handler(errors, what, here);
  for (const char* field :
       {"initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"})
    errors.non_negative(what, field, here);
  const Value& grace = what["terminationGracePeriodSeconds"];
  if (grace.is_int() && grace.as_int() <= 0)
    errors.invalid(here + ".terminationGracePeriodSeconds", grace, "must be greater than 0");
  if (std::string_view(name) == "readinessProbe") {
    if (grace.is_int())
      errors.invalid(here + ".terminationGracePeriodSeconds", grace, "must not be set for readinessProbes");
  } else if (what["successThreshold"].as_int() != 1) {
    errors.invalid(here + ".successThreshold", what["successThreshold"], "must be 1");
  }
}

void security(FieldErrors& errors, const Value& context, const std::string& path) {
  for (const char* field : {"runAsUser", "runAsGroup"}) {
    const Value& id = context[field];
    if (id.is_int() && (id.as_int() < 0 || id.as_int() > 2147483647))
      errors.invalid(path + "." + field, id, "must be between 0 and 2147483647, inclusive");
  }
  const Value& escalation = context["allowPrivilegeEscalation"];
  if (!escalation.is_bool() || escalation.as_bool()) return;
  if (context["privileged"].as_bool())
    errors.invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
  for (const Value& capability : context["capabilities"]["add"].items()) {
    if (capability.as_string() == "CAP_SYS_ADMIN") {
      errors.invalid(path, context,
                     "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
    }
  }
}

void common(FieldErrors& errors, const Value& container, const std::string& path,
            const std::set<std::string>& volumes) {
  if (container["name"].empty())
    errors.required(path + ".name");
  else
    errors.invalid_for(path + ".name", container["name"], dns_label_problems(container["name"].as_string()));
  const std::string_view image = container["image"].as_string();
  if (image.empty())
    errors.required(path + ".image");
  else if (image != trim(image))
    errors.invalid(path + ".image", container["image"], "must not have leading or trailing whitespace");
  if (!container["terminationMessagePolicy"].empty())
    errors.supported(container, "terminationMessagePolicy", path, {"FallbackToLogsOnError", "File"});
  ports(errors, container["ports"], path + ".ports");
  environment(errors, container, path);
  mounts(errors, container["volumeMounts"], path + ".volumeMounts", volumes);
  errors.supported(container, "imagePullPolicy", path, {"Always", "IfNotPresent", "Never"});
  validate_resources(errors, container["resources"], path + ".resources");
  security(errors, container["securityContext"], path + ".securityContext");
}

void hooks_and_probes(FieldErrors& errors, const Value& container, const std::string& path) {
  for (const char* hook : {"postStart", "preStop"}) {
    if (container["lifecycle"][hook].is_object())
      handler(errors, container["lifecycle"][hook], path + ".lifecycle." + hook);
  }
  for (const char* name : {"livenessProbe", "readinessProbe", "startupProbe"}) probe(errors, container, name, path);
}

void host_ports(FieldErrors& errors, const Value& containers, const std::string& path) {
  std::set<std::string> taken;
  for (std::size_t i = 0; i < containers.size(); ++i) {
    for (std::size_t k = 0; k < containers[i]["ports"].size(); ++k) {
      const Value& port = containers[i]["ports"][k];
      if (port["hostPort"].as_int() == 0) continue;
      const std::string key =
          port["protocol"].str() + "/" + port["hostIP"].str() + "/" + std::to_string(port["hostPort"].as_int());
      if (!taken.insert(key).second) errors.duplicate(at(at(path, i) + ".ports", k) + ".hostPort", key);
    }
  }
}

}  // namespace

void validate_resources(FieldErrors& errors, const Value& resources, const std::string& path) {
  const Value& limits = resources["limits"];
  for (const char* list : {"limits", "requests"}) {
    for (const Value::Member& entry : resources[list].members()) {
      const std::string name = entry.key.str();
      const std::string field = at(path + "." + list, name);
      resource_name(errors, name, field);
      const auto amount = Quantity::from(entry.value);
      if (!amount) continue;  // refused when it was decoded
      if (*amount < Quantity()) errors.invalid(field, amount->str(), "must be greater than or equal to 0");
      if (is_extended(name) && amount->milli_value() % 1000 != 0)
        errors.invalid(field, amount->str(), "must be an integer");
      if (std::string_view(list) == "limits") continue;
      const Value* limit = limits.find(name);
      const auto most = limit == nullptr ? std::nullopt : Quantity::from(*limit);
      if (most) {
        if (is_extended(name) && *amount != *most)
          errors.invalid(path + ".requests", amount->str(), "must be equal to " + name + " limit of " + most->str());
        else if (*amount > *most)
          errors.invalid(path + ".requests", amount->str(),
                         "must be less than or equal to " + name + " limit of " + most->str());
      } else if (is_extended(name)) {
        errors.required(path + ".limits", "Limit must be set for non overcommitable resources");
      }
    }
  }
}

void validate_containers(FieldErrors& errors, const Value& spec, const std::string& path,
                         const std::set<std::string>& volumes) {
  std::set<std::string> names;
  const Value& containers = spec["containers"];
  if (containers.empty()) errors.required(path + ".containers");
  for (const char* list : {"containers", "initContainers", "ephemeralContainers"}) {
    const bool main = std::string_view(list) == "containers";
    for (std::size_t i = 0; i < spec[list].size(); ++i) {
      const Value& container = spec[list][i];
      const std::string here = at(path + "." + list, i);
      common(errors, container, here, volumes);
      if (!names.insert(container["name"].str()).second && (main || !container["name"].empty()))
        errors.duplicate(here + ".name", container["name"].str());
      const bool sidecar = container["restartPolicy"].as_string() == "Always";
      if (main || sidecar) {
        hooks_and_probes(errors, container, here);
        continue;
      }
      if (std::string_view(list) != "initContainers") continue;
      for (const char* field : {"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"}) {
        if (container[field].is_object())
          errors.forbidden(here + "." + field, "may not be set for init containers without restartPolicy=Always");
      }
    }
    if (main) host_ports(errors, containers, path + ".containers");
  }
}

}  // namespace drydock
