// UDP datagrams and ICMP echo.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "core/base/sync.h"
#include "core/base/sys_result.h"
#include "core/network/net_namespace.h"

namespace drydock {

struct DnsMessage;

struct Datagram {
  Ipv4 source;
  std::uint16_t source_port = 0;
  Ipv4 destination;
  std::uint16_t destination_port = 0;
  std::string bytes;
  std::shared_ptr<const DnsMessage> dns;  // a DNS packet travels unparsed
  // The way back through address translation: who sent it and what they called us.
  std::weak_ptr<NetNamespace> origin;
  Packet sent;
  Duration latency{0};
  std::optional<Errno> error;  // an ICMP answer instead of data: ECONNREFUSED
};

class UdpSocket {
 public:
  // Port 0 takes a free one. EADDRINUSE.
  static SysResult<std::unique_ptr<UdpSocket>> open(std::shared_ptr<NetNamespace> stack, Ipv4 address = {},
                                                    std::uint16_t port = 0, SocketOwner owner = {});
  ~UdpSocket();
  UdpSocket(const UdpSocket&) = delete;
  std::uint16_t port() const { return port_; }

  // ENETUNREACH at once; everything else is silence, or an error datagram later.
  SysResult<void> send(Ipv4 address, std::uint16_t port, std::string bytes,
                       std::shared_ptr<const DnsMessage> dns = nullptr);
  // Answers a datagram: its sender sees it come from where it was sent to.
  void reply(const Datagram& request, std::string bytes, std::shared_ptr<const DnsMessage> dns = nullptr);
  std::optional<Datagram> try_receive();
  Task<std::optional<Datagram>> receive(std::optional<TimePoint> deadline = std::nullopt);
  Event& changed() { return changed_; }

 private:
  friend void deliver_datagram(NetNamespace& stack, Datagram datagram);
  explicit UdpSocket(std::shared_ptr<NetNamespace> stack);
  std::shared_ptr<NetNamespace> stack_;
  std::uint16_t port_ = 0;
  std::deque<Datagram> inbox_;
  Event changed_;
};

struct EchoReply {
  Verdict verdict = Verdict::kLost;
  Ipv4 from;  // who answered: the target, or the router that gave up
  Duration round_trip{0};
  int ttl = 64;
};
// One ICMP echo request: waits for the answer, or until `timeout` when there is none.
Task<EchoReply> icmp_echo(std::shared_ptr<NetNamespace> stack, Ipv4 address, Duration timeout, int ttl = 64);

}  // namespace drydock
