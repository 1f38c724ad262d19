// Layout: where everything of the picture is. Pure: equal scenes and areas give equal
// layouts, in CSS pixels. The picture always fits the area when it can: the more
// there is, the less is told of each pod (see Detail), down to specks.
#pragma once

#include <cstdint>
#include <map>

#include "ui/scene.h"

namespace drydock::ui {

struct Point {
  float x = 0;
  float y = 0;
};

struct Box {
  Point low;
  Point high;
  float width() const { return high.x - low.x; }
  float height() const { return high.y - low.y; }
  Point centre() const { return {(low.x + high.x) / 2, (low.y + high.y) / 2}; }
  bool contains(Point point) const {
    return point.x >= low.x && point.x < high.x && point.y >= low.y && point.y < high.y;
  }
};

// Cards have name, state and containers; rows a name and containers; tiles, dots and
// specks only colour and mark.
enum class Detail : std::uint8_t { kCards, kRows, kTiles, kDots, kSpecks };

struct Layout {
  std::map<std::uint32_t, Box> hosts;
  std::map<std::uint32_t, Box> pods;
  std::map<std::uint32_t, Box> services;
  Box outside;  // where requests from and to the world outside start and end
  Box waiting;  // pods that no host has yet; empty when there are none
  Detail detail = Detail::kCards;
  float header = 0;  // height of a host's head
  float width = 0;   // of everything
  float height = 0;
};

// `area` is what there is to fill.
Layout plan_layout(const Scene& scene, Point area);

// A pod of the control plane or of the cluster's own namespace: drawn small, above the others.
bool is_system(const feed::Pod& pod);

}  // namespace drydock::ui
