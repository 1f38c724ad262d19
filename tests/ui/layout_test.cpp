// The picture's places: everything is drawn, nothing covers anything, and it fits.
#include "ui/layout.h"

#include <doctest/doctest.h>

#include <string>

using namespace drydock;
using namespace drydock::ui;

namespace {

// A scene as a feed of `hosts` machines and `pods` pods spread over them would make it.
Scene scene_of(std::uint32_t hosts, std::uint32_t pods, std::uint32_t services = 3) {
  feed::Writer writer;
  writer.reset();
  for (std::uint32_t i = 1; i <= hosts; ++i) {
    feed::Host host;
    host.id = i;
    host.name = "node" + std::to_string(i);
    writer.write(host);
  }
  for (std::uint32_t i = 0; i < pods; ++i) {
    feed::Pod pod;
    pod.id = 1000 + i;
    pod.host = 1 + i % hosts;
    pod.ns = i < 8 ? "kube-system" : "default";
    pod.name = "web-" + std::to_string(i);
    pod.phase = feed::PodPhase::kRunning;
    writer.write(pod);
  }
  for (std::uint32_t i = 0; i < services; ++i) {
    feed::Service service;
    service.id = 100000 + i;
    service.name = "service-" + std::to_string(i);
    writer.write(service);
  }
  Scene scene;
  scene.apply(writer.bytes(), 0);
  return scene;
}

bool inside(const Box& box, const Box& outer) {
  const float slack = 0.01f;
  return box.low.x >= outer.low.x - slack && box.low.y >= outer.low.y - slack && box.high.x <= outer.high.x + slack &&
         box.high.y <= outer.high.y + slack;
}

bool apart(const Box& a, const Box& b) {
  return a.high.x <= b.low.x || b.high.x <= a.low.x || a.high.y <= b.low.y || b.high.y <= a.low.y;
}

void check_sound(const Scene& scene, const Layout& layout) {
  CHECK(layout.hosts.size() == scene.hosts().size());
  CHECK(layout.pods.size() == scene.pods().size());
  CHECK(layout.services.size() == scene.services().size());
  for (const auto& [id, host] : scene.hosts()) {
    const Box& box = layout.hosts.at(id);
    CHECK(inside(box, {{0, 0}, {layout.width, layout.height}}));
    for (const auto& [other, other_box] : layout.hosts) {
      if (other != id) CHECK(apart(box, other_box));
    }
    const auto& pods = scene.pods_on(id);
    for (std::size_t i = 0; i < pods.size(); ++i) {
      const Box& pod = layout.pods.at(pods[i]);
      CHECK(inside(pod, box));
      CHECK(pod.low.y >= box.low.y + layout.header);
      if (i > 0) CHECK(apart(pod, layout.pods.at(pods[i - 1])));
    }
    for (const auto& [service, pill] : layout.services) CHECK(apart(pill, box));
  }
}

}  // namespace

TEST_CASE("layout: two nodes with few pods are drawn as cards, and fit") {
  const Scene scene = scene_of(2, 13);
  const Layout layout = plan_layout(scene, {1100, 420});
  CHECK(layout.detail == Detail::kCards);
  CHECK(layout.height <= 420);
  check_sound(scene, layout);
}

TEST_CASE("layout: machines share the width, and one that is added moves no other") {
  const Layout one = plan_layout(scene_of(1, 6), {1100, 420});
  const Layout two = plan_layout(scene_of(2, 13), {1100, 420});
  CHECK(one.hosts.at(1).low.x == two.hosts.at(1).low.x);
  CHECK(one.hosts.at(1).low.y == two.hosts.at(1).low.y);
  CHECK(two.hosts.at(2).low.y == two.hosts.at(1).low.y);
  CHECK(two.hosts.at(2).high.x > 1080);
}

TEST_CASE("layout: ten nodes with a thousand pods fit, with names on the nodes") {
  const Scene scene = scene_of(10, 1000);
  const Layout layout = plan_layout(scene, {1100, 420});
  CHECK(layout.height <= 420);
  CHECK(layout.header >= 34);
  check_sound(scene, layout);
}

TEST_CASE("layout: a hundred nodes with ten thousand pods still have a place each") {
  const Scene scene = scene_of(100, 10000);
  const Layout layout = plan_layout(scene, {1400, 900});
  CHECK(layout.height <= 900);
  check_sound(scene, layout);
}

TEST_CASE("layout: more than fits is laid out below, in a small area too") {
  const Scene scene = scene_of(40, 4000, 30);
  const Layout layout = plan_layout(scene, {300, 120});
  check_sound(scene, layout);
}

TEST_CASE("layout: a pod that no host has yet waits above the hosts") {
  feed::Writer writer;
  feed::Host host;
  host.id = 1;
  host.name = "node1";
  writer.write(host);
  feed::Pod pod;
  pod.id = 7;
  writer.write(pod);
  Scene scene;
  scene.apply(writer.bytes(), 0);
  const Layout layout = plan_layout(scene, {800, 400});
  CHECK(inside(layout.pods.at(7), layout.waiting));
  CHECK(layout.waiting.high.y <= layout.hosts.at(1).low.y);
}

TEST_CASE("scene: hosts are in their numbers' order, whenever they came") {
  feed::Writer writer;
  for (const char* name : {"node10", "node2", "node1"}) {
    feed::Host host;
    host.id = static_cast<std::uint32_t>(name[4] * 10 + name[5]);
    host.name = name;
    writer.write(host);
  }
  Scene scene;
  scene.apply(writer.bytes(), 0);
  std::string order;
  for (const std::uint32_t id : scene.host_order()) order += scene.hosts().at(id).name + " ";
  CHECK(order == "node1 node2 node10 ");
}

TEST_CASE("scene: only what the picture shows makes a new version; only what moves makes new places") {
  Scene scene = scene_of(1, 1, 0);
  const std::uint64_t version = scene.version();
  const std::uint64_t places = scene.places_version();

  feed::Writer clock;
  clock.write(feed::Clock{.now_ns = 5});
  scene.apply(clock.bytes(), 1);
  CHECK(scene.version() == version);

  feed::Writer changed;
  feed::Pod pod = scene.pods().at(1000).pod;
  pod.phase = feed::PodPhase::kFailed;
  changed.write(pod);
  scene.apply(changed.bytes(), 1);
  CHECK(scene.version() > version);
  CHECK(scene.places_version() == places);
  CHECK(scene.pod_count(feed::PodPhase::kFailed) == 1);
  CHECK(scene.pod_count(feed::PodPhase::kRunning) == 0);

  feed::Writer removed;
  removed.removed(feed::RecordType::kPodRemoved, 1000);
  scene.apply(removed.bytes(), 1);
  CHECK(scene.places_version() > places);
  CHECK(scene.pod_count(feed::PodPhase::kFailed) == 0);
}

TEST_CASE("scene: heartbeats move only on request") {
  Scene scene = scene_of(2, 0, 0);
  feed::Writer writer;
  writer.write(feed::Flight{.from = 1, .to = 2, .kind = feed::FlightKind::kHeartbeat});
  scene.apply(writer.bytes(), 1);
  CHECK(scene.flights().empty());
  scene.show_heartbeats(true);
  scene.apply(writer.bytes(), 1);
  CHECK(scene.flights().size() == 1);
  CHECK(scene.lively(1.1));
  scene.expire(1 + Scene::kFlightSeconds + 0.1);
  CHECK(scene.flights().empty());
}

TEST_CASE("feed: a pod with containers and conditions comes out as it went in") {
  feed::Pod pod;
  pod.id = 3;
  pod.name = "twocontainers";
  pod.containers = {
      {.name = "sise", .ready = true, .restarts = 2, .image = "quay.io/x:1", .reason = "Error, exit code 1"},
      {.name = "shell"}};
  pod.conditions = {{"Ready", false, "ContainersNotReady"}, {"PodScheduled", true, ""}};
  feed::Writer writer;
  writer.write(pod);
  Scene scene;
  scene.apply(writer.bytes(), 0);
  const feed::Pod& read = scene.pods().at(3).pod;
  REQUIRE(read.containers.size() == 2);
  CHECK(read.containers[0].image == "quay.io/x:1");
  CHECK(read.containers[0].reason == "Error, exit code 1");
  CHECK(read.containers[0].restarts == 2);
  REQUIRE(read.conditions.size() == 2);
  CHECK(read.conditions[0].reason == "ContainersNotReady");
  CHECK(read.conditions[1].met);
}
