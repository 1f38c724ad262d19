// The view's entry points: in the browser the page owns the loop and calls the C
// functions below; on a desktop main() shows a recorded feed.
#include <cstdio>
#include <string>

#include "ui/app.h"

#ifdef __EMSCRIPTEN__
#include <emscripten.h>

namespace {

drydock::ui::App& app() {
  static drydock::ui::App instance;
  return instance;
}
std::string last_text;

}  // namespace

extern "C" {

// Sizes in CSS pixels. Returns 1, or 0 with the reason in ui_text().
EMSCRIPTEN_KEEPALIVE int ui_open(int width, int height, double scale) {
  if (!app().open(width, height, static_cast<float>(scale))) {
    last_text = app().error();
    return 0;
  }
  return 1;
}
// Draws what is new. Returns 0 to rest until there is input or a feed, 1 to be called
// at half the screen's pace, 2 for its next frame.
EMSCRIPTEN_KEEPALIVE int ui_frame() {
  switch (app().frame()) {
    case drydock::ui::App::Next::kNow:
      return 2;
    case drydock::ui::App::Next::kSoon:
      return 1;
    default:
      return 0;
  }
}
// Pictures drawn so far.
EMSCRIPTEN_KEEPALIVE int ui_drawn() { return static_cast<int>(app().drawn()); }
// Keys by their number in drydock::ui::Key.
EMSCRIPTEN_KEEPALIVE void ui_press(int key) { app().press(static_cast<drydock::ui::Key>(key)); }
EMSCRIPTEN_KEEPALIVE void ui_restore() { app().restore_context(); }
// The picture in a sentence; valid until the next call.
EMSCRIPTEN_KEEPALIVE const char* ui_summary() {
  last_text = app().summary();
  return last_text.c_str();
}
EMSCRIPTEN_KEEPALIVE void ui_resize(int width, int height, double scale) {
  app().resize(width, height, static_cast<float>(scale));
}
EMSCRIPTEN_KEEPALIVE void ui_feed(const char* bytes, int length) {
  app().feed({bytes, static_cast<std::size_t>(length)});
}
// Commands since the last call as a JSON array; valid until the next call.
EMSCRIPTEN_KEEPALIVE const char* ui_commands() {
  last_text = "[";
  for (const std::string& command : app().take_commands()) last_text += (last_text.size() > 1 ? "," : "") + command;
  last_text += "]";
  return last_text.c_str();
}
EMSCRIPTEN_KEEPALIVE const char* ui_text() { return last_text.c_str(); }

}  // extern "C"

int main() { return 0; }

#else

#include <fstream>
#include <iterator>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: drydock_ui FEED-FILE\n");
    return 2;
  }
  std::ifstream file(argv[1], std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "drydock_ui: cannot read %s\n", argv[1]);
    return 1;
  }
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  drydock::ui::App app;
  if (!app.open(1280, 800, 1)) {
    std::fprintf(stderr, "drydock_ui: %s\n", app.error().c_str());
    return 1;
  }
  app.feed(bytes);
  while (app.frame() != drydock::ui::App::Next::kClosed) {
  }
  return 0;
}

#endif
