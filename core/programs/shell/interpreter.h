// Interpreter: runs parsed commands in a Process. One per shell process; subshells
// and pipeline parts are child processes with a copy of it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/host/process.h"
#include "core/programs/shell/syntax/syntax.h"
#include "core/programs/shell/variables.h"

namespace drydock::shell {

// What makes a command end early, on its way up. kDiscard gives up the whole line:
// a ^C at the keyboard, an expansion that failed.
enum class Flow { kNone, kBreak, kContinue, kReturn, kDiscard, kExit };

// Whose words and habits: bash; busybox' ash; dash.
enum class Flavour { kBash, kAsh, kDash };

struct Job {
  int number = 0;
  Pid group = 0;  // 0: the shell's own group (no job control)
  std::vector<Pid> pids;
  std::string text;
  bool stopped = false;
  bool background = false;
  bool announced = true;  // "Done" need not be told any more
  std::map<Pid, int> codes;
  int signal = 0;  // that ended it
};

// How a command that completes on the keyboard is completed (complete, compopt).
struct CompletionRule {
  std::string function;           // -F
  std::string words;              // -W
  std::string command;            // -C
  std::string glob;               // -G
  std::string prefix;             // -P
  std::string suffix;             // -S
  std::set<std::string> actions;  // -A file, directory, command, …
  std::set<std::string> options;  // -o default, nospace, …
};

class Interpreter {
 public:
  // `name` is $0 and what errors start with.
  Interpreter(Process& process, std::string name, Flavour flavour);
  // A copy for a child process: same variables, functions and options.
  Interpreter(const Interpreter& parent, Process& child);

  Process& process() { return process_; }
  int last_status() const { return status_; }
  void restore_status(int status) { status_ = status; }
  bool exiting() const { return flow_ == Flow::kExit; }
  bool stopped() const { return flow_ != Flow::kNone; }
  int exit_code() const { return exit_code_; }
  const std::string& name() const { return name_; }
  Flavour flavour() const { return flavour_; }

  // Parses and runs a whole text, command by command; syntax errors are printed as
  // from `source` ("bash", "-c" adds to it, a file's name). Returns the exit code.
  Task<int> run_text(std::string text, std::string source, int first_line = 1);
  // A shell's input (a script's file, standard input): as run_text, but what failed
  // ends the command at hand only.
  Task<int> run_script(std::string text, std::string source);
  Task<int> run_input();
  // A line at the prompt.
  Task<int> run_line(std::string text);
  Task<int> run(CommandPtr command);
  Task<void> run_exit_trap();
  // Calls a shell function, if there is one of that name.
  Task<int> call_function(std::string function, std::vector<std::string> arguments);
  bool has_function(std::string_view function) const { return functions_.contains(function); }

  std::vector<std::string> function_names() const;

  // --- variables ---
  std::string get(std::string_view variable) const;
  bool is_set(std::string_view variable) const;
  // False, and a complaint is due, when it is read-only.
  bool set(const std::string& variable, std::string value);
  void set_exported(const std::string& variable, std::string value);
  bool set_array(const std::string& variable, const std::vector<std::string>& values);
  bool set_element(const std::string& variable, const std::string& key, std::string value, bool append = false);
  void unset(const std::string& variable);
  std::vector<std::string> values(const std::string& variable);
  Variables& variables() { return variables_; }
  std::vector<std::string> positional;
  Aliases aliases;
  std::deque<std::string> history;
  std::map<std::string, CompletionRule> completions;
  std::set<std::string> completion_options;  // of the completion being made (compopt)
  bool interactive = false;
  bool login = false;
  bool command_string = false;  // -c
  bool reads_input = false;     // -s, or commands from standard input
  std::string script;           // the file's name

  // --- options ---
  bool option(std::string_view long_name) const { return options_.contains(long_name); }
  bool shopt(std::string_view long_name) const { return shopts_.contains(long_name); }
  void set_option(const std::string& long_name, bool on);
  bool is_bash() const { return flavour_ == Flavour::kBash; }

  // --- expansion ---
  // A word to the fields it stands for: braces, tilde, parameters, commands, arithmetic, splitting, globs.
  Task<std::vector<std::string>> expand(std::string word);
  // Without splitting and globs.
  Task<std::string> expand_one(std::string word);
  // As a pattern: quoted parts escaped. `regex`: escaped for a regular expression.
  Task<std::string> expand_pattern(std::string word, bool regex = false);
  // What stands in $(( )), (( )), subscripts: expanded as in double quotes.
  Task<std::string> expand_arithmetic(std::string text);
  Result<std::int64_t> arithmetic(std::string_view expression);
  std::vector<std::string> glob(const std::string& pattern) const;
  Task<std::string> prompt(std::string text);
  Task<std::string> substitute(std::string text);

  // --- jobs ---
  std::vector<Job>& jobs() { return jobs_; }
  Task<void> reap_jobs(bool report);
  Task<int> wait_job(Job job);
  Job* find_job(const std::string& spec, std::string* problem = nullptr);
  std::string job_line(const Job& job, bool with_pid = false) const;

  Task<void> complain(std::string text);
  std::string error_prefix() const;

 private:
  friend class Builtins;
  friend class Arithmetic;
  struct Piece {
    std::string text;
    bool quoted = false;  // not split, not a pattern
    bool split = false;   // came from an expansion: cut at IFS
    bool breaks = false;  // a field ends here ("$@")
  };
  struct Reference;  // of a ${…}: expansion/parameters.cpp
  struct SavedFile {
    int fd;
    OpenFilePtr file;
  };
  enum ExpandFlags : unsigned { kInQuotes = 1, kSplitLiteral = 2, kHereDocument = 4, kAssignment = 8, kTildes = 16 };

  // interpreter.cpp
  Task<int> run_list(CommandPtr command);
  Task<int> run_compound(CommandPtr command);
  Task<int> run_loop(CommandPtr command);
  Task<int> run_for(CommandPtr command);
  Task<int> run_arithmetic_for(CommandPtr command);
  Task<int> run_select(CommandPtr command);
  Task<int> run_case(CommandPtr command);
  Task<int> run_arithmetic(std::string expression);
  bool loop_ends();
  Task<void> check_failure(bool exempt);
  Task<int> run_trap_text(std::string text);
  Task<void> run_pending_traps();
  void collect_signals();
  Task<void> breathe();
  Task<int> run_parsed(Parser& parser, std::string source, bool whole_text, bool tells_command);
  Task<void> tell_syntax_error(const Parsed& parsed, std::string source);
  void fail_expansion(int code);
  void discard(int code);

  // commands.cpp
  Task<int> run_simple(CommandPtr command);
  Task<int> run_words(std::vector<std::string> argv, std::set<std::size_t> compound, CommandPtr command);
  Task<int> run_function(CommandPtr body, std::string function, std::vector<std::string> arguments);
  Task<int> run_program(std::vector<std::string> argv, std::map<std::string, std::string> environment,
                        std::string text);
  Task<int> run_text_file(std::string path, std::vector<std::string> argv);
  Task<bool> assign(const std::string& assignment, std::map<std::string, std::string>* only_for_command);
  Task<bool> assign_compound(const std::string& variable, std::string list, bool append);
  Task<std::string> key_of(const std::string& variable, std::string subscript);
  Task<void> trace(std::vector<std::string> words);
  std::map<std::string, std::string> exported_variables() const;
  Environment environment_with(const std::map<std::string, std::string>& extra) const;
  std::string converted(const Variable& variable, std::string value);

  // redirections.cpp
  Task<bool> redirect(const std::vector<std::shared_ptr<Redirection>>& redirections, std::vector<SavedFile>& saved);
  void put_file(int fd, OpenFilePtr file, std::vector<SavedFile>& saved);
  void restore(std::vector<SavedFile>& saved);
  Task<std::string> process_substitution(std::string text);
  void fork_beside(CommandPtr command, std::map<int, OpenFilePtr> files);
  OpenFilePtr substitution_pipe(char direction, const std::string& text);
  void close_substitutions(std::size_t down_to);

  // jobs.cpp
  Task<int> run_pipeline(CommandPtr command);
  Task<int> run_timed(CommandPtr command);
  Task<int> background(CommandPtr command);
  Pid fork(CommandPtr command, std::map<int, OpenFilePtr> files, std::optional<Pid> group);
  int next_job_number() const;
  bool has_job_control() const { return interactive && !in_subshell_; }

  // expansion/
  Task<void> expand_pieces(std::string_view word, unsigned flags, std::vector<Piece>& out);
  Task<std::size_t> expand_dollar(std::string_view word, std::size_t i, unsigned flags, std::vector<Piece>& out);
  Task<void> parameter(std::string_view body, unsigned flags, std::vector<Piece>& out);
  Task<void> modify(Reference& what, std::string_view rest, unsigned flags, std::vector<Piece>& out);
  Task<bool> substring(Reference& what, std::string range);
  Task<void> replace_pattern(Reference& what, std::string_view spec, unsigned flags);
  bool transform(Reference& what, char how);
  void put_values(const Reference& what, unsigned flags, std::vector<Piece>& out);
  std::size_t expand_tilde(std::string_view word, std::vector<Piece>& out) const;
  std::vector<std::string> split_fields(const std::vector<Piece>& pieces) const;
  static std::string plain_text(const std::vector<Piece>& pieces);

  Process& process_;
  std::string name_;
  Flavour flavour_;
  Variables variables_;
  std::map<std::string, CommandPtr, std::less<>> functions_;
  std::map<std::string, std::string> traps_;
  std::set<std::string, std::less<>> options_;  // set -o
  std::set<std::string, std::less<>> shopts_;
  int status_ = 0;
  std::uint64_t substituted_ = 0;  // how many commands were substituted so far
  Flow flow_ = Flow::kNone;
  int flow_depth_ = 0;
  int loop_depth_ = 0;
  int exit_code_ = 0;
  int condition_depth_ = 0;  // inside if/while conditions set -e is off
  int line_ = 1;
  int steps_ = 0;
  int depth_ = 0;
  int sourced_ = 0;  // depth of `.`
  Pid shell_pid_ = 0;
  Pid last_background_ = 0;
  std::string last_argument_;
  std::vector<Job> jobs_;
  std::map<Pid, int> ended_;  // codes of background children already waited for
  int current_job_ = 0;
  int previous_job_ = 0;
  std::vector<std::string> call_stack_;  // FUNCNAME, innermost last
  bool in_subshell_ = false;
  int subshell_level_ = 0;
  std::vector<int> last_codes_{0};  // PIPESTATUS
  std::vector<int> caught_;         // signals that wait for their traps
  bool in_trap_ = false;
  TimePoint seconds_base_;
  std::vector<std::string> directory_stack_;
  std::map<std::string, std::pair<std::string, int>> hashed_;  // command -> path, hits
  struct Substitution {
    std::string path;
    std::shared_ptr<void> pipe;
  };
  std::vector<Substitution> substitutions_;
  std::vector<Pid> beside_;        // commands of <( ) and >( ) that nobody has waited for yet
  std::size_t option_offset_ = 1;  // getopts: place in a cluster of letters
};

// A builtin's code. `compound` marks arguments that are NAME=(…) still to be expanded.
Task<int> run_builtin(Interpreter& shell, std::vector<std::string> argv, std::set<std::size_t> compound);
bool is_builtin(std::string_view name, Flavour flavour);
// Builtins whose NAME=value arguments are assignments: export, declare, …
bool is_declaration(std::string_view name);
// Builtins of which POSIX says that their failure ends a script, and their assignments stay.
std::vector<std::string> builtin_names();
// [[ … ]].
Task<int> run_conditional(Interpreter& shell, CommandPtr command);
// Reads one byte-exact line from a descriptor: what follows stays for others. False at the end of input.
Task<bool> read_input_line(Process& process, int fd, std::string& line, char delimiter = '\n');

}  // namespace drydock::shell
