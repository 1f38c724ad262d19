// TCP streams between network stacks: connect, listen, read, write, half-close.
//
// A flow is routed once, at connect; a stream then carries bytes with the way's
// latency, in order. When the world's links change it looks whether the way still
// stands: if not, bytes wait, as retransmissions would, and after a while the
// stream fails with ETIMEDOUT.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/sync.h"
#include "core/base/sys_result.h"
#include "core/base/task.h"
#include "core/network/net_namespace.h"

namespace drydock {

struct HttpEndpoint;
class TcpStream;
using TcpStreamPtr = std::shared_ptr<TcpStream>;

struct SocketEnds {
  Ipv4 local;
  std::uint16_t local_port = 0;
  Ipv4 peer;
  std::uint16_t peer_port = 0;
};

// What sits on a listening port. Called from the event loop.
class TcpAcceptor {
 public:
  virtual ~TcpAcceptor() = default;
  // False: the backlog is full, the connection is refused.
  virtual bool on_connect(TcpStreamPtr stream) = 0;
  // Servers that speak HTTP as typed messages; null for plain byte streams.
  virtual std::shared_ptr<HttpEndpoint> http_endpoint() { return nullptr; }
};

class TcpStream {
 public:
  ~TcpStream();  // closes
  TcpStream(const TcpStream&) = delete;

  const SocketEnds& ends() const { return ends_; }
  const SocketOwner& owner() const { return owner_; }
  void set_owner(SocketOwner owner) { owner_ = std::move(owner); }

  // What has arrived, at most `max` bytes; "" at end of stream; nullopt when it would wait.
  std::optional<SysResult<std::string>> try_read(std::size_t max = 65536);
  Task<SysResult<std::string>> read(std::size_t max = 65536);
  // Until end of stream or error.
  Task<std::string> read_all();
  // EPIPE after shutdown or when the peer has closed, ECONNRESET, ETIMEDOUT.
  SysResult<void> write(std::string_view bytes);
  // As write, but first waits until the peer has taken most of what was sent.
  Task<SysResult<void>> send(std::string bytes);
  bool writable() const;
  void shutdown_write();
  void close();
  void reset();  // both ends see ECONNRESET
  // Notified when there is something to read, or room to write, or an end.
  Event& changed() { return changed_; }
  std::size_t unread() const { return inbox_.size(); }
  std::size_t unsent() const;

  // The two ends of an established connection over `flow`.
  static std::pair<TcpStreamPtr, TcpStreamPtr> make_pair(const std::shared_ptr<NetNamespace>& client,
                                                         const FlowTrace& flow);

 private:
  struct Piece {
    TimePoint arrives;
    std::string bytes;
    bool end = false;
  };
  TcpStream(std::shared_ptr<NetNamespace> stack, SocketEnds ends, Duration latency);
  void transmit(Piece piece);
  void arrive();
  void fail(Errno error);
  bool way_stands();

  std::shared_ptr<NetNamespace> stack_;
  std::uint64_t id_;
  SocketEnds ends_;
  SocketOwner owner_;
  Duration latency_;
  TcpStream* peer_ = nullptr;
  Packet probe_;  // what to trace to see whether the peer is still reachable
  std::uint64_t checked_version_ = 0;
  std::optional<TimePoint> broken_since_;
  std::deque<Piece> in_flight_;  // on the way to this end
  TimerId arrival_;
  TimePoint last_arrival_{};
  std::string inbox_;
  bool peer_ended_ = false;
  bool write_ended_ = false;
  bool closed_ = false;
  std::optional<Errno> error_;
  Event changed_;
};

class TcpListener final : public TcpAcceptor {
 public:
  // EADDRINUSE, EADDRNOTAVAIL. Port 0 takes a free one.
  static SysResult<std::unique_ptr<TcpListener>> open(std::shared_ptr<NetNamespace> stack, Ipv4 address,
                                                      std::uint16_t port, SocketOwner owner = {},
                                                      std::size_t backlog = 128);
  ~TcpListener() override;
  std::uint16_t port() const { return port_; }
  std::optional<TcpStreamPtr> try_accept();
  Task<TcpStreamPtr> accept();
  Event& changed() { return changed_; }
  bool on_connect(TcpStreamPtr stream) override;

 private:
  TcpListener(std::shared_ptr<NetNamespace> stack, std::size_t backlog);
  std::shared_ptr<NetNamespace> stack_;
  std::uint16_t port_ = 0;
  std::size_t backlog_;
  std::deque<TcpStreamPtr> waiting_;
  Event changed_;
};

struct ConnectOptions {
  std::optional<TimePoint> deadline;  // ETIMEDOUT when it passes first
  SocketOwner owner;
  bool quiet = false;  // not reported to observers
};

// A connection that has reached a listening port. `acceptor` may be used until the
// next suspension only.
struct TcpArrival {
  TcpAcceptor* acceptor = nullptr;
  FlowTrace flow;
};
// The handshake: ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT after the time the real ones take.
Task<SysResult<TcpArrival>> tcp_handshake(std::shared_ptr<NetNamespace> stack, Ipv4 address, std::uint16_t port,
                                          ConnectOptions options);
Task<SysResult<TcpStreamPtr>> tcp_connect(std::shared_ptr<NetNamespace> stack, Ipv4 address, std::uint16_t port,
                                          ConnectOptions options = {});

}  // namespace drydock
