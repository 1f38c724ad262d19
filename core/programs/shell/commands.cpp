// Simple commands: variables, assignments, functions, builtins, programs.
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/tty.h"
#include "core/programs/shell/expansion/quoting.h"
#include "core/programs/shell/interpreter.h"
#include "core/programs/shell/syntax/scan.h"

namespace drydock::shell {
namespace {

constexpr int kMaxDepth = 200;  // of nested function calls

std::string with_case(const Variable& variable, std::string value) {
  if (variable.upper) return to_upper(value);
  if (variable.lower) return to_lower(value);
  return value;
}

}  // namespace

// --- variables ---

std::string Interpreter::get(std::string_view variable) const {
  if (variable.empty()) return {};
  if (variable.size() == 1) {
    switch (variable[0]) {
      case '?':
        return std::to_string(status_);
      case '$':
        return std::to_string(shell_pid_);
      case '!':
        return last_background_ == 0 ? "" : std::to_string(last_background_);
      case '#':
        return std::to_string(positional.size());
      case '@':
      case '*':
        return join(positional, " ");
      case '0':
        return name_;
      case '_':
        return last_argument_;
      case '-': {
        std::string flags;
        constexpr std::pair<std::string_view, char> kLetters[] = {
            {"allexport", 'a'}, {"notify", 'b'},   {"errexit", 'e'},    {"noglob", 'f'},
            {"hashall", 'h'},   {"keyword", 'k'},  {"monitor", 'm'},    {"noexec", 'n'},
            {"nounset", 'u'},   {"verbose", 'v'},  {"xtrace", 'x'},     {"braceexpand", 'B'},
            {"noclobber", 'C'}, {"errtrace", 'E'}, {"histexpand", 'H'}, {"physical", 'P'}};
        for (const auto& [name, letter] : kLetters) {
          if (letter == 'm' && interactive) flags += 'i';
          if (option(name)) flags += letter;
        }
        if (command_string) flags += 'c';
        if (reads_input) flags += 's';
        return flags;
      }
      default:
        break;
    }
  }
  if (variable[0] >= '0' && variable[0] <= '9') {
    const auto number = parse_int(variable);
    if (number && *number == 0) return name_;
    if (!number || static_cast<std::size_t>(*number) > positional.size()) return {};
    return positional[static_cast<std::size_t>(*number) - 1];
  }
  if (const Variable* found = variables_.find(variable)) return found->plain().value_or("");
  // What nobody has assigned to is made up when it is asked for.
  if (variable == "RANDOM") return std::to_string(process_.prng().below(32768));
  if (variable == "SRANDOM") return std::to_string(process_.prng().below(1ull << 32));
  if (variable == "SECONDS")
    return std::to_string(std::chrono::duration_cast<seconds>(process_.now() - seconds_base_).count());
  if (variable == "EPOCHSECONDS")
    return std::to_string(std::chrono::duration_cast<seconds>(process_.now().time_since_epoch()).count());
  if (variable == "EPOCHREALTIME") {
    const auto micros = std::chrono::duration_cast<microseconds>(process_.now().time_since_epoch()).count();
    return format("%lld.%06lld", static_cast<long long>(micros / 1000000), static_cast<long long>(micros % 1000000));
  }
  if (variable == "UID" || variable == "EUID") return std::to_string(process_.credentials().uid);
  if (variable == "GROUPS") return std::to_string(process_.credentials().gid);
  if (variable == "PPID") return std::to_string(process_.parent_pid());
  if (variable == "BASHPID") return std::to_string(process_.pid());
  if (variable == "BASH_SUBSHELL") return std::to_string(subshell_level_);
  if (variable == "LINENO") return std::to_string(line_);
  if (variable == "FUNCNAME") return call_stack_.empty() ? "" : call_stack_.back();
  if (variable == "BASH_SOURCE") return script;
  if (variable == "PIPESTATUS") return std::to_string(last_codes_.empty() ? 0 : last_codes_[0]);
  if (variable == "HISTCMD") return std::to_string(history.size() + 1);
  if (variable == "DIRSTACK") return process_.cwd();
  if (variable == "SHELLOPTS") return join(std::vector<std::string>(options_.begin(), options_.end()), ":");
  if (variable == "BASHOPTS") return join(std::vector<std::string>(shopts_.begin(), shopts_.end()), ":");
  if (variable == "COLUMNS" || variable == "LINES") {
    const auto tty = process_.controlling_tty();
    if (tty && interactive) return std::to_string(variable == "LINES" ? tty->rows() : tty->columns());
  }
  return {};
}

bool Interpreter::is_set(std::string_view variable) const {
  if (variable.empty()) return false;
  if (variable == "@" || variable == "*") return !positional.empty();
  if (variable == "!") return last_background_ != 0;
  if (variable.size() == 1 && std::string_view("?$#-0_").find(variable[0]) != std::string_view::npos) return true;
  if (variable[0] >= '0' && variable[0] <= '9') {
    const auto number = parse_int(variable);
    return number && (*number == 0 || static_cast<std::size_t>(*number) <= positional.size());
  }
  if (const Variable* found = variables_.find(variable)) return found->plain().has_value();
  return !get(variable).empty();
}

std::string Interpreter::converted(const Variable& variable, std::string value) {
  if (!variable.integer) return with_case(variable, std::move(value));
  return std::to_string(arithmetic(value).value_or(0));
}

bool Interpreter::set(const std::string& variable, std::string value) {
  if (variable == "SECONDS") {
    seconds_base_ = process_.now() - seconds(parse_int(value).value_or(0));
    return true;
  }
  if (variable == "RANDOM" || variable == "LINENO" || variable == "PIPESTATUS" || variable == "FUNCNAME") return true;
  Variable& slot = variables_.make(variable);
  if (slot.read_only) return false;
  std::string stored = converted(slot, std::move(value));
  if (slot.kind == Variable::Kind::kIndexed)
    slot.items[0] = stored;
  else if (slot.kind == Variable::Kind::kAssociative)
    slot.table["0"] = stored;
  else
    slot.value = std::move(stored);
  slot.has_value = true;
  slot.exported = slot.exported || option("allexport");
  // What child processes inherit, and where programs are looked for.
  if ((slot.exported && slot.kind == Variable::Kind::kScalar) || variable == "PATH")
    process_.own_environment()[variables_.resolve(variable)] = slot.value;
  if (variable == "OPTIND") option_offset_ = 1;
  return true;
}

void Interpreter::set_exported(const std::string& variable, std::string value) {
  variables_.make(variable).exported = true;
  (void)set(variable, std::move(value));
}

bool Interpreter::set_array(const std::string& variable, const std::vector<std::string>& values) {
  Variable& slot = variables_.make(variable);
  if (slot.read_only) return false;
  Variable made = Variable::list(values);
  made.exported = slot.exported;
  slot = std::move(made);
  return true;
}

bool Interpreter::set_element(const std::string& variable, const std::string& key, std::string value, bool append) {
  Variable& slot = variables_.make(variable);
  if (slot.read_only) return false;
  if (slot.kind == Variable::Kind::kAssociative) {
    std::string& item = slot.table[key];
    item = converted(slot, append && !slot.integer ? item + value : std::move(value));
    slot.has_value = true;
    return true;
  }
  if (slot.kind == Variable::Kind::kScalar) {
    slot.kind = Variable::Kind::kIndexed;
    if (slot.has_value) slot.items[0] = slot.value;
    slot.value.clear();
  }
  std::int64_t index = arithmetic(key).value_or(0);
  if (index < 0 && !slot.items.empty()) index += slot.items.rbegin()->first + 1;
  std::string& item = slot.items[index];
  if (append && slot.integer)
    item = std::to_string(arithmetic(item).value_or(0) + arithmetic(value).value_or(0));
  else
    item = converted(slot, append ? item + value : std::move(value));
  slot.has_value = true;
  return true;
}

void Interpreter::unset(const std::string& variable) {
  variables_.erase(variable);
  process_.own_environment().erase(variable);
}

std::vector<std::string> Interpreter::values(const std::string& variable) {
  if (const Variable* found = variables_.find(variable)) return found->values();
  if (variable == "PIPESTATUS") {
    std::vector<std::string> codes;
    for (int code : last_codes_) codes.push_back(std::to_string(code));
    return codes;
  }
  if (variable == "FUNCNAME") return {call_stack_.rbegin(), call_stack_.rend()};
  if (variable == "DIRSTACK") {
    std::vector<std::string> all{process_.cwd()};
    all.insert(all.end(), directory_stack_.begin(), directory_stack_.end());
    return all;
  }
  const std::string value = get(variable);
  return value.empty() ? std::vector<std::string>() : std::vector<std::string>{value};
}

std::map<std::string, std::string> Interpreter::exported_variables() const {
  std::map<std::string, std::string> environment;
  for (const auto& [name, variable] : variables_.all()) {
    if (variable.exported && variable.has_value && variable.kind == Variable::Kind::kScalar)
      environment[name] = variable.value;
  }
  return environment;
}

Environment Interpreter::environment_with(const std::map<std::string, std::string>& extra) const {
  Environment environment;
  for (const auto& [name, value] : exported_variables()) environment[name] = value;
  for (const auto& [name, value] : extra) environment[name] = value;
  return environment;
}

// A subscript as a key: text for associative arrays, a number for others.
Task<std::string> Interpreter::key_of(const std::string& variable, std::string subscript) {
  const Variable* found = variables_.find(variable);
  if (found != nullptr && found->kind == Variable::Kind::kAssociative) co_return co_await expand_one(subscript);
  const std::string text = co_await expand_arithmetic(std::move(subscript));
  const auto number = arithmetic(text);
  if (!number) {
    co_await complain(number.error().message);
    fail_expansion(1);
    co_return "0";
  }
  co_return std::to_string(*number);
}

// NAME=(words): items, [key]=value pairs.
Task<bool> Interpreter::assign_compound(const std::string& variable, std::string list, bool append) {
  Parser parser("x " + list.substr(1, list.size() - 2), nullptr, true);
  std::vector<std::string> words;
  for (Parsed parsed = parser.next(); parsed.state == Parsed::State::kCommand; parsed = parser.next()) {
    const Command* simple = parsed.command.get();
    while (simple->kind == Command::Kind::kList) simple = simple->children[0].get();
    words.insert(words.end(), simple->assignments.begin(), simple->assignments.end());
    words.insert(words.end(), simple->words.begin() + (words.empty() && !simple->words.empty() ? 1 : 0),
                 simple->words.end());
  }
  Variable* slot = &variables_.make(variable);
  const bool table = slot->kind == Variable::Kind::kAssociative;
  const Variable before = *slot;
  std::map<std::int64_t, std::string> items = append ? slot->items : std::map<std::int64_t, std::string>();
  auto pairs = append ? slot->table : decltype(slot->table)();
  if (append && slot->kind == Variable::Kind::kScalar && slot->has_value) items[0] = slot->value;
  std::int64_t next = items.empty() ? 0 : items.rbegin()->first + 1;
  std::optional<std::string> waiting_key;
  for (const std::string& word : words) {
    const std::size_t close = word.starts_with("[") ? skip_brackets(word, 0, '[', ']') : kOpenEnd;
    const bool adds = close != kOpenEnd && word.substr(close, 2) == "+=";
    if (close != kOpenEnd && (adds || word.substr(close, 1) == "=")) {
      const std::string key = co_await key_of(variable, word.substr(1, close - 2));
      std::string value = co_await expand_one(word.substr(close + (adds ? 2 : 1)));
      if (table) {
        pairs[key] = adds ? pairs[key] + value : value;
      } else {
        next = parse_int(key).value_or(0);
        items[next] = converted(before, adds ? items[next] + value : value);
        ++next;
      }
      continue;
    }
    for (std::string& value : co_await expand(word)) {
      if (!table)
        items[next++] = converted(before, std::move(value));
      else if (waiting_key)
        pairs[*std::exchange(waiting_key, std::nullopt)] = std::move(value);
      else
        waiting_key = std::move(value);
    }
    if (flow_ != Flow::kNone) co_return false;
  }
  if (waiting_key) pairs[*waiting_key] = "";
  slot = &variables_.make(variable);
  slot->has_value = true;
  slot->value.clear();
  if (table) {
    slot->table = std::move(pairs);
  } else {
    slot->kind = Variable::Kind::kIndexed;
    slot->items = std::move(items);
  }
  co_return true;
}

// NAME=word, NAME+=word, NAME[i]=word, NAME=(words).
Task<bool> Interpreter::assign(const std::string& assignment, std::map<std::string, std::string>* only_for_command) {
  std::size_t end = 0;
  while (end < assignment.size() && name_part(assignment[end])) ++end;
  const std::string name = assignment.substr(0, end);
  std::string subscript;
  const bool indexed = assignment[end] == '[';
  if (indexed) {
    const std::size_t close = skip_brackets(assignment, end, '[', ']');
    subscript = assignment.substr(end + 1, close - end - 2);
    end = close;
  }
  const bool append = assignment[end] == '+';
  const std::string word = assignment.substr(end + (append ? 2 : 1));
  const Variable* existing = variables_.find(name);
  if (existing != nullptr && existing->read_only) {
    co_await complain(name + ": readonly variable");
    if (only_for_command == nullptr) fail_expansion(1);
    co_return false;
  }
  if (!indexed && word.starts_with("(") && word.ends_with(")")) {
    const bool done = co_await assign_compound(name, word, append);
    co_return done;
  }
  std::vector<Piece> pieces;
  co_await expand_pieces(word, kAssignment, pieces);
  std::string value = plain_text(pieces);
  if (flow_ != Flow::kNone) co_return false;
  if (option("xtrace") && only_for_command == nullptr) {
    std::vector<std::string> traced(1, assignment.substr(0, assignment.find('=') + 1) + quote_when_needed(value));
    co_await trace(std::move(traced));
  }
  if (indexed) {
    const std::string key = co_await key_of(name, subscript);
    if (flow_ != Flow::kNone) co_return false;
    const Variable* target = variables_.find(name);
    const bool counted = target == nullptr || target->kind != Variable::Kind::kAssociative;
    if (counted && parse_int(key).value_or(0) < 0 &&
        (target == nullptr || target->items.empty() ||
         parse_int(key).value_or(0) + target->items.rbegin()->first + 1 < 0)) {
      co_await complain(name + "[" + subscript + "]: bad array subscript");
      co_return false;
    }
    co_return set_element(name, key, std::move(value), append);
  }
  if (append) {
    if (existing != nullptr && existing->integer)
      value = std::to_string(arithmetic(get(name)).value_or(0) + arithmetic(value).value_or(0));
    else
      value = get(name) + value;
  }
  if (only_for_command != nullptr)
    (*only_for_command)[name] = std::move(value);
  else
    (void)set(name, std::move(value));
  co_return true;
}

// --- commands ---

Task<void> Interpreter::trace(std::vector<std::string> words) {
  std::string prefix = is_set("PS4") ? get("PS4") : "+ ";
  if (!prefix.empty()) prefix.insert(0, std::string(static_cast<std::size_t>(subshell_level_), prefix[0]));
  co_await process_.err(prefix + join(words, " ") + "\n");
}

Task<int> Interpreter::run_simple(CommandPtr command) {
  std::vector<std::string> argv;
  std::set<std::size_t> compound;
  const std::uint64_t before = substituted_;
  bool declaration = false;
  for (const std::string& word : command->words) {
    if (declaration && is_assignment(word)) {
      // Not split; an array's list is read by the builtin.
      const std::size_t equals = word.find('=');
      if (word.compare(equals + 1, 1, "(") == 0) {
        compound.insert(argv.size());
        argv.push_back(word);
      } else {
        std::vector<Piece> pieces;
        co_await expand_pieces(std::string_view(word).substr(equals + 1), kAssignment, pieces);
        argv.push_back(word.substr(0, equals + 1) + plain_text(pieces));
      }
    } else {
      for (std::string& field : co_await expand(word)) argv.push_back(std::move(field));
    }
    if (flow_ != Flow::kNone) co_return status_;
    declaration = declaration || (argv.size() == 1 && is_declaration(argv[0]) && is_bash());
    if (argv.size() == 1 && (argv[0] == "export" || argv[0] == "readonly" || argv[0] == "local")) declaration = true;
  }
  if (!argv.empty()) {
    if (option("xtrace")) {
      std::vector<std::string> traced;
      for (const std::string& assignment : command->assignments) traced.push_back(assignment);
      for (const std::string& word : argv) traced.push_back(quote_when_needed(word));
      co_await trace(std::move(traced));
    }
    last_argument_ = argv.back();
    co_return co_await run_words(std::move(argv), std::move(compound), command);
  }
  if (!command->redirections.empty()) {
    std::vector<SavedFile> saved;
    const bool opened = co_await redirect(command->redirections, saved);
    restore(saved);
    if (!opened) co_return 1;
  }
  for (const std::string& assignment : command->assignments) {
    if (!co_await assign(assignment, nullptr)) co_return 1;
  }
  last_argument_.clear();
  // The code of the last command substitution, if there was one. Until here $? is what it was: "x=$?".
  co_return substituted_ == before ? 0 : status_;
}

Task<int> Interpreter::run_words(std::vector<std::string> argv, std::set<std::size_t> compound, CommandPtr command) {
  const bool keep = argv[0] == "exec" && (argv.size() == 1 || argv[1].starts_with("-"));
  std::vector<SavedFile> saved;
  if (!co_await redirect(command->redirections, saved)) {
    restore(saved);
    if (argv[0] == "exec" && !interactive) {
      flow_ = Flow::kExit;
      exit_code_ = 1;
    }
    co_return 1;
  }
  if (flow_ != Flow::kNone) {
    restore(saved);
    co_return status_;
  }
  std::map<std::string, std::string> for_command;
  int code = 0;
  bool ready = true;
  for (const std::string& assignment : command->assignments) {
    ready = ready && co_await assign(assignment, &for_command);
  }
  const auto function = functions_.find(argv[0]);
  if (!ready) {
    code = 1;
  } else if (function != functions_.end() || is_builtin(argv[0], flavour_)) {
    // The assignments hold while it runs.
    std::map<std::string, std::optional<Variable>> old;
    for (auto& [name, value] : for_command) {
      const Variable* existing = variables_.find(name);
      old[name] = existing == nullptr ? std::nullopt : std::optional(*existing);
      set_exported(name, value);
    }
    if (function != functions_.end()) {
      const CommandPtr body = function->second;
      std::vector<std::string> arguments(argv.begin() + 1, argv.end());
      code = co_await run_function(body, argv[0], std::move(arguments));
    } else {
      code = co_await run_builtin(*this, std::move(argv), std::move(compound));
    }
    if (!keep) {
      for (auto& [name, variable] : old) {
        unset(name);
        if (!variable) continue;
        variables_.make(name) = *variable;
        if (variable->exported && variable->has_value) process_.own_environment()[name] = variable->value;
        if (name == "PATH") process_.own_environment()[name] = variable->value;
      }
    }
  } else {
    code = co_await run_program(std::move(argv), std::move(for_command), unparse(*command));
  }
  if (!keep) restore(saved);
  co_return code;
}

Task<int> Interpreter::run_function(CommandPtr body, std::string function, std::vector<std::string> arguments) {
  if (depth_ >= kMaxDepth) {
    co_await complain(function + ": maximum function nesting level exceeded (" + std::to_string(kMaxDepth) + ")");
    fail_expansion(1);
    co_return 1;
  }
  ++depth_;
  std::vector<std::string> outer = std::exchange(positional, std::move(arguments));
  const int loops = std::exchange(loop_depth_, 0);
  const int line = line_;
  call_stack_.push_back(std::move(function));
  variables_.open_scope();
  int code = co_await run(body);
  if (flow_ == Flow::kReturn) {
    flow_ = Flow::kNone;
    code = status_;
  }
  if (const auto trap = traps_.find("RETURN"); trap != traps_.end() && flow_ == Flow::kNone) {
    const std::string action = trap->second;
    (void)co_await run_trap_text(action);
  }
  for (const std::string& name : variables_.close_scope()) {
    const Variable* variable = variables_.find(name);
    if (variable != nullptr && variable->exported && variable->has_value)
      process_.own_environment()[name] = variable->value;
    else
      process_.own_environment().erase(name);
    if (name == "PATH") process_.own_environment()[name] = get(name);
  }
  call_stack_.pop_back();
  line_ = line;
  loop_depth_ = loops;
  positional = std::move(outer);
  --depth_;
  co_return code;
}

Task<int> Interpreter::call_function(std::string function, std::vector<std::string> arguments) {
  const auto at = functions_.find(function);
  if (at == functions_.end()) co_return 127;
  const CommandPtr body = at->second;
  co_return co_await run_function(body, std::move(function), std::move(arguments));
}

std::vector<std::string> Interpreter::function_names() const {
  std::vector<std::string> names;
  for (const auto& [name, body] : functions_) names.push_back(name);
  return names;
}

// A text without "#!": the shell runs it itself.
Task<int> Interpreter::run_text_file(std::string path, std::vector<std::string> argv) {
  const auto content = process_.read_file(path);
  if (!content || content->starts_with("\x7f") || content->find('\0') != std::string::npos) {
    co_await complain(argv[0] + ": cannot execute binary file: Exec format error");
    co_return 126;
  }
  auto snapshot = std::make_shared<const Interpreter>(*this, process_);
  const std::string body = *content;
  const Pid child = process_.fork([snapshot, body, argv](Process& forked) -> Task<int> {
    Interpreter shell(*snapshot, forked);
    shell.name_ = argv[0];
    shell.interactive = false;
    shell.positional.assign(argv.begin() + 1, argv.end());
    const int code = co_await shell.run_script(body, argv[0]);
    co_await shell.run_exit_trap();
    co_return shell.exiting() ? shell.exit_code_ : code;
  });
  Job job;
  job.pids = {child};
  job.text = join(argv, " ");
  co_return co_await wait_job(std::move(job));
}

Task<int> Interpreter::run_program(std::vector<std::string> argv, std::map<std::string, std::string> environment,
                                   std::string text) {
  const std::string command = argv[0];
  const bool path = contains(command, "/");
  const std::vector<std::string> words = argv;
  SpawnOptions options;
  options.argv = std::move(argv);
  options.environment = environment_with(environment);
  if (!options.environment->contains("PATH")) (*options.environment)["PATH"] = get("PATH");
  const bool control = has_job_control();
  if (control) options.group = 0;
  if (const auto found = process_.find_executable(command); found && !path) {
    auto& entry = hashed_[command];
    entry.first = *found;
    ++entry.second;
    (*options.environment)["_"] = *found;
  }
  auto pid = process_.spawn(std::move(options));
  if (!pid) {
    const auto info = process_.stat(command);
    if (pid.error() == Errno::kNoEnt && !path) {
      if (functions_.contains("command_not_found_handle"))
        co_return co_await call_function("command_not_found_handle", words);
      co_await complain(is_bash() ? command + ": command not found" : command + ": not found");
      co_return 127;
    }
    if (pid.error() == Errno::kNoEnt) {
      // The file may be there, and only its interpreter missing.
      if (info) {
        const auto content = process_.read_file(command);
        const std::string first = content ? content->substr(0, content->find('\n')) : "";
        const std::vector<std::string> parts = split_whitespace(first.size() > 2 ? first.substr(2) : "");
        if (first.starts_with("#!") && !parts.empty()) {
          co_await complain(command + ": " + parts[0] + ": bad interpreter: No such file or directory");
          co_return 126;
        }
      }
      co_await complain(command + (is_bash() ? ": No such file or directory" : ": not found"));
      co_return 127;
    }
    if (path && info && info->type == FileType::kDirectory) {
      co_await complain(command + (is_bash() ? ": Is a directory" : ": Permission denied"));
      co_return 126;
    }
    if (pid.error() == Errno::kNoExec) {
      const auto file = process_.find_executable(command);
      co_return co_await run_text_file(file ? *file : command, words);
    }
    co_await complain(command + ": " + std::string(errno_text(pid.error())));
    co_return 126;
  }
  Job job;
  job.group = control ? *pid : 0;
  job.pids = {*pid};
  job.text = std::move(text);
  co_return co_await wait_job(std::move(job));
}

}  // namespace drydock::shell
