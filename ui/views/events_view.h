// The newest Kubernetes Events, as they happen.
#pragma once

#include "ui/view.h"

namespace drydock::ui {

class EventsView final : public View {
 public:
  const char* name() const override { return "Events"; }
  void draw(Frame& frame) override;
};

}  // namespace drydock::ui
