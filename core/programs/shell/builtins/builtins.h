// The shell's own commands: one member each, by theme in this folder's files. Has
// the interpreter's confidence.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/programs/shell/interpreter.h"

namespace drydock::shell {

class Builtins {
 public:
  Builtins(Interpreter& shell, std::vector<std::string> argv, std::set<std::size_t> compound)
      : shell_(shell), process_(shell.process_), argv_(std::move(argv)), compound_(std::move(compound)) {}
  using Function = Task<int> (Builtins::*)();
  static const std::map<std::string, Function, std::less<>>& table();

 private:
  // Options as getopt reads them: letters, those with a colon take a value. Leaves
  // `next_` at the first operand; a wrong one is told and gives nothing.
  using Options = std::vector<std::pair<char, std::string>>;
  Task<std::optional<Options>> options(std::string letters, std::string usage);
  Task<int> complain(std::string text, int code = 1);
  Task<int> print(std::string text);
  std::string argument(std::size_t i) const { return i < argv_.size() ? argv_[i] : ""; }
  static bool has(const Options& options, char letter);
  static std::string value(const Options& options, char letter);

  // variables.cpp
  Task<int> export_();
  Task<int> declare();
  Task<int> declare_with(const Options& options, std::set<char> clear, bool make_local);
  Task<int> unset_();
  Task<int> let();
  std::string declaration(const std::string& name, const Variable& variable) const;
  Task<int> list_variables(std::string flags);
  Task<int> list_functions(bool names_only, std::vector<std::string> wanted);

  // options.cpp
  Task<int> set_();
  Task<int> shopt();
  Task<int> shift();
  Task<int> getopts();
  Task<int> umask();
  Task<int> ulimit();
  Task<int> times();

  // control.cpp
  Task<int> nothing() { co_return 0; }
  Task<int> failure() { co_return 1; }
  Task<int> exit_();
  Task<int> return_();
  Task<int> break_();
  Task<int> source();
  Task<int> eval();
  Task<int> exec();
  Task<int> trap();

  // names.cpp
  Task<int> command();
  Task<int> type();
  Task<int> which();
  Task<int> alias();
  Task<int> unalias();
  Task<int> hash();
  Task<int> enable();

  // output.cpp, input.cpp
  Task<int> echo();
  Task<int> printf_();
  Task<int> read_();
  Task<int> mapfile();

  // jobs.cpp
  Task<int> jobs();
  Task<int> fg();
  Task<int> wait_();
  Task<int> kill_();
  Task<int> disown();
  Task<int> suspend();

  // directories.cpp
  Task<int> cd();
  Task<int> pwd();
  Task<int> pushd();
  Task<int> popd();
  Task<int> dirs();
  Task<int> change_to(std::string target, bool physical);
  std::vector<std::string> directory_list() const;
  std::string shortened(const std::string& path) const;

  // history.cpp, completion.cpp, help.cpp, test.cpp
  Task<int> history();
  Task<int> fc();
  Task<int> complete();
  Task<int> compgen();
  Task<int> compopt();
  Task<int> help();
  Task<int> test();

  Interpreter& shell_;
  Process& process_;
  std::vector<std::string> argv_;
  std::set<std::size_t> compound_;
  std::size_t next_ = 1;
};

// What matches a word for completion by an action ("file", "command", …).
std::vector<std::string> completion_matches(Interpreter& shell, const std::string& action, const std::string& word);

}  // namespace drydock::shell
