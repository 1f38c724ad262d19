// Names, labels, annotations and selectors.
#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/validation/kinds.h"
#include "core/machinery/validation/names.h"

namespace drydock {
namespace {

constexpr std::size_t kAnnotationBytes = 256 * 1024;

Problems name_problems(std::string_view kind, std::string_view name) {
  if (kind == "ClusterRole" || kind == "Role" || kind == "ClusterRoleBinding" || kind == "RoleBinding")
    return path_segment_problems(name);
  if (kind == "CertificateSigningRequest" || kind == "APIService" || kind == "Event") return {};
  if (kind == "Namespace" || kind == "Service" || kind == "StatefulSet") return dns_label_problems(name);
  return dns_subdomain_problems(name);
}

}  // namespace

void validate_labels(FieldErrors& errors, const Value& labels, const std::string& path) {
  for (const Value::Member& label : labels.members()) {
    errors.invalid_for(path, label.key.str(), label_key_problems(label.key.view()));
    errors.invalid_for(path, label.value, label_value_problems(label.value.as_string()));
  }
}

void validate_annotations(FieldErrors& errors, const Value& annotations, const std::string& path) {
  std::size_t bytes = 0;
  for (const Value::Member& annotation : annotations.members()) {
    errors.invalid_for(path, annotation.key.str(), qualified_name_problems(to_lower(annotation.key.view())));
    bytes += annotation.key.view().size() + annotation.value.size();
  }
  if (bytes > kAnnotationBytes) errors.too_long(path, kAnnotationBytes);
}

void validate_label_selector(FieldErrors& errors, const Value& selector, const std::string& path) {
  validate_labels(errors, selector["matchLabels"], path + ".matchLabels");
  for (std::size_t i = 0; i < selector["matchExpressions"].size(); ++i) {
    const Value& expression = selector["matchExpressions"][i];
    const std::string here = at(path + ".matchExpressions", i);
    const std::string_view op = expression["operator"].as_string();
    if (op == "In" || op == "NotIn") {
      if (expression["values"].empty())
        errors.required(here + ".values", "must be specified when `operator` is 'In' or 'NotIn'");
    } else if (op == "Exists" || op == "DoesNotExist") {
      if (!expression["values"].empty())
        errors.forbidden(here + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    } else {
      errors.invalid(here + ".operator", op, "not a valid selector operator");
    }
    errors.invalid_for(here + ".key", expression["key"].str(), label_key_problems(expression["key"].as_string()));
    for (std::size_t k = 0; k < expression["values"].size(); ++k) {
      errors.invalid_for(at(here + ".values", k), expression["values"][k],
                         label_value_problems(expression["values"][k].as_string()));
    }
  }
}

void validate_metadata(FieldErrors& errors, const Object& object) {
  const Value& metadata = object.metadata();
  const std::string_view kind = object.kind();
  if (!metadata["generateName"].empty()) {
    // The part that is drawn follows: a trailing dash is fine.
    std::string base = metadata["generateName"].str();
    while (base.ends_with('-')) base.pop_back();
    errors.invalid_for("metadata.generateName", metadata["generateName"], name_problems(kind, base));
  }
  if (object.name().empty())
    errors.required("metadata.name", "name or generateName is required");
  else
    errors.invalid_for("metadata.name", metadata["name"], name_problems(kind, object.name()));
  validate_labels(errors, metadata["labels"], "metadata.labels");
  validate_annotations(errors, metadata["annotations"], "metadata.annotations");
  std::string controller;
  for (std::size_t i = 0; i < metadata["ownerReferences"].size(); ++i) {
    const Value& owner = metadata["ownerReferences"][i];
    const std::string here = "metadata.ownerReferences";
    if (owner["apiVersion"].empty()) errors.invalid(here + ".apiVersion", "", "version must not be empty");
    if (owner["kind"].empty()) errors.invalid(here + ".kind", "", "must not be empty");
    if (owner["name"].empty()) errors.invalid(here + ".name", "", "must not be empty");
    if (owner["uid"].empty()) errors.invalid(here + ".uid", "", "must not be empty");
    if (!owner["controller"].as_bool()) continue;
    const std::string name = owner["kind"].str() + "/" + owner["name"].str();
    if (!controller.empty()) {
      errors.invalid(here, metadata["ownerReferences"],
                     "Only one reference can have Controller set to true. Found \"true\" in references for " +
                         controller + " and " + name);
    }
    controller = name;
  }
  for (std::size_t i = 0; i < metadata["finalizers"].size(); ++i) {
    const std::string text = metadata["finalizers"][i].str();
    errors.invalid_for("metadata.finalizers", text, qualified_name_problems(text));
    if (text.find('/') == std::string::npos && text != "kubernetes" && text != "orphan" && text != "foregroundDeletion")
      errors.invalid(at("metadata.finalizers", i), text,
                     "name is neither a standard finalizer name nor is it fully qualified");
  }
}

}  // namespace drydock
