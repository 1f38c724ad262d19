// The command line of an everyday tool, read as GNU's getopt_long does: joined
// short flags, values joined or apart, long flags by any unique beginning, flags
// after operands, "--". The complaints are glibc's.
//
// A program's --help text is the declaration, so that the two cannot disagree. A
// line that begins with spaces and a dash declares one flag by its names, up to
// two spaces in a row:
//
//   "  -a, --all                  do not ignore entries starting with .\n"
//   "  -w, --width=COLS           set output width\n"      takes a value
//   "      --color[=WHEN]         color the output\n"      may take one ("--color=x")
//   "  -I REPLACE                 …\n"                     a short name with a value
//   "  -i[REPLACE]                …\n"                     "-ix", never "-i x"
//   "  -NUM                       …\n"                     "-15": name "NUM", value "15"
//
//   const CommandFlags flags = co_await read_flags(p, kLsHelp, 2);
//   if (flags.ended()) co_return flags.exit_code();
//   if (flags.has("all")) …                                 by any of its names
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/task.h"

namespace drydock {

class Process;

class CommandFlags {
 public:
  // kOptionsFirst: the first operand ends the flags (env, xargs, timeout, sudo).
  enum class Order { kAnywhere, kOptionsFirst };
  static CommandFlags parse(std::span<const std::string> arguments, std::string_view help,
                            Order order = Order::kAnywhere);

  struct Given {
    std::string name;   // the first name of its line: "a", "color"
    std::string value;  // "" when none
    bool has_value = false;
  };
  bool has(std::string_view name) const { return find(name) != nullptr; }
  // The last value given.
  std::string value(std::string_view name, std::string_view fallback = "") const;
  std::vector<std::string> values(std::string_view name) const;
  // Which of these (names without dashes, separated by spaces) came last; "" when none did.
  std::string last_of(std::string_view names) const;
  // All of them, in order.
  const std::vector<Given>& given() const { return given_; }
  const std::vector<std::string>& operands() const { return operands_; }

  // What was wrong, without the program's name: "invalid option -- 'q'"; "" when nothing was.
  const std::string& problem() const { return problem_; }
  // --help, --version or a wrong flag have been answered: the program ends with exit_code().
  bool ended() const { return ended_; }
  int exit_code() const { return exit_code_; }

 private:
  friend Task<CommandFlags> read_flags_of(Process& process, std::vector<std::string> arguments, std::string_view help,
                                          int error_code, Order order);
  struct Declared {
    std::vector<std::string> names;
    enum class Value { kNone, kRequired, kOptional } value = Value::kNone;
  };
  static std::vector<Declared> declared_in(std::string_view help);
  const Given* find(std::string_view name) const;
  std::string canonical(std::string_view name) const;
  void take_long(const std::string& word, std::span<const std::string> arguments, std::size_t& at);
  void take_short(const std::string& word, std::span<const std::string> arguments, std::size_t& at);

  std::vector<Declared> declared_;
  std::vector<Given> given_;
  std::vector<std::string> operands_;
  std::string problem_;
  bool ended_ = false;
  int exit_code_ = 0;
};

// Parses the process' arguments and answers --help, --version and mistakes.
Task<CommandFlags> read_flags(Process& process, std::string_view help, int error_code = 1,
                              CommandFlags::Order order = CommandFlags::Order::kAnywhere);

// The same for words that are not the process' arguments as they stand (old-style tar, negative numbers).
Task<CommandFlags> read_flags_of(Process& process, std::vector<std::string> arguments, std::string_view help,
                                 int error_code = 1, CommandFlags::Order order = CommandFlags::Order::kAnywhere);

// "ls: TEXT\nTry 'ls --help' for more information.\n" to standard error.
Task<void> complain_with_hint(Process& process, std::string text);

}  // namespace drydock
