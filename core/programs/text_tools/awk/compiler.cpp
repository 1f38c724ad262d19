#include "core/programs/text_tools/awk/compiler.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

namespace drydock::awk {
namespace {

constexpr std::string_view kSpecialNames[] = {"NF",       "NR",     "FNR",        "FS",      "OFS",    "ORS",
                                              "RS",       "SUBSEP", "CONVFMT",    "OFMT",    "RSTART", "RLENGTH",
                                              "FILENAME", "RT",     "IGNORECASE", "ENVIRON", "ARGV",   "ARGC"};

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

class Compiler {
 public:
  Compiler(const Program& program, std::string_view source) : program_(program), source_(source) {
    for (std::string_view name : kSpecialNames) (void)global(std::string(name));
  }

  CompiledProgram run() {
    for (const auto& [name, function] : program_.functions) {
      function_numbers_[name] = static_cast<int>(out_.functions.size());
      out_.functions.push_back({name, static_cast<int>(function.parameters.size()), {}});
    }
    for (const auto& [name, function] : program_.functions) {
      locals_.clear();
      for (std::size_t i = 0; i < function.parameters.size(); ++i)
        locals_[function.parameters[i]] = static_cast<int>(i);
      Code code;
      code_ = &code;
      statement(*function.body);
      constant(Cell());
      emit(Op::kReturn);
      out_.functions[static_cast<std::size_t>(function_numbers_[name])].code = std::move(code);
    }
    locals_.clear();
    for (const Rule& rule : program_.rules) {
      switch (rule.kind) {
        case Rule::Kind::kBegin:
          code_ = &out_.begin;
          statement(*rule.action);
          break;
        case Rule::Kind::kEnd:
          code_ = &out_.end;
          out_.has_end = true;
          statement(*rule.action);
          break;
        default:
          code_ = &out_.main;
          out_.has_main = true;
          record_rule(rule);
      }
    }
    for (Code* code : {&out_.begin, &out_.main, &out_.end}) {
      code_ = code;
      emit(Op::kEnd);
    }
    out_.arrays.resize(out_.globals.size());
    for (int slot : arrays_) out_.arrays[static_cast<std::size_t>(slot)] = true;
    return std::move(out_);
  }

 private:
  using Kind = Expression::Kind;

  struct Loop {
    std::vector<std::size_t> breaks;
    std::vector<std::size_t> continues;
    bool is_switch = false;
  };

  std::uint32_t line_of(std::size_t offset) const {
    const std::string_view before = source_.substr(0, std::min(offset, source_.size()));
    return 1 + static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
  }
  [[noreturn]] void fail(const std::string& message) { throw FatalError{message, line_}; }

  std::size_t emit(Op op, int a = 0, int b = 0, int c = 0) {
    code_->push_back({op, a, b, c, line_});
    return code_->size() - 1;
  }
  void patch(std::size_t at) { (*code_)[at].a = static_cast<int>(code_->size()); }
  void constant(Cell cell) {
    out_.constants.push_back(std::move(cell));
    emit(Op::kConstant, static_cast<int>(out_.constants.size()) - 1);
  }
  int global(const std::string& name) {
    const auto [at, made] = globals_.try_emplace(name, static_cast<int>(out_.globals.size()));
    if (made) out_.globals.push_back(name);
    return at->second;
  }
  int slot(const std::string& name) {
    const auto local = locals_.find(name);
    if (local != locals_.end()) return ~local->second;
    if (function_numbers_.contains(name)) fail("function `" + name + "' called with space between name and `('");
    return global(name);
  }
  int array_slot(const std::string& name) {
    const int number = slot(name);
    if (number >= 0) arrays_.insert(number);
    return number;
  }

  // --- rules and statements ---

  void record_rule(const Rule& rule) {
    std::vector<std::size_t> skips;
    if (rule.kind == Rule::Kind::kRange) {
      const int range = out_.ranges++;
      emit(Op::kRangeActive, range);
      const std::size_t inactive = emit(Op::kJumpFalse);
      const std::size_t inside = emit(Op::kJump);
      patch(inactive);
      expression(*rule.pattern);
      skips.push_back(emit(Op::kJumpFalse));
      emit(Op::kSetRange, range, 1);
      patch(inside);
      expression(*rule.last);
      const std::size_t goes_on = emit(Op::kJumpFalse);
      emit(Op::kSetRange, range, 0);
      patch(goes_on);
    } else if (rule.pattern) {
      expression(*rule.pattern);
      skips.push_back(emit(Op::kJumpFalse));
    }
    if (rule.action)
      statement(*rule.action);
    else
      emit(Op::kPrint);
    for (std::size_t skip : skips) patch(skip);
  }

  void statements(const std::vector<StatementPtr>& list) {
    for (const StatementPtr& each : list) statement(*each);
  }

  void end_loop(std::size_t continue_at) {
    for (std::size_t jump : loops_.back().continues) (*code_)[jump].a = static_cast<int>(continue_at);
    for (std::size_t jump : loops_.back().breaks) patch(jump);
    loops_.pop_back();
  }

  void statement(const Statement& s) {
    line_ = line_of(s.offset);
    switch (s.kind) {
      case Statement::Kind::kExpression:
        expression(*s.expressions[0]);
        emit(Op::kPop);
        return;
      case Statement::Kind::kPrint:
      case Statement::Kind::kPrintf:
        for (const ExpressionPtr& each : s.expressions) expression(*each);
        if (s.target) expression(*s.target);
        emit(Op::kPrint, static_cast<int>(s.expressions.size()),
             s.text == ">>"   ? 'a'
             : s.text.empty() ? 0
                              : s.text[0],
             s.kind == Statement::Kind::kPrintf ? 1 : 0);
        return;
      case Statement::Kind::kIf: {
        expression(*s.condition);
        const std::size_t no = emit(Op::kJumpFalse);
        statement(*s.statements[0]);
        if (s.statements.size() > 1) {
          const std::size_t done = emit(Op::kJump);
          patch(no);
          statement(*s.statements[1]);
          patch(done);
        } else {
          patch(no);
        }
        return;
      }
      case Statement::Kind::kWhile: {
        const std::size_t top = code_->size();
        expression(*s.condition);
        loops_.emplace_back();
        loops_.back().breaks.push_back(emit(Op::kJumpFalse));
        statement(*s.statements[0]);
        emit(Op::kJump, static_cast<int>(top));
        end_loop(top);
        return;
      }
      case Statement::Kind::kDo: {
        const std::size_t top = code_->size();
        loops_.emplace_back();
        statement(*s.statements[0]);
        const std::size_t test = code_->size();
        expression(*s.condition);
        loops_.back().breaks.push_back(emit(Op::kJumpFalse));
        emit(Op::kJump, static_cast<int>(top));
        end_loop(test);
        return;
      }
      case Statement::Kind::kFor: {
        statement(*s.statements[0]);
        const std::size_t top = code_->size();
        loops_.emplace_back();
        if (s.condition) {
          expression(*s.condition);
          loops_.back().breaks.push_back(emit(Op::kJumpFalse));
        }
        statement(*s.statements[2]);
        const std::size_t step = code_->size();
        statement(*s.statements[1]);
        emit(Op::kJump, static_cast<int>(top));
        end_loop(step);
        return;
      }
      case Statement::Kind::kForIn: {
        emit(Op::kIterate, array_slot(s.text));
        const std::size_t top = code_->size();
        loops_.emplace_back();
        const std::size_t finished = emit(Op::kIterateNext);
        emit(Op::kStore, slot(s.variable));
        emit(Op::kPop);
        statement(*s.statements[0]);
        emit(Op::kJump, static_cast<int>(top));
        patch(finished);
        end_loop(top);
        emit(Op::kIterateEnd);
        return;
      }
      case Statement::Kind::kBlock:
        statements(s.statements);
        return;
      case Statement::Kind::kBreak:
        loops_.back().breaks.push_back(emit(Op::kJump));
        return;
      case Statement::Kind::kContinue:
        for (std::size_t i = loops_.size(); i-- > 0;) {
          if (loops_[i].is_switch) continue;
          loops_[i].continues.push_back(emit(Op::kJump));
          return;
        }
        fail("`continue' is not allowed outside a loop");
      case Statement::Kind::kNext:
        emit(Op::kNext);
        return;
      case Statement::Kind::kNextFile:
        emit(Op::kNextFile);
        return;
      case Statement::Kind::kExit:
        if (s.condition) expression(*s.condition);
        emit(Op::kExit, 0, s.condition ? 1 : 0);
        return;
      case Statement::Kind::kReturn:
        if (s.condition)
          expression(*s.condition);
        else
          constant(Cell());
        emit(Op::kReturn);
        return;
      case Statement::Kind::kDelete:
        if (s.expressions.empty()) {
          emit(Op::kClear, array_slot(s.text));
          return;
        }
        key(s.expressions);
        emit(Op::kDelete, array_slot(s.text));
        return;
      case Statement::Kind::kSwitch:
        switch_statement(s);
        return;
    }
  }

  void switch_statement(const Statement& s) {
    // The value waits in a variable of its own: the machine's stack stays clean for breaks.
    const int value = global("switch value " + std::to_string(switches_++));
    expression(*s.condition);
    emit(Op::kStore, value);
    emit(Op::kPop);
    std::vector<std::pair<std::size_t, std::size_t>> jumps;  // instruction, label
    std::optional<std::size_t> otherwise;
    for (std::size_t i = 0; i < s.labels.size(); ++i) {
      if (!s.expressions[i]) {
        otherwise = s.labels[i];
        continue;
      }
      emit(Op::kLoad, value);
      if (s.expressions[i]->kind == Kind::kRegex) {
        regex(*s.expressions[i]);
        emit(Op::kMatch);
      } else {
        expression(*s.expressions[i]);
        emit(Op::kSwitchEqual);
      }
      const std::size_t next = emit(Op::kJumpFalse);
      jumps.emplace_back(emit(Op::kJump), s.labels[i]);
      patch(next);
    }
    const std::size_t last = emit(Op::kJump);
    loops_.emplace_back();
    loops_.back().is_switch = true;
    std::optional<std::size_t> default_at;
    for (std::size_t i = 0; i <= s.statements.size(); ++i) {
      for (const auto& [jump, label] : jumps) {
        if (label == i) patch(jump);
      }
      if (otherwise == i) default_at = code_->size();
      if (i < s.statements.size()) statement(*s.statements[i]);
    }
    (*code_)[last].a = static_cast<int>(default_at.value_or(code_->size()));
    end_loop(code_->size());
  }

  // --- expressions ---

  void key(const std::vector<ExpressionPtr>& subscripts) {
    for (const ExpressionPtr& each : subscripts) expression(*each);
    emit(Op::kKey, 0, static_cast<int>(subscripts.size()));
  }

  // Pushes what names the target: a field's index, an element's key.
  Target place(const Expression& target, int& where) {
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

  void assign(const Expression& e) {
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

  // The text of a regular expression: as it stands, or what the expression gives.
  void regex(const Expression& e) {
    if (e.kind == Kind::kRegex)
      constant(Cell::string(e.text));
    else
      expression(e);
  }

  void expression(const Expression& e) {
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

  void binary(const Expression& e) {
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

  void call(const Expression& e) {
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

  int array_argument(const Expression& e, std::size_t index) {
    if (index >= e.children.size() || e.children[index]->kind != Kind::kVariable)
      fail(e.text + ": argument is not an array");
    return array_slot(e.children[index]->text);
  }

  void substitute(const Expression& e) {
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

  void builtin(const Expression& e) {
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

  const Program& program_;
  std::string_view source_;
  CompiledProgram out_;
  Code* code_ = nullptr;
  std::uint32_t line_ = 1;
  std::map<std::string, int> globals_;
  std::map<std::string, int> locals_;
  std::map<std::string, int> function_numbers_;
  std::set<int> arrays_;
  std::vector<Loop> loops_;
  int switches_ = 0;
};

}  // namespace

CompiledProgram compile(const Program& program, std::string_view source) { return Compiler(program, source).run(); }

}  // namespace drydock::awk
