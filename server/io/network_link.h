// Link: one real connection, plain or TLS, as reading and writing coroutines see it
// (LinkStream is its ByteStream). For sources that make connections; everybody else
// includes byte_stream.h.
#pragma once

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "server/io/byte_stream.h"

namespace drydock::server {

inline constexpr std::size_t kReadAhead = 256 * 1024;  // bytes taken before the reader has asked for them
inline constexpr std::size_t kPiece = 32 * 1024;
inline constexpr std::size_t kWriteAtOnce = 256 * 1024;

// One connection; alive as long as the reader or an operation of the network holds it.
template <class Stream>
class Link : public std::enable_shared_from_this<Link<Stream>> {
 public:
  // `arguments` make the stream: a socket, and for TLS its context.
  template <class... Arguments>
  explicit Link(EventLoop& loop, Arguments&&... arguments)
      : stream(std::forward<Arguments>(arguments)...), changed(loop), buffer_(kPiece) {}

  void start_reading() {
    if (reading_ || ended || in.size() >= kReadAhead) return;
    reading_ = true;
    stream.async_read_some(boost::asio::buffer(buffer_),
                           [self = this->shared_from_this()](boost::system::error_code error, std::size_t count) {
                             self->reading_ = false;
                             self->in.append(self->buffer_.data(), count);
                             if (error) self->ended = true;
                             self->changed.notify_all();
                             self->start_reading();
                           });
  }
  void start_writing() {
    if (writing_ || broken || out.empty()) return;
    if (sending_.empty()) {
      while (!out.empty() && sending_.size() < kWriteAtOnce) {
        if (sending_.empty())
          sending_ = std::move(out.front());
        else
          sending_ += out.front();
        out.pop_front();
      }
    }
    send();
  }
  std::size_t unsent() const { return queued; }
  void enqueue(std::string bytes) {
    if (broken || closing || bytes.empty()) return;
    queued += bytes.size();
    out.push_back(std::move(bytes));
    start_writing();
  }
  void close() {
    if (closing) return;
    closing = true;
    if (!writing_ && out.empty()) shut_down();
  }
  void abort() {
    if (broken) return;
    broken = ended = true;
    out.clear();
    boost::system::error_code ignored;
    stream.lowest_layer().close(ignored);
    changed.notify_all();
  }

  Stream stream;
  Event changed;
  std::string in;
  std::deque<std::string> out;
  std::size_t queued = 0;
  bool ended = false;
  bool broken = false;
  bool closing = false;

 private:
  void send() {
    writing_ = true;
    boost::asio::async_write(stream, boost::asio::buffer(sending_),
                             [self = this->shared_from_this()](boost::system::error_code error, std::size_t) {
                               self->writing_ = false;
                               self->queued -= std::min(self->queued, self->sending_.size());
                               self->sending_.clear();
                               if (error) {
                                 self->abort();
                                 return;
                               }
                               self->changed.notify_all();
                               if (!self->out.empty())
                                 self->start_writing();
                               else if (self->closing)
                                 self->shut_down();
                             });
  }
  // TLS's goodbye, then the socket's; nobody waits long for the peer's.
  void shut_down() {
    if (broken) return;
    if constexpr (std::is_same_v<Stream, boost::asio::ip::tcp::socket>) {
      abort();
    } else {
      say_goodbye();
    }
  }
  void say_goodbye() {
    auto patience = std::make_shared<boost::asio::steady_timer>(stream.get_executor(), std::chrono::seconds(1));
    patience->async_wait([self = this->shared_from_this()](boost::system::error_code error) {
      if (!error) self->abort();
    });
    stream.async_shutdown([self = this->shared_from_this(), patience](boost::system::error_code) {
      patience->cancel();
      self->abort();
    });
  }
  std::vector<char> buffer_;
  std::string sending_;
  bool reading_ = false;
  bool writing_ = false;
};

// "127.0.0.1:6443", "[::1]:6443"
inline std::string endpoint_text(const boost::asio::ip::tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(endpoint.port());
}

template <class SomeLink>
class LinkStream final : public ByteStream {
 public:
  explicit LinkStream(std::shared_ptr<SomeLink> link) : link_(std::move(link)) { link_->start_reading(); }
  ~LinkStream() override { link_->close(); }
  Task<std::string> read(std::optional<TimePoint> deadline) override {
    const std::shared_ptr<SomeLink> link = link_;
    while (link->in.empty() && !link->ended) {
      if (!deadline) {
        (void)co_await link->changed.wait();
      } else if (!co_await link->changed.wait_until(*deadline)) {
        break;
      }
    }
    std::string bytes = std::exchange(link->in, {});
    link->start_reading();
    co_return bytes;
  }
  void write(std::string bytes) override { link_->enqueue(std::move(bytes)); }
  std::size_t unsent() const override { return link_->unsent(); }
  Task<bool> drained(std::size_t limit, TimePoint deadline) override {
    const std::shared_ptr<SomeLink> link = link_;
    while (link->unsent() > limit && !link->broken) {
      if (!co_await link->changed.wait_until(deadline)) co_return false;
    }
    co_return !link->broken;
  }
  void close() override { link_->close(); }
  void abort() override { link_->abort(); }
  bool ended() const override { return link_->ended && link_->in.empty(); }
  Task<void> wait_ended() override {
    const std::shared_ptr<SomeLink> link = link_;
    while (!link->ended) (void)co_await link->changed.wait();
  }

 private:
  std::shared_ptr<SomeLink> link_;
};

}  // namespace drydock::server
