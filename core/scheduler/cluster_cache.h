// ClusterCache: the scheduler's own picture of nodes and the pods on them, in
// plain numbers. Pods that are being bound count already ("assumed").
//
// Invariant: a node's `requested` is the sum over its pods.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/scheduler/pod_info.h"

namespace drydock::scheduler {

struct NodeInfo {
  std::string name;
  std::uint32_t index = 0;  // dense; stable while the node exists
  Object object;            // empty: pods name this node, but it is not there (yet)
  Resources allocatable;
  std::int64_t pods_max = 0;
  Resources requested;
  NonZeroRequests non_zero;
  bool unschedulable = false;
  std::vector<Taint> taints;
  std::vector<const PodInfo*> pods;
  std::vector<HostPort> used_ports;

  std::string_view label(std::string_view key) const { return object.label(key); }
  bool has_label(std::string_view key) const { return object.labels().has(key); }
};

class ClusterCache {
 public:
  // Both tell whether anything changed that could make a pod fit.
  bool put_node(const Object& node);
  void remove_node(const std::string& name);

  // A pod on a node, as the API server reports it. Replaces what was assumed.
  void put_pod(const Object& pod);
  void remove_pod(const std::string& uid);
  // Counts `pod` on `node` before the API server confirms it.
  void assume(PodInfo pod, const std::string& node);
  // Takes an assumption back after a failed binding; confirmed pods stay.
  void forget(const std::string& uid);
  bool is_assumed(const std::string& uid) const;

  // For what-if questions: takes a pod off its node and puts it back.
  void detach(const PodInfo& pod);
  void attach(const PodInfo& pod);

  const std::vector<NodeInfo*>& nodes() const { return ordered_; }
  const NodeInfo* find_node(const std::string& name) const;
  // Pods a controller has on each node, by node index.
  const std::map<std::uint32_t, std::uint32_t>* spread_of(const std::string& owner_uid) const;
  // Pods with affinity or anti-affinity terms: few, so plugins may walk them.
  const std::set<const PodInfo*, bool (*)(const PodInfo*, const PodInfo*)>& pods_with_affinity() const {
    return with_affinity_;
  }
  // Nodes (by index) that hold an image, and its size in bytes.
  struct ImageState {
    std::int64_t size = 0;
    std::set<std::uint32_t> nodes;
  };
  const ImageState* find_image(const std::string& name) const;
  // Upper bound of NodeInfo::index + 1, for tables by node.
  std::size_t index_limit() const { return by_index_.size(); }

 private:
  struct Entry {
    PodInfo info;
    std::string node;
    bool assumed = false;
  };
  NodeInfo& node_slot(const std::string& name);
  void drop_if_unused(const std::string& name);
  void index_images(NodeInfo& node, const Value& images, bool add);
  void count(NodeInfo& node, const PodInfo& pod, std::int64_t sign);

  std::map<std::string, std::unique_ptr<NodeInfo>> nodes_;
  std::vector<NodeInfo*> by_index_;    // nullptr: free
  std::vector<NodeInfo*> ordered_;     // present nodes, in order of arrival
  std::map<std::string, Entry> pods_;  // by uid
  std::map<std::string, std::map<std::uint32_t, std::uint32_t>> spread_;
  std::map<std::string, ImageState> images_;
  std::set<const PodInfo*, bool (*)(const PodInfo*, const PodInfo*)> with_affinity_{
      [](const PodInfo* a, const PodInfo* b) { return a->uid < b->uid; }};
};

}  // namespace drydock::scheduler
