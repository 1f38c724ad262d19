#include "core/controllers/cluster/namespace_defaults.h"

namespace drydock::controllers {
namespace {

constexpr const char* kDefaultAccount = "default";
constexpr const char* kRootCaConfigMap = "kube-root-ca.crt";
constexpr const char* kRootCaDescription =
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
    "internal service IP or "
    "kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

bool is_active(const Object& ns) { return ns && !ns.deleting() && ns.status()["phase"].as_string() != "Terminating"; }

}  // namespace

ServiceAccountController::ServiceAccountController(ControllerContext& context)
    : KeyedController(context, "serviceaccount-controller", 1),
      namespaces_(context.informers.get(resources::kNamespaces)),
      accounts_(context.informers.get(resources::kServiceAccounts)) {
  enqueue_changes_of(namespaces_);
  accounts_.add_handler([this](const Object& old, const Object& current) {
    if (!current && old.name() == kDefaultAccount) enqueue(ObjectKey{"", std::string(old.ns())});
  });
}

Task<Result<void>> ServiceAccountController::reconcile(ObjectKey ns) {
  if (!is_active(namespaces_.get(ns)) || accounts_.get({ns.name, kDefaultAccount})) co_return Result<void>();
  Value metadata = Value::object({{"name", kDefaultAccount}, {"namespace", ns.name}});
  Object account(Value::object({{"apiVersion", "v1"}, {"kind", "ServiceAccount"}, {"metadata", metadata}}));
  Result<Object> created = co_await context_.client.create(resources::kServiceAccounts, std::move(account));
  if (!created && !created.error().is_already_exists()) co_return created.error();
  co_return Result<void>();
}

RootCaPublisher::RootCaPublisher(ControllerContext& context, std::string root_ca_pem)
    : KeyedController(context, "root-ca-cert-publisher", 1),
      root_ca_pem_(std::move(root_ca_pem)),
      namespaces_(context.informers.get(resources::kNamespaces)),
      config_maps_(context.informers.get(resources::kConfigMaps)) {
  enqueue_changes_of(namespaces_);
  config_maps_.add_handler([this](const Object& old, const Object& current) {
    const Object& map = current ? current : old;
    if (map.name() == kRootCaConfigMap) enqueue(ObjectKey{"", std::string(map.ns())});
  });
}

Task<Result<void>> RootCaPublisher::reconcile(ObjectKey ns) {
  if (!is_active(namespaces_.get(ns))) co_return Result<void>();
  const Object current = config_maps_.get({ns.name, kRootCaConfigMap});
  const Value data = Value::object({{"ca.crt", root_ca_pem_}});
  if (current) {
    if (current.doc()["data"] == data) co_return Result<void>();
    Object next = current;
    next.mutable_doc().set("data", data);
    DRYDOCK_CO_TRY_VOID(co_await context_.client.update(resources::kConfigMaps, std::move(next)));
    co_return Result<void>();
  }
  Value annotations = Value::object({{"kubernetes.io/description", kRootCaDescription}});
  Value metadata = Value::object({{"name", kRootCaConfigMap}, {"namespace", ns.name}, {"annotations", annotations}});
  Object map(Value::object({{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", metadata}, {"data", data}}));
  Result<Object> created = co_await context_.client.create(resources::kConfigMaps, std::move(map));
  if (!created && !created.error().is_already_exists()) co_return created.error();
  co_return Result<void>();
}

}  // namespace drydock::controllers
