// Nobody gives rights that they do not have: creating or changing a role needs every
// right in it (or the verb escalate), binding one needs every right of the role (or the
// verb bind).
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
#include <algorithm>
#include <set>
#include <tuple>

#include "core/apiserver/admission/admission.h"
#include "core/base/strings.h"

namespace drydock {
namespace {

constexpr const char* kGroup = "rbac.authorization.k8s.io";

// One right: the parts of a rule that names one thing of each.
struct Right {
  std::string group, resource, name, verb, url;
  auto operator<=>(const Right&) const = default;
};

std::vector<Right> rights_of(const Value& rules) {
  std::vector<Right> all;
  for (const Value& rule : rules.items()) {
    for (const Value& verb : rule["verbs"].items()) {
      for (const Value& url : rule["nonResourceURLs"].items()) all.push_back({"", "", "", verb.str(), url.str()});
    }
    for (const Value& group : rule["apiGroups"].items()) {
      for (const Value& resource : rule["resources"].items()) {
        for (const Value& verb : rule["verbs"].items()) {
          if (rule["resourceNames"].empty()) all.push_back({group.str(), resource.str(), "", verb.str(), ""});
          for (const Value& name : rule["resourceNames"].items())
            all.push_back({group.str(), resource.str(), name.str(), verb.str(), ""});
        }
      }
    }
  }
  return all;
}

bool has(const Value& list, std::string_view wanted) {
  return std::ranges::any_of(list.items(), [&](const Value& item) { return item.as_string() == wanted; });
}

bool covers(const Value& rule, const Right& right) {
  if (!has(rule["verbs"], "*") && !has(rule["verbs"], right.verb)) return false;
  if (!right.url.empty()) {
    return std::ranges::any_of(rule["nonResourceURLs"].items(), [&](const Value& url) {
      const std::string_view text = url.as_string();
      return text == right.url || (text.ends_with("*") && right.url.starts_with(text.substr(0, text.size() - 1)));
    });
  }
  if (!has(rule["apiGroups"], "*") && !has(rule["apiGroups"], right.group)) return false;
  const Value& resources = rule["resources"];
  const std::size_t slash = right.resource.find('/');
  const bool resource = has(resources, "*") || has(resources, right.resource) ||
                        (slash != std::string::npos && has(resources, "*" + right.resource.substr(slash)));
  if (!resource) return false;
  const Value& names = rule["resourceNames"];
  return names.empty() || (!right.name.empty() && has(names, right.name));
}

std::string list_text(const char* field, const std::vector<std::string>& items) {
  std::string text = std::string(field) + ":[";
  for (std::size_t i = 0; i < items.size(); ++i) text += (i == 0 ? "" : " ") + go_quote(items[i]);
  return text + "]";
}

// The missing rights, those of one resource in one line.
std::string missing_text(const std::vector<Right>& missing) {
  std::vector<std::pair<Right, std::vector<std::string>>> lines;  // their verbs
  for (const Right& right : missing) {
    Right key = right;
    key.verb.clear();
    const auto same = std::ranges::find_if(lines, [&](const auto& line) { return line.first == key; });
    if (same != lines.end() && right.url.empty())
      same->second.push_back(right.verb);
    else
      lines.push_back({key, {right.verb}});
  }
  std::set<std::string> texts;
  for (const auto& [right, verbs] : lines) {
    std::vector<std::string> parts;
    if (!right.url.empty()) {
      parts.push_back(list_text("NonResourceURLs", {right.url}));
    } else {
      parts.push_back(list_text("APIGroups", {right.group}));
      parts.push_back(list_text("Resources", {right.resource}));
      if (!right.name.empty()) parts.push_back(list_text("ResourceNames", {right.name}));
    }
    parts.push_back(list_text("Verbs", verbs));
    texts.insert("{" + join(parts, ", ") + "}");
  }
  return join(std::vector<std::string>(texts.begin(), texts.end()), "\n");
}

std::vector<Right> missing_rights(const AdmissionCall& call, const ObjectSource& source, const Value& rules) {
  std::vector<Value> own;
  visit_rules(call.who, call.info.ns, source, [&](const Value& rule) {
    own.push_back(rule);
    return true;
  });
  std::vector<Right> missing;
  for (Right& right : rights_of(rules)) {
    if (std::ranges::none_of(own, [&](const Value& rule) { return covers(rule, right); }))
      missing.push_back(std::move(right));
  }
  return missing;
}

Status refusal(const AdmissionCall& call, const Object& object, const std::vector<Right>& missing) {
  std::string groups;
  for (const std::string& group : call.who.groups) groups += (groups.empty() ? "" : " ") + go_quote(group);
  return admission_forbidden(call, object,
                             "user " + go_quote(call.who.name) + " (groups=[" + groups +
                                 "]) is attempting to grant RBAC permissions not currently held:\n" +
                                 missing_text(missing));
}

bool may(const AdmissionCall& call, const char* verb, const std::string& resource, const std::string& name) {
  RequestInfo right;
  right.is_resource = true;
  right.verb = verb;
  right.group = kGroup;
  right.version = "*";
  right.resource = resource;
  right.name = name;
  right.ns = call.info.ns;
  return call.allowed(call.who, right);
}

// Finalizers and owners alone give nobody a right.
bool only_owners_change(const Object& old, const Object& updated) {
  const auto rest = [](Value document) {
    Value& metadata = document.ref("metadata");
    for (const char* name : {"finalizers", "ownerReferences", "managedFields", "resourceVersion", "generation"})
      metadata.erase(name);
    return document;
  };
  return old && rest(old.doc()) == rest(updated.doc());
}

Result<void> admit_role(const AdmissionCall& call, const Object& old, const Object& updated,
                        const ObjectSource& source) {
  if (may(call, "escalate", call.info.resource, call.info.name)) return {};
  // What gathers rules may gather any.
  if (updated.doc().has("aggregationRule") || old.doc().has("aggregationRule")) {
    const Value star = Value::array({"*"});
    const Value everything = Value::array({
        Value::object({{"apiGroups", star}, {"resources", star}, {"verbs", star}}),
        Value::object({{"nonResourceURLs", star}, {"verbs", star}}),
    });
    if (!missing_rights(call, source, everything).empty())
      return admission_forbidden(call, updated, "must have cluster-admin privileges to use the aggregationRule");
  }
  const std::vector<Right> missing = missing_rights(call, source, updated.doc()["rules"]);
  if (missing.empty()) return {};
  return refusal(call, updated, missing);
}

Result<void> admit_binding(const AdmissionCall& call, const Object& updated, const ObjectSource& source) {
  const Value& reference = updated.doc()["roleRef"];
  const std::string name = reference["name"].str();
  const bool local = reference["kind"].as_string() == "Role";
  const char* resource = local ? "roles" : "clusterroles";
  if (may(call, "bind", resource, name)) return {};
  const Object role = call.objects.find(kGroup, resource, {local ? call.info.ns : "", name});
  if (!role) return Status::not_found(kGroup, resource, name);
  const std::vector<Right> missing = missing_rights(call, source, role.doc()["rules"]);
  if (missing.empty()) return {};
  return refusal(call, updated, missing);
}

}  // namespace

Result<void> admit_escalation(const AdmissionCall& call, const Object& old, const Object& updated,
                              const ObjectSource& rights) {
  if (call.info.group != kGroup || !updated || call.who.in_group("system:masters")) return {};
  if (only_owners_change(old, updated)) return {};
  const std::string& resource = call.info.resource;
  if (resource == "roles" || resource == "clusterroles") return admit_role(call, old, updated, rights);
  if (resource == "rolebindings" || resource == "clusterrolebindings") return admit_binding(call, updated, rights);
  return {};
}

}  // namespace drydock
