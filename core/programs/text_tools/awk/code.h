// What an awk program is compiled to: instructions for a stack machine. They let a
// running program stop anywhere (for input, for a command, for other programs'
// sake) without a coroutine per expression.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/programs/text_tools/awk/value.h"

namespace drydock::awk {

// Variables of the language: the first global slots, in this order.
enum Special : int {
  kNF,
  kNR,
  kFNR,
  kFS,
  kOFS,
  kORS,
  kRS,
  kSUBSEP,
  kCONVFMT,
  kOFMT,
  kRSTART,
  kRLENGTH,
  kFILENAME,
  kRT,
  kIGNORECASE,
  kENVIRON,
  kARGV,
  kARGC,
  kSpecialCount,
};

enum class Op : std::uint8_t {
  kConstant,      // a: constant
  kLoad,          // a: slot
  kStore,         // a: slot; the value stays
  kField,         // index -> value
  kStoreField,    // index value -> value
  kKey,           // b values -> one subscript text
  kElement,       // a: slot; key -> value
  kStoreElement,  // a: slot; key value -> value
  kStep,          // a: slot; b: StepFlags; -> value
  kStepField,     // b; index -> value
  kStepElement,   // a, b; key -> value
  kIn,            // a: slot; key -> 0 or 1
  kDelete,        // a: slot; key ->
  kClear,         // a: slot
  kArithmetic,    // b: one of "+-*/%^"
  kNegate,
  kPlus,
  kNot,
  kTruth,
  kConcatenate,
  kCompare,      // b: Comparison
  kMatch,        // value regex -> 0 or 1
  kMatchRecord,  // regex -> 0 or 1
  kJump,         // a: target
  kJumpFalse,    // a; value ->
  kDuplicate,
  kPop,
  kIterate,      // a: slot
  kIterateNext,  // a: target when there are no more; -> key
  kIterateEnd,
  kReference,    // a: slot; an argument that may be an array
  kCall,         // a: function; b: arguments
  kReturn,       // value ->
  kBuiltin,      // a: Builtin; b: arguments; c: slot of an array, or regex flag
  kLengthOf,     // a: slot of a variable or array
  kSubstitute,   // a: global?; b: Target; c: slot; regex replacement [key] value -> count
  kGetline,      // a: '\0', '<' or '|'; b: Target; c: slot; [source] [key] -> 1, 0, -1
  kPrint,        // a: values; b: redirection or '\0'; c: 1 for printf
  kSwitchEqual,  // value label -> value 0-or-1
  kRangeActive,  // a: range -> 0 or 1
  kSetRange,     // a: range; b: 0 or 1
  kNext,
  kNextFile,
  kExit,  // b: 1 with a value
  kEnd,
};

enum class Target : std::uint8_t { kNone, kVariable, kField, kElement };
enum class Comparison : std::uint8_t { kLess, kLessEqual, kEqual, kNotEqual, kGreater, kGreaterEqual };
enum StepFlags : int { kStepDown = 1, kStepPrefix = 2 };

struct Instruction {
  Op op;
  int a = 0;
  int b = 0;
  int c = 0;
  std::uint32_t line = 1;
};
using Code = std::vector<Instruction>;

// Slots >= 0 are globals; local n is ~n.
struct CompiledFunction {
  std::string name;
  int parameters = 0;
  Code code;
};

struct CompiledProgram {
  Code begin;
  Code main;
  Code end;
  bool has_main = false;  // rules that need records
  bool has_end = false;
  std::vector<Cell> constants;
  std::vector<CompiledFunction> functions;
  std::vector<std::string> globals;  // names by slot
  std::vector<bool> arrays;          // globals that the program uses with subscripts
  int ranges = 0;
};

// Numbers of the built-in functions, by name.
enum class Builtin : int {
  kLength,
  kSubstr,
  kIndex,
  kSplit,
  kGensub,
  kMatch,
  kSprintf,
  kSin,
  kCos,
  kAtan2,
  kExp,
  kLog,
  kSqrt,
  kInt,
  kRand,
  kSrand,
  kToLower,
  kToUpper,
  kSystem,
  kClose,
  kFflush,
  kStrftime,
  kSystime,
  kMktime,
  kAnd,
  kOr,
  kXor,
  kLshift,
  kRshift,
  kCompl,
  kStrtonum,
  kAsort,
  kAsorti,
  kTypeof,
};

}  // namespace drydock::awk
