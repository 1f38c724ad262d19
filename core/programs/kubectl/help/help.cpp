#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/flags.h"
#include "core/programs/kubectl/help/help_texts.h"

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
constexpr std::size_t kNamePadding = 11;  // lists of commands are never narrower

const CommandText* text_of(std::string_view path) {
  for (const auto& texts : {create_texts(), changing_texts(), reading_texts(), cluster_texts()}) {
    for (const CommandText& text : texts) {
      if (text.path == path) return &text;
    }
  }
  return nullptr;
}

std::string_view describe_flag(std::string_view flag, std::string_view path) {
  std::string_view common;
  for (const auto& texts : {flag_texts_a_to_k(), flag_texts_l_to_z()}) {
    for (const FlagText& text : texts) {
      if (text.flag != flag) continue;
      if (text.commands.empty()) {
        common = text.text;
        continue;
      }
      for (const std::string& command : split(text.commands, '|')) {
        if (command == path) return text.text;
      }
    }
  }
  return common;
}

// The default as pflag shows it: texts in quotes, except those of types of their own.
std::string shown_default(const Flags::Flag& flag) {
  if (flag.name == "vmodule" || flag.name == "aggregation-rule") return "";
  if (flag.name == "cache-dir") return "'/root/.kube/cache'";
  if (flag.kind == Flags::Kind::kText) return "'" + flag.fallback + "'";
  return flag.kind == Flags::Kind::kArray ? "[]" : flag.fallback;
}

std::string flag_lines(std::string_view specification, std::string_view path) {
  Flags flags;
  flags.declare(specification);
  std::vector<const Flags::Flag*> sorted;
  for (const Flags::Flag& flag : flags.all()) {
    if (flag.name != "help" && !flag.hidden) sorted.push_back(&flag);
  }
  std::sort(sorted.begin(), sorted.end(), [](const Flags::Flag* a, const Flags::Flag* b) { return a->name < b->name; });
  std::string text;
  for (const Flags::Flag* flag : sorted) {
    text += "    " + (flag->shorthand != 0 ? std::string("-") + flag->shorthand + ", " : "") + "--" + flag->name + "=" +
            shown_default(*flag) + ":\n\t" + std::string(describe_flag(flag->name, path)) + "\n\n";
  }
  return text;
}

std::string command_list(const std::vector<const Command*>& list) {
  std::size_t width = kNamePadding;
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
  const std::string path = command.path;
  const CommandText* words = text_of(path);
  std::string text = words == nullptr ? std::string(command.summary) + "." : std::string(words->text);
  const std::vector<const Command*> subs = sub_commands(path);
  text += "\n\n";
  if (*command.aliases != 0)
    text += "Aliases:\n" + std::string(last_word(path)) + ", " + replace_all(command.aliases, " ", ", ") + "\n\n";
  if (words != nullptr && !words->examples.empty()) text += "Examples:\n" + std::string(words->examples) + "\n\n";
  if (!subs.empty()) text += "Available Commands:\n" + command_list(subs) + "\n";
  const std::string options = flag_lines(command.flags, path);
  if (!options.empty()) text += "Options:\n" + options;
  std::string usage = "kubectl " + path + (*command.usage != 0 ? " " : "") + command.usage;
  if (!contains(usage, "[options]")) usage += " [options]";
  text += "Usage:\n  " + usage + "\n\n";
  if (!subs.empty())
    text += "Use \"kubectl " + path + " <command> --help\" for more information about a given command.\n";
  return text + "Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n";
}

std::string main_help(const std::vector<std::string>& plugins) {
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
      if (next_group + 1 == std::size(kGroups)) {
        text += "\nSubcommands provided by plugins:\n";
        for (const std::string& name : plugins)
          text += "  " + pad_right(name, width + 3) + "The command " + name + " is a plugin installed by the user\n";
      }
      text += std::string(next_group == 0 ? "" : "\n") + kGroups[next_group].title + ":\n";
      ++next_group;
    }
    text += "  " + pad_right(command->path, width + 3) + command->summary + "\n";
  }
  return text +
         "\nUsage:\n  kubectl [flags] [options]\n\n"
         "Use \"kubectl <command> --help\" for more information about a given command.\n"
         "Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n";
}

std::string options_text(std::string_view home) {
  const std::string text = "The following options can be passed to any command:\n\n" + flag_lines(global_flags(), "");
  return replace_all(text, "'/root/.kube/cache'", "'" + std::string(home) + "/.kube/cache'");
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
