#include "core/controllers/cluster/resource_quota_controller.h"

#include "core/machinery/pod_resources.h"

namespace drydock::controllers {
namespace {

const ResourceRef kResourceQuotas{"", "v1", "resourcequotas"};

}  // namespace

ResourceQuotaController::ResourceQuotaController(ControllerContext& context)
    : KeyedController(context, "resourcequota-controller"), quotas_(context.informers.get(kResourceQuotas)) {
  enqueue_changes_of(quotas_);
  const std::pair<const char*, const ResourceRef*> kinds[] = {
      {"services", &resources::kServices},
      {"secrets", &resources::kSecrets},
      {"configmaps", &resources::kConfigMaps},
      {"persistentvolumeclaims", &resources::kPersistentVolumeClaims},
      {"replicationcontrollers", &resources::kReplicationControllers},
      {"count/deployments.apps", &resources::kDeployments},
      {"count/replicasets.apps", &resources::kReplicaSets},
      {"count/statefulsets.apps", &resources::kStatefulSets},
      {"count/jobs.batch", &resources::kJobs},
      {"count/cronjobs.batch", &resources::kCronJobs},
  };
  counted_["resourcequotas"] = counted_["count/resourcequotas"] = &quotas_;
  for (const auto& [name, resource] : kinds) {
    Informer& informer = context.informers.get(*resource);
    counted_[name] = &informer;
    if (resource->group.empty()) counted_[std::string("count/") + name] = &informer;
    informer.add_handler([this](const Object& old, const Object& current) {
      if (!old || !current) enqueue_namespace(std::string((current ? current : old).ns()));
    });
  }
  context.informers.get(resources::kPods).add_handler([this](const Object& old, const Object& current) {
    const bool ended = !current || (old && !view_pod(old).finished() && view_pod(current).finished());
    if (quotas_.size() != 0 && (ended || !old)) enqueue_namespace(std::string((current ? current : old).ns()));
  });
}

void ResourceQuotaController::enqueue_namespace(const std::string& ns) {
  if (quotas_.size() == 0) return;
  for (const Object& quota : quotas_.list_namespace(ns)) enqueue(quota);
}

std::map<std::string, Quantity> ResourceQuotaController::usage(const Object& quota) const {
  const std::string ns(quota.ns());
  std::map<std::string, Quantity> used;
  for (const PodView* pod : context_.pods.in_namespace(ns)) {
    if (pod->finished() || !quota_counts(quota, pod->object)) continue;
    for (const auto& [name, amount] : pod_usage(pod->object)) used[name] = used[name] + amount;
  }
  for (const auto& [name, informer] : counted_) {
    if (quota.spec()["hard"].has(name))
      used[name] = Quantity::of(static_cast<std::int64_t>(informer->list_namespace(ns).size()));
  }
  for (const Object& claim : counted_.at("persistentvolumeclaims")->list_namespace(ns)) {
    for (const auto& [name, amount] : claim_usage(claim)) {
      if (!counted_.contains(name)) used[name] = used[name] + amount;
    }
  }
  if (quota.spec()["hard"].has("services.nodeports") || quota.spec()["hard"].has("services.loadbalancers")) {
    std::int64_t node_ports = 0, load_balancers = 0;
    for (const Object& service : counted_.at("services")->list_namespace(ns)) {
      for (const Value& port : service.spec()["ports"].items()) node_ports += port["nodePort"].as_int() != 0 ? 1 : 0;
      load_balancers += service.spec()["type"].as_string() == "LoadBalancer" ? 1 : 0;
    }
    used["services.nodeports"] = Quantity::of(node_ports);
    used["services.loadbalancers"] = Quantity::of(load_balancers);
  }
  return used;
}

Task<Result<void>> ResourceQuotaController::reconcile(ObjectKey key) {
  const Object quota = quotas_.get(key);
  if (!quota) co_return Result<void>();
  std::map<std::string, Quantity> amounts = usage(quota);
  Value used = Value::object();
  for (const Value::Member& hard : quota.spec()["hard"].members()) used.set(hard.key, amounts[hard.key.str()].str());
  Value status = Value::object({{"hard", quota.spec()["hard"]}, {"used", used}});
  if (status == quota.status()) co_return Result<void>();
  Object next = quota;
  next.mutable_doc().set("status", std::move(status));
  DRYDOCK_CO_TRY_VOID(co_await context_.client.update_status(kResourceQuotas, std::move(next)));
  co_return Result<void>();
}

}  // namespace drydock::controllers
