// NodeLifecycleController notices nodes that have gone silent (no renewal of their
// lease within the grace period), says so in their conditions, and taints nodes
// by their conditions.
// https://kubernetes.io/docs/concepts/architecture/nodes/#heartbeats
#pragma once

#include <map>
#include <set>

#include "core/controllers/shared/keyed_controller.h"

namespace drydock::controllers {

struct NodeMonitorOptions {
  Duration monitor_period = seconds(5);
  Duration grace_period = seconds(50);
  Duration startup_grace_period = seconds(60);
};

class NodeLifecycleController final : public KeyedController {
 public:
  explicit NodeLifecycleController(ControllerContext& context, NodeMonitorOptions options = {});

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;
  Task<Result<void>> mark_pods_not_ready(std::string node);
  void node_changed(const Object& old, const Object& current);
  void lease_changed(const Object& current);
  // When the node counts as silent, if nothing is heard until then.
  TimePoint silence_begins(const Object& node) const;

  NodeMonitorOptions options_;
  Informer& nodes_;
  std::map<std::string, TimePoint> last_heard_;
  std::map<std::string, std::string> last_readiness_;
};

}  // namespace drydock::controllers
