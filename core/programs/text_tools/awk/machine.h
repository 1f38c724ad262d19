// Runs a compiled awk program over its input.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/programs/text_tools/awk/channels.h"
#include "core/programs/text_tools/awk/code.h"
#include "core/programs/text_tools/awk/compiler.h"
#include "core/programs/text_tools/awk/record.h"

namespace drydock::awk {

class Machine {
 public:
  Machine(Process& process, CompiledProgram program, std::vector<std::string> arguments);

  // "name=value" of -v or of the command line; false when `text` is no assignment.
  bool assign(std::string_view text);
  void set_special(Special which, Cell value);
  // BEGIN, records, END; the exit status. Ends early with failure() set.
  Task<int> run();
  const std::optional<FatalError>& failure() const { return failure_; }
  // Writes what was printed before a fatal error.
  Task<void> flush();

 private:
  struct Slot {
    Cell cell;
    ArrayPtr array;
  };
  struct Frame {
    const Code* code;
    std::size_t at;
    std::size_t locals;      // first of its slots in locals_
    std::size_t iterations;  // depth of iterations_ when it was called
  };
  struct Iteration {
    std::vector<std::string> keys;
    std::size_t next = 0;
  };
  enum class Outcome { kDone, kNext, kNextFile, kExit };

  Task<Outcome> execute(const Code& code);
  void step(const Instruction& instruction);  // everything that never waits
  Task<void> waiting_step(Instruction instruction);
  bool waits(const Instruction& instruction) const;

  // --- values ---
  Slot& slot(int number) {
    return number >= 0 ? globals_[static_cast<std::size_t>(number)]
                       : locals_[frames_.back().locals + static_cast<std::size_t>(~number)];
  }
  Array& array(int number);
  Cell load(int number);
  void store(int number, Cell value);
  void store_field(double index, Cell value);
  Cell field(double index);
  void store_target(Target target, int where, const std::string& key, double index, Cell value);
  Cell pop();
  void push(Cell cell) { stack_.push_back(std::move(cell)); }
  void push_number(double number) { push(Cell::number(number)); }
  std::string pop_text() { return pop().to_text(convfmt_); }
  std::string special_text(Special which) { return globals_[which].cell.to_text(convfmt_); }
  // Throws FatalError. No exception crosses a coroutine: what may fail is called there
  // through attempt().
  [[noreturn]] void fail(const std::string& message) const;
  // False, with failure_ set, when `action` failed.
  template <class Action>
  bool attempt(Action&& action) {
    try {
      action();
      return true;
    } catch (const FatalError& failure) {
      failure_ = failure;
      return false;
    }
  }

  // --- parts of instructions ---
  void arithmetic(char op);
  void compare_top(Comparison how);
  void increment(const Instruction& instruction);
  bool matches(const std::string& text, const std::string& pattern);
  const Regex& regex(const std::string& pattern);
  void call(const Instruction& instruction);
  void return_from_call();
  void substitute(const Instruction& instruction);
  void builtin(const Instruction& instruction);
  void numeric_builtin(Builtin which, int count);
  void split_into_array(const Instruction& instruction);
  void match_text(const Instruction& instruction);
  void gensub(int count);
  void sort_array(const Instruction& instruction, bool keys);
  void bits(Builtin which, int count);
  std::string time_text(int count);
  double make_time(const std::string& text) const;
  std::string print_text(const Instruction& instruction);
  Task<void> print(Instruction instruction);
  Task<void> getline(Instruction instruction);
  Task<void> waiting_builtin(Instruction instruction);

  // --- records ---
  Task<bool> next_record(std::string& record);  // of the files on the command line
  Task<bool> open_next_file();
  void set_record(std::string text);
  Separator separator();
  RecordEnd record_end();
  void count_record();

  Process& process_;
  CompiledProgram program_;
  Channels channels_;
  Breath breath_;
  RegexCache regexes_;
  Record record_;
  std::vector<Slot> globals_;
  std::vector<Slot> locals_;
  std::vector<Frame> frames_;
  std::vector<Cell> stack_;
  std::vector<std::pair<std::size_t, ArrayPtr>> references_;  // arguments that may be arrays, by place on the stack
  std::vector<Iteration> iterations_;
  std::vector<bool> ranges_;
  std::map<std::string, int> names_;
  std::string convfmt_ = "%.6g";
  std::unique_ptr<InputStream> input_;
  int next_argument_ = 1;
  bool used_a_file_ = false;
  bool in_end_ = false;
  bool input_over_ = false;
  Outcome jump_ = Outcome::kDone;
  std::optional<FatalError> failure_;
  bool jumping_ = false;
  int exit_code_ = 0;
  std::uint32_t line_ = 0;
  Prng random_{0};
  double seed_ = 0;
  std::vector<std::string> warnings_;
};

}  // namespace drydock::awk
