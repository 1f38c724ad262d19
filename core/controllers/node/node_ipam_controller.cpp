#include "core/controllers/node/node_ipam_controller.h"

#include "core/base/strings.h"

namespace drydock::controllers {
namespace {

struct Cidr {
  std::uint32_t base = 0;
  int mask = 0;
};

std::optional<Cidr> parse_cidr(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto mask = parse_int(text.substr(slash + 1));
  const std::vector<std::string> bytes = split(text.substr(0, slash), '.');
  if (!mask || *mask < 0 || *mask > 32 || bytes.size() != 4) return std::nullopt;
  Cidr cidr{.base = 0, .mask = static_cast<int>(*mask)};
  for (const std::string& byte : bytes) {
    const auto number = parse_int(byte);
    if (!number || *number < 0 || *number > 255) return std::nullopt;
    cidr.base = cidr.base << 8 | static_cast<std::uint32_t>(*number);
  }
  return cidr;
}

}  // namespace

std::optional<CidrSet> CidrSet::parse(std::string_view cluster_cidr, int node_mask_size) {
  const std::optional<Cidr> cluster = parse_cidr(cluster_cidr);
  if (!cluster || cluster->mask > node_mask_size || node_mask_size > 30) return std::nullopt;
  CidrSet set;
  set.base_ = cluster->base & (cluster->mask == 0 ? 0U : ~0U << (32 - cluster->mask));
  set.node_mask_ = node_mask_size;
  set.count_ = 1U << std::min(node_mask_size - cluster->mask, 24);
  return set;
}

std::optional<std::string> CidrSet::allocate() {
  for (std::uint32_t tried = 0; tried < count_; ++tried) {
    const std::uint32_t index = next_;
    next_ = (next_ + 1) % count_;
    if (!taken_.insert(index).second) continue;
    const std::uint32_t address = base_ + (index << (32 - node_mask_));
    return std::to_string(address >> 24) + "." + std::to_string(address >> 16 & 255) + "." +
           std::to_string(address >> 8 & 255) + "." + std::to_string(address & 255) + "/" + std::to_string(node_mask_);
  }
  return std::nullopt;
}

std::optional<std::uint32_t> CidrSet::index_of(std::string_view cidr) const {
  const std::optional<Cidr> range = parse_cidr(cidr);
  if (!range || range->mask != node_mask_ || range->base < base_) return std::nullopt;
  const std::uint32_t index = (range->base - base_) >> (32 - node_mask_);
  return index < count_ ? std::optional(index) : std::nullopt;
}

void CidrSet::occupy(std::string_view cidr) {
  if (auto index = index_of(cidr)) taken_.insert(*index);
}

void CidrSet::release(std::string_view cidr) {
  if (auto index = index_of(cidr)) taken_.erase(*index);
}

NodeIpamController::NodeIpamController(ControllerContext& context, CidrSet ranges)
    : KeyedController(context, "cidrAllocator", 1),
      nodes_(context.informers.get(resources::kNodes)),
      ranges_(std::move(ranges)) {
  nodes_.add_handler([this](const Object& old, const Object& current) {
    const Object& node = current ? current : old;
    const std::string name(node.name());
    if (!current) {
      if (auto it = held_.find(name); it != held_.end()) {
        ranges_.release(it->second);
        held_.erase(it);
      }
      return;
    }
    if (const std::string_view range = node.spec()["podCIDR"].as_string(); !range.empty()) {
      ranges_.occupy(range);
      held_.insert_or_assign(name, std::string(range));
    } else {
      enqueue(node);
    }
  });
}

Task<Result<void>> NodeIpamController::reconcile(ObjectKey key) {
  const Object node = nodes_.get(key);
  if (!node || !node.spec()["podCIDR"].empty()) co_return Result<void>();
  auto held = held_.find(key.name);
  if (held == held_.end()) {
    std::optional<std::string> range = ranges_.allocate();
    if (!range) {
      recorder_.event(node, "Normal", "CIDRNotAvailable", "Node " + key.name + " status is now: CIDRNotAvailable");
      co_return Status::plain(
          "failed to allocate cidr from cluster cidr: CIDR allocation failed; there are no remaining CIDRs left to "
          "allocate in the accepted range");
    }
    held = held_.emplace(key.name, std::move(*range)).first;
  }
  Value spec = Value::object({{"podCIDR", held->second}, {"podCIDRs", Value::array({held->second})}});
  Value patch = Value::object({{"spec", spec}});
  Result<Object> patched =
      co_await context_.client.patch(resources::kNodes, key, PatchType::kStrategicMerge, std::move(patch));
  if (!patched && !patched.error().is_not_found()) co_return patched.error();
  co_return Result<void>();
}

}  // namespace drydock::controllers
