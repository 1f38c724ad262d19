// Text in the shell's quotes, in the ways bash writes it.
#pragma once

#include <string>
#include <string_view>

namespace drydock::shell {

std::string single_quoted(std::string_view text);  // 'it'\''s'
std::string reusable(std::string_view text);       // ${x@Q}: single quotes, or $'a\nb'
std::string double_quoted(std::string_view text);  // declare -p: "a \"b\"", or $'a\nb'
std::string backslashed(std::string_view text);    // printf %q: a\ b, or $'a\nb'
// As it is when nothing in it needs quotes: set, set -x.
std::string quote_when_needed(std::string_view text);
// The inside of $'…'.
std::string ansi_unquoted(std::string_view text);

}  // namespace drydock::shell
