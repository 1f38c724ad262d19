// Reads an awk program into its tree.
#pragma once

#include <string_view>

#include "core/programs/text_tools/awk/language/lexer.h"
#include "core/programs/text_tools/awk/language/syntax.h"

namespace drydock::awk {

// Throws SyntaxError.
Program parse_program(std::string_view source);

}  // namespace drydock::awk
