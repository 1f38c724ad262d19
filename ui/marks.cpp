#include "ui/marks.h"

#include <algorithm>

#include "ui/theme.h"

namespace drydock::ui {

void pod_mark(ImDrawList* draw, ImVec2 low, ImVec2 high, feed::PodPhase phase, float round) {
  const ImU32 colour = theme::pod_colour(phase);
  const float width = high.x - low.x;
  const float height = high.y - low.y;
  const bool told = height >= 8 && width >= 8;  // room for a shape
  const ImVec2 centre{(low.x + high.x) / 2, (low.y + high.y) / 2};
  const float radius = std::min(width, height) * 0.22f;
  switch (phase) {
    case feed::PodPhase::kPending:
    case feed::PodPhase::kCreating:
    case feed::PodPhase::kUnknown:
      draw->AddRectFilled(low, high, theme::faded(colour, told ? 0.25f : 0.6f), round);
      if (!told) return;
      draw->AddRect(low, high, colour, round, 0, 1.5f);
      if (phase == feed::PodPhase::kCreating) draw->AddCircleFilled(centre, radius, colour);
      return;
    case feed::PodPhase::kTerminating:
      draw->AddRectFilled(low, high, theme::faded(colour, 0.55f), round);
      if (told) draw->AddLine({low.x + 2, high.y - 2}, {high.x - 2, low.y + 2}, theme::kTextOnFill, 1.5f);
      return;
    case feed::PodPhase::kFailed:
      draw->AddRectFilled(low, high, colour, round);
      if (!told) return;
      draw->AddLine({centre.x - radius, centre.y - radius}, {centre.x + radius, centre.y + radius}, theme::kTextOnFill,
                    1.8f);
      draw->AddLine({centre.x - radius, centre.y + radius}, {centre.x + radius, centre.y - radius}, theme::kTextOnFill,
                    1.8f);
      return;
    case feed::PodPhase::kNotReady:
      draw->AddRectFilled(low, high, colour, round);
      if (told) draw->AddCircleFilled(centre, radius, theme::kTextOnFill);
      return;
    case feed::PodPhase::kRunning:
    case feed::PodPhase::kSucceeded:
      draw->AddRectFilled(low, high, colour, round);
      return;
  }
}

void container_mark(ImDrawList* draw, ImVec2 centre, float radius, const feed::Container& container) {
  switch (container.state) {
    case feed::ContainerState::kCrashed:
      draw->AddLine({centre.x - radius, centre.y - radius}, {centre.x + radius, centre.y + radius}, theme::kBad, 1.8f);
      draw->AddLine({centre.x - radius, centre.y + radius}, {centre.x + radius, centre.y - radius}, theme::kBad, 1.8f);
      return;
    case feed::ContainerState::kTerminated:
      draw->AddLine({centre.x - radius, centre.y}, {centre.x + radius, centre.y}, theme::kTextDim, 2);
      return;
    case feed::ContainerState::kWaiting:
      draw->AddCircle(centre, radius, theme::kTextDim, 0, 1.5f);
      return;
    case feed::ContainerState::kRunning:
      if (container.ready)
        draw->AddCircleFilled(centre, radius, theme::kGood);
      else
        draw->AddCircle(centre, radius, theme::kWarn, 0, 1.5f);
      return;
  }
}

void host_mark(ImDrawList* draw, ImVec2 centre, float radius, feed::HostState state) {
  const ImU32 colour = theme::host_colour(state);
  if (state == feed::HostState::kReady) {
    draw->AddCircleFilled(centre, radius, colour);
    return;
  }
  draw->AddCircle(centre, radius - 0.5f, colour, 0, 1.8f);
  if (state == feed::HostState::kCordoned)
    draw->AddLine({centre.x - radius, centre.y}, {centre.x + radius, centre.y}, colour, 1.8f);
}

}  // namespace drydock::ui
