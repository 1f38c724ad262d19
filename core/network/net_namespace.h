// NetNamespace: one network stack: a machine's or a pod sandbox's. Interfaces,
// routes, neighbours, netfilter rules and the table of sockets.
//
// Namespaces are made by a Network, which outlives them. A namespace that goes
// away takes its veth peers with it, as Linux does.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/hash.h"
#include "core/base/sys_result.h"
#include "core/network/packet.h"

namespace drydock {

class EventLoop;
class Netfilter;
class Network;
class NetNamespace;
class Switch;
class TcpStream;
class TcpAcceptor;
class UdpSocket;

enum class LinkKind : std::uint8_t { kLoopback, kEthernet, kVeth, kBridge, kVxlan };

// A network interface.
struct Link {
  int index = 0;
  std::string name;
  LinkKind kind = LinkKind::kEthernet;
  std::string mac;
  int mtu = 1500;
  bool up = true;
  std::vector<Cidr> addresses;
  std::string master;      // the bridge it is a port of
  bool proxy_arp = false;  // answers for every address (calico's veths)
  // kVeth: the other end.
  NetNamespace* peer = nullptr;
  std::string peer_name;
  // kEthernet
  Switch* segment = nullptr;
  // kVxlan: frames travel in UDP between hosts.
  std::uint32_t vni = 0;
  std::uint16_t overlay_port = 4789;
  std::map<Ipv4, Ipv4> forwarding;  // address behind the tunnel -> host
  std::vector<Ipv4> flood;          // hosts to ask when it is not known
  std::uint64_t packets_out = 0;
  std::uint64_t packets_in = 0;

  bool has_address(Ipv4 address) const;
};

struct Route {
  Cidr destination;
  Ipv4 gateway;  // any: on link
  std::string device;
  Ipv4 source;  // preferred; any: the device's first
  int metric = 0;
  std::string protocol = "kernel";
  bool onlink = false;
  bool blackhole = false;
};

// Who holds a socket, for `ss -p`.
struct SocketOwner {
  int pid = 0;  // the machine's own number for it
  std::string program;
};

class NetNamespace : public std::enable_shared_from_this<NetNamespace> {
 public:
  NetNamespace(Network& network, std::string name, std::uint64_t id);
  ~NetNamespace();
  NetNamespace(const NetNamespace&) = delete;

  Network& network() const { return network_; }
  EventLoop& loop() const;
  const std::string& name() const { return name_; }  // "node1", "default/web-1"
  void set_name(std::string name) { name_ = std::move(name); }

  // --- interfaces ---
  const std::vector<Link>& links() const { return links_; }
  Link* link(std::string_view name);
  const Link* link(std::string_view name) const;
  Link& add_link(std::string name, LinkKind kind);  // with a fresh MAC; the name must be free
  bool remove_link(std::string_view name);          // a veth goes with its peer
  // Makes a veth pair between two stacks.
  static void connect(NetNamespace& a, std::string a_name, NetNamespace& b, std::string b_name);
  // Adds the address and its connected route. EEXIST, ENODEV.
  SysResult<void> add_address(std::string_view device, Cidr address);
  SysResult<void> remove_address(std::string_view device, Cidr address);
  SysResult<void> set_up(std::string_view device, bool up);
  bool is_local(Ipv4 address) const;
  // The first address that is not a loopback one: `hostname -i`. Any when there is none.
  Ipv4 primary_address() const;
  std::vector<Ipv4> addresses() const;  // all but loopback: `hostname -I`

  // --- routes ---
  const std::vector<Route>& routes() const { return routes_; }  // longest prefix first
  SysResult<void> add_route(Route route);                       // EEXIST
  void replace_route(Route route);
  bool remove_route(const Cidr& destination, std::string_view device = "");
  // Longest prefix, then metric, over devices that are up; null when there is none.
  const Route* find_route(Ipv4 destination) const;
  // The address a packet to `destination` leaves with.
  Ipv4 source_for(Ipv4 destination) const;
  bool forwarding = false;  // net.ipv4.ip_forward

  // --- netfilter ---
  Netfilter& netfilter();  // made on first use
  const Netfilter* netfilter_if_any() const { return netfilter_.get(); }

  // --- sockets ---
  struct Bound {
    Protocol protocol = Protocol::kTcp;
    Ipv4 address;  // any: all
    std::uint16_t port = 0;
    SocketOwner owner;
    TcpAcceptor* acceptor = nullptr;
    UdpSocket* datagrams = nullptr;
  };
  // EADDRINUSE, EADDRNOTAVAIL. Port 0 takes a free ephemeral one.
  SysResult<std::uint16_t> bind(Bound socket);
  void unbind(const void* acceptor_or_socket);
  const Bound* find_bound(Protocol protocol, Ipv4 address, std::uint16_t port) const;
  const std::vector<Bound>& bound() const { return bound_; }
  bool is_listening(std::uint16_t port) const { return find_bound(Protocol::kTcp, Ipv4{}, port) != nullptr; }
  std::uint16_t take_ephemeral_port(Protocol protocol);
  // Established streams, in the order they were made.
  const std::map<std::uint64_t, TcpStream*>& streams() const { return streams_; }

  // --- flows ---
  // Routes a packet from here through rules and links.
  FlowTrace trace(Packet packet);

  // Who answers for `address` on the link, one layer-2 hop away.
  struct Neighbour {
    NetNamespace* owner = nullptr;
    Link* link = nullptr;
    Duration latency{0};
  };
  Neighbour find_neighbour(Link& out, Ipv4 address, int depth = 0);
  // Addresses talked to lately: `ip neigh`.
  const std::map<Ipv4, std::pair<std::string, std::string>>& neighbours() const { return neighbours_; }  // device, MAC

  void hash(Hash64& hash) const;

 private:
  friend class TcpStream;
  friend class Network;
  Neighbour send_frame(Link& out, Ipv4 address, int depth);
  Neighbour receive_frame(Link& in, Ipv4 address, int depth);
  FlowTrace trace_from(Packet packet, int depth);
  bool filter(FlowTrace& flow, Packet& packet, std::string_view table, std::string_view chain, std::string_view in,
              const Link* out);
  void changed();

  Network& network_;
  std::string name_;
  std::uint64_t id_;
  std::vector<Link> links_;
  std::vector<Route> routes_;
  std::vector<Ipv4> local_;  // sorted
  std::unique_ptr<Netfilter> netfilter_;
  std::vector<Bound> bound_;  // sorted by port
  std::map<std::uint64_t, TcpStream*> streams_;
  std::map<Ipv4, std::pair<std::string, std::string>> neighbours_;
  std::uint16_t next_port_ = 0;
  int next_index_ = 1;
};

}  // namespace drydock
