// Host: a virtual machine: files, processes, network, services. Also its kernel:
// the process table, signals, exec.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/event_loop.h"
#include "core/base/hash.h"
#include "core/base/prng.h"
#include "core/host/file_system.h"
#include "core/host/process.h"
#include "core/host/program.h"
#include "core/host/tty.h"

namespace drydock {

class ServiceManager;

struct HostOptions {
  std::string name;     // "node1"
  std::string address;  // "10.0.0.2"
  int cpus = 2;
  std::int64_t memory_bytes = 4LL << 30;
  std::string os_image = "CentOS Linux 7 (Core)";
  std::string kernel_version = "4.19.0-1.el7.x86_64";
};

class Host {
 public:
  Host(EventLoop& loop, Prng prng, const ProgramRegistry& programs, HostOptions options,
       std::shared_ptr<NetNamespace> network);
  ~Host();
  Host(const Host&) = delete;

  EventLoop& loop() { return loop_; }
  Prng& prng() { return prng_; }
  const HostOptions& options() const { return options_; }
  const std::string& name() const { return options_.name; }
  const std::string& address() const { return options_.address; }
  const ProgramRegistry& programs() const { return programs_; }
  TimePoint booted() const { return booted_; }
  FileSystem& files() { return *namespaces_.files; }
  NetNamespace& network() { return *namespaces_.network; }
  const Namespaces& namespaces() const { return namespaces_; }
  ServiceManager& services() { return *services_; }

  // --- processes ---
  // Starts a program with no parent (init's child). Errors as Process::spawn.
  SysResult<Pid> start(SpawnOptions options);
  Process* find(Pid host_pid);
  const std::map<Pid, std::unique_ptr<Process>>& processes() const { return processes_; }
  // Sends a signal. Death is carried out from the event loop, never inside this call.
  SysResult<void> signal(Pid host_pid, int signal);
  void signal_group(Pid group, int signal);
  // Waits for the end of a process without a parent; it is gone afterwards.
  Task<ExitStatus> wait_exit(Pid host_pid);
  // Called from the event loop when a process without parent has ended.
  void on_exit(Pid host_pid, std::function<void(ExitStatus)> callback);
  // What spawn() does, for a given parent (0: none).
  SysResult<Pid> spawn(Process* parent, SpawnOptions options);
  Pid spawn_body(Process* parent, Process::Body body, SpawnOptions options);
  // Path an executable name resolves to, with the rights and PATH given.
  SysResult<std::string> find_executable(const FileSystem& files, std::string_view name, std::string_view path_variable,
                                         std::string_view cwd) const;

  // --- terminals ---
  std::shared_ptr<Tty> make_tty(Tty::Sink sink);

  // Things that live on this machine and programs look up by type: the container
  // runtime, the image store, …  One per type.
  template <class T>
  void attach(std::shared_ptr<T> thing) {
    attachments_[type_key<T>()] = std::move(thing);
  }
  template <class T>
  T* attached() const {
    const auto at = attachments_.find(type_key<T>());
    return at == attachments_.end() ? nullptr : static_cast<T*>(at->second.get());
  }

  std::int64_t memory_used() const;
  void hash(Hash64& hash) const;

 private:
  friend class Process;
  template <class T>
  static const void* type_key() {
    static const char key = 0;
    return &key;
  }
  struct Loaded {
    ProgramMain main = nullptr;
    std::string version;
    std::vector<std::string> argv;  // with the interpreter of a "#!" file in front
  };
  SysResult<Loaded> load(const FileSystem& files, const Credentials& who, std::string path,
                         std::vector<std::string> argv, int depth = 0) const;
  Process& make_process(Process* parent, SpawnOptions& options);
  void begin(Process& process, Process::Body body);
  static Task<void> run_body(Host& host, Process& process);
  void deliver(Process& process, int signal);
  void terminate(Process& process, ExitStatus status);
  void reap(Pid host_pid);
  void adopt_children(Process& dead);

  EventLoop& loop_;
  Prng prng_;
  const ProgramRegistry& programs_;
  HostOptions options_;
  TimePoint booted_;
  Namespaces namespaces_;
  std::map<Pid, std::unique_ptr<Process>> processes_;
  std::map<Pid, std::vector<std::function<void(ExitStatus)>>> exit_callbacks_;
  std::map<const void*, std::shared_ptr<void>> attachments_;  // looked up by type only, never iterated
  std::unique_ptr<ServiceManager> services_;
  Pid next_pid_ = 1;
  int next_tty_ = 0;
};

}  // namespace drydock
