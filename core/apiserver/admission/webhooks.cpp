#include "core/apiserver/admission/webhooks.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/selectors.h"

namespace drydock {
namespace {

constexpr const char* kGroup = "admissionregistration.k8s.io";

bool listed(const Value& list, std::string_view wanted) {
  return std::ranges::any_of(list.items(),
                             [&](const Value& item) { return item.as_string() == "*" || item.as_string() == wanted; });
}

// "pods", "pods/log", "pods/*", "*/scale", "*", "*/*".
bool resource_listed(const Value& list, const std::string& resource, const std::string& subresource) {
  return std::ranges::any_of(list.items(), [&](const Value& item) {
    const std::vector<std::string> parts = split(item.as_string(), '/');
    if (parts[0] != "*" && parts[0] != resource) return false;
    const std::string part = parts.size() > 1 ? parts[1] : "";
    return part == subresource || (part == "*");
  });
}

Result<bool> selected(const Value& selector, const Value& labels) {
  if (selector.empty()) return true;
  DRYDOCK_TRY(const LabelSelector parsed, LabelSelector::from_document(selector));
  return parsed.matches(labels);
}

Value kind_of(const ResourceInfo& resource, const std::string& version) {
  return Value::object({{"group", resource.group}, {"kind", resource.kind}, {"version", version}});
}

Value resource_of(const ResourceInfo& resource, const std::string& version) {
  return Value::object({{"group", resource.group}, {"resource", resource.resource}, {"version", version}});
}

Value in_version(const Object& object, const ResourceInfo& resource, const std::string& version) {
  if (!object) return {};
  Value document = object.doc();
  if (version != resource.version)
    document.set("apiVersion", resource.group.empty() ? version : resource.group + "/" + version);
  return document;
}

Value options_document(std::string_view operation, bool dry_run) {
  const char* kind = operation == "CREATE"   ? "CreateOptions"
                     : operation == "UPDATE" ? "UpdateOptions"
                     : operation == "DELETE" ? "DeleteOptions"
                                             : nullptr;
  if (kind == nullptr) return {};
  Value options = Value::object({{"kind", kind}, {"apiVersion", "meta.k8s.io/v1"}});
  if (dry_run) options.set("dryRun", Value::array({"All"}));
  return options;
}

std::string_view operation_of(const RequestInfo& info, const Object& old, const Object& object) {
  const std::string& part = info.subresource;
  if (part == "exec" || part == "attach" || part == "portforward" || part == "proxy") return "CONNECT";
  return !old ? "CREATE" : !object ? "DELETE" : "UPDATE";
}

}  // namespace

// The version under which a rule wants the request; "" when it does not.
std::string matched_version(const HookedRequest& request, const Value& rule, bool equivalent) {
  const RequestInfo& info = request.call.info;
  if (!listed(rule["operations"], request.operation) || !listed(rule["apiGroups"], info.group) ||
      !resource_listed(rule["resources"], info.resource, info.subresource))
    return "";
  const std::string scope = rule["scope"].str();
  const bool namespaced = request.call.resource.namespaced;
  if (scope == "Namespaced" ? !namespaced : scope == "Cluster" && namespaced) return "";
  if (listed(rule["apiVersions"], info.version)) return info.version;
  // Another version of the same resource is the same request.
  return equivalent && !rule["apiVersions"].empty() && request.call.has_version &&
                 request.call.has_version(rule["apiVersions"][0].str())
             ? rule["apiVersions"][0].str()
             : "";
}

Result<bool> in_selected_namespace(const HookedRequest& request, const Value& selector) {
  if (selector.empty()) return true;
  const RequestInfo& info = request.call.info;
  if (info.resource == "namespaces" && info.group.empty())
    return selected(selector, request.object ? request.object.labels() : request.old.labels());
  if (!request.call.resource.namespaced) return true;
  const Object ns = request.call.objects.find("", "namespaces", {"", info.ns});
  if (!ns) return Status::not_found("", "namespaces", info.ns);
  return selected(selector, ns.labels());
}

Result<bool> selects_object(const HookedRequest& request, const Value& selector) {
  if (selector.empty()) return true;
  for (const Object* object : {&request.object, &request.old}) {
    if (!*object) continue;
    DRYDOCK_TRY(const bool matches, selected(selector, object->labels()));
    if (matches) return true;
  }
  return false;
}

HookedRequest hooked_request(const AdmissionCall& call, const Object& old, const Object& object, bool dry_run) {
  HookedRequest request{call, operation_of(call.info, old, object), old, object, {}, dry_run};
  request.options = options_document(request.operation, dry_run);
  return request;
}

Result<std::vector<MatchedHook>> matching_hooks(const HookedRequest& request, bool mutating) {
  std::vector<MatchedHook> found;
  // Who decides about webhooks is not asked about them.
  if (request.call.info.group == kGroup) return found;
  const char* resource = mutating ? "mutatingwebhookconfigurations" : "validatingwebhookconfigurations";
  for (const auto& [key, configuration] : request.call.objects.all(kGroup, resource)) {
    for (const Value& hook : configuration.doc()["webhooks"].items()) {
      const bool equivalent = hook["matchPolicy"].as_string() != "Exact";
      std::string version;
      for (const Value& rule : hook["rules"].items()) {
        if (version.empty()) version = matched_version(request, rule, equivalent);
      }
      if (version.empty()) continue;
      DRYDOCK_TRY(const bool in_namespace, in_selected_namespace(request, hook["namespaceSelector"]));
      if (!in_namespace) continue;
      DRYDOCK_TRY(const bool of_object, selects_object(request, hook["objectSelector"]));
      if (of_object) found.push_back({hook, key.name, version});
    }
  }
  return found;
}

Value admission_review(const HookedRequest& request, const MatchedHook& hook, const std::string& uid) {
  const AdmissionCall& call = request.call;
  const ResourceInfo& resource = call.resource;
  Value user = Value::object({{"username", call.who.name}});
  if (!call.who.uid.empty()) user.set("uid", call.who.uid);
  for (const std::string& group : call.who.groups) user.ref("groups").push_back(group);
  const Object& named = request.object ? request.object : request.old;
  Value asked = Value::object({
      {"uid", uid},
      {"kind", kind_of(resource, hook.version)},
      {"resource", resource_of(resource, hook.version)},
      {"requestKind", kind_of(resource, resource.version)},
      {"requestResource", resource_of(resource, resource.version)},
      {"name", call.info.name.empty() ? std::string(named.name()) : call.info.name},
      {"operation", request.operation},
      {"userInfo", std::move(user)},
      {"object", in_version(request.object, resource, hook.version)},
      {"oldObject", in_version(request.old, resource, hook.version)},
      {"dryRun", request.dry_run},
      {"options", request.options},
  });
  if (!call.info.subresource.empty()) {
    asked.set("subResource", call.info.subresource);
    asked.set("requestSubResource", call.info.subresource);
    if (request.operation == "CONNECT" || request.object.kind() != resource.kind) {
      if (request.object) {
        const std::string version(request.object.api_version());
        const std::size_t slash = version.find('/');
        asked.set("kind",
                  Value::object({{"group", slash == std::string::npos ? "" : version.substr(0, slash)},
                                 {"kind", request.object.kind()},
                                 {"version", slash == std::string::npos ? version : version.substr(slash + 1)}}));
        asked.set("requestKind", asked["kind"]);
      }
    }
  }
  if (resource.namespaced || call.info.resource == "namespaces") asked.set("namespace", call.info.ns);
  return Value::object(
      {{"kind", "AdmissionReview"}, {"apiVersion", "admission.k8s.io/v1"}, {"request", std::move(asked)}});
}

Result<Value> admission_response(const Value& answer, const std::string& uid, bool mutating) {
  const auto wrong = [](const std::string& why) { return Status::plain("received invalid webhook response: " + why); };
  const Value& response = answer["response"];
  if (!response.is_object()) return wrong("webhook response was absent");
  if (response["uid"].as_string() != uid)
    return wrong("expected response.uid=" + go_quote(uid) + ", got " + go_quote(response["uid"].as_string()));
  if (answer["apiVersion"].as_string() != "admission.k8s.io/v1" || answer["kind"].as_string() != "AdmissionReview") {
    const std::vector<std::string> parts = split(answer["apiVersion"].as_string(), '/');
    return wrong("expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got " +
                 answer["apiVersion"].str() + ", Kind=" + answer["kind"].str());
  }
  const bool patch = !response["patch"].empty();
  const bool type = response.has("patchType") && !response["patchType"].is_null();
  if (!mutating) {
    if (patch) return wrong("validating webhook may not return response.patch");
    if (type) return wrong("validating webhook may not return response.patchType");
    return response;
  }
  if (patch && !type) return wrong("webhook returned response.patch but not response.patchType");
  if (!patch && type) return wrong("webhook returned response.patchType but not response.patch");
  if (type && response["patchType"].as_string() != "JSONPatch")
    return wrong("webhook returned invalid response.patchType of " + go_quote(response["patchType"].as_string()));
  return response;
}

Status webhook_denial(const std::string& name, const Value& result) {
  Status status;
  status.code = static_cast<int>(result["code"].as_int());
  if (status.code < 400) status.code = 400;
  status.reason = result["reason"].str();
  const std::string denied = "admission webhook " + go_quote(name) + " denied the request";
  const std::string why = result["message"].empty() ? status.reason : result["message"].str();
  status.message = why.empty() ? denied + " without explanation" : denied + ": " + why;
  for (const Value& cause : result["details"]["causes"].items())
    status.causes.push_back({cause["reason"].str(), cause["message"].str(), cause["field"].str()});
  return status;
}

Status webhook_failure(const std::string& name, const std::string& why) {
  return Status::internal("failed calling webhook " + go_quote(name) + ": " + why);
}

Status webhook_without_dry_run(const std::string& name) {
  return Status::bad_request("admission webhook " + go_quote(name) + " does not support dry run");
}

}  // namespace drydock
