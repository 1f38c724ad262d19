// The Endpoints and EndpointSlices of a Service. Pure.
// https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/controllers/shared/pod_view.h"

namespace drydock::controllers {

// The ports of `service` on `pod`: named target ports are looked up in its
// containers; ports the pod does not have are left out.
std::vector<Value> resolve_ports(const Object& service, const Object& pod);

// The whole Endpoints object; `current` (may be empty) keeps its metadata.
Object plan_endpoints(const Object& service, const std::vector<const PodView*>& pods, const Object& current);

inline constexpr std::size_t kEndpointsPerSliceMax = 100;

struct SlicePlan {
  std::vector<Object> creates;
  std::vector<Object> updates;
  std::vector<Object> deletes;
};
// `zone_of(node)`: the zone label of a node, "" when it has none.
SlicePlan plan_slices(const Object& service, const std::vector<const PodView*>& pods,
                      const std::vector<Object>& existing,
                      const std::function<std::string(const std::string& node)>& zone_of);

}  // namespace drydock::controllers
