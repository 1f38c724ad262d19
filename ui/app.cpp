#include "ui/app.h"

#include <SDL.h>
#ifdef __EMSCRIPTEN__
#include <GLES3/gl3.h>
#else
#include <SDL_opengl.h>
#endif
#include <imgui.h>
#include <imgui_impl_opengl3.h>
#include <imgui_impl_sdl2.h>

#include <algorithm>

#include "ui/marks.h"
#include "ui/theme.h"

namespace drydock::ui {
namespace {

#ifdef __EMSCRIPTEN__
constexpr const char* kGlsl = "#version 300 es";
#else
constexpr const char* kGlsl = "#version 130";
#endif
// Dear ImGui finds sizes in one frame and uses them in the next.
constexpr int kSettlingFrames = 3;
constexpr float kBarHeight = 34;
constexpr float kDetailsWidth = 290;
constexpr float kDetailsMargin = 10;
// A narrower picture has no room for words beside its marks, nor for the events.
constexpr float kRoomyWidth = 520;
constexpr float kPanStep = 60;

constexpr feed::PodPhase kPhases[] = {
    feed::PodPhase::kRunning, feed::PodPhase::kNotReady,    feed::PodPhase::kCreating,  feed::PodPhase::kPending,
    feed::PodPhase::kFailed,  feed::PodPhase::kTerminating, feed::PodPhase::kSucceeded, feed::PodPhase::kUnknown};

double seconds_now() {
  return static_cast<double>(SDL_GetPerformanceCounter()) / static_cast<double>(SDL_GetPerformanceFrequency());
}

}  // namespace

App::App() {
  scene_.on_text = [this](std::string_view text) { letters_.notice(text); };
}

App::~App() {
  if (context_ != nullptr) {
    ImGui_ImplOpenGL3_Shutdown();
    ImGui_ImplSDL2_Shutdown();
    ImGui::DestroyContext();
    SDL_GL_DeleteContext(context_);
  }
  if (window_ != nullptr) SDL_DestroyWindow(window_);
}

bool App::open(int width, int height, float scale) {
#ifdef __EMSCRIPTEN__
  // The page hands the keys on (see press): SDL would keep Tab from leaving the picture.
  SDL_SetHint(SDL_HINT_EMSCRIPTEN_KEYBOARD_ELEMENT, "#no-keyboard");
#endif
  if (SDL_Init(SDL_INIT_VIDEO) != 0) {
    error_ = SDL_GetError();
    return false;
  }
#ifdef __EMSCRIPTEN__
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_ES);
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 3);
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_MINOR_VERSION, 0);
#endif
  window_ = SDL_CreateWindow("Drydock", SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, width, height,
                             SDL_WINDOW_OPENGL | SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
  if (window_ != nullptr) context_ = SDL_GL_CreateContext(window_);
  if (context_ == nullptr) {
    error_ = SDL_GetError();
    return false;
  }
  ImGui::CreateContext();
  ImGui::GetIO().IniFilename = nullptr;  // nothing is written anywhere
  ImGui_ImplSDL2_InitForOpenGL(window_, context_);
  ImGui_ImplOpenGL3_Init(kGlsl);
  theme::apply();
  scale_ = scale;
  return true;
}

void App::resize(int width, int height, float scale) {
  SDL_SetWindowSize(window_, width, height);
  scale_ = scale;
  settling_ = kSettlingFrames;
}

void App::feed(std::string_view bytes) { scene_.apply(bytes, seconds_now()); }

void App::press(Key key) {
  settling_ = kSettlingFrames;
  Frame frame = shared(seconds_now());
  switch (key) {
    case Key::kLeft:
      return cluster_.pan(kPanStep, 0);
    case Key::kRight:
      return cluster_.pan(-kPanStep, 0);
    case Key::kUp:
      return cluster_.pan(0, kPanStep);
    case Key::kDown:
      return cluster_.pan(0, -kPanStep);
    case Key::kZoomIn:
      return cluster_.zoom(1.25f);
    case Key::kZoomOut:
      return cluster_.zoom(0.8f);
    case Key::kFit:
      return cluster_.fit();
    case Key::kNext:
      return cluster_.select_next(frame, 1);
    case Key::kPrevious:
      return cluster_.select_next(frame, -1);
    case Key::kOpen:
      return cluster_.open_terminal(frame, selection_);
    case Key::kClose:
      selection_ = {};
      return;
  }
}

void App::restore_context() {
  ImGui_ImplOpenGL3_DestroyDeviceObjects();
  ImGui_ImplOpenGL3_CreateDeviceObjects();
  letters_.build(scale_);
  ImGui_ImplOpenGL3_DestroyFontsTexture();
  ImGui_ImplOpenGL3_CreateFontsTexture();
  settling_ = kSettlingFrames;
}

std::string App::summary() const {
  std::string text =
      std::to_string(scene_.hosts().size()) + " nodes, " + std::to_string(scene_.pods().size()) + " pods";
  const char* separator = ": ";
  for (const feed::PodPhase phase : kPhases) {
    const std::size_t count = scene_.pod_count(phase);
    if (count == 0) continue;
    text += separator + std::to_string(count) + " " + theme::pod_phase_name(phase);
    separator = ", ";
  }
  return text + "; " + std::to_string(scene_.services().size()) + " services";
}

// The legend with how many there are of each, and the picture's buttons.
void App::draw_bar(float width) {
  ImGui::SetCursorPos({12, 5});
  const bool roomy = width > kRoomyWidth;
  const float buttons = roomy ? 296.0f : 104.0f;
  const float right_end = width - buttons;
  ImDrawList* draw = ImGui::GetWindowDrawList();
  float x = 12;
  for (const feed::PodPhase phase : kPhases) {
    const std::size_t count = scene_.pod_count(phase);
    if (count == 0) continue;
    const std::string number = std::to_string(count);
    const std::string name = roomy ? theme::pod_phase_name(phase) : "";
    const float room = 18 + letters_.width(12, name) + (roomy ? 5 : 0) + letters_.width(12, number, Weight::kBold) + 16;
    if (x + room > right_end) break;
    pod_mark(draw, {x, 11}, {x + 12, 23}, phase, 3);
    float pen = x + 18;
    if (roomy) pen += letters_.draw(draw, {pen, 9}, 12, theme::kTextDim, name, 200) + 5;
    letters_.draw(draw, {pen, 9}, 12, theme::kText, number, 100, Weight::kBold);
    x += room;
  }
  ImGui::SetCursorPos({right_end, 5});
  if (roomy) {
    bool heartbeats = scene_.heartbeats();
    if (ImGui::Checkbox("heartbeats", &heartbeats)) scene_.show_heartbeats(heartbeats);
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("Also draw the lease renewals that components send all the time");
    ImGui::SetCursorPos({right_end + 108, 5});
    if (ImGui::Button(show_events_ ? "No events" : "Events", {80, 23})) show_events_ = !show_events_;
    ImGui::SetCursorPos({width - 100, 5});
  }
  const auto square = [](const char* label, const char* tip) {
    const bool pressed = ImGui::Button(label, {24, 23});
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("%s", tip);
    ImGui::SameLine(0, 4);
    return pressed;
  };
  if (square("-", "Zoom out (-)")) cluster_.zoom(0.8f);
  if (square("+", "Zoom in (+)")) cluster_.zoom(1.25f);
  if (ImGui::Button("Fit", {32, 23})) cluster_.fit();
  if (ImGui::IsItemHovered()) ImGui::SetTooltip("Show everything (0)");
}

void App::draw_windows(float width, float height) {
  const double now = seconds_now();
  Frame frame = shared(now);
  const bool shows_events = show_events_ && width > kRoomyWidth;
  const float events_height = shows_events ? std::min(170.0f, height * 0.45f) : 0;
  const float top = scene_.hosts().empty() ? 0 : kBarHeight;
  if (top > 0) {
    ImGui::SetCursorPos({0, 0});
    draw_bar(width);
  }
  ImGui::SetCursorPos({0, top});
  ImGui::BeginChild("picture", {width, height - events_height - top}, ImGuiChildFlags_None,
                    ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
  cluster_.draw(frame);
  ImGui::EndChild();
  if (shows_events) {
    // Beside the details, not behind them.
    const float taken = selection_.kind == Selection::Kind::kNone ? 0 : kDetailsWidth + 2 * kDetailsMargin;
    ImGui::SetCursorPos({0, height - events_height});
    ImGui::PushStyleColor(ImGuiCol_ChildBg, ImGui::GetStyleColorVec4(ImGuiCol_WindowBg));
    ImGui::BeginChild("events", {width - taken, events_height}, ImGuiChildFlags_AlwaysUseWindowPadding,
                      ImGuiWindowFlags_HorizontalScrollbar);
    events_.draw(frame);
    ImGui::EndChild();
    ImGui::PopStyleColor();
  }
}

App::Next App::frame() {
  bool open = true;
  for (SDL_Event event; SDL_PollEvent(&event) != 0;) {
    ImGui_ImplSDL2_ProcessEvent(&event);
    if (event.type == SDL_QUIT) open = false;
    settling_ = kSettlingFrames;
  }
  if (!open) return Next::kClosed;
  const double now = seconds_now();
  const bool lively = scene_.lively(now);
  scene_.expire(now);
  if (letters_.stale(scale_)) {
    letters_.build(scale_);
    ImGui_ImplOpenGL3_DestroyFontsTexture();
    ImGui_ImplOpenGL3_CreateFontsTexture();
    settling_ = kSettlingFrames;
  }
  if (settling_ == 0 && !lively && !cluster_.moving() && drawn_version_ == scene_.version()) return Next::kRest;
  if (settling_ > 0) --settling_;
  ++drawn_;
  drawn_version_ = scene_.version();

  ImGui_ImplOpenGL3_NewFrame();
  ImGui_ImplSDL2_NewFrame();
  ImGui::NewFrame();
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize(size);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0);
  ImGui::PushStyleColor(ImGuiCol_WindowBg, theme::kBackground);
  ImGui::Begin("main", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoBringToFrontOnFocus |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoScrollWithMouse);
  ImGui::PopStyleColor();
  ImGui::PopStyleVar(3);
  draw_windows(size.x, size.y);
  ImGui::End();
  if (selection_.kind != Selection::Kind::kNone) {
    bool keep = true;
    const float width = std::min(kDetailsWidth, size.x * 0.6f);
    ImGui::SetNextWindowPos({size.x - kDetailsMargin, kBarHeight + 4}, ImGuiCond_Always, {1, 0});
    ImGui::SetNextWindowSizeConstraints({width, 60}, {width, std::max(80.0f, size.y - kBarHeight - 14)});
    ImGui::SetNextWindowSize({width, 0});
    ImGui::Begin(details_.name(), &keep,
                 ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoCollapse |
                     ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoFocusOnAppearing);
    Frame shown = shared(now);
    details_.draw(shown);
    ImGui::End();
    if (!keep) selection_ = {};
  }
  ImGui::Render();
  const ImVec2 density = ImGui::GetIO().DisplayFramebufferScale;
  glViewport(0, 0, static_cast<int>(size.x * density.x), static_cast<int>(size.y * density.y));
  glClearColor(0.086f, 0.102f, 0.133f, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
  SDL_GL_SwapWindow(window_);
  if (settling_ > 0 || cluster_.moving()) return Next::kNow;
  return scene_.lively(now) ? Next::kSoon : Next::kRest;
}

}  // namespace drydock::ui
