#include "ui/views/detail_view.h"

#include <imgui.h>

#include "ui/theme.h"

namespace drydock::ui {
namespace {

void row(const char* label, const std::string& value) {
  if (value.empty()) return;
  ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(theme::kTextDim), "%s", label);
  ImGui::SameLine(ImGui::GetFontSize() * 6);
  ImGui::TextWrapped("%s", value.c_str());
}

const char* container_state(feed::ContainerState state) {
  switch (state) {
    case feed::ContainerState::kWaiting:
      return "waiting";
    case feed::ContainerState::kRunning:
      return "running";
    case feed::ContainerState::kTerminated:
      return "terminated";
    case feed::ContainerState::kCrashed:
      return "crashed";
  }
  return "";
}

}  // namespace

void DetailView::draw_host(Frame& frame, const feed::Host& host) {
  ImGui::Text("%s", host.name.c_str());
  ImGui::Separator();
  row("State", theme::host_state_name(host.state));
  row("Role", host.role);
  row("Address", host.address);
  row("Kubelet", host.version);
  row("CPUs", std::to_string(host.cpus));
  row("Memory", std::to_string(host.memory_used >> 20) + " of " + std::to_string(host.memory_bytes >> 20) + " MiB");
  row("Pods", std::to_string(frame.scene.pods_on(host.id).size()));
  if (ImGui::Button("Open a terminal")) frame.commands.push_back("{\"open\":\"" + host.name + "\"}");
}

void DetailView::draw_pod(Frame& frame, const feed::Pod& pod) {
  ImGui::TextWrapped("%s", pod.name.c_str());
  ImGui::Separator();
  row("Namespace", pod.ns);
  row("Status", pod.status);
  row("Address", pod.address);
  row("Owner", pod.owner);
  const auto host = frame.scene.hosts().find(pod.host);
  row("Node", host == frame.scene.hosts().end() ? "not scheduled" : host->second.name);
  for (const feed::Container& container : pod.containers) {
    ImGui::BulletText("%s: %s%s, restarts %u", container.name.c_str(), container_state(container.state),
                      container.ready ? ", ready" : "", static_cast<unsigned>(container.restarts));
  }
}

void DetailView::draw_service(Frame& frame, const feed::Service& service) {
  ImGui::Text("%s", service.name.c_str());
  ImGui::Separator();
  row("Namespace", service.ns);
  row("Type", service.type);
  row("Address", service.address);
  row("Ports", service.ports);
  ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(theme::kTextDim), "Endpoints");
  for (std::uint32_t id : service.endpoints) {
    const auto pod = frame.scene.pods().find(id);
    if (pod != frame.scene.pods().end()) ImGui::BulletText("%s", pod->second.pod.name.c_str());
  }
  if (service.endpoints.empty()) ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(theme::kWarn), "none ready");
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
