// How ls lays out names: columns, rows, a comma separated list; and natural order.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace drydock {

struct Cell {
  std::string text;       // may hold colors
  std::size_t width = 0;  // columns of a terminal that it fills
};

// As many columns as fit into `width`, each as wide as its longest cell; `across`
// fills row by row. GNU ls moves on with tabs where a tab goes further than a space.
std::string in_columns(std::span<const Cell> cells, std::size_t width, bool across, bool tabs);
std::string in_commas(std::span<const Cell> cells, std::size_t width);

// "file-1.9" before "file-1.10": runs of digits compare as numbers.
bool version_less(std::string_view a, std::string_view b);

}  // namespace drydock
