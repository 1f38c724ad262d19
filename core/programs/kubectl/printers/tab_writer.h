// Elastic tab stops, as Go's text/tabwriter lays them out: cells end at a tab;
// a column is as wide as its widest cell among neighbouring lines that have it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace drydock::kubectl {

struct TabStyle {
  std::size_t min_width = 0;
  std::size_t padding = 2;
};
// What describe uses, and what tables use.
inline constexpr TabStyle kDescribeTabs{0, 2};
inline constexpr TabStyle kTableTabs{6, 3};

std::string align_tabs(std::string_view text, TabStyle style);

// A table that may go on: columns never get narrower from one call to the next
// (watches print row after row).
class TableAligner {
 public:
  std::string lines(const std::vector<std::vector<std::string>>& rows);

 private:
  std::vector<std::size_t> widths_;
};

}  // namespace drydock::kubectl
