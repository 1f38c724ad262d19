#include "core/controllers/shared/pod_cache.h"

#include <algorithm>

#include "core/client/informer.h"
#include "core/controllers/shared/owner_reference.h"

namespace drydock::controllers {
bool PodCache::ByKey::operator()(const PodView* a, const PodView* b) const {
  const int by_namespace = a->ns.compare(b->ns);
  return by_namespace != 0 ? by_namespace < 0 : a->name < b->name;
}

PodCache::PodCache(Informer& pods) {
  pods.add_handler([this](const Object& old, const Object& current) { changed(old, current); });
}

const PodView* PodCache::find(const ObjectKey& key) const {
  auto it = pods_.find(key);
  return it == pods_.end() ? nullptr : &it->second;
}

const PodCache::Pods& PodCache::group(const Groups& groups, std::string_view name) {
  static const Pods kNone;
  auto it = groups.find(name);
  return it == groups.end() ? kNone : it->second;
}

void PodCache::add_to(Groups& groups, std::string_view name, const PodView& pod) {
  auto it = groups.find(name);
  if (it == groups.end()) it = groups.try_emplace(std::string(name)).first;
  it->second.insert(std::lower_bound(it->second.begin(), it->second.end(), &pod, ByKey()), &pod);
}

void PodCache::remove_from(Groups& groups, std::string_view name, const PodView& pod) {
  auto it = groups.find(name);
  if (it == groups.end()) return;
  auto at = std::lower_bound(it->second.begin(), it->second.end(), &pod, ByKey());
  if (at != it->second.end() && *at == &pod) it->second.erase(at);
  if (it->second.empty()) groups.erase(it);
}

std::vector<const PodView*> PodCache::in_namespace(const std::string& ns) const {
  std::vector<const PodView*> found;
  for (auto it = pods_.lower_bound({ns, ""}); it != pods_.end() && it->first.ns == ns; ++it)
    found.push_back(&it->second);
  return found;
}

std::vector<std::string> PodCache::node_names() const {
  std::vector<std::string> names;
  for (const auto& [name, pods] : by_node_) names.push_back(name);
  return names;
}

void PodCache::changed(const Object& old, const Object& current) {
  const Object& any = current ? current : old;
  const ObjectKey key = any.key();
  auto it = pods_.find(key);
  if (it != pods_.end()) {
    unlink(it->second);
    if (!current) {
      pods_.erase(it);
      return;
    }
    PodView view = view_pod(current);
    if (view.labels == it->second.labels) view.labels = it->second.labels;
    it->second = std::move(view);
  } else {
    if (!current) return;
    it = pods_.emplace(key, view_pod(current)).first;
  }
  link(it->second);
}

void PodCache::link(PodView& pod) {
  if (const std::string_view owner = controller_uid(pod.object); !owner.empty()) {
    const Pods& siblings = group(by_owner_, owner);
    if (!siblings.empty() && siblings.front()->labels == pod.labels) pod.labels = siblings.front()->labels;
    add_to(by_owner_, owner, pod);
  } else {
    add_to(orphans_, pod.object.ns(), pod);
  }
  if (!pod.node.empty()) add_to(by_node_, pod.node, pod);
  if (pod.finished() || (pod.deleting && pod.node.empty())) not_running_.insert(&pod);
}

void PodCache::unlink(const PodView& pod) {
  if (const std::string_view owner = controller_uid(pod.object); !owner.empty()) {
    remove_from(by_owner_, owner, pod);
  } else {
    remove_from(orphans_, pod.object.ns(), pod);
  }
  if (!pod.node.empty()) remove_from(by_node_, pod.node, pod);
  not_running_.erase(&pod);
}

}  // namespace drydock::controllers
