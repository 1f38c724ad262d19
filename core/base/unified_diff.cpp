#include "core/base/unified_diff.h"

#include <algorithm>
#include <vector>

#include "core/base/strings.h"

namespace drydock {
namespace {

// Beyond this many cells the middle is taken as changed throughout.
constexpr std::size_t kTableLimit = 16'000'000;

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines = split(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

std::string range(std::size_t start, std::size_t count) {
  if (count == 0) return std::to_string(start - 1) + ",0";
  return count == 1 ? std::to_string(start) : std::to_string(start) + "," + std::to_string(count);
}

}  // namespace

std::vector<LineEdit> line_edits(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::size_t head = 0;
  while (head < a.size() && head < b.size() && a[head] == b[head]) ++head;
  std::size_t tail = 0;
  while (tail < a.size() - head && tail < b.size() - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
  const std::size_t n = a.size() - head - tail;
  const std::size_t m = b.size() - head - tail;
  std::vector<LineEdit> result;
  for (std::size_t i = 0; i < head; ++i) result.push_back({' ', a[i]});
  std::size_t i = 0;
  std::size_t j = 0;
  if (n * m <= kTableLimit) {
    // Longest common subsequence of what is left: length[i][j] for the suffixes.
    std::vector<std::uint32_t> length((n + 1) * (m + 1), 0);
    auto at = [&](std::size_t x, std::size_t y) -> std::uint32_t& { return length[x * (m + 1) + y]; };
    for (std::size_t x = n; x-- > 0;) {
      for (std::size_t y = m; y-- > 0;)
        at(x, y) = a[head + x] == b[head + y] ? at(x + 1, y + 1) + 1 : std::max(at(x + 1, y), at(x, y + 1));
    }
    while (i < n && j < m) {
      if (a[head + i] == b[head + j]) {
        result.push_back({' ', a[head + i]});
        ++i;
        ++j;
      } else if (at(i + 1, j) >= at(i, j + 1)) {
        result.push_back({'-', a[head + i++]});
      } else {
        result.push_back({'+', b[head + j++]});
      }
    }
  }
  while (i < n) result.push_back({'-', a[head + i++]});
  while (j < m) result.push_back({'+', b[head + j++]});
  for (std::size_t k = a.size() - tail; k < a.size(); ++k) result.push_back({' ', a[k]});
  return result;
}

std::string unified_diff(std::string_view before, std::string_view after) {
  return unified_hunks(line_edits(lines_of(before), lines_of(after)));
}

std::string unified_hunks(const std::vector<LineEdit>& all, std::size_t context) {
  std::string text;
  std::size_t old_line = 1;
  std::size_t new_line = 1;
  std::size_t at = 0;  // lines before this one are counted
  auto advance = [&](std::size_t to) {
    for (; at < to; ++at) {
      old_line += all[at].kind != '+';
      new_line += all[at].kind != '-';
    }
  };
  std::size_t i = 0;
  while (i < all.size()) {
    if (all[i].kind == ' ') {
      ++i;
      continue;
    }
    const std::size_t begin = i < context ? 0 : std::max(at, i - context);
    // The hunk goes on while changes are near each other.
    std::size_t last = i;
    for (std::size_t k = i; k < all.size() && k <= last + 2 * context + 1; ++k) {
      if (all[k].kind != ' ') last = k;
    }
    const std::size_t end = std::min(all.size(), last + 1 + context);
    advance(begin);
    std::size_t old_count = 0;
    std::size_t new_count = 0;
    std::string body;
    for (std::size_t k = begin; k < end; ++k) {
      old_count += all[k].kind != '+';
      new_count += all[k].kind != '-';
      body += all[k].kind + all[k].text + "\n";
    }
    text += "@@ -" + range(old_line, old_count) + " +" + range(new_line, new_count) + " @@\n" + body;
    advance(end);
    i = end;
  }
  return text;
}

}  // namespace drydock
