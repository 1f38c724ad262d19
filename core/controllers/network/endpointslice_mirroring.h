// EndpointSliceMirroringController: EndpointSlices for Endpoints that people write
// by hand, of Services without a selector.
// https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#endpointslice-mirroring
#pragma once

#include "core/controllers/shared/expectations.h"
#include "core/controllers/shared/keyed_controller.h"

namespace drydock::controllers {

// One slice for each subset. `existing` are the mirrored ones of the same name. Pure.
struct MirrorPlan {
  std::vector<Object> creates;
  std::vector<Object> deletes;
};
MirrorPlan plan_mirror(const Object& endpoints, const std::vector<Object>& existing);

class EndpointSliceMirroringController final : public KeyedController {
 public:
  explicit EndpointSliceMirroringController(ControllerContext& context);

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;
  bool should_mirror(const ObjectKey& key) const;

  Informer& services_;
  Informer& endpoints_;
  Informer& slices_;
  Expectations created_;  // slices made and not yet in the cache
};

}  // namespace drydock::controllers
