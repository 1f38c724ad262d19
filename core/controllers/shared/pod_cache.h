// PodCache: all pods as PodViews, found by key, by controlling owner, by node;
// and the pods without a controller, by namespace, which selectors may adopt.
// It registers first with the pod informer, so that it is fresh when the
// handlers of controllers run.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/controllers/shared/pod_view.h"

namespace drydock {
class Informer;
}

namespace drydock::controllers {

class PodCache {
 public:
  explicit PodCache(Informer& pods);
  PodCache(const PodCache&) = delete;
  PodCache& operator=(const PodCache&) = delete;

  const PodView* find(const ObjectKey& key) const;
  using Pods = std::vector<const PodView*>;
  // Each in key order; lists and pointers hold until the loop's next event.
  const Pods& owned_by(std::string_view uid) const { return group(by_owner_, uid); }
  const Pods& on_node(std::string_view node) const { return group(by_node_, node); }
  const Pods& orphans(std::string_view ns) const { return group(orphans_, ns); }
  std::vector<const PodView*> in_namespace(const std::string& ns) const;
  // Nodes that pods are bound to, whether they exist or not.
  std::vector<std::string> node_names() const;
  // Finished pods, and those being deleted before they were placed.
  std::vector<const PodView*> not_running() const { return {not_running_.begin(), not_running_.end()}; }

 private:
  // Keyed by the group's name; ordered by pod key through the pointees.
  struct ByKey {
    bool operator()(const PodView* a, const PodView* b) const;
  };
  using Groups = std::map<std::string, Pods, std::less<>>;

  static const Pods& group(const Groups& groups, std::string_view name);
  static void add_to(Groups& groups, std::string_view name, const PodView& pod);
  static void remove_from(Groups& groups, std::string_view name, const PodView& pod);
  void changed(const Object& old, const Object& current);
  void link(PodView& pod);
  void unlink(const PodView& pod);

  std::map<ObjectKey, PodView> pods_;
  Groups by_owner_;
  Groups by_node_;
  Groups orphans_;
  std::set<const PodView*, ByKey> not_running_;
};

}  // namespace drydock::controllers
