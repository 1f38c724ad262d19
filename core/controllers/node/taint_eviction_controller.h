// TaintEvictionController deletes pods from nodes with NoExecute taints that they
// do not tolerate, or no longer.
// https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
#pragma once

#include <map>
#include <optional>

#include "core/controllers/shared/keyed_controller.h"
#include "core/machinery/node_selection.h"

namespace drydock::controllers {

// How long a pod may stay on a node with these NoExecute taints: nullopt for
// ever, zero to leave at once.
std::optional<Duration> tolerated_for(const std::vector<Taint>& no_execute, const std::vector<Toleration>& tolerations);

class TaintEvictionController final : public KeyedController {
 public:
  explicit TaintEvictionController(ControllerContext& context);

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;
  void node_changed(const Object& old, const Object& current);

  Informer& nodes_;
  std::map<ObjectKey, TimePoint> deadlines_;  // pods that wait for their eviction
};

}  // namespace drydock::controllers
