// POSIX regular expressions rewritten as Perl's, which PCRE2 understands.
#pragma once

#include <string>
#include <string_view>

#include "core/programs/text/regex.h"

namespace drydock {

struct TranslatedRegex {
  std::string pattern;
  std::string error;  // glibc's words; "" when the pattern is well-formed
  bool alternatives = false;
};

// `syntax` is kBasic, kExtended or kAwk.
TranslatedRegex translate_posix_regex(std::string_view pattern, Regex::Syntax syntax);

}  // namespace drydock
