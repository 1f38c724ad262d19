// What is selected, in words: a host, a pod with its containers, conditions and
// Events, or a Service with its endpoints.
#pragma once

#include <string>

#include "ui/view.h"

namespace drydock::ui {

class DetailView final : public View {
 public:
  const char* name() const override { return "Details"; }
  void draw(Frame& frame) override;

 private:
  void draw_host(Frame& frame, const feed::Host& host);
  void draw_pod(Frame& frame, const feed::Pod& pod);
  void draw_service(Frame& frame, const feed::Service& service);
  void draw_events(Frame& frame, const std::string& object);
};

}  // namespace drydock::ui
