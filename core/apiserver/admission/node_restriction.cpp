// NodeRestriction: kubelets change nothing but their own Node and the pods bound to it.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
#include <algorithm>
#include <set>

#include "core/apiserver/access/node_authorizer.h"
#include "core/apiserver/admission/admission.h"
#include "core/base/strings.h"

namespace drydock {
namespace {

// Labels below kubernetes.io that kubelets do set.
constexpr std::string_view kKubeletLabels[] = {
    "kubernetes.io/hostname",
    "kubernetes.io/arch",
    "kubernetes.io/os",
    "beta.kubernetes.io/instance-type",
    "beta.kubernetes.io/os",
    "beta.kubernetes.io/arch",
    "failure-domain.beta.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
    "failure-domain.kubernetes.io/region",
    "failure-domain.kubernetes.io/zone",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "node.kubernetes.io/instance-type",
    "node.kubernetes.io/windows-build",
};

std::string_view namespace_of(std::string_view label) {
  const std::size_t slash = label.find('/');
  return slash == std::string_view::npos ? std::string_view() : label.substr(0, slash);
}

bool below(std::string_view ns, std::string_view domain) {
  return ns == domain || (ns.ends_with(domain) && ns[ns.size() - domain.size() - 1] == '.');
}

bool forbidden_label(std::string_view label) {
  const std::string_view ns = namespace_of(label);
  if (below(ns, "node-restriction.kubernetes.io")) return true;
  if (!below(ns, "kubernetes.io") && !below(ns, "k8s.io")) return false;
  if (below(ns, "kubelet.kubernetes.io") || below(ns, "node.kubernetes.io")) return false;
  return std::find(std::begin(kKubeletLabels), std::end(kKubeletLabels), label) == std::end(kKubeletLabels);
}

std::string forbidden_labels(const Value& old, const Value& updated) {
  std::set<std::string> found;
  for (const auto& [a, b] : {std::pair(&old, &updated), std::pair(&updated, &old)}) {
    for (const Value::Member& label : a->members()) {
      if (!((*b)[label.key.view()] == label.value) && forbidden_label(label.key.view())) found.insert(label.key.str());
    }
  }
  return join(std::vector<std::string>(found.begin(), found.end()), ", ");
}

struct Restriction {
  const AdmissionCall& call;
  std::string node;
  Object old, updated;

  Status refuse(const std::string& why) const { return admission_forbidden(call, updated ? updated : old, why); }
  std::string quoted() const { return "node " + go_quote(node); }

  Result<void> create_pod() const {
    if (!updated.annotations().has("kubernetes.io/config.mirror"))
      return refuse("pod does not have \"kubernetes.io/config.mirror\" annotation, " + quoted() +
                    " can only create mirror pods");
    const Value& spec = updated.spec();
    if (spec["nodeName"].as_string() != node)
      return refuse(quoted() + " can only create pods with spec.nodeName set to itself");
    const Value& owners = updated.metadata()["ownerReferences"];
    if (owners.size() > 1)
      return refuse(quoted() + " can only create pods with a single owner reference set to itself");
    const Value& owner = owners[0];
    if (owner["apiVersion"].as_string() != "v1" || owner["kind"].as_string() != "Node" ||
        owner["name"].as_string() != node)
      return refuse(quoted() + " can only create pods with an owner reference set to itself");
    if (!owner["controller"].as_bool())
      return refuse(quoted() + " can only create pods with a controller owner reference set to itself");
    if (owner["blockOwnerDeletion"].as_bool())
      return refuse(quoted() + " must not set blockOwnerDeletion on an owner reference");
    const Object own = call.objects.find("", "nodes", {"", node});
    if (!own) return Status::not_found("", "nodes", node);
    if (owner["uid"].as_string() != own.uid())
      return refuse("node " + node + " UID mismatch: expected " + owner["uid"].str() + " got " +
                    std::string(own.uid()));
    if (!spec["serviceAccountName"].empty())
      return refuse(quoted() + " can not create pods that reference a service account");
    const PodReferences references = references_of(updated);
    if (!references.secrets.empty()) return refuse(quoted() + " can not create pods that reference secrets");
    if (!references.config_maps.empty()) return refuse(quoted() + " can not create pods that reference configmaps");
    if (!references.claims.empty())
      return refuse(quoted() + " can not create pods that reference persistentvolumeclaims");
    return {};
  }

  Result<void> pod() const {
    const std::string& part = call.info.subresource;
    if (part.empty() && !old) return create_pod();
    if (part.empty() && !updated) {
      if (old.spec()["nodeName"].as_string() != node)
        return refuse(quoted() + " can only delete pods with spec.nodeName set to itself");
      return {};
    }
    if (part.empty())
      return refuse("unexpected operation \"UPDATE\", " + quoted() + " can only create and delete mirror pods");
    if (part == "status") {
      if (old.spec()["nodeName"].as_string() != node)
        return refuse(quoted() + " can only update pod status for pods with spec.nodeName set to itself");
      if (!(old.labels() == updated.labels())) return refuse(quoted() + " cannot update labels through pod status");
      return {};
    }
    if (part == "eviction") {
      if (old.spec()["nodeName"].as_string() != node)
        return refuse("node " + node + " can only evict pods with spec.nodeName set to itself");
      return {};
    }
    return refuse("unexpected pod subresource " + go_quote(part) + ", only 'status' and 'eviction' are allowed");
  }

  Result<void> own_node() const {
    const std::string requested(updated ? updated.name() : old.name());
    if (requested != node) return refuse(quoted() + " is not allowed to modify node " + go_quote(requested));
    if (!updated) return {};
    const std::string labels = forbidden_labels(old.labels(), updated.labels());
    if (!old) {
      if (!labels.empty()) return refuse(quoted() + " is not allowed to set the following labels: " + labels);
      return {};
    }
    if (!(old.spec()["taints"] == updated.spec()["taints"]))
      return refuse(quoted() + " is not allowed to modify taints");
    if (!labels.empty()) return refuse("is not allowed to modify labels: " + labels);
    return {};
  }

  // `updated` is the TokenRequest.
  Result<void> token() const {
    if (call.info.subresource != "token") return {};
    const Value& reference = updated.spec()["boundObjectRef"];
    if (reference["apiVersion"].as_string() != "v1" || reference["kind"].as_string() != "Pod" ||
        reference["name"].empty())
      return refuse("node requested token not bound to a pod");
    if (reference["uid"].empty()) return refuse("node requested token with a pod binding without a uid");
    const Object bound = call.objects.find("", "pods", {call.info.ns, reference["name"].str()});
    if (!bound) return Status::not_found("", "pods", reference["name"].as_string());
    if (bound.uid() != reference["uid"].as_string())
      return refuse("the UID in the bound object reference (" + reference["uid"].str() +
                    ") does not match the UID in record. The object might have been deleted and then recreated");
    if (bound.spec()["nodeName"].as_string() != node)
      return refuse("node requested token bound to a pod scheduled on a different node");
    return {};
  }

  Result<void> named_like_node(const char* what) const {
    const std::string requested(updated ? updated.name() : old.name());
    if (requested == node) return {};
    return refuse(std::string("can only access ") + what + " with the same name as the requesting node");
  }
};

}  // namespace

Result<void> admit_node_restriction(const AdmissionCall& call, const Object& old, const Object& updated) {
  if (!call.who.in_group(kNodesGroup) || !call.who.name.starts_with(kNodePrefix)) return {};
  const Restriction of_node{call, call.who.name.substr(kNodePrefix.size()), old, updated};
  const std::string& resource = call.info.resource;
  if (call.info.group.empty()) {
    if (resource == "pods") return of_node.pod();
    if (resource == "nodes") return of_node.own_node();
    if (resource == "serviceaccounts") return of_node.token();
    if (resource == "persistentvolumeclaims" && call.info.subresource != "status")
      return of_node.refuse("may only update PVC status");
  }
  if (resource == "leases") {
    if (call.info.ns != "kube-node-lease")
      return of_node.refuse("can only access leases in the \"kube-node-lease\" system namespace");
    return of_node.named_like_node("node lease");
  }
  if (resource == "csinodes") return of_node.named_like_node("CSINode");
  return {};
}

}  // namespace drydock
