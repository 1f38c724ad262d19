#include "core/programs/shell/interpreter.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/tty.h"

namespace drydock::shell {
namespace {

constexpr int kMaxDepth = 200;        // of nested function calls
constexpr int kStepsPerBreath = 200;  // commands between two looks at the clock
constexpr Duration kCommandTime = microseconds(300);

std::string quote_command(const Command& command) {
  return command.words.empty() ? command.name : join(command.words, " ");
}

}  // namespace

Interpreter::Interpreter(Process& process, std::string name) : process_(process), name_(std::move(name)) {
  for (const auto& [key, value] : process.environment()) variables_[key] = {value, true, false, std::nullopt};
  if (!is_set("IFS")) set("IFS", " \t\n");
  if (!is_set("PWD")) set("PWD", process.cwd(), true);
  set("SHLVL", std::to_string(parse_int(get("SHLVL")).value_or(0) + 1), true);
  if (name_.find("bash") != std::string::npos) set("BASH_VERSION", "5.1.8(1)-release");
}

Interpreter::Interpreter(const Interpreter& parent, Process& child)
    : positional(parent.positional),
      aliases(parent.aliases),
      process_(child),
      name_(parent.name_),
      variables_(parent.variables_),
      functions_(parent.functions_),
      options_(parent.options_),
      pipefail_(parent.pipefail_),
      status_(parent.status_),
      depth_(parent.depth_),
      in_subshell_(true) {}

Task<void> Interpreter::complain(std::string text) { co_await process_.err(name_ + ": " + text + "\n"); }

// --- variables ---

std::string Interpreter::get(std::string_view variable) const {
  if (variable.empty()) return {};
  if (variable == "?") return std::to_string(status_);
  if (variable == "$") return std::to_string(process_.pid());
  if (variable == "!") return last_background_ == 0 ? "" : std::to_string(last_background_);
  if (variable == "#") return std::to_string(positional.size());
  if (variable == "@" || variable == "*") return join(positional, " ");
  if (variable == "0") return name_.starts_with("-") ? name_ : name_;
  if (variable == "-") {
    std::string flags = interactive ? "hi" : "h";
    for (char c : options_) flags += c;
    return flags + "B";
  }
  if (variable == "_") return {};
  if (variable == "RANDOM") return std::to_string(process_.prng().below(32768));
  if (variable == "SECONDS")
    return std::to_string(std::chrono::duration_cast<seconds>(process_.now() - process_.started()).count());
  if (variable == "EPOCHSECONDS")
    return std::to_string(std::chrono::duration_cast<seconds>(process_.now().time_since_epoch()).count());
  if (variable == "UID" || variable == "EUID") return std::to_string(process_.credentials().uid);
  if (variable == "PPID") return std::to_string(process_.parent_pid());
  if (variable == "LINENO") return std::to_string(line_);
  if (variable[0] >= '0' && variable[0] <= '9') {
    const auto number = parse_int(variable);
    if (!number || *number < 1 || static_cast<std::size_t>(*number) > positional.size()) return {};
    return positional[static_cast<std::size_t>(*number) - 1];
  }
  const auto at = variables_.find(variable);
  if (at == variables_.end()) return {};
  if (at->second.array) {
    const auto first = at->second.array->find("0");
    return first == at->second.array->end() ? "" : first->second;
  }
  return at->second.value;
}

bool Interpreter::is_set(std::string_view variable) const {
  if (variable == "?" || variable == "$" || variable == "#" || variable == "-" || variable == "0" ||
      variable == "RANDOM" || variable == "SECONDS" || variable == "UID" || variable == "EUID" || variable == "PPID" ||
      variable == "LINENO")
    return true;
  if (variable == "@" || variable == "*") return !positional.empty();
  if (!variable.empty() && variable[0] >= '0' && variable[0] <= '9') {
    const auto number = parse_int(variable);
    return number && *number >= 1 && static_cast<std::size_t>(*number) <= positional.size();
  }
  return variables_.contains(variable);
}

void Interpreter::set(const std::string& variable, std::string value, bool exported) {
  Variable& slot = variables_[variable];
  if (slot.read_only) return;
  if (slot.array) (*slot.array)["0"] = value;
  slot.value = std::move(value);
  slot.exported = slot.exported || exported || options_.contains('a');
  // What child processes inherit through fork and exec.
  if (slot.exported) process_.environment()[variable] = slot.value;
}

void Interpreter::unset(const std::string& variable) {
  variables_.erase(variable);
  process_.environment().erase(variable);
}

std::vector<std::string> Interpreter::array_values(const std::string& variable) const {
  std::vector<std::string> values;
  const auto at = variables_.find(variable);
  if (at == variables_.end()) return values;
  if (!at->second.array) return {at->second.value};
  std::vector<std::pair<std::int64_t, std::string>> ordered;
  std::int64_t order = 0;
  for (const auto& [key, value] : *at->second.array) ordered.emplace_back(parse_int(key).value_or(order++), value);
  std::sort(ordered.begin(), ordered.end());
  for (auto& [key, value] : ordered) values.push_back(std::move(value));
  return values;
}

Environment Interpreter::exported(const std::map<std::string, std::string>& extra) const {
  Environment environment;
  for (const auto& [name, variable] : variables_) {
    if (variable.exported) environment[name] = variable.value;
  }
  for (const auto& [name, value] : extra) environment[name] = value;
  return environment;
}

// NAME=word, NAME+=word, NAME[i]=word, NAME=(words).
Task<bool> Interpreter::assign(const std::string& assignment, std::map<std::string, std::string>* only_for_command) {
  std::size_t equals = assignment.find('=');
  std::string name = assignment.substr(0, equals);
  const std::string word = assignment.substr(equals + 1);
  const bool append = name.ends_with("+");
  if (append) name.pop_back();
  std::string index;
  if (const std::size_t bracket = name.find('['); bracket != std::string::npos) {
    index = co_await expand_one(name.substr(bracket + 1, name.size() - bracket - 2));
    name.resize(bracket);
  }
  if (variables_.contains(name) && variables_[name].read_only) {
    co_await complain(name + ": readonly variable");
    co_return false;
  }
  if (word.starts_with("(") && word.ends_with(")")) {
    std::map<std::string, std::string> items;
    if (append && variables_[name].array) items = *variables_[name].array;
    std::size_t next = items.size();
    Result<Parsed> parsed = parse("x " + word.substr(1, word.size() - 2));
    if (parsed && parsed->command) {
      const Command& simple = *parsed->command->children[0];
      for (std::size_t i = 1; i < simple.words.size(); ++i) {
        const std::string& item = simple.words[i];
        const std::size_t close = item.find("]=");
        if (item.starts_with("[") && close != std::string::npos) {
          const std::string key = co_await expand_one(item.substr(1, close - 1));
          items[key] = co_await expand_one(item.substr(close + 2));
          continue;
        }
        for (std::string& value : co_await expand(item)) items[std::to_string(next++)] = std::move(value);
      }
    }
    variables_[name].array = std::move(items);
    co_return true;
  }
  std::string value = co_await expand_one(word);
  if (!index.empty()) {
    Variable& variable = variables_[name];
    if (!variable.array) {
      variable.array.emplace();
      if (!variable.value.empty()) (*variable.array)["0"] = variable.value;
    }
    const bool numeric = variable.array->empty() || parse_int(variable.array->begin()->first).has_value();
    if (numeric && !parse_int(index)) {
      const auto number = arithmetic(index);
      if (number && !(variable.array->empty() && declared_maps_.contains(name))) index = std::to_string(*number);
    }
    std::string& slot = (*variable.array)[index];
    slot = append ? slot + value : value;
    co_return true;
  }
  if (append) value = get(name) + value;
  if (only_for_command != nullptr)
    (*only_for_command)[name] = std::move(value);
  else
    set(name, std::move(value));
  co_return true;
}

// --- running ---

// Lets the world go on in loops that never wait.
Task<void> Interpreter::breathe() {
  if (++steps_ % kStepsPerBreath != 0) co_return;
  process_.add_cpu_time(kCommandTime * kStepsPerBreath);
  (void)co_await process_.sleep(kCommandTime * kStepsPerBreath);
}

Task<int> Interpreter::run_text(std::string text, std::string source) {
  Result<Parsed> parsed = parse(text);
  if (!parsed) {
    co_await process_.err(source + ": " + parsed.error().message + "\n");
    co_return status_ = 2;
  }
  if (parsed->incomplete) {
    co_await process_.err(source + ": syntax error: unexpected end of file\n");
    co_return status_ = 2;
  }
  if (!parsed->command) co_return status_;
  const CommandPtr command = parsed->command;
  co_return co_await run(command);
}

Task<int> Interpreter::run(CommandPtr command) {
  if (flow_ != Flow::kNone) co_return status_;
  co_await breathe();
  switch (command->kind) {
    case Command::Kind::kSimple:
      status_ = co_await run_simple(command);
      break;
    case Command::Kind::kPipeline:
      status_ = co_await run_pipeline(command);
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
      const std::map<int, OpenFilePtr> saved = process_.open_files();
      const bool redirected = !command->redirections.empty();
      if (redirected && !co_await redirect(command->redirections)) {
        status_ = 1;
      } else {
        status_ = co_await run_compound(command);
      }
      if (redirected) {
        const std::map<int, OpenFilePtr> now = process_.open_files();
        for (const auto& [fd, file] : now) {
          if (!saved.contains(fd)) process_.close(fd);
        }
        for (const auto& [fd, file] : saved) process_.set_file(fd, file);
      }
    }
  }
  co_await run_pending_traps();
  if (status_ != 0 && options_.contains('e') && condition_depth_ == 0 && flow_ == Flow::kNone &&
      command->kind != Command::Kind::kWhile && command->kind != Command::Kind::kUntil &&
      command->kind != Command::Kind::kIf) {
    flow_ = Flow::kExit;
    exit_code_ = status_;
  }
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

Task<int> Interpreter::run_compound(CommandPtr command) {
  switch (command->kind) {
    case Command::Kind::kGroup:
      co_return co_await run(command->children[0]);
    case Command::Kind::kSubshell: {
      const Pid child = fork(command->children[0], {}, std::nullopt);
      const auto waited = co_await process_.wait(child);
      co_return waited ? waited->status.shell_code() : 1;
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
    case Command::Kind::kUntil: {
      int result = 0;
      for (;;) {
        ++condition_depth_;
        const int code = co_await run(command->children[0]);
        --condition_depth_;
        if (flow_ != Flow::kNone || (code == 0) != (command->kind == Command::Kind::kWhile)) break;
        result = co_await run(command->children[1]);
        if (flow_ == Flow::kNone) continue;
        if (flow_ == Flow::kReturn || flow_ == Flow::kExit) break;
        const bool again = flow_ == Flow::kContinue && flow_depth_ <= 1;
        if (--flow_depth_ <= 0) flow_ = Flow::kNone;
        if (!again) break;
      }
      co_return result;
    }
    case Command::Kind::kFor:
    case Command::Kind::kArithFor:
      co_return co_await run_for(command);
    case Command::Kind::kCase:
      co_return co_await run_case(command);
    case Command::Kind::kTest:
      co_return co_await run_test(command);
    case Command::Kind::kArith: {
      const std::string expression = co_await expand_one(command->name);
      auto value = arithmetic(expression);
      if (!value) {
        co_await complain("((: " + value.error().message);
        co_return 1;
      }
      co_return *value != 0 ? 0 : 1;
    }
    default:
      co_return 1;
  }
}

Task<int> Interpreter::run_for(CommandPtr command) {
  int result = 0;
  const bool counted = command->kind == Command::Kind::kArithFor;
  std::vector<std::string> values;
  std::vector<std::string> parts;
  if (counted) {
    parts = split(command->name, ';');
    parts.resize(3);
    (void)arithmetic(parts[0]);
  } else if (command->has_list) {
    for (const std::string& word : command->words) {
      for (std::string& value : co_await expand(word)) values.push_back(std::move(value));
    }
  } else {
    values = positional;
  }
  for (std::size_t i = 0;; ++i) {
    if (counted) {
      if (!trim(parts[1]).empty() && arithmetic(parts[1]).value_or(0) == 0) break;
      co_await breathe();
    } else {
      if (i >= values.size()) break;
      set(command->name, values[i]);
    }
    result = co_await run(command->children[0]);
    if (flow_ == Flow::kReturn || flow_ == Flow::kExit) break;
    if (flow_ != Flow::kNone) {
      const bool again = flow_ == Flow::kContinue && flow_depth_ <= 1;
      if (--flow_depth_ <= 0) flow_ = Flow::kNone;
      if (!again) break;
    }
    if (counted) (void)arithmetic(parts[2]);
  }
  co_return result;
}

Task<int> Interpreter::run_case(CommandPtr command) {
  const std::string subject = co_await expand_one(command->name);
  for (const Command::Clause& clause : command->clauses) {
    for (const std::string& word : clause.patterns) {
      const std::string pattern = co_await expand_one(word);
      if (!match_pattern(pattern, subject)) continue;
      if (!clause.body) co_return 0;
      co_return co_await run(clause.body);
    }
  }
  co_return 0;
}

Task<int> Interpreter::run_test(CommandPtr command) {
  // [[ ]]: no splitting; && || ! ( ) inside; == is a pattern, =~ an expression.
  std::vector<std::string> words;
  for (const std::string& word : command->words) {
    if (word == "&&" || word == "||" || word == "(" || word == ")" || word == "!" || word == "<" || word == ">")
      words.push_back(word);
    else
      words.push_back(co_await expand_one(word));
  }
  words.insert(words.begin(), "[[");
  co_return co_await test_expression(*this, std::move(words));
}

Task<int> Interpreter::run_function(CommandPtr body, std::vector<std::string> arguments) {
  if (++depth_ > kMaxDepth) {
    --depth_;
    co_await complain("maximum function nesting level exceeded (" + std::to_string(kMaxDepth) + ")");
    co_return 1;
  }
  std::swap(positional, arguments);
  locals_.emplace_back();
  int code = co_await run(body);
  for (auto& [name, old] : locals_.back()) {
    if (old)
      variables_[name] = *old;
    else
      variables_.erase(name);
  }
  locals_.pop_back();
  std::swap(positional, arguments);
  --depth_;
  if (flow_ == Flow::kReturn) {
    flow_ = Flow::kNone;
    code = status_;
  }
  co_return code;
}

Task<int> Interpreter::run_simple(CommandPtr command) {
  std::vector<std::string> argv;
  for (std::size_t i = 0; i < command->words.size(); ++i) {
    const std::string& word = command->words[i];
    const auto alias = i == 0 ? aliases.find(word) : aliases.end();
    if (alias != aliases.end() && alias->second != word) {
      // The alias' text is parsed again with what follows it.
      std::string text = alias->second;
      for (std::size_t k = 1; k < command->words.size(); ++k) text += " " + command->words[k];
      Result<Parsed> parsed = parse(text);
      if (parsed && parsed->command && parsed->command->children.size() == 1 &&
          parsed->command->children[0]->kind == Command::Kind::kSimple) {
        auto replaced = std::make_shared<Command>(*parsed->command->children[0]);
        replaced->redirections = command->redirections;
        replaced->assignments = command->assignments;
        const std::string name = word;
        const std::string kept = aliases[name];
        aliases.erase(name);
        const int code = co_await run_simple(replaced);
        aliases[name] = kept;
        co_return code;
      }
    }
    // declare/export keep NAME=words unsplit.
    for (std::string& field : co_await expand(word)) argv.push_back(std::move(field));
    if (flow_ != Flow::kNone) co_return status_;
  }
  if (options_.contains('x') && !argv.empty()) co_await process_.err("+ " + join(argv, " ") + "\n");
  if (argv.empty()) {
    const int before = status_;
    status_ = 0;
    for (const std::string& assignment : command->assignments) {
      if (!co_await assign(assignment, nullptr)) co_return 1;
    }
    const int substituted = status_;
    if (!command->redirections.empty()) {
      const std::map<int, OpenFilePtr> saved = process_.open_files();
      const bool opened = co_await redirect(command->redirections);
      for (const auto& [fd, file] : saved) process_.set_file(fd, file);
      if (!opened) co_return 1;
    }
    (void)before;
    co_return substituted;
  }
  std::map<std::string, std::string> for_command;
  for (const std::string& assignment : command->assignments) {
    if (!co_await assign(assignment, &for_command)) co_return 1;
  }
  const bool keep = argv[0] == "exec" && argv.size() == 1;
  const std::map<int, OpenFilePtr> saved = process_.open_files();
  const bool redirected = !command->redirections.empty();
  int code = 0;
  if (redirected && !co_await redirect(command->redirections)) {
    code = 1;
  } else if (const auto function = functions_.find(argv[0]); function != functions_.end()) {
    const CommandPtr body = function->second;
    std::vector<std::string> arguments(argv.begin() + 1, argv.end());
    code = co_await run_function(body, std::move(arguments));
  } else if (is_builtin(argv[0])) {
    std::map<std::string, std::string> old;
    for (auto& [name, value] : for_command) {
      old[name] = get(name);
      set(name, value);
    }
    const std::optional<int> result = co_await run_builtin(*this, argv);
    for (auto& [name, value] : old) set(name, value);
    code = result.value_or(0);
  } else {
    code = co_await run_program(std::move(argv), std::move(for_command));
  }
  if (redirected && !keep) {
    const std::map<int, OpenFilePtr> now = process_.open_files();
    for (const auto& [fd, file] : now) {
      if (!saved.contains(fd)) process_.close(fd);
    }
    for (const auto& [fd, file] : saved) process_.set_file(fd, file);
  }
  co_return code;
}

Task<int> Interpreter::run_program(std::vector<std::string> argv, std::map<std::string, std::string> environment) {
  const std::string command = argv[0];
  SpawnOptions options;
  options.argv = std::move(argv);
  options.environment = exported(environment);
  const bool job_control = interactive && !in_subshell_;
  if (job_control) options.group = 0;
  const std::string text = join(options.argv, " ");
  auto pid = process_.spawn(std::move(options));
  if (!pid) {
    const bool path = contains(command, "/");
    const auto info = process_.stat(command);
    if (pid.error() == Errno::kNoEnt && !path) {
      const bool bash = contains(name_, "bash");
      co_await complain(bash ? command + ": command not found" : command + ": not found");
      co_return 127;
    }
    if (pid.error() == Errno::kNoEnt) {
      co_await complain(command + ": No such file or directory");
      co_return 127;
    }
    if (path && info && info->type == FileType::kDirectory) {
      co_await complain(command + ": Is a directory");
      co_return 126;
    }
    if (pid.error() == Errno::kNoExec) {
      // A text without "#!": the shell runs it itself.
      const auto script = process_.find_executable(command);
      const std::string source = script ? *script : command;
      const auto content = process_.read_file(source);
      if (content && !content->starts_with("\x7f")) {
        std::vector<std::string> words = split_whitespace(text);
        const std::string body = *content;
        auto snapshot = std::make_shared<const Interpreter>(*this, process_);
        const Pid child = process_.fork([snapshot, body, source, words](Process& forked) -> Task<int> {
          Interpreter copy(*snapshot, forked);
          copy.positional.assign(words.begin() + 1, words.end());
          co_return co_await copy.run_text(body, source);
        });
        const auto waited = co_await process_.wait(child);
        co_return waited ? waited->status.shell_code() : 1;
      }
      co_await complain(command + ": cannot execute binary file: Exec format error");
      co_return 126;
    }
    co_await complain(command + ": " + std::string(errno_text(pid.error())));
    co_return 126;
  }
  Job job;
  job.group = *pid;
  job.pids = {*pid};
  job.text = text;
  co_return co_await wait_job(std::move(job), true);
}

// Waits for a foreground job: it owns the terminal meanwhile; a stopped one stays as a job.
Task<int> Interpreter::wait_job(Job job, bool foreground) {
  const std::shared_ptr<Tty> tty = interactive && !in_subshell_ ? process_.controlling_tty() : nullptr;
  if (foreground && tty) tty->set_foreground_group(job.group);
  int code = 0;
  std::vector<int> codes;
  for (std::size_t i = 0; i < job.pids.size();) {
    const auto waited = co_await process_.wait(job.pids[i], false, interactive);
    if (!waited) {
      if (waited.error() == Errno::kIntr) {
        co_await run_pending_traps();
        if (flow_ == Flow::kExit) break;
        continue;
      }
      code = waited.error() == Errno::kChild ? code : 1;
      ++i;
      continue;
    }
    if (waited->stopped) {
      job.stopped = true;
      job.number = job.number != 0 ? job.number : static_cast<int>(jobs_.size()) + 1;
      if (tty) tty->set_foreground_group(process_.group());
      co_await process_.err("\n[" + std::to_string(job.number) + "]+  Stopped                 " + job.text + "\n");
      jobs_.push_back(std::move(job));
      co_return 148;
    }
    code = waited->status.shell_code();
    codes.push_back(code);
    if (waited->status.signal == kSigInt && tty) co_await process_.out("\n");
    if (waited->status.signal != 0 && waited->status.signal != kSigInt && waited->status.signal != kSigPipe &&
        interactive) {
      const char* word = waited->status.signal == kSigKill   ? "Killed"
                         : waited->status.signal == kSigTerm ? "Terminated"
                                                             : "Ended";
      co_await process_.err(std::string(word) + "\n");
    }
    ++i;
  }
  if (foreground && tty) {
    tty->set_foreground_group(process_.group());
    tty->set_following(false);
  }
  if (pipefail_) {
    for (int each : codes) {
      if (each != 0) code = each;
    }
  }
  last_codes_ = codes;
  co_return code;
}

Pid Interpreter::fork(CommandPtr command, std::map<int, OpenFilePtr> files, std::optional<Pid> group) {
  SpawnOptions options;
  options.files = std::move(files);
  options.group = group;
  // The state as it is now: the child starts later.
  auto snapshot = std::make_shared<const Interpreter>(*this, process_);
  return process_.fork(
      [snapshot, command](Process& child) -> Task<int> {
        Interpreter shell(*snapshot, child);
        const int code = co_await shell.run(command);
        co_await shell.run_exit_trap();
        co_return shell.exiting() ? shell.exit_code_ : code;
      },
      std::move(options));
}

Task<int> Interpreter::run_pipeline(CommandPtr command) {
  int code = 0;
  if (command->children.size() == 1) {
    ++condition_depth_;
    code = co_await run(command->children[0]);
    --condition_depth_;
  } else {
    Job job;
    OpenFilePtr previous;
    const bool job_control = interactive && !in_subshell_;
    for (std::size_t i = 0; i < command->children.size(); ++i) {
      std::map<int, OpenFilePtr> files;
      if (previous) files[0] = previous;
      previous = nullptr;
      if (i + 1 < command->children.size()) {
        auto [reader, writer] = make_pipe(process_.loop());
        if (command->operators[i] == "|&") files[2] = writer;
        files[1] = std::move(writer);
        previous = std::move(reader);
      }
      const Pid child =
          fork(command->children[i], std::move(files), job_control ? std::optional<Pid>(job.group) : std::nullopt);
      if (job.group == 0) job.group = child;
      job.pids.push_back(child);
      job.text += (job.text.empty() ? "" : " | ") + quote_command(*command->children[i]);
    }
    previous = nullptr;
    code = co_await wait_job(std::move(job), true);
  }
  co_return command->negated ? (code == 0 ? 1 : 0) : code;
}

Task<int> Interpreter::background(CommandPtr command) {
  std::map<int, OpenFilePtr> files;
  if (!interactive) files[0] = make_null_file();
  const Pid child = fork(command, std::move(files), interactive ? std::optional<Pid>(0) : std::nullopt);
  Job job;
  job.number = 1;
  for (const Job& other : jobs_) job.number = std::max(job.number, other.number + 1);
  job.group = child;
  job.pids = {child};
  job.text = quote_command(*command);
  last_background_ = child;
  if (interactive) co_await process_.err("[" + std::to_string(job.number) + "] " + std::to_string(child) + "\n");
  jobs_.push_back(std::move(job));
  co_return 0;
}

Task<void> Interpreter::reap_jobs(bool report) {
  for (std::size_t i = 0; i < jobs_.size();) {
    bool ended = !jobs_[i].stopped;
    int code = 0;
    for (Pid pid : jobs_[i].pids) {
      if (jobs_[i].stopped) break;
      const auto waited = co_await process_.wait(pid, true);
      if (waited && waited->pid == 0) ended = false;
      if (waited) code = waited->status.shell_code();
    }
    if (!ended) {
      ++i;
      continue;
    }
    if (report) {
      const std::string state = code == 0 ? "Done" : code > 128 ? "Terminated" : "Exit " + std::to_string(code);
      co_await process_.err("[" + std::to_string(jobs_[i].number) + "]+  " + pad_right(state, 24) + jobs_[i].text +
                            "\n");
    }
    jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

// The output of a command, without its last newlines.
Task<std::string> Interpreter::substitute(std::string text) {
  Result<Parsed> parsed = parse(text);
  if (!parsed || parsed->incomplete) {
    co_await complain("command substitution: " +
                      (parsed ? std::string("syntax error: unexpected end of file") : parsed.error().message));
    status_ = 2;
    co_return std::string();
  }
  if (!parsed->command) co_return std::string();
  auto [reader, writer] = make_pipe(process_.loop());
  std::map<int, OpenFilePtr> files;
  files[1] = std::move(writer);
  const Pid child = fork(parsed->command, std::move(files), std::nullopt);
  std::string output;
  for (;;) {
    auto piece = co_await reader->read(process_, 65536);
    if (!piece) {
      if (piece.error() == Errno::kIntr) continue;
      break;
    }
    if (piece->empty()) break;
    output += *piece;
  }
  const auto waited = co_await process_.wait(child);
  if (waited) status_ = waited->status.shell_code();
  while (output.ends_with("\n")) output.pop_back();
  co_return output;
}

Task<bool> Interpreter::redirect(const std::vector<Redirection>& redirections) {
  for (const Redirection& each : redirections) {
    const std::string op = each.op;
    if (op == "<<" || op == "<<<") {
      std::string body = each.word;
      if (op == "<<<")
        body = co_await expand_one(each.word) + "\n";
      else if (each.expand)
        body = co_await expand_here(each.word);
      process_.set_file(each.fd < 0 ? 0 : each.fd, make_string_source(std::move(body)));
      continue;
    }
    const std::vector<std::string> fields = co_await expand(each.word);
    if (fields.size() != 1) {
      co_await complain(each.word + ": ambiguous redirect");
      co_return false;
    }
    const std::string target = fields[0];
    int fd = each.fd >= 0 ? each.fd : op[0] == '<' ? 0 : 1;
    if (op == ">&" || op == "<&") {
      if (target == "-") {
        process_.close(fd);
        continue;
      }
      if (const auto source = parse_int(target)) {
        const OpenFilePtr file = process_.file(static_cast<int>(*source));
        if (!file) {
          co_await complain(target + ": Bad file descriptor");
          co_return false;
        }
        process_.set_file(fd, file);
        continue;
      }
    }
    const unsigned flags = op == "<"                   ? kOpenRead
                           : op == "<>"                ? kOpenRead | kOpenWrite | kOpenCreate
                           : op == ">>" || op == "&>>" ? kOpenWrite | kOpenCreate | kOpenAppend
                                                       : kOpenWrite | kOpenCreate | kOpenTruncate;
    auto opened = process_.open(target, flags, 0666);
    if (!opened) {
      co_await complain(target + ": " + std::string(errno_text(opened.error())));
      co_return false;
    }
    const OpenFilePtr file = process_.file(*opened);
    process_.close(*opened);
    process_.set_file(fd, file);
    if (op == "&>" || op == "&>>" || op == ">&") process_.set_file(2, file);
  }
  co_return true;
}

// A here-document's text: parameters and commands, but quotes mean nothing.
Task<std::string> Interpreter::expand_here(std::string text) {
  std::vector<Piece> pieces;
  co_await expand_pieces(text, true, pieces);
  std::string out;
  for (const Piece& piece : pieces) out += piece.text;
  co_return out;
}

Task<void> Interpreter::run_pending_traps() {
  while (const auto signal = process_.take_signal()) {
    const auto at = traps_.find(std::string(signal_name(*signal)));
    if (at != traps_.end()) {
      const std::string action = at->second;
      const int status = status_;
      (void)co_await run_text(action, name_ + ": trap");
      status_ = status;
    } else if (!interactive && *signal != kSigChld && *signal != kSigWinch) {
      flow_ = Flow::kExit;
      exit_code_ = 128 + *signal;
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
  (void)co_await run_text(action, name_ + ": trap");
  if (flow_ == Flow::kNone) {
    flow_ = flow;
    exit_code_ = code;
  }
}

}  // namespace drydock::shell
