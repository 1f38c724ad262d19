// Network: the world's cables: a switch that hosts hang on (10.0.0.0/24), the
// gateway 10.0.0.1, and the internet behind it. Makes every network stack.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/event_loop.h"
#include "core/base/hash.h"
#include "core/base/prng.h"
#include "core/base/sync.h"
#include "core/network/net_namespace.h"
#include "core/network/traffic.h"

namespace drydock {

// A layer-2 segment: whoever hangs on it hears everybody. Times are one way.
class Switch {
 public:
  Switch(Duration low, Duration high, bool silent) : low_(low), high_(high), silent_(silent) {}
  void plug(NetNamespace& stack, const std::string& device) { ports_.push_back({&stack, device, false}); }
  void unplug(const NetNamespace& stack);
  // Pulls the cable of a stack, or puts it back.
  void set_cut(const NetNamespace& stack, bool cut);
  bool cut(const NetNamespace& stack) const;
  // The stack whose interface on this segment has the address.
  NetNamespace* find(Ipv4 address, std::string& device) const;
  Duration low() const { return low_ + added_; }
  Duration high() const { return high_ + added_; }
  void set_added_latency(Duration added) { added_ = added; }
  double loss() const { return loss_; }
  void set_loss(double probability) { loss_ = probability; }
  // True where a missing neighbour is not noticed (the internet).
  bool silent() const { return silent_; }

 private:
  struct Port {
    NetNamespace* stack;
    std::string device;
    bool cut;
  };
  std::vector<Port> ports_;
  Duration low_;
  Duration high_;
  Duration added_{0};
  double loss_ = 0;
  bool silent_;
};

class Network {
 public:
  Network(EventLoop& loop, Prng prng);
  ~Network();
  Network(const Network&) = delete;

  EventLoop& loop() { return loop_; }
  Prng& prng() { return prng_; }

  // A stack with lo alone: pod sandboxes.
  std::shared_ptr<NetNamespace> make_namespace(std::string name);
  // A machine on the switch: eth0 with the address, default route to the gateway.
  std::shared_ptr<NetNamespace> attach_host(std::string name, Ipv4 address);
  // The next free address for a host: 10.0.0.2, 10.0.0.3, …
  Ipv4 next_host_address();
  // A server on the internet.
  std::shared_ptr<NetNamespace> attach_internet(std::string name, Ipv4 address);

  // 10.0.0.1: the way out, and the world's nameserver.
  const std::shared_ptr<NetNamespace>& gateway() const { return gateway_; }

  Switch& lan() { return lan_; }
  Switch& internet() { return wan_; }
  // Faults: a host's cable. Flows notice.
  void set_host_link(NetNamespace& host, bool up);

  // Grows with every change of links, routes, addresses or rules: whoever holds a
  // flow checks its way again when this has moved.
  std::uint64_t version() const { return version_; }
  void touch() { ++version_; }

  void add_observer(TrafficObserver* observer) { observers_.push_back(observer); }
  void remove_observer(TrafficObserver* observer) { std::erase(observers_, observer); }
  bool observed() const { return !observers_.empty(); }
  void report(const TrafficEvent& event);

  std::string next_mac();
  std::uint64_t next_stream_id() { return next_stream_++; }
  // Draws a latency between the two.
  Duration draw(Duration low, Duration high);
  void hash(Hash64& hash) const;

 private:
  EventLoop& loop_;
  Prng prng_;
  Switch lan_;
  Switch wan_;
  std::shared_ptr<NetNamespace> gateway_;
  std::vector<TrafficObserver*> observers_;
  std::uint64_t version_ = 0;
  std::uint64_t next_namespace_ = 1;
  std::uint64_t next_mac_ = 1;
  std::uint64_t next_stream_ = 1;
  std::uint32_t next_host_ = 2;
};

}  // namespace drydock
