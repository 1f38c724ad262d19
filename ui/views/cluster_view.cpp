#include "ui/views/cluster_view.h"

#include <algorithm>
#include <cmath>

#include "ui/marks.h"
#include "ui/theme.h"

namespace drydock::ui {
namespace {

constexpr float kMinZoom = 0.3f;
constexpr float kMaxZoom = 16;
constexpr double kSlideSeconds = 0.22;
constexpr float kSmallestName = 9;
// More lines of one Service than this are drawn to the hosts instead.
constexpr std::size_t kLinkLimit = 24;

// Indices of a draw list have 16 bits, and WebGL has no vertex offsets: beyond this
// the rest is drawn plainly, and nothing at all beyond the second.
constexpr unsigned kPlainVertices = 40000;
constexpr unsigned kVertexLimit = 64000;
constexpr std::size_t kTrailLimit = 60;  // more flights than this are dots only

bool crowded(const ImDrawList* draw) { return draw->_VtxCurrentIdx > kPlainVertices; }
bool full(const ImDrawList* draw) { return draw->_VtxCurrentIdx > kVertexLimit; }

std::string restarts_text(const feed::Pod& pod) {
  unsigned restarts = 0;
  for (const feed::Container& container : pod.containers) restarts += container.restarts;
  return restarts == 0 ? "" : "\xe2\x86\xbb" + std::to_string(restarts);
}

// A mirror pod's name without its host's, which is written above it.
std::string_view short_name(const feed::Pod& pod, const Scene& scene) {
  std::string_view name = pod.name;
  const auto host = scene.hosts().find(pod.host);
  if (!pod.control_plane || host == scene.hosts().end()) return name;
  const std::string& suffix = host->second.name;
  if (name.size() > suffix.size() + 1 && name.ends_with(suffix)) name.remove_suffix(suffix.size() + 1);
  return name;
}

}  // namespace

void ClusterView::slide(std::map<std::uint32_t, Box>& shown, const std::map<std::uint32_t, Box>& wanted, float share) {
  std::erase_if(shown, [&](const auto& item) { return !wanted.contains(item.first); });
  auto at = shown.begin();
  for (const auto& [id, target] : wanted) {
    at = shown.lower_bound(id);
    if (at == shown.end() || at->first != id) {
      shown.emplace_hint(at, id, target);
      continue;
    }
    Box& box = at->second;
    const float far = std::max({std::abs(box.low.x - target.low.x), std::abs(box.low.y - target.low.y),
                                std::abs(box.high.x - target.high.x), std::abs(box.high.y - target.high.y)});
    if (far < 0.5f || share >= 1) {
      box = target;
      continue;
    }
    moving_ = true;
    const auto mix = [share](float from, float to) { return from + (to - from) * share; };
    box = {{mix(box.low.x, target.low.x), mix(box.low.y, target.low.y)},
           {mix(box.high.x, target.high.x), mix(box.high.y, target.high.y)}};
  }
}

void ClusterView::lay_out(const Frame& frame, ImVec2 area) {
  const bool resized = area.x != laid_out_area_.x || area.y != laid_out_area_.y;
  if (laid_out_ != frame.scene.places_version() || resized) {
    layout_ = plan_layout(frame.scene, {area.x, area.y});
    laid_out_ = frame.scene.places_version();
    laid_out_area_ = area;
  } else if (!moving_) {
    return;
  }
  const double passed = std::min(0.05, frame.now - slid_);
  slid_ = frame.now;
  const auto share = resized ? 1.0f : static_cast<float>(1 - std::exp(-4 * passed / kSlideSeconds));
  moving_ = false;
  slide(hosts_, layout_.hosts, share);
  slide(pods_, layout_.pods, share);
  slide(services_, layout_.services, share);
}

bool ClusterView::visible(const Box& shown) const {
  return shown.high.x >= origin_.x && shown.low.x <= origin_.x + area_.x && shown.high.y >= origin_.y &&
         shown.low.y <= origin_.y + area_.y;
}

void ClusterView::zoom_at(ImVec2 point, float factor) {
  const float old_zoom = zoom_;
  zoom_ = std::clamp(zoom_ * factor, kMinZoom, kMaxZoom);
  const float grown = zoom_ / old_zoom - 1;
  pan_.x -= (point.x - origin_.x - pan_.x) * grown;
  pan_.y -= (point.y - origin_.y - pan_.y) * grown;
  fitted_ = false;
}

void ClusterView::zoom(float factor) { zoom_at({origin_.x + area_.x / 2, origin_.y + area_.y / 2}, factor); }

void ClusterView::pan(float x, float y) {
  pan_.x += x;
  pan_.y += y;
  fitted_ = false;
}

void ClusterView::navigate(Frame& frame) {
  const ImGuiIO& io = ImGui::GetIO();
  const bool hovered = ImGui::IsItemHovered();
  if (hovered && io.MouseWheel != 0) zoom_at(io.MousePos, std::pow(1.15f, io.MouseWheel));
  if (ImGui::IsItemActive() && ImGui::IsMouseDragging(ImGuiMouseButton_Left, 4)) pan(io.MouseDelta.x, io.MouseDelta.y);
  if (hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) {
    if (hovered_.kind == Selection::Kind::kNone)
      fitted_ = true;
    else
      open_terminal(frame, hovered_);
  }
  if (!fitted_) {
    // The picture cannot get lost.
    pan_.x = std::clamp(pan_.x, 60 - layout_.width * zoom_, area_.x - 60);
    pan_.y = std::clamp(pan_.y, 40 - layout_.height * zoom_, area_.y - 40);
    return;
  }
  zoom_ = std::clamp(std::min(1.0f, area_.y / std::max(1.0f, layout_.height)), kMinZoom, 1.0f);
  pan_ = {std::floor(std::max(0.0f, (area_.x - layout_.width * zoom_) / 2)), 0};
}

void ClusterView::draw_host(Frame& frame, const feed::Host& host, const Box& shown) {
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const ImVec2 low{shown.low.x, shown.low.y};
  const ImVec2 high{shown.high.x, shown.high.y};
  const float width = shown.width();
  const float header = std::min(layout_.header * zoom_, shown.height());
  const float round = width > 120 ? 8.0f : 4.0f;
  const bool selected = frame.selection.is(Selection::Kind::kHost, host.id);
  const bool lit = hovered_.is(Selection::Kind::kHost, host.id);
  draw->AddRectFilled(low, high, theme::kHostFill, round);
  draw->AddRectFilled(low, {high.x, low.y + header}, theme::kHostHeader, round, ImDrawFlags_RoundCornersTop);
  const ImU32 border = selected                                   ? theme::kAccent
                       : host.state == feed::HostState::kNotReady ? theme::faded(theme::kBad, 0.8f)
                       : lit                                      ? theme::kTextDim
                                                                  : theme::kHostBorder;
  draw->AddRect(low, high, border, round, 0, selected ? 2.0f : 1.0f);
  if (header < 12 || width < 40) return;
  const Letters& letters = frame.letters;
  const bool two_lines = header >= 34;
  const bool tight = header < 42;  // two lines have just room
  const bool narrow = width < 90;
  const float line = two_lines ? low.y + (tight ? std::max(2.0f, (header - 30) / 2) : 6.0f)
                               : low.y + std::max(1.0f, (header - 16) / 2);
  float size = header >= 70 ? 18.0f : two_lines ? (tight ? 13.0f : 14.0f) : std::min(13.0f, header - 3);
  const float dot = size * (narrow ? 0.26f : 0.32f);
  float pen = low.x + (narrow ? 4.0f : 8.0f);
  host_mark(draw, {pen + dot, line + size * 0.62f}, dot, host.state);
  pen += 2 * dot + (narrow ? 3.0f : 6.0f);
  // The role as a badge at the right, when there is room.
  float right = high.x - (narrow ? 2.0f : 8.0f);
  const std::string role = host.role.empty() ? "" : host.role;
  if (!role.empty() && two_lines) {
    const float badge = letters.width(11, role) + 12;
    if (badge < width * 0.45f) {
      const ImVec2 at{right - badge, line + 1};
      const ImU32 tint = host.role == "control-plane" ? theme::kAccent : theme::kTextDim;
      draw->AddRectFilled(at, {right, at.y + 17}, theme::faded(tint, 0.18f), 8.5f);
      letters.draw(draw, {at.x + 6, at.y + 1}, 11, tint, role, badge);
      right = at.x - 6;
    }
  }
  // A name that tells node1 from node10 is worth more than its size.
  if (narrow) {
    while (size > kSmallestName && letters.width(size, host.name, Weight::kBold) > right - pen) size -= 1;
  }
  letters.draw(draw, {pen, line}, size, theme::kText, host.name, right - pen, Weight::kBold);
  if (!two_lines) return;
  const float second = line + size + (tight ? 4.0f : 5.0f);
  right = high.x - 8;
  if (host.memory_bytes > 0 && width > 190) {
    const float share = std::min(1.0f, static_cast<float>(host.memory_used) / static_cast<float>(host.memory_bytes));
    const ImVec2 bar{right - 64, second + 5};
    draw->AddRectFilled(bar, {right, bar.y + 5}, theme::kHostBorder, 2.5f);
    draw->AddRectFilled(bar, {bar.x + 64 * std::max(0.05f, share), bar.y + 5},
                        share > 0.85f ? theme::kBad : theme::kAccent, 2.5f);
    right = bar.x - 8;
  }
  std::string facts = host.address;
  if (host.state == feed::HostState::kNotReady || host.state == feed::HostState::kCordoned) {
    const std::string_view state = host.state == feed::HostState::kNotReady ? "NotReady" : "cordoned";
    pen += letters.draw(draw, {pen, second}, 12, theme::host_colour(host.state), state, right - pen) + 8;
  } else if (!host.version.empty()) {
    facts += "  " + host.version;
  }
  letters.draw(draw, {pen, second}, 12, theme::kTextDim, facts, right - pen);
  if (frame.scene.pods_on(host.id).empty() && shown.height() - header > 24) {
    const char* hint = host.state == feed::HostState::kNoCluster ? "not in a cluster yet" : "no pods";
    letters.draw(draw, {low.x + 12, low.y + header + 12}, 12, theme::kTextFaint, hint, width - 24);
  }
}

void ClusterView::draw_pod(Frame& frame, const PodMark& mark, const Box& shown) {
  ImDrawList* draw = ImGui::GetWindowDrawList();
  if (!visible(shown) || full(draw)) return;
  const feed::Pod& pod = mark.pod;
  const ImVec2 low{shown.low.x, shown.low.y};
  const ImVec2 high{shown.high.x, shown.high.y};
  const float width = shown.width();
  const float height = shown.height();
  const ImU32 colour = theme::pod_colour(pod.phase);
  // Corners that are hardly seen cost ten times the vertices.
  const float round = height < 15 || crowded(draw) ? 0 : std::min(4.0f, height / 4);
  const auto age = static_cast<float>(frame.now - mark.changed);
  if (age < Scene::kGlowSeconds && height > 8 && !crowded(draw)) {
    const float left = static_cast<float>(Scene::kGlowSeconds) - age;
    const float glow = std::min(3.0f, height / 8) * left;
    draw->AddRect({low.x - glow, low.y - glow}, {high.x + glow, high.y + glow}, theme::faded(colour, 0.7f * left),
                  round + glow, 0, 2);
  }
  const bool selected = frame.selection.is(Selection::Kind::kPod, pod.id);
  const bool lit = hovered_.is(Selection::Kind::kPod, pod.id);
  if (height < 15 || width < 48 || crowded(draw)) {
    pod_mark(draw, low, high, pod.phase, round);
    if (selected || lit) draw->AddRect({low.x - 2, low.y - 2}, {high.x + 2, high.y + 2}, theme::kText, round + 2, 0, 2);
    return;
  }
  const bool failed = pod.phase == feed::PodPhase::kFailed;
  draw->AddRectFilled(low, high, theme::kPodFill, round);
  draw->AddRectFilled(low, high, theme::faded(colour, failed ? 0.22f : 0.13f), round);
  draw->AddRectFilled(low, {low.x + 3, high.y}, colour, round, ImDrawFlags_RoundCornersLeft);
  if (selected || lit || failed) {
    draw->AddRect(low, high, selected ? theme::kText : theme::faded(colour, lit ? 1.0f : 0.6f), round, 0,
                  selected ? 2.0f : 1.0f);
  }
  const bool card = height >= 34;
  const float size = card ? 13.0f : std::min(12.0f, std::max(9.0f, height - 7));
  // One mark a container, from the right.
  const float radius = std::clamp(height / 7, 2.5f, 4.0f);
  float right = high.x - 6;
  const float marks_y = card ? high.y - 11 : (low.y + high.y) / 2;
  const float name_right = card ? high.x - 6 : 0;
  for (auto container = pod.containers.rbegin(); container != pod.containers.rend() && right > low.x + width * 0.55f;
       ++container) {
    container_mark(draw, {right - radius, marks_y}, radius, *container);
    right -= 2 * radius + 3;
  }
  const Letters& letters = frame.letters;
  const std::string restarts = restarts_text(pod);
  if (!restarts.empty() && width > 90) {
    const float room = letters.width(11, restarts);
    right -= room + 2;
    letters.draw(draw, {right, marks_y - 7}, 11, theme::kWarn, restarts, room + 1);
  }
  const float left = low.x + 8;
  const float name_y = card ? low.y + 4 : std::floor((low.y + high.y - size * 1.3f) / 2);
  letters.draw(draw, {left, name_y}, size, theme::kText, short_name(pod, frame.scene),
               (card ? name_right : right - 3) - left);
  if (card) letters.draw(draw, {left, high.y - 19}, 11, colour, pod.status, right - 4 - left);
}

void ClusterView::draw_waiting(Frame& frame) {
  const std::vector<std::uint32_t>& waiting = frame.scene.pods_on(0);
  if (waiting.empty()) return;
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const Box shown = to_screen(layout_.waiting);
  const ImVec2 low{shown.low.x, shown.low.y};
  draw->AddRectFilled(low, {shown.high.x, shown.high.y}, theme::faded(theme::kWarn, 0.06f), 8);
  draw->AddRect(low, {shown.high.x, shown.high.y}, theme::faded(theme::kWarn, 0.45f), 8);
  frame.letters.draw(draw, {low.x + 10, low.y + 8}, 12, theme::kWarn, "Waiting", 60 * std::max(1.0f, zoom_),
                     Weight::kBold);
  for (const std::uint32_t pod : waiting) draw_pod(frame, frame.scene.pods().at(pod), to_screen(pods_.at(pod)));
}

void ClusterView::draw_outside(Frame& frame) {
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const Box shown = to_screen(layout_.outside);
  const float height = shown.height();
  draw->AddRectFilled({shown.low.x, shown.low.y}, {shown.high.x, shown.high.y}, theme::kHostFill, height / 2);
  draw->AddRect({shown.low.x, shown.low.y}, {shown.high.x, shown.high.y}, theme::kHostBorder, height / 2);
  if (height < 13) return;
  const float width = frame.letters.width(12, "Internet");
  frame.letters.draw(draw, {shown.centre().x - width / 2, shown.centre().y - 8}, 12, theme::kTextDim, "Internet",
                     shown.width());
}

void ClusterView::draw_links(Frame& frame, const feed::Service& service, const Box& pill, bool lit) {
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const ImVec2 from{pill.centre().x, pill.high.y};
  const auto link = [&](ImVec2 to, ImU32 colour, float thickness) {
    const float bend = std::max(16.0f, std::abs(to.y - from.y) * 0.45f);
    draw->AddBezierCubic(from, {from.x, from.y + bend}, {to.x, to.y - bend}, to, colour, thickness, 18);
  };
  if (service.endpoints.size() > kLinkLimit) {
    // One line a host, as wide as the endpoints it has are many.
    std::map<std::uint32_t, std::size_t> per_host;
    for (const std::uint32_t id : service.endpoints) {
      const auto pod = frame.scene.pods().find(id);
      if (pod == frame.scene.pods().end()) continue;
      ++per_host[pod->second.pod.host];
      const auto at = pods_.find(id);
      if (!lit || at == pods_.end() || full(draw)) continue;
      const Box box = to_screen(at->second);
      draw->AddRect({box.low.x - 1, box.low.y - 1}, {box.high.x + 1, box.high.y + 1}, theme::kService, 2, 0, 1.5f);
    }
    for (const auto& [host, count] : per_host) {
      const auto at = hosts_.find(host);
      if (at == hosts_.end()) continue;
      const Box box = to_screen(at->second);
      const float share = static_cast<float>(count) / static_cast<float>(service.endpoints.size());
      link({box.centre().x, box.low.y}, theme::faded(theme::kService, lit ? 0.95f : 0.4f), 1 + 5 * share);
    }
    return;
  }
  for (const std::uint32_t id : service.endpoints) {
    const auto at = pods_.find(id);
    if (at == pods_.end()) continue;
    const Box box = to_screen(at->second);
    const ImVec2 to{box.centre().x, box.low.y};
    link(to, theme::faded(theme::kService, lit ? 0.95f : 0.3f), lit ? 2.0f : 1.2f);
    if (lit) draw->AddCircleFilled(to, 3, theme::kService);
  }
}

void ClusterView::draw_services(Frame& frame) {
  ImDrawList* draw = ImGui::GetWindowDrawList();
  for (const auto& [id, service] : frame.scene.services()) {
    if (full(draw)) return;
    const Box shown = to_screen(services_.at(id));
    const bool selected = frame.selection.is(Selection::Kind::kService, id);
    const bool lit = selected || hovered_.is(Selection::Kind::kService, id);
    draw_links(frame, service, shown, lit);
    const float height = shown.height();
    const ImVec2 low{shown.low.x, shown.low.y};
    const ImVec2 high{shown.high.x, shown.high.y};
    // Without an endpoint a Service answers nobody.
    const bool idle = service.endpoints.empty() && service.type != "ExternalName" && service.name != "kubernetes";
    draw->AddRectFilled(low, high, theme::kBackground, height / 2);
    draw->AddRectFilled(low, high, theme::faded(theme::kService, lit ? 0.5f : 0.25f), height / 2);
    draw->AddRect(low, high, idle ? theme::kWarn : theme::kService, height / 2, 0, selected ? 2.0f : 1.0f);
    if (height < 13) continue;
    const float y = std::floor(shown.centre().y - 8);
    float right = high.x - 10;
    if (service.name != "kubernetes") {
      const std::string count = std::to_string(service.endpoints.size());
      const float count_width = frame.letters.width(12, count, Weight::kBold);
      right -= count_width;
      frame.letters.draw(draw, {right, y}, 12, idle ? theme::kWarn : theme::kGood, count, count_width + 1,
                         Weight::kBold);
      right -= 6;
    }
    const float left = low.x + 10;
    const float name = frame.letters.draw(draw, {left, y}, 12, theme::kText, service.name, right - left);
    if (right - left - name > 24)
      frame.letters.draw(draw, {left + name + 6, y}, 11, theme::kTextDim, service.ports, right - left - name - 6);
  }
}

bool ClusterView::place_of(std::uint32_t id, ImVec2& out) const {
  if (id == 0) {
    const Box shown = to_screen(layout_.outside);
    out = {shown.centre().x, shown.centre().y};
    return true;
  }
  for (const auto* map : {&pods_, &services_, &hosts_}) {
    const auto at = map->find(id);
    if (at == map->end()) continue;
    const Box shown = to_screen(at->second);
    out = map == &hosts_ ? ImVec2{shown.low.x + 13, shown.low.y + 14} : ImVec2{shown.centre().x, shown.centre().y};
    return true;
  }
  return false;
}

void ClusterView::draw_flights(Frame& frame) {
  ImDrawList* draw = ImGui::GetWindowDrawList();
  for (const FlightDot& dot : frame.scene.flights()) {
    ImVec2 from, to;
    if (full(draw)) return;
    if (!place_of(dot.flight.from, from) || !place_of(dot.flight.to, to)) continue;
    const auto progress = static_cast<float>(std::clamp((frame.now - dot.started) / Scene::kFlightSeconds, 0.0, 1.0));
    const float eased = progress * progress * (3 - 2 * progress);
    const float length = std::hypot(from.x - to.x, from.y - to.y);
    ImVec2 middle{(from.x + to.x) / 2, std::max(origin_.y + 4, std::min(from.y, to.y) - 0.12f * length)};
    if (dot.flight.via_service != 0) (void)place_of(dot.flight.via_service, middle);
    const float a = (1 - eased) * (1 - eased);
    const float b = 2 * (1 - eased) * eased;
    const float c = eased * eased;
    const ImVec2 at{a * from.x + b * middle.x + c * to.x, a * from.y + b * middle.y + c * to.y};
    const ImU32 colour = theme::flight_colour(dot.flight);
    const float fade = std::min(1.0f, (1 - progress) * 4);
    if (frame.scene.flights().size() <= kTrailLimit && !crowded(draw)) {
      draw->AddBezierQuadratic(from, middle, to, theme::faded(colour, 0.25f * fade), 1.2f, 16);
      draw->AddCircleFilled(at, 6, theme::faded(colour, 0.25f * fade), 12);
    }
    draw->AddCircleFilled(at, 3, colour, 10);
    if (dot.flight.refused && progress > 0.8f) {
      draw->AddLine({to.x - 5, to.y - 5}, {to.x + 5, to.y + 5}, theme::kBad, 2.5f);
      draw->AddLine({to.x - 5, to.y + 5}, {to.x + 5, to.y - 5}, theme::kBad, 2.5f);
    }
  }
}

void ClusterView::draw_empty(Frame& frame) {
  constexpr std::string_view kTitle = "No instances yet";
  constexpr std::string_view kHint = "Machines you add appear here, with their pods, Services and requests.";
  constexpr std::string_view kShortHints[] = {"Machines you add appear here,",
                                              "with their pods, Services and requests."};
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const ImVec2 middle{origin_.x + area_.x / 2, origin_.y + area_.y / 2};
  const float title = frame.letters.width(20, kTitle, Weight::kBold);
  frame.letters.draw(draw, {middle.x - title / 2, middle.y - 26}, 20, theme::kText, kTitle, area_.x, Weight::kBold);
  float y = middle.y + 6;
  const auto centred = [&](std::string_view text) {
    const float width = std::min(frame.letters.width(13, text), area_.x - 20);
    frame.letters.draw(draw, {middle.x - width / 2, y}, 13, theme::kTextDim, text, area_.x - 16);
    y += 18;
  };
  if (frame.letters.width(13, kHint) <= area_.x - 20) return centred(kHint);
  for (const std::string_view line : kShortHints) centred(line);
}

void ClusterView::tell(Frame& frame, Selection what) const {
  const auto dim = ImGui::ColorConvertU32ToFloat4(theme::kTextDim);
  if (what.kind == Selection::Kind::kPod) {
    const feed::Pod& pod = frame.scene.pods().at(what.id).pod;
    ImGui::BeginTooltip();
    ImGui::TextUnformatted((pod.ns + "/" + pod.name).c_str());
    ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(theme::pod_colour(pod.phase)), "%s", pod.status.c_str());
    if (!pod.address.empty()) {
      ImGui::SameLine();
      ImGui::TextColored(dim, "%s", pod.address.c_str());
    }
    for (const feed::Container& container : pod.containers) {
      ImGui::TextColored(dim, "%s  %s%s", container.name.c_str(), container.image.c_str(),
                         container.reason.empty() ? "" : ("  " + container.reason).c_str());
    }
    ImGui::EndTooltip();
  } else if (what.kind == Selection::Kind::kService) {
    const feed::Service& service = frame.scene.services().at(what.id);
    ImGui::BeginTooltip();
    ImGui::TextUnformatted((service.ns + "/" + service.name).c_str());
    ImGui::TextColored(dim, "%s  %s  %s", service.type.c_str(), service.address.c_str(), service.ports.c_str());
    if (service.name != "kubernetes") ImGui::TextColored(dim, "%zu ready endpoints", service.endpoints.size());
    ImGui::EndTooltip();
  } else if (what.kind == Selection::Kind::kHost &&
             frame.scene.hosts().at(what.id).state == feed::HostState::kNotReady) {
    const feed::Host& host = frame.scene.hosts().at(what.id);
    ImGui::BeginTooltip();
    ImGui::TextUnformatted(host.name.c_str());
    ImGui::PushTextWrapPos(320);
    ImGui::TextColored(dim, "NotReady. %s", host.reason.c_str());
    ImGui::PopTextWrapPos();
    ImGui::EndTooltip();
  }
}

void ClusterView::open_terminal(Frame& frame, Selection what) const {
  std::uint32_t host = what.kind == Selection::Kind::kHost ? what.id : 0;
  if (what.kind == Selection::Kind::kPod) host = frame.scene.pods().at(what.id).pod.host;
  const auto found = frame.scene.hosts().find(host);
  if (found != frame.scene.hosts().end()) frame.commands.push_back("{\"open\":\"" + found->second.name + "\"}");
}

void ClusterView::pick(Frame& frame) {
  hovered_ = {};
  if (!ImGui::IsItemHovered()) return;
  const ImVec2 at = ImGui::GetIO().MousePos;
  const Point mouse{at.x, at.y};
  for (const auto& [id, box] : hosts_) {
    if (to_screen(box).contains(mouse)) hovered_ = {Selection::Kind::kHost, id};
  }
  for (const auto& [id, box] : services_) {
    if (to_screen(box).contains(mouse)) hovered_ = {Selection::Kind::kService, id};
  }
  for (const auto& [id, box] : pods_) {
    if (to_screen(box).contains(mouse)) hovered_ = {Selection::Kind::kPod, id};
  }
  const ImVec2 dragged = ImGui::GetMouseDragDelta(ImGuiMouseButton_Left);
  if (ImGui::IsMouseReleased(ImGuiMouseButton_Left) && std::hypot(dragged.x, dragged.y) < 4) frame.selection = hovered_;
  if (hovered_.kind != Selection::Kind::kNone && !ImGui::IsMouseDown(ImGuiMouseButton_Left)) tell(frame, hovered_);
}

void ClusterView::select_next(Frame& frame, int step) const {
  std::vector<Selection> order;
  for (const auto& [id, service] : frame.scene.services()) order.push_back({Selection::Kind::kService, id});
  for (const std::uint32_t pod : frame.scene.pods_on(0)) order.push_back({Selection::Kind::kPod, pod});
  for (const std::uint32_t host : frame.scene.host_order()) {
    order.push_back({Selection::Kind::kHost, host});
    for (const std::uint32_t pod : frame.scene.pods_on(host)) order.push_back({Selection::Kind::kPod, pod});
  }
  if (order.empty()) return;
  const auto size = static_cast<std::ptrdiff_t>(order.size());
  const auto found = std::find(order.begin(), order.end(), frame.selection);
  const std::ptrdiff_t at = found == order.end() ? (step > 0 ? -1 : size) : found - order.begin();
  frame.selection = order[static_cast<std::size_t>(((at + step) % size + size) % size)];
}

void ClusterView::draw(Frame& frame) {
  origin_ = ImGui::GetCursorScreenPos();
  area_ = ImGui::GetContentRegionAvail();
  if (area_.x < 20 || area_.y < 20) return;
  ImGui::InvisibleButton("cluster", area_);
  lay_out(frame, area_);
  pick(frame);
  navigate(frame);
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->PushClipRect(origin_, {origin_.x + area_.x, origin_.y + area_.y}, true);
  if (frame.scene.hosts().empty()) {
    draw_empty(frame);
  } else {
    for (const auto& [id, host] : frame.scene.hosts()) {
      const Box shown = to_screen(hosts_.at(id));
      if (!visible(shown)) continue;
      draw_host(frame, host, shown);
      for (const std::uint32_t pod : frame.scene.pods_on(id))
        draw_pod(frame, frame.scene.pods().at(pod), to_screen(pods_.at(pod)));
    }
    draw_waiting(frame);
    draw_outside(frame);
    draw_services(frame);
    draw_flights(frame);
  }
  draw->PopClipRect();
}

}  // namespace drydock::ui
