// The host-local IPAM plugin: addresses from a range, reserved by one file each in
// /var/lib/cni/networks/<network>.
#pragma once

#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/network/ip_address.h"

namespace drydock {

class FileSystem;

struct AddressRange {
  Cidr subnet;
  Ipv4 first;
  Ipv4 last;
};
// All of the subnet but network, gateway (.1) and broadcast.
AddressRange whole_range(Cidr subnet);

// The next free address after the last one given.
Result<Ipv4> reserve_address(FileSystem& files, const std::string& network, const AddressRange& range,
                             const std::string& sandbox_id, TimePoint now);
// Gives back what the sandbox holds.
std::optional<Ipv4> release_address(FileSystem& files, const std::string& network, const std::string& sandbox_id,
                                    TimePoint now);

}  // namespace drydock
