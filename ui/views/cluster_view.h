// The cluster as a picture: hosts as boxes, pods in them, Services above, requests
// on their way. Scroll zooms, dragging moves, a double click fits everything.
#pragma once

#include <imgui.h>

#include <map>
#include <vector>

#include "ui/view.h"

namespace drydock::ui {

class ClusterView final : public View {
 public:
  const char* name() const override { return "Cluster"; }
  void draw(Frame& frame) override;

 private:
  struct Box {
    ImVec2 low;
    ImVec2 high;
    ImVec2 centre() const { return {(low.x + high.x) / 2, (low.y + high.y) / 2}; }
    bool contains(ImVec2 point) const {
      return point.x >= low.x && point.x < high.x && point.y >= low.y && point.y < high.y;
    }
  };
  void lay_out(const Frame& frame, ImVec2 area);
  void navigate(ImVec2 origin, ImVec2 area);
  ImVec2 to_screen(ImVec2 world) const {
    return {origin_.x + pan_.x + world.x * zoom_, origin_.y + pan_.y + world.y * zoom_};
  }
  Box to_screen(const Box& box) const { return {to_screen(box.low), to_screen(box.high)}; }

  void draw_host(Frame& frame, const feed::Host& host, const Box& box);
  void draw_pod(Frame& frame, const PodMark& mark, const Box& box);
  void draw_pending(Frame& frame);
  void draw_services(Frame& frame);
  void draw_flights(Frame& frame);
  void draw_empty(const Frame& frame, ImVec2 area);
  void pick(Frame& frame);
  bool place_of(std::uint32_t id, ImVec2& out) const;

  std::map<std::uint32_t, Box> hosts_;
  std::map<std::uint32_t, Box> pods_;
  std::map<std::uint32_t, Box> services_;
  Box pending_{};
  bool has_pending_ = false;
  ImVec2 content_{1, 1};
  ImVec2 origin_{0, 0};
  ImVec2 pan_{0, 0};
  float zoom_ = 1;
  bool fitted_ = true;  // follows the content until the person zooms or drags
};

}  // namespace drydock::ui
