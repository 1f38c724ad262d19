// Keys as a console line writes them: "ihello<Esc>:wq<Enter>".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace drydock {

// What a terminal sends for the text: characters as they are, and names in angle
// brackets, upper or lower case: <Esc> <Enter> <Tab> <Space> <Backspace> <Up> <Down>
// <Left> <Right> <Home> <End> <PageUp> <PageDown> <Insert> <Delete> <F1>..<F12>, <C-x>
// for Ctrl-x, <A-x> for Alt-x; <lt> is '<'. A '<' that begins no name is itself.
// Error: a name in brackets that no key has.
Result<std::string> parse_keys(std::string_view text);

// "node1> KEYS": keys for the terminal of a node. Nothing when the line is another one.
struct KeysLine {
  std::string node;
  std::string keys;
};
std::optional<KeysLine> split_keys(std::string_view line);

}  // namespace drydock
