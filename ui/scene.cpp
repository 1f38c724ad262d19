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
  pods_.clear();
  services_.clear();
  by_host_.clear();
  phases_.clear();
  flights_.clear();
  events_.clear();
}

void Scene::on_host(feed::Host host) {
  const std::uint32_t id = host.id;
  hosts_.insert_or_assign(id, std::move(host));
}

void Scene::place(const feed::Pod& pod) {
  auto& list = by_host_[pod.host];
  const auto order = [this](std::uint32_t a, std::uint32_t b) {
    const feed::Pod& x = pods_.at(a).pod;
    const feed::Pod& y = pods_.at(b).pod;
    return std::tuple(!x.control_plane, x.ns, x.name, a) < std::tuple(!y.control_plane, y.ns, y.name, b);
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
  const auto at = pods_.find(id);
  if (at == pods_.end()) {
    const auto made = pods_.emplace(id, PodMark{std::move(pod), now_}).first;
    place(made->second.pod);
    return;
  }
  unplace(at->second.pod);
  if (at->second.pod.phase != pod.phase) at->second.changed = now_;
  at->second.pod = std::move(pod);
  place(at->second.pod);
}

void Scene::on_pod_removed(std::uint32_t id) {
  const auto at = pods_.find(id);
  if (at == pods_.end()) return;
  unplace(at->second.pod);
  pods_.erase(at);
}

void Scene::on_service(feed::Service service) {
  const std::uint32_t id = service.id;
  services_.insert_or_assign(id, std::move(service));
}

void Scene::on_flight(const feed::Flight& flight) {
  if (flights_.size() < kFlightLimit) flights_.push_back({flight, now_});
}

void Scene::on_event(feed::Event event) {
  events_.push_back(std::move(event));
  if (events_.size() > kEventLimit) events_.pop_front();
}

}  // namespace drydock::ui
