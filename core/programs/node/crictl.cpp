#include "core/programs/node/crictl.h"

#include <algorithm>
#include <set>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/services.h"
#include "core/machinery/timestamp.h"
#include "core/programs/node/container_commands.h"

namespace drydock {
namespace crictl {
namespace {

struct FlagRow {
  std::string_view names;  // "a all"
  bool value;
};
constexpr FlagRow kFlags[] = {
    {"a all", false},
    {"q quiet", false},
    {"f force follow", false},
    {"t timestamps tty timeout", false},
    {"i interactive", false},
    {"s sync", false},
    {"p previous", false},
    {"no-trunc", false},
    {"digests", false},
    {"v verbose", false},
    {"prune", false},
    {"l latest", false},
    {"o output", true},
    {"name", true},
    {"namespace", true},
    {"pod", true},
    {"state", true},
    {"label", true},
    {"tail", true},
    {"since", true},
    {"image", true},
    {"n last", true},
    {"r runtime-endpoint", true},
    {"image-endpoint", true},
    {"D debug", false},
    {"id", true},
    {"limit-bytes", true},
    {"c config", true},
};

Words parse_words(const Process& process, bool timeout_takes_value) {
  Words words;
  const auto given = process.arguments();
  bool exec = false;
  for (std::size_t i = 0; i < given.size(); ++i) {
    std::string word = given[i];
    if (!word.starts_with("-") || word == "-" || (exec && words.rest.size() >= 2)) {
      words.rest.push_back(word);
      exec = exec || (words.rest.size() == 1 && word == "exec");
      continue;
    }
    std::string value;
    bool glued = false;
    if (const std::size_t equals = word.find('='); equals != std::string::npos) {
      value = word.substr(equals + 1);
      word.resize(equals);
      glued = true;
    }
    const bool is_long = word.starts_with("--");
    std::vector<std::string> names;
    if (is_long)
      names.push_back(word.substr(2));
    else
      for (char c : word.substr(1)) names.emplace_back(1, c);
    for (const std::string& name : names) {
      const FlagRow* found = nullptr;
      for (const FlagRow& row : kFlags) {
        const std::vector<std::string> known = split_whitespace(row.names);
        if (std::find(known.begin(), known.end(), name) != known.end()) found = &row;
      }
      if (found == nullptr && words.unknown.empty()) words.unknown = name;
      if (found == nullptr) continue;
      const bool takes = found->value || ((name == "t" || name == "timeout") && timeout_takes_value);
      if (takes && !glued && i + 1 < given.size()) value = given[++i];
      words.flags[std::string(found->names.substr(0, found->names.find(' ')))] = value;
    }
  }
  return words;
}

constexpr std::string_view kHelp =
    "NAME:\n   crictl - client for CRI\n\nUSAGE:\n   crictl [global options] command [command options] "
    "[arguments...]\n\nVERSION:\n   v1.35.0\n\nCOMMANDS:\n   exec                Run a command in a running "
    "container\n  "
    " images, image, img  List images\n   inspect             Display the status of one or more containers\n   "
    "inspecti "
    "           Return the status of one or more images\n   inspectp            Display the status of one or more "
    "pods\n   logs                Fetch the logs of a container\n   ps                  List containers\n   pull       "
    "  "
    "       Pull an image from a registry\n   rm                  Remove one or more containers\n   rmi                "
    " "
    "Remove one or more images\n   rmp                 Remove one or more pods\n   pods                List pods\n   "
    "info                Display information of the container runtime\n   stop                Stop one or more running "
    "containers\n   stopp               Stop one or more running pods\n   stats               List container(s) "
    "resource "
    "usage statistics\n   version             Display runtime version information\n   help, h             Shows a list "
    "of commands or help for one command\n\nGLOBAL OPTIONS:\n   --config value, -c value            Location of the "
    "client config file (default: \"/etc/crictl.yaml\")\n   --debug, -D                         Enable debug mode\n   "
    "--runtime-endpoint value, -r value  Endpoint of CRI container runtime service\n   --timeout value, -t value       "
    "  "
    "  Timeout of connecting to the server in seconds\n   --help, -h                          show help\n";

}  // namespace

Task<int> Crictl::run(const std::string& command) {
  if (command == "ps") co_return co_await list_containers();
  if (command == "pods") co_return co_await list_pods();
  if (command == "images" || command == "image" || command == "img") co_return co_await list_images();
  if (command == "rmi") co_return co_await remove_images();
  if (command == "pull") co_return co_await pull();
  if (command == "rm" || command == "stop") co_return co_await stop_containers(command == "rm");
  if (command == "rmp" || command == "stopp") co_return co_await stop_pods(command == "rmp");
  if (command == "logs") co_return co_await logs();
  if (command == "exec") co_return co_await exec();
  if (command == "inspect") co_return co_await inspect();
  if (command == "inspectp") co_return co_await inspect_pod();
  if (command == "inspecti") co_return co_await inspect_image();
  if (command == "stats") co_return co_await stats();
  if (command == "info") co_return co_await info();
  if (command == "version") {
    co_await process_.out(
        "Version:  0.1.0\nRuntimeName:  containerd\nRuntimeVersion:  v2.2.1\nRuntimeApiVersion:  v1\n");
    co_return 0;
  }
  co_await process_.out("No help topic for '" + command + "'\n");
  co_return 3;
}

}  // namespace crictl

Task<int> crictl_main(Process& process) {
  crictl::Words words = crictl::parse_words(process, false);
  const std::string command = words.rest.empty() ? "" : words.rest[0];
  if (command == "stop" || command == "rm") words = crictl::parse_words(process, true);
  if (command.empty() || command == "help" || command == "h") {
    for (const std::string& word : process.arguments()) {
      if (word != "--version" && word != "-v") continue;
      co_await process.out("crictl version v1.35.0\n");
      co_return 0;
    }
    co_await process.out(std::string(crictl::kHelp));
    co_return 0;
  }
  if (!words.unknown.empty()) {
    co_await process.err("Incorrect Usage: flag provided but not defined: -" + words.unknown +
                         "\n\nFATA[0000] flag "
                         "provided but not defined: -" +
                         words.unknown + " \n");
    co_return 1;
  }
  auto* runtime = process.host().attached<VirtualRuntime>();
  const auto service = process.host().services().view("containerd");
  if (runtime == nullptr || (service && service->state != ServiceState::kActive)) {
    co_await process.err(
        "FATA[0000] validate service connection: validate CRI v1 runtime API for endpoint "
        "\"unix:///run/containerd/containerd.sock\": rpc error: code = Unavailable desc = connection error: desc = "
        "\"transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: no such file or "
        "directory\" \n");
    co_return 1;
  }
  crictl::Crictl command_run(process, *runtime, std::move(words));
  co_return co_await command_run.run(command);
}

}  // namespace drydock
