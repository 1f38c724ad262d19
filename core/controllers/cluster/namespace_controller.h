// NamespaceController empties namespaces that are being deleted, pods first, and
// then lets them go by removing the "kubernetes" finalizer.
// https://kubernetes.io/docs/tasks/administer-cluster/namespaces/#deleting-a-namespace
#pragma once

#include <map>

#include "core/controllers/shared/keyed_controller.h"

namespace drydock::controllers {

// What was left of a namespace after one pass.
struct NamespaceContent {
  struct Remaining {
    std::string resource;  // "pods.", "deployments.apps": resource and group
    std::int64_t count = 0;
  };
  std::vector<Remaining> resources;
  std::map<std::string, std::int64_t> finalizers;  // finalizer -> objects that have it
  std::vector<std::string> failures;
  Duration estimate{};  // how long the slowest pod may still take
};

// The status with its five deletion conditions. Pure.
Value namespace_deletion_status(const Object& ns, const NamespaceContent& content, TimePoint now);

class NamespaceController final : public KeyedController {
 public:
  explicit NamespaceController(ControllerContext& context);

 private:
  struct Kind {
    ResourceRef resource;
    bool can_delete_collection = false;
  };
  Task<Result<void>> reconcile(ObjectKey key) override;
  // Every resource that lives in namespaces and can be listed and deleted.
  Task<Result<std::vector<Kind>>> discover();
  Task<Result<Value>> get_document(std::string path);
  Task<void> empty_kind(std::string ns, Kind kind, NamespaceContent& content);

  Informer& namespaces_;
};

}  // namespace drydock::controllers
