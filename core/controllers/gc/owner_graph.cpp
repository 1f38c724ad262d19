#include "core/controllers/gc/owner_graph.h"

#include <algorithm>

namespace drydock::controllers {

std::vector<OwnerReference> read_owners(const Object& object) {
  std::vector<OwnerReference> owners;
  for (const Value& reference : object.metadata()["ownerReferences"].items()) {
    owners.push_back({reference["apiVersion"].str(), reference["kind"].str(), reference["name"].str(),
                      reference["uid"].str(), reference["blockOwnerDeletion"].as_bool()});
  }
  return owners;
}

bool has_finalizer(const Object& object, std::string_view finalizer) {
  return std::ranges::any_of(object.metadata()["finalizers"].items(),
                             [finalizer](const Value& own) { return own.as_string() == finalizer; });
}

const GraphNode* OwnerGraph::find(const std::string& uid) const {
  auto it = nodes_.find(uid);
  return it == nodes_.end() ? nullptr : &it->second;
}

void OwnerGraph::drop_owner_links(const std::string& uid, const GraphNode& node) {
  for (const OwnerReference& owner : node.owners) {
    auto it = nodes_.find(owner.uid);
    if (it == nodes_.end()) continue;
    it->second.dependents.erase(uid);
    if (it->second.is_virtual() && it->second.dependents.empty()) nodes_.erase(it);
  }
}

std::vector<std::string> OwnerGraph::put(const ResourceRef& resource, const Object& object) {
  const std::string uid(object.uid());
  GraphNode& node = nodes_[uid];
  const bool same_owners =
      node.object && node.object.metadata()["ownerReferences"].same_as(object.metadata()["ownerReferences"]);
  node.resource = resource;
  node.object = object;
  if (same_owners) return {};
  std::vector<OwnerReference> owners = read_owners(object);
  std::swap(node.owners, owners);
  std::vector<std::string> unseen;
  for (const OwnerReference& owner : node.owners) {
    auto [it, is_new] = nodes_.try_emplace(owner.uid);
    it->second.dependents.insert(uid);
    if (it->second.is_virtual()) unseen.push_back(owner.uid);
  }
  for (const OwnerReference& former : owners) {
    const bool still = std::ranges::any_of(nodes_.at(uid).owners,
                                           [&former](const OwnerReference& owner) { return owner.uid == former.uid; });
    auto it = nodes_.find(former.uid);
    if (!still && it != nodes_.end()) it->second.dependents.erase(uid);
  }
  return unseen;
}

std::set<std::string> OwnerGraph::remove(const std::string& uid) {
  auto it = nodes_.find(uid);
  if (it == nodes_.end()) return {};
  const GraphNode node = std::move(it->second);
  nodes_.erase(it);
  drop_owner_links(uid, node);
  // The owner lives on as a virtual node for as long as anybody refers to it.
  if (!node.dependents.empty()) nodes_[uid].dependents = node.dependents;
  return node.dependents;
}

}  // namespace drydock::controllers
