#include "core/controllers/cluster/cluster_role_aggregation.h"

#include <algorithm>

#include "core/machinery/selectors.h"

namespace drydock::controllers {
namespace {
const ResourceRef kClusterRoles{"rbac.authorization.k8s.io", "v1", "clusterroles"};
}  // namespace

Value aggregate_rules(const Object& role, const std::vector<Object>& roles) {
  Value rules = Value::array();
  for (const Value& document : role.doc().get("aggregationRule", "clusterRoleSelectors").items()) {
    Result<LabelSelector> selector = LabelSelector::from_document(document);
    if (!selector) continue;
    for (const Object& other : roles) {
      if (other.name() == role.name() || !selector->matches(other.labels())) continue;
      for (const Value& rule : other.doc()["rules"].items()) {
        if (std::ranges::find(rules.items(), rule) == rules.items().end()) rules.push_back(rule);
      }
    }
  }
  return rules;
}

ClusterRoleAggregator::ClusterRoleAggregator(ControllerContext& context)
    : KeyedController(context, "clusterrole-aggregation-controller", 1), roles_(context.informers.get(kClusterRoles)) {
  // Any role may be part of any aggregate; both are few and rarely change.
  roles_.add_handler([this](const Object&, const Object&) {
    for (const auto& [key, role] : roles_.objects()) {
      if (role.doc().has("aggregationRule")) enqueue(key);
    }
  });
}

Task<Result<void>> ClusterRoleAggregator::reconcile(ObjectKey key) {
  const Object role = roles_.get(key);
  if (!role || !role.doc().has("aggregationRule")) co_return Result<void>();
  Value rules = aggregate_rules(role, roles_.list());
  if (rules == role.doc()["rules"] || (rules.empty() && role.doc()["rules"].empty())) co_return Result<void>();
  Object next = role;
  next.mutable_doc().set("rules", std::move(rules));
  DRYDOCK_CO_TRY_VOID(co_await context_.client.update(kClusterRoles, std::move(next)));
  co_return Result<void>();
}

}  // namespace drydock::controllers
