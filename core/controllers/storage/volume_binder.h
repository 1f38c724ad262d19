// VolumeBinder binds PersistentVolumeClaims to PersistentVolumes, keeps the phases of
// both, and lets go of the finalizers that protect what is in use.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#lifecycle-of-a-volume-and-claim
#pragma once

#include <vector>

#include "core/controllers/shared/keyed_controller.h"

namespace drydock::controllers {

// The volume for a claim: the smallest free one that has its class, its access modes
// and room enough, or one that already names it. Null when there is none. Pure.
const Object* choose_volume(const Object& claim, const std::vector<Object>& volumes);

class VolumeBinder final : public KeyedController {
 public:
  explicit VolumeBinder(ControllerContext& context);

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;  // a volume's key has no namespace
  Task<Result<void>> reconcile_volume(Object volume);
  Task<Result<void>> reconcile_claim(Object claim);
  Task<Result<void>> bind(Object claim, Object volume);
  bool in_use(const Object& claim) const;

  Informer& claims_;
  Informer& volumes_;
};

}  // namespace drydock::controllers
