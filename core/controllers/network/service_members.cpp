#include "core/controllers/network/service_members.h"

namespace drydock::controllers {
namespace {

bool is_ready(const Object& pod) { return view_pod(pod).ready; }

bool endpoint_facts_differ(const Object& old, const Object& current) {
  return old.status()["podIPs"] != current.status()["podIPs"] || old.spec()["nodeName"] != current.spec()["nodeName"] ||
         old.deleting() != current.deleting() || old.status()["phase"] != current.status()["phase"] ||
         is_ready(old) != is_ready(current) || old.labels() != current.labels();
}

}  // namespace

ServiceMembers::ServiceMembers(ControllerContext& context, std::function<void(const ObjectKey&)> changed)
    : context_(context), changed_(std::move(changed)) {
  context.informers.get(resources::kServices).add_handler([this](const Object& old, const Object& current) {
    service_changed(old, current);
  });
  context.informers.get(resources::kPods).add_handler([this](const Object& old, const Object& current) {
    pod_changed(old, current);
  });
}

void ServiceMembers::service_changed(const Object& old, const Object& current) {
  const ObjectKey key = (current ? current : old).key();
  const Value& selector = current.spec()["selector"];
  if (!current || selector.empty()) {
    services_.erase(key);
  } else if (!old || old.spec()["selector"] != selector || !services_.contains(key)) {
    Entry& entry = services_[key];
    entry = {LabelSelector::from_labels(selector), {}};
    for (const PodView* pod : context_.pods.in_namespace(key.ns)) {
      if (entry.selector.matches(pod->object.labels())) entry.pods.insert(pod->object.key());
    }
  }
  changed_(key);
}

void ServiceMembers::pod_changed(const Object& old, const Object& current) {
  const ObjectKey key = (current ? current : old).key();
  auto it = services_.lower_bound({key.ns, ""});
  if (it == services_.end() || it->first.ns != key.ns) return;
  const bool relevant = !old || !current || endpoint_facts_differ(old, current);
  if (!relevant) return;
  for (; it != services_.end() && it->first.ns == key.ns; ++it) {
    const bool was_member = it->second.pods.contains(key);
    const bool is_member = current && it->second.selector.matches(current.labels());
    if (!was_member && !is_member) continue;
    if (is_member)
      it->second.pods.insert(key);
    else
      it->second.pods.erase(key);
    changed_(it->first);
  }
}

std::vector<const PodView*> ServiceMembers::pods_of(const ObjectKey& service) const {
  std::vector<const PodView*> pods;
  auto it = services_.find(service);
  if (it == services_.end()) return pods;
  for (const ObjectKey& key : it->second.pods) {
    if (const PodView* pod = context_.pods.find(key)) pods.push_back(pod);
  }
  return pods;
}

std::size_t ServiceMembers::size(const ObjectKey& service) const {
  auto it = services_.find(service);
  return it == services_.end() ? 0 : it->second.pods.size();
}

}  // namespace drydock::controllers
