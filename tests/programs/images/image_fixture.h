// A machine that runs images' processes as a container runtime would: over the
// image's files, with a network stack of their own. Commands run inside them, and
// requests come from the machine's curl.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/network/network.h"
#include "core/programs/coreutils/coreutils.h"
#include "core/programs/images/image_programs.h"
#include "core/programs/net/net_programs.h"
#include "core/programs/shell/shell.h"
#include "core/runtime/image_registry.h"

namespace drydock {

struct Container {
  ImagePtr image;
  Namespaces namespaces;
  std::string address;
  Pid pid = 0;
  std::shared_ptr<std::string> out = std::make_shared<std::string>();
  std::shared_ptr<std::string> err = std::make_shared<std::string>();
  std::shared_ptr<int> code = std::make_shared<int>(-1);
};

struct Ran {
  std::string out;
  std::string err;
  int code = -1;
};

struct ImageFixture {
  VirtualClock clock{TimePoint(seconds(1767225600))};
  EventLoop loop{clock};
  ProgramRegistry programs;
  Network network{loop, Prng(1)};
  ImageRegistry registry{loop, Prng(3)};
  std::unique_ptr<Host> host;

  ImageFixture() {
    register_shell_programs(programs);
    register_coreutils(programs);
    register_net_programs(programs);
    register_image_programs(programs);
    HostOptions options;
    options.name = "node1";
    const Ipv4 address = network.next_host_address();
    options.address = address.text();
    options.memory_bytes = std::int64_t{8} << 30;
    host = std::make_unique<Host>(loop, Prng(2), programs, options, network.attach_host("node1", address));
    for (const char* folder : {"/usr/bin", "/tmp", "/etc", "/dev"})
      (void)host->files().make_directories(folder, loop.now());
    for (const auto& [program, main] : programs.all())
      (void)host->files().write_file("/usr/bin/" + program, program_file(program), loop.now(), 0755);
  }

  ImagePtr image(const std::string& name) {
    auto found = registry.find(full_image_name(name));
    REQUIRE_MESSAGE(found.ok(), name);
    return *found;
  }

  // A container that is made but not started: files can be put into it.
  Container make(const std::string& name, const std::string& hostname = "web-1") {
    Container container;
    container.image = image(name);
    const Ipv4 address = network.next_host_address();
    container.address = address.text();
    container.namespaces.files = std::make_shared<FileSystem>(Inode::over(container.image->root));
    container.namespaces.network = network.attach_host(hostname, address);
    container.namespaces.pids = std::make_shared<PidNamespace>();
    container.namespaces.hostname = std::make_shared<std::string>(hostname);
    container.namespaces.cgroup = std::make_shared<Cgroup>();
    put(container, "/etc/hosts", "127.0.0.1 localhost\n" + hosts_);
    put(container, "/etc/resolv.conf", "nameserver 10.0.0.1\n");
    InodePtr null = Inode::make(FileType::kCharDevice, 0666, 0, 0, loop.now());
    null->behaviour = std::make_shared<const FileBehaviour>();
    (*container.namespaces.files->resolve("/dev"))->put_child("null", null, loop.now());
    return container;
  }
  void name_host(const std::string& name, const Container& container) {
    hosts_ += container.address + " " + name + "\n";
  }
  void put(Container& container, const std::string& path, const std::string& text) {
    (void)container.namespaces.files->make_directories(directory_name(path), loop.now());
    REQUIRE(container.namespaces.files->write_file(path, text, loop.now()).ok());
  }
  std::string read(const Container& container, const std::string& path) {
    return container.namespaces.files->read_file(path).value_or("<missing>");
  }

  SpawnOptions options_for(const Container& container, std::vector<std::string> argv,
                           const std::map<std::string, std::string>& environment) {
    SpawnOptions options;
    options.argv = std::move(argv);
    Environment all;
    for (const auto& [name, value] : container.image->environment) all[name] = value;
    for (const auto& [name, value] : environment) all[name] = value;
    options.environment = all;
    options.cwd = container.image->working_directory;
    options.namespaces = container.namespaces;
    options.new_session = true;
    Credentials who;
    who.uid = who.gid = container.image->user;
    options.credentials = who;
    options.files[0] = make_null_file();
    return options;
  }

  // Starts the entrypoint (or `command`) and lets a second pass.
  void start(Container& container, std::vector<std::string> arguments = {},
             const std::map<std::string, std::string>& environment = {}, std::vector<std::string> command = {}) {
    std::vector<std::string> argv = command.empty() ? container.image->entrypoint : command;
    const std::vector<std::string>& tail =
        !arguments.empty() || !command.empty() ? arguments : container.image->arguments;
    argv.insert(argv.end(), tail.begin(), tail.end());
    SpawnOptions options = options_for(container, std::move(argv), environment);
    const auto out = container.out;
    const auto err = container.err;
    options.files[1] = make_sink([out](std::string_view bytes) { *out += bytes; });
    options.files[2] = make_sink([err](std::string_view bytes) { *err += bytes; });
    auto pid = host->start(std::move(options));
    REQUIRE(pid.ok());
    container.pid = *pid;
    const auto code = container.code;
    host->on_exit(*pid, [code](ExitStatus status) { *code = status.shell_code(); });
    pass(seconds(1));
  }
  Container running(const std::string& name, std::vector<std::string> arguments = {},
                    const std::map<std::string, std::string>& environment = {}) {
    Container container = make(name);
    start(container, std::move(arguments), environment);
    return container;
  }
  void stop(Container& container, int signal) {
    (void)host->signal(container.pid, signal);
    pass(seconds(2));
  }
  void pass(Duration time) { loop.run_until(loop.now() + time); }

  Ran finish(SpawnOptions options, Duration limit = std::chrono::hours(1)) {
    auto ran = std::make_shared<Ran>();
    options.files[1] = make_sink([ran](std::string_view bytes) { ran->out += bytes; });
    options.files[2] = make_sink([ran](std::string_view bytes) { ran->err += bytes; });
    auto pid = host->start(std::move(options));
    REQUIRE(pid.ok());
    host->on_exit(*pid, [ran](ExitStatus status) { ran->code = status.shell_code(); });
    const TimePoint end = loop.now() + limit;
    while (ran->code < 0 && loop.run_one(end)) {
    }
    REQUIRE(ran->code >= 0);
    return *ran;
  }
  // Runs a command inside the container.
  Ran exec(const Container& container, std::vector<std::string> argv, const std::string& input = "") {
    SpawnOptions options = options_for(container, std::move(argv), {});
    options.files[0] = make_string_source(input);
    return finish(std::move(options));
  }
  // The machine's curl; "{}" in a word is the container's address.
  Ran curl(const Container& container, const std::vector<std::string>& words) {
    SpawnOptions options;
    options.argv = {"/usr/bin/curl", "-s"};
    for (const std::string& word : words) options.argv.push_back(replace_all(word, "{}", container.address));
    options.files[0] = make_null_file();
    return finish(std::move(options));
  }
  std::string get(const Container& container, const std::string& target) {
    return curl(container, {"http://{}" + target}).out;
  }

 private:
  std::string hosts_;
};

}  // namespace drydock
