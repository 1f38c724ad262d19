// Scene: what the view knows of the world, built from the feed. Read by the views,
// changed by nothing but the feed.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/world/feed.h"

namespace drydock::ui {

// A request being drawn on its way.
struct FlightDot {
  feed::Flight flight;
  double started = 0;  // seconds of the view's own clock
};

struct PodMark {
  feed::Pod pod;
  double changed = 0;  // when it appeared or changed phase: drawn with a short glow
};

class Scene final : public feed::Sink {
 public:
  // `now` is the view's clock in seconds, for what moves and fades.
  void apply(std::string_view bytes, double now);
  // Drops what has finished moving.
  void expire(double now);

  const feed::Clock& clock() const { return clock_; }
  const std::map<std::uint32_t, feed::Host>& hosts() const { return hosts_; }
  // As they are drawn: node10 behind node9.
  const std::vector<std::uint32_t>& host_order() const { return host_order_; }
  const std::map<std::uint32_t, PodMark>& pods() const { return pods_; }
  const std::map<std::uint32_t, feed::Service>& services() const { return services_; }
  const std::deque<FlightDot>& flights() const { return flights_; }
  const std::deque<feed::Event>& events() const { return events_; }
  // Pods of one host (0: not scheduled), control plane first, then by namespace and name.
  const std::vector<std::uint32_t>& pods_on(std::uint32_t host) const;
  std::size_t pod_count(feed::PodPhase phase) const;

  // Grows with whatever the picture shows (the clock alone is not among it).
  std::uint64_t version() const { return version_; }
  // Grows when hosts, pods or Services come, go or move: when places change.
  std::uint64_t places_version() const { return places_version_; }
  // Something still moves or glows.
  bool lively(double now) const { return !flights_.empty() || now < lively_until_; }
  void show_heartbeats(bool shown) { heartbeats_ = shown; }
  bool heartbeats() const { return heartbeats_; }
  // Told every text that came in, for the letters it needs.
  std::function<void(std::string_view)> on_text;

  static constexpr double kFlightSeconds = 0.9;
  static constexpr double kGlowSeconds = 1.2;

 private:
  void on_reset() override;
  void on_clock(const feed::Clock& clock) override { clock_ = clock; }
  void on_host(feed::Host host) override;
  void on_host_removed(std::uint32_t id) override;
  void on_pod(feed::Pod pod) override;
  void on_pod_removed(std::uint32_t id) override;
  void on_service(feed::Service service) override;
  void on_service_removed(std::uint32_t id) override;
  void on_flight(const feed::Flight& flight) override;
  void on_event(feed::Event event) override;
  void changed(bool places) {
    ++version_;
    if (places) ++places_version_;
  }
  void tell(std::string_view text) const {
    if (on_text) on_text(text);
  }
  void place(const feed::Pod& pod);
  void unplace(const feed::Pod& pod);

  double now_ = 0;
  double lively_until_ = 0;
  std::uint64_t version_ = 0;
  std::uint64_t places_version_ = 0;
  bool heartbeats_ = false;
  feed::Clock clock_;
  std::vector<std::uint32_t> host_order_;
  std::map<std::uint32_t, feed::Host> hosts_;
  std::map<std::uint32_t, PodMark> pods_;
  std::map<std::uint32_t, feed::Service> services_;
  std::map<std::uint32_t, std::vector<std::uint32_t>> by_host_;
  std::map<feed::PodPhase, std::size_t> phases_;
  std::deque<FlightDot> flights_;
  std::deque<feed::Event> events_;
};

}  // namespace drydock::ui
