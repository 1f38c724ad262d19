// What base systems bring beside the everyday tools.
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/process.h"
#include "core/programs/images/entry_points.h"

namespace drydock {

Task<int> pause_main(Process& process) {
  process.on_signal(kSigTerm, Process::Disposition::kCatch);
  process.on_signal(kSigInt, Process::Disposition::kCatch);
  process.set_memory(300 << 10);
  if (std::any_of(process.arguments().begin(), process.arguments().end(),
                  [](const std::string& word) { return word == "-v"; })) {
    co_await process.out("pause.c " + process.program_version() + "\n");
    co_return 0;
  }
  (void)co_await process.wait_signal();
  co_await process.err("Shutting down, got signal: Terminated\n");
  co_return 0;
}

// One executable, many names: runs the program it was called by.
Task<int> busybox_main(Process& process) {
  std::string name(process.name());
  if (name != "busybox") {
    const ProgramMain program = process.host().programs().find(name == "httpd" ? "busybox-httpd" : name);
    if (program != nullptr) co_return co_await program(process);
    co_await process.err(name + ": applet not found\n");
    co_return 127;
  }
  std::vector<std::string> names;
  for (const char* directory : {"/bin", "/sbin", "/usr/bin", "/usr/sbin"}) {
    for (std::string& entry : process.list_directory(directory).value_or({})) {
      const std::string target = process.read_link(std::string(directory) + "/" + entry).value_or("");
      const bool applet = target == "/bin/busybox" ||
                          (target.empty() &&
                           contains(process.read_file(std::string(directory) + "/" + entry).value_or(""), " busybox"));
      if (applet && entry != "busybox") names.push_back(std::move(entry));
    }
  }
  std::sort(names.begin(), names.end());
  if (process.arguments().empty()) {
    std::string list = "\t";
    std::size_t column = 8;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string piece = names[i] + (i + 1 < names.size() ? ", " : "");
      if (column + piece.size() > 78) {
        list += "\n\t";
        column = 8;
      }
      list += piece;
      column += piece.size();
    }
    co_await process.out(
        "BusyBox v1.37.0 (2024-09-26 21:31:42 UTC) multi-call binary.\nBusyBox is copyrighted by many authors between "
        "1998-2015.\nLicensed under GPLv2. See source distribution for detailed\ncopyright notices.\n\nUsage: busybox "
        "[function [arguments]...]\n   or: busybox --list[-full]\n   or: busybox --install [-s] [DIR]\n   or: function "
        "[arguments]...\n\n\tBusyBox is a multi-call binary that combines many common Unix\n\tutilities into a single "
        "executable.  Most people will create a\n\tlink to busybox for each function they wish to use and "
        "BusyBox\n\twill act like whatever it was invoked as.\n\nCurrently defined functions:\n" +
        list + "\n");
    co_return 0;
  }
  const std::string applet = process.arguments()[0];
  if (applet == "--list") {
    co_await process.out(join(names, "\n") + "\n");
    co_return 0;
  }
  if (!std::binary_search(names.begin(), names.end(), applet)) {
    co_await process.err(applet + ": applet not found\n");
    co_return 127;
  }
  std::vector<std::string> argv(process.arguments().begin(), process.arguments().end());
  auto replaced = co_await process.exec(std::move(argv));
  co_return replaced ? *replaced : 127;
}

// "docker-entrypoint.sh": flags are for the image's own program, words are a command.
Task<int> exec_entrypoint_main(Process& process) {
  std::vector<std::string> argv(process.arguments().begin(), process.arguments().end());
  const bool curl = process.exists("/usr/bin/curl") && !process.exists("/usr/local/bin/redis-server");
  const std::string own = curl ? "curl" : "redis-server";
  if (argv.empty() || argv[0].starts_with("-") || (!curl && argv[0].ends_with(".conf")) ||
      (curl && argv[0].starts_with("http")))
    argv.insert(argv.begin(), own);
  // Redis drops root's rights, as its entrypoint does.
  if (argv[0] == "redis-server" && process.credentials().uid == 0) {
    for (const std::string& name : process.list_directory(".").value_or({})) (void)process.change_owner(name, 999, 999);
    (void)process.change_owner(".", 999, 999);
    Credentials redis;
    redis.uid = redis.gid = 999;
    process.set_credentials(redis);
  }
  const std::string name = argv[0];
  auto replaced = co_await process.exec(std::move(argv));
  if (replaced) co_return *replaced;
  co_await process.err("exec: " + name + ": not found\n");
  co_return 127;
}

}  // namespace drydock
