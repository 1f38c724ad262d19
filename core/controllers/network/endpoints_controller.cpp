#include "core/controllers/network/endpoints_controller.h"

#include "core/controllers/network/endpoints_plan.h"
#include "core/controllers/network/update_pace.h"

namespace drydock::controllers {

EndpointsController::EndpointsController(ControllerContext& context)
    : KeyedController(context, "endpoint-controller"),
      services_(context.informers.get(resources::kServices)),
      endpoints_(context.informers.get(resources::kEndpoints)),
      members_(context,
               [this](const ObjectKey& service) { enqueue_after(service, update_pace(members_.size(service))); }) {
  endpoints_.add_handler([this](const Object& old, const Object& current) {
    if (!current) enqueue(old);  // someone deleted it: make it again
  });
}

Task<Result<void>> EndpointsController::reconcile(ObjectKey key) {
  const Object service = services_.get(key);
  const Object current = endpoints_.get(key);
  if (!service) {
    const bool ours = current && current.label("endpoints.kubernetes.io/managed-by") == "endpoint-controller";
    if (!ours) co_return Result<void>();
    Result<Object> removed = co_await context_.client.remove(resources::kEndpoints, key);
    if (!removed && !removed.error().is_not_found()) co_return removed.error();
    co_return Result<void>();
  }
  if (service.spec()["selector"].empty() || service.spec()["type"].as_string() == "ExternalName")
    co_return Result<void>();
  Object wanted = plan_endpoints(service, members_.pods_of(key), current);
  if (current && wanted == current) co_return Result<void>();
  Result<Object> written = current ? co_await context_.client.update(resources::kEndpoints, std::move(wanted))
                                   : co_await context_.client.create(resources::kEndpoints, std::move(wanted));
  if (!written && !written.error().is_already_exists()) co_return written.error();
  co_return Result<void>();
}

}  // namespace drydock::controllers
