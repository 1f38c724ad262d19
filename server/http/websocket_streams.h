// exec, attach and port-forward over WebSocket: one byte of channel in front of every
// message (or, in the base64 forms, one digit).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "server/http/upgrade.h"
#include "server/http/websocket.h"

namespace drydock::server {

inline constexpr std::string_view kTunnelProtocol = "SPDY/3.1+portforward.k8s.io";

// "v4.base64.channel.k8s.io" -> "v4.channel.k8s.io"; others as they are.
std::string unwrapped_protocol(std::string_view protocol);

Task<void> stream_over_websocket(EventLoop& loop, std::shared_ptr<ByteStream> link, std::shared_ptr<WebSocket> socket,
                                 StreamWishes wishes, std::string protocol, std::shared_ptr<StreamEnd> stream,
                                 HttpLimits limits);
// The ports of the query, two channels each: data and error.
Task<void> forward_ports_over_websocket(EventLoop& loop, std::shared_ptr<ByteStream> link,
                                        std::shared_ptr<WebSocket> socket, std::string protocol, HttpRequest request,
                                        HttpHandler& handler, HttpLimits limits);

}  // namespace drydock::server
