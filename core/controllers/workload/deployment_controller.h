// DeploymentController rolls Deployments out through ReplicaSets.
#pragma once

#include <set>

#include "core/controllers/shared/keyed_controller.h"
#include "core/controllers/workload/deployment_plan.h"

namespace drydock::controllers {

class DeploymentController final : public KeyedController {
 public:
  explicit DeploymentController(ControllerContext& context);

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;
  Task<Result<void>> act(Object deployment, DeploymentPlan plan);
  Task<Result<void>> create_set(Object deployment, Object set);
  Task<Result<void>> update_set(Object deployment, ReplicaSetUpdate update);
  Task<Result<void>> adopt_sets(Object deployment);
  bool old_pods_running(const Object& deployment, const std::vector<Object>& sets) const;
  void set_changed(const Object& old, const Object& current);
  void pod_changed(const Object& old, const Object& current);

  Informer& deployments_;
  Informer& sets_;
  std::set<ObjectKey> orphan_sets_;  // ReplicaSets without a controller: up for adoption
};

}  // namespace drydock::controllers
