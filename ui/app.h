// App: the window and the list of views. The page (or a desktop main) owns the loop
// and calls frame().
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ui/scene.h"
#include "ui/view.h"

struct SDL_Window;

namespace drydock::ui {

class App {
 public:
  App();
  ~App();
  App(const App&) = delete;
  // False, with the reason in error(), when the machine has no WebGL2 / OpenGL 3.
  bool open(int width, int height, float scale);
  const std::string& error() const { return error_; }
  void resize(int width, int height, float scale);
  void feed(std::string_view bytes);
  // Handles input and draws one picture; false once the window was closed.
  bool frame();
  // Commands since the last call, one JSON document each.
  std::vector<std::string> take_commands() { return std::exchange(commands_, {}); }

 private:
  void draw_legend();
  void set_font(float scale);

  SDL_Window* window_ = nullptr;
  void* context_ = nullptr;
  std::string error_;
  int width_ = 0;
  int height_ = 0;
  float scale_ = 1;
  Scene scene_;
  Selection selection_;
  std::unique_ptr<View> cluster_;
  std::unique_ptr<View> details_;
  std::unique_ptr<View> events_;
  bool show_events_ = false;
  std::vector<std::string> commands_;
};

}  // namespace drydock::ui
