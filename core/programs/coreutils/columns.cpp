#include "core/programs/coreutils/columns.h"

#include <algorithm>
#include <vector>

namespace drydock {
namespace {

constexpr std::size_t kTabSize = 8;
constexpr std::size_t kNarrowest = 3;  // a one-letter name and the gap behind it

void indent(std::string& text, std::size_t from, std::size_t to, bool tabs) {
  while (from < to) {
    if (tabs && to / kTabSize > (from + 1) / kTabSize) {
      text += '\t';
      from += kTabSize - from % kTabSize;
    } else {
      text += ' ';
      ++from;
    }
  }
}

}  // namespace

std::string in_columns(std::span<const Cell> cells, std::size_t width, bool across, bool tabs) {
  const std::size_t count = cells.size();
  std::size_t best = 1;
  std::vector<std::size_t> widths;
  for (std::size_t wanted = std::min(count, std::max<std::size_t>(1, width / kNarrowest)); wanted >= 1; --wanted) {
    const std::size_t rows = (count + wanted - 1) / wanted;
    widths.assign(wanted, 0);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t column = across ? i % wanted : i / rows;
      widths[column] = std::max(widths[column], cells[i].width + (column + 1 == wanted ? 0 : 2));
    }
    std::size_t line = 0;
    for (std::size_t one : widths) line += one;
    best = wanted;
    if (line < width) break;
  }
  const std::size_t rows = best == 0 ? 0 : (count + best - 1) / best;
  std::string text;
  for (std::size_t row = 0; row < rows; ++row) {
    std::size_t at = 0;
    std::size_t start = 0;
    for (std::size_t column = 0; column < best; ++column) {
      const std::size_t i = across ? row * best + column : column * rows + row;
      if (i >= count) break;
      if (column > 0) indent(text, at, start, tabs);
      text += cells[i].text;
      at = start + cells[i].width;
      start += widths[column];
    }
    text += "\n";
  }
  return text;
}

std::string in_commas(std::span<const Cell> cells, std::size_t width) {
  std::string text;
  std::size_t at = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) {
      const bool fits = width == SIZE_MAX || at + cells[i].width + 3 <= width;
      text += fits ? ", " : ",\n";
      at = fits ? at + 2 : 0;
    }
    text += cells[i].text;
    at += cells[i].width;
  }
  return text + "\n";
}

bool version_less(std::string_view a, std::string_view b) {
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (digit(a[i]) && digit(b[j])) {
      while (i < a.size() && a[i] == '0') ++i;
      while (j < b.size() && b[j] == '0') ++j;
      const std::size_t from_a = i;
      const std::size_t from_b = j;
      while (i < a.size() && digit(a[i])) ++i;
      while (j < b.size() && digit(b[j])) ++j;
      if (i - from_a != j - from_b) return i - from_a < j - from_b;
      const int order = a.substr(from_a, i - from_a).compare(b.substr(from_b, j - from_b));
      if (order != 0) return order < 0;
      continue;
    }
    if (a[i] != b[j]) return a[i] < b[j];
    ++i;
    ++j;
  }
  return a.size() - i < b.size() - j;
}

}  // namespace drydock
