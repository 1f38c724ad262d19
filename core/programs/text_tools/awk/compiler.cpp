#include "core/programs/text_tools/awk/compiler.h"

#include <optional>
#include <utility>

#include "core/programs/text_tools/awk/expression_compiler.h"

namespace drydock::awk {
namespace {

constexpr std::string_view kSpecialNames[] = {"NF",       "NR",     "FNR",        "FS",      "OFS",    "ORS",
                                              "RS",       "SUBSEP", "CONVFMT",    "OFMT",    "RSTART", "RLENGTH",
                                              "FILENAME", "RT",     "IGNORECASE", "ENVIRON", "ARGV",   "ARGC"};

// Rules, functions and statements.
class Compiler : private ExpressionCompiler {
 public:
  Compiler(const Program& program, std::string_view source) : ExpressionCompiler(source), program_(program) {
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
  struct Loop {
    std::vector<std::size_t> breaks;
    std::vector<std::size_t> continues;
    bool is_switch = false;
  };

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

  const Program& program_;
  std::vector<Loop> loops_;
  int switches_ = 0;
};

}  // namespace

CompiledProgram compile(const Program& program, std::string_view source) { return Compiler(program, source).run(); }

}  // namespace drydock::awk
