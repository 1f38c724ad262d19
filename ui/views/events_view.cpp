#include "ui/views/events_view.h"

#include <imgui.h>

#include "ui/theme.h"

namespace drydock::ui {

void EventsView::draw(Frame& frame) {
  const auto& events = frame.scene.events();
  if (events.empty()) {
    ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(theme::kTextDim), "No events yet.");
    return;
  }
  const bool at_end = ImGui::GetScrollY() >= ImGui::GetScrollMaxY() - 4;
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(events.size()));
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      const feed::Event& event = events[static_cast<std::size_t>(i)];
      const auto second_of_day = (event.time_ns / 1000000000) % 86400;
      ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(theme::kTextDim), "%02d:%02d:%02d",
                         static_cast<int>(second_of_day / 3600), static_cast<int>(second_of_day / 60 % 60),
                         static_cast<int>(second_of_day % 60));
      ImGui::SameLine();
      ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(event.warning ? theme::kWarn : theme::kAccent), "%s%s",
                         event.warning ? "! " : "", event.reason.c_str());
      ImGui::SameLine();
      ImGui::Text("%s  %s", event.object.c_str(), event.message.c_str());
    }
  }
  if (at_end) ImGui::SetScrollHereY(1.0f);
}

}  // namespace drydock::ui
