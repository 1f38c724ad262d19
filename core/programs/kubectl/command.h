// The commands of kubectl: one table entry each, one function each.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/task.h"

namespace drydock::kubectl {

class Session;

// Arguments after the command's own words. Returns the exit code.
using Arguments = std::vector<std::string>;
using CommandFunction = Task<Result<int>> (*)(Session& session, Arguments arguments);

struct Command {
  const char* path;           // "create secret generic"
  const char* summary;        // one line, as command lists print it
  const char* usage;          // what follows the path in the usage line
  const char* flags;          // Flags::declare()
  CommandFunction run;        // nullptr: only a group of sub-commands
  const char* aliases = "";   // of its last word, separated by spaces
  const char* required = "";  // flags that must be given
};

std::span<const Command> commands();
const Command* find_command(std::string_view path);
// Flags of every command: --kubeconfig, --namespace, …
std::string_view global_flags();
// Sub-commands of a path, in the order of the table.
std::vector<const Command*> sub_commands(std::string_view path);
// The last word of a command's path.
std::string_view last_word(std::string_view path);

// What `kubectl … --help` prints.
std::string help_text(const Command& command);
// `plugins`: names of commands that files on PATH add.
std::string main_help(const std::vector<std::string>& plugins);
// `home`: where the cache is by default.
std::string options_text(std::string_view home);
// "Did you mean this?" for an unknown command.
std::vector<std::string> suggestions(std::string_view word, std::string_view parent);

// One kubectl run, from words to exit code. `session` is fresh.
Task<int> run_kubectl(Session& session, Arguments arguments);

#define DRYDOCK_KUBECTL_COMMAND(name) Task<Result<int>> name(Session& session, Arguments arguments)

// core/programs/kubectl/commands/: where to find them.
DRYDOCK_KUBECTL_COMMAND(run_annotate);
DRYDOCK_KUBECTL_COMMAND(run_api_resources);
DRYDOCK_KUBECTL_COMMAND(run_api_versions);
DRYDOCK_KUBECTL_COMMAND(run_apply);
DRYDOCK_KUBECTL_COMMAND(run_apply_edit_last_applied);
DRYDOCK_KUBECTL_COMMAND(run_apply_set_last_applied);
DRYDOCK_KUBECTL_COMMAND(run_apply_view_last_applied);
DRYDOCK_KUBECTL_COMMAND(run_attach);
DRYDOCK_KUBECTL_COMMAND(run_auth_can_i);
DRYDOCK_KUBECTL_COMMAND(run_auth_reconcile);
DRYDOCK_KUBECTL_COMMAND(run_auth_whoami);
DRYDOCK_KUBECTL_COMMAND(run_autoscale);
DRYDOCK_KUBECTL_COMMAND(run_certificate_approve);
DRYDOCK_KUBECTL_COMMAND(run_certificate_deny);
DRYDOCK_KUBECTL_COMMAND(run_cluster_info);
DRYDOCK_KUBECTL_COMMAND(run_cluster_info_dump);
DRYDOCK_KUBECTL_COMMAND(run_complete);
DRYDOCK_KUBECTL_COMMAND(run_completion);
DRYDOCK_KUBECTL_COMMAND(run_config_current_context);
DRYDOCK_KUBECTL_COMMAND(run_config_delete);
DRYDOCK_KUBECTL_COMMAND(run_config_get_contexts);
DRYDOCK_KUBECTL_COMMAND(run_config_get_names);
DRYDOCK_KUBECTL_COMMAND(run_config_rename_context);
DRYDOCK_KUBECTL_COMMAND(run_config_set);
DRYDOCK_KUBECTL_COMMAND(run_config_set_cluster);
DRYDOCK_KUBECTL_COMMAND(run_config_set_context);
DRYDOCK_KUBECTL_COMMAND(run_config_set_credentials);
DRYDOCK_KUBECTL_COMMAND(run_config_unset);
DRYDOCK_KUBECTL_COMMAND(run_config_use_context);
DRYDOCK_KUBECTL_COMMAND(run_config_view);
DRYDOCK_KUBECTL_COMMAND(run_cordon);
DRYDOCK_KUBECTL_COMMAND(run_cp);
DRYDOCK_KUBECTL_COMMAND(run_create);
DRYDOCK_KUBECTL_COMMAND(run_create_generated);
DRYDOCK_KUBECTL_COMMAND(run_create_token);
DRYDOCK_KUBECTL_COMMAND(run_debug);
DRYDOCK_KUBECTL_COMMAND(run_delete);
DRYDOCK_KUBECTL_COMMAND(run_describe);
DRYDOCK_KUBECTL_COMMAND(run_diff);
DRYDOCK_KUBECTL_COMMAND(run_drain);
DRYDOCK_KUBECTL_COMMAND(run_edit);
DRYDOCK_KUBECTL_COMMAND(run_events);
DRYDOCK_KUBECTL_COMMAND(run_exec);
DRYDOCK_KUBECTL_COMMAND(run_explain);
DRYDOCK_KUBECTL_COMMAND(run_expose);
DRYDOCK_KUBECTL_COMMAND(run_get);
DRYDOCK_KUBECTL_COMMAND(run_kustomize);
DRYDOCK_KUBECTL_COMMAND(run_label);
DRYDOCK_KUBECTL_COMMAND(run_logs);
DRYDOCK_KUBECTL_COMMAND(run_options);
DRYDOCK_KUBECTL_COMMAND(run_patch);
DRYDOCK_KUBECTL_COMMAND(run_plugin_list);
DRYDOCK_KUBECTL_COMMAND(run_port_forward);
DRYDOCK_KUBECTL_COMMAND(run_proxy);
DRYDOCK_KUBECTL_COMMAND(run_replace);
DRYDOCK_KUBECTL_COMMAND(run_rollout_history);
DRYDOCK_KUBECTL_COMMAND(run_rollout_pause);
DRYDOCK_KUBECTL_COMMAND(run_rollout_restart);
DRYDOCK_KUBECTL_COMMAND(run_rollout_resume);
DRYDOCK_KUBECTL_COMMAND(run_rollout_status);
DRYDOCK_KUBECTL_COMMAND(run_rollout_undo);
DRYDOCK_KUBECTL_COMMAND(run_run);
DRYDOCK_KUBECTL_COMMAND(run_scale);
DRYDOCK_KUBECTL_COMMAND(run_set_env);
DRYDOCK_KUBECTL_COMMAND(run_set_image);
DRYDOCK_KUBECTL_COMMAND(run_set_resources);
DRYDOCK_KUBECTL_COMMAND(run_set_selector);
DRYDOCK_KUBECTL_COMMAND(run_set_serviceaccount);
DRYDOCK_KUBECTL_COMMAND(run_set_subject);
DRYDOCK_KUBECTL_COMMAND(run_taint);
DRYDOCK_KUBECTL_COMMAND(run_top_node);
DRYDOCK_KUBECTL_COMMAND(run_top_pod);
DRYDOCK_KUBECTL_COMMAND(run_uncordon);
DRYDOCK_KUBECTL_COMMAND(run_version);
DRYDOCK_KUBECTL_COMMAND(run_wait);

#undef DRYDOCK_KUBECTL_COMMAND

}  // namespace drydock::kubectl
