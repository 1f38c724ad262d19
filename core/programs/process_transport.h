// How a program on a virtual host reaches HTTP servers: over its own network
// namespace, resolving names as its /etc/resolv.conf and /etc/hosts say.
#pragma once

#include <memory>

#include "core/client/transport.h"

namespace drydock {

class Process;

// Lives at most as long as the process.
std::unique_ptr<Transport> make_process_transport(Process& process);

}  // namespace drydock
