#include "core/programs/cni/host_local.h"

#include "core/base/strings.h"
#include "core/host/file_system.h"

namespace drydock {
namespace {

const std::string kStore = "/var/lib/cni/networks/";
const std::string kLastReserved = "last_reserved_ip.0";

}  // namespace

AddressRange whole_range(Cidr subnet) {
  const Cidr network{subnet.network(), subnet.length};
  return {network, network.address.next(2), Ipv4{network.broadcast().bits - 1}};
}

Result<Ipv4> reserve_address(FileSystem& files, const std::string& network, const AddressRange& range,
                             const std::string& sandbox_id, TimePoint now) {
  const std::string folder = kStore + network;
  (void)files.make_directories(folder, now);
  Ipv4 candidate = range.first;
  if (const auto last = files.read_file(folder + "/" + kLastReserved)) {
    if (const auto address = Ipv4::parse(trim(*last)); address && *address >= range.first && *address < range.last)
      candidate = address->next();
  }
  for (std::uint32_t tries = 0; tries <= range.last.bits - range.first.bits; ++tries) {
    const std::string file = folder + "/" + candidate.text();
    if (!files.exists(file)) {
      (void)files.write_file(file, sandbox_id + "\r\neth0", now);
      (void)files.write_file(folder + "/" + kLastReserved, candidate.text(), now);
      return candidate;
    }
    candidate = candidate >= range.last ? range.first : candidate.next();
  }
  return Status::plain("failed to allocate for range 0: no IP addresses available in range set: " + range.first.text() +
                       "-" + range.last.text());
}

std::optional<Ipv4> release_address(FileSystem& files, const std::string& network, const std::string& sandbox_id,
                                    TimePoint now) {
  const std::string folder = kStore + network;
  const auto names = files.list(folder);
  if (!names) return std::nullopt;
  for (const std::string& name : *names) {
    const auto address = Ipv4::parse(name);
    if (!address) continue;
    const auto holder = files.read_file(folder + "/" + name);
    if (!holder || !holder->starts_with(sandbox_id)) continue;
    (void)files.remove_tree(folder + "/" + name, now);
    return address;
  }
  return std::nullopt;
}

}  // namespace drydock
