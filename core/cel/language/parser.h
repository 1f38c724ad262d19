// From text to tree, macros expanded.
// https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax
#pragma once

#include <string_view>

#include "core/cel/language/ast.h"
#include "core/cel/language/issues.h"
#include "core/cel/language/lexer.h"

namespace drydock::cel {

// Null when there are issues. However hostile the text, the tree's depth is bounded.
NodePtr parse(std::string_view source, Issues& issues);

// A member or global call that is a macro becomes what it stands for: has, all, exists,
// exists_one, existsOne, map, filter, transformList, transformMap, transformMapEntry,
// optMap, optFlatMap. Others stay calls.
void expand_macro(NodePtr& call, Issues& issues);

}  // namespace drydock::cel
