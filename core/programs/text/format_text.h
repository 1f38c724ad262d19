// printf(1) and echo -e, shared by the shell and the tools.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace drydock {

// Backslash escapes as echo -e; \c ends the text and the newline behind it.
std::string interpret_escapes(std::string_view text, bool& newline);
// The format is used again while arguments are left. `problem` names a wrong number.
std::string format_printf(std::string_view pattern, std::span<const std::string> arguments, std::string& problem);

}  // namespace drydock
