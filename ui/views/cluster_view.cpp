#include "ui/views/cluster_view.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "ui/theme.h"

namespace drydock::ui {
namespace {

// World units; one unit is one pixel at zoom 1 and scale 1.
constexpr float kHostWidth = 330;
constexpr float kHeader = 44;
constexpr float kMargin = 22;
constexpr float kPadding = 10;
constexpr float kServiceHeight = 30;
constexpr float kServiceWidth = 190;
constexpr float kSystemHeight = 24;
constexpr float kGap = 6;
constexpr float kMinZoom = 0.05f;
constexpr float kMaxZoom = 4;

float length_of(ImVec2 a, ImVec2 b) { return std::hypot(a.x - b.x, a.y - b.y); }

void text_in(ImDrawList* draw, ImVec2 at, float size, ImU32 colour, const std::string& text, float width) {
  ImFont* font = ImGui::GetFont();
  std::string shown = text;
  if (font->CalcTextSizeA(size, FLT_MAX, 0, shown.c_str()).x > width) {
    while (shown.size() > 1 && font->CalcTextSizeA(size, FLT_MAX, 0, (shown + "..").c_str()).x > width)
      shown.pop_back();
    shown += "..";
  }
  draw->AddText(font, size, at, colour, shown.c_str());
}

// How pods are laid out inside a host of a given number of application pods.
struct Grid {
  int columns;
  float cell_width;
  float cell_height;
};
Grid grid_for(std::size_t pods) {
  if (pods <= 12) return {2, 0, 46};
  if (pods <= 40) return {4, 0, 30};
  if (pods <= 160) return {10, 0, 18};
  return {20, 0, 12};
}

std::string json_command(const char* name, const std::string& value) {
  return std::string("{\"") + name + "\":\"" + value + "\"}";
}

}  // namespace

void ClusterView::lay_out(const Frame& frame, ImVec2 area) {
  hosts_.clear();
  pods_.clear();
  services_.clear();
  const auto& hosts = frame.scene.hosts();
  const float aspect = area.x / std::max(1.0f, area.y);

  // Services in rows across the top.
  const int host_count = static_cast<int>(hosts.size());
  int columns = std::max(
      1, static_cast<int>(std::ceil(std::sqrt(static_cast<float>(host_count) * std::max(0.4f, aspect) * 0.8f))));
  columns = std::min(columns, std::max(1, host_count));
  const float width =
      std::max(static_cast<float>(columns) * (kHostWidth + kMargin) + kMargin, kServiceWidth * 2 + kMargin * 3);
  float y = kMargin;
  float x = kMargin;
  for (const auto& [id, service] : frame.scene.services()) {
    if (x + kServiceWidth + kMargin > width) {
      x = kMargin;
      y += kServiceHeight + 8;
    }
    services_[id] = {{x, y}, {x + kServiceWidth, y + kServiceHeight}};
    x += kServiceWidth + 10;
  }
  if (!services_.empty()) y += kServiceHeight + kMargin;

  // Pods that no host has yet.
  const auto& waiting = frame.scene.pods_on(0);
  has_pending_ = !waiting.empty();
  if (has_pending_) {
    const float cell = waiting.size() > 60 ? 14.0f : 120.0f;
    const float height = cell > 20 ? 30.0f : 14.0f;
    const int per_row = std::max(1, static_cast<int>((width - 2 * kMargin - 90) / (cell + kGap)));
    float px = kMargin + 90;
    float py = y + kPadding;
    int in_row = 0;
    for (std::uint32_t pod : waiting) {
      if (in_row == per_row) {
        in_row = 0;
        px = kMargin + 90;
        py += height + kGap;
      }
      pods_[pod] = {{px, py}, {px + cell, py + height}};
      px += cell + kGap;
      ++in_row;
    }
    pending_ = {{kMargin, y}, {width - kMargin, py + height + kPadding}};
    y = pending_.high.y + kMargin;
  }

  // Hosts in rows; a row is as high as its fullest host.
  int column = 0;
  float row_height = 0;
  for (const auto& [id, host] : hosts) {
    if (column == columns) {
      column = 0;
      y += row_height + kMargin;
      row_height = 0;
    }
    const float left = kMargin + static_cast<float>(column) * (kHostWidth + kMargin);
    float py = y + kHeader + kPadding;
    std::vector<std::uint32_t> system;
    std::vector<std::uint32_t> apps;
    for (std::uint32_t pod : frame.scene.pods_on(id)) {
      const feed::Pod& shown = frame.scene.pods().at(pod).pod;
      (shown.control_plane || shown.ns == "kube-system" ? system : apps).push_back(pod);
    }
    const float half = (kHostWidth - 2 * kPadding - kGap) / 2;
    for (std::size_t i = 0; i < system.size(); ++i) {
      const float px = left + kPadding + static_cast<float>(i % 2) * (half + kGap);
      pods_[system[i]] = {{px, py}, {px + half, py + kSystemHeight}};
      if (i % 2 == 1 || i + 1 == system.size()) py += kSystemHeight + kGap;
    }
    if (!system.empty() && !apps.empty()) py += kGap;
    const Grid grid = grid_for(apps.size());
    const float cell =
        (kHostWidth - 2 * kPadding - kGap * static_cast<float>(grid.columns - 1)) / static_cast<float>(grid.columns);
    for (std::size_t i = 0; i < apps.size(); ++i) {
      const auto in_row = static_cast<float>(i % static_cast<std::size_t>(grid.columns));
      const float px = left + kPadding + in_row * (cell + kGap);
      pods_[apps[i]] = {{px, py}, {px + cell, py + grid.cell_height}};
      if ((i + 1) % static_cast<std::size_t>(grid.columns) == 0 || i + 1 == apps.size()) py += grid.cell_height + kGap;
    }
    const float height = std::max(py + kPadding - kGap - y, kHeader + 60.0f);
    hosts_[id] = {{left, y}, {left + kHostWidth, y + height}};
    row_height = std::max(row_height, height);
    ++column;
  }
  content_ = {width, y + row_height + kMargin};
}

void ClusterView::navigate(ImVec2 origin, ImVec2 area) {
  origin_ = origin;
  ImGuiIO& io = ImGui::GetIO();
  const bool hovered = ImGui::IsItemHovered();
  if (hovered && io.MouseWheel != 0) {
    const float old_zoom = zoom_;
    zoom_ = std::clamp(zoom_ * std::pow(1.15f, io.MouseWheel), kMinZoom, kMaxZoom);
    const ImVec2 mouse{io.MousePos.x - origin.x - pan_.x, io.MousePos.y - origin.y - pan_.y};
    pan_.x -= mouse.x * (zoom_ / old_zoom - 1);
    pan_.y -= mouse.y * (zoom_ / old_zoom - 1);
    fitted_ = false;
  }
  if (ImGui::IsItemActive() && ImGui::IsMouseDragging(ImGuiMouseButton_Left, 4)) {
    pan_.x += io.MouseDelta.x;
    pan_.y += io.MouseDelta.y;
    fitted_ = false;
  }
  if (hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) fitted_ = true;
  if (fitted_) {
    zoom_ =
        std::clamp(std::min(area.x / content_.x, area.y / content_.y), kMinZoom, 1.6f * ImGui::GetIO().FontGlobalScale);
    pan_ = {std::max(0.0f, (area.x - content_.x * zoom_) / 2), 0};
  }
}

void ClusterView::draw_host(Frame& frame, const feed::Host& host, const Box& box) {
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const Box shown = to_screen(box);
  const float round = 6 * zoom_;
  const bool selected = frame.selection.is(Selection::Kind::kHost, host.id);
  draw->AddRectFilled(shown.low, shown.high, theme::kHostFill, round);
  const ImVec2 header_end{shown.high.x, shown.low.y + kHeader * zoom_};
  draw->AddRectFilled(shown.low, header_end, theme::kHostHeader, round, ImDrawFlags_RoundCornersTop);
  draw->AddRect(shown.low, shown.high, selected ? theme::kAccent : theme::kHostBorder, round, 0,
                selected ? 2.5f : 1.0f);
  const float size = 16 * zoom_;
  if (size < 4) return;
  const ImVec2 dot{shown.low.x + 16 * zoom_, shown.low.y + kHeader * zoom_ / 2};
  if (host.state == feed::HostState::kReady)
    draw->AddCircleFilled(dot, 5 * zoom_, theme::host_colour(host.state));
  else
    draw->AddCircle(dot, 5 * zoom_, theme::host_colour(host.state), 0, 2 * zoom_);
  const float text_x = shown.low.x + 30 * zoom_;
  const float room = (kHostWidth - 150) * zoom_;
  text_in(draw, {text_x, shown.low.y + 5 * zoom_}, size, theme::kText, host.name, room);
  text_in(draw, {text_x, shown.low.y + 24 * zoom_}, 12.5f * zoom_, theme::kTextDim,
          host.address + (host.version.empty() ? "" : "  " + host.version), room + 40 * zoom_);
  const std::string role = host.role.empty() ? theme::host_state_name(host.state) : host.role;
  const float role_width = ImGui::GetFont()->CalcTextSizeA(12.5f * zoom_, FLT_MAX, 0, role.c_str()).x;
  text_in(draw, {shown.high.x - role_width - 10 * zoom_, shown.low.y + 6 * zoom_}, 12.5f * zoom_, theme::kAccent, role,
          120 * zoom_);
  // Memory as a thin bar below the role.
  if (host.memory_bytes > 0) {
    const float share = std::min(1.0f, static_cast<float>(host.memory_used) / static_cast<float>(host.memory_bytes));
    const ImVec2 low{shown.high.x - 90 * zoom_, shown.low.y + 28 * zoom_};
    const ImVec2 high{shown.high.x - 10 * zoom_, shown.low.y + 33 * zoom_};
    draw->AddRectFilled(low, high, theme::kHostBorder, 2 * zoom_);
    draw->AddRectFilled(low, {low.x + (high.x - low.x) * share, high.y}, share > 0.85f ? theme::kBad : theme::kAccent,
                        2 * zoom_);
  }
}

void ClusterView::draw_pod(Frame& frame, const PodMark& mark, const Box& box) {
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const Box shown = to_screen(box);
  const feed::Pod& pod = mark.pod;
  const ImU32 colour = theme::pod_colour(pod.phase);
  const float width = shown.high.x - shown.low.x;
  const float height = shown.high.y - shown.low.y;
  const float round = std::min(4 * zoom_, height / 3);
  const auto age = static_cast<float>(frame.now - mark.changed);
  if (age < 1.2f) {
    const float glow = 3 * zoom_ * (1.2f - age);
    draw->AddRect({shown.low.x - glow, shown.low.y - glow}, {shown.high.x + glow, shown.high.y + glow},
                  theme::faded(colour, 0.8f * (1.2f - age)), round + glow, 0, 2);
  }
  draw->AddRectFilled(shown.low, shown.high, theme::faded(colour, pod.control_plane ? 0.28f : 0.22f), round);
  const bool selected = frame.selection.is(Selection::Kind::kPod, pod.id);
  draw->AddRect(shown.low, shown.high, selected ? theme::kText : colour, round, 0,
                selected                               ? 2.5f
                : pod.phase == feed::PodPhase::kFailed ? 2.0f
                                                       : 1.0f);
  if (height < 9) {
    draw->AddRectFilled(shown.low, shown.high, theme::faded(colour, 0.7f), round);
    return;
  }
  // One mark a container: a disc when ready, a ring when not, a cross when crashed.
  const float radius = std::min(4.5f * zoom_, height / 5);
  float cx = shown.high.x - radius - 4 * zoom_;
  const float cy = height > 34 * zoom_ ? shown.high.y - radius - 5 * zoom_ : (shown.low.y + shown.high.y) / 2;
  unsigned restarts = 0;
  for (auto container = pod.containers.rbegin(); container != pod.containers.rend() && cx > shown.low.x + radius;
       ++container) {
    restarts += container->restarts;
    if (container->state == feed::ContainerState::kCrashed) {
      draw->AddLine({cx - radius, cy - radius}, {cx + radius, cy + radius}, theme::kBad, 1.8f);
      draw->AddLine({cx - radius, cy + radius}, {cx + radius, cy - radius}, theme::kBad, 1.8f);
    } else if (container->ready) {
      draw->AddCircleFilled({cx, cy}, radius, theme::kGood);
    } else {
      draw->AddCircle({cx, cy}, radius,
                      container->state == feed::ContainerState::kTerminated ? theme::kTextDim : colour, 0, 1.5f);
    }
    cx -= 2 * radius + 3 * zoom_;
  }
  if (width < 46) return;
  const float size = std::min(13.0f * zoom_, height * 0.62f);
  if (size < 5) return;
  if (height > 34 * zoom_) {
    text_in(draw, {shown.low.x + 6 * zoom_, shown.low.y + 5 * zoom_}, size, theme::kText, pod.name, width - 12 * zoom_);
    std::string status = pod.status;
    if (restarts > 0) status += "  restarts " + std::to_string(restarts);
    text_in(draw, {shown.low.x + 6 * zoom_, shown.low.y + 24 * zoom_}, size * 0.9f, colour, status,
            cx - shown.low.x - 2 * zoom_);
  } else {
    text_in(draw, {shown.low.x + 6 * zoom_, (shown.low.y + shown.high.y - size) / 2}, size, theme::kText, pod.name,
            cx - shown.low.x - 2 * zoom_);
  }
}

void ClusterView::draw_pending(Frame& frame) {
  if (!has_pending_) return;
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const Box shown = to_screen(pending_);
  draw->AddRect(shown.low, shown.high, theme::faded(theme::kWarn, 0.6f), 6 * zoom_, 0, 1.0f);
  text_in(draw, {shown.low.x + 10 * zoom_, shown.low.y + 12 * zoom_}, 13 * zoom_, theme::kWarn, "Waiting", 80 * zoom_);
  for (std::uint32_t pod : frame.scene.pods_on(0)) draw_pod(frame, frame.scene.pods().at(pod), pods_.at(pod));
}

void ClusterView::draw_services(Frame& frame) {
  ImDrawList* draw = ImGui::GetWindowDrawList();
  for (const auto& [id, service] : frame.scene.services()) {
    const Box shown = to_screen(services_.at(id));
    const bool hovered = shown.contains(ImGui::GetIO().MousePos);
    const bool lit = hovered || frame.selection.is(Selection::Kind::kService, id);
    for (std::uint32_t pod : service.endpoints) {
      const auto at = pods_.find(pod);
      if (at == pods_.end()) continue;
      const ImVec2 from{(shown.low.x + shown.high.x) / 2, shown.high.y};
      const ImVec2 to{to_screen(at->second).centre().x, to_screen(at->second.low).y};
      const float bend = std::max(20.0f, length_of(from, to) * 0.3f);
      draw->AddBezierCubic(from, {from.x, from.y + bend}, {to.x, to.y - bend}, to,
                           theme::faded(theme::kService, lit ? 0.9f : 0.22f), lit ? 2.0f : 1.0f);
    }
    const float round = (shown.high.y - shown.low.y) / 2;
    draw->AddRectFilled(shown.low, shown.high, theme::faded(theme::kService, lit ? 0.45f : 0.22f), round);
    // Without an endpoint a Service answers nobody: a broken outline says so.
    draw->AddRect(shown.low, shown.high, service.endpoints.empty() ? theme::kWarn : theme::kService, round, 0, 1.2f);
    const float size = 13 * zoom_;
    if (size < 5) continue;
    const std::string count = std::to_string(service.endpoints.size());
    const float count_width = ImGui::GetFont()->CalcTextSizeA(size, FLT_MAX, 0, count.c_str()).x;
    text_in(draw, {shown.low.x + 14 * zoom_, shown.low.y + (shown.high.y - shown.low.y - size) / 2}, size, theme::kText,
            service.name + "  " + service.ports, shown.high.x - shown.low.x - count_width - 34 * zoom_);
    draw->AddText(ImGui::GetFont(), size,
                  {shown.high.x - count_width - 12 * zoom_, shown.low.y + (shown.high.y - shown.low.y - size) / 2},
                  service.endpoints.empty() ? theme::kWarn : theme::kGood, count.c_str());
  }
}

bool ClusterView::place_of(std::uint32_t id, ImVec2& out) const {
  if (id == 0) {  // the outside world: above everything
    out = to_screen({content_.x / 2, -10});
    return true;
  }
  for (const auto* map : {&pods_, &services_, &hosts_}) {
    const auto at = map->find(id);
    if (at == map->end()) continue;
    const Box shown = to_screen(at->second);
    out = map == &hosts_ ? ImVec2{shown.low.x + 16 * zoom_, shown.low.y + kHeader * zoom_ / 2} : shown.centre();
    return true;
  }
  return false;
}

void ClusterView::draw_flights(Frame& frame) {
  ImDrawList* draw = ImGui::GetWindowDrawList();
  for (const FlightDot& dot : frame.scene.flights()) {
    ImVec2 from, to;
    if (!place_of(dot.flight.from, from) || !place_of(dot.flight.to, to)) continue;
    const auto progress = static_cast<float>(std::clamp((frame.now - dot.started) / Scene::kFlightSeconds, 0.0, 1.0));
    const float eased = progress * progress * (3 - 2 * progress);
    ImVec2 middle{(from.x + to.x) / 2, std::min(from.y, to.y) - 0.12f * length_of(from, to)};
    if (dot.flight.via_service != 0) (void)place_of(dot.flight.via_service, middle);
    const float a = (1 - eased) * (1 - eased);
    const float b = 2 * (1 - eased) * eased;
    const float c = eased * eased;
    const ImVec2 at{a * from.x + b * middle.x + c * to.x, a * from.y + b * middle.y + c * to.y};
    const ImU32 colour = theme::flight_colour(dot.flight);
    draw->AddBezierQuadratic(from, middle, to, theme::faded(colour, 0.18f), 1.0f);
    draw->AddCircleFilled(at, std::max(2.5f, 4 * zoom_), colour);
    if (dot.flight.refused && progress > 0.9f) draw->AddCircle(to, 9 * zoom_, theme::kBad, 0, 2);
  }
}

void ClusterView::draw_empty(const Frame& frame, ImVec2 area) {
  const char* title = "No instances yet";
  const char* hint = "Press \"+ Add new instance\" to start a machine.";
  ImDrawList* draw = ImGui::GetWindowDrawList();
  ImFont* font = ImGui::GetFont();
  const float big = 22 * frame.scale;
  const float small = 14 * frame.scale;
  const float title_width = font->CalcTextSizeA(big, FLT_MAX, 0, title).x;
  const float hint_width = font->CalcTextSizeA(small, FLT_MAX, 0, hint).x;
  const ImVec2 middle{origin_.x + area.x / 2, origin_.y + area.y / 2};
  draw->AddText(font, big, {middle.x - title_width / 2, middle.y - big}, theme::kText, title);
  draw->AddText(font, small, {middle.x - hint_width / 2, middle.y + 10 * frame.scale}, theme::kTextDim, hint);
}

void ClusterView::pick(Frame& frame) {
  if (!ImGui::IsItemHovered()) return;
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  Selection under;
  for (const auto& [id, box] : hosts_) {
    if (to_screen(box).contains(mouse)) under = {Selection::Kind::kHost, id};
  }
  for (const auto& [id, box] : services_) {
    if (to_screen(box).contains(mouse)) under = {Selection::Kind::kService, id};
  }
  for (const auto& [id, box] : pods_) {
    if (to_screen(box).contains(mouse)) under = {Selection::Kind::kPod, id};
  }
  if (under.kind == Selection::Kind::kPod) {
    const feed::Pod& pod = frame.scene.pods().at(under.id).pod;
    ImGui::SetTooltip("%s/%s\n%s  %s", pod.ns.c_str(), pod.name.c_str(), pod.status.c_str(), pod.address.c_str());
  } else if (under.kind == Selection::Kind::kService) {
    const feed::Service& service = frame.scene.services().at(under.id);
    ImGui::SetTooltip("%s/%s\n%s %s  %s\n%zu ready endpoints", service.ns.c_str(), service.name.c_str(),
                      service.type.c_str(), service.address.c_str(), service.ports.c_str(), service.endpoints.size());
  }
  if (ImGui::IsMouseReleased(ImGuiMouseButton_Left) &&
      length_of(ImGui::GetMouseDragDelta(ImGuiMouseButton_Left), {0, 0}) < 4)
    frame.selection = under;
  if (under.kind == Selection::Kind::kHost && ImGui::IsMouseClicked(ImGuiMouseButton_Right)) {
    frame.commands.push_back(json_command("open", frame.scene.hosts().at(under.id).name));
  }
}

void ClusterView::draw(Frame& frame) {
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  const ImVec2 area = ImGui::GetContentRegionAvail();
  if (area.x < 20 || area.y < 20) return;
  ImGui::InvisibleButton("cluster", area);
  lay_out(frame, area);
  navigate(origin, area);
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->PushClipRect(origin, {origin.x + area.x, origin.y + area.y}, true);
  draw->AddRectFilled(origin, {origin.x + area.x, origin.y + area.y}, theme::kBackground);
  if (frame.scene.hosts().empty()) {
    draw_empty(frame, area);
  } else {
    for (const auto& [id, host] : frame.scene.hosts()) {
      const Box shown = to_screen(hosts_.at(id));
      if (shown.high.x < origin.x || shown.low.x > origin.x + area.x || shown.high.y < origin.y ||
          shown.low.y > origin.y + area.y)
        continue;
      draw_host(frame, host, hosts_.at(id));
      for (std::uint32_t pod : frame.scene.pods_on(id)) draw_pod(frame, frame.scene.pods().at(pod), pods_.at(pod));
    }
    draw_pending(frame);
    draw_services(frame);
    draw_flights(frame);
    pick(frame);
  }
  draw->PopClipRect();
}

}  // namespace drydock::ui
