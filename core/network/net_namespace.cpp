#include "core/network/net_namespace.h"

#include <algorithm>

#include "core/network/netfilter.h"
#include "core/network/network.h"
#include "core/network/tcp.h"

namespace drydock {
namespace {

// net.ipv4.ip_local_port_range
constexpr std::uint16_t kFirstEphemeralPort = 32768;
constexpr std::uint16_t kLastEphemeralPort = 60999;

}  // namespace

bool Link::has_address(Ipv4 address) const {
  return std::any_of(addresses.begin(), addresses.end(), [&](const Cidr& mine) { return mine.address == address; });
}

NetNamespace::NetNamespace(Network& network, std::string name, std::uint64_t id)
    : network_(network), name_(std::move(name)), id_(id), next_port_(kFirstEphemeralPort) {
  add_link("lo", LinkKind::kLoopback).mtu = 65536;
  (void)add_address("lo", Cidr{kLoopbackAddress, 8});
}

NetNamespace::~NetNamespace() {
  while (!links_.empty()) remove_link(std::string(links_.back().name));
}

EventLoop& NetNamespace::loop() const { return network_.loop(); }

void NetNamespace::changed() { network_.touch(); }

// --- interfaces ---

Link* NetNamespace::link(std::string_view name) {
  const auto at = std::find_if(links_.begin(), links_.end(), [&](const Link& link) { return link.name == name; });
  return at == links_.end() ? nullptr : &*at;
}

const Link* NetNamespace::link(std::string_view name) const { return const_cast<NetNamespace*>(this)->link(name); }

Link& NetNamespace::add_link(std::string name, LinkKind kind) {
  DRYDOCK_CHECK(link(name) == nullptr);
  Link link;
  link.index = next_index_++;
  link.name = std::move(name);
  link.kind = kind;
  link.mac = kind == LinkKind::kLoopback ? "00:00:00:00:00:00" : network_.next_mac();
  links_.push_back(std::move(link));
  changed();
  return links_.back();
}

bool NetNamespace::remove_link(std::string_view name) {
  const auto at = std::find_if(links_.begin(), links_.end(), [&](const Link& link) { return link.name == name; });
  if (at == links_.end()) return false;
  const Link gone = std::move(*at);
  links_.erase(at);
  std::erase_if(routes_, [&](const Route& route) { return route.device == gone.name; });
  for (const Cidr& address : gone.addresses) std::erase(local_, address.address);
  if (gone.segment != nullptr) gone.segment->unplug(*this);
  if (gone.peer != nullptr) {
    if (Link* other = gone.peer->link(gone.peer_name)) {
      other->peer = nullptr;
      gone.peer->remove_link(gone.peer_name);
    }
  }
  changed();
  return true;
}

void NetNamespace::connect(NetNamespace& a, std::string a_name, NetNamespace& b, std::string b_name) {
  Link& a_link = a.add_link(a_name, LinkKind::kVeth);
  a_link.peer = &b;
  a_link.peer_name = b_name;
  Link& b_link = b.add_link(std::move(b_name), LinkKind::kVeth);
  b_link.peer = &a;
  b_link.peer_name = std::move(a_name);
}

SysResult<void> NetNamespace::add_address(std::string_view device, Cidr address) {
  Link* on = link(device);
  if (on == nullptr) return Errno::kNoDev;
  if (on->has_address(address.address)) return Errno::kExist;
  on->addresses.push_back(address);
  local_.insert(std::upper_bound(local_.begin(), local_.end(), address.address), address.address);
  if (address.length < 32 && on->kind != LinkKind::kLoopback) {
    Route connected;
    connected.destination = Cidr{address.network(), address.length};
    connected.device = on->name;
    connected.source = address.address;
    (void)add_route(std::move(connected));
  }
  changed();
  return {};
}

SysResult<void> NetNamespace::remove_address(std::string_view device, Cidr address) {
  Link* on = link(device);
  if (on == nullptr) return Errno::kNoDev;
  if (!on->has_address(address.address)) return Errno::kAddrNotAvail;
  std::erase_if(on->addresses, [&](const Cidr& mine) { return mine.address == address.address; });
  std::erase(local_, address.address);
  std::erase_if(routes_, [&](const Route& route) { return route.source == address.address; });
  changed();
  return {};
}

SysResult<void> NetNamespace::set_up(std::string_view device, bool up) {
  Link* on = link(device);
  if (on == nullptr) return Errno::kNoDev;
  on->up = up;
  changed();
  return {};
}

bool NetNamespace::is_local(Ipv4 address) const {
  return address.loopback() || std::binary_search(local_.begin(), local_.end(), address);
}

Ipv4 NetNamespace::primary_address() const {
  for (const Link& link : links_) {
    if (link.kind != LinkKind::kLoopback && !link.addresses.empty()) return link.addresses.front().address;
  }
  return {};
}

std::vector<Ipv4> NetNamespace::addresses() const {
  std::vector<Ipv4> all;
  for (const Link& link : links_) {
    if (link.kind == LinkKind::kLoopback) continue;
    for (const Cidr& address : link.addresses) all.push_back(address.address);
  }
  return all;
}

// --- routes ---

SysResult<void> NetNamespace::add_route(Route route) {
  route.destination.address = route.destination.network();
  const auto before = [](const Route& a, const Route& b) {
    if (a.destination.length != b.destination.length) return a.destination.length > b.destination.length;
    if (a.destination.address != b.destination.address) return a.destination.address < b.destination.address;
    return a.metric < b.metric;
  };
  const auto at = std::lower_bound(routes_.begin(), routes_.end(), route, before);
  if (at != routes_.end() && at->destination == route.destination && at->metric == route.metric) return Errno::kExist;
  routes_.insert(at, std::move(route));
  changed();
  return {};
}

void NetNamespace::replace_route(Route route) {
  route.destination.address = route.destination.network();
  std::erase_if(routes_,
                [&](const Route& old) { return old.destination == route.destination && old.metric == route.metric; });
  (void)add_route(std::move(route));
}

bool NetNamespace::remove_route(const Cidr& destination, std::string_view device) {
  const auto at = std::find_if(routes_.begin(), routes_.end(), [&](const Route& route) {
    return route.destination.length == destination.length && route.destination.address == destination.network() &&
           (device.empty() || route.device == device);
  });
  if (at == routes_.end()) return false;
  routes_.erase(at);
  changed();
  return true;
}

const Route* NetNamespace::find_route(Ipv4 destination) const {
  for (const Route& route : routes_) {
    if (!route.destination.contains(destination)) continue;
    if (route.blackhole) return &route;
    const Link* device = link(route.device);
    if (device != nullptr && device->up) return &route;
  }
  return nullptr;
}

Ipv4 NetNamespace::source_for(Ipv4 destination) const {
  if (destination.loopback()) return kLoopbackAddress;
  if (is_local(destination)) return destination;
  const Route* route = find_route(destination);
  if (route == nullptr || route->blackhole) return {};
  if (!route->source.any()) return route->source;
  const Link* device = link(route->device);
  if (device != nullptr && !device->addresses.empty()) return device->addresses.front().address;
  return primary_address();
}

Netfilter& NetNamespace::netfilter() {
  if (!netfilter_) netfilter_ = std::make_unique<Netfilter>();
  return *netfilter_;
}

// --- sockets ---

const NetNamespace::Bound* NetNamespace::find_bound(Protocol protocol, Ipv4 address, std::uint16_t port) const {
  auto at = std::lower_bound(bound_.begin(), bound_.end(), port,
                             [](const Bound& socket, std::uint16_t wanted) { return socket.port < wanted; });
  const Bound* general = nullptr;
  for (; at != bound_.end() && at->port == port; ++at) {
    if (at->protocol != protocol) continue;
    if (address.any() || at->address == address) return &*at;
    if (at->address.any()) general = &*at;
  }
  return general;
}

SysResult<std::uint16_t> NetNamespace::bind(Bound socket) {
  if (!socket.address.any() && !is_local(socket.address)) return Errno::kAddrNotAvail;
  if (socket.port == 0) {
    socket.port = take_ephemeral_port(socket.protocol);
  } else {
    for (const Bound& other : bound_) {
      const bool overlap = other.address.any() || socket.address.any() || other.address == socket.address;
      if (other.protocol == socket.protocol && other.port == socket.port && overlap) return Errno::kAddrInUse;
    }
  }
  const std::uint16_t port = socket.port;
  const auto at = std::upper_bound(bound_.begin(), bound_.end(), port,
                                   [](std::uint16_t wanted, const Bound& other) { return wanted < other.port; });
  bound_.insert(at, std::move(socket));
  return port;
}

void NetNamespace::unbind(const void* acceptor_or_socket) {
  std::erase_if(bound_, [&](const Bound& socket) {
    return static_cast<const void*>(socket.acceptor) == acceptor_or_socket ||
           static_cast<const void*>(socket.datagrams) == acceptor_or_socket;
  });
}

std::uint16_t NetNamespace::take_ephemeral_port(Protocol protocol) {
  for (int tries = 0; tries < kLastEphemeralPort - kFirstEphemeralPort; ++tries) {
    const std::uint16_t port = next_port_;
    next_port_ = next_port_ >= kLastEphemeralPort ? kFirstEphemeralPort : static_cast<std::uint16_t>(next_port_ + 1);
    if (find_bound(protocol, Ipv4{}, port) == nullptr) return port;
  }
  return kLastEphemeralPort;
}

void NetNamespace::hash(Hash64& hash) const {
  hash.add(name_);
  hash.add(next_port_);
  for (const Link& link : links_) {
    hash.add(link.name);
    hash.add(link.up);
    hash.add(link.mac);
    for (const Cidr& address : link.addresses) hash.add(address.text());
  }
  for (const Route& route : routes_) {
    hash.add(route.destination.text());
    hash.add(route.gateway.bits);
    hash.add(route.device);
  }
  for (const Bound& socket : bound_) {
    hash.add(static_cast<int>(socket.protocol));
    hash.add(socket.port);
  }
  hash.add(streams_.size());
  if (netfilter_) netfilter_->hash(hash);
}

}  // namespace drydock
