// Persistent volumes, claims and storage classes.
#include "core/base/strings.h"
#include "core/machinery/quantity.h"
#include "core/machinery/validation/kinds.h"
#include "core/machinery/validation/names.h"

namespace drydock {
namespace {

void access_modes(FieldErrors& errors, const Value& spec, const std::string& path) {
  bool pod = false;
  for (std::size_t i = 0; i < spec["accessModes"].size(); ++i) {
    const std::string_view mode = spec["accessModes"][i].as_string();
    pod = pod || mode == "ReadWriteOncePod";
    if (mode != "ReadWriteOnce" && mode != "ReadOnlyMany" && mode != "ReadWriteMany" && mode != "ReadWriteOncePod") {
      errors.unsupported(path + ".accessModes", spec["accessModes"][i],
                         {"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"});
    }
  }
  if (pod && spec["accessModes"].size() > 1)
    errors.forbidden(path + ".accessModes", "may not use ReadWriteOncePod with other access modes");
}

void storage_amount(FieldErrors& errors, const Value& amount, const std::string& field) {
  const auto parsed = Quantity::from(amount);
  if (parsed && *parsed <= Quantity()) errors.invalid(field, parsed->str(), "must be greater than zero");
}

}  // namespace

void validate_claim_spec(FieldErrors& errors, const Value& spec, const std::string& path) {
  if (spec["accessModes"].empty()) errors.required(path + ".accessModes", "at least 1 access mode is required");
  if (spec["selector"].is_object()) validate_label_selector(errors, spec["selector"], path + ".selector");
  access_modes(errors, spec, path);
  const Value& wanted = spec["resources"]["requests"]["storage"];
  if (wanted.is_null())
    errors.required(path + ".resources[storage]");
  else
    storage_amount(errors, wanted, path + ".resources[storage]");
  if (!spec["storageClassName"].empty())
    errors.invalid_for(path + ".storageClassName", spec["storageClassName"],
                       dns_subdomain_problems(spec["storageClassName"].as_string()));
  if (spec.has("volumeMode")) errors.supported(spec, "volumeMode", path, {"Block", "Filesystem"});
}

void validate_persistent_volume(FieldErrors& errors, const Object& object) {
  static constexpr std::string_view kSettings[] = {"accessModes",  "capacity",         "claimRef",
                                                   "mountOptions", "nodeAffinity",     "persistentVolumeReclaimPolicy",
                                                   "volumeMode",   "storageClassName", "volumeAttributesClassName"};
  const Value& spec = object.spec();
  if (spec["accessModes"].empty()) errors.required("spec.accessModes");
  access_modes(errors, spec, "spec");
  if (spec["capacity"].empty()) errors.required("spec.capacity");
  if (!spec["capacity"].empty() && (!spec["capacity"].has("storage") || spec["capacity"].size() > 1))
    errors.unsupported("spec.capacity", spec["capacity"], {"storage"});
  storage_amount(errors, spec["capacity"]["storage"], "spec.capacity[storage]");
  errors.supported(spec, "persistentVolumeReclaimPolicy", "spec", {"Delete", "Recycle", "Retain"});
  std::string first;
  for (const Value::Member& member : spec.members()) {
    bool setting = false;
    for (const std::string_view name : kSettings) setting = setting || member.key.view() == name;
    if (setting) continue;
    if (!first.empty()) errors.forbidden("spec." + member.key.str(), "may not specify more than 1 volume type");
    first = member.key.str();
  }
  if (first.empty()) errors.required("spec", "must specify a volume type");
  if (first == "hostPath" && spec["hostPath"]["path"].empty()) errors.required("spec.hostPath.path");
  if (first == "local" && spec["nodeAffinity"].is_null())
    errors.required("spec.nodeAffinity", "Local volume requires node affinity");
  if (first == "nfs") {
    if (spec["nfs"]["server"].empty()) errors.required("spec.nfs.server");
    if (spec["nfs"]["path"].empty()) errors.required("spec.nfs.path");
  }
}

void validate_storage_class(FieldErrors& errors, const Object& object) {
  const Value& doc = object.doc();
  if (doc["provisioner"].empty())
    errors.required("provisioner");
  else
    errors.invalid_for("provisioner", doc["provisioner"],
                       qualified_name_problems(to_lower(doc["provisioner"].as_string())));
  if (doc["reclaimPolicy"].as_string() != "Delete" && doc["reclaimPolicy"].as_string() != "Retain")
    errors.unsupported("reclaimPolicy", doc["reclaimPolicy"], {"Delete", "Retain"});
  const std::string_view mode = doc["volumeBindingMode"].as_string();
  if (mode != "Immediate" && mode != "WaitForFirstConsumer")
    errors.unsupported("volumeBindingMode", doc["volumeBindingMode"], {"Immediate", "WaitForFirstConsumer"});
}

}  // namespace drydock
