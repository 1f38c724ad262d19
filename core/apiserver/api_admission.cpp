// The order of admission: plugins that change an object, webhooks that change it, its
// validation, plugins and webhooks that judge it.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#admission-control-phases
#include "core/apiserver/api_server.h"
#include "core/apiserver/outbound/hook_client.h"
#include "core/machinery/defaults.h"

namespace drydock {

AdmissionCall ApiServer::admission_of(Call& call) {
  return {call.info,
          *call.resource,
          call.who,
          *this,
          [this](const Identity& who, const RequestInfo& right) {
            return !options_.rbac || authorize(who, right, right.is_resource ? "" : right.rest, objects());
          },
          [this, &call](const std::string& version) {
            return registry_.find(call.info.group, version, call.info.resource) != nullptr;
          },
          call.annotations,
          call.warnings};
}

Task<Result<Object>> ApiServer::admit_create(Call& call, Value document) {
  DRYDOCK_CO_TRY(Object object, shape_create(call, std::move(document)));
  DRYDOCK_CO_TRY_VOID(change_by_policies(call, Object(), object));
  if (has_webhooks()) {
    const Object before = object;
    DRYDOCK_CO_TRY_VOID(co_await ask_mutating(call, Object(), object.mutable_doc()));
    // Built-in plugins see what webhooks added.
    if (!(object == before)) {
      if (call.resource->definition.is_null()) apply_defaults(object.mutable_doc());
      if (call.info.resource == "pods") DRYDOCK_CO_TRY_VOID(admit_changes(call, object.mutable_doc()));
    }
  }
  DRYDOCK_CO_TRY_VOID(check_create(call, object));
  DRYDOCK_CO_TRY_VOID(ask_policies(call, Object(), object));
  if (has_webhooks()) DRYDOCK_CO_TRY_VOID(co_await ask_validating(call, Object(), object));
  co_return object;
}

Task<Result<Object>> ApiServer::admit_update(Call& call, Object old, Value document) {
  DRYDOCK_CO_TRY(Object object, shape_update(call, old, std::move(document)));
  DRYDOCK_CO_TRY_VOID(change_by_policies(call, old, object));
  if (has_webhooks()) {
    const Object before = object;
    DRYDOCK_CO_TRY_VOID(co_await ask_mutating(call, old, object.mutable_doc()));
    if (!(object == before) && call.resource->definition.is_null() && call.info.subresource.empty())
      apply_defaults(object.mutable_doc());
  }
  DRYDOCK_CO_TRY_VOID(check_update(call, old, object));
  DRYDOCK_CO_TRY_VOID(ask_policies(call, old, object));
  if (has_webhooks()) DRYDOCK_CO_TRY_VOID(co_await ask_validating(call, old, object));
  co_return object;
}

Task<Result<void>> ApiServer::admit_delete(Call& call, const KeyValue& stored) {
  DRYDOCK_CO_TRY_VOID(admit_checks(call, Object(stored.value), Object()));
  DRYDOCK_CO_TRY_VOID(ask_policies(call, Object(stored.value), Object()));
  if (!has_webhooks()) co_return Result<void>();
  const Object old = with_version(stored);
  Value none;
  DRYDOCK_CO_TRY_VOID(co_await ask_mutating(call, old, none));
  co_return co_await ask_validating(call, old, Object());
}

Task<Result<void>> ApiServer::admit_connect(Call& call, Object old, Value& body) {
  DRYDOCK_CO_TRY_VOID(admit_node_restriction(admission_of(call), old, Object(body)));
  DRYDOCK_CO_TRY_VOID(ask_policies(call, Object(), Object(body)));
  if (!has_webhooks()) co_return Result<void>();
  DRYDOCK_CO_TRY_VOID(co_await ask_mutating(call, Object(), body));
  co_return co_await ask_validating(call, Object(), Object(body));
}

Result<void> ApiServer::admit_checks(Call& call, const Object& old, const Object& updated) {
  if (!ready_) return {};
  const AdmissionCall admission = admission_of(call);
  if (options_.rbac) DRYDOCK_TRY_VOID(admit_escalation(admission, old, updated, objects()));
  // New pods have passed NodeRestriction before anything was added to them.
  if (old || call.info.resource != "pods") DRYDOCK_TRY_VOID(admit_node_restriction(admission, old, updated));
  DRYDOCK_TRY_VOID(admit_small_plugins(admission, old, updated, options_.credentials.request_organizations));
  DRYDOCK_TRY_VOID(admit_pod_security(admission, old, updated));
  if (!old && call.resource->namespaced) return admit_quota(call, updated.doc());
  return {};
}

}  // namespace drydock
