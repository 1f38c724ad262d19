// FeedPublisher: turns the world into the view's deltas. Reads hosts, the clusters'
// stores and the network's traffic; changes nothing.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/machinery/object.h"
#include "core/network/traffic.h"
#include "core/world/feed.h"

namespace drydock {

class Host;
class MemoryStore;
class World;

class FeedPublisher final : public TrafficObserver {
 public:
  explicit FeedPublisher(World& world);
  ~FeedPublisher() override;
  // Deltas since the last call, and the clock.
  std::string take(const feed::Clock& clock);
  // The hosts as the page's list shows them.
  std::vector<feed::Host> hosts();
  void on_traffic(const TrafficEvent& event) override;
  // A key of a cluster's store has this value now, or is gone: for whoever watches a store
  // that is not in the world. Those of hosts are read by themselves.
  void on_change(const std::string& key, const Value& value, bool deleted);

 private:
  std::uint32_t id_of(const std::string& key);
  void read_stores();
  void publish_hosts();
  void publish_pod(const std::string& key, const Object& pod, bool deleted);
  void publish_service(const std::string& key);
  feed::Service service_record(const std::string& key);

  struct NodeState {
    bool ready = false;
    bool cordoned = false;
    std::string reason;
    std::string role;
    std::string version;
  };
  struct Place {
    std::uint32_t pod = 0;
    std::string address;
  };

  World& world_;
  feed::Writer writer_;
  std::uint32_t next_id_ = 1;
  std::map<std::string, std::uint32_t> ids_;        // host name or store key -> id
  std::map<std::string, std::int64_t> read_up_to_;  // host with a store -> revision
  std::map<std::string, NodeState> nodes_;          // by node name
  std::map<std::string, feed::Host> drawn_hosts_;
  std::map<std::string, Place> pods_;                                                 // by store key
  std::map<std::string, std::uint32_t> by_address_;                                   // pod address -> id
  std::map<std::string, std::uint32_t> mirrors_;                                      // "kube-apiserver-node1", … -> id
  std::map<std::string, Object> services_;                                            // by "namespace/name"
  std::map<std::string, std::map<std::string, std::vector<std::string>>> endpoints_;  // service -> slice -> addresses
  std::int64_t last_clock_ns_ = 0;
};

}  // namespace drydock
