// help: what each builtin is for, in our own words.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/shell/builtins/builtins.h"
#include "core/programs/shell/expansion/pattern.h"

namespace drydock::shell {
namespace {

struct HelpTopic {
  std::string_view name;
  std::string_view synopsis;
  std::string_view summary;
};

constexpr HelpTopic kTopics[] = {
    {"%", "job_spec [&]", "Bring a job to the foreground; with & let it go on in the background."},
    {"((", "(( expression ))", "Evaluate an arithmetic expression; success when it is not zero."},
    {".", ". filename [arguments]", "Run the commands of a file in this shell."},
    {":", ":", "Do nothing, successfully."},
    {"[", "[ arg... ]", "Evaluate a condition; the same as test, closed by a ]."},
    {"[[", "[[ expression ]]", "Evaluate a condition with patterns (==), regular expressions (=~), && and ||."},
    {"alias", "alias [-p] [name[=value] ... ]", "Define names that stand for command texts, or show them."},
    {"bg", "bg [job_spec ...]", "Let stopped jobs go on in the background."},
    {"break", "break [n]", "Leave n enclosing for, while, until or select loops."},
    {"builtin", "builtin [shell-builtin [arg ...]]", "Run a builtin even when a function has its name."},
    {"case", "case WORD in [PATTERN [| PATTERN]...) COMMANDS ;;]... esac",
     "Run the commands of the first pattern that matches WORD."},
    {"cd", "cd [-L|[-P [-e]] [-@]] [dir]",
     "Change the working directory; without DIR to $HOME, with - to the last one."},
    {"command", "command [-pVv] command [arg ...]", "Run a command past functions, or say what a name means (-v, -V)."},
    {"compgen", "compgen [-abcdefgjksuv] [-A action] [-W wordlist] [-F function] [word]",
     "Print the completions of a word."},
    {"complete", "complete [-pr] [-o option] [-A action] [-W wordlist] [-F function] [name ...]",
     "Say how the arguments of a command are completed."},
    {"continue", "continue [n]", "Go on with the next turn of the n-th enclosing loop."},
    {"declare", "declare [-aAfFgiIlnrtux] [-p] [name[=value] ...]",
     "Set variables and their attributes, or show them."},
    {"dirs", "dirs [-clpv] [+N] [-N]", "Show the directories that pushd remembers."},
    {"disown", "disown [-h] [-ar] [jobspec ... | pid ...]", "Take jobs off the shell's list."},
    {"echo", "echo [-neE] [arg ...]", "Print the arguments; -n without a newline, -e with backslash escapes."},
    {"enable", "enable [-a] [-dnps] [-f filename] [name ...]", "List the shell's builtins."},
    {"eval", "eval [arg ...]", "Join the arguments into one text and run it as commands."},
    {"exec", "exec [-cl] [-a name] [command [argument ...]] [redirection ...]",
     "Replace the shell by a command, or keep redirections for the shell."},
    {"exit", "exit [n]", "Leave the shell with code n, or with the last command's."},
    {"export", "export [-fn] [name[=value] ...] or export -p", "Pass variables on to the commands that are started."},
    {"false", "false", "Do nothing, unsuccessfully."},
    {"fc", "fc [-e ename] [-lnr] [first] [last] or fc -s [pat=rep] [command]",
     "Show, edit or repeat commands of the history."},
    {"fg", "fg [job_spec]", "Bring a job to the foreground."},
    {"for", "for NAME [in WORDS ... ] ; do COMMANDS; done", "Run the commands once for each word."},
    {"for ((", "for (( exp1; exp2; exp3 )); do COMMANDS; done", "A counting loop, as in C."},
    {"function", "function name { COMMANDS ; } or name () { COMMANDS ; }", "Define a shell function."},
    {"getopts", "getopts optstring name [arg]", "Read a script's options one by one."},
    {"hash", "hash [-lr] [-p pathname] [-dt] [name ...]", "Show or forget where commands were found."},
    {"help", "help [-dms] [pattern ...]", "Show what the shell's own commands are for."},
    {"history", "history [-c] [-d offset] [n] or history -anrw [filename] or history -ps arg [arg...]",
     "Show or change the list of typed commands."},
    {"if", "if COMMANDS; then COMMANDS; [ elif COMMANDS; then COMMANDS; ]... [ else COMMANDS; ] fi",
     "Run commands when a condition holds."},
    {"jobs", "jobs [-lnprs] [jobspec ...] or jobs -x command [args]", "Show the jobs of this shell and their state."},
    {"kill", "kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]",
     "Send a signal to processes or jobs."},
    {"let", "let arg [arg ...]", "Evaluate arithmetic expressions."},
    {"local", "local [option] name[=value] ...", "Make variables that end with the function."},
    {"logout", "logout [n]", "Leave a login shell."},
    {"mapfile", "mapfile [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [array]",
     "Read lines into an array."},
    {"popd", "popd [-n] [+N | -N]", "Take a directory off the list and go to the one below it."},
    {"printf", "printf [-v var] format [arguments]", "Print the arguments as the format says."},
    {"pushd", "pushd [-n] [+N | -N | dir]", "Go to a directory and remember the present one."},
    {"pwd", "pwd [-LP]", "Print the working directory."},
    {"read",
     "read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]",
     "Read a line and put its words into variables."},
    {"readarray", "readarray [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [array]",
     "Read lines into an array; another name of mapfile."},
    {"readonly", "readonly [-aAf] [name[=value] ...] or readonly -p", "Make variables that cannot be changed."},
    {"return", "return [n]", "Leave a function or a sourced file with code n."},
    {"select", "select NAME [in WORDS ... ;] do COMMANDS; done",
     "Offer words as a menu and run the commands for the one chosen."},
    {"set", "set [-abefhkmnptuvxBCHP] [-o option-name] [--] [arg ...]",
     "Set shell options and the positional parameters."},
    {"shift", "shift [n]", "Drop the first n positional parameters."},
    {"shopt", "shopt [-pqsu] [-o] [optname ...]", "Set bash's further options."},
    {"source", "source filename [arguments]", "Run the commands of a file in this shell."},
    {"suspend", "suspend [-f]", "Stop the shell until it gets SIGCONT."},
    {"test", "test [expr]", "Evaluate a condition on files, texts and numbers."},
    {"time", "time [-p] pipeline", "Tell how long a pipeline took."},
    {"times", "times", "Print the processor time that the shell and its children used."},
    {"trap", "trap [-lp] [[arg] signal_spec ...]", "Run commands when the shell gets a signal or ends."},
    {"true", "true", "Do nothing, successfully."},
    {"type", "type [-afptP] name [name ...]", "Say what a name would run."},
    {"typeset", "typeset [-aAfFgiIlnrtux] [-p] name[=value] ...", "Another name of declare."},
    {"ulimit", "ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]", "Show limits on resources."},
    {"umask", "umask [-p] [-S] [mode]", "Show or set which rights new files do not get."},
    {"unalias", "unalias [-a] name [name ...]", "Forget aliases."},
    {"unset", "unset [-f] [-v] [-n] [name ...]", "Forget variables or functions."},
    {"until", "until COMMANDS; do COMMANDS; done", "Run commands until a condition holds."},
    {"wait", "wait [-fn] [-p var] [id ...]", "Wait for background jobs and take their code."},
    {"while", "while COMMANDS; do COMMANDS; done", "Run commands as long as a condition holds."},
    {"{ ... }", "{ COMMANDS ; }", "Run commands as one."},
};

}  // namespace

Task<int> Builtins::help() {
  const auto given = co_await options("dms", "help [-dms] [pattern ...]");
  if (!given) co_return 2;
  std::string text;
  if (next_ >= argv_.size()) {
    text =
        "These shell commands are defined internally.  Type `help' to see this list.\n"
        "Type `help name' to find out more about the function `name'.\n"
        "Use `man -k' to find out more about commands not in this list.\n\n";
    for (const HelpTopic& topic : kTopics) text += " " + std::string(topic.synopsis) + "\n";
    co_return co_await print(text);
  }
  int code = 0;
  for (std::size_t i = next_; i < argv_.size(); ++i) {
    bool found = false;
    for (const HelpTopic& topic : kTopics) {
      if (!match_pattern(argv_[i], topic.name)) continue;
      found = true;
      if (has(*given, 'd'))
        text += std::string(topic.name) + " - " + std::string(topic.summary) + "\n";
      else if (has(*given, 's'))
        text += std::string(topic.name) + ": " + std::string(topic.synopsis) + "\n";
      else
        text +=
            std::string(topic.name) + ": " + std::string(topic.synopsis) + "\n    " + std::string(topic.summary) + "\n";
    }
    if (!found) {
      co_await shell_.complain("help: no help topics match `" + argv_[i] + "'.  Try `help help' or `man -k " +
                               argv_[i] + "' or `info " + argv_[i] + "'.");
      code = 1;
    }
  }
  co_await process_.out(text);
  co_return code;
}

}  // namespace drydock::shell
