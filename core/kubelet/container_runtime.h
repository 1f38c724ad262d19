// ContainerRuntime port: how a kubelet runs pods: shaped after CRI v1.
// https://github.com/kubernetes/cri-api
//
// Implementations: VirtualRuntime (core/runtime). Errors carry the runtime's own
// message; the kubelet puts it into events and statuses as it is.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/task.h"
#include "core/machinery/http_message.h"

namespace drydock {

struct PodIdentity {
  std::string ns;
  std::string name;
  std::string uid;
  std::string str() const { return ns + "/" + name; }
};

struct SandboxConfig {
  PodIdentity pod;
  std::string hostname;
  bool host_network = false;
  bool host_pid = false;
  bool share_process_namespace = false;
  std::string resolv_conf;  // "" leaves the host's
  std::string hosts_file;   // extra lines for /etc/hosts
  std::string cgroup_parent;
  struct PortMapping {
    std::uint16_t host_port = 0;
    std::uint16_t container_port = 0;
    std::string protocol;
  };
  std::vector<PortMapping> ports;
};

struct SandboxStatus {
  std::string id;
  PodIdentity pod;
  bool ready = false;
  std::string address;  // "" with the host's network: the host's address then
  TimePoint created{};
};

struct ContainerMount {
  std::string container_path;
  std::string host_path;
  bool read_only = false;
};

struct ContainerConfig {
  std::string name;
  int attempt = 0;
  std::string image;
  std::vector<std::string> command;    // replaces the entrypoint when not empty
  std::vector<std::string> arguments;  // replaces the image's arguments when not empty
  std::string working_directory;
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<ContainerMount> mounts;
  std::string log_path;
  std::optional<std::uint32_t> user;
  std::optional<std::uint32_t> group;
  std::int64_t memory_limit = 0;  // bytes; 0: none
  bool tty = false;               // the main process has a terminal
  bool stdin_open = false;        // and reads what is attached to it, else end of file at once
  bool stdin_once = false;        // its input ends with the first attached client that had one
};

enum class RuntimeContainerState { kCreated, kRunning, kExited };

struct ContainerStatus {
  std::string id;
  std::string sandbox_id;
  std::string name;
  int attempt = 0;
  RuntimeContainerState state = RuntimeContainerState::kCreated;
  std::string image;
  std::string image_ref;  // "docker.io/library/nginx@sha256:…"
  int exit_code = 0;
  std::string reason;  // "Completed", "Error", "OOMKilled", "StartError"
  std::string message;
  TimePoint created{};
  TimePoint started{};
  TimePoint finished{};
  std::string log_path;
};

struct ImageStatus {
  std::string ref;  // "docker.io/library/nginx@sha256:…"
  std::vector<std::string> tags;
  std::int64_t size_bytes = 0;
};

struct ExecResult {
  int exit_code = 0;
  std::string output;  // standard output and error together
};

class ContainerRuntime {
 public:
  virtual ~ContainerRuntime() = default;
  virtual std::string name_and_version() const = 0;  // "containerd://2.2.1"
  // "" when pods can have a network, else the reason why not.
  virtual std::string network_not_ready() const = 0;

  virtual Task<Result<std::string>> run_sandbox(SandboxConfig config) = 0;
  virtual Task<Result<void>> stop_sandbox(std::string id) = 0;
  virtual Task<Result<void>> remove_sandbox(std::string id) = 0;
  virtual std::optional<SandboxStatus> sandbox(const std::string& id) const = 0;
  virtual std::vector<SandboxStatus> sandboxes() const = 0;

  virtual Task<Result<std::string>> create_container(std::string sandbox_id, ContainerConfig config) = 0;
  virtual Task<Result<void>> start_container(std::string id) = 0;
  // SIGTERM, then SIGKILL after `grace`.
  virtual Task<Result<void>> stop_container(std::string id, Duration grace) = 0;
  virtual Task<Result<void>> remove_container(std::string id) = 0;
  virtual std::optional<ContainerStatus> container(const std::string& id) const = 0;
  virtual std::vector<ContainerStatus> containers() const = 0;
  // Called whenever a container has ended.
  virtual void on_change(std::function<void(const PodIdentity& pod)> callback) = 0;

  virtual Task<Result<ExecResult>> exec_sync(std::string id, std::vector<std::string> command, Duration timeout) = 0;
  // Runs a command with its streams on `stream` (channels of v5.channel.k8s.io) until it ends.
  virtual Task<Result<int>> exec(std::string id, std::vector<std::string> command, bool tty, bool with_stdin,
                                 std::shared_ptr<StreamEnd> stream) = 0;
  // Shows what the main process prints from now on, and hands it what comes on channel 0, until
  // it or the client ends.
  virtual Task<Result<void>> attach(std::string id, bool with_stdin, std::shared_ptr<StreamEnd> stream) = 0;
  // One connection to a port of the sandbox: bytes on channel 0 both ways, a reason why not
  // on channel 1; ends with the connection. Channel 255 from the client ends its side.
  virtual Task<void> port_forward(PodIdentity pod, std::uint16_t port, std::shared_ptr<StreamEnd> stream) = 0;
  // What the container has logged so far, in CRI form ("TIME stdout F line").
  virtual Result<std::string> read_log(const std::string& log_path) const = 0;

  virtual std::optional<ImageStatus> image(const std::string& name) const = 0;
  virtual Task<Result<ImageStatus>> pull_image(std::string name) = 0;
  virtual std::vector<ImageStatus> images() const = 0;
};

}  // namespace drydock
