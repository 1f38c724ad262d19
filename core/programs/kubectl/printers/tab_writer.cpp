#include "core/programs/kubectl/printers/tab_writer.h"

#include <algorithm>

#include "core/base/strings.h"

namespace drydock::kubectl {
namespace {

struct Aligner {
  TabStyle style;
  std::vector<std::vector<std::string>> lines;  // the last cell of a line is not a column
  std::vector<std::size_t> widths;
  std::string output;

  void write(std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      for (std::size_t cell = 0; cell < lines[i].size(); ++cell) {
        output += lines[i][cell];
        if (cell >= widths.size()) continue;
        const std::size_t used = utf8_length(lines[i][cell]);
        if (widths[cell] > used) output.append(widths[cell] - used, ' ');
      }
      if (i + 1 < lines.size()) output += '\n';
    }
  }

  void format(std::size_t from, std::size_t to) {
    const std::size_t column = widths.size();
    for (std::size_t i = from; i < to; ++i) {
      if (column + 1 >= lines[i].size()) continue;
      write(from, i);
      from = i;
      std::size_t width = style.min_width;
      for (; i < to && column + 1 < lines[i].size(); ++i)
        width = std::max(width, utf8_length(lines[i][column]) + style.padding);
      widths.push_back(width);
      format(from, i);
      widths.pop_back();
      from = i;
      --i;
    }
    write(from, to);
  }
};

}  // namespace

std::string align_tabs(std::string_view text, TabStyle style) {
  Aligner aligner{style, {}, {}, {}};
  for (const std::string& line : split(text, '\n')) aligner.lines.push_back(split(line, '\t'));
  aligner.format(0, aligner.lines.size());
  return std::move(aligner.output);
}

std::string TableAligner::lines(const std::vector<std::vector<std::string>>& rows) {
  for (const auto& row : rows) {
    if (widths_.size() < row.size()) widths_.resize(row.size(), kTableTabs.min_width);
    for (std::size_t i = 0; i + 1 < row.size(); ++i)
      widths_[i] = std::max(widths_[i], utf8_length(row[i]) + kTableTabs.padding);
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths_[i] - std::min(widths_[i], utf8_length(row[i])), ' ');
    }
    text += '\n';
  }
  return text;
}

}  // namespace drydock::kubectl
