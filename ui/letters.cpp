#include "ui/letters.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#ifdef __EMSCRIPTEN__
#include <emscripten.h>

// clang-format off: JavaScript
// Draws `count` code points white on nothing, one a cell, and hands back their
// coverage cell by cell, and how far each moves the pen.
EM_JS(void, drydock_draw_glyphs,
      (double size, int bold, const std::uint32_t* codes, int count, int cell_width, int cell_height, int left,
       int baseline, std::uint8_t* coverage, float* advances),
      {
        const columns = Math.max(1, Math.floor(2048 / cell_width));
        const canvas = document.createElement("canvas");
        canvas.width = Math.min(columns, count) * cell_width;
        canvas.height = Math.ceil(count / columns) * cell_height;
        const context = canvas.getContext("2d", {willReadFrequently: true});
        context.font = (bold ? "600 " : "") + size +
                       "px system-ui, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif";
        context.fillStyle = "#fff";
        for (let i = 0; i < count; ++i) {
          const text = String.fromCodePoint(HEAPU32[(codes >> 2) + i]);
          HEAPF32[(advances >> 2) + i] = context.measureText(text).width;
          const x = (i % columns) * cell_width;
          const y = Math.floor(i / columns) * cell_height;
          context.save();
          context.beginPath();
          context.rect(x, y, cell_width, cell_height);
          context.clip();
          context.fillText(text, x + left, y + baseline);
          context.restore();
        }
        const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
        for (let i = 0; i < count; ++i) {
          const x = (i % columns) * cell_width;
          const y = Math.floor(i / columns) * cell_height;
          for (let row = 0; row < cell_height; ++row) {
            let from = ((y + row) * canvas.width + x) * 4 + 3;
            const to = coverage + (i * cell_height + row) * cell_width;
            for (let column = 0; column < cell_width; ++column, from += 4) HEAPU8[to + column] = pixels[from];
          }
        }
      })
// clang-format on
#endif

namespace drydock::ui {
namespace {

constexpr std::size_t kSizes = std::size(Letters::kLadder);
constexpr ImWchar kPunctuation[] = {0xa0,   0xb7,   0xd7,   0x2013, 0x2014, 0x2018, 0x2019,
                                    0x201c, 0x201d, 0x2022, 0x2026, 0x21bb, 0xfffd};
constexpr std::string_view kEllipsis = "\xe2\x80\xa6";

// Code points of UTF-8 text; broken bytes are skipped.
template <class Function>
void each_code_point(std::string_view text, Function function) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (length == 0 || i + length > text.size()) {
      ++i;
      continue;
    }
    std::uint32_t code = length == 1 ? lead : lead & (0xffU >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) code = code << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3fU);
    function(code);
    i += length;
  }
}

#ifdef __EMSCRIPTEN__

// A glyph waiting for its place in the atlas.
struct Drawn {
  int rect = 0;
  std::size_t cell = 0;  // of its sheet
  int left = 0;
  int top = 0;
  int width = 1;
  int height = 1;
};

struct Sheet {
  int cell_width = 0;
  int cell_height = 0;
  std::vector<std::uint8_t> coverage;
  std::vector<Drawn> glyphs;
};

// The part of a cell that has ink.
Drawn trimmed(const Sheet& sheet, std::size_t cell) {
  const std::uint8_t* pixels =
      sheet.coverage.data() + cell * static_cast<std::size_t>(sheet.cell_width * sheet.cell_height);
  int left = sheet.cell_width, right = -1, top = sheet.cell_height, bottom = -1;
  for (int y = 0; y < sheet.cell_height; ++y) {
    for (int x = 0; x < sheet.cell_width; ++x) {
      if (pixels[y * sheet.cell_width + x] == 0) continue;
      left = std::min(left, x);
      right = std::max(right, x);
      top = std::min(top, y);
      bottom = std::max(bottom, y);
    }
  }
  Drawn drawn{.cell = cell};
  if (right < 0) return drawn;  // a space
  drawn.left = left;
  drawn.top = top;
  drawn.width = right - left + 1;
  drawn.height = bottom - top + 1;
  return drawn;
}

Sheet draw_sheet(ImFont* font, float pixels, Weight weight, const std::vector<std::uint32_t>& codes) {
  Sheet sheet;
  const int left = static_cast<int>(std::ceil(pixels * 0.2f));
  sheet.cell_width = static_cast<int>(std::ceil(pixels * 1.3f)) + 2 * left;
  sheet.cell_height = static_cast<int>(std::ceil(pixels * 1.35f));
  const int baseline = static_cast<int>(std::round(pixels * 0.95f));
  std::vector<float> advances(codes.size());
  sheet.coverage.resize(codes.size() * static_cast<std::size_t>(sheet.cell_width * sheet.cell_height));
  drydock_draw_glyphs(pixels, weight == Weight::kBold ? 1 : 0, codes.data(), static_cast<int>(codes.size()),
                      sheet.cell_width, sheet.cell_height, left, baseline, sheet.coverage.data(), advances.data());
  for (std::size_t i = 0; i < codes.size(); ++i) {
    Drawn drawn = trimmed(sheet, i);
    const ImVec2 offset{static_cast<float>(drawn.left - left), static_cast<float>(drawn.top)};
    drawn.rect = ImGui::GetIO().Fonts->AddCustomRectFontGlyph(font, static_cast<ImWchar>(codes[i]), drawn.width,
                                                              drawn.height, std::round(advances[i]), offset);
    sheet.glyphs.push_back(drawn);
  }
  return sheet;
}

void copy_into_atlas(const Sheet& sheet) {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  for (const Drawn& drawn : sheet.glyphs) {
    const ImFontAtlasCustomRect& rect = *atlas.GetCustomRectByIndex(drawn.rect);
    if (!rect.IsPacked()) continue;
    const std::uint8_t* from =
        sheet.coverage.data() + drawn.cell * static_cast<std::size_t>(sheet.cell_width * sheet.cell_height);
    for (int y = 0; y < drawn.height; ++y) {
      std::memcpy(atlas.TexPixelsAlpha8 + (rect.Y + y) * atlas.TexWidth + rect.X,
                  from + (drawn.top + y) * sheet.cell_width + drawn.left, static_cast<std::size_t>(drawn.width));
    }
  }
}

#endif

}  // namespace

void Letters::notice(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return;
  each_code_point(text, [this](std::uint32_t code) {
    if (code >= 0x80 && code <= 0xffff && unusual_.size() < kUnusualLimit) unusual_.insert(static_cast<ImWchar>(code));
  });
}

void Letters::build(float scale) {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  atlas.Clear();
  fonts_.clear();
  scale_ = scale;
  built_unusual_ = unusual_.size();
  for (const Weight weight : {Weight::kRegular, Weight::kBold}) {
    for (const float size : kLadder) {
      ImFontConfig config;
      config.SizePixels = size * scale;
#ifdef __EMSCRIPTEN__
      // The built-in face gives the font its frame; all letters come from the browser.
      static const ImWchar kSpaceOnly[] = {0x20, 0x20, 0};
      config.GlyphRanges = kSpaceOnly;
#endif
      fonts_.push_back(atlas.AddFontDefault(&config));
      if (weight == Weight::kRegular && size == kBodySize) ImGui::GetIO().FontDefault = fonts_.back();
    }
  }
  ImGui::GetIO().FontGlobalScale = 1 / scale;
#ifdef __EMSCRIPTEN__
  std::vector<std::uint32_t> codes;
  for (std::uint32_t code = 0x20; code < 0x7f; ++code) codes.push_back(code);
  codes.insert(codes.end(), std::begin(kPunctuation), std::end(kPunctuation));
  for (const ImWchar code : unusual_) {
    if (std::find(codes.begin(), codes.end(), code) == codes.end()) codes.push_back(code);
  }
  std::vector<Sheet> sheets;
  for (std::size_t i = 0; i < fonts_.size(); ++i) {
    const Weight weight = i < kSizes ? Weight::kRegular : Weight::kBold;
    sheets.push_back(draw_sheet(fonts_[i], std::round(kLadder[i % kSizes] * scale), weight, codes));
  }
  atlas.TexDesiredWidth = scale > 1 || codes.size() > 200 ? 2048 : 1024;
  atlas.Build();
  for (const Sheet& sheet : sheets) copy_into_atlas(sheet);
#else
  atlas.Build();
#endif
}

ImFont* Letters::font(float size, Weight weight) const {
  std::size_t step = 0;
  while (step + 1 < kSizes && kLadder[step + 1] <= size + 0.01f) ++step;
  return fonts_[step + (weight == Weight::kBold ? kSizes : 0)];
}

float Letters::width(float size, std::string_view text, Weight weight) const {
  ImFont* face = font(size, weight);
  const float drawn = std::max(face->FontSize / scale_, size > kLadder[kSizes - 1] ? size : 0);
  return face->CalcTextSizeA(drawn, FLT_MAX, 0, text.data(), text.data() + text.size()).x;
}

float Letters::draw(ImDrawList* draw, ImVec2 at, float size, ImU32 colour, std::string_view text, float room,
                    Weight weight) const {
  if (text.empty() || room <= 0) return 0;
  ImFont* face = font(size, weight);
  const float drawn = std::max(face->FontSize / scale_, size > kLadder[kSizes - 1] ? size : 0);
  const char* begin = text.data();
  const char* end = begin + text.size();
  const float whole = face->CalcTextSizeA(drawn, FLT_MAX, 0, begin, end).x;
  if (whole <= room) {
    draw->AddText(face, drawn, at, colour, begin, end);
    return whole;
  }
  const float dots = face->CalcTextSizeA(drawn, FLT_MAX, 0, kEllipsis.data(), kEllipsis.data() + kEllipsis.size()).x;
  if (dots > room) return 0;
  const char* cut = begin;
  const float kept = face->CalcTextSizeA(drawn, room - dots, 0, begin, end, &cut).x;
  draw->AddText(face, drawn, at, colour, begin, cut);
  draw->AddText(face, drawn, {at.x + kept, at.y}, colour, kEllipsis.data(), kEllipsis.data() + kEllipsis.size());
  return kept + dots;
}

}  // namespace drydock::ui
