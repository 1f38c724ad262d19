#include "core/machinery/validation.h"

#include "core/machinery/validation/kinds.h"

namespace drydock {
namespace {

constexpr std::string_view kImmutable = "field is immutable";

// A field that keeps the value it was created with.
void immutable(FieldErrors& errors, const std::string& field, const Value& before, const Value& after) {
  if (!(before == after)) errors.invalid(field, after, kImmutable);
}

Value without(Value document, std::initializer_list<const char*> fields) {
  for (const char* field : fields) document.erase(field);
  return document;
}

// Images, deadlines, tolerations and gates may change; nothing else.
Value frozen_pod_spec(Value spec) {
  for (const char* list : {"containers", "initContainers"}) {
    for (std::size_t i = 0; i < spec[list].size(); ++i) spec.ref(list).mutable_item(i).set("image", "");
  }
  return without(std::move(spec), {"activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds",
                                   "schedulingGates", "ephemeralContainers"});
}

void pod_update(FieldErrors& errors, const Object& old, const Object& updated) {
  for (const char* list : {"containers", "initContainers"}) {
    if (old.spec()[list].size() != updated.spec()[list].size()) {
      errors.forbidden("spec." + std::string(list), "pod updates may not add or remove containers");
      return;
    }
  }
  const Value& tolerations = updated.spec()["tolerations"];
  for (const Value& before : old.spec()["tolerations"].items()) {
    bool kept = false;
    for (const Value& after : tolerations.items())
      kept = kept || without(before, {"tolerationSeconds"}) == without(after, {"tolerationSeconds"});
    if (!kept) {
      errors.forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds");
      break;
    }
  }
  if (frozen_pod_spec(old.spec()) == frozen_pod_spec(updated.spec())) return;
  errors.forbidden("spec",
                   "pod updates may not change fields other than "
                   "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
                   "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` "
                   "(allow it to be set to 1 if it was previously negative)\n" +
                       pod_spec_diff(old.spec(), updated.spec()));
}

void service_update(FieldErrors& errors, const Object& old, const Object& updated) {
  const std::string_view before = old.spec()["type"].as_string();
  const std::string_view after = updated.spec()["type"].as_string();
  if (before == "ExternalName" || after == "ExternalName") return;
  const Value& old_address = old.spec()["clusterIP"];
  const Value& address = updated.spec()["clusterIP"];
  if (!old_address.empty() && !(old_address == address))
    errors.invalid("spec.clusterIPs[0]", Value::array({address}), "may not change once set");
}

void storage_update(FieldErrors& errors, const Object& old, const Object& updated) {
  for (const char* field : {"parameters", "provisioner", "reclaimPolicy"}) {
    if (!(old.doc()[field] == updated.doc()[field]))
      errors.forbidden(field, "updates to " + std::string(field) + " are forbidden.");
  }
  immutable(errors, "volumeBindingMode", old.doc()["volumeBindingMode"], updated.doc()["volumeBindingMode"]);
}

}  // namespace

std::vector<StatusCause> validate_create(const Object& object) {
  FieldErrors errors;
  validate_metadata(errors, object);
  const std::string_view kind = object.kind();
  if (kind == "Pod")
    validate_pod_spec(errors, object.spec(), "spec");
  else if (kind == "PodTemplate")
    validate_pod_template(errors, object.doc()["template"], "template");
  else if (kind == "Deployment" || kind == "ReplicaSet" || kind == "DaemonSet" || kind == "StatefulSet" ||
           kind == "ReplicationController")
    validate_workload(errors, object);
  else if (kind == "Job")
    validate_job_spec(errors, object.spec(), "spec");
  else if (kind == "CronJob")
    validate_cron_job(errors, object);
  else if (kind == "Service")
    validate_service(errors, object);
  else if (kind == "Ingress")
    validate_ingress(errors, object);
  else if (kind == "NetworkPolicy")
    validate_network_policy(errors, object);
  else if (kind == "Role" || kind == "ClusterRole")
    validate_role(errors, object);
  else if (kind == "RoleBinding" || kind == "ClusterRoleBinding")
    validate_role_binding(errors, object);
  else if (kind == "PodDisruptionBudget")
    validate_disruption_budget(errors, object);
  else if (kind == "PriorityClass")
    validate_priority_class(errors, object);
  else if (kind == "HorizontalPodAutoscaler")
    validate_autoscaler(errors, object);
  else if (kind == "PersistentVolumeClaim")
    validate_claim_spec(errors, object.spec(), "spec");
  else if (kind == "PersistentVolume")
    validate_persistent_volume(errors, object);
  else if (kind == "StorageClass")
    validate_storage_class(errors, object);
  else if (kind == "ConfigMap")
    validate_config_map(errors, object);
  else if (kind == "Secret")
    validate_secret(errors, object);
  else if (kind == "ResourceQuota")
    validate_resource_quota(errors, object);
  else if (kind == "LimitRange")
    validate_limit_range(errors, object);
  else if (kind == "Node")
    validate_node(errors, object);
  return std::move(errors.causes);
}

std::vector<StatusCause> validate_update(const Object& old, const Object& updated) {
  FieldErrors errors;
  const std::string_view kind = old.kind();
  const Value& before = old.spec();
  const Value& after = updated.spec();
  // A pod's update is judged by what changes: what was fine at its creation still is.
  if (kind == "Pod" && !(old.metadata() == updated.metadata()) && before == after) {
    validate_metadata(errors, updated);
    return std::move(errors.causes);
  }
  errors.causes = validate_create(updated);
  if (kind == "Deployment" || kind == "ReplicaSet" || kind == "DaemonSet") {
    immutable(errors, "spec.selector", before["selector"], after["selector"]);
  } else if (kind == "StatefulSet") {
    const auto fixed = [](const Value& spec) {
      return without(spec, {"replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
                            "persistentVolumeClaimRetentionPolicy", "minReadySeconds"});
    };
    if (!(fixed(before) == fixed(after))) {
      errors.forbidden("spec",
                       "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
                       "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
                       "'minReadySeconds' are forbidden");
    }
  } else if (kind == "Job") {
    if (before["completionMode"].as_string() != "Indexed" || !after.has("completions"))
      immutable(errors, "spec.completions", before["completions"], after["completions"]);
    immutable(errors, "spec.selector", before["selector"], after["selector"]);
    if (!before["suspend"].as_bool()) immutable(errors, "spec.template", before["template"], after["template"]);
    immutable(errors, "spec.completionMode", before["completionMode"], after["completionMode"]);
  } else if (kind == "Secret" || kind == "ConfigMap") {
    if (kind == "Secret") immutable(errors, "type", old.doc()["type"], updated.doc()["type"]);
    if (old.doc()["immutable"].as_bool()) {
      const std::string_view words = "field is immutable when `immutable` is set";
      if (!updated.doc()["immutable"].as_bool()) errors.forbidden("immutable", words);
      for (const char* field : {"data", "binaryData"}) {
        if (!(old.doc()[field] == updated.doc()[field])) errors.forbidden(field, words);
      }
    }
  } else if (kind == "RoleBinding" || kind == "ClusterRoleBinding") {
    const Value& role = updated.doc()["roleRef"];
    if (!(old.doc()["roleRef"] == role)) {
      const Value shown =
          Value::object({{"APIGroup", role["apiGroup"]}, {"Kind", role["kind"]}, {"Name", role["name"]}});
      errors.invalid("roleRef", shown, "cannot change roleRef");
    }
  } else if (kind == "Service") {
    service_update(errors, old, updated);
  } else if (kind == "StorageClass") {
    storage_update(errors, old, updated);
  } else if (kind == "PriorityClass") {
    if (!(old.doc()["value"] == updated.doc()["value"])) errors.forbidden("value", "may not be changed in an update.");
    immutable(errors, "preemptionPolicy", old.doc()["preemptionPolicy"], updated.doc()["preemptionPolicy"]);
  } else if (kind == "PersistentVolumeClaim") {
    const auto fixed = [](const Value& spec) {
      return without(spec, {"resources", "volumeAttributesClassName", "volumeName"});
    };
    if (!(fixed(before) == fixed(after)) ||
        (!before["volumeName"].empty() && !(before["volumeName"] == after["volumeName"]))) {
      errors.forbidden("spec",
                       "spec is immutable after creation except resources.requests and volumeAttributesClassName for "
                       "bound claims");
    }
  } else if (kind == "Pod") {
    pod_update(errors, old, updated);
  }
  return std::move(errors.causes);
}

}  // namespace drydock
