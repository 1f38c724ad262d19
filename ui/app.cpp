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

#include "ui/theme.h"
#include "ui/views/cluster_view.h"
#include "ui/views/detail_view.h"
#include "ui/views/events_view.h"

namespace drydock::ui {
namespace {

#ifdef __EMSCRIPTEN__
constexpr const char* kGlsl = "#version 300 es";
#else
constexpr const char* kGlsl = "#version 130";
#endif
constexpr float kFontPixels = 15;

double seconds_now() {
  return static_cast<double>(SDL_GetPerformanceCounter()) / static_cast<double>(SDL_GetPerformanceFrequency());
}

}  // namespace

App::App()
    : cluster_(std::make_unique<ClusterView>()),
      details_(std::make_unique<DetailView>()),
      events_(std::make_unique<EventsView>()) {}

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
  width_ = width;
  height_ = height;
#ifdef __EMSCRIPTEN__
  // Keys belong to the terminals unless the picture has the focus.
  SDL_SetHint(SDL_HINT_EMSCRIPTEN_KEYBOARD_ELEMENT, "#canvas");
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
                             SDL_WINDOW_OPENGL | SDL_WINDOW_RESIZABLE);
  if (window_ != nullptr) context_ = SDL_GL_CreateContext(window_);
  if (context_ == nullptr) {
    error_ = SDL_GetError();
    return false;
  }
  ImGui::CreateContext();
  ImGui::GetIO().IniFilename = nullptr;  // nothing is written anywhere
  ImGui_ImplSDL2_InitForOpenGL(window_, context_);
  ImGui_ImplOpenGL3_Init(kGlsl);
  set_font(scale);
  return true;
}

void App::set_font(float scale) {
  scale_ = scale;
  theme::apply(scale);
  ImGuiIO& io = ImGui::GetIO();
  io.Fonts->Clear();
  ImFontConfig config;
  config.SizePixels = kFontPixels * scale;
  config.OversampleH = 2;
  io.Fonts->AddFontDefault(&config);
  ImGui_ImplOpenGL3_DestroyFontsTexture();
  ImGui_ImplOpenGL3_CreateFontsTexture();
}

void App::resize(int width, int height, float scale) {
  width_ = width;
  height_ = height;
  SDL_SetWindowSize(window_, width, height);
  if (scale != scale_) set_font(scale);
}

void App::feed(std::string_view bytes) { scene_.apply(bytes, seconds_now()); }

void App::draw_legend() {
  const feed::PodPhase phases[] = {feed::PodPhase::kPending,  feed::PodPhase::kCreating, feed::PodPhase::kRunning,
                                   feed::PodPhase::kNotReady, feed::PodPhase::kFailed,   feed::PodPhase::kTerminating,
                                   feed::PodPhase::kSucceeded};
  const float right_end = ImGui::GetWindowContentRegionMax().x - 80 * scale_;
  for (feed::PodPhase phase : phases) {
    const std::size_t count = scene_.pod_count(phase);
    if (count == 0 && phase != feed::PodPhase::kRunning) continue;
    if (ImGui::GetCursorPosX() > right_end) break;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float size = ImGui::GetFontSize() * 0.8f;
    ImGui::GetWindowDrawList()->AddRectFilled({at.x, at.y + size * 0.2f}, {at.x + size, at.y + size * 1.2f},
                                              theme::pod_colour(phase), 3);
    ImGui::Dummy({size, size});
    ImGui::SameLine();
    ImGui::Text("%s %zu", theme::pod_phase_name(phase), count);
    ImGui::SameLine(0, 14 * scale_);
  }
  ImGui::SameLine(std::max(ImGui::GetCursorPosX(), right_end));
  if (ImGui::SmallButton(show_events_ ? "Hide events" : "Events")) show_events_ = !show_events_;
}

bool App::frame() {
  bool open = true;
  for (SDL_Event event; SDL_PollEvent(&event) != 0;) {
    ImGui_ImplSDL2_ProcessEvent(&event);
    if (event.type == SDL_QUIT) open = false;
  }
  const double now = seconds_now();
  scene_.expire(now);
  ImGui_ImplOpenGL3_NewFrame();
  ImGui_ImplSDL2_NewFrame();
  ImGui::NewFrame();
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize(size);
  ImGui::Begin("main", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoBringToFrontOnFocus |
                   ImGuiWindowFlags_NoSavedSettings);
  draw_legend();
  Frame shared{scene_, selection_, now, scale_, commands_};
  const float events_height = show_events_ ? std::min(180 * scale_, size.y * 0.4f) : 0;
  ImGui::BeginChild("picture", {0, -events_height});
  cluster_->draw(shared);
  ImGui::EndChild();
  if (show_events_) {
    ImGui::BeginChild("events", {0, 0}, true, ImGuiWindowFlags_HorizontalScrollbar);
    events_->draw(shared);
    ImGui::EndChild();
  }
  ImGui::End();
  if (selection_.kind != Selection::Kind::kNone) {
    bool keep = true;
    const float width = std::min(280 * scale_, size.x * 0.45f);
    ImGui::SetNextWindowPos({size.x - 12 * scale_, 40 * scale_}, ImGuiCond_Always, {1, 0});
    ImGui::SetNextWindowSize({width, 0});
    ImGui::Begin(details_->name(), &keep,
                 ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoCollapse);
    details_->draw(shared);
    ImGui::End();
    if (!keep) selection_ = {};
  }
  ImGui::Render();
  glViewport(0, 0, static_cast<int>(size.x * ImGui::GetIO().DisplayFramebufferScale.x),
             static_cast<int>(size.y * ImGui::GetIO().DisplayFramebufferScale.y));
  glClearColor(0.086f, 0.102f, 0.133f, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
  SDL_GL_SwapWindow(window_);
  return open;
}

}  // namespace drydock::ui
