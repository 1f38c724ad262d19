// Admission: what built-in plugins add to a request's object, and what they refuse.
// Each plugin is a function over one AdmissionCall; api_writes.cpp calls them in the
// order of upstream's chain: what changes objects first, then what only judges.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/apiserver/access/identity.h"
#include "core/apiserver/admission/object_view.h"
#include "core/machinery/resource_registry.h"

namespace drydock {

// One request on its way to the store. A creation has no old object, a deletion no new one.
struct AdmissionCall {
  const RequestInfo& info;
  const ResourceInfo& resource;
  const Identity& who;
  ObjectView& objects;
  // May somebody do that? Always, where nobody asks.
  std::function<bool(const Identity& who, const RequestInfo& right)> allowed;
  // Is the resource served in this version, too?
  std::function<bool(const std::string& version)> has_version;
  // For the audit log: "pod-security.kubernetes.io/enforce-policy" and the like.
  std::map<std::string, std::string>& annotations;
  std::vector<std::string>& warnings;
};

// The refusal as upstream words it: `pods "web" is forbidden: why`.
Status admission_forbidden(const AdmissionCall& call, const Object& object, std::string_view why);

// --- plugins that change objects; `document` is complete but for them ---

// Priority, RuntimeClass.
Result<void> admit_pod_classes(const AdmissionCall& call, Value& pod);
// DefaultStorageClass, DefaultIngressClass, TaintNodesByCondition.
void admit_defaults(const AdmissionCall& call, Value& document);

// --- plugins that judge ---

// Priority (of classes), PersistentVolumeClaimResize, the three of certificates.
// `organizations` reads the O of a signing request's subject.
Result<void> admit_small_plugins(
    const AdmissionCall& call, const Object& old, const Object& updated,
    const std::function<std::vector<std::string>(std::string_view request_pem)>& organizations);
// PodSecurity: pods, workloads (warnings only) and the labels of namespaces.
Result<void> admit_pod_security(const AdmissionCall& call, const Object& old, const Object& updated);
// Nobody gives rights that they do not have: roles, cluster roles and their bindings.
Result<void> admit_escalation(const AdmissionCall& call, const Object& old, const Object& updated,
                              const ObjectSource& rights);
// NodeRestriction: a kubelet changes its own node and the pods bound to it.
Result<void> admit_node_restriction(const AdmissionCall& call, const Object& old, const Object& updated);

}  // namespace drydock
