#include "core/programs/text_tools/awk/expression_compiler.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace drydock::awk {
namespace {

struct BuiltinRow {
  std::string_view name;
  Builtin number;
  int least;
  int most;
};
constexpr BuiltinRow kBuiltins[] = {
    {"length", Builtin::kLength, 0, 1},     {"substr", Builtin::kSubstr, 2, 3},   {"index", Builtin::kIndex, 2, 2},
    {"split", Builtin::kSplit, 2, 3},       {"gensub", Builtin::kGensub, 3, 4},   {"match", Builtin::kMatch, 2, 3},
    {"sprintf", Builtin::kSprintf, 1, 99},  {"sin", Builtin::kSin, 1, 1},         {"cos", Builtin::kCos, 1, 1},
    {"atan2", Builtin::kAtan2, 2, 2},       {"exp", Builtin::kExp, 1, 1},         {"log", Builtin::kLog, 1, 1},
    {"sqrt", Builtin::kSqrt, 1, 1},         {"int", Builtin::kInt, 1, 1},         {"rand", Builtin::kRand, 0, 0},
    {"srand", Builtin::kSrand, 0, 1},       {"tolower", Builtin::kToLower, 1, 1}, {"toupper", Builtin::kToUpper, 1, 1},
    {"system", Builtin::kSystem, 1, 1},     {"close", Builtin::kClose, 1, 2},     {"fflush", Builtin::kFflush, 0, 1},
    {"strftime", Builtin::kStrftime, 0, 3}, {"systime", Builtin::kSystime, 0, 0}, {"mktime", Builtin::kMktime, 1, 2},
    {"and", Builtin::kAnd, 2, 99},          {"or", Builtin::kOr, 2, 99},          {"xor", Builtin::kXor, 2, 99},
    {"lshift", Builtin::kLshift, 2, 2},     {"rshift", Builtin::kRshift, 2, 2},   {"compl", Builtin::kCompl, 1, 1},
    {"strtonum", Builtin::kStrtonum, 1, 1}, {"asort", Builtin::kAsort, 1, 2},     {"asorti", Builtin::kAsorti, 1, 2},
    {"typeof", Builtin::kTypeof, 1, 1},
};

}  // namespace

std::uint32_t ExpressionCompiler::line_of(std::size_t offset) const {
  const std::string_view before = source_.substr(0, std::min(offset, source_.size()));
  return 1 + static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
}

void ExpressionCompiler::fail(const std::string& message) { throw FatalError{message, line_}; }

std::size_t ExpressionCompiler::emit(Op op, int a, int b, int c) {
  code_->push_back({op, a, b, c, line_});
  return code_->size() - 1;
}

void ExpressionCompiler::patch(std::size_t at) { (*code_)[at].a = static_cast<int>(code_->size()); }

void ExpressionCompiler::constant(Cell cell) {
  out_.constants.push_back(std::move(cell));
  emit(Op::kConstant, static_cast<int>(out_.constants.size()) - 1);
}

int ExpressionCompiler::global(const std::string& name) {
  const auto [at, made] = globals_.try_emplace(name, static_cast<int>(out_.globals.size()));
  if (made) out_.globals.push_back(name);
  return at->second;
}

int ExpressionCompiler::slot(const std::string& name) {
  const auto local = locals_.find(name);
  if (local != locals_.end()) return ~local->second;
  if (function_numbers_.contains(name)) fail("function `" + name + "' called with space between name and `('");
  return global(name);
}

int ExpressionCompiler::array_slot(const std::string& name) {
  const int number = slot(name);
  if (number >= 0) arrays_.insert(number);
  return number;
}

void ExpressionCompiler::key(const std::vector<ExpressionPtr>& subscripts) {
  for (const ExpressionPtr& each : subscripts) expression(*each);
  emit(Op::kKey, 0, static_cast<int>(subscripts.size()));
}

Target ExpressionCompiler::place(const Expression& target, int& where) {
  where = 0;
  switch (target.kind) {
    case Kind::kVariable:
      where = slot(target.text);
      return Target::kVariable;
    case Kind::kField:
      expression(*target.children[0]);
      return Target::kField;
    case Kind::kElement:
      key(target.children);
      where = array_slot(target.text);
      return Target::kElement;
    default:
      fail("assignment used in a wrong place");
  }
}

void ExpressionCompiler::assign(const Expression& e) {
  int where = 0;
  const Target target = place(*e.children[0], where);
  const bool compound = e.text != "=";
  if (compound) {
    if (target == Target::kVariable) {
      emit(Op::kLoad, where);
    } else {
      emit(Op::kDuplicate);
      emit(target == Target::kField ? Op::kField : Op::kElement, where);
    }
  }
  expression(*e.children[1]);
  if (compound) emit(Op::kArithmetic, 0, e.text[0]);
  emit(target == Target::kVariable ? Op::kStore
       : target == Target::kField  ? Op::kStoreField
                                   : Op::kStoreElement,
       where);
}

void ExpressionCompiler::regex(const Expression& e) {
  if (e.kind == Kind::kRegex)
    constant(Cell::string(e.text));
  else
    expression(e);
}

void ExpressionCompiler::expression(const Expression& e) {
  line_ = line_of(e.offset);
  switch (e.kind) {
    case Kind::kNumber:
      return constant(Cell::number(e.number));
    case Kind::kString:
      return constant(Cell::string(e.text));
    case Kind::kRegex:
      constant(Cell::string(e.text));
      emit(Op::kMatchRecord);
      return;
    case Kind::kVariable:
      emit(Op::kLoad, slot(e.text));
      return;
    case Kind::kField:
      expression(*e.children[0]);
      emit(Op::kField);
      return;
    case Kind::kElement:
      key(e.children);
      emit(Op::kElement, array_slot(e.text));
      return;
    case Kind::kAssign:
      return assign(e);
    case Kind::kConditional: {
      expression(*e.children[0]);
      const std::size_t no = emit(Op::kJumpFalse);
      expression(*e.children[1]);
      const std::size_t done = emit(Op::kJump);
      patch(no);
      expression(*e.children[2]);
      patch(done);
      return;
    }
    case Kind::kAnd: {
      expression(*e.children[0]);
      const std::size_t no = emit(Op::kJumpFalse);
      expression(*e.children[1]);
      emit(Op::kTruth);
      const std::size_t done = emit(Op::kJump);
      patch(no);
      constant(Cell::number(0));
      patch(done);
      return;
    }
    case Kind::kOr: {
      expression(*e.children[0]);
      const std::size_t no = emit(Op::kJumpFalse);
      constant(Cell::number(1));
      const std::size_t done = emit(Op::kJump);
      patch(no);
      expression(*e.children[1]);
      emit(Op::kTruth);
      patch(done);
      return;
    }
    case Kind::kNot:
    case Kind::kNegate:
    case Kind::kPlus:
      expression(*e.children[0]);
      emit(e.kind == Kind::kNot ? Op::kNot : e.kind == Kind::kNegate ? Op::kNegate : Op::kPlus);
      return;
    case Kind::kBinary:
      return binary(e);
    case Kind::kMatch:
      expression(*e.children[0]);
      regex(*e.children[1]);
      emit(Op::kMatch);
      if (e.text == "!~") emit(Op::kNot);
      return;
    case Kind::kIn:
      key(e.children);
      emit(Op::kIn, array_slot(e.text));
      return;
    case Kind::kIncrement: {
      int where = 0;
      const Target target = place(*e.children[0], where);
      const int flags = (e.text == "--" ? kStepDown : 0) | (e.prefix ? kStepPrefix : 0);
      emit(target == Target::kVariable ? Op::kStep
           : target == Target::kField  ? Op::kStepField
                                       : Op::kStepElement,
           where, flags);
      return;
    }
    case Kind::kCall:
      return call(e);
    case Kind::kBuiltin:
      return builtin(e);
    case Kind::kGetline: {
      const bool source = !e.text.empty();
      if (source) expression(*e.children[0]);
      int where = 0;
      const Target target = e.has_target ? place(*e.children[source ? 1 : 0], where) : Target::kNone;
      emit(Op::kGetline, source ? e.text[0] : 0, static_cast<int>(target), where);
      return;
    }
    case Kind::kGroup:
      fail("syntax error");
  }
}

void ExpressionCompiler::binary(const Expression& e) {
  expression(*e.children[0]);
  expression(*e.children[1]);
  line_ = line_of(e.offset);
  static constexpr std::string_view kComparisons[] = {"<", "<=", "==", "!=", ">", ">="};
  for (int i = 0; i < 6; ++i) {
    if (e.text == kComparisons[i]) {
      emit(Op::kCompare, 0, i);
      return;
    }
  }
  if (e.text.empty())
    emit(Op::kConcatenate);
  else
    emit(Op::kArithmetic, 0, e.text[0]);
}

void ExpressionCompiler::call(const Expression& e) {
  const auto at = function_numbers_.find(e.text);
  if (at == function_numbers_.end()) fail("function `" + e.text + "' not defined");
  const CompiledFunction& function = out_.functions[static_cast<std::size_t>(at->second)];
  if (e.children.size() > static_cast<std::size_t>(function.parameters))
    fail("function `" + e.text + "' called with more arguments than declared");
  for (const ExpressionPtr& argument : e.children) {
    if (argument->kind == Kind::kVariable)
      emit(Op::kReference, slot(argument->text));
    else
      expression(*argument);
  }
  line_ = line_of(e.offset);
  emit(Op::kCall, at->second, static_cast<int>(e.children.size()));
}

int ExpressionCompiler::array_argument(const Expression& e, std::size_t index) {
  if (index >= e.children.size() || e.children[index]->kind != Kind::kVariable)
    fail(e.text + ": argument is not an array");
  return array_slot(e.children[index]->text);
}

void ExpressionCompiler::substitute(const Expression& e) {
  if (e.children.size() < 2 || e.children.size() > 3)
    fail(std::to_string(e.children.size()) + " is invalid as number of arguments for " + e.text);
  regex(*e.children[0]);
  expression(*e.children[1]);
  int where = 0;
  Target target = Target::kField;
  if (e.children.size() == 2) {
    constant(Cell::number(0));
  } else if (e.children[2]->kind == Kind::kVariable || e.children[2]->kind == Kind::kField ||
             e.children[2]->kind == Kind::kElement) {
    target = place(*e.children[2], where);
  } else {
    target = Target::kNone;
  }
  if (target == Target::kNone) {
    expression(*e.children[2]);
  } else if (target == Target::kVariable) {
    emit(Op::kLoad, where);
  } else {
    emit(Op::kDuplicate);
    emit(target == Target::kField ? Op::kField : Op::kElement, where);
  }
  emit(Op::kSubstitute, e.text == "gsub" ? 1 : 0, static_cast<int>(target), where);
}

void ExpressionCompiler::builtin(const Expression& e) {
  if (e.text == "sub" || e.text == "gsub") return substitute(e);
  const BuiltinRow* row = std::find_if(std::begin(kBuiltins), std::end(kBuiltins),
                                       [&](const BuiltinRow& each) { return each.name == e.text; });
  const auto count = static_cast<int>(e.children.size());
  if (count < row->least || count > row->most)
    fail(std::to_string(count) + " is invalid as number of arguments for " + e.text);
  const int number = static_cast<int>(row->number);
  switch (row->number) {
    case Builtin::kLength:
      if (count == 1 && e.children[0]->kind == Kind::kVariable) {
        emit(Op::kLengthOf, slot(e.children[0]->text));
        return;
      }
      break;
    case Builtin::kSplit: {
      expression(*e.children[0]);
      int flags = 0;
      if (count > 2) {
        regex(*e.children[2]);
        flags = e.children[2]->kind == Kind::kRegex ? 2 : 1;
      }
      const int array = array_argument(e, 1);
      emit(Op::kBuiltin, number, (count > 2 ? 2 : 1) + 4 * flags, array);
      return;
    }
    case Builtin::kMatch:
      expression(*e.children[0]);
      regex(*e.children[1]);
      emit(Op::kBuiltin, number, count, count > 2 ? array_argument(e, 2) : 0);
      return;
    case Builtin::kGensub:
      regex(*e.children[0]);
      for (std::size_t i = 1; i < e.children.size(); ++i) expression(*e.children[i]);
      emit(Op::kBuiltin, number, count);
      return;
    case Builtin::kAsort:
    case Builtin::kAsorti: {
      const int from = array_argument(e, 0);
      const int to = count > 1 ? array_argument(e, 1) : from;
      constant(Cell::number(from));
      emit(Op::kBuiltin, number, 1, to);
      return;
    }
    default:
      break;
  }
  for (const ExpressionPtr& argument : e.children) expression(*argument);
  emit(Op::kBuiltin, number, count);
}

}  // namespace drydock::awk
