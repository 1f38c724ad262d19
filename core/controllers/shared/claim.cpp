#include "core/controllers/shared/claim.h"

#include <vector>

#include "core/controllers/controller_context.h"
#include "core/controllers/shared/owner_reference.h"
#include "core/machinery/selectors.h"

namespace drydock::controllers {

Value adopt_patch(const Claimant& claimant, const Object& orphan) {
  Value references = Value::array({controller_reference(claimant.owner, claimant.api_version, claimant.kind)});
  return Value::object({{"metadata", Value::object({{"uid", orphan.uid()}, {"ownerReferences", references}})}});
}

Value release_patch(const Claimant& claimant, const Object& owned) {
  Value reference = Value::object({{"$patch", "delete"}, {"uid", claimant.owner.uid()}});
  return Value::object(
      {{"metadata", Value::object({{"uid", owned.uid()}, {"ownerReferences", Value::array({reference})}})}});
}

Task<Result<void>> claim_pods(ControllerContext& context, Claimant claimant, const LabelSelector& selector,
                              Value template_labels) {
  struct Change {
    ObjectKey key;
    Value patch;
  };
  std::vector<Change> changes;
  const Value* matching = &template_labels;
  for (const PodView* pod : context.pods.owned_by(claimant.owner.uid())) {
    if (pod->labels.same_as(*matching) || pod->deleting) continue;
    if (selector.matches(pod->labels)) {
      matching = &pod->labels;
      continue;
    }
    changes.push_back({pod->object.key(), release_patch(claimant, pod->object)});
  }
  if (!claimant.owner.deleting()) {
    for (const PodView* pod : context.pods.orphans(claimant.owner.ns())) {
      if (!pod->active() || !selector.matches(pod->labels)) continue;
      changes.push_back({pod->object.key(), adopt_patch(claimant, pod->object)});
    }
  }
  for (Change& change : changes) {
    Result<Object> patched =
        co_await context.client.patch(resources::kPods, change.key, PatchType::kStrategicMerge, change.patch);
    if (!patched && !patched.error().is_not_found()) co_return patched.error();
  }
  co_return Result<void>();
}

}  // namespace drydock::controllers
