// Differences between texts, line by line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace drydock {

struct LineEdit {
  char kind;  // ' ' in both, '-' only before, '+' only after
  std::string text;
};
// The shortest way from one list of lines to the other.
std::vector<LineEdit> line_edits(const std::vector<std::string>& before, const std::vector<std::string>& after);

// As `diff -u` prints them: the hunks only ("@@ …"), with that many lines of context;
// "" when nothing differs.
std::string unified_hunks(const std::vector<LineEdit>& edits, std::size_t context = 3);
std::string unified_diff(std::string_view before, std::string_view after);

}  // namespace drydock
