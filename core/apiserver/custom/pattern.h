// Regular expressions of custom resources' schemas (Go's syntax, in the part that PCRE2 shares).
#pragma once

#include <string_view>

namespace drydock {

// Is the pattern found anywhere in the text? Patterns that are none match everything.
bool pattern_found(std::string_view pattern, std::string_view text);

}  // namespace drydock
