#include "ui/layout.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace drydock::ui {
namespace {

constexpr float kMargin = 12;
constexpr float kHostGap = 10;
constexpr float kPadding = 8;
constexpr float kServiceHeight = 24;
constexpr float kServiceGap = 8;
constexpr float kOutsideWidth = 76;
constexpr float kHostWidthLimit = 560;
constexpr float kEmptyBody = 30;
constexpr float kWaitingLabel = 70;

// How pods are drawn at one level of detail.
struct Level {
  Detail detail;
  float header;
  float host_min;  // the narrowest host
  float pod_width;
  float pod_height;
  float system_width;
  float system_height;
  float gap;
  bool stretch;  // cells share the width; else they keep theirs
};
constexpr Level kLevels[] = {
    {Detail::kCards, 44, 250, 150, 40, 112, 22, 6, true}, {Detail::kRows, 44, 220, 106, 22, 100, 20, 5, true},
    {Detail::kRows, 40, 180, 76, 18, 76, 18, 4, true},    {Detail::kTiles, 40, 150, 24, 16, 74, 17, 4, false},
    {Detail::kDots, 38, 110, 13, 11, 13, 11, 3, false},   {Detail::kDots, 36, 100, 10, 9, 10, 9, 2, false},
    {Detail::kSpecks, 24, 60, 7, 6, 7, 6, 2, false},      {Detail::kSpecks, 18, 52, 4, 3, 4, 3, 1, false},
    {Detail::kSpecks, 14, 24, 4, 3, 4, 3, 1, false},
};

// A grid of equal cells from `at` on, `width` wide. Fills `boxes`, returns its height.
float place_grid(std::span<const std::uint32_t> ids, Point at, float width, float cell_width, float cell_height,
                 float gap, bool stretch, std::map<std::uint32_t, Box>* boxes) {
  if (ids.empty()) return 0;
  auto columns = static_cast<std::size_t>(std::max(1.0f, std::floor((width + gap) / (cell_width + gap))));
  if (stretch) {
    // Two pods in a wide host do not become banners.
    const std::size_t wanted = std::max<std::size_t>(ids.size(), 2);
    columns = std::min(columns, wanted);
    cell_width = (width - gap * static_cast<float>(columns - 1)) / static_cast<float>(columns);
  }
  const std::size_t rows = (ids.size() + columns - 1) / columns;
  if (boxes != nullptr) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const Point low{at.x + static_cast<float>(i % columns) * (cell_width + gap),
                      at.y + static_cast<float>(i / columns) * (cell_height + gap)};
      (*boxes)[ids[i]] = {low, {low.x + cell_width, low.y + cell_height}};
    }
  }
  return static_cast<float>(rows) * (cell_height + gap) - gap;
}

struct HostPods {
  std::uint32_t host = 0;
  std::vector<std::uint32_t> system;
  std::vector<std::uint32_t> apps;
};

float place_host(const HostPods& pods, const Level& level, Point at, float width, std::map<std::uint32_t, Box>* boxes) {
  const float inner = width - 2 * kPadding;
  Point pen{at.x + kPadding, at.y + level.header + kPadding};
  const bool roomy = level.detail <= Detail::kTiles;
  const float system =
      place_grid(pods.system, pen, inner, level.system_width, level.system_height, level.gap, roomy, boxes);
  pen.y += system;
  if (system > 0 && !pods.apps.empty()) pen.y += level.gap + (roomy ? 4.0f : 2.0f);
  pen.y += place_grid(pods.apps, pen, inner, level.pod_width, level.pod_height, level.gap, level.stretch, boxes);
  const float least = roomy ? kEmptyBody : level.pod_height;
  return std::max(pen.y + kPadding - at.y, level.header + 2 * kPadding + least);
}

struct Shape {
  std::size_t columns = 1;
  float host_width = 0;
  float height = 0;

  float used_width() const { return static_cast<float>(columns) * (host_width + kHostGap) - kHostGap; }
};

Shape shape_of(const std::vector<HostPods>& hosts, const Level& level, std::size_t columns, float width) {
  Shape shape;
  shape.columns = columns;
  const float room = width - 2 * kMargin - kHostGap * static_cast<float>(columns - 1);
  shape.host_width = std::min(kHostWidthLimit, room / static_cast<float>(columns));
  float row = 0;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    row = std::max(row, place_host(hosts[i], level, {0, 0}, shape.host_width, nullptr));
    if ((i + 1) % columns == 0 || i + 1 == hosts.size()) {
      shape.height += row + kHostGap;
      row = 0;
    }
  }
  shape.height += kMargin - kHostGap;
  return shape;
}

// Services in rows across the top, after the world outside. Returns the end of the last row.
float place_services(const Scene& scene, float width, Layout& layout) {
  layout.outside = {{kMargin, kMargin}, {kMargin + kOutsideWidth, kMargin + kServiceHeight}};
  const float room = width - 2 * kMargin;
  const auto count = static_cast<float>(scene.services().size());
  // Many Services: shorter pills, so that they stay in few rows.
  const float pill = count <= 4 ? 190.0f : count <= 16 ? 150.0f : 100.0f;
  Point pen{layout.outside.high.x + kServiceGap, kMargin};
  for (const auto& [id, service] : scene.services()) {
    if (pen.x + pill > kMargin + room && pen.x > kMargin) {
      pen.x = kMargin;
      pen.y += kServiceHeight + 6;
    }
    layout.services[id] = {pen, {pen.x + std::min(pill, room), pen.y + kServiceHeight}};
    pen.x += pill + kServiceGap;
  }
  return pen.y + kServiceHeight;
}

float place_waiting(const Scene& scene, float width, float top, Layout& layout) {
  const std::vector<std::uint32_t>& waiting = scene.pods_on(0);
  if (waiting.empty()) return top;
  const bool many = waiting.size() > 24;
  const float inner = width - 2 * kMargin - kPadding - kWaitingLabel;
  const Point low{kMargin, top + kHostGap};
  const Point pen{low.x + kWaitingLabel, low.y + 6};
  const bool huge = waiting.size() > 300;
  const float height = place_grid(waiting, pen, inner,
                                  huge   ? 7.0f
                                  : many ? 13.0f
                                         : 140.0f,
                                  huge   ? 6.0f
                                  : many ? 11.0f
                                         : 22.0f,
                                  huge ? 2.0f : 4.0f, false, &layout.pods);
  layout.waiting = {low, {width - kMargin, pen.y + std::max(height, 22.0f) + 6}};
  return layout.waiting.high.y;
}

}  // namespace

bool is_system(const feed::Pod& pod) { return pod.control_plane || pod.ns == "kube-system"; }

Layout plan_layout(const Scene& scene, Point area) {
  Layout layout;
  const float width = std::max(area.x, 200.0f);
  std::vector<HostPods> hosts;
  for (const std::uint32_t id : scene.host_order()) {
    HostPods pods{id, {}, {}};
    for (const std::uint32_t pod : scene.pods_on(id))
      (is_system(scene.pods().at(pod).pod) ? pods.system : pods.apps).push_back(pod);
    hosts.push_back(std::move(pods));
  }
  float top = place_services(scene, width, layout);
  top = place_waiting(scene, width, top, layout) + kHostGap;

  // The most telling level at which everything fits; of its shapes the one that
  // leaves no holes in the last row and no width unused, with the widest hosts.
  const float room = area.y - top;
  const Level* chosen = nullptr;
  Shape shape;
  for (const Level& level : kLevels) {
    float best = 0;
    for (std::size_t columns = 1; columns <= std::max<std::size_t>(1, hosts.size()); ++columns) {
      const Shape tried = shape_of(hosts, level, columns, width);
      if (columns > 1 && tried.host_width < level.host_min) break;
      const bool last = &level == std::end(kLevels) - 1;
      if (tried.height > room && !last) continue;
      const std::size_t holes = (columns - hosts.size() % columns) % columns;
      const float unused = 1 - tried.used_width() / (width - 2 * kMargin);
      // Where nothing fits the lowest shape is best.
      const float cost =
          tried.height > room ? 1000 + tried.height : static_cast<float>(holes * 4 + columns) + 6 * unused;
      if (chosen == nullptr || cost < best) {
        chosen = &level;
        shape = tried;
        best = cost;
      }
    }
    if (chosen != nullptr) break;
  }
  layout.detail = chosen->detail;
  layout.header = chosen->header;

  // In line with the Services above; a machine that is added leaves the others in place.
  Point pen{kMargin, top};
  for (std::size_t first = 0; first < hosts.size(); first += shape.columns) {
    const std::size_t end = std::min(hosts.size(), first + shape.columns);
    float row = 0;
    for (std::size_t i = first; i < end; ++i) {
      const Point at{kMargin + static_cast<float>(i - first) * (shape.host_width + kHostGap), pen.y};
      row = std::max(row, place_host(hosts[i], *chosen, at, shape.host_width, &layout.pods));
    }
    for (std::size_t i = first; i < end; ++i) {
      const float x = kMargin + static_cast<float>(i - first) * (shape.host_width + kHostGap);
      layout.hosts[hosts[i].host] = {{x, pen.y}, {x + shape.host_width, pen.y + row}};
    }
    pen.y += row + kHostGap;
  }
  layout.width = width;
  layout.height = pen.y - kHostGap + kMargin;
  return layout;
}

}  // namespace drydock::ui
