// History expansion: !!, !n, !-n, !text, !?text?, word designators and modifiers,
// ^old^new.
// https://www.gnu.org/software/bash/manual/html_node/History-Interaction.html
#pragma once

#include <deque>
#include <string>

namespace drydock::shell {

struct HistoryExpansion {
  bool ok = true;
  bool changed = false;
  bool print_only = false;  // :p
  std::string problem;      // "!foo: event not found"
};
HistoryExpansion expand_history(std::string& line, const std::deque<std::string>& history);
// The words of a line, quotes kept: what !$ and M-. mean.
std::string last_word(const std::string& line);

}  // namespace drydock::shell
