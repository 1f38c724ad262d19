#include "core/machinery/validation.h"

#include <algorithm>
#include <set>

#include "core/base/strings.h"
#include "core/machinery/quantity.h"
#include "core/machinery/selectors.h"

namespace drydock {
namespace {

constexpr const char* kLabelMessage =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or "
    "'123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr const char* kSubdomainMessage =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. "
    "'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

bool label_ok(std::string_view text, bool dots) {
  if (text.empty() || text.size() > (dots ? 253 : 63)) return false;
  char before = '.';
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : '.';
    const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (c == '.') {
      if (i < text.size() && !dots) return false;
      if (before == '.' || before == '-') return false;
    } else if (c == '-') {
      if (before == '.') return false;
    } else if (!alphanumeric) {
      return false;
    }
    before = c;
  }
  return true;
}

class Checker {
 public:
  std::vector<StatusCause> causes;

  void required(const std::string& field, const std::string& detail = "") {
    causes.push_back({"FieldValueRequired", "Required value" + (detail.empty() ? "" : ": " + detail), field});
  }
  void invalid(const std::string& field, const Value& value, const std::string& detail) {
    const std::string shown = value.is_string() ? go_quote(value.as_string())
                              : value.is_int()  ? std::to_string(value.as_int())
                                                : "null";
    causes.push_back({"FieldValueInvalid", "Invalid value: " + shown + ": " + detail, field});
  }
  void duplicate(const std::string& field, const std::string& value) {
    causes.push_back({"FieldValueDuplicate", "Duplicate value: " + go_quote(value), field});
  }
  void not_found(const std::string& field, const std::string& value) {
    causes.push_back({"FieldValueNotFound", "Not found: " + go_quote(value), field});
  }
  void unsupported(const std::string& field, const Value& value, const std::vector<std::string>& known) {
    std::vector<std::string> quoted;
    for (const std::string& text : known) quoted.push_back(go_quote(text));
    causes.push_back({"FieldValueNotSupported",
                      "Unsupported value: " + go_quote(value.as_string()) + ": supported values: " + join(quoted, ", "),
                      field});
  }

  void name(const std::string& field, const Value& value, bool dots) {
    if (value.empty()) return required(field);
    if (!label_ok(value.as_string(), dots)) invalid(field, value, dots ? kSubdomainMessage : kLabelMessage);
  }
  void non_negative(const Value& object, const char* field, const std::string& path) {
    if (object[field].is_int() && object[field].as_int() < 0)
      invalid(path + "." + field, object[field], "must be greater than or equal to 0");
  }
  void port(const std::string& field, const Value& value) {
    if (!value.is_int()) return;
    if (value.as_int() < 1 || value.as_int() > 65535) invalid(field, value, "must be between 1 and 65535, inclusive");
  }

  void metadata(const Object& object) {
    const std::string kind(object.kind());
    const bool dots = kind != "Service" && kind != "Namespace";
    if (object.name().empty() && object.metadata()["generateName"].empty()) {
      required("metadata.name", "name or generateName is required");
    } else if (!kind.starts_with("ClusterRole") && !kind.starts_with("Role") && !object.name().empty() &&
               !label_ok(object.name(), dots)) {
      invalid("metadata.name", object.metadata()["name"], dots ? kSubdomainMessage : kLabelMessage);
    }
    for (const Value::Member& label : object.labels().members()) {
      if (!label.value.is_string()) continue;
      const std::string_view text = label.value.as_string();
      const bool ok = text.size() <= 63 && std::all_of(text.begin(), text.end(), [](char c) {
                        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                               c == '_' || c == '.';
                      });
      if (!ok) {
        invalid("metadata.labels", label.value,
                "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and "
                "must start and end with an alphanumeric character (e.g. "
                "'MyValue',  or 'my_value',  or '12345', regex used for validation is "
                "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')");
      }
    }
  }

  void resources(const Value& container, const std::string& path) {
    for (const char* list : {"limits", "requests"}) {
      for (const Value::Member& entry : container["resources"][list].members()) {
        const auto quantity = Quantity::from(entry.value);
        const std::string field = path + ".resources." + list + "[" + entry.key.str() + "]";
        if (!quantity) {
          invalid(field, entry.value,
                  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
        } else if (*quantity < Quantity()) {
          invalid(field, entry.value, "must be greater than or equal to 0");
        }
      }
    }
    for (const Value::Member& request : container["resources"]["requests"].members()) {
      const Value* limit = container["resources"]["limits"].find(request.key.view());
      if (limit == nullptr) continue;
      const auto wanted = Quantity::from(request.value);
      const auto most = Quantity::from(*limit);
      if (wanted && most && *wanted > *most) {
        invalid(path + ".resources.requests", request.value,
                "must be less than or equal to " + request.key.str() + " limit of " + most->str());
      }
    }
  }

  void containers(const Value& spec, const char* list, const std::string& path, std::set<std::string>& names,
                  const std::set<std::string>& volumes) {
    for (std::size_t i = 0; i < spec[list].size(); ++i) {
      const Value& container = spec[list][i];
      const std::string here = path + "." + list + "[" + std::to_string(i) + "]";
      name(here + ".name", container["name"], false);
      if (!names.insert(container["name"].str()).second && !container["name"].empty())
        duplicate(here + ".name", container["name"].str());
      if (container["image"].empty())
        required(here + ".image");
      else if (container["image"].as_string() != trim(container["image"].as_string()))
        invalid(here + ".image", container["image"], "must not have leading or trailing whitespace");
      const std::string_view policy = container["imagePullPolicy"].as_string();
      if (policy != "Always" && policy != "IfNotPresent" && policy != "Never")
        unsupported(here + ".imagePullPolicy", container["imagePullPolicy"], {"Always", "IfNotPresent", "Never"});
      for (std::size_t k = 0; k < container["ports"].size(); ++k) {
        const std::string field = here + ".ports[" + std::to_string(k) + "].containerPort";
        if (!container["ports"][k].has("containerPort"))
          required(field);
        else
          port(field, container["ports"][k]["containerPort"]);
      }
      for (std::size_t k = 0; k < container["env"].size(); ++k) {
        if (container["env"][k]["name"].empty()) required(here + ".env[" + std::to_string(k) + "].name");
      }
      for (std::size_t k = 0; k < container["volumeMounts"].size(); ++k) {
        const Value& mount = container["volumeMounts"][k];
        const std::string field = here + ".volumeMounts[" + std::to_string(k) + "]";
        if (mount["name"].empty())
          required(field + ".name");
        else if (!volumes.contains(mount["name"].str()))
          not_found(field + ".name", mount["name"].str());
        if (mount["mountPath"].empty()) required(field + ".mountPath");
      }
      resources(container, here);
    }
  }

  void pod_spec(const Value& spec, const std::string& path, bool in_template) {
    std::set<std::string> volumes;
    for (std::size_t i = 0; i < spec["volumes"].size(); ++i) {
      const std::string here = path + ".volumes[" + std::to_string(i) + "].name";
      name(here, spec["volumes"][i]["name"], false);
      if (!volumes.insert(spec["volumes"][i]["name"].str()).second) duplicate(here, spec["volumes"][i]["name"].str());
    }
    std::set<std::string> names;
    if (spec["containers"].empty()) required(path + ".containers");
    containers(spec, "containers", path, names, volumes);
    containers(spec, "initContainers", path, names, volumes);
    const std::string_view restart = spec["restartPolicy"].as_string();
    if (restart != "Always" && restart != "OnFailure" && restart != "Never")
      unsupported(path + ".restartPolicy", spec["restartPolicy"], {"Always", "OnFailure", "Never"});
    if (in_template && restart != "Always") unsupported(path + ".restartPolicy", spec["restartPolicy"], {"Always"});
    const std::string_view dns = spec["dnsPolicy"].as_string();
    if (dns != "ClusterFirst" && dns != "ClusterFirstWithHostNet" && dns != "Default" && dns != "None") {
      unsupported(path + ".dnsPolicy", spec["dnsPolicy"],
                  {"ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"});
    }
    non_negative(spec, "terminationGracePeriodSeconds", path);
  }

  void workload(const Object& object, bool always) {
    const Value& spec = object.spec();
    non_negative(spec, "replicas", "spec");
    const Value& selector = spec["selector"];
    const bool flat = object.kind() == "ReplicationController";
    if (!flat && selector["matchLabels"].empty() && selector["matchExpressions"].empty()) {
      if (selector.is_null())
        required("spec.selector");
      else
        invalid("spec.selector", selector,
                "empty selector is invalid for " + to_lower(object.kind().substr(0, 1)) +
                    std::string(object.kind().substr(1)));
    }
    const Value& labels = spec["template"]["metadata"]["labels"];
    const Result<LabelSelector> parsed =
        flat ? Result<LabelSelector>(LabelSelector::from_labels(selector)) : LabelSelector::from_document(selector);
    if (parsed && !parsed->empty() && !selector.is_null() && !parsed->matches(labels)) {
      std::string shown = "{";
      for (const Value::Member& label : labels.members())
        shown += (shown.size() > 1 ? "," : "") + go_quote(label.key.view()) + ":" + go_quote(label.value.as_string());
      causes.push_back({"FieldValueInvalid",
                        "Invalid value: " + shown + "}: `selector` does not match template `labels`",
                        "spec.template.metadata.labels"});
    }
    pod_spec(spec["template"]["spec"], "spec.template.spec", always);
  }

  void service(const Object& object) {
    const Value& spec = object.spec();
    const std::string_view type = spec["type"].as_string();
    if (type != "ClusterIP" && type != "ExternalName" && type != "LoadBalancer" && type != "NodePort") {
      unsupported("spec.type", spec["type"], {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"});
    }
    if (type == "ExternalName") {
      if (spec["externalName"].empty()) required("spec.externalName");
      return;
    }
    if (spec["ports"].empty() && spec["clusterIP"].as_string() != "None") required("spec.ports");
    for (std::size_t i = 0; i < spec["ports"].size(); ++i) {
      const Value& each = spec["ports"][i];
      const std::string here = "spec.ports[" + std::to_string(i) + "]";
      if (spec["ports"].size() > 1 && each["name"].empty()) required(here + ".name");
      if (!each.has("port")) required(here + ".port");
      port(here + ".port", each["port"]);
      port(here + ".targetPort", each["targetPort"]);
    }
  }
};

}  // namespace

std::vector<StatusCause> validate_create(const Object& object) {
  Checker check;
  check.metadata(object);
  const std::string_view kind = object.kind();
  if (kind == "Pod")
    check.pod_spec(object.spec(), "spec", false);
  else if (kind == "Deployment" || kind == "ReplicaSet" || kind == "DaemonSet" || kind == "StatefulSet" ||
           kind == "ReplicationController")
    check.workload(object, true);
  else if (kind == "Service")
    check.service(object);
  else if (kind == "Job")
    check.pod_spec(object.spec()["template"]["spec"], "spec.template.spec", false);
  else if (kind == "CronJob" && object.spec()["schedule"].empty())
    check.required("spec.schedule");
  return std::move(check.causes);
}

std::vector<StatusCause> validate_update(const Object& old, const Object& updated) {
  std::vector<StatusCause> causes = validate_create(updated);
  auto immutable = [&](const std::string& field, const Value& before, const Value& after) {
    if (!before.is_null() && !(before == after))
      causes.push_back(
          {"FieldValueInvalid",
           "Invalid value: " + (after.is_string() ? go_quote(after.as_string()) : "null") + ": field is immutable",
           field});
  };
  const std::string_view kind = old.kind();
  if (kind == "Deployment" || kind == "ReplicaSet" || kind == "DaemonSet" || kind == "StatefulSet")
    immutable("spec.selector", old.spec()["selector"], updated.spec()["selector"]);
  if (kind == "Job") immutable("spec.template", old.spec()["template"], updated.spec()["template"]);
  if (kind == "Secret") immutable("type", old.doc()["type"], updated.doc()["type"]);
  if ((kind == "ConfigMap" || kind == "Secret") && old.doc()["immutable"].as_bool() &&
      !(old.doc()["data"] == updated.doc()["data"])) {
    causes.push_back({"FieldValueForbidden", "Forbidden: field is immutable when `immutable` is set", "data"});
  }
  if (kind == "RoleBinding" || kind == "ClusterRoleBinding") {
    if (!(old.doc()["roleRef"] == updated.doc()["roleRef"]))
      causes.push_back({"FieldValueInvalid", "Invalid value: cannot change roleRef", "roleRef"});
  }
  if (kind == "Pod") {
    // Images, deadlines, tolerations and gates may change; nothing else.
    auto frozen = [](Value spec) {
      for (const char* list : {"containers", "initContainers"}) {
        for (std::size_t i = 0; i < spec[list].size(); ++i) spec.ref(list).mutable_item(i).set("image", "");
      }
      for (const char* field : {"activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds",
                                "schedulingGates", "nodeName", "ephemeralContainers"})
        spec.erase(field);
      return spec;
    };
    if (!(frozen(old.spec()) == frozen(updated.spec()))) {
      causes.push_back(
          {"FieldValueForbidden",
           "Forbidden: pod updates may not change fields other than "
           "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
           "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it "
           "to be set to 1 if it was previously negative)",
           "spec"});
    }
  }
  return causes;
}

}  // namespace drydock
