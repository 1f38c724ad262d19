// ReplicaSetController keeps as many pods as each ReplicaSet (or, made with
// kReplicationController, each ReplicationController) wants.
#pragma once

#include <vector>

#include "core/controllers/shared/expectations.h"
#include "core/controllers/shared/keyed_controller.h"
#include "core/controllers/shared/pod_control.h"
#include "core/controllers/workload/replicaset_plan.h"

namespace drydock::controllers {

// The two kinds differ in names and in the form of their selector only.
struct ReplicaKind {
  ResourceRef resource;
  std::string api_version;
  std::string kind;
  std::string component;
  bool flat_selector = false;  // spec.selector is a plain map of labels
};
ReplicaKind replica_set_kind();
ReplicaKind replication_controller_kind();

class ReplicaSetController final : public KeyedController {
 public:
  ReplicaSetController(ControllerContext& context, ReplicaKind kind);

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;
  Task<Result<void>> manage(Object set);
  Task<Result<void>> write_status(Object set, Result<void> managed, std::int64_t difference);
  std::vector<const PodView*> siblings(const Object& set) const;
  void pod_changed(const Object& old, const Object& current);

  ReplicaKind kind_;
  Informer& sets_;
  Expectations expectations_;
  PodControl pod_control_;
};

}  // namespace drydock::controllers
