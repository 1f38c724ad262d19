// HTTP/2 of a server over nghttp2: many requests at once on one connection, each with
// its own flow control. For clients that choose "h2" by ALPN; upgraded streams (exec,
// attach, port-forward) stay with HTTP/1.1, as Kubernetes' clients do it.
// https://www.rfc-editor.org/rfc/rfc9113
#pragma once

#include <memory>

#include "core/machinery/http_message.h"
#include "server/http/server_options.h"
#include "server/io/byte_stream.h"
#include "server/io/listener.h"

namespace drydock::server {

// `handler` outlives the task.
Task<void> serve_http2(EventLoop& loop, std::shared_ptr<ByteStream> link, ConnectionFacts facts, HttpHandler& handler,
                       HttpLimits limits);

}  // namespace drydock::server
