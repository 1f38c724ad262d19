// The client's side of an upgraded connection: exec, attach and port-forward over
// WebSocket, as any API server since 1.29 speaks it.
#pragma once

#include <memory>
#include <string>

#include "core/machinery/http_message.h"
#include "server/io/byte_stream.h"

namespace drydock::server {

// A fresh Sec-WebSocket-Key.
std::string websocket_key();

// Carries the channels of `stream` (the end that the server would hold) over the
// connection until either side ends. `ports`: a forwarded port, whose channels begin
// with the port's number, which is taken off. `rest`: what was read behind the handshake.
Task<void> run_client_upgrade(EventLoop& loop, std::shared_ptr<ByteStream> link, std::string rest, std::string protocol,
                              bool ports, std::shared_ptr<StreamEnd> stream);

}  // namespace drydock::server
