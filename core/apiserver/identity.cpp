#include "core/apiserver/identity.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

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
  Identity who;
  who.name = std::string(kAccountPrefix) + ns + ":" + name;
  who.uid = account.uid();
  who.groups = {"system:serviceaccounts", "system:serviceaccounts:" + ns};
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

bool role_allows(const Object& role, const RequestInfo& info, const std::string& path) {
  const Value& rules = role.doc()["rules"];
  return std::any_of(rules.items().begin(), rules.items().end(),
                     [&](const Value& rule) { return rule_allows(rule, info, path); });
}

// --- bootstrap policy ---

Value words(std::string_view text) {
  Value list = Value::array();
  for (const std::string& word : split_whitespace(text)) list.push_back(word == "core" ? std::string() : word);
  return list;
}

Value rule(std::string_view groups, std::string_view resources, std::string_view verbs) {
  return Value::object({{"apiGroups", words(groups)}, {"resources", words(resources)}, {"verbs", words(verbs)}});
}

Value urls(std::string_view paths) {
  return Value::object({{"nonResourceURLs", words(paths)}, {"verbs", words("get")}});
}

Value cluster_role(std::string_view name, Value rules) {
  return Value::object({
      {"apiVersion", "rbac.authorization.k8s.io/v1"},
      {"kind", "ClusterRole"},
      {"metadata",
       Value::object({{"name", name},
                      {"annotations", Value::object({{"rbac.authorization.kubernetes.io/autoupdate", "true"}})},
                      {"labels", Value::object({{"kubernetes.io/bootstrapping", "rbac-defaults"}})}})},
      {"rules", std::move(rules)},
  });
}

Value binding(std::string_view name, std::string_view role, std::string_view kind, std::string_view subject) {
  Value who = Value::object({{"kind", kind}, {"name", subject}});
  if (kind == "ServiceAccount")
    who.set("namespace", "kube-system");
  else
    who.set("apiGroup", "rbac.authorization.k8s.io");
  return Value::object({
      {"apiVersion", "rbac.authorization.k8s.io/v1"},
      {"kind", "ClusterRoleBinding"},
      {"metadata",
       Value::object({{"name", name},
                      {"annotations", Value::object({{"rbac.authorization.kubernetes.io/autoupdate", "true"}})},
                      {"labels", Value::object({{"kubernetes.io/bootstrapping", "rbac-defaults"}})}})},
      {"roleRef", Value::object({{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "ClusterRole"}, {"name", role}})},
      {"subjects", Value::array({who})},
  });
}

constexpr std::string_view kReadWrite = "create delete deletecollection get list patch update watch";
constexpr std::string_view kRead = "get list watch";

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
    who = bootstrap ? bootstrap_identity(token, objects, now) : account_identity(token, readers, objects, now);
    if (!who) return std::nullopt;
  }
  if (!who) return Identity{"system:anonymous", {"system:unauthenticated"}, ""};
  who->groups.push_back("system:authenticated");
  return who;
}

bool authorize(const Identity& who, const RequestInfo& info, const std::string& path, const ObjectSource& objects) {
  if (who.in_group("system:masters")) return true;
  bool allowed = false;
  objects.each("clusterrolebindings", "", [&](const Object& bound) {
    if (allowed) return;
    const Value& subjects = bound.doc()["subjects"];
    if (std::none_of(subjects.items().begin(), subjects.items().end(),
                     [&](const Value& subject) { return subject_is(subject, who, ""); }))
      return;
    const Object role = objects.get("clusterroles", {"", bound.doc()["roleRef"]["name"].str()});
    allowed = role && role_allows(role, info, path);
  });
  if (allowed || !info.is_resource || info.ns.empty()) return allowed;
  objects.each("rolebindings", info.ns, [&](const Object& bound) {
    if (allowed) return;
    const Value& subjects = bound.doc()["subjects"];
    if (std::none_of(subjects.items().begin(), subjects.items().end(),
                     [&](const Value& subject) { return subject_is(subject, who, info.ns); }))
      return;
    const Value& reference = bound.doc()["roleRef"];
    const bool cluster = reference["kind"].as_string() == "ClusterRole";
    const Object role = cluster ? objects.get("clusterroles", {"", reference["name"].str()})
                                : objects.get("roles", {info.ns, reference["name"].str()});
    allowed = role && role_allows(role, info, path);
  });
  return allowed;
}

std::string denial_text(const Identity& who, const RequestInfo& info, const std::string& path) {
  std::string text = "User " + go_quote(who.name) + " cannot " + info.verb;
  if (!info.is_resource) return text + " path " + go_quote(path);
  const std::string resource = info.subresource.empty() ? info.resource : info.resource + "/" + info.subresource;
  text += " resource " + go_quote(resource) + " in API group " + go_quote(info.group);
  return text + (info.ns.empty() ? " at the cluster scope" : " in the namespace " + go_quote(info.ns));
}

std::vector<Value> bootstrap_policy() {
  std::vector<Value> all;
  auto everything =
      Value::array({rule("*", "*", "*"), Value::object({{"nonResourceURLs", words("*")}, {"verbs", words("*")}})});
  all.push_back(cluster_role("cluster-admin", everything));
  all.push_back(binding("cluster-admin", "cluster-admin", "Group", "system:masters"));
  all.push_back(cluster_role(
      "system:discovery",
      Value::array(
          {urls("/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/")})));
  all.push_back(binding("system:discovery", "system:discovery", "Group", "system:authenticated"));
  all.push_back(
      cluster_role("system:public-info-viewer", Value::array({urls("/healthz /livez /readyz /version /version/")})));
  all.push_back(binding("system:public-info-viewer", "system:public-info-viewer", "Group", "system:unauthenticated"));
  all.push_back(cluster_role(
      "system:basic-user",
      Value::array({rule("authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews", "create"),
                    rule("authentication.k8s.io", "selfsubjectreviews", "create")})));
  all.push_back(binding("system:basic-user", "system:basic-user", "Group", "system:authenticated"));

  const std::string_view workloads =
      "daemonsets daemonsets/status deployments deployments/rollback deployments/scale deployments/status replicasets "
      "replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status controllerrevisions";
  const std::string_view core =
      "bindings configmaps endpoints events limitranges persistentvolumeclaims persistentvolumeclaims/status pods "
      "pods/attach pods/eviction pods/exec pods/log pods/portforward pods/proxy pods/status replicationcontrollers "
      "replicationcontrollers/scale replicationcontrollers/status resourcequotas resourcequotas/status serviceaccounts "
      "services services/proxy services/status namespaces";
  const Value edit_rules = Value::array(
      {rule("core", core, kReadWrite), rule("core", "secrets serviceaccounts/token", kReadWrite),
       rule("apps", workloads, kReadWrite), rule("batch", "*", kReadWrite), rule("autoscaling", "*", kReadWrite),
       rule("networking.k8s.io", "ingresses networkpolicies", kReadWrite),
       rule("policy", "poddisruptionbudgets", kReadWrite), rule("coordination.k8s.io", "leases", kReadWrite),
       rule("discovery.k8s.io", "endpointslices", kRead)});
  const Value view_rules =
      Value::array({rule("core", core, kRead), rule("apps", workloads, kRead), rule("batch", "*", kRead),
                    rule("autoscaling", "*", kRead), rule("networking.k8s.io", "ingresses networkpolicies", kRead),
                    rule("policy", "poddisruptionbudgets", kRead), rule("discovery.k8s.io", "endpointslices", kRead)});
  Value admin_rules = edit_rules;
  admin_rules.push_back(rule("rbac.authorization.k8s.io", "roles rolebindings", kReadWrite));
  all.push_back(cluster_role("admin", admin_rules));
  all.push_back(cluster_role("edit", edit_rules));
  all.push_back(cluster_role("view", view_rules));

  // Components.
  const Value manager =
      Value::array({rule("*", "*", "*"), Value::object({{"nonResourceURLs", words("*")}, {"verbs", words("get")}})});
  all.push_back(cluster_role("system:kube-controller-manager", manager));
  all.push_back(binding("system:kube-controller-manager", "system:kube-controller-manager", "User",
                        "system:kube-controller-manager"));
  all.push_back(cluster_role(
      "system:kube-scheduler",
      Value::array(
          {rule("core events.k8s.io", "events", "create patch update"),
           rule("coordination.k8s.io", "leases", kReadWrite), rule("core", "nodes namespaces", kRead),
           rule("core", "pods", "delete get list watch"), rule("core", "bindings pods/binding", "create"),
           rule("core", "pods/status", "patch update"),
           rule("core", "replicationcontrollers services persistentvolumeclaims persistentvolumes endpoints", kRead),
           rule("apps", "replicasets statefulsets", kRead), rule("policy", "poddisruptionbudgets", kRead),
           rule("storage.k8s.io", "*", kRead), rule("scheduling.k8s.io", "priorityclasses", kRead)})));
  all.push_back(binding("system:kube-scheduler", "system:kube-scheduler", "User", "system:kube-scheduler"));
  all.push_back(cluster_role(
      "system:node-proxier",
      Value::array({rule("core", "services endpoints nodes", kRead), rule("discovery.k8s.io", "endpointslices", kRead),
                    rule("core events.k8s.io", "events", "create patch update"),
                    rule("networking.k8s.io", "servicecidrs", kRead)})));
  all.push_back(binding("system:node-proxier", "system:node-proxier", "User", "system:kube-proxy"));
  all.push_back(cluster_role(
      "system:node",
      Value::array({rule("authentication.k8s.io", "tokenreviews", "create"),
                    rule("authorization.k8s.io", "localsubjectaccessreviews subjectaccessreviews", "create"),
                    rule("core", "services", kRead), rule("core", "nodes", "create get list watch delete patch update"),
                    rule("core", "nodes/status", "patch update"),
                    rule("core events.k8s.io", "events", "create patch update"),
                    rule("core", "pods", "create delete get list watch"), rule("core", "pods/status", "patch update"),
                    rule("core", "pods/eviction", "create"), rule("core", "configmaps secrets", kRead),
                    rule("core", "persistentvolumeclaims persistentvolumes", "get"),
                    rule("core", "serviceaccounts/token", "create"), rule("core", "serviceaccounts", kRead),
                    rule("certificates.k8s.io", "certificatesigningrequests", "create get list watch"),
                    rule("coordination.k8s.io", "leases", "create delete get patch update"),
                    rule("node.k8s.io", "runtimeclasses", kRead),
                    rule("storage.k8s.io", "csinodes csidrivers volumeattachments", kReadWrite)})));
  // The Node authorizer's part: every kubelet has these rights.
  all.push_back(binding("system:node", "system:node", "Group", "system:nodes"));
  all.push_back(
      cluster_role("system:node-bootstrapper",
                   Value::array({rule("certificates.k8s.io", "certificatesigningrequests", "create get list watch")})));
  all.push_back(
      cluster_role("system:certificates.k8s.io:certificatesigningrequests:nodeclient",
                   Value::array({rule("certificates.k8s.io", "certificatesigningrequests/nodeclient", "create")})));
  all.push_back(
      cluster_role("system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
                   Value::array({rule("certificates.k8s.io", "certificatesigningrequests/selfnodeclient", "create")})));
  all.push_back(cluster_role("system:kubelet-api-admin",
                             Value::array({rule("core", "nodes", "get list proxy watch"),
                                           rule("core", "nodes/log nodes/metrics nodes/proxy nodes/stats", "*")})));
  all.push_back(cluster_role(
      "system:monitoring",
      Value::array({urls("/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*")})));
  all.push_back(binding("system:monitoring", "system:monitoring", "Group", "system:monitoring"));
  all.push_back(binding("system:service-account-issuer-discovery", "system:service-account-issuer-discovery", "Group",
                        "system:serviceaccounts"));
  all.push_back(cluster_role(
      "system:service-account-issuer-discovery",
      Value::array({urls(
          "/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/")})));
  return all;
}

}  // namespace drydock
