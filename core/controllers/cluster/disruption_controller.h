// DisruptionController keeps the status of PodDisruptionBudgets: how many pods may
// be evicted now. https://kubernetes.io/docs/tasks/run-application/configure-pdb/
#pragma once

#include "core/controllers/shared/keyed_controller.h"

namespace drydock::controllers {

// `expected`: pods there should be, as their controllers say. Pure.
Value plan_budget_status(const Object& budget, const std::vector<const PodView*>& pods, std::int64_t expected,
                         TimePoint now);

class DisruptionController final : public KeyedController {
 public:
  explicit DisruptionController(ControllerContext& context);

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;
  void pod_changed(const Object& old, const Object& current);
  std::int64_t expected_pods(const std::vector<const PodView*>& pods) const;

  Informer& budgets_;
  Informer& replica_sets_;
  Informer& stateful_sets_;
  Informer& replication_controllers_;
};

}  // namespace drydock::controllers
