// The kubeconfig as kubectl sees it: files merged by client-go's rules, with
// command-line overrides, resolved to where and as whom to connect.
// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/client/transport.h"
#include "core/machinery/value.h"

namespace drydock {
class Process;
}

namespace drydock::kubectl {

class Flags;

struct ResolvedConfig {
  Endpoint endpoint;
  std::string bearer_token;
  std::string basic_user, basic_password;
  std::string ns;  // "" when neither flag nor context names one
  std::vector<std::string> impersonate_groups;
  std::string impersonate_user, impersonate_uid;
};

class Kubeconfig {
 public:
  // Reads --kubeconfig, or the files of $KUBECONFIG, or ~/.kube/config. Files
  // that are missing count as empty, except one named by --kubeconfig when
  // `must_exist`.
  static Result<Kubeconfig> load(Process& process, const Flags& flags, bool must_exist = true);

  // Everything merged; the first file that names a thing wins.
  const Value& merged() const { return merged_; }
  // The file that a change of `list` entry `name` ("clusters", "kubernetes") goes to.
  std::string file_for(std::string_view list, std::string_view name) const;
  std::string default_file() const { return paths_.back(); }
  bool explicit_path() const { return explicit_path_; }
  Value document(const std::string& path) const;
  Result<void> save(Process& process, const std::string& path, const Value& document) const;

  // Where to connect. In a pod without kubeconfig: its service account.
  Result<ResolvedConfig> resolve(Process& process, const Flags& flags) const;
  std::string context_name(const Flags& flags) const;

 private:
  struct File {
    std::string path;
    Value document;
  };
  std::vector<std::string> paths_;
  std::vector<File> files_;
  Value merged_;
  bool explicit_path_ = false;
};

// The entry of a kubeconfig list with that name, or null: entry(config, "users", "admin").
const Value& config_entry(const Value& config, std::string_view list, std::string_view name);
// A config without any content: what kubectl writes first.
Value empty_config();

}  // namespace drydock::kubectl
