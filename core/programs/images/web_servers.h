// Web servers of images, and what they share.
#pragma once

#include "core/base/task.h"

namespace drydock {

class Process;

Task<int> nginx_main(Process& process);
Task<int> httpd_main(Process& process);
Task<int> simpleservice_main(Process& process);
Task<int> http_responder_main(Process& process);
Task<int> hello_app_main(Process& process);
Task<int> http_echo_main(Process& process);
Task<int> coredns_main(Process& process);

}  // namespace drydock
