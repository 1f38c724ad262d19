#include "core/apiserver/access/node_authorizer.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/selectors.h"

namespace drydock {
namespace {

bool one_of(std::string_view text, std::string_view words) {
  const std::vector<std::string> all = split_whitespace(words);
  return std::find(all.begin(), all.end(), text) != all.end();
}

void add(std::set<std::string>& names, const Value& name) {
  if (!name.empty()) names.insert(name.str());
}

// Does a pod refer to the object?
bool refers(const Object& pod, std::string_view resource, const std::string& name) {
  if (resource == "pods") return pod.name() == name;
  if (resource == "serviceaccounts") return pod.spec()["serviceAccountName"].as_string() == name;
  if (resource == "resourceclaims") {
    return std::ranges::any_of(pod.spec()["resourceClaims"].items(),
                               [&](const Value& claim) { return claim["resourceClaimName"].as_string() == name; }) ||
           std::ranges::any_of(pod.status()["resourceClaimStatuses"].items(),
                               [&](const Value& claim) { return claim["resourceClaimName"].as_string() == name; });
  }
  const PodReferences references = references_of(pod);
  if (resource == "secrets") return references.secrets.contains(name);
  if (resource == "configmaps") return references.config_maps.contains(name);
  return references.claims.contains(name);
}

// The volumes of the claims that a node's pods use.
bool refers_to_volume(const Object& pod, const std::string& volume, ObjectView& objects) {
  const PodReferences references = references_of(pod);
  return std::ranges::any_of(references.claims, [&](const std::string& claim) {
    const Object found = objects.find("", "persistentvolumeclaims", {std::string(pod.ns()), claim});
    return found.spec()["volumeName"].as_string() == volume;
  });
}

// A secret that a volume names for its driver.
bool secret_of_volume(const Object& pod, const ObjectKey& secret, ObjectView& objects) {
  for (const std::string& claim : references_of(pod).claims) {
    const Object found = objects.find("", "persistentvolumeclaims", {std::string(pod.ns()), claim});
    const Object volume = objects.find("", "persistentvolumes", {"", found.spec()["volumeName"].str()});
    const Value& csi = volume.spec()["csi"];
    for (const char* field : {"nodePublishSecretRef", "nodeStageSecretRef", "nodeExpandSecretRef"}) {
      if (csi[field]["name"].as_string() == secret.name && csi[field]["namespace"].as_string() == secret.ns)
        return true;
    }
  }
  return false;
}

bool selects(const RequestInfo& info, std::string_view field, const std::string& value) {
  const auto terms = parse_field_selector(info.field_selector);
  return terms && std::ranges::any_of(*terms, [&](const FieldTerm& term) {
           return term.path == field && term.equal && term.value == value;
         });
}

struct Question {
  const std::string& node;
  const RequestInfo& info;
  ObjectView& objects;

  std::optional<std::string> related() const {
    if (info.name.empty()) return "No Object name found";
    const ObjectKey key{info.ns, info.name};
    for (const Object* pod : objects.pods_on(node)) {
      if (info.resource == "persistentvolumes") {
        if (refers_to_volume(*pod, info.name, objects)) return std::nullopt;
        continue;
      }
      if (pod->ns() == info.ns && refers(*pod, info.resource, info.name)) return std::nullopt;
      if (info.resource == "secrets" && secret_of_volume(*pod, key, objects)) return std::nullopt;
    }
    if (info.resource == "volumeattachments" &&
        objects.find("storage.k8s.io", "volumeattachments", {"", info.name}).spec()["nodeName"].as_string() == node)
      return std::nullopt;
    if (info.resource == "resourceslices" &&
        objects.find("resource.k8s.io", "resourceslices", {"", info.name}).spec()["nodeName"].as_string() == node)
      return std::nullopt;
    return "no relationship found between node '" + node + "' and this object";
  }

  std::optional<std::string> get() const {
    if (info.verb != "get") return "can only get individual resources of this type";
    if (!info.subresource.empty()) return "cannot get subresource";
    return related();
  }

  std::optional<std::string> read_namespaced() const {
    if (!one_of(info.verb, "get list watch")) return "can only read resources of this type";
    if (!info.subresource.empty()) return "cannot read subresource";
    if (info.ns.empty()) return "can only read namespaced object of this type";
    return related();
  }

  std::optional<std::string> own(const char* what, bool lease) const {
    if (!one_of(info.verb, "get create update patch delete"))
      return std::string("can only get, create, update, patch, or delete a ") + (lease ? "node lease" : "CSINode");
    if (lease && info.ns != "kube-node-lease")
      return "can only access leases in the \"kube-node-lease\" system namespace";
    if (!lease && !info.subresource.empty()) return "cannot authorize CSINode subresources";
    if (info.verb != "create" && info.name != node)
      return std::string("can only access ") + what + " with the same name as the requesting node";
    return std::nullopt;
  }

  std::optional<std::string> nodes() const {
    if (info.subresource.empty()) {
      if (one_of(info.verb, "create update patch")) return std::nullopt;
      if (one_of(info.verb, "get list watch")) {
        if (info.name == node) return std::nullopt;
        if (info.name.empty()) return "node '" + node + "' cannot read all nodes, only its own Node object";
        return "node '" + node + "' cannot read '" + info.name + "', only its own Node object";
      }
    }
    if (info.subresource == "status" && one_of(info.verb, "update patch")) return std::nullopt;
    return "";
  }

  std::optional<std::string> pods() const {
    if (info.subresource.empty()) {
      if (info.verb == "get") return get();
      if (one_of(info.verb, "list watch")) {
        if (selects(info, "spec.nodeName", node)) return std::nullopt;
        if (!info.name.empty()) return related();
        return "can only list/watch pods with spec.nodeName field selector";
      }
      if (one_of(info.verb, "create delete")) return std::nullopt;
    }
    if (info.subresource == "status" && one_of(info.verb, "update patch")) return std::nullopt;
    if (info.subresource == "eviction" && info.verb == "create") return std::nullopt;
    return "";
  }

  std::optional<std::string> slices() const {
    if (!info.subresource.empty()) return "cannot authorize ResourceSlice subresources";
    if (info.verb == "create") return std::nullopt;
    if (one_of(info.verb, "get update patch delete")) return related();
    if (selects(info, "spec.nodeName", node)) return std::nullopt;
    return "can only list/watch/deletecollection resourceslices with spec.nodeName field selector";
  }
};

// What all nodes may do with the rest: group, resource, verbs.
struct NodeRule {
  std::string_view group, resource, verbs;
};
constexpr NodeRule kNodeRules[] = {
    {"authentication.k8s.io", "tokenreviews", "create"},
    {"authorization.k8s.io", "subjectaccessreviews", "create"},
    {"authorization.k8s.io", "localsubjectaccessreviews", "create"},
    {"", "services", "get list watch"},
    {"", "events", "create update patch"},
    {"events.k8s.io", "events", "create update patch"},
    {"", "endpoints", "get"},
    {"certificates.k8s.io", "certificatesigningrequests", "create get list watch"},
    {"certificates.k8s.io", "clustertrustbundles", "get list watch"},
    {"storage.k8s.io", "csidrivers", "get list watch"},
    {"node.k8s.io", "runtimeclasses", "get list watch"},
};

}  // namespace

PodReferences references_of(const Object& pod) {
  PodReferences found;
  const Value& spec = pod.spec();
  for (const Value& secret : spec["imagePullSecrets"].items()) add(found.secrets, secret["name"]);
  for (const char* list : {"containers", "initContainers", "ephemeralContainers"}) {
    for (const Value& container : spec[list].items()) {
      for (const Value& source : container["envFrom"].items()) {
        add(found.secrets, source["secretRef"]["name"]);
        add(found.config_maps, source["configMapRef"]["name"]);
      }
      for (const Value& variable : container["env"].items()) {
        add(found.secrets, variable["valueFrom"]["secretKeyRef"]["name"]);
        add(found.config_maps, variable["valueFrom"]["configMapKeyRef"]["name"]);
      }
    }
  }
  for (const Value& volume : spec["volumes"].items()) {
    add(found.secrets, volume["secret"]["secretName"]);
    add(found.config_maps, volume["configMap"]["name"]);
    add(found.claims, volume["persistentVolumeClaim"]["claimName"]);
    if (volume.has("ephemeral")) found.claims.insert(std::string(pod.name()) + "-" + volume["name"].str());
    add(found.secrets, volume["csi"]["nodePublishSecretRef"]["name"]);
    for (const char* kind : {"cephfs", "rbd", "iscsi", "flexVolume", "scaleIO", "storageos"})
      add(found.secrets, volume[kind]["secretRef"]["name"]);
    add(found.secrets, volume["azureFile"]["secretName"]);
    for (const Value& source : volume["projected"]["sources"].items()) {
      add(found.secrets, source["secret"]["name"]);
      add(found.config_maps, source["configMap"]["name"]);
    }
  }
  return found;
}

std::optional<std::string> node_denial(const std::string& node, const RequestInfo& info, ObjectView& objects) {
  const Question question{node, info, objects};
  if (!info.is_resource) return "";
  const std::string& resource = info.resource;
  if (info.group.empty()) {
    if (resource == "secrets" || resource == "configmaps") return question.read_namespaced();
    if (resource == "persistentvolumeclaims") {
      if (info.subresource != "status") return question.get();
      if (!one_of(info.verb, "update patch")) return "can only get/update/patch this type";
      return question.related();
    }
    if (resource == "persistentvolumes") return question.get();
    if (resource == "serviceaccounts") {
      if (info.verb != "create" || info.name.empty()) return "can only create tokens for individual service accounts";
      if (info.subresource != "token") return "can only create token subresource of serviceaccount";
      return question.related();
    }
    if (resource == "nodes") return question.nodes();
    if (resource == "pods") return question.pods();
  }
  if (info.group == "resource.k8s.io") {
    if (resource == "resourceclaims") return question.get();
    if (resource == "resourceslices") return question.slices();
  }
  if (info.group == "storage.k8s.io") {
    if (resource == "volumeattachments") return question.get();
    if (resource == "csinodes") return question.own("CSINode", false);
  }
  if (info.group == "coordination.k8s.io" && resource == "leases") return question.own("node lease", true);
  for (const NodeRule& rule : kNodeRules) {
    if (rule.group == info.group && rule.resource == resource && info.subresource.empty() &&
        one_of(info.verb, rule.verbs))
      return std::nullopt;
  }
  return "";
}

}  // namespace drydock
