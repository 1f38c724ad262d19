// The tree of an awk program as code for the machine.
#pragma once

#include "core/programs/text_tools/awk/code.h"
#include "core/programs/text_tools/awk/language/lexer.h"
#include "core/programs/text_tools/awk/language/syntax.h"

namespace drydock::awk {

// Complaints about a program that is well-formed: "function `f' not defined".
struct FatalError {
  std::string message;
  std::uint32_t line = 0;  // 0: of no line
};

// Throws FatalError. `source` tells the lines of offsets.
CompiledProgram compile(const Program& program, std::string_view source);

}  // namespace drydock::awk
