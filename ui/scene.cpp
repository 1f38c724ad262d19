#include "ui/scene.h"

#include <algorithm>
#include <tuple>

namespace drydock::ui {
namespace {

constexpr std::size_t kFlightLimit = 300;  // more dots than this only blur
constexpr std::size_t kEventLimit = 500;
const std::vector<std::uint32_t> kNoPods;

}  // namespace

void Scene::apply(std::string_view bytes, double now) {
  now_ = now;
  feed::Reader(bytes).read_all(*this);
}

void Scene::expire(double now) {
  while (!flights_.empty() && now - flights_.front().started > kFlightSeconds) flights_.pop_front();
}

const std::vector<std::uint32_t>& Scene::pods_on(std::uint32_t host) const {
  const auto at = by_host_.find(host);
  return at == by_host_.end() ? kNoPods : at->second;
}

std::size_t Scene::pod_count(feed::PodPhase phase) const {
  const auto at = phases_.find(phase);
  return at == phases_.end() ? 0 : at->second;
}

void Scene::on_reset() {
  hosts_.clear();
  host_order_.clear();
  pods_.clear();
  services_.clear();
  by_host_.clear();
  phases_.clear();
  flights_.clear();
  events_.clear();
  changed(true);
}

void Scene::on_host(feed::Host host) {
  const std::uint32_t id = host.id;
  tell(host.reason);
  const bool fresh = hosts_.insert_or_assign(id, std::move(host)).second;
  if (fresh) {
    const auto before = [this](std::uint32_t a, std::uint32_t b) {
      const std::string& x = hosts_.at(a).name;
      const std::string& y = hosts_.at(b).name;
      return x.size() != y.size() ? x.size() < y.size() : x < y;
    };
    host_order_.insert(std::lower_bound(host_order_.begin(), host_order_.end(), id, before), id);
  }
  changed(fresh);
}

void Scene::on_host_removed(std::uint32_t id) {
  if (hosts_.erase(id) == 0) return;
  std::erase(host_order_, id);
  changed(true);
}

void Scene::place(const feed::Pod& pod) {
  auto& list = by_host_[pod.host];
  const auto order = [this](std::uint32_t a, std::uint32_t b) {
    const feed::Pod& x = pods_.at(a).pod;
    const feed::Pod& y = pods_.at(b).pod;
    return std::tie(y.control_plane, x.ns, x.name, a) < std::tie(x.control_plane, y.ns, y.name, b);
  };
  list.insert(std::lower_bound(list.begin(), list.end(), pod.id, order), pod.id);
  ++phases_[pod.phase];
}

void Scene::unplace(const feed::Pod& pod) {
  std::erase(by_host_[pod.host], pod.id);
  --phases_[pod.phase];
}

void Scene::on_pod(feed::Pod pod) {
  const std::uint32_t id = pod.id;
  for (const feed::Container& container : pod.containers) tell(container.image);
  const auto at = pods_.find(id);
  if (at == pods_.end()) {
    const auto made = pods_.emplace(id, PodMark{std::move(pod), now_}).first;
    place(made->second.pod);
    lively_until_ = now_ + kGlowSeconds;
    return changed(true);
  }
  feed::Pod& known = at->second.pod;
  if (known.phase != pod.phase) {
    at->second.changed = now_;
    lively_until_ = now_ + kGlowSeconds;
  }
  const bool moved = known.host != pod.host || known.control_plane != pod.control_plane;
  if (moved) unplace(known);
  if (!moved && known.phase != pod.phase) {
    --phases_[known.phase];
    ++phases_[pod.phase];
  }
  known = std::move(pod);
  if (moved) place(known);
  changed(moved);
}

void Scene::on_pod_removed(std::uint32_t id) {
  const auto at = pods_.find(id);
  if (at == pods_.end()) return;
  unplace(at->second.pod);
  pods_.erase(at);
  changed(true);
}

void Scene::on_service(feed::Service service) {
  const std::uint32_t id = service.id;
  changed(services_.insert_or_assign(id, std::move(service)).second);
}

void Scene::on_service_removed(std::uint32_t id) { changed(services_.erase(id) > 0); }

void Scene::on_flight(const feed::Flight& flight) {
  if (flight.kind == feed::FlightKind::kHeartbeat && !heartbeats_) return;
  if (flights_.size() < kFlightLimit) flights_.push_back({flight, now_});
  changed(false);
}

void Scene::on_event(feed::Event event) {
  tell(event.message);
  events_.push_back(std::move(event));
  if (events_.size() > kEventLimit) events_.pop_front();
  changed(false);
}

}  // namespace drydock::ui
