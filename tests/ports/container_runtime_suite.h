// The contract of the ContainerRuntime port, run on every implementation. Uses a
// busybox image alone: sh, cat, sleep, env, pwd, hostname, ls.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/event_loop.h"
#include "core/kubelet/container_runtime.h"

namespace drydock {

struct ContainerRuntimeUnderTest {
  std::shared_ptr<void> owner;  // keeps what the references below name, may be null
  ContainerRuntime& runtime;
  EventLoop& loop;
  std::function<void(Task<void>)> run;  // runs the loop until the task has ended
  // A file of the host, for mounts; the log directory lies there as well.
  std::function<void(const std::string& path, const std::string& text)> write_host_file;
  std::function<std::string(const std::string& path)> read_host_file;  // "" when there is none
  std::string host_directory = "/tmp/suite";
  std::string image = "docker.io/library/busybox:1.36";
  std::string missing_image = "docker.io/library/no-such-image:1.0";
};

void check_container_runtime_contract(const ContainerRuntimeUnderTest& test);

}  // namespace drydock
