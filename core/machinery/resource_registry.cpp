#include "core/machinery/resource_registry.h"

#include <algorithm>

#include "core/base/strings.h"

namespace drydock {
namespace {

// kind, plural, short names, n(amespaced) / c(luster) / r(eview) / a(ll) flags, subresources.
struct Row {
  const char* group_version;
  const char* kind;
  const char* resource;
  const char* short_names;
  const char* flags;
  const char* subresources;
};

constexpr Row kRows[] = {
    {"v1", "Binding", "bindings", "", "nr", ""},
    {"v1", "ComponentStatus", "componentstatuses", "cs", "c", ""},
    {"v1", "ConfigMap", "configmaps", "cm", "n", ""},
    {"v1", "Endpoints", "endpoints", "ep", "n", ""},
    {"v1", "Event", "events", "ev", "n", ""},
    {"v1", "LimitRange", "limitranges", "limits", "n", ""},
    {"v1", "Namespace", "namespaces", "ns", "c", "status finalize"},
    {"v1", "Node", "nodes", "no", "c", "status proxy"},
    {"v1", "PersistentVolumeClaim", "persistentvolumeclaims", "pvc", "n", "status"},
    {"v1", "PersistentVolume", "persistentvolumes", "pv", "c", "status"},
    {"v1", "Pod", "pods", "po", "na",
     "attach binding ephemeralcontainers eviction exec log portforward proxy resize status"},
    {"v1", "PodTemplate", "podtemplates", "", "n", ""},
    {"v1", "ReplicationController", "replicationcontrollers", "rc", "na", "scale status"},
    {"v1", "ResourceQuota", "resourcequotas", "quota", "n", "status"},
    {"v1", "Secret", "secrets", "", "n", ""},
    {"v1", "ServiceAccount", "serviceaccounts", "sa", "n", "token"},
    {"v1", "Service", "services", "svc", "na", "proxy status"},
    {"admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy", "mutatingadmissionpolicies", "", "c", ""},
    {"admissionregistration.k8s.io/v1", "MutatingAdmissionPolicyBinding", "mutatingadmissionpolicybindings", "", "c",
     ""},
    {"admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", "", "c", ""},
    {"admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", "", "c", "status"},
    {"admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", "",
     "c", ""},
    {"admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", "", "c",
     ""},
    {"apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", "crd crds", "c", "status"},
    {"apiregistration.k8s.io/v1", "APIService", "apiservices", "", "c", "status"},
    {"apps/v1", "ControllerRevision", "controllerrevisions", "", "n", ""},
    {"apps/v1", "DaemonSet", "daemonsets", "ds", "na", "status"},
    {"apps/v1", "Deployment", "deployments", "deploy", "na", "scale status"},
    {"apps/v1", "ReplicaSet", "replicasets", "rs", "na", "scale status"},
    {"apps/v1", "StatefulSet", "statefulsets", "sts", "na", "scale status"},
    {"authentication.k8s.io/v1", "SelfSubjectReview", "selfsubjectreviews", "", "cr", ""},
    {"authentication.k8s.io/v1", "TokenReview", "tokenreviews", "", "cr", ""},
    {"authorization.k8s.io/v1", "LocalSubjectAccessReview", "localsubjectaccessreviews", "", "nr", ""},
    {"authorization.k8s.io/v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", "", "cr", ""},
    {"authorization.k8s.io/v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews", "", "cr", ""},
    {"authorization.k8s.io/v1", "SubjectAccessReview", "subjectaccessreviews", "", "cr", ""},
    {"autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "hpa", "na", "status"},
    {"autoscaling/v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "hpa", "na", "status"},
    {"batch/v1", "CronJob", "cronjobs", "cj", "na", "status"},
    {"batch/v1", "Job", "jobs", "", "na", "status"},
    {"certificates.k8s.io/v1", "CertificateSigningRequest", "certificatesigningrequests", "csr", "c",
     "approval status"},
    {"coordination.k8s.io/v1", "Lease", "leases", "", "n", ""},
    {"discovery.k8s.io/v1", "EndpointSlice", "endpointslices", "", "n", ""},
    {"events.k8s.io/v1", "Event", "events", "ev", "n", ""},
    {"flowcontrol.apiserver.k8s.io/v1", "FlowSchema", "flowschemas", "", "c", "status"},
    {"flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration", "prioritylevelconfigurations", "", "c", "status"},
    {"networking.k8s.io/v1", "IngressClass", "ingressclasses", "", "c", ""},
    {"networking.k8s.io/v1", "Ingress", "ingresses", "ing", "n", "status"},
    {"networking.k8s.io/v1", "IPAddress", "ipaddresses", "ip", "c", ""},
    {"networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", "netpol", "n", ""},
    {"networking.k8s.io/v1", "ServiceCIDR", "servicecidrs", "", "c", "status"},
    {"node.k8s.io/v1", "RuntimeClass", "runtimeclasses", "", "c", ""},
    {"policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", "pdb", "n", "status"},
    {"rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", "", "c", ""},
    {"rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", "", "c", ""},
    {"rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", "", "n", ""},
    {"rbac.authorization.k8s.io/v1", "Role", "roles", "", "n", ""},
    {"resource.k8s.io/v1", "DeviceClass", "deviceclasses", "", "c", ""},
    {"resource.k8s.io/v1", "ResourceClaim", "resourceclaims", "", "n", "status"},
    {"resource.k8s.io/v1", "ResourceClaimTemplate", "resourceclaimtemplates", "", "n", ""},
    {"resource.k8s.io/v1", "ResourceSlice", "resourceslices", "", "c", ""},
    {"scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", "pc", "c", ""},
    {"storage.k8s.io/v1", "CSIDriver", "csidrivers", "", "c", ""},
    {"storage.k8s.io/v1", "CSINode", "csinodes", "", "c", ""},
    {"storage.k8s.io/v1", "CSIStorageCapacity", "csistoragecapacities", "", "n", ""},
    {"storage.k8s.io/v1", "StorageClass", "storageclasses", "sc", "c", ""},
    {"storage.k8s.io/v1", "VolumeAttachment", "volumeattachments", "", "c", "status"},
    {"storage.k8s.io/v1", "VolumeAttributesClass", "volumeattributesclasses", "vac", "c", ""},
};

}  // namespace

bool ResourceInfo::has_subresource(std::string_view name) const {
  return std::find(subresources.begin(), subresources.end(), name) != subresources.end();
}

std::vector<std::string> ResourceInfo::verbs() const {
  if (review) return {"create"};
  if (resource == "componentstatuses") return {"get", "list"};
  return {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
}

ResourceRegistry ResourceRegistry::builtin() {
  ResourceRegistry registry;
  for (const Row& row : kRows) {
    ResourceInfo info;
    const std::string group_version = row.group_version;
    const std::size_t slash = group_version.find('/');
    info.group = slash == std::string::npos ? "" : group_version.substr(0, slash);
    info.version = slash == std::string::npos ? group_version : group_version.substr(slash + 1);
    info.kind = row.kind;
    info.resource = row.resource;
    info.singular = to_lower(row.kind);
    info.short_names = split_whitespace(row.short_names);
    info.subresources = split_whitespace(row.subresources);
    const std::string_view flags = row.flags;
    info.namespaced = contains(flags, "n");
    info.in_all = contains(flags, "a");
    info.review = contains(flags, "r");
    registry.resources_.push_back(std::move(info));
  }
  return registry;
}

const ResourceInfo* ResourceRegistry::find(std::string_view group, std::string_view version,
                                           std::string_view resource) const {
  for (const ResourceInfo& info : resources_) {
    if (info.resource == resource && info.group == group && info.version == version) return &info;
  }
  return nullptr;
}

const ResourceInfo* ResourceRegistry::find_kind(std::string_view api_version, std::string_view kind) const {
  for (const ResourceInfo& info : resources_) {
    if (info.kind == kind && info.api_version() == api_version) return &info;
  }
  return nullptr;
}

std::vector<std::string> ResourceRegistry::groups() const {
  std::vector<std::string> names;
  for (const ResourceInfo& info : resources_) {
    if (std::find(names.begin(), names.end(), info.group) == names.end()) names.push_back(info.group);
  }
  return names;
}

std::vector<std::string> ResourceRegistry::versions(std::string_view group) const {
  std::vector<std::string> names;
  for (const ResourceInfo& info : resources_) {
    if (info.group == group && std::find(names.begin(), names.end(), info.version) == names.end())
      names.push_back(info.version);
  }
  return names;
}

void ResourceRegistry::add(ResourceInfo info) {
  remove(info.group, info.version, info.resource);
  resources_.push_back(std::move(info));
}

void ResourceRegistry::remove(std::string_view group, std::string_view version, std::string_view resource) {
  for (auto at = resources_.begin(); at != resources_.end();) {
    const auto next = std::next(at);
    if (at->resource == resource && at->group == group && at->version == version)
      retired_.splice(retired_.end(), resources_, at);
    at = next;
  }
}

}  // namespace drydock
