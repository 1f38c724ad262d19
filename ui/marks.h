// Small marks: states told by shape as well as colour, so that colour is never the
// only carrier.
#pragma once

#include <imgui.h>

#include "core/world/feed.h"

namespace drydock::ui {

// A pod without room for words: full when it runs, hollow while it waits, crossed
// when it failed, and so on.
void pod_mark(ImDrawList* draw, ImVec2 low, ImVec2 high, feed::PodPhase phase, float round);

// A disc when ready, a ring while not, a cross when crashed, a bar when it has ended.
void container_mark(ImDrawList* draw, ImVec2 centre, float radius, const feed::Container& container);

// A filled disc when Ready, a ring when not, a ring with a bar when cordoned.
void host_mark(ImDrawList* draw, ImVec2 centre, float radius, feed::HostState state);

}  // namespace drydock::ui
