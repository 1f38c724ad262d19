// PodGcController removes pods that nobody else will: of nodes that are gone,
// deleted before they were placed, and finished ones beyond a limit.
// https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection
#pragma once

#include <map>
#include <string>

#include "core/controllers/controller_context.h"
#include "core/controllers/shared/keyed_controller.h"

namespace drydock::controllers {

class PodGcController final : public Controller {
 public:
  PodGcController(ControllerContext& context, std::int64_t terminated_pods_max = 12500);
  Task<void> run() override;

 private:
  std::vector<Object> collect();
  Task<void> remove(Object pod, bool orphaned);

  ControllerContext& context_;
  Informer& nodes_;
  std::int64_t terminated_pods_max_;
  std::map<std::string, TimePoint> missing_nodes_;  // since when they have been missing
};

}  // namespace drydock::controllers
