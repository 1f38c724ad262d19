// ServiceMembers: which pods each Service selects, kept as pods and Services
// change, so that a reconcile touches the members only.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "core/controllers/controller_context.h"
#include "core/machinery/selectors.h"

namespace drydock::controllers {

class ServiceMembers {
 public:
  // `changed` is called for each Service whose spec, members or members' endpoint
  // facts (address, readiness, node, deletion, labels) changed.
  ServiceMembers(ControllerContext& context, std::function<void(const ObjectKey& service)> changed);
  ServiceMembers(const ServiceMembers&) = delete;
  ServiceMembers& operator=(const ServiceMembers&) = delete;

  std::vector<const PodView*> pods_of(const ObjectKey& service) const;
  std::size_t size(const ObjectKey& service) const;

 private:
  struct Entry {
    LabelSelector selector;
    std::set<ObjectKey> pods;
  };
  void service_changed(const Object& old, const Object& current);
  void pod_changed(const Object& old, const Object& current);

  ControllerContext& context_;
  std::function<void(const ObjectKey&)> changed_;
  std::map<ObjectKey, Entry> services_;  // those with a selector
};

}  // namespace drydock::controllers
