// Which addresses a node gives its pods, by add-on.
#pragma once

#include "core/base/result.h"
#include "core/network/ip_address.h"
#include "core/programs/cni/host_local.h"

namespace drydock {

class FileSystem;
class Host;

// /run/flannel/subnet.env, as flanneld writes it.
struct FlannelEnvironment {
  Cidr network;
  Cidr subnet;  // this node's
};
Result<FlannelEnvironment> load_flannel_environment(const FileSystem& files);

// Weave has one network, 10.32.0.0/12, over all nodes, each owning a part: halves of
// halves in the order of the nodes' addresses (10.32.0.0, 10.40.0.0, 10.36.0.0, …).
AddressRange weave_range(Ipv4 node_address);

// Calico's block of this node, from the pool that calico-node wrote down.
Result<AddressRange> calico_block(Host& host);
Cidr calico_block_of(Cidr pool, Ipv4 node_address);

}  // namespace drydock
