// App: the window and the list of views. The page (or a desktop main) owns the loop
// and calls frame() when it is worth drawing.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ui/letters.h"
#include "ui/scene.h"
#include "ui/view.h"
#include "ui/views/cluster_view.h"
#include "ui/views/detail_view.h"
#include "ui/views/events_view.h"

struct SDL_Window;

namespace drydock::ui {

// What the page's keys ask for.
enum class Key : std::uint8_t { kLeft, kRight, kUp, kDown, kZoomIn, kZoomOut, kFit, kNext, kPrevious, kOpen, kClose };

class App {
 public:
  App();
  ~App();
  App(const App&) = delete;
  // Sizes in CSS pixels; `scale` is the device pixel ratio. False, with the reason in
  // error(), when the machine has no WebGL2 / OpenGL 3.
  bool open(int width, int height, float scale);
  const std::string& error() const { return error_; }
  void resize(int width, int height, float scale);
  void feed(std::string_view bytes);
  void press(Key key);
  // The graphics context came back after a loss: everything in it is made again.
  void restore_context();

  enum class Next : std::uint8_t {
    kClosed,  // the window was closed
    kRest,    // nothing changes until the next input or feed
    kSoon,    // something slow moves: half the screen's pace is enough
    kNow,
  };
  // Handles input and draws one picture, if there is anything new to draw.
  Next frame();
  // Pictures drawn so far: it grows only when there was something new.
  std::uint64_t drawn() const { return drawn_; }
  // Commands since the last call, one JSON document each.
  std::vector<std::string> take_commands() { return std::exchange(commands_, {}); }
  // The picture in a sentence, for those who cannot see it.
  std::string summary() const;

 private:
  void draw_bar(float width);
  void draw_windows(float width, float height);
  Frame shared(double now) { return {scene_, letters_, selection_, now, commands_}; }

  SDL_Window* window_ = nullptr;
  void* context_ = nullptr;
  std::string error_;
  float scale_ = 1;
  Scene scene_;
  Letters letters_;
  Selection selection_;
  ClusterView cluster_;
  DetailView details_;
  EventsView events_;
  bool show_events_ = false;
  std::uint64_t drawn_ = 0;
  std::uint64_t drawn_version_ = 0;
  int settling_ = 0;  // frames that Dear ImGui still needs after an input
  std::vector<std::string> commands_;
};

}  // namespace drydock::ui
