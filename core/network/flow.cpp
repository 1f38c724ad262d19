// How a packet finds its way: NetNamespace's layer-2 search and flow tracing.
#include <utility>

#include "core/network/net_namespace.h"
#include "core/network/netfilter.h"
#include "core/network/network.h"

namespace drydock {
namespace {

constexpr int kMaxNesting = 4;                    // tunnels in tunnels
constexpr Duration kStackLow = microseconds(15);  // through one kernel's stack
constexpr Duration kStackHigh = microseconds(40);

}  // namespace

const char* protocol_name(Protocol protocol) {
  switch (protocol) {
    case Protocol::kTcp:
      return "tcp";
    case Protocol::kUdp:
      return "udp";
    case Protocol::kIcmp:
      return "icmp";
  }
  return "";
}

// A frame for whoever owns `address` leaves through `out`.
NetNamespace::Neighbour NetNamespace::send_frame(Link& out, Ipv4 address, int depth) {
  if (!out.up || depth > kMaxNesting * 8) return {};
  switch (out.kind) {
    case LinkKind::kLoopback:
      return {};
    case LinkKind::kVeth: {
      Link* other = out.peer != nullptr ? out.peer->link(out.peer_name) : nullptr;
      return other != nullptr ? out.peer->receive_frame(*other, address, depth + 1) : Neighbour{};
    }
    case LinkKind::kEthernet: {
      if (out.segment == nullptr || out.segment->cut(*this)) return {};
      std::string device;
      NetNamespace* owner = out.segment->find(address, device);
      if (owner == nullptr || owner == this) return {};
      Link* in = owner->link(device);
      if (!in->up) return {};
      return {owner, in, network_.draw(out.segment->low(), out.segment->high())};
    }
    case LinkKind::kBridge: {
      for (Link& port : links_) {
        if (port.master != out.name) continue;
        Neighbour found = send_frame(port, address, depth + 1);
        if (found.owner != nullptr) return found;
      }
      return {};
    }
    case LinkKind::kVxlan: {
      auto through = [&](Ipv4 remote) -> Neighbour {
        Packet tunnel;
        tunnel.protocol = Protocol::kUdp;
        tunnel.destination = remote;
        tunnel.destination_port = out.overlay_port;
        const FlowTrace way = trace_from(tunnel, depth + kMaxNesting);
        if (way.verdict != Verdict::kDelivered || way.target.get() == this) return {};
        for (Link& far : way.target->links_) {
          if (far.kind != LinkKind::kVxlan || far.vni != out.vni || far.overlay_port != out.overlay_port) continue;
          Neighbour found = way.target->receive_frame(far, address, depth + 1);
          found.latency += way.latency;
          return found;
        }
        return {};
      };
      const auto known = out.forwarding.find(address);
      if (known != out.forwarding.end()) {
        Neighbour found = through(known->second);
        if (found.owner != nullptr || out.flood.empty()) return found;
      }
      for (Ipv4 remote : out.flood) {
        Neighbour found = through(remote);
        if (found.owner == nullptr) continue;
        out.forwarding[address] = remote;  // learned, as a bridge learns
        return found;
      }
      return {};
    }
  }
  return {};
}

// A frame for whoever owns `address` comes in through `in`.
NetNamespace::Neighbour NetNamespace::receive_frame(Link& in, Ipv4 address, int depth) {
  if (!in.up) return {};
  if (in.master.empty()) {
    if (in.has_address(address) || in.proxy_arp) return {this, &in, Duration{0}};
    return {};
  }
  Link* bridge = link(in.master);
  if (bridge == nullptr || !bridge->up) return {};
  if (bridge->has_address(address)) return {this, bridge, Duration{0}};
  for (Link& port : links_) {
    if (&port == &in || port.master != in.master) continue;
    if (in.kind == LinkKind::kVxlan && port.kind == LinkKind::kVxlan) continue;  // a full mesh: no second tunnel
    Neighbour found = send_frame(port, address, depth + 1);
    if (found.owner != nullptr) return found;
  }
  return {};
}

NetNamespace::Neighbour NetNamespace::find_neighbour(Link& out, Ipv4 address, int depth) {
  return send_frame(out, address, depth);
}

FlowTrace NetNamespace::trace(Packet packet) { return trace_from(std::move(packet), 0); }

// Runs one hook; false when the packet ends here (the flow then says how).
bool NetNamespace::filter(FlowTrace& flow, Packet& packet, std::string_view table, std::string_view chain,
                          std::string_view in, const Link* out) {
  if (!netfilter_) return true;
  const std::function<bool(Ipv4)> local = [this](Ipv4 address) { return is_local(address); };
  const Ipv4 out_address =
      out != nullptr && !out->addresses.empty() ? out->addresses.front().address : primary_address();
  const NetfilterContext context{in,
                                 out != nullptr ? std::string_view(out->name) : std::string_view(),
                                 out_address,
                                 local,
                                 network_.prng(),
                                 loop().now()};
  switch (netfilter_->run(table, chain, packet, context)) {
    case Netfilter::Outcome::kAccept:
      return true;
    case Netfilter::Outcome::kDrop:
      flow.verdict = Verdict::kLost;
      return false;
    case Netfilter::Outcome::kReject:
      flow.verdict = Verdict::kRejected;
      return false;
  }
  return true;
}

FlowTrace NetNamespace::trace_from(Packet packet, int depth) {
  FlowTrace flow;
  auto ended = [&](Verdict verdict) {
    flow.verdict = verdict;
    flow.arrived = packet;
    return flow;
  };
  if (depth > kMaxNesting * 4) return ended(Verdict::kLost);
  if (packet.source.any()) packet.source = source_for(packet.destination);
  flow.sent = packet;
  if (packet.source.any()) return ended(Verdict::kNetUnreachable);
  if (!filter(flow, packet, "nat", "OUTPUT", "", nullptr) || !filter(flow, packet, "filter", "OUTPUT", "", nullptr))
    return ended(flow.verdict);

  NetNamespace* here = this;
  std::string in;
  while (true) {
    flow.latency += network_.draw(kStackLow, kStackHigh);
    if (here->is_local(packet.destination)) {
      if (!here->filter(flow, packet, "filter", "INPUT", in.empty() ? "lo" : in, nullptr)) return ended(flow.verdict);
      // A reply that finds no way back is as good as a lost packet.
      if (here != this && !here->is_local(packet.source) && here->find_route(packet.source) == nullptr)
        return ended(Verdict::kLost);
      flow.target = here->shared_from_this();
      return ended(Verdict::kDelivered);
    }
    if (here != this) {
      if (!here->forwarding) return ended(Verdict::kLost);
      if (--packet.ttl <= 0) return ended(Verdict::kTtlExceeded);
    }
    const Route* route = here->find_route(packet.destination);
    if (route == nullptr) return ended(Verdict::kNetUnreachable);
    if (route->blackhole) return ended(Verdict::kHostUnreachable);
    Link* out = here->link(route->device);
    if (here != this && !here->filter(flow, packet, "filter", "FORWARD", in, out)) return ended(flow.verdict);
    if (!here->filter(flow, packet, "nat", "POSTROUTING", "", out)) return ended(flow.verdict);
    packet.mark = 0;  // marks do not leave the machine
    const Ipv4 next_address = route->gateway.any() ? packet.destination : route->gateway;
    const Neighbour next = here->send_frame(*out, next_address, depth);
    if (next.owner == nullptr) {
      const bool silent = out->segment != nullptr && out->segment->silent();
      return ended(silent ? Verdict::kLost : Verdict::kHostUnreachable);
    }
    ++out->packets_out;
    ++next.link->packets_in;
    here->neighbours_[next_address] = {out->name, next.link->mac};
    if (out->segment != nullptr && out->segment->loss() > 0 && network_.prng().chance(out->segment->loss()))
      return ended(Verdict::kLost);
    flow.latency += next.latency;
    here = next.owner;
    in = next.link->name;
    const Ipv4 router = next.link->addresses.empty() ? here->primary_address() : next.link->addresses.front().address;
    flow.hops.push_back({here->name_, router});
    if (!here->filter(flow, packet, "nat", "PREROUTING", in, nullptr)) return ended(flow.verdict);
    if (flow.hops.size() > 64) return ended(Verdict::kTtlExceeded);
  }
}

}  // namespace drydock
