// crictl's insides: one object a run. Tables and documents are in crictl_views.cpp,
// what changes something in crictl_actions.cpp, the command line in crictl.cpp.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/host/process.h"
#include "core/machinery/value.h"
#include "core/runtime/virtual_runtime.h"

namespace drydock::crictl {

constexpr std::size_t kShortIdLength = 13;

// Go's text/tabwriter as crictl sets it: cells of 20 at least, three spaces between.
std::string table(const std::vector<std::vector<std::string>>& rows);
// go-units' HumanDuration: "About a minute".
std::string human_age(Duration age);
// go-units' HumanSizeWithPrecision(size, 3): "59.8MB".
std::string human_size(std::int64_t bytes);
std::string state_name(RuntimeContainerState state);

struct Words {
  std::vector<std::string> rest;
  std::map<std::string, std::string, std::less<>> flags;  // by canonical name
  std::string unknown;
  bool has(std::string_view name) const { return flags.contains(name); }
  std::string value(std::string_view name) const {
    const auto at = flags.find(name);
    return at == flags.end() ? "" : at->second;
  }
};

class Crictl {
 public:
  Crictl(Process& process, VirtualRuntime& runtime, Words words)
      : process_(process), runtime_(runtime), words_(std::move(words)) {}

  Task<int> run(const std::string& command);

 private:
  Task<int> fail(std::string text) {
    co_await process_.err("FATA[0000] " + text + " \n");
    co_return 1;
  }
  std::string shown_id(const std::string& id) const {
    const std::string bare = id.starts_with("sha256:") ? id.substr(7) : id;
    return words_.has("no-trunc") ? bare : bare.substr(0, kShortIdLength);
  }
  std::string age(TimePoint when) const { return human_age(process_.now() - when) + " ago"; }
  std::optional<SandboxStatus> sandbox(const std::string& id) const {
    for (const SandboxStatus& status : runtime_.sandboxes()) {
      if (status.id == id) return status;
    }
    return std::nullopt;
  }
  // The one whose id begins like that.
  std::optional<ContainerStatus> find_container(const std::string& prefix) const {
    for (const ContainerStatus& status : runtime_.containers()) {
      if (!prefix.empty() && status.id.starts_with(prefix)) return status;
    }
    return std::nullopt;
  }
  std::optional<SandboxStatus> find_sandbox(const std::string& prefix) const {
    for (const SandboxStatus& status : runtime_.sandboxes()) {
      if (!prefix.empty() && status.id.starts_with(prefix)) return status;
    }
    return std::nullopt;
  }
  Task<int> print(Value document);  // as -o asks: JSON, or YAML
  static std::string missing(const std::string& id) {
    return "rpc error: code = NotFound desc = an error occurred when try to find container \"" + id + "\": not found";
  }

  Task<int> list_containers();
  Task<int> list_pods();
  Task<int> list_images();
  Task<int> remove_images();
  Task<int> pull();
  Task<int> stop_containers(bool remove);
  Task<int> stop_pods(bool remove);
  Task<int> logs();
  Task<int> exec();
  Task<int> inspect();
  Task<int> inspect_pod();
  Task<int> inspect_image();
  Task<int> stats();
  Task<int> info();
  Value container_document(const ContainerStatus& container) const;
  Value pod_document(const SandboxStatus& pod) const;
  Value image_document(const Image& image) const;

  Process& process_;
  VirtualRuntime& runtime_;
  Words words_;
};

}  // namespace drydock::crictl
