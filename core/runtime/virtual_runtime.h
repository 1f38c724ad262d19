// VirtualRuntime: the container runtime of a virtual machine: sandboxes with their
// own network stack, containers as processes over an image's files.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/prng.h"
#include "core/host/host.h"
#include "core/kubelet/container_runtime.h"
#include "core/runtime/image_registry.h"

namespace drydock {

class NetNamespace;
class Tty;

// Puts sandboxes on the pod network: the CNI plugins of the machine.
struct PodNetworking {
  std::function<std::string()> not_ready;  // "" when usable
  // Gives the stack its interfaces; the address on success.
  std::function<Result<std::string>(const std::shared_ptr<NetNamespace>& stack, const SandboxConfig& config,
                                    const std::string& sandbox_id)>
      add;
  std::function<void(const std::string& sandbox_id)> remove;
};

class VirtualRuntime final : public ContainerRuntime {
 public:
  VirtualRuntime(Host& host, ImageRegistry& registry, PodNetworking networking);
  ~VirtualRuntime() override;

  std::string name_and_version() const override { return "containerd://2.2.1"; }
  std::string network_not_ready() const override { return networking_.not_ready(); }

  Task<Result<std::string>> run_sandbox(SandboxConfig config) override;
  Task<Result<void>> stop_sandbox(std::string id) override;
  Task<Result<void>> remove_sandbox(std::string id) override;
  std::optional<SandboxStatus> sandbox(const std::string& id) const override;
  std::vector<SandboxStatus> sandboxes() const override;
  Task<Result<std::string>> create_container(std::string sandbox_id, ContainerConfig config) override;
  Task<Result<void>> start_container(std::string id) override;
  Task<Result<void>> stop_container(std::string id, Duration grace) override;
  Task<Result<void>> remove_container(std::string id) override;
  std::optional<ContainerStatus> container(const std::string& id) const override;
  std::vector<ContainerStatus> containers() const override;
  void on_change(std::function<void(const PodIdentity& pod)> callback) override { on_change_ = std::move(callback); }
  Task<Result<ExecResult>> exec_sync(std::string id, std::vector<std::string> command, Duration timeout) override;
  Task<Result<int>> exec(std::string id, std::vector<std::string> command, bool tty, bool with_stdin,
                         std::shared_ptr<StreamEnd> stream) override;
  Task<Result<void>> attach(std::string id, bool with_stdin, std::shared_ptr<StreamEnd> stream) override;
  Task<void> port_forward(PodIdentity pod, std::uint16_t port, std::shared_ptr<StreamEnd> stream) override;
  Result<std::string> read_log(const std::string& log_path) const override;
  std::optional<ImageStatus> image(const std::string& name) const override;
  Task<Result<ImageStatus>> pull_image(std::string name) override;
  std::vector<ImageStatus> images() const override;

  // What crictl shows beside the port's statuses.
  struct Details {
    ContainerConfig config;
    ImagePtr image;
    Pid pid = 0;  // of the host; 0: not running
    std::shared_ptr<Cgroup> cgroup;
  };
  std::optional<Details> details(const std::string& container_id) const;
  // By name, digest reference or the beginning of an id; null when it is not here.
  ImagePtr find_image(const std::string& wanted) const;
  // Every name of that image goes.
  void remove_image(const Image& image);

  // The network stack of a sandbox: port-forward connects there.
  std::shared_ptr<NetNamespace> sandbox_network(const PodIdentity& pod) const;

 private:
  struct Sandbox {
    SandboxStatus status;
    SandboxConfig config;
    Namespaces namespaces;
    Pid pause = 0;
  };
  struct Container {
    ContainerStatus status;
    ContainerConfig config;
    ImagePtr image;
    Namespaces namespaces;
    Pid pid = 0;
    InodePtr log;
    // The near end of the main process' standard input: a terminal (tty: true), a pipe
    // (stdin: true), or neither.
    std::shared_ptr<Tty> tty;
    OpenFilePtr input;
    std::vector<std::weak_ptr<StreamEnd>> attached;
  };
  std::string draw_id();
  Result<SpawnOptions> spawn_options(const Container& container, std::vector<std::string> argv) const;
  // Container roots: an image's root with the places that mounts and devices take, made once
  // for all containers that mount at the same paths.
  ConstInodePtr base_root(const ImagePtr& image, const std::vector<Mount>& mounts);
  std::vector<Mount> mounts_of(const Container& container, const Sandbox& sandbox);
  void log(Container& container, const char* stream, std::string_view bytes);
  void ended(const std::string& id, ExitStatus status);
  Task<void> attached_input(std::string id, bool with_stdin, std::shared_ptr<StreamEnd> stream);

  Host& host_;
  ImageRegistry& registry_;
  PodNetworking networking_;
  // What is behind the devices of every container.
  struct Devices {
    std::shared_ptr<const FileBehaviour> null, zero, random;
  };
  Devices devices_;
  Prng prng_;
  std::map<std::string, Sandbox> sandboxes_;
  std::map<std::string, Container> containers_;
  std::map<std::string, ImagePtr> images_;
  struct BaseRoot {
    ImagePtr image;
    ConstInodePtr root;
  };
  std::map<std::string, BaseRoot> base_roots_;  // by image and paths
  std::function<void(const PodIdentity& pod)> on_change_;
};

}  // namespace drydock
