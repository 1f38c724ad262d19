// The cluster as a picture: hosts as boxes, pods in them, Services above, requests
// on their way. Scrolling zooms, dragging moves, a click selects, a double click on a
// host opens its terminal and one beside everything fits the picture again.
#pragma once

#include <imgui.h>

#include <map>
#include <vector>

#include "ui/layout.h"
#include "ui/view.h"

namespace drydock::ui {

class ClusterView final : public View {
 public:
  const char* name() const override { return "Cluster"; }
  void draw(Frame& frame) override;
  // Boxes are still sliding to their places.
  bool moving() const { return moving_; }

  // From the keyboard.
  void fit() { fitted_ = true; }
  void zoom(float factor);
  void pan(float x, float y);
  // Selects what comes `step` objects after the selected one, in reading order.
  void select_next(Frame& frame, int step) const;
  // Asks the page for the terminal of a host, or of a pod's host.
  void open_terminal(Frame& frame, Selection what) const;

 private:
  void lay_out(const Frame& frame, ImVec2 area);
  void slide(std::map<std::uint32_t, Box>& shown, const std::map<std::uint32_t, Box>& wanted, float share);
  void navigate(Frame& frame);
  void zoom_at(ImVec2 point, float factor);
  ImVec2 to_screen(Point world) const {
    return {origin_.x + pan_.x + world.x * zoom_, origin_.y + pan_.y + world.y * zoom_};
  }
  Box to_screen(const Box& box) const {
    const ImVec2 low = to_screen(box.low);
    const ImVec2 high = to_screen(box.high);
    return {{low.x, low.y}, {high.x, high.y}};
  }
  bool visible(const Box& shown) const;

  void draw_host(Frame& frame, const feed::Host& host, const Box& shown);
  void draw_pod(Frame& frame, const PodMark& mark, const Box& shown);
  void draw_waiting(Frame& frame);
  void draw_outside(Frame& frame);
  void draw_services(Frame& frame);
  void draw_links(Frame& frame, const feed::Service& service, const Box& pill, bool lit);
  void draw_flights(Frame& frame);
  void draw_empty(Frame& frame);
  void pick(Frame& frame);
  void tell(Frame& frame, Selection what) const;
  bool place_of(std::uint32_t id, ImVec2& out) const;

  Layout layout_;
  // What is on the screen while it slides to the layout's places.
  std::map<std::uint32_t, Box> hosts_;
  std::map<std::uint32_t, Box> pods_;
  std::map<std::uint32_t, Box> services_;
  std::uint64_t laid_out_ = 0;
  double slid_ = 0;
  bool moving_ = false;
  Selection hovered_;
  ImVec2 origin_{0, 0};
  ImVec2 area_{0, 0};
  ImVec2 laid_out_area_{0, 0};
  ImVec2 pan_{0, 0};
  float zoom_ = 1;
  bool fitted_ = true;  // follows the content until the person zooms or drags
};

}  // namespace drydock::ui
