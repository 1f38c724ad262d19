#include "core/machinery/fields/field_rules.h"

#include <algorithm>
#include <iterator>

namespace drydock {
namespace {

// Lists that are maps by these keys. How patches take them: 'm' merged by the first key,
// 'r' merged and with retainKeys, ' ' replaced. Types without their version.
struct MapRow {
  std::string_view field;
  std::string_view keys;
  char patched = 'm';
};
constexpr MapRow kMaps[] = {
    {"APIServiceStatus.conditions", "type"},
    {"AllocatedDeviceStatus.conditions", "type", ' '},
    {"CSINodeSpec.drivers", "name"},
    {"CertificateSigningRequestStatus.conditions", "type", ' '},
    {"ComponentStatus.conditions", "type"},
    {"Container.env", "name"},
    {"Container.ports", "containerPort,protocol"},
    {"Container.volumeDevices", "devicePath"},
    {"Container.volumeMounts", "mountPath"},
    {"ContainerStatus.allocatedResourcesStatus", "name"},
    {"ContainerStatus.volumeMounts", "mountPath"},
    {"CustomResourceDefinitionStatus.conditions", "type", ' '},
    {"DaemonSetStatus.conditions", "type"},
    {"DeploymentStatus.conditions", "type"},
    {"DeviceTaintRuleStatus.conditions", "type"},
    {"EphemeralContainer.env", "name"},
    {"EphemeralContainer.ports", "containerPort,protocol"},
    {"EphemeralContainer.volumeDevices", "devicePath"},
    {"EphemeralContainer.volumeMounts", "mountPath"},
    {"FlowSchemaStatus.conditions", "type"},
    {"HorizontalPodAutoscalerStatus.conditions", "type"},
    {"JSONSchemaProps.x-kubernetes-validations", "rule"},
    {"MutatingAdmissionPolicySpec.matchConditions", "name"},
    {"MutatingWebhook.matchConditions", "name"},
    {"MutatingWebhookConfiguration.webhooks", "name"},
    {"NamespaceStatus.conditions", "type"},
    {"NodeStatus.addresses", "type"},
    {"NodeStatus.conditions", "type"},
    {"ObjectMeta.ownerReferences", "uid"},
    {"PersistentVolumeClaimStatus.conditions", "type"},
    {"PodCertificateRequestStatus.conditions", "type"},
    {"PodDisruptionBudgetStatus.conditions", "type"},
    {"PodGroupSpec.resourceClaims", "name", 'r'},
    {"PodGroupStatus.conditions", "type"},
    {"PodGroupStatus.resourceClaimStatuses", "name", 'r'},
    {"PodGroupTemplate.resourceClaims", "name", 'r'},
    {"PodSpec.containers", "name"},
    {"PodSpec.ephemeralContainers", "name"},
    {"PodSpec.hostAliases", "ip"},
    {"PodSpec.imagePullSecrets", "name"},
    {"PodSpec.initContainers", "name"},
    {"PodSpec.resourceClaims", "name", 'r'},
    {"PodSpec.schedulingGates", "name"},
    {"PodSpec.topologySpreadConstraints", "topologyKey,whenUnsatisfiable"},
    {"PodSpec.volumes", "name", 'r'},
    {"PodStatus.conditions", "type"},
    {"PodStatus.podIPs", "ip"},
    {"PodStatus.resourceClaimStatuses", "name", 'r'},
    {"PriorityLevelConfigurationStatus.conditions", "type"},
    {"ReplicaSetStatus.conditions", "type"},
    {"ReplicationControllerStatus.conditions", "type"},
    {"ResourceClaimStatus.devices", "driver,device,pool,shareID", ' '},
    {"ResourceClaimStatus.reservedFor", "uid"},
    {"ResourcePoolStatusRequestStatus.conditions", "type"},
    {"ResourceRequirements.claims", "name", ' '},
    {"ResourceStatus.resources", "resourceID", ' '},
    {"ServiceAccount.secrets", "name"},
    {"ServiceCIDRStatus.conditions", "type"},
    {"ServiceSpec.ports", "port,protocol"},
    {"ServiceStatus.conditions", "type"},
    {"StatefulSetStatus.conditions", "type"},
    {"StorageVersionMigrationStatus.conditions", "type"},
    {"StorageVersionStatus.conditions", "type", ' '},
    {"StorageVersionStatus.storageVersions", "apiServerID", ' '},
    {"ValidatingAdmissionPolicySpec.matchConditions", "name"},
    {"ValidatingAdmissionPolicySpec.variables", "name"},
    {"ValidatingAdmissionPolicyStatus.conditions", "type", ' '},
    {"ValidatingWebhook.matchConditions", "name"},
    {"ValidatingWebhookConfiguration.webhooks", "name"},
    {"WorkloadSpec.podGroupTemplates", "name", ' '},
};

constexpr std::string_view kSets[] = {
    "CSIDriverSpec.volumeLifecycleModes",
    "ContainerRestartRuleOnExitCodes.values",
    "Endpoint.addresses",
    "NodeAllocatableResourceClaimStatus.containers",
    "NodeSpec.podCIDRs",
    "NonResourcePolicyRule.nonResourceURLs",
    "NonResourcePolicyRule.verbs",
    "ObjectMeta.finalizers",
    "PodFailurePolicyOnExitCodesRequirement.values",
    "ResourcePolicyRule.apiGroups",
    "ResourcePolicyRule.namespaces",
    "ResourcePolicyRule.resources",
    "ResourcePolicyRule.verbs",
    "ServerStorageVersion.decodableVersions",
    "ServerStorageVersion.servedVersions",
    "UncountedTerminatedPods.failed",
    "UncountedTerminatedPods.succeeded",
    "ValidatingAdmissionPolicyBindingSpec.validationActions",
};

constexpr std::string_view kAtomicTypes[] = {
    "ConfigMapKeySelector",
    "CrossVersionObjectReference",
    "EndpointAddress",
    "EndpointPort",
    "FileKeySelector",
    "LabelSelector",
    "LocalObjectReference",
    "MatchResources",
    "NamedRuleWithOperations",
    "NodeSelector",
    "NodeSelectorTerm",
    "ObjectFieldSelector",
    "ObjectReference",
    "OwnerReference",
    "ParamKind",
    "ParamRef",
    "ResourceFieldSelector",
    "RoleRef",
    "ScopeSelector",
    "SecretKeySelector",
    "SecretReference",
    "ServiceBackendPort",
    "Subject",
    "TopologySelectorTerm",
    "TypedLocalObjectReference",
    "Variable",
};

constexpr std::string_view kAtomicMaps[] = {
    "PodSpec.nodeSelector",
    "ReplicationControllerSpec.selector",
    "Scheduling.nodeSelector",
    "ServiceSpec.selector",
};

// Structs within structs, from the Go types; "metadata", "spec", "status" and "template" are
// structs wherever they are not told to be pointers.
constexpr std::string_view kAlwaysWritten[] = {
    "Container.resources",
    "CronJobSpec.jobTemplate",
    "CustomResourceDefinitionSpec.names",
    "CustomResourceDefinitionStatus.acceptedNames",
    "DaemonSetSpec.updateStrategy",
    "DeploymentSpec.strategy",
    "EphemeralContainer.resources",
    "Event.source",
    "IngressStatus.loadBalancer",
    "NodeDaemonEndpoints.kubeletEndpoint",
    "NodeStatus.daemonEndpoints",
    "NodeStatus.nodeInfo",
    "PersistentVolumeClaimSpec.resources",
    "PodSpec.containers",
    "ResourceClaimSpec.devices",
    "ServiceStatus.loadBalancer",
    "StatefulSetSpec.updateStrategy",
    "VolumeAttachmentSpec.source",
};

// "Container.ports" against a type and a field, without making that text.
int compare(std::string_view row, std::string_view type, std::string_view field) {
  const std::string_view own = row.substr(0, row.find('.'));
  if (const int order = own.compare(type); order != 0) return order;
  return row.substr(own.size() + 1).compare(field);
}

bool listed(const std::string_view* first, const std::string_view* last, std::string_view type,
            std::string_view field) {
  return std::any_of(first, last, [&](std::string_view row) { return compare(row, type, field) == 0; });
}

}  // namespace

std::string_view bare_type(std::string_view type) {
  for (std::size_t at = 0; at + 1 < type.size(); ++at) {
    if (type[at] != 'V' || type[at + 1] < '0' || type[at + 1] > '9') continue;
    std::size_t end = at + 1;
    auto digits = [&] {
      while (end < type.size() && type[end] >= '0' && type[end] <= '9') ++end;
    };
    digits();
    for (std::string_view stage : {"alpha", "beta"}) {
      if (!type.substr(end).starts_with(stage)) continue;
      end += stage.size();
      digits();
    }
    return type.substr(end);
  }
  return type;
}

std::string_view item_type(std::string_view type) {
  if (type.starts_with("Array<")) return type.substr(6, type.size() - 7);
  if (!type.starts_with("{")) return {};
  const std::size_t colon = type.find("]:");
  return type.substr(colon + 2, type.rfind(';') - colon - 2);
}

FieldRule field_rule(std::string_view type, std::string_view field) {
  const std::string_view bare = bare_type(type);
  FieldRule rule;
  for (const MapRow& row : kMaps) {
    if (compare(row.field, bare, field) != 0) continue;
    rule.list = FieldRule::List::kMap;
    rule.map_keys = row.keys;
    if (row.patched == ' ') return rule;
    rule.patch_strategy = row.patched == 'r' ? "merge,retainKeys" : "merge";
    rule.patch_merge_key = row.keys.substr(0, row.keys.find(','));
    return rule;
  }
  if (listed(std::begin(kSets), std::end(kSets), bare, field)) {
    rule.list = FieldRule::List::kSet;
    if (field == "finalizers" || field == "podCIDRs") rule.patch_strategy = "merge";
    return rule;
  }
  if (listed(std::begin(kAtomicMaps), std::end(kAtomicMaps), bare, field)) rule.map_type = "atomic";
  if ((bare == "PersistentVolumeSpec" && field == "claimRef") ||
      (bare == "PersistentVolumeClaimStatus" && field == "allocatedResourceStatuses"))
    rule.map_type = "granular";
  if (bare == "DeploymentSpec" && field == "strategy") rule.patch_strategy = "retainKeys";
  if (bare == "PodDisruptionBudgetSpec" && field == "selector") rule.patch_strategy = "replace";
  // Merged by patches, but owned as a whole.
  if ((bare == "JobStatus" && field == "conditions") || (bare == "PodStatus" && field == "hostIPs")) {
    rule.patch_strategy = "merge";
    rule.patch_merge_key = field == "hostIPs" ? "ip" : "type";
  }
  return rule;
}

bool is_atomic_type(std::string_view type) {
  // Of the same name in other groups.
  if (type == "V2CrossVersionObjectReference" || type == "FlowcontrolV1Subject") return false;
  const std::string_view bare = bare_type(type);
  return std::find(std::begin(kAtomicTypes), std::end(kAtomicTypes), bare) != std::end(kAtomicTypes);
}

bool is_always_written(std::string_view type, std::string_view field) {
  const std::string_view bare = bare_type(type);
  if (field == "metadata" || field == "spec" || field == "status") return true;
  if (field == "template") return bare != "ReplicationControllerSpec";
  return listed(std::begin(kAlwaysWritten), std::end(kAlwaysWritten), bare, field);
}

std::string_view key_default(std::string_view type, std::string_view field) {
  const std::string_view bare = bare_type(type);
  return field == "protocol" && (bare == "ContainerPort" || bare == "ServicePort") ? "TCP" : "";
}

}  // namespace drydock
