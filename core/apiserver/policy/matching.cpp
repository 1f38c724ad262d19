#include "core/apiserver/policy/matching.h"

#include <algorithm>

#include "core/machinery/selectors.h"

namespace drydock {
namespace {

// The version that some rule of the list wants; "" when none does.
std::string matched_rule(const HookedRequest& request, const Value& rules, bool equivalent) {
  const RequestInfo& info = request.call.info;
  const std::string name = info.name.empty() ? std::string(request.object.name()) : info.name;
  for (const Value& rule : rules.items()) {
    const Value& names = rule["resourceNames"];
    const bool named = names.empty() || std::any_of(names.items().begin(), names.items().end(),
                                                    [&](const Value& one) { return one.as_string() == name; });
    if (!named) continue;
    if (std::string version = matched_version(request, rule, equivalent); !version.empty()) return version;
  }
  return "";
}

}  // namespace

Result<std::string> policy_match(const HookedRequest& request, const Value& constraints) {
  // Who decides about policies is not asked about them.
  if (request.call.info.group == kPolicyGroup) return std::string();
  const bool equivalent = constraints["matchPolicy"].as_string() != "Exact";
  const Value& rules = constraints["resourceRules"];
  std::string version = rules.empty() ? request.call.info.version : matched_rule(request, rules, equivalent);
  if (version.empty() || !matched_rule(request, constraints["excludeResourceRules"], equivalent).empty())
    return std::string();
  DRYDOCK_TRY(const bool in_namespace, in_selected_namespace(request, constraints["namespaceSelector"]));
  if (!in_namespace) return std::string();
  DRYDOCK_TRY(const bool of_object, selects_object(request, constraints["objectSelector"]));
  return of_object ? version : std::string();
}

cel::AskAuthorizer authorizer_of(const AdmissionCall& call) {
  return [&call](const cel::AuthorizerQuery& query) {
    RequestInfo right;
    right.is_resource = query.path.empty();
    right.verb = query.verb;
    right.group = query.group;
    right.version = query.version;
    right.ns = query.ns;
    right.resource = query.resource;
    right.name = query.name;
    right.subresource = query.subresource;
    right.rest = query.path;
    cel::AuthorizerDecision decision;
    Identity account;
    if (!query.service_account_name.empty()) {
      account = service_account_identity(query.service_account_namespace, query.service_account_name);
      account.groups.emplace_back("system:authenticated");
    }
    decision.allowed = call.allowed(account.name.empty() ? call.who : account, right);
    return decision;
  };
}

PolicyInput policy_input(const PolicyRequest& request, const std::string& version) {
  const HookedRequest& hooked = request.hooked;
  PolicyInput input;
  input.request = admission_review(hooked, MatchedHook{Value(), "", version}, "")["request"];
  input.object = input.request["object"];
  input.old_object = input.request["oldObject"];
  const RequestInfo& info = hooked.call.info;
  if (hooked.call.resource.namespaced && !info.ns.empty())
    input.namespace_object = hooked.call.objects.find("", "namespaces", {"", info.ns}).doc();
  input.ask = authorizer_of(hooked.call);
  return input;
}

Result<std::vector<Value>> policy_params(const PolicyRequest& request, const Value& kind, const Value& reference) {
  std::vector<Value> params;
  if (!kind.is_object() || !reference.is_object()) {
    params.emplace_back();
    return params;
  }
  const std::string api_version = kind["apiVersion"].str();
  const ResourceInfo* resource = request.registry.find_kind(api_version, kind["kind"].as_string());
  if (resource == nullptr) {
    const std::string group_version = api_version.find('/') == std::string::npos ? "/" + api_version : api_version;
    return Status::plain("paramKind kind `" + group_version + ", Kind=" + kind["kind"].str() + "` not known");
  }
  std::string ns;
  if (resource->namespaced) {
    ns = reference["namespace"].empty() ? request.hooked.call.info.ns : reference["namespace"].str();
    if (ns.empty())
      return Status::plain("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
  } else if (!reference["namespace"].empty()) {
    return Status::plain("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
  }
  const ObjectView::Objects& objects = request.hooked.call.objects.all(resource->group, resource->resource);
  const auto add = [&](const Object& object) {
    Value document = object.doc();
    document.set("apiVersion", resource->api_version());
    document.set("kind", resource->kind);
    params.push_back(std::move(document));
  };
  if (!reference["name"].empty()) {
    if (const auto found = objects.find({ns, reference["name"].str()}); found != objects.end()) add(found->second);
  } else {
    DRYDOCK_TRY(const LabelSelector selector, LabelSelector::from_document(reference["selector"]));
    for (auto at = objects.lower_bound({ns, ""}); at != objects.end() && at->first.ns == ns; ++at) {
      if (selector.matches(at->second.labels())) add(at->second);
    }
  }
  if (params.empty() && reference["parameterNotFoundAction"].as_string() == "Deny")
    return Status::plain("no params found for policy binding with `Deny` parameterNotFoundAction");
  return params;
}

}  // namespace drydock
