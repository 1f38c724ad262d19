#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/flags.h"

namespace drydock::kubectl {
namespace {

struct Group {
  const char* title;
  const char* first;  // the command it begins with, in the order of the table
};
constexpr Group kGroups[] = {
    {"Basic Commands (Beginner)", "create"},
    {"Basic Commands (Intermediate)", "explain"},
    {"Deploy Commands", "rollout"},
    {"Cluster Management Commands", "certificate"},
    {"Troubleshooting and Debugging Commands", "describe"},
    {"Advanced Commands", "diff"},
    {"Settings Commands", "label"},
    {"Other Commands", "api-resources"},
};

struct FlagHelp {
  const char* name;
  const char* text;
};
constexpr FlagHelp kFlagHelp[] = {
    {"all", "Take all objects of the given types in the namespace."},
    {"all-containers", "Take the logs of all containers of the pod."},
    {"all-namespaces", "Look in all namespaces; the one given by --namespace is ignored."},
    {"allow-missing-template-keys", "Do not fail when a template asks for a field that is missing."},
    {"attach", "Wait for the pod to run, then attach to it."},
    {"cascade", "How dependents are deleted: \"background\", \"orphan\" or \"foreground\"."},
    {"chunk-size", "Read long lists in pieces of this size; 0 reads them at once."},
    {"command", "Use the extra arguments as the container's command rather than its arguments."},
    {"container", "Name of the container."},
    {"context", "The kubeconfig context to use."},
    {"cluster", "The kubeconfig cluster to use."},
    {"dry-run",
     "\"none\", \"server\" or \"client\": client prints what would be sent, server processes it without keeping it."},
    {"env", "Environment variables for the container."},
    {"expose", "Also create a ClusterIP service for the pod. Needs --port."},
    {"field-manager", "Name under which the ownership of fields is recorded."},
    {"field-selector", "Select by fields: key=value, key==value, key!=value."},
    {"filename", "File, directory or URL that holds the resource."},
    {"follow", "Keep printing what comes."},
    {"force", "Remove at once, without graceful deletion."},
    {"force-conflicts", "With --server-side: take over fields that others manage."},
    {"from-file", "A file, a directory, or key=file."},
    {"from-literal", "A key and its value: key=value."},
    {"grace-period", "Seconds that the resource has to end; negative: its own choice."},
    {"ignore-not-found", "Treat \"not found\" as success."},
    {"image", "Name of the container image."},
    {"kubeconfig", "Path of the kubeconfig file."},
    {"kustomize", "Process this kustomization directory."},
    {"label-columns", "Labels to show as columns of their own."},
    {"labels", "Labels for the new object: key=value,key=value."},
    {"limits", "Resource limits: cpu=100m,memory=256Mi."},
    {"namespace", "The namespace to work in."},
    {"no-headers", "Do not print the header."},
    {"now", "Signal for immediate shutdown (--grace-period=1)."},
    {"output", "Output format."},
    {"output-watch-events", "Print the type of watch events too."},
    {"overwrite", "Allow existing values to be replaced."},
    {"patch", "The patch to apply."},
    {"port", "The port."},
    {"prefix", "Put the source of each line in front of it."},
    {"previous", "The logs of the container's previous run."},
    {"prune", "Delete objects that the files no longer hold."},
    {"quiet", "Print only what is needed."},
    {"raw", "Ask for this path of the server."},
    {"recursive", "Go down into directories."},
    {"replicas", "The number of replicas."},
    {"request-timeout", "How long to wait for one request, e.g. 1s, 2m; 0 waits for ever."},
    {"requests", "Resource requests: cpu=100m,memory=256Mi."},
    {"restart", "Restart policy of the pod: Always, OnFailure, Never."},
    {"revision", "The revision to look at."},
    {"rm", "Delete the pod once it has ended."},
    {"save-config", "Keep the configuration in the object's annotation."},
    {"selector", "Select by labels: key=value, key in (a,b), !key."},
    {"server", "Address and port of the API server."},
    {"server-side", "Apply on the server."},
    {"show-events", "Show related events."},
    {"show-kind", "Put the kind in front of the names."},
    {"show-labels", "Show all labels as the last column."},
    {"show-managed-fields", "Keep metadata.managedFields in the output."},
    {"since", "Only logs newer than this, e.g. 5s, 2m, 3h."},
    {"sort-by", "JSONPath of the field to sort by."},
    {"stdin", "Pass standard input to the container."},
    {"subresource", "Work on this subresource of the object."},
    {"tail", "Lines at the end of the log to show; -1: all."},
    {"target-port", "Name or number of the container's port that traffic goes to."},
    {"template", "Template, or path to one, for -o=go-template."},
    {"timeout", "How long to wait before giving up; 0 for a suitable time."},
    {"timestamps", "Put the time in front of each line."},
    {"to-revision", "The revision to go back to; 0: the one before."},
    {"tty", "Standard input is a terminal."},
    {"type", "Type of the object."},
    {"user", "The kubeconfig user to use, or a user of the binding."},
    {"validate", "strict, warn or ignore: what to do about unknown fields."},
    {"wait", "Wait until the objects are gone."},
    {"watch", "Show changes as they come."},
    {"watch-only", "Show changes without what is there already."},
};

std::string describe_flag(std::string_view name) {
  for (const FlagHelp& help : kFlagHelp) {
    if (help.name == name) return help.text;
  }
  return "Sets " + replace_all(name, "-", " ") + ".";
}

std::string flag_lines(std::string_view specification) {
  Flags flags;
  flags.declare(specification);
  std::vector<const Flags::Flag*> sorted;
  for (const Flags::Flag& flag : flags.all()) {
    if (flag.name != "help") sorted.push_back(&flag);
  }
  std::sort(sorted.begin(), sorted.end(), [](const Flags::Flag* a, const Flags::Flag* b) { return a->name < b->name; });
  std::string text;
  for (const Flags::Flag* flag : sorted) {
    std::string fallback = flag->fallback;
    if (flag->kind == Flags::Kind::kText) fallback = "'" + fallback + "'";
    if (flag->kind == Flags::Kind::kArray) fallback = "[]";
    text += "    " + (flag->shorthand != 0 ? std::string("-") + flag->shorthand + ", " : "") + "--" + flag->name + "=" +
            fallback + ":\n\t" + describe_flag(flag->name) + "\n\n";
  }
  return text;
}

std::string command_list(const std::vector<const Command*>& list) {
  std::size_t width = 0;
  for (const Command* command : list) width = std::max(width, last_word(command->path).size());
  std::string text;
  for (const Command* command : list)
    text += "  " + pad_right(last_word(command->path), width + 3) + command->summary + "\n";
  return text;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string help_text(const Command& command) {
  std::string text = std::string(command.summary) + ".\n\n";
  const std::vector<const Command*> subs = sub_commands(command.path);
  if (*command.aliases != 0)
    text +=
        "Aliases:\n" + std::string(last_word(command.path)) + ", " + replace_all(command.aliases, " ", ", ") + "\n\n";
  if (!subs.empty()) text += "Available Commands:\n" + command_list(subs) + "\n";
  if (*command.flags != 0) text += "Options:\n" + flag_lines(command.flags);
  text += "Usage:\n  kubectl " + std::string(command.path) + " " + command.usage + (*command.usage != 0 ? " " : "") +
          "[options]\n\n";
  if (!subs.empty())
    text += "Use \"kubectl " + std::string(command.path) +
            " <command> --help\" for more information about a given command.\n";
  return text + "Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n";
}

std::string main_help() {
  std::string text =
      "kubectl controls the Kubernetes cluster manager.\n\n Find more information at: "
      "https://kubernetes.io/docs/reference/kubectl/\n\n";
  const std::vector<const Command*> all = sub_commands("");
  std::size_t width = 0;
  for (const Command* command : all) width = std::max(width, std::string_view(command->path).size());
  std::size_t next_group = 0;
  for (const Command* command : all) {
    if (std::string_view(command->path) == "options") continue;
    if (next_group < std::size(kGroups) && std::string_view(kGroups[next_group].first) == command->path) {
      text += std::string(next_group == 0 ? "" : "\n") + kGroups[next_group].title + ":\n";
      ++next_group;
    }
    text += "  " + pad_right(command->path, width + 1) + command->summary + "\n";
  }
  return text +
         "\nUsage:\n  kubectl [flags] [options]\n\n"
         "Use \"kubectl <command> --help\" for more information about a given command.\n"
         "Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n";
}

std::string options_text() {
  return "The following options can be passed to any command:\n\n" + flag_lines(global_flags());
}

std::vector<std::string> suggestions(std::string_view word, std::string_view parent) {
  std::vector<std::string> result;
  for (const Command* command : sub_commands(parent)) {
    const std::string_view name = last_word(command->path);
    if (edit_distance(word, name) <= 2 || to_lower(name).starts_with(to_lower(word))) result.emplace_back(name);
  }
  return result;
}

}  // namespace drydock::kubectl
