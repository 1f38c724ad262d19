// One machine with a shell and all everyday commands, and a way to run a shell line
// on it: run("ls -l", {{"a", "text\n"}}) -> {out, err, code}. Files are put into the
// working directory /work first (or at their absolute paths); they stay for the
// next run of the same fixture. It is 2026-01-01 00:00:00 UTC.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>

#include "core/host/host.h"
#include "core/host/proc_files.h"
#include "core/network/network.h"
#include "core/programs/archive/archive.h"
#include "core/programs/coreutils/coreutils.h"
#include "core/programs/process_tools/process_tools.h"
#include "core/programs/shell/shell.h"
#include "core/programs/system/system.h"
#include "core/programs/text_tools/text_tools.h"

namespace drydock {

struct CommandRun {
  std::string out;
  std::string err;
  int code = -1;
};

struct CommandFixture {
  VirtualClock clock{TimePoint(seconds(1767225600))};
  EventLoop loop{clock};
  ProgramRegistry programs;
  Network network{loop, Prng(1)};
  std::unique_ptr<Host> host;

  CommandFixture() {
    register_shell_programs(programs);
    register_coreutils(programs);
    register_text_tools(programs);
    register_process_tools(programs);
    register_archive(programs);
    register_system_programs(programs);
    HostOptions options;
    options.name = "node1";
    const Ipv4 address = network.next_host_address();
    options.address = address.text();
    host = std::make_unique<Host>(loop, Prng(2), programs, options, network.attach_host(options.name, address));
    for (const char* folder : {"/usr/bin", "/tmp", "/etc", "/dev", "/proc", "/root", "/home", "/var/log", "/work"})
      (void)host->files().make_directories(folder, loop.now());
    (*host->files().resolve("/tmp"))->mode = 01777;
    put("/bin", "usr/bin", FileType::kSymlink);
    for (const auto& [program, main] : programs.all())
      (void)host->files().write_file("/usr/bin/" + program, program_file(program), loop.now(), 0755);
    put("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000:Ada:/home/ada:/bin/bash\n");
    put("/etc/group", "root:x:0:\nwheel:x:10:ada\nada:x:1000:\n");
    put("/etc/hosts", "127.0.0.1\tlocalhost\n10.0.0.2\tnode1\n");
    InodePtr null = Inode::make(FileType::kCharDevice, 0666, 0, 0, loop.now());
    null->behaviour = std::make_shared<const FileBehaviour>();
    (*host->files().resolve("/dev"))->put_child("null", null, loop.now());
    add_proc_files(*host, host->namespaces().files, nullptr);
  }

  void put(const std::string& path, const std::string& content, FileType type = FileType::kRegular) {
    const std::string full = join_path("/work", path);
    (void)host->files().make_directories(directory_name(full), loop.now());
    if (type == FileType::kRegular) {
      (void)host->files().write_file(full, content, loop.now());
      return;
    }
    InodePtr inode = Inode::make(type, type == FileType::kSymlink ? 0777 : 0755, 0, 0, loop.now());
    if (type == FileType::kSymlink) inode->set_content(content, loop.now());
    auto parent = host->files().resolve_parent(full);
    REQUIRE(parent.ok());
    parent->directory->put_child(parent->name, inode, loop.now());
  }

  std::string read(const std::string& path) {
    return host->files().read_file(join_path("/work", path)).value_or("<missing>");
  }

  CommandRun run(const std::string& script, const std::map<std::string, std::string>& files = {},
                 const std::string& input = "") {
    for (const auto& [path, content] : files) put(path, content);
    auto result = std::make_shared<CommandRun>();
    SpawnOptions options;
    options.argv = {"bash", "-c", script};
    options.cwd = "/work";
    options.environment = Environment{{"HOME", "/root"}, {"PATH", "/usr/bin:/bin"}, {"USER", "root"}, {"LC_ALL", "C"}};
    options.files[0] = make_string_source(input);
    options.files[1] = make_sink([result](std::string_view bytes) { result->out += bytes; });
    options.files[2] = make_sink([result](std::string_view bytes) { result->err += bytes; });
    auto pid = host->start(std::move(options));
    REQUIRE(pid.ok());
    host->on_exit(*pid, [result](ExitStatus status) { result->code = status.shell_code(); });
    const TimePoint limit = loop.now() + std::chrono::hours(24);
    while (result->code < 0 && loop.run_one(limit)) {
    }
    REQUIRE_MESSAGE(result->code >= 0, script, " did not end");
    return *result;
  }
};

}  // namespace drydock
