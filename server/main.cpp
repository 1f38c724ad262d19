// The native program: `drydock COMMAND`. Each command reads its own flags.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "server/commands.h"

#ifdef DRYDOCK_MIMALLOC
#include <mimalloc.h>
#endif

namespace {

constexpr const char* kUsage =
    "Usage: drydock COMMAND [FLAGS]\n"
    "\n"
    "Commands:\n"
    "  console   run commands in a virtual world: lines \"node1$ COMMAND\" from standard input\n"
    "  replay    run a recorded session to its end and print its state hash\n"
#ifndef __EMSCRIPTEN__
    "  serve     a Kubernetes API server for kubectl and other clients, over HTTPS\n"
    "  kubectl   our kubectl, for any API server: drydock kubectl get pods\n"
#endif
    "  version   print the version\n"
    "\n"
    "\"drydock COMMAND --help\" tells a command's flags.\n";

}  // namespace

int main(int argc, char** argv) {
#ifdef DRYDOCK_MIMALLOC
  // A growing world touches memory for the first time all along: large pages save a sixth of its time.
  mi_option_enable(mi_option_large_os_pages);
#endif
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty() || arguments[0] == "help" || arguments[0] == "--help" || arguments[0] == "-h") {
    std::fputs(kUsage, stdout);
    return arguments.empty() ? 2 : 0;
  }
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  if (arguments[0] == "console") return drydock::server::console_command(rest);
  if (arguments[0] == "replay") return drydock::server::replay_command(rest);
#ifndef __EMSCRIPTEN__  // a server needs the sockets of a real machine
  if (arguments[0] == "serve") return drydock::server::serve_command(rest);
  if (arguments[0] == "kubectl") return drydock::server::kubectl_command(rest);
#endif
  if (arguments[0] == "version") {
    std::printf("drydock 0.1.0 (Kubernetes %s)\n", drydock::server::kubernetes_version().c_str());
    return 0;
  }
  std::fprintf(stderr, "drydock: unknown command \"%s\"\nSee 'drydock --help'.\n", arguments[0].c_str());
  return 2;
}
