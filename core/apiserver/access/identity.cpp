#include "core/apiserver/access/identity.h"

#include <algorithm>

#include "core/apiserver/access/node_authorizer.h"
#include "core/base/strings.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

const std::string kNoNamespace;
constexpr std::string_view kAccountPrefix = "system:serviceaccount:";

bool listed(const Value& list, std::string_view wanted) {
  return std::any_of(list.items().begin(), list.items().end(),
                     [&](const Value& item) { return item.as_string() == wanted || item.as_string() == "*"; });
}

std::optional<Identity> bootstrap_identity(std::string_view token, const ObjectSource& objects, TimePoint now) {
  const std::string id(token.substr(0, 6));
  const Object secret = objects.get("secrets", {"kube-system", "bootstrap-token-" + id});
  if (!secret || secret.doc()["type"].as_string() != "bootstrap.kubernetes.io/token") return std::nullopt;
  auto field = [&](const char* name) { return base64_decode(secret.doc()["data"][name].as_string()).value_or(""); };
  if (field("token-secret") != token.substr(7) || field("usage-bootstrap-authentication") != "true")
    return std::nullopt;
  const auto expires = parse_timestamp(field("expiration"));
  if (expires && *expires <= now) return std::nullopt;
  Identity who;
  who.name = "system:bootstrap:" + id;
  who.groups = {"system:bootstrappers"};
  for (const std::string& group : split(field("auth-extra-groups"), ',')) {
    if (!group.empty()) who.groups.push_back(group);
  }
  return who;
}

std::optional<Identity> account_identity(std::string_view token, const CredentialReaders& readers,
                                         const ObjectSource& objects, TimePoint now) {
  if (!readers.token_claims) return std::nullopt;
  const Value claims = readers.token_claims(token);
  if (claims.is_null()) return std::nullopt;
  const auto seconds_now = std::chrono::duration_cast<seconds>(now.time_since_epoch()).count();
  if (claims.has("exp") && claims["exp"].as_int() < seconds_now) return std::nullopt;
  const Value& bound = claims["kubernetes.io"];
  const std::string ns = bound["namespace"].str();
  const std::string name = bound["serviceaccount"]["name"].str();
  const Object account = objects.get("serviceaccounts", {ns, name});
  if (!account || account.uid() != bound["serviceaccount"]["uid"].as_string()) return std::nullopt;
  Identity who = service_account_identity(ns, name);
  who.uid = account.uid();
  return who;
}

bool rule_allows(const Value& rule, const RequestInfo& info, const std::string& path) {
  if (!listed(rule["verbs"], info.verb)) return false;
  if (!info.is_resource) {
    for (const Value& pattern : rule["nonResourceURLs"].items()) {
      const std::string_view text = pattern.as_string();
      if (text == path || (text.ends_with("*") && path.starts_with(text.substr(0, text.size() - 1)))) return true;
    }
    return false;
  }
  if (!listed(rule["apiGroups"], info.group)) return false;
  const std::string full = info.subresource.empty() ? info.resource : info.resource + "/" + info.subresource;
  const bool resource =
      std::any_of(rule["resources"].items().begin(), rule["resources"].items().end(), [&](const Value& item) {
        const std::string_view text = item.as_string();
        return text == "*" || text == full ||
               (text.starts_with("*/") && !info.subresource.empty() && text.substr(2) == info.subresource);
      });
  if (!resource) return false;
  const Value& names = rule["resourceNames"];
  return names.empty() ||
         (!info.name.empty() && std::any_of(names.items().begin(), names.items().end(),
                                            [&](const Value& name) { return name.as_string() == info.name; }));
}

bool subject_is(const Value& subject, const Identity& who, const std::string& binding_ns) {
  const std::string_view kind = subject["kind"].as_string();
  const std::string name = subject["name"].str();
  if (kind == "User") return who.name == name;
  if (kind == "Group") return who.in_group(name);
  const std::string ns = subject["namespace"].empty() ? binding_ns : subject["namespace"].str();
  return kind == "ServiceAccount" && who.name == std::string(kAccountPrefix) + ns + ":" + name;
}

// The roles that are bound to somebody, with the binding and its subject; roles that do
// not exist are empty.
void visit_roles(const Identity& who, const std::string& ns, const ObjectSource& objects,
                 const std::function<void(const Object& role, const Object& binding, const Value& subject)>& visit) {
  auto bound = [&](const Object& binding, const std::string& binding_ns) {
    for (const Value& subject : binding.doc()["subjects"].items()) {
      if (!subject_is(subject, who, binding_ns)) continue;
      const Value& reference = binding.doc()["roleRef"];
      visit(reference["kind"].as_string() == "Role" ? objects.get("roles", {binding_ns, reference["name"].str()})
                                                    : objects.get("clusterroles", {"", reference["name"].str()}),
            binding, subject);
      return;
    }
  };
  objects.each("clusterrolebindings", "", [&](const Object& binding) { bound(binding, ""); });
  if (!ns.empty()) objects.each("rolebindings", ns, [&](const Object& binding) { bound(binding, ns); });
}

// A binding to a role that is not there gives nothing: the refusal says so.
void add_missing_roles(const Identity& who, const std::string& ns, const ObjectSource& objects, std::string& why) {
  std::vector<std::string> missing;
  visit_roles(who, ns, objects, [&](const Object& role, const Object& binding, const Value&) {
    const Value& reference = binding.doc()["roleRef"];
    if (!role)
      missing.push_back(to_lower(reference["kind"].as_string()) + ".rbac.authorization.k8s.io " +
                        go_quote(reference["name"].as_string()) + " not found");
  });
  if (missing.empty()) return;
  if (!why.empty()) why += "\n";
  why += "RBAC: " + (missing.size() == 1 ? missing[0] : "[" + join(missing, ", ") + "]");
}

}  // namespace

bool Identity::in_group(std::string_view group) const {
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

std::optional<Identity> authenticate(const HttpRequest& request, const CredentialReaders& readers,
                                     const ObjectSource& objects, TimePoint now) {
  std::optional<Identity> who;
  const std::string_view authorization = request.headers.get("Authorization");
  if (!request.client_certificate_pem.empty() && readers.certificate) {
    who = readers.certificate(request.client_certificate_pem);
  }
  if (!who && authorization.starts_with("Bearer ")) {
    const std::string_view token = trim(authorization.substr(7));
    const bool bootstrap = token.size() == 23 && token[6] == '.';
    if (readers.static_token) who = readers.static_token(token);
    if (!who)
      who = bootstrap ? bootstrap_identity(token, objects, now) : account_identity(token, readers, objects, now);
    if (!who) return std::nullopt;
  }
  if (!who) return Identity{"system:anonymous", {"system:unauthenticated"}, ""};
  who->groups.push_back("system:authenticated");
  return who;
}

bool authorize(const Identity& who, const RequestInfo& info, const std::string& path, const ObjectSource& objects,
               std::string* why) {
  if (who.in_group("system:masters")) return true;
  if (objects.view != nullptr && who.name.starts_with(kNodePrefix) && who.in_group(kNodesGroup)) {
    std::optional<std::string> denial = node_denial(who.name.substr(kNodePrefix.size()), info, *objects.view);
    if (!denial) return true;
    if (why != nullptr) *why = *std::move(denial);
  }
  const std::string& ns = info.is_resource ? info.ns : kNoNamespace;
  bool allowed = false;
  if (objects.rules) {
    allowed =
        std::ranges::any_of(objects.rules(who, ns), [&](const Value& rule) { return rule_allows(rule, info, path); });
  } else {
    visit_rules(who, ns, objects, [&](const Value& rule) {
      allowed = rule_allows(rule, info, path);
      return !allowed;
    });
  }
  if (!allowed && why != nullptr) add_missing_roles(who, ns, objects, *why);
  return allowed;
}

std::string allowed_reason(const Identity& who, const RequestInfo& info, const std::string& path,
                           const ObjectSource& objects) {
  std::string reason;
  if (who.in_group("system:masters")) return reason;
  const auto describe = [](const Object& binding, const Value& subject) {
    const std::string ns = binding.ns().empty() ? "" : "/" + std::string(binding.ns());
    const Value& role = binding.doc()["roleRef"];
    std::string name = subject["name"].str();
    if (subject["kind"].as_string() == "ServiceAccount") name += "/" + subject["namespace"].str();
    return "RBAC: allowed by " + std::string(binding.kind()) + " " + go_quote(std::string(binding.name()) + ns) +
           " of " + role["kind"].str() + " " + go_quote(role["name"].as_string()) + " to " + subject["kind"].str() +
           " " + go_quote(name);
  };
  visit_roles(who, info.is_resource ? info.ns : kNoNamespace, objects,
              [&](const Object& role, const Object& binding, const Value& subject) {
                const Value& rules = role.doc()["rules"];
                if (reason.empty() && std::ranges::any_of(rules.items(), [&](const Value& rule) {
                      return rule_allows(rule, info, path);
                    }))
                  reason = describe(binding, subject);
              });
  return reason;
}

void visit_rules(const Identity& who, const std::string& ns, const ObjectSource& objects,
                 const std::function<bool(const Value& rule)>& visit) {
  bool more = true;
  visit_roles(who, ns, objects, [&](const Object& role, const Object&, const Value&) {
    for (const Value& rule : role.doc()["rules"].items()) {
      more = more && visit(rule);
    }
  });
}

Result<Identity> impersonated(const Identity& who, const HttpHeaders& headers, const ObjectSource& objects) {
  const std::string name(headers.get("Impersonate-User"));
  std::vector<std::string> groups;
  for (const auto& [header, value] : headers.fields()) {
    if (to_lower(header) == "impersonate-group") groups.emplace_back(value);
  }
  const std::string uid(headers.get("Impersonate-Uid"));
  constexpr std::string_view kExtra = "impersonate-extra-";
  std::vector<std::pair<std::string, std::vector<std::string>>> extra;
  for (const auto& [header, value] : headers.fields()) {
    const std::string lower = to_lower(header);
    if (!lower.starts_with(kExtra)) continue;
    const std::string key = url_decode(std::string_view(lower).substr(kExtra.size()));
    const auto same = std::ranges::find_if(extra, [&](const auto& entry) { return entry.first == key; });
    if (same != extra.end())
      same->second.push_back(value);
    else
      extra.push_back({key, {value}});
  }
  if (name.empty()) {
    if (groups.empty() && uid.empty()) return who;
    Status status =
        Status::internal("requested " + std::string("[") + (groups.empty() ? "{UID  " + uid : "{Group  " + groups[0]) +
                         " authentication.k8s.io/v1  }] without impersonating a user");
    return status;
  }
  Identity other;
  other.name = name;
  other.uid = uid;
  other.groups = groups;
  other.extra = extra;
  // Each part needs a right of its own.
  std::vector<RequestInfo> rights(1);
  const std::vector<std::string> parts = split(name, ':');
  const bool account = parts.size() == 4 && name.starts_with(kAccountPrefix);
  rights[0].resource = account ? "serviceaccounts" : "users";
  rights[0].name = account ? parts[3] : name;
  if (account) rights[0].ns = parts[2];
  for (const std::string& group : groups) {
    rights.emplace_back();
    rights.back().resource = "groups";
    rights.back().name = group;
  }
  if (!uid.empty()) {
    rights.emplace_back();
    rights.back().group = "authentication.k8s.io";
    rights.back().resource = "uids";
    rights.back().name = uid;
  }
  for (const auto& [key, values] : extra) {
    for (const std::string& value : values) {
      rights.emplace_back();
      rights.back().group = "authentication.k8s.io";
      rights.back().resource = "userextras";
      rights.back().subresource = key;
      rights.back().name = value;
    }
  }
  for (RequestInfo& right : rights) {
    right.is_resource = true;
    right.verb = "impersonate";
    if (!authorize(who, right, "", objects))
      return Status::forbidden(right.group, right.resource, right.name, denial_text(who, right, ""));
  }
  if (account && groups.empty()) other.groups = service_account_identity(parts[2], "").groups;
  if (name == "system:anonymous")
    other.groups.emplace_back("system:unauthenticated");
  else if (!other.in_group("system:authenticated"))
    other.groups.emplace_back("system:authenticated");
  return other;
}

Identity service_account_identity(const std::string& ns, const std::string& name) {
  return {
      std::string(kAccountPrefix) + ns + ":" + name, {"system:serviceaccounts", "system:serviceaccounts:" + ns}, ""};
}

std::string denial_text(const Identity& who, const RequestInfo& info, const std::string& path) {
  std::string text = "User " + go_quote(who.name) + " cannot " + info.verb;
  if (!info.is_resource) return text + " path " + go_quote(path);
  const std::string resource = info.subresource.empty() ? info.resource : info.resource + "/" + info.subresource;
  text += " resource " + go_quote(resource) + " in API group " + go_quote(info.group);
  return text + (info.ns.empty() ? " at the cluster scope" : " in the namespace " + go_quote(info.ns));
}

}  // namespace drydock
