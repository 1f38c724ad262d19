// Packet: the header of what travels, as routing and netfilter see it; FlowTrace:
// where the first packet of a flow got to, and how.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/network/ip_address.h"

namespace drydock {

class NetNamespace;

enum class Protocol : std::uint8_t { kIcmp = 1, kTcp = 6, kUdp = 17 };
const char* protocol_name(Protocol protocol);  // "tcp"

struct Packet {
  Protocol protocol = Protocol::kTcp;
  Ipv4 source;  // any: chosen by the route
  std::uint16_t source_port = 0;
  Ipv4 destination;
  std::uint16_t destination_port = 0;
  std::uint32_t mark = 0;
  int ttl = 64;
  bool dnat = false;  // its destination was rewritten on the way
};

enum class Verdict : std::uint8_t {
  kDelivered,
  kNetUnreachable,   // no route
  kHostUnreachable,  // nobody answers for the next hop's address
  kLost,             // dropped without a word
  kRejected,         // a rule answered "port unreachable"
  kTtlExceeded,
};

// A network stack the packet went through, the sender's not included.
struct Hop {
  std::string name;  // the namespace's name
  Ipv4 address;      // of the interface it came in by
};

struct FlowTrace {
  Verdict verdict = Verdict::kLost;
  std::shared_ptr<NetNamespace> target;  // where it was delivered; holders let go of it soon
  Packet sent;                           // with the source chosen
  Packet arrived;                        // after all address translation
  Duration latency{0};                   // one way
  std::vector<Hop> hops;
};

}  // namespace drydock
