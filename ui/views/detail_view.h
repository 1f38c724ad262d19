// What is selected, in words: a host, a pod with its containers, or a Service.
#pragma once

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
};

}  // namespace drydock::ui
