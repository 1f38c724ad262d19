// exec, attach and port-forward over SPDY/3.1.
#pragma once

#include <memory>
#include <string>

#include "server/http/upgrade.h"

namespace drydock::server {

// Each serves the session to its end. `stream` is our end of the channels.
Task<void> stream_over_spdy(EventLoop& loop, std::shared_ptr<ByteStream> link, std::string rest, StreamWishes wishes,
                            int version, std::shared_ptr<StreamEnd> stream, HttpLimits limits);
// A pair of streams, "data" and "error", makes one connection to a port of the pod.
Task<void> forward_ports_over_spdy(EventLoop& loop, std::shared_ptr<ByteStream> link, std::string rest,
                                   HttpRequest request, HttpHandler& handler, HttpLimits limits);

}  // namespace drydock::server
