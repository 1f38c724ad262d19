// What vi shows.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/screen/vi/vi.h"

namespace drydock::screen {

std::size_t Vi::gutter() const {
  if (!options_.contains("number") && !options_.contains("relativenumber")) return 0;
  return std::max<std::size_t>(4, std::to_string(text_.size()).size() + 1);
}

// Rows of the screen that a line takes.
std::size_t Vi::height_of(std::size_t row) const {
  if (!options_.contains("wrap")) return 1;
  const std::size_t width = std::max<std::size_t>(1, screen_.columns() - std::min(gutter(), screen_.columns() - 1));
  std::size_t cells = column_of(text_.line(row), text_.line(row).size(), tab_stop_);
  // In insert mode the cursor may stand behind the last column.
  if (row == cursor_.row && cursor_.column >= text_.line(row).size()) ++cells;
  return std::max<std::size_t>(1, (cells + width - 1) / width);
}

void Vi::scroll_to_cursor() {
  top_ = std::min(top_, text_.size() - 1);
  const std::size_t height = text_rows();
  if (cursor_.row < top_) {
    // A jump far away puts the line in the middle.
    top_ = top_ - cursor_.row > height / 2 ? cursor_.row - std::min(cursor_.row, height / 2) : cursor_.row;
  }
  auto used = [&] {
    std::size_t rows = 0;
    for (std::size_t row = top_; row <= cursor_.row; ++row) {
      rows += height_of(row);
      if (rows > 4 * height) break;
    }
    return rows;
  };
  if (used() > height + height / 2) {
    top_ = cursor_.row;
    std::size_t rows = height_of(cursor_.row);
    while (top_ > 0 && rows + height_of(top_ - 1) <= height / 2 + 1) rows += height_of(--top_);
  }
  while (top_ < cursor_.row && used() > height) ++top_;
  if (options_.contains("wrap")) {
    left_ = 0;
    return;
  }
  const std::size_t width = screen_.columns() - std::min(gutter(), screen_.columns() - 1);
  const std::size_t column = column_of(text_.line(cursor_.row), cursor_.column, tab_stop_);
  if (column < left_) left_ = column - std::min(column, width / 2);
  if (column >= left_ + width) left_ = column - width / 2;
}

// A piece of a line, with the selection and the matches of the last search marked.
std::string Vi::shown_line(std::size_t row, std::size_t from, std::size_t width) const {
  const std::string& line = text_.line(row);
  const bool list = options_.contains("list");
  std::vector<std::pair<std::size_t, std::size_t>> marked;  // bytes
  if (visual_ != Visual::kNone) {
    const Range range = visual_range();
    if (range.lines && row >= range.from.row && row <= range.to.row)
      marked.emplace_back(0, std::max<std::size_t>(line.size(), 1));
    if (!range.lines && visual_ == Visual::kCharacters && row >= range.from.row && row <= range.to.row) {
      const std::size_t begin = row == range.from.row ? range.from.column : 0;
      const std::size_t end = row == range.to.row ? range.to.column : std::max<std::size_t>(line.size(), 1);
      marked.emplace_back(begin, end);
    }
    if (visual_ == Visual::kBlock) {
      const std::size_t a = column_of(text_.line(visual_start_.row), visual_start_.column, tab_stop_);
      const std::size_t b = column_of(text_.line(cursor_.row), cursor_.column, tab_stop_);
      if (row >= std::min(visual_start_.row, cursor_.row) && row <= std::max(visual_start_.row, cursor_.row))
        marked.emplace_back(byte_at_column(line, std::min(a, b), tab_stop_),
                            next_character(line, byte_at_column(line, std::max(a, b), tab_stop_)));
    }
  } else if (highlight_ && options_.contains("hlsearch") && !pattern_.empty()) {
    const Regex regex = compile_vim_pattern(pattern_, options_.contains("ignorecase"));
    for (std::size_t at = 0; regex.ok() && at <= line.size();) {
      const auto match = regex.search(line, at);
      if (!match) break;
      if ((*match)[0].end > (*match)[0].begin) marked.emplace_back((*match)[0].begin, (*match)[0].end);
      at = std::max((*match)[0].end, (*match)[0].begin + 1);
    }
  }
  std::string out;
  std::size_t column = 0;
  bool on = false;
  auto mark = [&](std::size_t i) {
    const bool wanted =
        std::any_of(marked.begin(), marked.end(), [&](const auto& part) { return i >= part.first && i < part.second; });
    if (wanted != on) out += wanted ? "\x1b[7m" : "\x1b[m";
    on = wanted;
  };
  for (std::size_t i = 0; i < line.size() && column < from + width; i = next_character(line, i)) {
    const std::size_t cells = cells_at(line, i, column, tab_stop_);
    const std::size_t end = column + cells;
    const auto c = static_cast<unsigned char>(line[i]);
    if (end > from) {
      mark(i);
      const std::size_t shown = std::min(end, from + width) - std::max(column, from);
      if (c == '\t')
        out += list ? "^I" + std::string(shown > 2 ? shown - 2 : 0, ' ') : std::string(shown, ' ');
      else if (shown < cells)
        out += std::string(shown, ' ');
      else if (c < 0x20 || c == 0x7f)
        out += std::string("^") + static_cast<char>(c ^ 0x40);
      else
        out += line.substr(i, character_size(line, i));
    }
    column = end;
  }
  if (line.empty() && !marked.empty()) {
    out += "\x1b[7m ";
    on = true;
  }
  if (on) out += "\x1b[m";
  if (list && column < from + width) out += "$";
  return out;
}

// The last row: the message or the mode, and the ruler.
std::string Vi::bottom_line() const {
  std::string left = !message_.empty() ? message_ : mode_;
  if (message_.empty() && visual_ != Visual::kNone)
    left = visual_ == Visual::kLines   ? "-- VISUAL LINE --"
           : visual_ == Visual::kBlock ? "-- VISUAL BLOCK --"
                                       : "-- VISUAL --";
  if (macro_ != '\0' && message_.empty()) left += std::string("recording @") + macro_;
  const std::size_t width = screen_.columns();
  const std::string& line = text_.line(cursor_.row);
  const std::size_t byte = cursor_.column + 1;
  const std::size_t column =
      column_of(line, cursor_.column, tab_stop_) +
      (cursor_.column < line.size() && line[cursor_.column] == '\t' && mode_.empty()
           ? cells_at(line, cursor_.column, column_of(line, cursor_.column, tab_stop_), tab_stop_)
           : 1);
  std::string place = std::to_string(cursor_.row + 1) + "," +
                      (line.empty()     ? "0-1"
                       : byte == column ? std::to_string(byte)
                                        : std::to_string(byte) + "-" + std::to_string(column));
  std::size_t last = top_;
  for (std::size_t rows = 0; last < text_.size(); ++last) {
    rows += height_of(last);
    if (rows > text_rows()) break;
  }
  const bool at_top = top_ == 0;
  const bool at_end = last >= text_.size();
  const std::string part =
      at_top && at_end ? "All"
      : at_top         ? "Top"
      : at_end         ? "Bot"
                       : std::to_string(top_ * 100 / std::max<std::size_t>(1, top_ + text_.size() - last)) + "%";
  const std::string ruler = pad_right(place, 14) + part;
  if (width < 40) return cut_columns(left, 0, width);
  std::string row = cut_columns(left, 0, width - 1);
  const std::size_t used = display_width(row);
  std::string keys = pending_keys_;
  if (used + 1 >= width - 18) return error_ ? "\x1b[37;41m" + row + "\x1b[m" : row;
  std::string styled = error_ ? "\x1b[37;41m" + row + "\x1b[m"
                              : (!message_.empty() ? row
                                 : row.empty()     ? row
                                                   : bold(row));
  styled += std::string(width - 18 - used, ' ');
  if (!keys.empty() && used + 12 < width - 18) {
    styled.resize(styled.size() - 11);
    styled += pad_right(keys, 11);
  }
  return styled + ruler;
}

void Vi::show() {
  if (!replay_.empty()) return;  // pictures between replayed keys would only flicker
  scroll_to_cursor();
  const std::size_t height = text_rows();
  const std::size_t numbers = gutter();
  const std::size_t width = std::max<std::size_t>(1, screen_.columns() - std::min(numbers, screen_.columns() - 1));
  std::vector<std::string> rows;
  std::size_t cursor_row = 0;
  std::size_t cursor_column = 0;
  for (std::size_t row = top_; row < text_.size() && rows.size() < height; ++row) {
    const std::size_t parts = height_of(row);
    if (rows.size() + parts > height && row != cursor_.row && row != top_) {
      // A line that does not fit as a whole is shown as @.
      while (rows.size() < height) rows.emplace_back("@");
      break;
    }
    if (row == cursor_.row) {
      const std::string& line = text_.line(row);
      std::size_t column = column_of(line, cursor_.column, tab_stop_);
      // On a tab the cursor stands at its end, unless text is being typed.
      if (mode_.empty() && cursor_.column < line.size() && line[cursor_.column] == '\t')
        column += cells_at(line, cursor_.column, column, tab_stop_) - 1;
      cursor_row = rows.size() + (options_.contains("wrap") ? column / width : 0);
      cursor_column = numbers + (options_.contains("wrap") ? column % width : column - std::min(column, left_));
    }
    for (std::size_t part = 0; part < parts && rows.size() < height; ++part) {
      std::string lead;
      if (numbers > 0) {
        const bool relative = options_.contains("relativenumber") && row != cursor_.row;
        const std::size_t number = relative ? (row > cursor_.row ? row - cursor_.row : cursor_.row - row) : row + 1;
        lead = "\x1b[33m" +
               (part == 0 ? pad_left(std::to_string(number), numbers - 1) + " " : std::string(numbers, ' ')) + "\x1b[m";
      }
      rows.push_back(lead + shown_line(row, options_.contains("wrap") ? part * width : left_, width));
    }
  }
  while (rows.size() < height) rows.emplace_back("\x1b[34m~\x1b[m");
  rows.push_back(bottom_line());
  screen_.paint(rows, std::min(cursor_row, height - 1), cursor_column);
}

}  // namespace drydock::screen
