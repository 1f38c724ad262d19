// NodeIpamController gives each node a range of pod addresses out of the
// cluster's (kube-controller-manager --allocate-node-cidrs --cluster-cidr).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/controllers/shared/keyed_controller.h"

namespace drydock::controllers {

// The ranges of 2^(32 - mask) addresses within a cluster CIDR, by number.
class CidrSet {
 public:
  // nullopt when `cluster_cidr` is no IPv4 range or smaller than one node's.
  static std::optional<CidrSet> parse(std::string_view cluster_cidr, int node_mask_size);
  // The next free range, going round; nullopt when all are taken.
  std::optional<std::string> allocate();
  // Marks a range taken / free. Others' ranges are ignored.
  void occupy(std::string_view cidr);
  void release(std::string_view cidr);

 private:
  std::optional<std::uint32_t> index_of(std::string_view cidr) const;
  std::uint32_t base_ = 0;
  int node_mask_ = 24;
  std::uint32_t count_ = 0;
  std::uint32_t next_ = 0;
  std::set<std::uint32_t> taken_;
};

class NodeIpamController final : public KeyedController {
 public:
  NodeIpamController(ControllerContext& context, CidrSet ranges);

 private:
  Task<Result<void>> reconcile(ObjectKey key) override;

  Informer& nodes_;
  CidrSet ranges_;
  std::map<std::string, std::string> held_;  // node -> range
};

}  // namespace drydock::controllers
