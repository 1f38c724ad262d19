#include "server/http/websocket.h"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include "core/base/strings.h"

namespace drydock::server {
namespace {

constexpr std::size_t kMessageLimit = 32 * 1024 * 1024;  // as client-go's reader
constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

enum Opcode : std::uint8_t { kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };

std::uint8_t byte_at(std::string_view text, std::size_t at) { return static_cast<std::uint8_t>(text[at]); }

}  // namespace

std::string websocket_accept(std::string_view key) {
  const std::string text = std::string(key) + std::string(kGuid);
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return base64_encode(std::string_view(reinterpret_cast<const char*>(digest), sizeof digest));
}

WebSocket::WebSocket(ByteStream& link, std::string rest, Role role)
    : link_(link), buffer_(std::move(rest)), role_(role) {}

Task<bool> WebSocket::fill(std::size_t size) {
  while (buffer_.size() < size) {
    const std::string bytes = co_await link_.read();
    if (bytes.empty()) co_return false;
    buffer_ += bytes;
  }
  co_return true;
}

Task<std::optional<WebSocket::Message>> WebSocket::receive() {
  Message message;
  bool begun = false;
  while (!closed_) {
    if (!co_await fill(2)) break;
    const std::uint8_t first = byte_at(buffer_, 0);
    const std::uint8_t second = byte_at(buffer_, 1);
    const std::uint8_t opcode = first & 0x0f;
    const bool last = (first & 0x80) != 0;
    std::size_t head = 2;
    std::uint64_t size = second & 0x7f;
    if (size == 126) {
      head = 4;
      if (!co_await fill(head)) break;
      size = static_cast<std::uint64_t>(byte_at(buffer_, 2)) << 8 | byte_at(buffer_, 3);
    } else if (size == 127) {
      head = 10;
      if (!co_await fill(head)) break;
      size = 0;
      for (std::size_t i = 2; i < 10; ++i) size = size << 8 | byte_at(buffer_, i);
    }
    const bool control = opcode >= 8;
    // Clients mask, use no extension, and keep control frames short and whole.
    const bool masked = (second & 0x80) != 0;
    if (masked != (role_ == Role::kServer) || (first & 0x70) != 0 || (control && (!last || size > 125))) {
      close(1002, "protocol error");
      break;
    }
    if (size > kMessageLimit || message.bytes.size() + size > kMessageLimit) {
      close(1009, "message too big");
      break;
    }
    const std::size_t begin = head + (masked ? 4 : 0);
    const std::size_t whole = begin + static_cast<std::size_t>(size);
    if (!co_await fill(whole)) break;
    std::string payload = buffer_.substr(begin, static_cast<std::size_t>(size));
    for (std::size_t i = 0; masked && i < payload.size(); ++i)
      payload[i] = static_cast<char>(byte_at(payload, i) ^ byte_at(buffer_, head + i % 4));
    buffer_.erase(0, whole);
    if (opcode == kPing) {
      frame(kPong, payload);
    } else if (opcode == kPong) {
      continue;
    } else if (opcode == kClose) {
      close(1000);
      break;
    } else if (opcode == kContinuation ? !begun : begun || opcode > kBinary) {
      close(1002, "protocol error");
      break;
    } else {
      if (!begun) message.text = opcode == kText;
      begun = true;
      message.bytes += payload;
      if (last) co_return message;
    }
  }
  co_return std::nullopt;
}

void WebSocket::frame(std::uint8_t opcode, std::string_view bytes) {
  const bool masks = role_ == Role::kClient;
  const int mark = masks ? 0x80 : 0;
  std::string out;
  out += static_cast<char>(0x80 | opcode);
  if (bytes.size() < 126) {
    out += static_cast<char>(mark | static_cast<int>(bytes.size()));
  } else if (bytes.size() <= 0xffff) {
    out += static_cast<char>(mark | 126);
    out += static_cast<char>(bytes.size() >> 8);
    out += static_cast<char>(bytes.size() & 0xff);
  } else {
    out += static_cast<char>(mark | 127);
    for (int shift = 56; shift >= 0; shift -= 8)
      out += static_cast<char>((static_cast<std::uint64_t>(bytes.size()) >> shift) & 0xff);
  }
  if (masks) {
    unsigned char mask[4] = {};
    (void)RAND_bytes(mask, sizeof mask);
    out.append(reinterpret_cast<const char*>(mask), sizeof mask);
    for (std::size_t i = 0; i < bytes.size(); ++i) out += static_cast<char>(byte_at(bytes, i) ^ mask[i % 4]);
  } else {
    out += bytes;
  }
  link_.write(std::move(out));
}

void WebSocket::send(std::string_view bytes, bool text) {
  if (!closed_) frame(text ? kText : kBinary, bytes);
}

void WebSocket::close(std::uint16_t code, std::string_view reason) {
  if (closed_) return;
  std::string payload;
  payload += static_cast<char>(code >> 8);
  payload += static_cast<char>(code & 0xff);
  payload += reason;
  frame(kClose, payload);
  closed_ = true;
}

namespace {

class Tunnel final : public ByteStream {
 public:
  Tunnel(std::shared_ptr<WebSocket> socket, std::shared_ptr<ByteStream> link)
      : socket_(std::move(socket)), link_(std::move(link)) {}
  Task<std::string> read(std::optional<TimePoint>) override {
    const std::shared_ptr<WebSocket> socket = socket_;
    for (;;) {
      std::optional<WebSocket::Message> message = co_await socket->receive();
      if (!message) {
        ended_ = true;
        co_return std::string();
      }
      if (!message->bytes.empty()) co_return std::move(message->bytes);
    }
  }
  void write(std::string bytes) override { socket_->send(bytes); }
  std::size_t unsent() const override { return link_->unsent(); }
  Task<bool> drained(std::size_t limit, TimePoint deadline) override { return link_->drained(limit, deadline); }
  void close() override {
    socket_->close();
    link_->close();
  }
  void abort() override { link_->abort(); }
  bool ended() const override { return ended_; }
  Task<void> wait_ended() override { return link_->wait_ended(); }

 private:
  std::shared_ptr<WebSocket> socket_;
  std::shared_ptr<ByteStream> link_;
  bool ended_ = false;
};

}  // namespace

std::shared_ptr<ByteStream> make_tunnel(std::shared_ptr<WebSocket> socket, std::shared_ptr<ByteStream> link) {
  return std::make_shared<Tunnel>(std::move(socket), std::move(link));
}

}  // namespace drydock::server
