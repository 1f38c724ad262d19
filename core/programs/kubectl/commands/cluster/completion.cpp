// kubectl completion, and the `kubectl __complete` that shells call.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/commands/cluster/completion_scripts.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/objects/selection.h"

namespace drydock::kubectl {
namespace {

// cobra's ShellCompDirective: what the shell shall do beside offering the candidates.
enum Directive : int { kDefault = 0, kNoSpace = 2, kNoFiles = 4 };

std::string directive_name(int directive) {
  std::vector<std::string> names;
  if (directive & kNoSpace) names.emplace_back("ShellCompDirectiveNoSpace");
  if (directive & kNoFiles) names.emplace_back("ShellCompDirectiveNoFileComp");
  return names.empty() ? "ShellCompDirectiveDefault" : join(names, ", ");
}

std::string with_note(std::string_view name, std::string_view note) {
  return std::string(name) + (note.empty() ? "" : "\t" + std::string(note));
}

bool takes_container(std::string_view command) {
  return command == "logs" || command == "exec" || command == "attach" || command == "cp";
}
bool takes_pods_first(std::string_view command) {
  return takes_container(command) || command == "port-forward" || command == "debug";
}
bool takes_nodes_first(std::string_view command) {
  return command == "cordon" || command == "uncordon" || command == "drain" || command == "top node";
}

class Completer {
 public:
  Completer(Session& session, Arguments words) : session_(session), words_(std::move(words)) {}

  // Candidates, some with a tab and a description; `directive` is set as cobra does.
  Task<std::vector<std::string>> candidates() {
    const std::string last = words_.empty() ? "" : words_.back();
    Flags known;
    known.declare(global_flags());
    find_command_in(known);
    if (command_ != nullptr) known.declare(command_->flags);
    // The server is asked as the words so far say (-n, --context).
    Arguments so_far(rest_.begin(), rest_.end());
    if (command_ != nullptr) session_.flags().declare(command_->flags);
    (void)session_.flags().parse(so_far);
    const std::string before = words_.size() > 1 ? words_[words_.size() - 2] : "";
    if (last.starts_with("--") && contains(last, "=")) {
      const std::size_t equals = last.find('=');
      typed_ = last.substr(equals + 1);
      co_return co_await values_of(known, last.substr(0, equals));
    }
    typed_ = last;
    if (before.starts_with("-") && !contains(before, "=") && known.takes_next(before))
      co_return co_await values_of(known, before);
    if (last.starts_with("-")) {
      std::vector<std::string> flags;
      for (const Flags::Flag& flag : known.all()) {
        // Both forms, so that a person goes on with a space or with the value.
        flags.push_back("--" + flag.name);
        if (flag.kind != Flags::Kind::kBool) flags.push_back("--" + flag.name + "=");
      }
      std::sort(flags.begin(), flags.end());
      const auto ours =
          std::count_if(flags.begin(), flags.end(), [&](const auto& flag) { return flag.starts_with(last); });
      if (ours == 1) {
        for (const std::string& flag : flags) {
          if (flag.starts_with(last) && flag.ends_with("=")) directive |= kNoSpace;
        }
      }
      co_return flags;
    }
    if (command_ == nullptr || (!sub_commands(command_->path).empty() && session_.flags().positional().empty())) {
      std::vector<std::string> list;
      for (const Command* command : sub_commands(command_ == nullptr ? "" : command_->path))
        list.push_back(with_note(last_word(command->path), command->summary));
      std::sort(list.begin(), list.end());
      if (command_ == nullptr || command_->run == nullptr) co_return list;
    }
    const std::string path = command_->path;
    const std::vector<std::string>& given = session_.flags().positional();
    if (path.starts_with("config ") && (path.ends_with("context") || path.ends_with("use-context")))
      co_return config_names("contexts");
    if (path == "completion") co_return std::vector<std::string>{"bash", "fish", "powershell", "zsh"};
    if (takes_nodes_first(path)) co_return co_await names("nodes");
    if (takes_pods_first(path)) {
      if (last.find('/') != std::string::npos) co_return co_await prefixed(last.substr(0, last.find('/')));
      if (given.empty()) co_return co_await names("pods");
      co_return std::vector<std::string>();
    }
    if (last.find('/') != std::string::npos) co_return co_await prefixed(last.substr(0, last.find('/')));
    if (given.empty()) co_return co_await types();
    // What was named already is not offered again.
    std::vector<std::string> left = co_await names(given[0]);
    std::erase_if(
        left, [&](const std::string& name) { return std::find(given.begin() + 1, given.end(), name) != given.end(); });
    co_return left;
  }
  // The part of the last word that candidates begin with: behind the "=" of a flag.
  const std::string& typed() const { return typed_; }
  int directive = kNoFiles;

 private:
  // What a flag may be followed by.
  Task<std::vector<std::string>> values_of(const Flags& known, std::string flag) {
    std::string name = flag.substr(flag.starts_with("--") ? 2 : 1);
    if (!flag.starts_with("--")) {
      for (const Flags::Flag& each : known.all()) {
        if (std::string(1, each.shorthand) == name) name = each.name;
      }
    }
    if (name == "namespace") co_return co_await names("namespaces");
    if (name == "container") co_return co_await containers();
    if (name == "context") co_return config_names("contexts");
    if (name == "cluster") co_return config_names("clusters");
    if (name == "user") co_return config_names("users");
    std::vector<std::string> fixed;
    if (name == "output") {
      fixed = {"custom-columns",
               "custom-columns-file",
               "go-template",
               "go-template-file",
               "json",
               "jsonpath",
               "jsonpath-as-json",
               "jsonpath-file",
               "kyaml",
               "name",
               "template",
               "templatefile",
               "wide",
               "yaml"};
    } else if (name == "dry-run") {
      fixed = {"client", "none", "server"};
    } else if (name == "cascade") {
      fixed = {"background", "foreground", "orphan"};
    } else if (name == "restart") {
      fixed = {"Always", "Never", "OnFailure"};
    } else if (name == "type" && command_ != nullptr && std::string_view(command_->path) == "expose") {
      fixed = {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"};
    } else if (name == "type" && command_ != nullptr && std::string_view(command_->path) == "patch") {
      fixed = {"json", "merge", "strategic"};
    } else {
      directive = kDefault;  // files, or anything
    }
    co_return fixed;
  }

  void find_command_in(const Flags& known) {
    std::string path;
    bool looking = true;
    for (std::size_t i = 0; i + 1 < words_.size(); ++i) {
      const std::string& word = words_[i];
      if (word.starts_with("-")) {
        rest_.push_back(word);
        if (known.takes_next(word) && i + 2 < words_.size()) rest_.push_back(words_[++i]);
        continue;
      }
      const Command* next = looking ? find_command(path.empty() ? word : path + " " + word) : nullptr;
      if (next != nullptr) {
        command_ = next;
        path = next->path;
      } else {
        looking = false;
        rest_.push_back(word);
      }
    }
    // A flag that waits for its value is no argument yet.
    if (!rest_.empty() && known.takes_next(rest_.back())) rest_.pop_back();
  }

  Task<std::vector<std::string>> types() {
    std::vector<std::string> list;
    Result<const Discovery*> known = co_await session_.discovery(/*quietly=*/true);
    if (!known) co_return list;
    for (const ApiResource& resource : (*known)->resources()) {
      if (resource.preferred && std::find(resource.verbs.begin(), resource.verbs.end(), "get") != resource.verbs.end())
        list.push_back(resource.full_name());
    }
    co_return list;
  }

  Task<std::vector<std::string>> names(std::string type) {
    std::vector<std::string> list;
    Result<const Discovery*> known = co_await session_.discovery(/*quietly=*/true);
    const ApiResource* resource = known ? (*known)->find(type) : nullptr;
    Result<std::string> ns = session_.ns();
    if (resource == nullptr || !ns) co_return list;
    Result<std::vector<Value>> items =
        co_await list_all(session_, resource->ref().path(resource->namespaced ? *ns : ""), {});
    if (!items) co_return list;
    for (const Value& item : *items) list.push_back(item["metadata"]["name"].str());
    co_return list;
  }

  Task<std::vector<std::string>> prefixed(std::string type) {
    std::vector<std::string> list = co_await names(type);
    for (std::string& name : list) name.insert(0, type + "/");
    co_return list;
  }

  Task<std::vector<std::string>> containers() {
    std::vector<std::string> list;
    const std::vector<std::string>& given = session_.flags().positional();
    Result<std::string> ns = session_.ns();
    if (given.empty() || !ns) co_return list;
    std::string pod = given[0];
    if (pod.find('/') != std::string::npos) pod = pod.substr(pod.find('/') + 1);
    Result<Value> object = co_await session_.get(resources::kPods.path(*ns, pod));
    if (!object) co_return list;
    for (const char* field : {"containers", "initContainers", "ephemeralContainers"}) {
      for (const Value& container : (*object)["spec"][field].items()) list.push_back(container["name"].str());
    }
    co_return list;
  }

  std::vector<std::string> config_names(std::string_view list) {
    std::vector<std::string> result;
    Result<const Kubeconfig*> config = session_.kubeconfig();
    if (!config) return result;
    for (const Value& entry : (*config)->merged()[list].items()) result.push_back(entry["name"].str());
    return result;
  }

  Session& session_;
  std::string typed_;
  Arguments words_;
  Arguments rest_;
  const Command* command_ = nullptr;
};

}  // namespace

Task<Result<int>> run_complete(Session& session, Arguments arguments) {
  const bool notes = arguments.empty() || arguments[0] != "--no-descriptions";
  if (!notes) arguments.erase(arguments.begin());
  Completer completer(session, std::move(arguments));
  const std::vector<std::string> list = co_await completer.candidates();
  std::string text;
  for (const std::string& candidate : list) {
    if (!candidate.starts_with(completer.typed())) continue;
    text += (notes ? candidate : candidate.substr(0, candidate.find('\t'))) + "\n";
  }
  co_await session.out(text + ":" + std::to_string(completer.directive) + "\n");
  co_await session.err("Completion ended with directive: " + directive_name(completer.directive) + "\n");
  co_return 0;
}

Task<Result<int>> run_completion(Session& session, Arguments arguments) {
  if (arguments.empty()) co_return session.usage_error("Shell not specified.");
  if (arguments.size() > 1) co_return session.usage_error("Too many arguments. Expected only the shell type.");
  if (arguments[0] != "bash" && arguments[0] != "zsh" && arguments[0] != "fish" && arguments[0] != "powershell") {
    co_return session.usage_error("Unsupported shell type " + go_quote(arguments[0]) + ".");
  }
  const std::string& shell = arguments[0];
  co_await session.out(shell == "bash"   ? kBashCompletion
                       : shell == "zsh"  ? kZshCompletion
                       : shell == "fish" ? kFishCompletion
                                         : kPowerShellCompletion);
  co_return 0;
}

}  // namespace drydock::kubectl
