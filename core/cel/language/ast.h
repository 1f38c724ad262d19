// The tree of a CEL expression: made by the parser, typed by the checker, walked by the
// evaluator.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/cel/cel_value.h"

namespace drydock::cel {

struct Function;
struct Node;
using NodePtr = std::unique_ptr<Node>;

struct Node {
  enum class Kind : std::uint8_t {
    kLiteral,
    kIdent,
    kSelect,  // args[0].name; with `test` it is has(args[0].name), with `optional` args[0].?name
    kCall,    // name(args); with `member` args[0].name(args[1]…)
    kList,
    kMap,     // args: key, value, key, value, …
    kStruct,  // name{fields[i]: args[i]}
    kLoop,    // a macro over args[0]: args[1] is the condition or the only part, args[2] the transformation
    kBind,    // args[0] bound to variables[0] in args[1]: what optMap makes
  };
  enum class Loop : std::uint8_t { kAll, kExists, kExistsOne, kFilter, kMap, kTransformMap, kTransformEntry };

  Kind kind = Kind::kLiteral;
  Loop loop = Loop::kAll;
  bool test = false;
  bool optional = false;
  bool member = false;
  bool flat = false;         // kBind: optFlatMap
  std::uint16_t depth = 1;   // of the tree below
  std::uint32_t offset = 0;  // where errors point: code points from the start
  std::string name;
  Val literal;
  std::vector<NodePtr> args;
  std::vector<std::string> fields;           // of structs
  std::vector<bool> optional_entries;        // of lists, maps and structs: [?x], {?k: v}
  std::vector<std::string> variables;        // of loops: one or two
  std::vector<std::uint32_t> entry_offsets;  // of maps and structs

  // By the checker.
  TypeRef type;
  const Function* function = nullptr;
  std::string resolved;  // a variable's whole name, a type's name
};

}  // namespace drydock::cel
