// Colours and measures of the view, one place. Every state also differs by shape
// or mark, so that colour is never the only carrier.
#pragma once

#include <imgui.h>

#include "core/world/feed.h"

namespace drydock::ui::theme {

inline constexpr ImU32 kBackground = IM_COL32(22, 26, 34, 255);
inline constexpr ImU32 kHostFill = IM_COL32(33, 39, 51, 255);
inline constexpr ImU32 kHostHeader = IM_COL32(43, 51, 67, 255);
inline constexpr ImU32 kHostBorder = IM_COL32(70, 82, 105, 255);
inline constexpr ImU32 kText = IM_COL32(226, 232, 240, 255);
inline constexpr ImU32 kTextDim = IM_COL32(150, 163, 184, 255);
inline constexpr ImU32 kTextFaint = IM_COL32(112, 125, 147, 255);
inline constexpr ImU32 kPodFill = IM_COL32(24, 29, 39, 255);
inline constexpr ImU32 kTextOnFill = IM_COL32(15, 20, 28, 255);
inline constexpr ImU32 kAccent = IM_COL32(96, 165, 250, 255);
inline constexpr ImU32 kService = IM_COL32(129, 140, 248, 255);
inline constexpr ImU32 kGood = IM_COL32(74, 222, 128, 255);
inline constexpr ImU32 kWarn = IM_COL32(251, 191, 36, 255);
inline constexpr ImU32 kBad = IM_COL32(248, 113, 113, 255);

ImU32 pod_colour(feed::PodPhase phase);
const char* pod_phase_name(feed::PodPhase phase);
ImU32 flight_colour(const feed::Flight& flight);
ImU32 host_colour(feed::HostState state);
const char* host_state_name(feed::HostState state);
// `colour` with its alpha multiplied by `alpha` (0..1).
ImU32 faded(ImU32 colour, float alpha);

// Dark style with room to breathe.
void apply();

}  // namespace drydock::ui::theme
