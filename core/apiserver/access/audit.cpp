#include "core/apiserver/access/audit.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

constexpr std::string_view kLevels[] = {"None", "Metadata", "Request", "RequestResponse"};
constexpr std::string_view kStages[] = {"RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"};

bool listed(const Value& list, std::string_view wanted) {
  return std::ranges::any_of(list.items(), [&](const Value& item) { return item.as_string() == wanted; });
}

// "*", "pods", "pods/log", "pods/*", "*/scale".
bool names_resource(const Value& pattern, const RequestInfo& info) {
  const std::string text = pattern.str();
  const std::string full = info.subresource.empty() ? info.resource : info.resource + "/" + info.subresource;
  return text == "*" || text == full ||
         (!info.subresource.empty() && (text == "*/" + info.subresource || text == info.resource + "/*"));
}

bool fits_resources(const Value& rule, const RequestInfo& info) {
  const Value& namespaces = rule["namespaces"];
  if (!namespaces.empty() && !listed(namespaces, info.ns)) return false;
  const Value& resources = rule["resources"];
  if (resources.empty()) return true;
  return std::ranges::any_of(resources.items(), [&](const Value& group) {
    if (group["group"].as_string() != info.group) return false;
    const Value& names = group["resources"];
    if (names.empty()) return true;
    const bool named =
        std::ranges::any_of(names.items(), [&](const Value& name) { return names_resource(name, info); });
    return named && (group["resourceNames"].empty() || listed(group["resourceNames"], info.name));
  });
}

bool fits(const Value& rule, const Identity& who, const RequestInfo& info, const std::string& path) {
  if (!rule["users"].empty() && !listed(rule["users"], who.name)) return false;
  if (!rule["userGroups"].empty() &&
      std::ranges::none_of(who.groups, [&](const std::string& group) { return listed(rule["userGroups"], group); }))
    return false;
  if (!rule["verbs"].empty() && !listed(rule["verbs"], info.verb)) return false;
  const bool of_resources = !rule["namespaces"].empty() || !rule["resources"].empty();
  const bool of_urls = !rule["nonResourceURLs"].empty();
  if (!of_resources && !of_urls) return true;
  if (info.is_resource) return of_resources && fits_resources(rule, info);
  return std::ranges::any_of(rule["nonResourceURLs"].items(), [&](const Value& pattern) {
    const std::string_view text = pattern.as_string();
    return text == "*" || text == path || (text.ends_with("*") && path.starts_with(text.substr(0, text.size() - 1)));
  });
}

void add_stages(std::vector<std::string>& stages, const Value& list) {
  for (const Value& stage : list.items()) stages.push_back(stage.str());
}

Value without_managed_fields(Value document) {
  if (document["metadata"].has("managedFields")) document.ref("metadata").erase("managedFields");
  if (!document["items"].is_array()) return document;
  for (std::size_t i = 0; i < document["items"].size(); ++i) {
    if (document["items"][i]["metadata"].has("managedFields"))
      document.ref("items").mutable_item(i).ref("metadata").erase("managedFields");
  }
  return document;
}

Value document_of(const HttpBody& body) {
  if (!body.document.is_null()) return body.document;
  return body.bytes.starts_with("{") ? parse_json(body.bytes).value_or(Value()) : Value();
}

Value reference(const RequestInfo& info, const Value& body) {
  Value out = Value::object({{"resource", info.resource}, {"apiVersion", info.version}});
  const std::string name = info.name.empty() ? body["metadata"]["name"].str() : info.name;
  const std::pair<const char*, const std::string*> optional[] = {
      {"namespace", &info.ns}, {"name", &name}, {"apiGroup", &info.group}, {"subresource", &info.subresource}};
  for (const auto& [field, value] : optional) {
    if (!value->empty()) out.set(field, *value);
  }
  return out;
}

Value response_status(const HttpResponse& response) {
  Value status = Value::object({{"metadata", Value::object()}, {"code", response.status}});
  const Value& document = response.body.document;
  if (document["kind"].as_string() != "Status") return status;
  for (const char* field : {"status", "message", "reason", "details"}) {
    if (document.has(field)) status.set(field, document[field]);
  }
  return status;
}

}  // namespace

bool AuditDecision::wants(std::string_view stage) const {
  return level != AuditLevel::kNone &&
         std::find(omitted_stages.begin(), omitted_stages.end(), stage) == omitted_stages.end();
}

AuditDecision audit_decision(const Value& policy, const Identity& who, const RequestInfo& info,
                             const std::string& path) {
  AuditDecision decision;
  for (const Value& rule : policy["rules"].items()) {
    if (!fits(rule, who, info, path)) continue;
    const auto* const level = std::find(std::begin(kLevels), std::end(kLevels), rule["level"].as_string());
    if (level == std::end(kLevels)) return decision;
    decision.level = static_cast<AuditLevel>(level - std::begin(kLevels));
    add_stages(decision.omitted_stages, policy["omitStages"]);
    add_stages(decision.omitted_stages, rule["omitStages"]);
    decision.omit_managed_fields = rule["omitManagedFields"].as_bool(policy["omitManagedFields"].as_bool());
    return decision;
  }
  return decision;
}

std::string audit_policy_problem(const Value& policy) {
  if (policy["kind"].as_string() != "Policy" || policy["apiVersion"].as_string() != "audit.k8s.io/v1")
    return "unknown group version field " + policy["apiVersion"].str() + " in policy";
  if (policy["rules"].empty()) return "loaded illegal policy with 0 rules";
  for (std::size_t i = 0; i < policy["rules"].size(); ++i) {
    const Value& rule = policy["rules"][i];
    const std::string here = "rules[" + std::to_string(i) + "].";
    if (rule["level"].empty()) return here + "level: Required value";
    if (std::find(std::begin(kLevels), std::end(kLevels), rule["level"].as_string()) == std::end(kLevels))
      return here + "level: Unsupported value: " + go_quote(rule["level"].as_string()) +
             ": supported values: \"Metadata\", \"None\", \"Request\", \"RequestResponse\"";
    for (const Value& stage : rule["omitStages"].items()) {
      if (std::find(std::begin(kStages), std::end(kStages), stage.as_string()) == std::end(kStages))
        return here + "omitStages: Invalid value: " + go_quote(stage.as_string());
    }
    if (!rule["nonResourceURLs"].empty() && (!rule["resources"].empty() || !rule["namespaces"].empty()))
      return here +
             "nonResourceURLs: Invalid value: rules cannot apply to both regular resources and non-resource URLs";
  }
  return "";
}

Value audit_event(const AuditDecision& decision, const AuditedRequest& request, const char* stage,
                  const HttpResponse* response) {
  const Value body = document_of(request.http.body);
  const std::string query = request.http.query.encode();
  Value user = Value::object({{"username", request.who.name}});
  if (!request.who.uid.empty()) user.set("uid", request.who.uid);
  for (const std::string& group : request.who.groups) user.ref("groups").push_back(group);
  Value event = Value::object({
      {"kind", "Event"},
      {"apiVersion", "audit.k8s.io/v1"},
      {"level", kLevels[static_cast<int>(decision.level)]},
      {"auditID", request.id},
      {"stage", stage},
      {"requestURI", request.http.path + (query.empty() ? "" : "?" + query)},
      {"verb", request.info.verb},
      {"user", std::move(user)},
      {"sourceIPs",
       Value::array({request.http.peer_address.empty() ? std::string("127.0.0.1") : request.http.peer_address})},
      {"requestReceivedTimestamp", format_micro_timestamp(request.received)},
      {"stageTimestamp", format_micro_timestamp(request.now)},
  });
  if (const std::string_view agent = request.http.headers.get("User-Agent"); !agent.empty())
    event.set("userAgent", agent);
  if (request.info.is_resource) event.set("objectRef", reference(request.info, body));
  if (response == nullptr) return event;
  event.set("responseStatus", response_status(*response));
  Value annotations = Value::object();
  for (const auto& [name, value] : request.annotations) annotations.set(name, value);
  if (!annotations.empty()) event.set("annotations", std::move(annotations));
  const auto shown = [&](Value document) {
    return decision.omit_managed_fields ? without_managed_fields(std::move(document)) : std::move(document);
  };
  if (decision.level >= AuditLevel::kRequest && !body.is_null()) event.set("requestObject", shown(body));
  if (decision.level >= AuditLevel::kRequestResponse && !response->body.document.is_null())
    event.set("responseObject", shown(response->body.document));
  return event;
}

}  // namespace drydock
