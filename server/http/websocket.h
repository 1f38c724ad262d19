// WebSocket (RFC 6455): frames in, frames out. A client masks what it sends.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/io/byte_stream.h"

namespace drydock::server {

// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
std::string websocket_accept(std::string_view key);

class WebSocket {
 public:
  enum class Role { kServer, kClient };
  // `rest` is what has been read behind the handshake. The link outlives the socket.
  WebSocket(ByteStream& link, std::string rest, Role role = Role::kServer);

  struct Message {
    bool text = false;
    std::string bytes;
  };
  // The next message, put together from its fragments; pings are answered. nullopt at
  // the end, which includes a peer that breaks the rules.
  Task<std::optional<Message>> receive();
  void send(std::string_view bytes, bool text = false);
  // Once; 1000 is a normal end.
  void close(std::uint16_t code = 1000, std::string_view reason = "");
  bool closed() const { return closed_; }

 private:
  Task<bool> fill(std::size_t size);
  void frame(std::uint8_t opcode, std::string_view bytes);

  ByteStream& link_;
  std::string buffer_;
  Role role_;
  bool closed_ = false;
};

// A byte stream inside the binary messages of a WebSocket: SPDY for port-forward travels so.
std::shared_ptr<ByteStream> make_tunnel(std::shared_ptr<WebSocket> socket, std::shared_ptr<ByteStream> link);

}  // namespace drydock::server
