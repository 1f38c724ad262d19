// agnhost: the test image of Kubernetes: many small servers and clients in one.
// https://pkg.go.dev/k8s.io/kubernetes/test/images/agnhost
#pragma once

#include <string>

#include "core/base/task.h"
#include "core/host/process.h"

namespace drydock::agnhost {

using Subcommand = Task<int> (*)(Process& process);

// servers.cpp
Task<int> netexec(Process& process);
Task<int> serve_hostname(Process& process);
Task<int> liveness(Process& process);
Task<int> porter(Process& process);
Task<int> test_webserver(Process& process);
Task<int> guestbook(Process& process);
Task<int> no_snat_test(Process& process);
Task<int> fake_gitserver(Process& process);
// webhooks.cpp
Task<int> webhook(Process& process);
Task<int> crd_conversion_webhook(Process& process);
// tools.cpp
Task<int> pause(Process& process);
Task<int> dns_suffix(Process& process);
Task<int> dns_server_list(Process& process);
Task<int> etc_hosts(Process& process);
Task<int> entrypoint_tester(Process& process);
Task<int> logs_generator(Process& process);
Task<int> mounttest(Process& process);
Task<int> connect(Process& process);
Task<int> inclusterclient(Process& process);
Task<int> help(Process& process);

// The word after the sub-command's name, and flags after it.
std::string flag(const Process& process, std::string_view name, std::string_view fallback = "");
// klog: "I0101 00:00:00.000000       1 log.go:245] text\n"
std::string klog(Process& process, const std::string& text);

}  // namespace drydock::agnhost
