// View: one thing drawn from the scene. Owns nothing of the world; what the person
// asks for leaves as a command for the page.
#pragma once

#include <string>
#include <vector>

#include "ui/letters.h"
#include "ui/scene.h"

namespace drydock::ui {

// What is picked out: a host, a pod or a service, by feed id.
struct Selection {
  enum class Kind : std::uint8_t { kNone, kHost, kPod, kService };
  Kind kind = Kind::kNone;
  std::uint32_t id = 0;
  bool is(Kind wanted_kind, std::uint32_t wanted_id) const { return kind == wanted_kind && id == wanted_id; }
  bool operator==(const Selection&) const = default;
};

// Shared by the views during a frame.
struct Frame {
  const Scene& scene;
  const Letters& letters;
  Selection& selection;
  double now = 0;  // seconds
  // Commands for the page, as JSON: {"open":"node1"}.
  std::vector<std::string>& commands;
};

class View {
 public:
  virtual ~View() = default;
  virtual const char* name() const = 0;
  virtual void draw(Frame& frame) = 0;
};

}  // namespace drydock::ui
