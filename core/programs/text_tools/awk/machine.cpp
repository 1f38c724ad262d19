#include "core/programs/text_tools/awk/machine.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/programs/text_tools/awk/compiler.h"

namespace drydock::awk {
namespace {

constexpr std::size_t kMaxCalls = 10000;

}  // namespace

Machine::Machine(Process& process, CompiledProgram program, std::vector<std::string> arguments)
    : process_(process), program_(std::move(program)), channels_(process), breath_(process, 50000) {
  globals_.resize(program_.globals.size());
  for (std::size_t i = 0; i < program_.globals.size(); ++i) names_[program_.globals[i]] = static_cast<int>(i);
  ranges_.resize(static_cast<std::size_t>(program_.ranges));
  for (Special which : {kNF, kNR, kFNR, kRSTART, kIGNORECASE}) globals_[which].cell = Cell::number(0);
  globals_[kRLENGTH].cell = Cell::number(-1);
  globals_[kFS].cell = Cell::string(" ");
  globals_[kOFS].cell = Cell::string(" ");
  globals_[kORS].cell = Cell::string("\n");
  globals_[kRS].cell = Cell::string("\n");
  globals_[kSUBSEP].cell = Cell::string("\034");
  globals_[kCONVFMT].cell = Cell::string("%.6g");
  globals_[kOFMT].cell = Cell::string("%.6g");
  for (const auto& [name, value] : process.environment()) array(kENVIRON).at(name) = Cell::input(value);
  for (std::size_t i = 0; i < arguments.size(); ++i) array(kARGV).at(std::to_string(i)) = Cell::input(arguments[i]);
  globals_[kARGC].cell = Cell::number(static_cast<double>(arguments.size()));
}

void Machine::fail(const std::string& message) const { throw FatalError{message, line_}; }

bool Machine::assign(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) return false;
  const std::string name(text.substr(0, equals));
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && (i == 0 || c < '0' || c > '9')) return false;
  }
  const auto at = names_.find(name);
  if (at != names_.end()) store(at->second, Cell::input(decode_escapes(text.substr(equals + 1))));
  return true;  // a variable that the program never names needs no slot
}

void Machine::set_special(Special which, Cell value) { store(which, std::move(value)); }

Array& Machine::array(int number) {
  Slot& variable = slot(number);
  if (!variable.array) {
    if (variable.cell.kind() != Cell::Kind::kUninitialized) {
      fail("attempt to use scalar `" +
           (number >= 0 ? program_.globals[static_cast<std::size_t>(number)] : "parameter") + "' as an array");
    }
    variable.array = std::make_shared<Array>();
  }
  return *variable.array;
}

Cell Machine::load(int number) {
  if (number == kNF) return Cell::number(static_cast<double>(record_.count()));
  const Slot& variable = slot(number);
  if (variable.array && number >= 0 && program_.arrays[static_cast<std::size_t>(number)])
    fail("attempt to use array `" + program_.globals[static_cast<std::size_t>(number)] + "' in a scalar context");
  return variable.cell;
}

void Machine::store(int number, Cell value) {
  if (number == kNF) {
    const double count = value.to_number();
    if (count < 0) fail("NF set to negative value");
    record_.set_count(static_cast<std::size_t>(std::min(count, double{Record::kMaxFields})));
    return;
  }
  if (number == kCONVFMT) convfmt_ = value.to_text("%.6g");
  if (number >= 0 && program_.arrays[static_cast<std::size_t>(number)])
    fail("attempt to use array `" + program_.globals[static_cast<std::size_t>(number)] + "' in a scalar context");
  slot(number).cell = std::move(value);
}

Cell Machine::field(double index) {
  if (index < 0) fail("attempt to access field " + number_text(std::trunc(index), "%d"));
  if (index > double{Record::kMaxFields}) return Cell();
  return record_.field(static_cast<std::size_t>(index), special_text(kOFS), convfmt_);
}

void Machine::store_field(double index, Cell value) {
  if (index < 0) fail("attempt to access field " + number_text(std::trunc(index), "%d"));
  if (index > double{Record::kMaxFields}) fail("attempt to use too many fields");
  if (index < 1)
    set_record(value.to_text(convfmt_));
  else
    record_.set_field(static_cast<std::size_t>(index), std::move(value));
}

void Machine::store_target(Target target, int where, const std::string& key, double index, Cell value) {
  if (target == Target::kVariable)
    store(where, std::move(value));
  else if (target == Target::kElement)
    array(where).at(key) = std::move(value);
  else if (target == Target::kField)
    store_field(index, std::move(value));
}

Cell Machine::pop() {
  Cell top = std::move(stack_.back());
  stack_.pop_back();
  return top;
}

const Regex& Machine::regex(const std::string& pattern) {
  std::string error;
  const Regex* found = regexes_.get(pattern, globals_[kIGNORECASE].cell.truth(), error);
  if (found == nullptr) fail("invalid regexp: " + error + ": /" + pattern + "/");
  return *found;
}

bool Machine::matches(const std::string& text, const std::string& pattern) { return regex(pattern).matches(text); }

void Machine::arithmetic(char op) {
  const double right = pop().to_number();
  const double left = pop().to_number();
  switch (op) {
    case '+':
      return push_number(left + right);
    case '-':
      return push_number(left - right);
    case '*':
      return push_number(left * right);
    case '/':
      if (right == 0) fail("division by zero attempted");
      return push_number(left / right);
    case '%':
      if (right == 0) fail("division by zero attempted in `%'");
      return push_number(std::fmod(left, right));
    default: {
      // Whole powers by multiplication: exact, and the same on every build.
      if (right == std::trunc(right) && std::fabs(right) < 1024) {
        double result = 1;
        double base = left;
        for (auto n = static_cast<unsigned>(std::fabs(right)); n != 0; n >>= 1) {
          if (n & 1) result *= base;
          base *= base;
        }
        return push_number(right < 0 ? 1 / result : result);
      }
      return push_number(std::pow(left, right));
    }
  }
}

void Machine::compare_top(Comparison how) {
  const Cell right = pop();
  const Cell left = pop();
  const int order = compare(left, right, convfmt_);
  bool result = false;
  switch (how) {
    case Comparison::kLess:
      result = order < 0;
      break;
    case Comparison::kLessEqual:
      result = order <= 0;
      break;
    case Comparison::kEqual:
      result = order == 0;
      break;
    case Comparison::kNotEqual:
      result = order != 0;
      break;
    case Comparison::kGreater:
      result = order > 0;
      break;
    case Comparison::kGreaterEqual:
      result = order >= 0;
      break;
  }
  push_number(result ? 1 : 0);
}

void Machine::increment(const Instruction& instruction) {
  std::string key;
  double index = 0;
  double old = 0;
  Target target = Target::kVariable;
  if (instruction.op == Op::kStepField) {
    target = Target::kField;
    index = pop().to_number();
    old = field(index).to_number();
  } else if (instruction.op == Op::kStepElement) {
    target = Target::kElement;
    key = pop_text();
    old = array(instruction.a).at(key).to_number();
  } else {
    old = load(instruction.a).to_number();
  }
  const double now = instruction.b & kStepDown ? old - 1 : old + 1;
  store_target(target, instruction.a, key, index, Cell::number(now));
  push_number(instruction.b & kStepPrefix ? now : old);
}

void Machine::call(const Instruction& instruction) {
  if (frames_.size() >= kMaxCalls) fail("function call stack too deep");
  const CompiledFunction& function = program_.functions[static_cast<std::size_t>(instruction.a)];
  const auto count = static_cast<std::size_t>(instruction.b);
  const std::size_t first = stack_.size() - count;
  const std::size_t base = locals_.size();
  locals_.resize(base + static_cast<std::size_t>(function.parameters));
  for (std::size_t i = 0; i < count; ++i) locals_[base + i].cell = std::move(stack_[first + i]);
  while (!references_.empty() && references_.back().first >= first) {
    locals_[base + references_.back().first - first].array = std::move(references_.back().second);
    references_.pop_back();
  }
  stack_.resize(first);
  frames_.push_back({&function.code, 0, base, iterations_.size()});
}

void Machine::return_from_call() {
  const Frame frame = frames_.back();
  frames_.pop_back();
  locals_.resize(frame.locals);
  iterations_.resize(frame.iterations);
}

void Machine::step(const Instruction& i) {
  switch (i.op) {
    case Op::kConstant:
      return push(program_.constants[static_cast<std::size_t>(i.a)]);
    case Op::kLoad:
      return push(load(i.a));
    case Op::kStore:
      return store(i.a, stack_.back());
    case Op::kField:
      return push(field(pop().to_number()));
    case Op::kStoreField: {
      const Cell value = pop();
      const double index = pop().to_number();
      store_field(index, value);
      return push(value);
    }
    case Op::kKey: {
      if (i.b == 1) {
        if (stack_.back().is_string()) return;
        return push(Cell::string(pop_text()));
      }
      const std::string separator = special_text(kSUBSEP);
      const std::size_t first = stack_.size() - static_cast<std::size_t>(i.b);
      std::string key;
      for (std::size_t k = first; k < stack_.size(); ++k)
        key += (k > first ? separator : "") + stack_[k].to_text(convfmt_);
      stack_.resize(first);
      return push(Cell::string(std::move(key)));
    }
    case Op::kElement:
      return push(array(i.a).at(pop_text()));
    case Op::kStoreElement: {
      const Cell value = pop();
      array(i.a).at(pop_text()) = value;
      return push(value);
    }
    case Op::kStep:
    case Op::kStepField:
    case Op::kStepElement:
      return increment(i);
    case Op::kIn:
      return push_number(array(i.a).contains(pop_text()) ? 1 : 0);
    case Op::kDelete:
      return array(i.a).erase(pop_text());
    case Op::kClear:
      return array(i.a).clear();
    case Op::kArithmetic:
      return arithmetic(static_cast<char>(i.b));
    case Op::kNegate:
      return push_number(-pop().to_number());
    case Op::kPlus:
      return push_number(pop().to_number());
    case Op::kNot:
      return push_number(pop().truth() ? 0 : 1);
    case Op::kTruth:
      return push_number(pop().truth() ? 1 : 0);
    case Op::kConcatenate: {
      const std::string right = pop_text();
      std::string left = pop_text();
      return push(Cell::string(std::move(left) + right));
    }
    case Op::kCompare:
      return compare_top(static_cast<Comparison>(i.b));
    case Op::kMatch: {
      const std::string pattern = pop_text();
      const std::string text = pop_text();
      return push_number(matches(text, pattern) ? 1 : 0);
    }
    case Op::kMatchRecord: {
      const std::string pattern = pop_text();
      return push_number(matches(record_.text(special_text(kOFS), convfmt_), pattern) ? 1 : 0);
    }
    case Op::kJump:
      frames_.back().at = static_cast<std::size_t>(i.a);
      return;
    case Op::kJumpFalse:
      if (!pop().truth()) frames_.back().at = static_cast<std::size_t>(i.a);
      return;
    case Op::kDuplicate:
      return push(stack_.back());
    case Op::kPop:
      stack_.pop_back();
      return;
    case Op::kIterate:
      iterations_.push_back({array(i.a).keys(), 0});
      return;
    case Op::kIterateNext: {
      Iteration& iteration = iterations_.back();
      if (iteration.next == iteration.keys.size())
        frames_.back().at = static_cast<std::size_t>(i.a);
      else
        push(Cell::input(iteration.keys[iteration.next++]));
      return;
    }
    case Op::kIterateEnd:
      iterations_.pop_back();
      return;
    case Op::kReference: {
      if (i.a == kNF) return push(load(i.a));
      Slot& variable = slot(i.a);
      if (!variable.array && variable.cell.kind() == Cell::Kind::kUninitialized)
        variable.array = std::make_shared<Array>();
      if (variable.array) references_.emplace_back(stack_.size(), variable.array);
      return push(variable.cell);
    }
    case Op::kCall:
      return call(i);
    case Op::kReturn: {
      Cell value = pop();
      return_from_call();
      return push(std::move(value));
    }
    case Op::kBuiltin:
      return builtin(i);
    case Op::kLengthOf: {
      if (i.a == kNF) return push_number(static_cast<double>(load(i.a).to_text(convfmt_).size()));
      const Slot& variable = slot(i.a);
      const bool is_array = variable.array && variable.cell.kind() == Cell::Kind::kUninitialized;
      return push_number(
          static_cast<double>(is_array ? variable.array->size() : variable.cell.to_text(convfmt_).size()));
    }
    case Op::kSubstitute:
      return substitute(i);
    case Op::kSwitchEqual: {
      const Cell label = pop();
      const Cell value = pop();
      const bool equal = label.kind() == Cell::Kind::kNumber ? value.numeric() && value.to_number() == label.to_number()
                                                             : value.to_text(convfmt_) == label.to_text(convfmt_);
      return push_number(equal ? 1 : 0);
    }
    case Op::kRangeActive:
      return push_number(ranges_[static_cast<std::size_t>(i.a)] ? 1 : 0);
    case Op::kSetRange:
      ranges_[static_cast<std::size_t>(i.a)] = i.b != 0;
      return;
    case Op::kNext:
    case Op::kNextFile:
      jump_ = i.op == Op::kNext ? Outcome::kNext : Outcome::kNextFile;
      jumping_ = true;
      return;
    case Op::kExit:
      if (i.b != 0) exit_code_ = static_cast<int>(static_cast<long long>(pop().to_number()) & 0xff);
      jump_ = Outcome::kExit;
      jumping_ = true;
      return;
    case Op::kEnd:
      jump_ = Outcome::kDone;
      jumping_ = true;
      return;
    default:
      return;
  }
}

bool Machine::waits(const Instruction& instruction) const {
  if (instruction.op == Op::kGetline) return true;
  if (instruction.op == Op::kPrint) return instruction.b != 0 || instruction.a < 0;
  if (instruction.op != Op::kBuiltin) return false;
  const auto which = static_cast<Builtin>(instruction.a);
  return which == Builtin::kSystem || which == Builtin::kClose || which == Builtin::kFflush;
}

Task<void> Machine::waiting_step(Instruction instruction) {
  if (instruction.op == Op::kGetline)
    co_await getline(instruction);
  else if (instruction.op == Op::kPrint)
    co_await print(instruction);
  else
    co_await waiting_builtin(instruction);
}

Task<Machine::Outcome> Machine::execute(const Code& code) {
  frames_.clear();
  locals_.clear();
  stack_.clear();
  references_.clear();
  iterations_.clear();
  frames_.push_back({&code, 0, 0, 0});
  jumping_ = false;
  while (!jumping_) {
    Frame& frame = frames_.back();
    const Instruction& instruction = (*frame.code)[frame.at++];
    line_ = instruction.line;
    if (waits(instruction)) {
      co_await waiting_step(instruction);
    } else {
      attempt([&] {
        if (instruction.op == Op::kPrint)
          channels_.out().add(print_text(instruction));
        else
          step(instruction);
      });
    }
    if (failure_) co_return Outcome::kExit;
    if (!warnings_.empty()) {
      const std::string warning = std::exchange(warnings_, {}).front();
      co_await process_.err(warning);
    }
    if (channels_.out().wants_flush()) {
      if (!co_await channels_.out().flush()) {
        exit_code_ = 2;
        co_return Outcome::kExit;
      }
    }
    if (breath_.due()) co_await breath_.take();
  }
  co_return jump_;
}

// --- records ---

Separator Machine::separator() {
  std::string error;
  const std::string fs = special_text(kFS);
  Separator made = Separator::make(fs, false, globals_[kIGNORECASE].cell.truth(), regexes_, error);
  if (!error.empty()) fail("invalid regexp: " + error + ": /" + fs + "/");
  if (globals_[kRS].cell.kind() == Cell::Kind::kString || globals_[kRS].cell.kind() == Cell::Kind::kInput) {
    if (globals_[kRS].cell.raw_text().empty()) Record::let_newline_separate(made);
  }
  return made;
}

RecordEnd Machine::record_end() {
  RecordEnd end;
  const std::string rs = special_text(kRS);
  if (rs.empty()) {
    end.kind = RecordEnd::Kind::kParagraph;
  } else if (rs.size() == 1) {
    end.character = rs[0];
  } else {
    end.kind = RecordEnd::Kind::kRegex;
    end.regex = regex(rs);
  }
  return end;
}

void Machine::set_record(std::string text) { record_.set(std::move(text), separator()); }

void Machine::count_record() {
  for (Special which : {kNR, kFNR}) globals_[which].cell = Cell::number(globals_[which].cell.to_number() + 1);
}

Task<bool> Machine::open_next_file() {
  for (;;) {
    const int count = static_cast<int>(globals_[kARGC].cell.to_number());
    if (next_argument_ >= count) {
      if (used_a_file_) co_return false;
      used_a_file_ = true;
      globals_[kFNR].cell = Cell::number(0);
      input_ = std::make_unique<InputStream>(process_, nullptr, &channels_.out());
      co_return true;
    }
    std::string argument;
    const bool fine = attempt([&] {
      const std::string key = std::to_string(next_argument_++);
      if (!array(kARGV).contains(key)) return;
      argument = array(kARGV).at(key).to_text(convfmt_);
      if (!argument.empty() && assign(argument)) argument.clear();
    });
    if (!fine) co_return false;
    if (argument.empty()) continue;
    used_a_file_ = true;
    const auto info = process_.stat(argument);
    if (info && info->type == FileType::kDirectory) {
      co_await process_.err(std::string(process_.name()) + ": warning: command line argument `" + argument +
                            "' is a directory: skipped\n");
      continue;
    }
    auto file = open_input(process_, argument);
    if (!file) {
      failure_ =
          FatalError{"cannot open file `" + argument + "' for reading: " + std::string(errno_text(file.error())), 0};
      co_return false;
    }
    input_ = std::make_unique<InputStream>(process_, *file, &channels_.out());
    globals_[kFILENAME].cell = Cell::string(argument);
    globals_[kFNR].cell = Cell::number(0);
    co_return true;
  }
}

Task<bool> Machine::next_record(std::string& record) {
  while (!input_over_) {
    if (!input_ && !co_await open_next_file()) {
      input_over_ = true;
      break;
    }
    RecordEnd end;
    if (!attempt([&] { end = record_end(); })) break;
    std::string ended_by;
    if (co_await read_record(*input_, end, record, ended_by)) {
      globals_[kRT].cell = Cell::string(std::move(ended_by));
      co_return true;
    }
    input_.reset();
  }
  co_return false;
}

Task<void> Machine::flush() { co_await channels_.flush_all(); }

Task<int> Machine::run() {
  Outcome outcome = co_await execute(program_.begin);
  if (outcome != Outcome::kExit && (program_.has_main || program_.has_end)) {
    std::string record;
    while (co_await next_record(record)) {
      count_record();
      outcome = Outcome::kExit;
      if (attempt([&] { set_record(std::move(record)); })) outcome = co_await execute(program_.main);
      if (outcome == Outcome::kExit) break;
      if (outcome == Outcome::kNextFile) input_.reset();
    }
  }
  if (program_.has_end && !failure_) {
    in_end_ = true;
    (void)co_await execute(program_.end);
  }
  if (failure_) co_return 2;
  co_await channels_.close_all();
  co_return exit_code_;
}

}  // namespace drydock::awk
