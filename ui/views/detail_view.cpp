#include "ui/views/detail_view.h"

#include <imgui.h>

#include "ui/marks.h"
#include "ui/theme.h"

namespace drydock::ui {
namespace {

constexpr float kLabelWidth = 92;
constexpr std::size_t kEventsShown = 8;
constexpr std::size_t kEndpointsShown = 40;

ImVec4 colour(ImU32 value) { return ImGui::ColorConvertU32ToFloat4(value); }

void wrapped(ImU32 tint, const std::string& text) {
  ImGui::PushStyleColor(ImGuiCol_Text, tint);
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(text.c_str());
  ImGui::PopTextWrapPos();
  ImGui::PopStyleColor();
}

void row(const char* label, const std::string& value, ImU32 tint = theme::kText) {
  if (value.empty()) return;
  ImGui::TextColored(colour(theme::kTextDim), "%s", label);
  ImGui::SameLine(kLabelWidth);
  wrapped(tint, value);
}

void heading(const char* text) {
  ImGui::Spacing();
  ImGui::SeparatorText(text);
}

void title(Frame& frame, const std::string& text) {
  ImGui::PushFont(frame.letters.font(15, Weight::kBold));
  wrapped(theme::kText, text);
  ImGui::PopFont();
}

const char* state_name(const feed::Container& container) {
  switch (container.state) {
    case feed::ContainerState::kWaiting:
      return "waiting";
    case feed::ContainerState::kRunning:
      return container.ready ? "running, ready" : "running, not ready";
    case feed::ContainerState::kTerminated:
      return "ended";
    case feed::ContainerState::kCrashed:
      return "in trouble";
  }
  return "";
}

// A mark in the line, as the picture draws it.
template <class Draw>
void inline_mark(Draw draw) {
  const float size = ImGui::GetTextLineHeight();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  draw(ImVec2{at.x + size / 2, at.y + size / 2 + 1});
  ImGui::Dummy({size, size});
  ImGui::SameLine(0, 4);
}

}  // namespace

void DetailView::draw_events(Frame& frame, const std::string& object) {
  std::size_t shown = 0;
  const auto& events = frame.scene.events();
  for (auto event = events.rbegin(); event != events.rend() && shown < kEventsShown; ++event) {
    if (event->object != object) continue;
    if (shown++ == 0) heading("Events, newest first");
    wrapped(event->warning ? theme::kWarn : theme::kAccent, (event->warning ? "! " : "") + event->reason);
    wrapped(theme::kTextDim, event->message);
  }
}

void DetailView::draw_host(Frame& frame, const feed::Host& host) {
  title(frame, host.name);
  row("State", theme::host_state_name(host.state), theme::host_colour(host.state));
  row("Why", host.state == feed::HostState::kNotReady ? host.reason : "", theme::kTextDim);
  row("Role", host.role);
  row("Address", host.address);
  row("Kubelet", host.version);
  row("CPUs", std::to_string(host.cpus));
  row("Memory", std::to_string(host.memory_used >> 20) + " of " + std::to_string(host.memory_bytes >> 20) + " MiB");
  row("Pods", std::to_string(frame.scene.pods_on(host.id).size()));
  ImGui::Spacing();
  if (ImGui::Button("Open its terminal")) frame.commands.push_back("{\"open\":\"" + host.name + "\"}");
  draw_events(frame, "Node " + host.name);
}

void DetailView::draw_pod(Frame& frame, const feed::Pod& pod) {
  title(frame, pod.name);
  row("Namespace", pod.ns);
  row("Status", pod.status, theme::pod_colour(pod.phase));
  row("Address", pod.address);
  row("Owner", pod.owner);
  const auto host = frame.scene.hosts().find(pod.host);
  row("Node", host == frame.scene.hosts().end() ? "not scheduled" : host->second.name);
  heading("Containers");
  for (const feed::Container& container : pod.containers) {
    inline_mark([&](ImVec2 centre) { container_mark(ImGui::GetWindowDrawList(), centre, 4.5f, container); });
    wrapped(theme::kText, container.name + ": " + state_name(container));
    ImGui::Indent(17);
    wrapped(theme::kTextDim, container.image);
    if (!container.reason.empty())
      wrapped(container.state == feed::ContainerState::kCrashed ? theme::kBad : theme::kTextDim, container.reason);
    if (container.restarts > 0) wrapped(theme::kWarn, "restarted " + std::to_string(container.restarts) + " times");
    ImGui::Unindent(17);
  }
  if (!pod.conditions.empty()) heading("Conditions");
  for (const feed::Condition& condition : pod.conditions) {
    inline_mark([&](ImVec2 centre) {
      ImDrawList* draw = ImGui::GetWindowDrawList();
      if (condition.met)
        draw->AddCircleFilled(centre, 4, theme::kGood);
      else
        draw->AddCircle(centre, 4, theme::kWarn, 0, 1.5f);
    });
    wrapped(condition.met ? theme::kText : theme::kTextDim,
            condition.type + (condition.met ? "" : ": not yet") +
                (condition.reason.empty() || condition.met ? "" : ", " + condition.reason));
  }
  draw_events(frame, "Pod " + pod.ns + "/" + pod.name);
}

void DetailView::draw_service(Frame& frame, const feed::Service& service) {
  title(frame, service.name);
  row("Namespace", service.ns);
  row("Type", service.type);
  row("Address", service.address);
  row("Ports", service.ports);
  heading("Ready endpoints");
  std::size_t shown = 0;
  for (const std::uint32_t id : service.endpoints) {
    const auto pod = frame.scene.pods().find(id);
    if (pod == frame.scene.pods().end()) continue;
    if (++shown > kEndpointsShown) break;
    inline_mark([&](ImVec2 centre) { ImGui::GetWindowDrawList()->AddCircleFilled(centre, 4, theme::kService); });
    wrapped(theme::kText, pod->second.pod.name);
    ImGui::SameLine();
    ImGui::TextColored(colour(theme::kTextDim), "%s", pod->second.pod.address.c_str());
  }
  if (service.endpoints.size() > kEndpointsShown)
    ImGui::TextColored(colour(theme::kTextDim), "and %zu more", service.endpoints.size() - kEndpointsShown);
  if (service.endpoints.empty())
    wrapped(service.name == "kubernetes" ? theme::kTextDim : theme::kWarn,
            service.name == "kubernetes" ? "the API server itself" : "none");
  draw_events(frame, "Service " + service.ns + "/" + service.name);
}

void DetailView::draw(Frame& frame) {
  const Selection picked = frame.selection;
  if (picked.kind == Selection::Kind::kHost && frame.scene.hosts().contains(picked.id))
    return draw_host(frame, frame.scene.hosts().at(picked.id));
  if (picked.kind == Selection::Kind::kPod && frame.scene.pods().contains(picked.id))
    return draw_pod(frame, frame.scene.pods().at(picked.id).pod);
  if (picked.kind == Selection::Kind::kService && frame.scene.services().contains(picked.id)) {
    return draw_service(frame, frame.scene.services().at(picked.id));
  }
  frame.selection = {};
}

}  // namespace drydock::ui
