// TrafficObserver: sees every flow of the world as it starts: the view draws
// requests travelling, tcpdump prints lines. Observers change nothing.
#pragma once

#include <cstdint>
#include <string>

#include "core/network/packet.h"

namespace drydock {

struct TrafficEvent {
  enum class Kind : std::uint8_t { kConnect, kHttp, kDatagram, kEcho };
  Kind kind = Kind::kConnect;
  TimePoint time{};
  const NetNamespace* from = nullptr;
  const FlowTrace* flow = nullptr;
  bool refused = false;  // nobody listens there
  std::string summary;   // "GET /info", "A? kubernetes.default.svc.cluster.local."
};

class TrafficObserver {
 public:
  virtual ~TrafficObserver() = default;
  virtual void on_traffic(const TrafficEvent& event) = 0;
};

}  // namespace drydock
