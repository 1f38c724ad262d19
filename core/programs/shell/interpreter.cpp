#include "core/programs/shell/interpreter.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/tty.h"
#include "core/programs/shell/expansion/pattern.h"
#include "core/programs/shell/expansion/quoting.h"

namespace drydock::shell {
namespace {

constexpr int kStepsPerBreath = 200;  // commands between two looks at the clock
constexpr Duration kCommandTime = microseconds(300);

}  // namespace

Interpreter::Interpreter(Process& process, std::string name, Flavour flavour)
    : process_(process),
      name_(std::move(name)),
      flavour_(flavour),
      shell_pid_(process.pid()),
      seconds_base_(process.now()) {
  for (const auto& [key, value] : process.environment()) {
    if (is_name(key)) variables_.make(key) = Variable::scalar(value, true);
  }
  variables_.make("IFS") = Variable::scalar(" \t\n");
  variables_.make("OPTIND") = Variable::scalar("1");
  set_exported("PWD", process.cwd());
  if (variables_.find("OLDPWD") == nullptr) variables_.make("OLDPWD").exported = true;
  if (!is_set("PATH")) set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  if (is_bash()) {
    set_exported("SHLVL", std::to_string(parse_int(get("SHLVL")).value_or(0) + 1));
    set("BASH", "/usr/bin/bash");
    set("BASH_VERSION", "5.1.8(1)-release");
    set_array("BASH_VERSINFO", {"5", "1", "8", "1", "release", "x86_64-redhat-linux-gnu"});
    set("HOSTNAME", process.hostname());
    set("HOSTTYPE", "x86_64");
    set("OSTYPE", "linux-gnu");
    set("MACHTYPE", "x86_64-redhat-linux-gnu");
    set("OPTERR", "1");
  }
  set("PS4", "+ ");
  options_ = {"braceexpand", "hashall", "interactive-comments"};
  for (const char* each : {"checkwinsize", "cmdhist", "complete_fullquote", "extquote", "force_fignore",
                           "globasciiranges", "interactive_comments", "progcomp", "promptvars", "sourcepath"})
    shopts_.insert(each);
  if (!is_bash()) shopts_.insert("expand_aliases");
}

Interpreter::Interpreter(const Interpreter& parent, Process& child)
    : positional(parent.positional),
      aliases(parent.aliases),
      history(parent.history),
      completions(parent.completions),
      command_string(parent.command_string),
      script(parent.script),
      process_(child),
      name_(parent.name_),
      flavour_(parent.flavour_),
      variables_(parent.variables_),
      functions_(parent.functions_),
      options_(parent.options_),
      shopts_(parent.shopts_),
      status_(parent.status_),
      condition_depth_(parent.condition_depth_),
      line_(parent.line_),
      depth_(parent.depth_),
      sourced_(parent.sourced_),
      shell_pid_(parent.shell_pid_),
      last_background_(parent.last_background_),
      last_argument_(parent.last_argument_),
      jobs_(parent.jobs_),
      current_job_(parent.current_job_),
      previous_job_(parent.previous_job_),
      call_stack_(parent.call_stack_),
      in_subshell_(true),
      subshell_level_(parent.subshell_level_ + 1),
      last_codes_(parent.last_codes_),
      seconds_base_(parent.seconds_base_),
      directory_stack_(parent.directory_stack_),
      hashed_(parent.hashed_),
      option_offset_(parent.option_offset_) {
  interactive = parent.interactive;
  // Ignored signals stay ignored; handlers are the parent's.
  for (const auto& [signal, action] : parent.traps_) {
    if (action.empty() || (signal == "ERR" && parent.option("errtrace"))) traps_[signal] = action;
  }
}

// "bash: ", "-bash: " at a prompt; "x.sh: line 3: " in a script.
std::string Interpreter::error_prefix() const {
  const bool told_line = !interactive || sourced_ > 0;
  if (flavour_ == Flavour::kDash) return name_ + ": " + (told_line ? std::to_string(line_) + ": " : "");
  if (flavour_ == Flavour::kAsh)
    return name_ + ": " + (told_line && !command_string ? "line " + std::to_string(line_) + ": " : "");
  return name_ + ": " + (told_line ? "line " + std::to_string(line_) + ": " : "");
}

Task<void> Interpreter::complain(std::string text) { co_await process_.err(error_prefix() + text + "\n"); }

// An expansion that failed: a script ends, at a prompt the line is given up.
void Interpreter::fail_expansion(int code) {
  status_ = code;
  if (interactive && !in_subshell_) return discard(code);
  flow_ = Flow::kExit;
  exit_code_ = code;
}

void Interpreter::discard(int code) {
  status_ = code;
  flow_ = Flow::kDiscard;
  exit_code_ = code;
}

// Lets the world go on in loops that never wait.
Task<void> Interpreter::breathe() {
  if (++steps_ % kStepsPerBreath != 0) co_return;
  process_.add_cpu_time(kCommandTime * kStepsPerBreath);
  (void)co_await process_.sleep(kCommandTime * kStepsPerBreath);
}

// --- texts ---

Task<void> Interpreter::tell_syntax_error(const Parsed& parsed, std::string source) {
  const bool at_prompt = interactive && source == name_;
  std::string prefix = source + ": ";
  if (flavour_ == Flavour::kDash)
    prefix += std::to_string(parsed.line) + ": ";
  else if (!at_prompt)
    prefix += "line " + std::to_string(parsed.line) + ": ";
  std::string message = parsed.message;
  if (!is_bash()) {
    // "syntax error: unexpected "fi"" and no line of text.
    const std::size_t quote = message.find("unexpected token `");
    if (quote != std::string::npos)
      message = flavour_ == Flavour::kDash
                    ? "Syntax error: \"" + message.substr(quote + 18, message.size() - quote - 19) + "\" unexpected"
                    : "syntax error: unexpected \"" + message.substr(quote + 18, message.size() - quote - 19) + "\"";
  }
  co_await process_.err(prefix + message + "\n");
  if (!at_prompt && !parsed.line_text.empty() && is_bash())
    co_await process_.err(prefix + "`" + parsed.line_text + "'\n");
}

// `whole_text`: a line that fails ends the text. Otherwise the next line goes on.
Task<int> Interpreter::run_parsed(Parser& parser, std::string source, bool whole_text, bool tells_command) {
  for (;;) {
    parser.set_aliases(interactive || shopt("expand_aliases") ? &aliases : nullptr);
    const Parsed parsed = parser.next();
    for (const std::string& warning : parsed.warnings) co_await complain("warning: " + warning);
    if (parsed.state == Parsed::State::kEnd) co_return status_;
    if (parsed.state != Parsed::State::kCommand) {
      status_ = 2;
      co_await tell_syntax_error(parsed, source + (tells_command ? ": -c" : ""));
      if (!whole_text && !interactive) {
        flow_ = Flow::kExit;
        exit_code_ = 2;
      }
      co_return status_;
    }
    if (option("noexec")) continue;
    status_ = co_await run(parsed.command);
    if (flow_ == Flow::kDiscard && !whole_text) flow_ = Flow::kNone;
    if (flow_ != Flow::kNone) co_return status_;
  }
}

Task<int> Interpreter::run_text(std::string text, std::string source, int first_line) {
  Parser parser(std::move(text), interactive || shopt("expand_aliases") ? &aliases : nullptr, true, first_line);
  co_return co_await run_parsed(parser, std::move(source), true, false);
}

Task<int> Interpreter::run_script(std::string text, std::string source) {
  Parser parser(std::move(text), shopt("expand_aliases") ? &aliases : nullptr, true);
  const int code = co_await run_parsed(parser, std::move(source), command_string, command_string && is_bash());
  if (flow_ == Flow::kDiscard) {
    flow_ = Flow::kExit;
    exit_code_ = code;
  }
  co_return code;
}

Task<int> Interpreter::run_line(std::string text) {
  Parser parser(std::move(text), &aliases, true);
  const int code = co_await run_parsed(parser, name_, true, false);
  if (flow_ != Flow::kExit) flow_ = Flow::kNone;
  loop_depth_ = 0;
  condition_depth_ = 0;
  co_return code;
}

// Commands from standard input, line by line: they may read what follows themselves.
Task<int> Interpreter::run_input() {
  std::string text;
  int line_number = 1;
  int lines = 0;
  for (;;) {
    std::string line;
    const bool more = co_await read_input_line(process_, 0, line);
    if (!more && line.empty() && text.empty()) break;
    text += line;
    if (more) text += '\n';
    ++lines;
    {
      Parser trial(text, nullptr, !more, line_number);
      Parsed parsed = trial.next();
      while (parsed.state == Parsed::State::kCommand) parsed = trial.next();
      if (parsed.state == Parsed::State::kIncomplete && more) continue;
    }
    Parser parser(std::exchange(text, {}), shopt("expand_aliases") ? &aliases : nullptr, true, line_number);
    line_number += std::exchange(lines, 0);
    (void)co_await run_parsed(parser, name_, false, false);
    if (flow_ == Flow::kExit || !more) break;
    flow_ = Flow::kNone;
  }
  co_return exiting() ? exit_code_ : status_;
}

// --- running ---

// set -e and the ERR trap, after a command that nothing looks at.
Task<void> Interpreter::check_failure(bool exempt) {
  if (status_ == 0 || exempt || condition_depth_ > 0 || flow_ != Flow::kNone) co_return;
  const auto trap = traps_.find("ERR");
  if (trap != traps_.end() && !in_trap_) {
    const std::string action = trap->second;
    (void)co_await run_trap_text(action);
  }
  if (option("errexit") && flow_ == Flow::kNone) {
    flow_ = Flow::kExit;
    exit_code_ = status_;
  }
}

Task<int> Interpreter::run(CommandPtr command) {
  if (flow_ != Flow::kNone) co_return status_;
  co_await breathe();
  if (command->kind == Command::Kind::kSimple) line_ = command->line;
  const std::size_t substitutions = substitutions_.size();
  switch (command->kind) {
    case Command::Kind::kSimple:
      status_ = co_await run_simple(command);
      last_codes_.assign(1, status_);
      break;
    case Command::Kind::kPipeline:
      status_ = command->timed != Command::Timed::kNo ? co_await run_timed(command) : co_await run_pipeline(command);
      break;
    case Command::Kind::kList:
      co_return co_await run_list(command);
    case Command::Kind::kAndOr: {
      ++condition_depth_;
      int code = co_await run(command->children[0]);
      for (std::size_t i = 0; i < command->operators.size() && flow_ == Flow::kNone; ++i) {
        const bool wanted = command->operators[i] == "&&" ? code == 0 : code != 0;
        if (!wanted) continue;
        const bool last = i + 1 == command->operators.size();
        if (last) --condition_depth_;
        code = co_await run(command->children[i + 1]);
        if (last) ++condition_depth_;
      }
      --condition_depth_;
      co_return status_ = code;
    }
    case Command::Kind::kFunction:
      functions_[command->name] = command->children[0];
      co_return status_ = 0;
    default: {
      // Compound commands: their redirections hold for all of them.
      std::vector<SavedFile> saved;
      if (!co_await redirect(command->redirections, saved))
        status_ = 1;
      else if (flow_ == Flow::kNone)
        status_ = co_await run_compound(command);
      restore(saved);
    }
  }
  close_substitutions(substitutions);
  co_await run_pending_traps();
  const bool own_check = command->kind == Command::Kind::kWhile || command->kind == Command::Kind::kUntil ||
                         command->kind == Command::Kind::kIf || command->kind == Command::Kind::kFor ||
                         command->kind == Command::Kind::kGroup || command->kind == Command::Kind::kCase ||
                         command->kind == Command::Kind::kArithFor || command->kind == Command::Kind::kSelect;
  co_await check_failure(own_check || (command->kind == Command::Kind::kPipeline && command->negated));
  co_return status_;
}

Task<int> Interpreter::run_list(CommandPtr command) {
  for (std::size_t i = 0; i < command->children.size() && flow_ == Flow::kNone; ++i) {
    if (command->operators[i] == "&")
      status_ = co_await background(command->children[i]);
    else
      status_ = co_await run(command->children[i]);
  }
  co_return status_;
}

Task<int> Interpreter::run_arithmetic(std::string expression) {
  const std::string text = co_await expand_arithmetic(std::move(expression));
  if (flow_ != Flow::kNone) co_return 1;
  const auto value = arithmetic(text);
  if (!value) {
    co_await complain("((: " + value.error().message);
    co_return 1;
  }
  co_return *value != 0 ? 0 : 1;
}

Task<int> Interpreter::run_compound(CommandPtr command) {
  switch (command->kind) {
    case Command::Kind::kGroup:
      co_return co_await run(command->children[0]);
    case Command::Kind::kSubshell: {
      Job job;
      const bool control = has_job_control();
      const Pid child = fork(command->children[0], {}, control ? std::optional<Pid>(0) : std::nullopt);
      job.group = control ? child : 0;
      job.pids = {child};
      job.text = unparse(*command);
      co_return co_await wait_job(std::move(job));
    }
    case Command::Kind::kIf: {
      std::size_t i = 0;
      for (; i + 1 < command->children.size(); i += 2) {
        ++condition_depth_;
        const int code = co_await run(command->children[i]);
        --condition_depth_;
        if (flow_ != Flow::kNone) co_return code;
        if (code == 0) co_return co_await run(command->children[i + 1]);
      }
      if (i < command->children.size()) co_return co_await run(command->children[i]);
      co_return 0;
    }
    case Command::Kind::kWhile:
    case Command::Kind::kUntil:
      co_return co_await run_loop(command);
    case Command::Kind::kFor:
      co_return co_await run_for(command);
    case Command::Kind::kArithFor:
      co_return co_await run_arithmetic_for(command);
    case Command::Kind::kSelect:
      co_return co_await run_select(command);
    case Command::Kind::kCase:
      co_return co_await run_case(command);
    case Command::Kind::kTest:
      line_ = command->line;
      co_return co_await run_conditional(*this, command);
    case Command::Kind::kArith:
      line_ = command->line;
      if (option("xtrace")) {
        std::vector<std::string> traced(1, "((" + command->name + "))");
        co_await trace(std::move(traced));
      }
      co_return co_await run_arithmetic(command->name);
    default:
      co_return 1;
  }
}

// After a loop's body: true when the loop is over.
bool Interpreter::loop_ends() {
  if (flow_ == Flow::kNone) return false;
  if (flow_ != Flow::kBreak && flow_ != Flow::kContinue) return true;
  const bool again = flow_ == Flow::kContinue && flow_depth_ <= 1;
  if (--flow_depth_ <= 0) flow_ = Flow::kNone;
  return !again;
}

Task<int> Interpreter::run_loop(CommandPtr command) {
  int result = 0;
  ++loop_depth_;
  for (;;) {
    ++condition_depth_;
    const int code = co_await run(command->children[0]);
    --condition_depth_;
    if (flow_ != Flow::kNone) {
      if (loop_ends()) break;
      continue;
    }
    if ((code == 0) != (command->kind == Command::Kind::kWhile)) break;
    result = co_await run(command->children[1]);
    if (loop_ends()) break;
  }
  --loop_depth_;
  co_return flow_ == Flow::kNone ? result : status_;
}

Task<int> Interpreter::run_for(CommandPtr command) {
  std::vector<std::string> values = positional;
  line_ = command->line;
  if (command->has_list) {
    values.clear();
    for (const std::string& word : command->words) {
      for (std::string& value : co_await expand(word)) values.push_back(std::move(value));
      if (flow_ != Flow::kNone) co_return status_;
    }
  }
  if (!is_name(command->name)) {
    co_await complain("`" + command->name + "': not a valid identifier");
    co_return 1;
  }
  int result = 0;
  ++loop_depth_;
  for (const std::string& value : values) {
    if (option("xtrace")) {
      std::vector<std::string> traced{"for", command->name, "in"};
      traced.insert(traced.end(), command->words.begin(), command->words.end());
      co_await process_.err(get("PS4") + join(traced, " ") + "\n");
    }
    if (!set(command->name, value)) {
      co_await complain(command->name + ": readonly variable");
      result = 1;
      break;
    }
    result = co_await run(command->children[0]);
    if (loop_ends()) break;
  }
  --loop_depth_;
  co_return flow_ == Flow::kNone ? result : status_;
}

Task<int> Interpreter::run_arithmetic_for(CommandPtr command) {
  std::vector<std::string> parts = split(command->name, ';');
  parts.resize(3);
  auto evaluate = [this](std::string text, std::int64_t empty) -> Task<std::optional<std::int64_t>> {
    const std::string expanded = co_await expand_arithmetic(std::move(text));
    if (trim(expanded).empty()) co_return empty;
    const auto value = arithmetic(expanded);
    if (value) co_return *value;
    co_await complain("((: " + value.error().message);
    co_return std::nullopt;
  };
  line_ = command->line;
  if (!co_await evaluate(parts[0], 0)) co_return 1;
  int result = 0;
  ++loop_depth_;
  for (;;) {
    const auto goes_on = co_await evaluate(parts[1], 1);
    if (!goes_on) result = 1;
    if (!goes_on || *goes_on == 0) break;
    result = co_await run(command->children[0]);
    if (loop_ends()) break;
    if (!co_await evaluate(parts[2], 0)) {
      result = 1;
      break;
    }
  }
  --loop_depth_;
  co_return flow_ == Flow::kNone ? result : status_;
}

Task<int> Interpreter::run_select(CommandPtr command) {
  std::vector<std::string> values = positional;
  if (command->has_list) {
    values.clear();
    for (const std::string& word : command->words) {
      for (std::string& value : co_await expand(word)) values.push_back(std::move(value));
    }
  }
  if (values.empty()) co_return 0;
  std::string menu;
  const std::size_t digits = std::to_string(values.size()).size();
  for (std::size_t i = 0; i < values.size(); ++i)
    menu += pad_left(std::to_string(i + 1), digits) + ") " + values[i] + "\n";
  int result = 0;
  bool show = true;
  ++loop_depth_;
  for (;;) {
    if (show) co_await process_.err(menu);
    co_await process_.err(is_set("PS3") ? get("PS3") : "#? ");
    std::string line;
    if (!co_await read_input_line(process_, 0, line) && line.empty()) {
      co_await process_.out("\n");
      result = 1;
      break;
    }
    set("REPLY", line);
    const std::string_view choice = trim(line);
    show = choice.empty();
    if (show) continue;
    const auto number = parse_int(choice);
    const bool valid = number && *number >= 1 && static_cast<std::size_t>(*number) <= values.size();
    set(command->name, valid ? values[static_cast<std::size_t>(*number) - 1] : "");
    result = co_await run(command->children[0]);
    if (loop_ends()) break;
  }
  --loop_depth_;
  co_return flow_ == Flow::kNone ? result : status_;
}

Task<int> Interpreter::run_case(CommandPtr command) {
  line_ = command->line;
  const std::string word = co_await expand_one(command->name);
  if (option("xtrace")) co_await process_.err(get("PS4") + "case " + command->name + " in\n");
  int result = 0;
  bool fall_through = false;
  for (const Command::Clause& clause : command->clauses) {
    bool matches = fall_through;
    for (std::size_t i = 0; i < clause.patterns.size() && !matches; ++i) {
      const std::string pattern = co_await expand_pattern(clause.patterns[i]);
      if (flow_ != Flow::kNone) co_return status_;
      matches = match_pattern(pattern, word, shopt("nocasematch"));
    }
    if (!matches) continue;
    result = clause.body ? co_await run(clause.body) : 0;
    if (flow_ != Flow::kNone || clause.end == ";;") co_return result;
    fall_through = clause.end == ";&";
  }
  co_return result;
}

// --- traps ---

// Signals that came in are kept until a command has ended.
void Interpreter::collect_signals() {
  while (const auto signal = process_.take_signal()) caught_.push_back(*signal);
}

Task<int> Interpreter::run_trap_text(std::string text) {
  const int status = status_;
  const bool before = std::exchange(in_trap_, true);
  const std::vector<int> codes = last_codes_;
  (void)co_await run_text(std::move(text), name_ + ": trap");
  in_trap_ = before;
  last_codes_ = codes;
  co_return status_ = status;
}

Task<void> Interpreter::run_pending_traps() {
  collect_signals();
  while (!caught_.empty()) {
    const int signal = caught_.front();
    caught_.erase(caught_.begin());
    const auto at = traps_.find(std::string(signal_name(signal)));
    if (at != traps_.end()) {
      const std::string action = at->second;
      (void)co_await run_trap_text(action);
    } else if (interactive && !in_subshell_) {
      if (signal == kSigInt) discard(130);
      if (signal == kSigHup) {
        flow_ = Flow::kExit;
        exit_code_ = 129;
      }
    } else if (signal != kSigChld && signal != kSigWinch) {
      flow_ = Flow::kExit;
      exit_code_ = 128 + signal;
    }
  }
}

Task<void> Interpreter::run_exit_trap() {
  const auto at = traps_.find("EXIT");
  if (at == traps_.end()) co_return;
  const std::string action = at->second;
  traps_.erase(at);
  const Flow flow = std::exchange(flow_, Flow::kNone);
  const int code = exit_code_;
  if (flow == Flow::kExit) status_ = code;
  const int status = status_;
  (void)co_await run_text(action, name_ + ": exit trap");
  if (flow_ != Flow::kExit) {
    flow_ = flow;
    exit_code_ = code;
    status_ = status;
  }
}

}  // namespace drydock::shell
