#include "core/programs/kubectl/kubectl.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/process_transport.h"

namespace drydock::kubectl {
namespace {

// Finds the command that the words name, and what is left of the words: flags
// may stand in front of and between the command's words.
struct Found {
  const Command* command = nullptr;
  Arguments rest;
  std::string unknown;  // a word after a group that is no command of it
};

Found find_in_words(const Arguments& words) {
  Flags known;
  known.declare(global_flags());
  Found found;
  std::string path;
  bool looking = true;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") looking = false;
    if (!looking || (word.size() > 1 && word[0] == '-')) {
      found.rest.push_back(word);
      if (looking && known.takes_next(word) && i + 1 < words.size()) found.rest.push_back(words[++i]);
      continue;
    }
    const Command* next = find_command(path.empty() ? word : path + " " + word);
    if (next == nullptr) {
      looking = false;
      found.unknown = word;
      found.rest.push_back(word);
      continue;
    }
    found.command = next;
    path = next->path;
    // The words of "create secret generic" end here only when nothing goes deeper.
    if (sub_commands(path).empty()) looking = false;
    known.declare(next->flags);
  }
  return found;
}

Task<int> fail(Session& session, Status error) {
  co_await session.err(error_text(error));
  co_return exit_code_of(error);
}

Status unknown_command(const std::string& word) {
  std::string message = "unknown command " + go_quote(word) + " for \"kubectl\"";
  const std::vector<std::string> similar = suggestions(word, "");
  if (!similar.empty()) message += "\n\nDid you mean this?\n\t" + join(similar, "\n\t");
  return Status::plain(message);
}

// "required flag(s) \"image\" not set"
Result<void> check_required(const Session&, const Flags& flags, const Command& command) {
  std::vector<std::string> missing;
  for (const std::string& name : split_whitespace(command.required)) {
    if (!flags.changed(name)) missing.push_back("\"" + name + "\"");
  }
  if (missing.empty()) return {};
  return Status::plain("required flag(s) " + join(missing, ", ") + " not set");
}

// Commands that plugins on PATH add: "foo" for kubectl-foo.
std::vector<std::string> plugin_commands(Process& process) {
  std::vector<std::string> names;
  for (const std::string& folder : split(process.env("PATH"), ':')) {
    for (const std::string& file : process.list_directory(folder).value_or({})) {
      if (!file.starts_with("kubectl-") || !process.can_access(folder + "/" + file, Process::kExecute)) continue;
      std::string name = file.substr(std::string_view("kubectl-").size());
      name = name.substr(0, name.find('-'));
      if (find_command(name) == nullptr && std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(std::move(name));
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

Task<int> run_plugin_or_fail(Session& session, const Arguments& words, std::string word) {
  if (word == "alpha") {
    co_await session.err("No alpha commands are available in this version of kubectl\n");
    co_return 0;
  }
  // kubectl-foo on PATH answers `kubectl foo …`.
  const std::string plugin = "kubectl-" + replace_all(word, "-", "_");
  if (session.process().find_executable(plugin)) {
    SpawnOptions options;
    options.argv = words;
    options.argv[0] = plugin;
    const ExitStatus status = co_await session.process().run(std::move(options));
    co_return status.shell_code();
  }
  co_return co_await fail(session, unknown_command(word));
}

}  // namespace

Task<int> run_kubectl(Session& session, Arguments arguments) {
  if (!arguments.empty() && arguments[0] == "help") {
    arguments.erase(arguments.begin());
    arguments.push_back("--help");
  }
  // What is being completed must not be read as flags of kubectl itself.
  if (!arguments.empty() && (arguments[0] == "__complete" || arguments[0] == "__completeNoDesc")) {
    if (arguments[0] == "__complete")
      arguments.erase(arguments.begin());
    else
      arguments[0] = "--no-descriptions";
    session.flags().declare(global_flags());
    Result<int> code = co_await run_complete(session, std::move(arguments));
    co_return code ? *code : 1;
  }
  Found found = find_in_words(arguments);
  Flags& flags = session.flags();
  if (found.command != nullptr) {
    flags.declare(found.command->flags);
    session.set_path("kubectl " + std::string(found.command->path));
  }
  flags.declare(global_flags());
  if (found.command == nullptr && !found.unknown.empty())
    co_return co_await run_plugin_or_fail(session, arguments, found.unknown);
  Result<void> parsed = flags.parse(found.rest);
  if (!parsed) {
    const std::string message = parsed.error().message + "\nSee '" + session.path() + " --help' for usage.";
    co_return co_await fail(session, Status::plain(message));
  }
  if (found.command == nullptr || flags.on("help")) {
    co_await session.out(found.command == nullptr ? main_help(plugin_commands(session.process()))
                                                  : help_text(*found.command));
    co_return 0;
  }
  if (found.command->run == nullptr) {
    if (!flags.positional().empty() && std::string_view(found.command->path) != "certificate")
      co_return co_await fail(session, session.usage_error("unknown command " + go_quote(flags.positional()[0])));
    // Most groups take being called without a command for a mistake.
    const std::string_view group = found.command->path;
    if (group == "certificate" || group == "rollout")
      co_await session.out(help_text(*found.command));
    else
      co_await session.err(help_text(*found.command));
    co_return group == "certificate" ? 0 : 1;
  }
  Result<void> complete = check_required(session, flags, *found.command);
  if (!complete) co_return co_await fail(session, complete.error());
  Arguments positional = flags.positional();
  Result<int> code = co_await found.command->run(session, std::move(positional));
  int result = code ? *code : exit_code_of(code.error());
  for (const Status& error : session.errors()) {
    co_await session.err(error_text(error));
    if (result == 0) result = 1;
  }
  if (!code) co_await session.err(error_text(code.error()));
  co_return result;
}

Task<int> run(Process& process, TransportFactory transport) {
  Session session(process, std::move(transport));
  Arguments arguments(process.arguments().begin(), process.arguments().end());
  co_return co_await run_kubectl(session, std::move(arguments));
}

}  // namespace drydock::kubectl

namespace drydock {
namespace {
Task<int> kubectl_main(Process& process) { return kubectl::run(process, make_process_transport); }
}  // namespace

void register_kubectl(ProgramRegistry& programs) { programs.add("kubectl", kubectl_main); }
}  // namespace drydock
