#include "core/programs/images/agnhost/agnhost.h"

#include "core/base/strings.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/images/entry_points.h"
#include "core/programs/images/serving.h"

namespace drydock {
namespace {

struct Entry {
  std::string_view name;
  agnhost::Subcommand run;
};

constexpr Entry kSubcommands[] = {
    {"connect", agnhost::connect},
    {"crd-conversion-webhook", agnhost::crd_conversion_webhook},
    {"dns-server-list", agnhost::dns_server_list},
    {"dns-suffix", agnhost::dns_suffix},
    {"entrypoint-tester", agnhost::entrypoint_tester},
    {"etc-hosts", agnhost::etc_hosts},
    {"fake-gitserver", agnhost::fake_gitserver},
    {"guestbook", agnhost::guestbook},
    {"help", agnhost::help},
    {"inclusterclient", agnhost::inclusterclient},
    {"liveness", agnhost::liveness},
    {"logs-generator", agnhost::logs_generator},
    {"mounttest", agnhost::mounttest},
    {"netexec", agnhost::netexec},
    {"no-snat-test", agnhost::no_snat_test},
    {"pause", agnhost::pause},
    {"porter", agnhost::porter},
    {"serve-hostname", agnhost::serve_hostname},
    {"test-webserver", agnhost::test_webserver},
    {"webhook", agnhost::webhook},
};

}  // namespace

namespace agnhost {

std::string flag(const Process& process, std::string_view name, std::string_view fallback) {
  return flag_value(process, name, fallback);
}

std::string klog(Process& process, const std::string& text) {
  return "I" + format_time(process.now(), "%m%d %H:%M:%S") + ".000000 " + pad_left(std::to_string(process.pid()), 7) +
         " log.go:245] " + text + "\n";
}

}  // namespace agnhost

Task<int> agnhost_main(Process& process) {
  const auto words = process.arguments();
  const std::string name = words.empty() ? "help" : words[0];
  if (name == "--version") {
    co_await process.out("agnhost version " + process.program_version() + "\n");
    co_return 0;
  }
  if (name == "--help" || name == "-h") co_return co_await agnhost::help(process);
  for (const Entry& entry : kSubcommands) {
    if (entry.name == name) co_return co_await entry.run(process);
  }
  co_await process.err("Error: unknown command \"" + name +
                       "\" for \"app\"\nRun 'app --help' for usage.\nunknown command \"" + name + "\" for \"app\"\n");
  co_return 1;
}

}  // namespace drydock
