// DaemonSetController runs one pod of each DaemonSet on every node that fits.
#pragma once

#include "core/controllers/shared/expectations.h"
#include "core/controllers/shared/keyed_controller.h"
#include "core/controllers/shared/pod_control.h"

namespace drydock::controllers {

class DaemonSetController final : public KeyedController {
 public:
  explicit DaemonSetController(ControllerContext& context);

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;
  void node_changed(const Object& old, const Object& current);

  Informer& sets_;
  Informer& nodes_;
  Informer& revisions_;
  Expectations expectations_;
  PodControl pod_control_;
};

}  // namespace drydock::controllers
