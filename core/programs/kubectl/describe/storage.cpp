// PersistentVolumes, PersistentVolumeClaims, StorageClasses.
#include "core/base/strings.h"
#include "core/programs/kubectl/describe/describe.h"

namespace drydock::kubectl {
namespace {
constexpr std::string_view kDefaultClass = "storageclass.kubernetes.io/is-default-class";
}

Task<Result<void>> describe_persistent_volume(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  const Value& spec = object["spec"];
  writer.field("Name", context.target.name);
  writer.labels("Labels", object["metadata"]["labels"]);
  writer.annotations(object["metadata"]["annotations"]);
  writer.field("Finalizers", list_text(object["metadata"]["finalizers"]));
  writer.field("StorageClass", spec["storageClassName"].as_string());
  if (object["metadata"].has("deletionTimestamp"))
    writer.field("Status", "Terminating");
  else
    writer.field("Status", object["status"]["phase"].as_string());
  const Value& claim = spec["claimRef"];
  writer.field("Claim", claim.is_object() ? claim["namespace"].str() + "/" + claim["name"].str() : "");
  writer.field("Reclaim Policy", spec["persistentVolumeReclaimPolicy"].as_string());
  writer.field("Access Modes", access_modes_text(spec["accessModes"]));
  if (!spec["volumeMode"].empty()) writer.field("VolumeMode", spec["volumeMode"].as_string());
  writer.field("Capacity", number_text(spec["capacity"]["storage"]));
  const Value& terms = spec["nodeAffinity"]["required"]["nodeSelectorTerms"];
  if (terms.empty()) {
    writer.field("Node Affinity", "<none>");
  } else {
    writer.line(0, "Node Affinity:");
    writer.line(1, "Required Terms:");
    for (std::size_t i = 0; i < terms.size(); ++i) {
      std::vector<std::string> texts;
      for (const Value& expression : terms[i]["matchExpressions"].items()) {
        texts.push_back(expression["key"].str() + " " + to_lower(expression["operator"].as_string()) + " " +
                        list_text(expression["values"]));
      }
      writer.field("Term " + std::to_string(i), join(texts, "\n                     "), 2);
    }
  }
  writer.field("Message", object["status"]["message"].as_string());
  writer.line(0, "Source:");
  describe_volume_source(spec, writer);
  co_return co_await describe_events(context, writer);
}

Task<Result<void>> describe_volume_claim(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  const Value& spec = object["spec"];
  const Value& status = object["status"];
  writer.field("Name", context.target.name);
  writer.field("Namespace", context.target.ns);
  writer.field("StorageClass", spec["storageClassName"].as_string());
  if (object["metadata"].has("deletionTimestamp"))
    writer.field("Status", "Terminating");
  else
    writer.field("Status", status["phase"].as_string());
  writer.field("Volume", spec["volumeName"].as_string());
  writer.labels("Labels", object["metadata"]["labels"]);
  writer.annotations(object["metadata"]["annotations"]);
  writer.field("Finalizers", list_text(object["metadata"]["finalizers"]));
  const bool bound = !spec["volumeName"].empty();
  writer.field("Capacity", bound ? number_text(status["capacity"]["storage"]) : "");
  writer.field("Access Modes", bound ? access_modes_text(status["accessModes"]) : "");
  if (!spec["volumeMode"].empty()) writer.field("VolumeMode", spec["volumeMode"].as_string());
  DRYDOCK_CO_TRY(const std::vector<Value> pods,
                 co_await list_all(context.session, resources::kPods.path(context.target.ns), {}));
  std::vector<std::string> users;
  for (const Value& pod : pods) {
    for (const Value& volume : pod["spec"]["volumes"].items()) {
      if (volume["persistentVolumeClaim"]["claimName"].as_string() == context.target.name)
        users.push_back(pod["metadata"]["name"].str());
    }
  }
  writer.field("Used By", or_none(join(users, "\n\t")));
  if (!status["conditions"].empty()) {
    writer.line(0, "Conditions:");
    writer.line(1, "Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage");
    writer.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    for (const Value& condition : status["conditions"].items()) {
      writer.line(1, condition["type"].str() + " \t" + condition["status"].str() + " \t" +
                         long_time(condition["lastProbeTime"]) + " \t" + long_time(condition["lastTransitionTime"]) +
                         " \t" + condition["reason"].str() + " \t" + condition["message"].str());
    }
  }
  co_return co_await describe_events(context, writer);
}

Task<Result<void>> describe_storage_class(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  writer.field("Name", context.target.name);
  writer.field("IsDefaultClass", object["metadata"]["annotations"][kDefaultClass].as_string() == "true" ? "Yes" : "No");
  std::vector<std::string> annotations;
  for (const auto& [key, value] : object["metadata"]["annotations"].members())
    annotations.push_back(key.str() + "=" + value.str());
  writer.field("Annotations", or_none(join(annotations, ",")));
  writer.field("Provisioner", object["provisioner"].as_string());
  std::vector<std::string> parameters;
  for (const auto& [key, value] : object["parameters"].members()) parameters.push_back(key.str() + "=" + value.str());
  writer.field("Parameters", or_none(join(parameters, ",")));
  writer.field("AllowVolumeExpansion",
               object.has("allowVolumeExpansion") ? yes_no(object["allowVolumeExpansion"].as_bool()) : "<unset>");
  if (object["mountOptions"].empty()) {
    writer.field("MountOptions", "<none>");
  } else {
    writer.line(0, "MountOptions:");
    for (const Value& option : object["mountOptions"].items()) writer.line(1, option.as_string());
  }
  if (!object["reclaimPolicy"].empty()) writer.field("ReclaimPolicy", object["reclaimPolicy"].as_string());
  if (!object["volumeBindingMode"].empty()) writer.field("VolumeBindingMode", object["volumeBindingMode"].as_string());
  co_return co_await describe_events(context, writer);
}

}  // namespace drydock::kubectl
