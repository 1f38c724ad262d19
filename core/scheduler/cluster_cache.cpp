#include "core/scheduler/cluster_cache.h"

#include <algorithm>

#include "core/machinery/quantity.h"

namespace drydock::scheduler {
namespace {

// What only matters until a pod is placed.
void shrink(PodInfo& pod) {
  pod.tolerations = {};
  pod.node_selection = {};
  pod.spread = {};
  pod.images = {};
}

}  // namespace

NodeInfo& ClusterCache::node_slot(const std::string& name) {
  std::unique_ptr<NodeInfo>& slot = nodes_[name];
  if (slot) return *slot;
  slot = std::make_unique<NodeInfo>();
  slot->name = name;
  auto free = std::ranges::find(by_index_, nullptr);
  if (free == by_index_.end()) free = by_index_.insert(free, nullptr);
  *free = slot.get();
  slot->index = static_cast<std::uint32_t>(free - by_index_.begin());
  return *slot;
}

void ClusterCache::drop_if_unused(const std::string& name) {
  auto it = nodes_.find(name);
  if (it == nodes_.end() || it->second->object || !it->second->pods.empty()) return;
  by_index_[it->second->index] = nullptr;
  nodes_.erase(it);
}

bool ClusterCache::put_node(const Object& node) {
  NodeInfo& info = node_slot(std::string(node.name()));
  const bool is_new = !info.object;
  const Object before = info.object;
  if (is_new) ordered_.push_back(&info);
  info.object = node;
  const Value& images = node.status()["images"];
  if (!images.same_as(before.status()["images"])) {
    index_images(info, before.status()["images"], false);
    index_images(info, images, true);
  }
  const Value& offered = node.status()["allocatable"];
  const bool same = !is_new &&
                    (offered.same_as(before.status()["allocatable"]) || offered == before.status()["allocatable"]) &&
                    node.spec() == before.spec() && node.labels() == before.labels();
  if (same) return false;
  info.allocatable = resources_from(offered);
  info.pods_max = quantity_value(offered["pods"]);
  info.unschedulable = node.spec()["unschedulable"].as_bool();
  info.taints = read_taints(node.spec()["taints"]);
  return true;
}

void ClusterCache::remove_node(const std::string& name) {
  auto it = nodes_.find(name);
  if (it == nodes_.end() || !it->second->object) return;
  NodeInfo& info = *it->second;
  index_images(info, info.object.status()["images"], false);
  info.object = Object();
  std::erase(ordered_, &info);
  drop_if_unused(name);
}

void ClusterCache::index_images(NodeInfo& node, const Value& images, bool add) {
  for (const Value& image : images.items()) {
    for (const Value& name : image["names"].items()) {
      if (add) {
        ImageState& state = images_[name.str()];
        state.size = image["sizeBytes"].as_int();
        state.nodes.insert(node.index);
      } else if (auto it = images_.find(name.str()); it != images_.end()) {
        it->second.nodes.erase(node.index);
        if (it->second.nodes.empty()) images_.erase(it);
      }
    }
  }
}

void ClusterCache::count(NodeInfo& node, const PodInfo& pod, std::int64_t sign) {
  if (sign > 0)
    node.requested.add(pod.requests);
  else
    node.requested.subtract(pod.requests);
  node.non_zero.milli_cpu += sign * pod.non_zero.milli_cpu;
  node.non_zero.memory += sign * pod.non_zero.memory;
  if (pod.owner_uid.empty()) return;
  auto& per_node = spread_[pod.owner_uid];
  if (sign > 0) {
    ++per_node[node.index];
  } else if (--per_node[node.index] == 0) {
    per_node.erase(node.index);
    if (per_node.empty()) spread_.erase(pod.owner_uid);
  }
}

void ClusterCache::attach(const PodInfo& pod) {
  NodeInfo& node = node_slot(pods_.at(pod.uid).node);
  node.pods.push_back(&pod);
  count(node, pod, 1);
  node.used_ports.insert(node.used_ports.end(), pod.host_ports.begin(), pod.host_ports.end());
  if (pod.has_pod_affinity()) with_affinity_.insert(&pod);
}

void ClusterCache::detach(const PodInfo& pod) {
  NodeInfo& node = node_slot(pods_.at(pod.uid).node);
  std::erase(node.pods, &pod);
  count(node, pod, -1);
  for (const HostPort& port : pod.host_ports) {
    auto it = std::ranges::find_if(node.used_ports, [&port](const HostPort& used) {
      return used.port == port.port && used.protocol == port.protocol && used.ip == port.ip;
    });
    if (it != node.used_ports.end()) node.used_ports.erase(it);
  }
  with_affinity_.erase(&pod);
}

void ClusterCache::put_pod(const Object& pod) {
  const std::string uid(pod.uid());
  const std::string node = pod.spec()["nodeName"].str();
  auto it = pods_.find(uid);
  if (it != pods_.end()) {
    // Nearly all updates change the status only.
    const bool same =
        it->second.node == node && it->second.info.object.labels().same_as(pod.labels()) &&
        (it->second.info.object.spec().same_as(pod.spec()) || it->second.info.object.spec() == pod.spec());
    if (same || it->second.assumed) {
      const bool placed_elsewhere = it->second.node != node;
      it->second.assumed = false;
      if (!placed_elsewhere) {
        it->second.info.object = pod;
        return;
      }
    }
    remove_pod(uid);
  }
  Entry& entry = pods_[uid];
  entry.info = read_pod(pod);
  entry.node = node;
  shrink(entry.info);
  attach(entry.info);
}

void ClusterCache::remove_pod(const std::string& uid) {
  auto it = pods_.find(uid);
  if (it == pods_.end()) return;
  const std::string node = it->second.node;
  detach(it->second.info);
  pods_.erase(it);
  drop_if_unused(node);
}

void ClusterCache::assume(PodInfo pod, const std::string& node) {
  const std::string uid = pod.uid;
  Entry& entry = pods_[uid];
  entry.info = std::move(pod);
  entry.node = node;
  entry.assumed = true;
  shrink(entry.info);
  attach(entry.info);
}

void ClusterCache::forget(const std::string& uid) {
  if (is_assumed(uid)) remove_pod(uid);
}

bool ClusterCache::is_assumed(const std::string& uid) const {
  auto it = pods_.find(uid);
  return it != pods_.end() && it->second.assumed;
}

const NodeInfo* ClusterCache::find_node(const std::string& name) const {
  auto it = nodes_.find(name);
  return it == nodes_.end() || !it->second->object ? nullptr : it->second.get();
}

const std::map<std::uint32_t, std::uint32_t>* ClusterCache::spread_of(const std::string& owner_uid) const {
  auto it = spread_.find(owner_uid);
  return it == spread_.end() ? nullptr : &it->second;
}

const ClusterCache::ImageState* ClusterCache::find_image(const std::string& name) const {
  auto it = images_.find(name);
  return it == images_.end() ? nullptr : &it->second;
}

}  // namespace drydock::scheduler
