// Letters: text in the fonts of the machine that shows the picture. In a browser the
// glyphs are drawn by the browser itself (a 2D canvas), into Dear ImGui's atlas, one
// set for each size of a ladder, so text is crisp at every zoom and any script the
// browser can show works: what was not seen before is added before the next frame.
// Limits: one glyph a code point (no shaping of Arabic or Indic scripts), nothing
// above U+FFFF, and at most kUnusualLimit code points beside Latin ones.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

namespace drydock::ui {

enum class Weight : std::uint8_t { kRegular, kBold };

class Letters {
 public:
  static constexpr std::size_t kUnusualLimit = 600;
  static constexpr float kBodySize = 13;
  // Sizes that have glyphs of their own, in CSS pixels.
  static constexpr float kLadder[] = {9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 23, 27, 32};

  // Code points outside of ASCII want glyphs.
  void notice(std::string_view text);
  // True when the atlas does not fit what was noticed, or the screen's density.
  bool stale(float scale) const { return scale != scale_ || unusual_.size() != built_unusual_; }
  // Fills Dear ImGui's atlas; outside of a frame. `scale` is the device pixel ratio.
  void build(float scale);

  // Draws at the largest size of the ladder that is not above `size`, cut with an
  // ellipsis where it is wider than `room`. Returns the width drawn.
  float draw(ImDrawList* draw, ImVec2 at, float size, ImU32 colour, std::string_view text, float room,
             Weight weight = Weight::kRegular) const;
  float width(float size, std::string_view text, Weight weight = Weight::kRegular) const;
  ImFont* font(float size, Weight weight) const;

 private:
  std::vector<ImFont*> fonts_;  // the ladder in regular, then in bold
  std::set<ImWchar> unusual_;
  std::size_t built_unusual_ = 0;
  float scale_ = 0;
};

}  // namespace drydock::ui
