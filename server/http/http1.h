// HTTP/1.1 of a server: one connection from its first byte to its end. Requests go
// to an HttpHandler one after the other; answers are whole bodies, chunked streams
// (watches, followed logs), or, after an upgrade, WebSocket and SPDY streams.
#pragma once

#include <memory>
#include <string>

#include "core/machinery/http_message.h"
#include "server/http/server_options.h"
#include "server/io/byte_stream.h"
#include "server/io/listener.h"

namespace drydock::server {

// `handler` outlives the task.
Task<void> serve_http1(EventLoop& loop, std::shared_ptr<ByteStream> link, ConnectionFacts facts, HttpHandler& handler,
                       HttpLimits limits);

// What every protocol does to an answer: its body as bytes, compressed when the client
// takes that and it pays, with the headers that belong to it.
std::string finish_response(HttpResponse& response, std::string_view accept_encoding, const HttpLimits& limits);
// One message of a response stream as bytes: a watch event is a line of JSON.
std::string stream_bytes(StreamMessage message);
// The Status document of a failure below the API: 400, 408, 413, 431, 505.
HttpResponse protocol_error(int status, const HttpLimits& limits);

}  // namespace drydock::server
