// Types of an expression: every node gets its type, calls their function, names their
// variable. In the words of cel-go's checker.
#pragma once

#include "core/cel/cel.h"
#include "core/cel/language/issues.h"

namespace drydock::cel {

void check(Program& program, const Environment& environment, Issues& issues);

}  // namespace drydock::cel
