// FeedPublisher: turns the world into the view's deltas. Reads hosts and the
// clusters' stores; changes nothing.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/machinery/object.h"
#include "core/world/feed.h"

namespace drydock {

class World;
class Host;

class FeedPublisher {
 public:
  explicit FeedPublisher(World& world) : world_(world) {}
  // Deltas since the last call, the clock included when anything changed or moved on.
  std::string take(const feed::Clock& clock);
  // The hosts as the page's list shows them.
  std::vector<feed::Host> hosts() const;
  // A request between two addresses; names are resolved to what is drawn there.
  void on_traffic(const std::string& from_address, const std::string& to_address, const std::string& service_address, feed::FlightKind kind,
                  bool refused);

 private:
  struct Drawn {
    std::uint32_t id = 0;
    std::string version;  // resourceVersion last drawn
  };
  std::uint32_t id_of(const std::string& key);
  void publish_hosts();
  void publish_objects();
  feed::Pod pod_record(const Object& pod);
  feed::Service service_record(const Object& service);

  World& world_;
  feed::Writer writer_;
  std::uint32_t next_id_ = 1;
  std::map<std::string, std::uint32_t> ids_;
  std::map<std::string, feed::Host> drawn_hosts_;
  std::map<std::string, Drawn> drawn_pods_;
  std::map<std::string, Drawn> drawn_services_;
  std::map<std::string, Drawn> drawn_events_;
  std::map<std::string, std::uint32_t> by_address_;
  std::int64_t last_clock_ns_ = 0;
};

}  // namespace drydock
