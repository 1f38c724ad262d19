#include "core/controllers/network/endpointslice_controller.h"

#include "core/controllers/network/endpoints_plan.h"
#include "core/controllers/network/update_pace.h"

namespace drydock::controllers {
namespace {

constexpr const char* kByService = "service";

std::vector<std::string> service_of(const Object& slice) {
  const bool ours = slice.label("endpointslice.kubernetes.io/managed-by") == "endpointslice-controller.k8s.io";
  if (!ours) return {};
  return {std::string(slice.ns()) + "/" + std::string(slice.label("kubernetes.io/service-name"))};
}

}  // namespace

EndpointSliceController::EndpointSliceController(ControllerContext& context)
    : KeyedController(context, "endpoint-slice-controller"),
      services_(context.informers.get(resources::kServices)),
      slices_(context.informers.get(resources::kEndpointSlices)),
      nodes_(context.informers.get(resources::kNodes)),
      members_(context,
               [this](const ObjectKey& service) { enqueue_after(service, update_pace(members_.size(service))); }) {
  slices_.add_index(kByService, service_of);
  slices_.add_handler([this](const Object& old, const Object& current) {
    for (const std::string& service : service_of(current ? current : old)) {
      if (!old) created_.saw_creation(service);
      if (!old || !current) enqueue(parse_object_key(service));
    }
  });
}

Task<Result<void>> EndpointSliceController::reconcile(ObjectKey key) {
  const Object service = services_.get(key);
  if (!created_.satisfied(key.str(), context_.now())) co_return Result<void>();  // their arrival brings the key back
  const std::vector<Object> existing = slices_.by_index(kByService, key.str());
  SlicePlan plan;
  const bool selects =
      service && !service.spec()["selector"].empty() && service.spec()["type"].as_string() != "ExternalName";
  if (selects && !service.deleting()) {
    const auto zone_of = [this](const std::string& node) {
      return std::string(nodes_.get({"", node}).label("topology.kubernetes.io/zone"));
    };
    plan = plan_slices(service, members_.pods_of(key), existing, zone_of);
  } else if (!service) {
    plan.deletes = existing;
  }
  if (!service)
    created_.forget(key.str());
  else if (!plan.creates.empty())
    created_.expect_creations(key.str(), static_cast<int>(plan.creates.size()), context_.now());
  for (Object& slice : plan.creates) {
    Result<Object> created = co_await context_.client.create(resources::kEndpointSlices, std::move(slice));
    if (!created) {
      created_.forget(key.str());
      recorder_.event(service, "Warning", "FailedToUpdateEndpointSlices",
                      "Error updating Endpoint Slices for Service " + key.str() +
                          ": failed to create EndpointSlice for Service " + key.str() + ": " + created.error().message);
      co_return created.error();
    }
  }
  for (Object& slice : plan.updates)
    DRYDOCK_CO_TRY_VOID(co_await context_.client.update(resources::kEndpointSlices, std::move(slice)));
  for (const Object& slice : plan.deletes) {
    Result<Object> removed = co_await context_.client.remove(resources::kEndpointSlices, slice.key());
    if (!removed && !removed.error().is_not_found()) co_return removed.error();
  }
  co_return Result<void>();
}

}  // namespace drydock::controllers
