#include "core/programs/cni/pod_ranges.h"

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/network/net_namespace.h"

namespace drydock {
namespace {

constexpr Cidr kWeaveNetwork{Ipv4{0x0a200000}, 12};  // 10.32.0.0/12
constexpr std::uint32_t kWeavePart = 1U << 12;       // addresses a node: 256 nodes share 2^20
constexpr std::uint32_t kFirstHost = 2;              // 10.0.0.2 is the first node

// The order in which splitting in halves reaches the parts.
std::uint32_t reversed_bits(std::uint32_t number) {
  std::uint32_t out = 0;
  for (int bit = 0; bit < 8; ++bit) out |= (number >> bit & 1U) << (7 - bit);
  return out;
}

std::uint32_t node_number(Ipv4 address) { return ((address.bits & 255) - kFirstHost) & 255; }

}  // namespace

Result<FlannelEnvironment> load_flannel_environment(const FileSystem& files) {
  const auto text = files.read_file("/run/flannel/subnet.env");
  if (!text)
    return Status::plain("loadFlannelSubnetEnv failed: open /run/flannel/subnet.env: no such file or directory");
  FlannelEnvironment environment;
  bool network = false, subnet = false;
  for (const std::string& line : split(*text, '\n')) {
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    const auto value = Cidr::parse(line.substr(equals + 1));
    if (line.starts_with("FLANNEL_NETWORK=") && value) {
      environment.network = *value;
      network = true;
    }
    if (line.starts_with("FLANNEL_SUBNET=") && value) {
      environment.subnet = *value;
      subnet = true;
    }
  }
  if (!network || !subnet)
    return Status::plain(
        "loadFlannelSubnetEnv failed: /run/flannel/subnet.env is missing FLANNEL_NETWORK, FLANNEL_SUBNET");
  return environment;
}

AddressRange weave_range(Ipv4 node_address) {
  const Ipv4 first = kWeaveNetwork.address.next(reversed_bits(node_number(node_address)) * kWeavePart);
  return {kWeaveNetwork, first == kWeaveNetwork.address ? first.next() : first, Ipv4{first.bits + kWeavePart - 1}};
}

Cidr calico_block_of(Cidr pool, Ipv4 node_address) {
  // A /26 each, spread over the pool by the node's number.
  const std::uint32_t blocks = pool.length >= 26 ? 1 : 1U << (26 - pool.length);
  const std::uint32_t index =
      (node_number(node_address) * 167 + 1) % blocks;  // 167: odd, so that all blocks are reached
  return Cidr{pool.network().next(index * 64), 26};
}

Result<AddressRange> calico_block(Host& host) {
  const auto text = host.files().read_file("/var/lib/calico/pool");
  const auto pool = text ? Cidr::parse(trim(*text)) : std::nullopt;
  if (!pool) {
    return Status::plain(
        "stat /var/lib/calico/nodename: no such file or directory: check that the calico/node container is running and "
        "has mounted /var/lib/calico/");
  }
  const Cidr block = calico_block_of(*pool, host.network().primary_address());
  return AddressRange{block, block.address, block.broadcast()};
}

}  // namespace drydock
