#include "core/programs/cni/addon_helpers.h"

#include <ctime>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/machinery/timestamp.h"
#include "core/network/net_namespace.h"
#include "core/network/netfilter.h"

namespace drydock {

void install_cni_plugins(Process& process, const std::string& folder, const std::vector<std::string>& names) {
  (void)process.make_directories(folder);
  for (const std::string& name : names)
    (void)process.write_file(folder + "/" + name, program_file("cni-" + name), 0755);
}

Task<void> wait_for_termination(Process& process) {
  process.on_signal(kSigTerm, Process::Disposition::kCatch);
  process.on_signal(kSigInt, Process::Disposition::kCatch);
  co_await process.wait_signal();
}

Task<void> klog(Process& process, std::string where, std::string text, char level) {
  const auto since = process.now().time_since_epoch();
  const std::tm parts = utc_parts(process.now());
  const auto micro = std::chrono::duration_cast<std::chrono::microseconds>(since).count() % 1000000;
  co_await process.err(format("%c%02d%02d %02d:%02d:%02d.%06d %7d %s] ", level, parts.tm_mon + 1, parts.tm_mday,
                              parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>(micro), process.pid(),
                              where.c_str()) +
                       text + "\n");
}

void ensure_nat_rules(NetNamespace& stack, const std::string& chain, const std::string& restore_text) {
  if (stack.netfilter().table("nat")->contains(chain)) return;
  (void)stack.netfilter().restore(restore_text, true);
}

}  // namespace drydock
