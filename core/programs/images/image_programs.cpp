#include "core/programs/images/image_programs.h"

#include "core/host/process.h"
#include "core/programs/images/web_servers.h"

namespace drydock {
namespace {

Task<int> pause_main(Process& process) {
  process.on_signal(kSigTerm, Process::Disposition::kCatch);
  process.on_signal(kSigInt, Process::Disposition::kCatch);
  process.set_memory(300 << 10);
  (void)co_await process.wait_signal();
  co_return 0;
}

}  // namespace

void register_image_programs(ProgramRegistry& programs) {
  programs.add("pause", pause_main);
  programs.add("nginx", nginx_main);
  programs.add("httpd", httpd_main);
  programs.add("simpleservice", simpleservice_main);
  programs.add("http-responder", http_responder_main);
  programs.add("hello-app", hello_app_main);
  programs.add("http-echo", http_echo_main);
  programs.add("coredns", coredns_main);
}

}  // namespace drydock
