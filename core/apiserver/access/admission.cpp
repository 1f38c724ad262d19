// What the API server adds to or refuses of new objects: the admission plugins
// that every kubeadm cluster runs.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
#include <algorithm>

#include "core/apiserver/api_server.h"
#include "core/base/strings.h"
#include "core/machinery/pod_resources.h"

namespace drydock {
namespace {

constexpr std::string_view kNotReady = "node.kubernetes.io/not-ready";
constexpr std::string_view kUnreachable = "node.kubernetes.io/unreachable";
constexpr const char* kTokenMount = "/var/run/secrets/kubernetes.io/serviceaccount";
constexpr const char* kTokenVolume = "kube-api-access-";

bool is_mirror(const Value& pod) { return pod["metadata"]["annotations"].has("kubernetes.io/config.mirror"); }

// Every pod shares these two.
const Value& default_toleration(std::string_view key) {
  const auto made = [](std::string_view name) {
    return Value::object({{"key", name}, {"operator", "Exists"}, {"effect", "NoExecute"}, {"tolerationSeconds", 300}});
  };
  static const Value not_ready = made(kNotReady);
  static const Value unreachable = made(kUnreachable);
  return key == kNotReady ? not_ready : unreachable;
}

void add_toleration(Value& pod, std::string_view key) {
  const Value& existing = pod["spec"]["tolerations"];
  for (const Value& toleration : existing.items()) {
    const std::string_view effect = toleration["effect"].as_string();
    const bool same = (toleration["key"].empty() && toleration["operator"].as_string() == "Exists") ||
                      toleration["key"].as_string() == key;
    if (same && (effect.empty() || effect == "NoExecute")) return;
  }
  pod.ref("spec", "tolerations").push_back(default_toleration(key));
}

void add_finalizer(Value& document, std::string_view name) {
  for (const Value& finalizer : document["metadata"]["finalizers"].items()) {
    if (finalizer.as_string() == name) return;
  }
  document.ref("metadata", "finalizers").push_back(name);
}

// The volume in which every pod finds its token: the same for all of them.
Value projected_token(const std::vector<std::pair<std::string, std::string>>& config_maps) {
  Value sources = Value::array({
      Value::object({{"serviceAccountToken", Value::object({{"expirationSeconds", 3607}, {"path", "token"}})}}),
      Value::object(
          {{"configMap",
            Value::object({{"name", "kube-root-ca.crt"},
                           {"items", Value::array({Value::object({{"key", "ca.crt"}, {"path", "ca.crt"}})})}})}}),
      Value::object(
          {{"downwardAPI",
            Value::object(
                {{"items", Value::array({Value::object({
                               {"path", "namespace"},
                               {"fieldRef", Value::object({{"apiVersion", "v1"}, {"fieldPath", "metadata.namespace"}})},
                           })})}})}}),
  });
  for (const auto& [name, key] : config_maps) {
    const Value items = Value::array({Value::object({{"key", key}, {"path", key}})});
    sources.push_back(Value::object({{"configMap", Value::object({{"name", name}, {"items", items}})}}));
  }
  return Value::object({{"sources", std::move(sources)}, {"defaultMode", 420}});
}

}  // namespace

Result<void> ApiServer::admit_changes(Call& call, Value& document) {
  const std::string& resource = call.info.resource;
  if (call.resource->namespaced && ready_) {
    const auto& namespaces = cache("", "namespaces").objects();
    const auto at = namespaces.find({"", call.info.ns});
    if (at == namespaces.end()) return Status::not_found("", "namespaces", call.info.ns);
    if (at->second.deleting()) {
      Status refusal = Status::forbidden(
          call.info.group, resource, document["metadata"]["name"].as_string(),
          "unable to create new content in namespace " + call.info.ns + " because it is being terminated");
      refusal.causes.push_back(
          {"NamespaceTerminating", "namespace " + call.info.ns + " is being terminated", "metadata.namespace"});
      return refusal;
    }
  }
  if (resource == "namespaces") {
    document.set("spec", Value::object({{"finalizers", Value::array({"kubernetes"})}}));
    document.set("status", Value::object({{"phase", "Active"}}));
    document.ref("metadata", "labels").set("kubernetes.io/metadata.name", document["metadata"]["name"]);
  }
  if (resource == "customresourcedefinitions") DRYDOCK_TRY_VOID(admit_definition(document, Object()));
  if (resource == "certificatesigningrequests") {
    Value& spec = document.ref("spec");
    spec.set("username", call.who.name);
    Value groups = Value::array();
    for (const std::string& group : call.who.groups) groups.push_back(group);
    spec.set("groups", std::move(groups));
  }
  if (resource == "services") DRYDOCK_TRY_VOID(allocate_service(call, document, Object()));
  // What keeps used storage from being deleted.
  if (resource == "persistentvolumes") add_finalizer(document, "kubernetes.io/pv-protection");
  if (resource == "persistentvolumeclaims") add_finalizer(document, "kubernetes.io/pvc-protection");
  if (resource != "pods") {
    if (ready_) admit_defaults(admission_of(call), document);
  } else {
    document.set("status", Value::object({{"phase", "Pending"}}));
    if (ready_) DRYDOCK_TRY_VOID(admit_account(call, document));
    DRYDOCK_TRY_VOID(admit_node_restriction(admission_of(call), Object(), Object(document)));
    DRYDOCK_TRY_VOID(admit_pod_classes(admission_of(call), document));
    // DefaultTolerationSeconds.
    if (!is_mirror(document)) {
      add_toleration(document, kNotReady);
      add_toleration(document, kUnreachable);
    }
  }
  if (ready_ && call.resource->namespaced) DRYDOCK_TRY_VOID(admit_limits(call, document));
  if (resource == "pods") document.ref("status", "qosClass") = qos_class(document["spec"]);
  return {};
}

// ServiceAccount: who a pod is, and the token that shows it.
Result<void> ApiServer::admit_account(Call& call, Value& pod) {
  const auto refuse = [&](const std::string& why) { return admission_forbidden(admission_of(call), Object(pod), why); };
  if (is_mirror(pod)) {
    if (!pod["spec"]["serviceAccountName"].empty()) return refuse("a mirror pod may not reference service accounts");
    for (const Value& volume : pod["spec"]["volumes"].items()) {
      if (volume.has("secret")) return refuse("a mirror pod may not reference secrets");
    }
    return {};
  }
  if (pod["spec"]["serviceAccountName"].empty()) pod.ref("spec", "serviceAccountName") = "default";
  const std::string name = pod["spec"]["serviceAccountName"].str();
  pod.ref("spec", "serviceAccount") = name;
  const auto& accounts = cache("", "serviceaccounts").objects();
  const auto account = accounts.find({call.info.ns, name});
  if (account == accounts.end()) {
    return refuse("error looking up service account " + call.info.ns + "/" + name + ": serviceaccount " +
                  go_quote(name) + " not found");
  }
  const Object& found = account->second;
  if (found.annotation("kubernetes.io/enforce-mountable-secrets") == "true") {
    for (const Value& volume : pod["spec"]["volumes"].items()) {
      const std::string secret = volume["secret"]["secretName"].str();
      const bool listed = std::ranges::any_of(found.doc()["secrets"].items(), [&](const Value& reference) {
        return reference["name"].as_string() == secret;
      });
      if (!secret.empty() && !listed)
        return refuse("volume with secret.secretName=" + go_quote(secret) + " is not allowed because service account " +
                      name + " does not reference that secret");
    }
  }
  const Value& own = pod["spec"]["automountServiceAccountToken"];
  if (own.is_bool() ? own.as_bool() : found.doc()["automountServiceAccountToken"].as_bool(true)) mount_token(pod);
  if (pod["spec"]["imagePullSecrets"].empty() && !found.doc()["imagePullSecrets"].empty())
    pod.ref("spec", "imagePullSecrets") = found.doc()["imagePullSecrets"];
  return {};
}

// In every container that has nothing there itself, one volume for all.
void ApiServer::mount_token(Value& pod) {
  std::string volume;
  for (const Value& known : pod["spec"]["volumes"].items()) {
    if (known.has("projected") && known["name"].as_string().starts_with(kTokenVolume)) volume = known["name"].str();
  }
  const bool there = !volume.empty();
  if (!there) volume = kTokenVolume + prng_.name_suffix();
  bool used = false;
  for (const char* list : {"containers", "initContainers"}) {
    for (std::size_t i = 0; i < pod["spec"][list].size(); ++i) {
      const Value& mounts = pod["spec"][list][i]["volumeMounts"];
      if (std::any_of(mounts.items().begin(), mounts.items().end(),
                      [](const Value& mount) { return mount["mountPath"].as_string() == kTokenMount; }))
        continue;
      pod.ref("spec", list)
          .mutable_item(i)
          .ref("volumeMounts")
          .push_back(Value::object({{"name", volume}, {"readOnly", true}, {"mountPath", kTokenMount}}));
      used = true;
    }
  }
  if (!used || there) return;
  if (token_volume_.is_null()) token_volume_ = projected_token(options_.token_config_maps);
  pod.ref("spec", "volumes").push_back(Value::object({{"name", volume}, {"projected", token_volume_}}));
}

}  // namespace drydock
