#include "core/controllers/network/endpointslice_mirroring.h"

#include <algorithm>

#include "core/controllers/shared/owner_reference.h"

namespace drydock::controllers {
namespace {

constexpr const char* kManager = "endpointslicemirroring-controller.k8s.io";
constexpr const char* kByEndpoints = "mirrored-endpoints";

std::vector<std::string> mirrored_from(const Object& slice) {
  if (slice.label("endpointslice.kubernetes.io/managed-by") != kManager) return {};
  return {std::string(slice.ns()) + "/" + std::string(slice.label("kubernetes.io/service-name"))};
}

Value mirrored_endpoint(const Value& address, bool ready) {
  Value endpoint =
      Value::object({{"addresses", Value::array({address["ip"]})}, {"conditions", Value::object({{"ready", ready}})}});
  for (const char* field : {"hostname", "nodeName", "targetRef"}) {
    if (const Value& value = address[field]; !value.empty()) endpoint.set(field, value);
  }
  return endpoint;
}

Object mirrored_slice(const Object& endpoints, const Value& subset) {
  Value items = Value::array();
  for (const Value& address : subset["addresses"].items()) items.push_back(mirrored_endpoint(address, true));
  for (const Value& address : subset["notReadyAddresses"].items()) items.push_back(mirrored_endpoint(address, false));
  Value ports = Value::array();
  for (const Value& given : subset["ports"].items()) {
    Value port = given;
    if (!port.has("name")) port.set("name", "");
    if (!port.has("protocol")) port.set("protocol", "TCP");
    ports.push_back(std::move(port));
  }
  Value labels = endpoints.labels().is_object() ? endpoints.labels() : Value::object();
  labels.set("kubernetes.io/service-name", endpoints.name());
  labels.set("endpointslice.kubernetes.io/managed-by", kManager);
  Value metadata =
      Value::object({{"generateName", std::string(endpoints.name()) + "-"},
                     {"namespace", endpoints.ns()},
                     {"labels", labels},
                     {"ownerReferences", Value::array({controller_reference(endpoints, "v1", "Endpoints")})}});
  return Object(Value::object({{"apiVersion", "discovery.k8s.io/v1"},
                               {"kind", "EndpointSlice"},
                               {"metadata", metadata},
                               {"addressType", "IPv4"},
                               {"endpoints", items},
                               {"ports", ports}}));
}

}  // namespace

MirrorPlan plan_mirror(const Object& endpoints, const std::vector<Object>& existing) {
  MirrorPlan plan;
  std::vector<Object> left = existing;
  for (const Value& subset : endpoints.doc()["subsets"].items()) {
    Object wanted = mirrored_slice(endpoints, subset);
    const auto same = std::ranges::find_if(left, [&wanted](const Object& slice) {
      return slice.doc()["endpoints"] == wanted.doc()["endpoints"] && slice.doc()["ports"] == wanted.doc()["ports"] &&
             slice.labels() == wanted.labels();
    });
    if (same != left.end())
      left.erase(same);
    else
      plan.creates.push_back(std::move(wanted));
  }
  plan.deletes = std::move(left);
  return plan;
}

EndpointSliceMirroringController::EndpointSliceMirroringController(ControllerContext& context)
    : KeyedController(context, "endpoint-slice-mirroring-controller"),
      services_(context.informers.get(resources::kServices)),
      endpoints_(context.informers.get(resources::kEndpoints)),
      slices_(context.informers.get(resources::kEndpointSlices)) {
  enqueue_changes_of(services_);
  enqueue_changes_of(endpoints_);
  slices_.add_index(kByEndpoints, mirrored_from);
  slices_.add_handler([this](const Object& old, const Object& current) {
    if (old) return;
    for (const std::string& key : mirrored_from(current)) {
      created_.saw_creation(key);
      enqueue(parse_object_key(key));
    }
  });
}

bool EndpointSliceMirroringController::should_mirror(const ObjectKey& key) const {
  const Object& service = services_.get(key);
  const Object& endpoints = endpoints_.get(key);
  return service && endpoints && service.spec()["selector"].empty() &&
         endpoints.label("endpointslice.kubernetes.io/skip-mirror") != "true" &&
         !endpoints.annotations().has("control-plane.alpha.kubernetes.io/leader");
}

Task<Result<void>> EndpointSliceMirroringController::reconcile(ObjectKey key) {
  if (!created_.satisfied(key.str(), context_.now())) co_return Result<void>();  // their arrival brings the key back
  const std::vector<Object> existing = slices_.by_index(kByEndpoints, key.str());
  MirrorPlan plan;
  if (should_mirror(key))
    plan = plan_mirror(endpoints_.get(key), existing);
  else
    plan.deletes = existing;
  if (!plan.creates.empty())
    created_.expect_creations(key.str(), static_cast<int>(plan.creates.size()), context_.now());
  for (Object& slice : plan.creates) {
    Result<Object> created = co_await context_.client.create(resources::kEndpointSlices, std::move(slice));
    if (!created) {
      created_.forget(key.str());
      co_return created.error();
    }
  }
  for (const Object& slice : plan.deletes) {
    Result<Object> removed = co_await context_.client.remove(resources::kEndpointSlices, slice.key());
    if (!removed && !removed.error().is_not_found()) co_return removed.error();
  }
  co_return Result<void>();
}

}  // namespace drydock::controllers
