// kubectl create role, clusterrole, rolebinding, clusterrolebinding.
#include "core/base/strings.h"
#include "core/programs/kubectl/connection/bare_resource.h"
#include "core/programs/kubectl/connection/session.h"
#include "core/programs/kubectl/generators/generators.h"

namespace drydock::kubectl {
namespace {

constexpr std::string_view kGroup = "rbac.authorization.k8s.io";

ApiResource rbac_resource(std::string plural, std::string kind, bool namespaced) {
  return built_in(std::string(kGroup), "v1", std::move(plural), std::move(kind), namespaced);
}

// Each value once, in the order given; "*" stands for all.
Value unique(const std::vector<std::string>& items) {
  Value array = Value::array();
  for (const std::string& item : items) {
    if (item == "*") return Value::array({Value("*")});
    bool known = false;
    for (const Value& other : array.items()) known = known || other.as_string() == item;
    if (!known) array.push_back(item);
  }
  return array;
}

// The rules of the resources named, one per API group.
Task<Result<Value>> resource_rules(Session& session) {
  const Flags& flags = session.flags();
  Value rules = Value::array();
  for (const std::string& text : flags.list("resource")) {
    std::string name = text;
    std::string group;
    if (text == "*") {
      group = "*";
    } else {
      const std::size_t slash = text.find('/');
      DRYDOCK_CO_TRY(const ApiResource resource, co_await bare_resource(session, text.substr(0, slash)));
      name = resource.plural + (slash == std::string::npos ? "" : text.substr(slash));
      group = resource.group;
    }
    bool known = false;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (rules[i]["apiGroups"][0].as_string() != group) continue;
      rules.mutable_item(i).ref("resources").push_back(name);
      known = true;
    }
    if (known) continue;
    Value rule = Value::object({{"apiGroups", Value::array({Value(group)})},
                                {"resources", Value::array({Value(name)})},
                                {"verbs", unique(flags.list("verb"))}});
    for (const std::string& resource_name : flags.list("resource-name"))
      rule.ref("resourceNames").push_back(resource_name);
    rules.push_back(std::move(rule));
  }
  co_return rules;
}

Result<Value> subjects(const Flags& flags) {
  Value list = Value::array();
  for (const std::string& user : flags.list("user"))
    list.push_back(Value::object({{"apiGroup", kGroup}, {"kind", "User"}, {"name", user}}));
  for (const std::string& group : flags.list("group"))
    list.push_back(Value::object({{"apiGroup", kGroup}, {"kind", "Group"}, {"name", group}}));
  for (const std::string& account : flags.list("serviceaccount")) {
    const std::vector<std::string> parts = split(account, ':');
    if (parts.size() != 2 || parts[0].empty() || parts[1].empty())
      return Status::plain("serviceaccount must be <namespace>:<name>");
    list.push_back(Value::object({{"kind", "ServiceAccount"}, {"name", parts[1]}, {"namespace", parts[0]}}));
  }
  return list;
}

}  // namespace

Task<Result<Generated>> generate_rbac(Session& session, std::string kind, std::string name) {
  const Flags& flags = session.flags();
  const bool cluster = kind.starts_with("cluster");
  if (kind.ends_with("binding")) {
    const ApiResource resource = cluster ? rbac_resource("clusterrolebindings", "ClusterRoleBinding", false)
                                         : rbac_resource("rolebindings", "RoleBinding", true);
    const std::string role = flags.text("role");
    const std::string cluster_role = flags.text("clusterrole");
    if (!cluster && role.empty() == cluster_role.empty())
      co_return Status::plain("exactly one of clusterrole or role must be specified");
    Value object = new_object(resource, name);
    object.set("roleRef", Value::object({{"apiGroup", kGroup},
                                         {"kind", role.empty() ? "ClusterRole" : "Role"},
                                         {"name", role.empty() ? cluster_role : role}}));
    DRYDOCK_CO_TRY(const Value list, subjects(flags));
    if (!list.empty()) object.set("subjects", list);
    co_return Generated{std::move(object), resource,
                        cluster ? "failed to create clusterrolebinding: " : "failed to create rolebinding: "};
  }
  const ApiResource resource =
      cluster ? rbac_resource("clusterroles", "ClusterRole", false) : rbac_resource("roles", "Role", true);
  Value object = new_object(resource, name);
  if (!flags.text("aggregation-rule").empty()) {
    if (!flags.list("verb").empty() || !flags.list("resource").empty() || !flags.list("non-resource-url").empty()) {
      co_return Status::plain(
          "aggregation rule must be specified without nonResourceURLs, resources, verbs, or resourceNames");
    }
    DRYDOCK_CO_TRY(const Value labels, parse_pairs(flags.text("aggregation-rule"), "aggregation rule"));
    object.ref("aggregationRule", "clusterRoleSelectors").push_back(Value::object({{"matchLabels", labels}}));
    object.set("rules", Value());
    co_return Generated{std::move(object), resource, ""};
  }
  if (flags.list("verb").empty()) co_return Status::plain("at least one verb must be specified");
  if (flags.list("resource").empty() && flags.list("non-resource-url").empty()) {
    co_return Status::plain(cluster ? "one of resource or nonResourceURL must be specified"
                                    : "at least one resource must be specified");
  }
  if (!flags.list("resource-name").empty() && flags.list("resource").size() > 1)
    co_return Status::plain("resourceName(s) can not be applied to multiple resources");
  DRYDOCK_CO_TRY(Value rules, co_await resource_rules(session));
  if (!flags.list("non-resource-url").empty()) {
    rules.push_back(Value::object(
        {{"nonResourceURLs", unique(flags.list("non-resource-url"))}, {"verbs", unique(flags.list("verb"))}}));
  }
  object.set("rules", std::move(rules));
  co_return Generated{std::move(object), resource, ""};
}

}  // namespace drydock::kubectl
