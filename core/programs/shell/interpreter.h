// Interpreter: runs parsed commands in a Process. One per shell process; subshells
// and pipeline parts are child processes with a copy of it.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/host/process.h"
#include "core/programs/shell/syntax.h"

namespace drydock::shell {

// What makes a command end early, on its way up.
enum class Flow { kNone, kBreak, kContinue, kReturn, kExit };

struct Job {
  int number = 0;
  Pid group = 0;
  std::vector<Pid> pids;
  std::string text;
  bool stopped = false;
};

class Interpreter {
 public:
  // `name` is $0 and what errors start with.
  Interpreter(Process& process, std::string name);
  // A copy for a child process: same variables, functions and options.
  Interpreter(const Interpreter& parent, Process& child);

  Process& process() { return process_; }
  int last_status() const { return status_; }
  bool exiting() const { return flow_ == Flow::kExit; }
  int exit_code() const { return exit_code_; }
  const std::string& name() const { return name_; }

  // Parses and runs a whole text; syntax errors are printed. Returns the exit code.
  Task<int> run_text(std::string text, std::string source);
  Task<int> run(CommandPtr command);
  Task<void> run_exit_trap();

  // --- variables ---
  std::string get(std::string_view variable) const;
  bool is_set(std::string_view variable) const;
  void set(const std::string& variable, std::string value, bool exported = false);
  void unset(const std::string& variable);
  std::vector<std::string> positional;
  std::map<std::string, std::string> aliases;
  std::deque<std::string> history;
  bool interactive = false;
  bool login = false;

  // --- expansion (expansion.cpp) ---
  // A word to the fields it stands for: braces, tilde, parameters, commands, arithmetic, splitting, globs.
  Task<std::vector<std::string>> expand(std::string word);
  // Without splitting and globs.
  Task<std::string> expand_one(std::string word);
  Result<std::int64_t> arithmetic(std::string_view expression);
  static bool match_pattern(std::string_view pattern, std::string_view text);
  std::vector<std::string> glob(const std::string& pattern) const;
  Task<std::string> prompt(std::string text);

  // --- jobs ---
  std::vector<Job>& jobs() { return jobs_; }
  Task<void> reap_jobs(bool report);
  Task<int> wait_job(Job job, bool foreground);

 private:
  friend class Builtins;
  struct Variable {
    std::string value;
    bool exported = false;
    bool read_only = false;
    std::optional<std::map<std::string, std::string>> array;  // index or key -> value
  };
  struct Piece {
    std::string text;
    bool quoted = false;  // not split, not a pattern
    bool breaks = false;  // a field ends here ("$@")
  };

  Task<int> run_simple(CommandPtr command);
  Task<int> run_pipeline(CommandPtr command);
  Task<int> run_list(CommandPtr command);
  Task<int> run_compound(CommandPtr command);
  Task<int> run_for(CommandPtr command);
  Task<int> run_case(CommandPtr command);
  Task<int> run_test(CommandPtr command);
  Task<int> run_function(CommandPtr body, std::vector<std::string> arguments);
  Task<int> run_program(std::vector<std::string> argv, std::map<std::string, std::string> environment);
  Task<int> background(CommandPtr command);
  Pid fork(CommandPtr command, std::map<int, OpenFilePtr> files, std::optional<Pid> group);
  Task<bool> redirect(const std::vector<Redirection>& redirections);
  Task<bool> assign(const std::string& assignment, std::map<std::string, std::string>* only_for_command);
  Task<std::string> substitute(std::string text);
  Task<std::string> expand_here(std::string text);
  Task<void> expand_pieces(std::string_view word, bool in_quotes, std::vector<Piece>& out);
  Task<std::string> parameter(std::string_view body, bool quoted, std::vector<Piece>& out, bool& handled);
  std::vector<std::string> array_values(const std::string& variable) const;
  Environment exported(const std::map<std::string, std::string>& extra) const;
  Task<void> complain(std::string text);
  Task<void> run_pending_traps();
  Task<void> breathe();

  Process& process_;
  std::string name_;
  std::map<std::string, Variable, std::less<>> variables_;
  std::map<std::string, CommandPtr, std::less<>> functions_;
  std::map<std::string, std::string> traps_;
  std::set<char> options_;  // e u x
  bool pipefail_ = false;
  int status_ = 0;
  Flow flow_ = Flow::kNone;
  int flow_depth_ = 0;
  int exit_code_ = 0;
  int condition_depth_ = 0;  // inside if/while conditions set -e is off
  int line_ = 0;
  int steps_ = 0;
  int depth_ = 0;
  Pid last_background_ = 0;
  std::vector<Job> jobs_;
  std::vector<std::map<std::string, std::optional<Variable>>> locals_;
  bool in_subshell_ = false;
  std::set<std::size_t> literal_runs_;  // pieces of the word at hand that stood unquoted in the source
  int substitutions_ = 0;
  std::set<std::string> declared_maps_;  // declare -A
  std::vector<int> last_codes_;          // PIPESTATUS
};

// A builtin's code, or nothing when there is none of that name.
Task<std::optional<int>> run_builtin(Interpreter& shell, std::vector<std::string> argv);
bool is_builtin(std::string_view name);
std::vector<std::string> builtin_names();
// [ and test; the code is 2 with a message on a wrong expression.
Task<int> test_expression(Interpreter& shell, std::vector<std::string> words);

}  // namespace drydock::shell
