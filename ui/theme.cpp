#include "ui/theme.h"

namespace drydock::ui::theme {

ImU32 pod_colour(feed::PodPhase phase) {
  switch (phase) {
    case feed::PodPhase::kPending:
      return IM_COL32(251, 191, 36, 255);
    case feed::PodPhase::kCreating:
      return IM_COL32(96, 165, 250, 255);
    case feed::PodPhase::kRunning:
      return IM_COL32(74, 222, 128, 255);
    case feed::PodPhase::kNotReady:
      return IM_COL32(163, 230, 53, 255);
    case feed::PodPhase::kSucceeded:
      return IM_COL32(148, 163, 184, 255);
    case feed::PodPhase::kFailed:
      return IM_COL32(248, 113, 113, 255);
    case feed::PodPhase::kTerminating:
      return IM_COL32(192, 132, 252, 255);
    case feed::PodPhase::kUnknown:
      return IM_COL32(100, 116, 139, 255);
  }
  return kTextDim;
}

const char* pod_phase_name(feed::PodPhase phase) {
  switch (phase) {
    case feed::PodPhase::kPending:
      return "Pending";
    case feed::PodPhase::kCreating:
      return "Creating";
    case feed::PodPhase::kRunning:
      return "Running";
    case feed::PodPhase::kNotReady:
      return "Not ready";
    case feed::PodPhase::kSucceeded:
      return "Completed";
    case feed::PodPhase::kFailed:
      return "Failed";
    case feed::PodPhase::kTerminating:
      return "Terminating";
    case feed::PodPhase::kUnknown:
      return "Unknown";
  }
  return "";
}

ImU32 flight_colour(const feed::Flight& flight) {
  if (flight.refused) return kBad;
  switch (flight.kind) {
    case feed::FlightKind::kHttp:
      return IM_COL32(250, 250, 250, 255);
    case feed::FlightKind::kDns:
      return IM_COL32(34, 211, 238, 255);
    case feed::FlightKind::kApi:
      return kAccent;
    case feed::FlightKind::kImage:
      return IM_COL32(251, 146, 60, 255);
    case feed::FlightKind::kHeartbeat:
    case feed::FlightKind::kOther:
      return kTextDim;
  }
  return kTextDim;
}

ImU32 host_colour(feed::HostState state) {
  switch (state) {
    case feed::HostState::kNoCluster:
      return kTextDim;
    case feed::HostState::kNotReady:
      return kBad;
    case feed::HostState::kReady:
      return kGood;
    case feed::HostState::kCordoned:
      return kWarn;
  }
  return kTextDim;
}

const char* host_state_name(feed::HostState state) {
  switch (state) {
    case feed::HostState::kNoCluster:
      return "not in a cluster";
    case feed::HostState::kNotReady:
      return "NotReady";
    case feed::HostState::kReady:
      return "Ready";
    case feed::HostState::kCordoned:
      return "Ready, cordoned";
  }
  return "";
}

ImU32 faded(ImU32 colour, float alpha) {
  const auto old_alpha = static_cast<float>((colour >> IM_COL32_A_SHIFT) & 0xff);
  const auto new_alpha = static_cast<ImU32>(old_alpha * (alpha < 0 ? 0 : alpha > 1 ? 1 : alpha));
  return (colour & ~IM_COL32_A_MASK) | (new_alpha << IM_COL32_A_SHIFT);
}

void apply() {
  ImGuiStyle& style = ImGui::GetStyle();
  style = ImGuiStyle();
  ImGui::StyleColorsDark(&style);
  style.WindowRounding = 8;
  style.ChildRounding = 6;
  style.FrameRounding = 5;
  style.PopupRounding = 6;
  style.ScrollbarSize = 10;
  style.ScrollbarRounding = 5;
  style.WindowPadding = {10, 10};
  style.FramePadding = {8, 3};
  style.ItemSpacing = {8, 5};
  style.WindowBorderSize = 1;
  style.FrameBorderSize = 1;
  style.HoverDelayShort = 0;
  const auto colour = [&style](ImGuiCol which, ImU32 value) {
    style.Colors[which] = ImGui::ColorConvertU32ToFloat4(value);
  };
  colour(ImGuiCol_Text, kText);
  colour(ImGuiCol_WindowBg, IM_COL32(27, 32, 43, 255));
  colour(ImGuiCol_ChildBg, IM_COL32(0, 0, 0, 0));
  colour(ImGuiCol_PopupBg, IM_COL32(15, 19, 27, 255));
  colour(ImGuiCol_Border, kHostBorder);
  colour(ImGuiCol_Separator, kHostBorder);
  colour(ImGuiCol_Button, kHostHeader);
  colour(ImGuiCol_ButtonHovered, IM_COL32(58, 70, 93, 255));
  colour(ImGuiCol_ButtonActive, IM_COL32(70, 86, 115, 255));
  colour(ImGuiCol_Header, kHostHeader);
  colour(ImGuiCol_TitleBg, kHostHeader);
  colour(ImGuiCol_TitleBgActive, kHostHeader);
  colour(ImGuiCol_ScrollbarBg, IM_COL32(0, 0, 0, 0));
  colour(ImGuiCol_ScrollbarGrab, kHostBorder);
  colour(ImGuiCol_CheckMark, kAccent);
  colour(ImGuiCol_FrameBg, kHostHeader);
  colour(ImGuiCol_FrameBgHovered, IM_COL32(58, 70, 93, 255));
}

}  // namespace drydock::ui::theme
