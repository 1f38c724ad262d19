// The small plugins: classes of priority, runtime, storage and ingress; what a class
// allows of its claims; who may approve and sign certificates.
#include <algorithm>

#include "core/apiserver/admission/admission.h"
#include "core/base/strings.h"
#include "core/machinery/quantity.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

// The class that stands for those who name none: the newest that says so; by name
// among those of the same moment.
Object default_class(ObjectView& objects, const char* group, const char* resource,
                     std::initializer_list<const char*> annotations) {
  Object found;
  for (const auto& [key, candidate] : objects.all(group, resource)) {
    const bool chosen = std::any_of(annotations.begin(), annotations.end(),
                                    [&](const char* annotation) { return candidate.annotation(annotation) == "true"; });
    if (!chosen) continue;
    const std::string_view made = candidate.metadata()["creationTimestamp"].as_string();
    if (!found || made > found.metadata()["creationTimestamp"].as_string()) found = candidate;
  }
  return found;
}

// The class of pods that name none: of several defaults the lowest.
Object default_priority(ObjectView& objects) {
  Object found;
  for (const auto& [key, candidate] : objects.all("scheduling.k8s.io", "priorityclasses")) {
    if (!candidate.doc()["globalDefault"].as_bool()) continue;
    if (!found || found.doc()["value"].as_int() > candidate.doc()["value"].as_int()) found = candidate;
  }
  return found;
}

Result<void> resolve_priority(const AdmissionCall& call, Value& pod) {
  const std::string name = pod["spec"]["priorityClassName"].str();
  const Object priority = name.empty() ? default_priority(call.objects)
                                       : call.objects.find("scheduling.k8s.io", "priorityclasses", {"", name});
  if (!name.empty() && !priority)
    return admission_forbidden(call, Object(pod), "no PriorityClass with name " + name + " was found");
  const std::int64_t value = priority ? priority.doc()["value"].as_int() : 0;
  const Value& given = pod["spec"]["priority"];
  if (given.is_int() && given.as_int() != value) {
    return admission_forbidden(call, Object(pod),
                               "the integer value of priority (" + std::to_string(given.as_int()) +
                                   ") must not be provided in pod spec; priority admission controller computed " +
                                   std::to_string(value) + " from the given PriorityClass name");
  }
  const std::string policy = priority && !priority.doc()["preemptionPolicy"].empty()
                                 ? priority.doc()["preemptionPolicy"].str()
                                 : "PreemptLowerPriority";
  const std::string asked = pod["spec"]["preemptionPolicy"].str();
  if (!asked.empty() && priority && asked != policy) {
    return admission_forbidden(call, Object(pod),
                               "the string value of PreemptionPolicy (" + asked +
                                   ") must not be provided in pod spec; priority admission controller computed " +
                                   policy + " from the given PriorityClass name");
  }
  Value& spec = pod.ref("spec");
  if (name.empty() && priority) spec.set("priorityClassName", priority.name());
  spec.set("priority", value);
  if (asked.empty()) spec.set("preemptionPolicy", policy);
  return {};
}

Result<void> resolve_runtime_class(const AdmissionCall& call, Value& pod) {
  const std::string name = pod["spec"]["runtimeClassName"].str();
  if (name.empty()) {
    if (!pod["spec"].has("overhead")) return {};
    return admission_forbidden(call, Object(pod),
                               "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
  }
  const Object found = call.objects.find("node.k8s.io", "runtimeclasses", {"", name});
  if (!found)
    return admission_forbidden(call, Object(pod), "pod rejected: RuntimeClass " + go_quote(name) + " not found");
  const Value& overhead = found.doc()["overhead"]["podFixed"];
  const Value& given = pod["spec"]["overhead"];
  if (!given.is_null() && !(given == overhead)) {
    return admission_forbidden(call, Object(pod),
                               "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
  }
  if (!overhead.is_null()) pod.ref("spec").set("overhead", overhead);
  const Value& scheduling = found.doc()["scheduling"];
  for (const Value::Member& label : scheduling["nodeSelector"].members()) {
    const Value& own = pod["spec"]["nodeSelector"][label.key.view()];
    if (!own.is_null() && !(own == label.value)) {
      return admission_forbidden(call, Object(pod),
                                 "conflict: runtimeClass.scheduling.nodeSelector[" + label.key.str() +
                                     "] = " + label.value.str() + "; pod.spec.nodeSelector[" + label.key.str() +
                                     "] = " + own.str());
    }
    pod.ref("spec", "nodeSelector").set(label.key, label.value);
  }
  for (const Value& toleration : scheduling["tolerations"].items()) {
    const auto own = pod["spec"]["tolerations"].items();
    if (std::find(own.begin(), own.end(), toleration) == own.end())
      pod.ref("spec", "tolerations").push_back(toleration);
  }
  return {};
}

Result<void> check_priority_class(const AdmissionCall& call, const Object& old, const Object& updated) {
  if (!updated.doc()["globalDefault"].as_bool()) return {};
  const Object other = default_priority(call.objects);
  if (!other || (old && other.name() == updated.name())) return {};
  return admission_forbidden(
      call, updated,
      "PriorityClass " + std::string(other.name()) + " is already marked as default. Only one default can exist");
}

Result<void> check_claim_size(const AdmissionCall& call, const Object& old, const Object& updated) {
  const auto size = [](const Object& claim) {
    return Quantity::from(claim.spec()["resources"]["requests"]["storage"]).value_or(Quantity());
  };
  if (size(updated) <= size(old)) return {};
  if (old.status()["phase"].as_string() != "Bound")
    return admission_forbidden(call, updated, "Only bound persistent volume claims can be expanded");
  const std::string beta(updated.annotation("volume.beta.kubernetes.io/storage-class"));
  const std::string name = beta.empty() ? updated.spec()["storageClassName"].str() : beta;
  const Object found = call.objects.find("storage.k8s.io", "storageclasses", {"", name});
  if (!name.empty() && found && found.doc()["allowVolumeExpansion"].as_bool()) return {};
  return admission_forbidden(call, updated,
                             "only dynamically provisioned pvc can be resized and the storageclass that provisions the "
                             "pvc must support resize");
}

// May the user do `verb` with this signer, or with every signer of its domain?
bool allowed_for_signer(const AdmissionCall& call, const char* verb, const std::string& signer) {
  RequestInfo right;
  right.is_resource = true;
  right.verb = verb;
  right.group = "certificates.k8s.io";
  right.version = "*";
  right.resource = "signers";
  right.name = signer;
  if (call.allowed(call.who, right)) return true;
  right.name = signer.substr(0, signer.find('/')) + "/*";
  return call.allowed(call.who, right);
}

Result<void> check_certificate(
    const AdmissionCall& call, const Object& old, const Object& updated,
    const std::function<std::vector<std::string>(std::string_view request_pem)>& organizations) {
  const std::string signer = updated.spec()["signerName"].str();
  const std::string& part = call.info.subresource;
  if (!old && part.empty()) {
    if (signer != "kubernetes.io/kube-apiserver-client" || !organizations) return {};
    const std::string pem = base64_decode(updated.spec()["request"].as_string()).value_or("");
    for (const std::string& organization : organizations(pem)) {
      if (organization == "system:masters")
        return admission_forbidden(call, updated,
                                   "use of " + signer + " signer with system:masters group is not allowed");
    }
    return {};
  }
  if (!old) return {};
  if (part == "approval" && !allowed_for_signer(call, "approve", old.spec()["signerName"].str())) {
    return admission_forbidden(call, updated,
                               "user not permitted to approve requests with signerName " + go_quote(signer));
  }
  if (part != "status") return {};
  const bool signs = !(old.status()["certificate"] == updated.status()["certificate"]) ||
                     !(old.status()["conditions"] == updated.status()["conditions"]);
  if (!signs || allowed_for_signer(call, "sign", old.spec()["signerName"].str())) return {};
  return admission_forbidden(call, updated, "user not permitted to sign requests with signerName " + go_quote(signer));
}

}  // namespace

Status admission_forbidden(const AdmissionCall& call, const Object& object, std::string_view why) {
  std::string name = call.info.name.empty() ? std::string(object.name()) : call.info.name;
  if (name.empty())
    name = object.metadata()["generateName"].empty() ? "Unknown" : object.metadata()["generateName"].str();
  return Status::forbidden(call.info.group, call.info.resource, name, why);
}

Result<void> admit_pod_classes(const AdmissionCall& call, Value& pod) {
  DRYDOCK_TRY_VOID(resolve_priority(call, pod));
  return resolve_runtime_class(call, pod);
}

void admit_defaults(const AdmissionCall& call, Value& document) {
  const std::string& resource = call.info.resource;
  const Value& annotations = document["metadata"]["annotations"];
  if (resource == "persistentvolumeclaims") {
    if (document["spec"].has("storageClassName") || annotations.has("volume.beta.kubernetes.io/storage-class")) return;
    const Object found = default_class(
        call.objects, "storage.k8s.io", "storageclasses",
        {"storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"});
    if (found) document.ref("spec").set("storageClassName", found.name());
  } else if (resource == "ingresses") {
    if (document["spec"].has("ingressClassName") || annotations.has("kubernetes.io/ingress.class")) return;
    const Object found = default_class(call.objects, "networking.k8s.io", "ingressclasses",
                                       {"ingressclass.kubernetes.io/is-default-class"});
    if (found) document.ref("spec").set("ingressClassName", found.name());
  } else if (resource == "nodes") {
    constexpr std::string_view kNotReady = "node.kubernetes.io/not-ready";
    for (const Value& taint : document["spec"]["taints"].items()) {
      if (taint["key"].as_string() == kNotReady && taint["effect"].as_string() == "NoSchedule") return;
    }
    document.ref("spec", "taints").push_back(Value::object({{"key", kNotReady}, {"effect", "NoSchedule"}}));
  }
}

Result<void> admit_small_plugins(
    const AdmissionCall& call, const Object& old, const Object& updated,
    const std::function<std::vector<std::string>(std::string_view request_pem)>& organizations) {
  if (!updated) return {};
  const std::string& resource = call.info.resource;
  const bool whole = call.info.subresource.empty();
  if (resource == "priorityclasses" && whole) return check_priority_class(call, old, updated);
  if (resource == "persistentvolumeclaims" && whole && old) return check_claim_size(call, old, updated);
  if (resource == "certificatesigningrequests") return check_certificate(call, old, updated, organizations);
  return {};
}

}  // namespace drydock
