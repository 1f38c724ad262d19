#include "core/network/udp.h"

#include "core/network/network.h"

namespace drydock {

UdpSocket::UdpSocket(std::shared_ptr<NetNamespace> stack) : stack_(std::move(stack)), changed_(stack_->loop()) {}

SysResult<std::unique_ptr<UdpSocket>> UdpSocket::open(std::shared_ptr<NetNamespace> stack, Ipv4 address,
                                                      std::uint16_t port, SocketOwner owner) {
  auto socket = std::unique_ptr<UdpSocket>(new UdpSocket(stack));
  NetNamespace::Bound bound{Protocol::kUdp, address, port, std::move(owner), nullptr, socket.get()};
  DRYDOCK_TRY(socket->port_, stack->bind(std::move(bound)));
  return socket;
}

UdpSocket::~UdpSocket() { stack_->unbind(this); }

// Puts a datagram into the socket it is for; answers for the kernel when there is none.
void deliver_datagram(NetNamespace& stack, Datagram datagram) {
  const NetNamespace::Bound* bound = stack.find_bound(Protocol::kUdp, datagram.destination, datagram.destination_port);
  if (bound != nullptr && bound->datagrams != nullptr) {
    bound->datagrams->inbox_.push_back(std::move(datagram));
    bound->datagrams->changed_.notify_one();
    return;
  }
  const std::shared_ptr<NetNamespace> origin = datagram.origin.lock();
  if (!origin || datagram.error) return;
  Datagram refusal;
  refusal.source = datagram.sent.destination;
  refusal.source_port = datagram.sent.destination_port;
  refusal.destination = datagram.sent.source;
  refusal.destination_port = datagram.sent.source_port;
  refusal.error = Errno::kConnRefused;
  stack.loop().call_after(datagram.latency, [origin, refusal] { deliver_datagram(*origin, refusal); });
}

SysResult<void> UdpSocket::send(Ipv4 address, std::uint16_t port, std::string bytes,
                                std::shared_ptr<const DnsMessage> dns) {
  Packet packet;
  packet.protocol = Protocol::kUdp;
  packet.source_port = port_;
  packet.destination = address;
  packet.destination_port = port;
  const FlowTrace flow = stack_->trace(packet);
  Network& network = stack_->network();
  if (network.observed()) {
    const bool lost = flow.verdict != Verdict::kDelivered;
    network.report({TrafficEvent::Kind::kDatagram, stack_->loop().now(), stack_.get(), &flow, lost, ""});
  }
  if (flow.verdict == Verdict::kNetUnreachable && flow.hops.empty()) return Errno::kNetUnreach;
  if (flow.verdict == Verdict::kRejected) {
    Datagram refusal;
    refusal.destination = flow.sent.source;
    refusal.destination_port = port_;
    refusal.source = address;
    refusal.source_port = port;
    refusal.error = Errno::kConnRefused;
    const std::weak_ptr<NetNamespace> self = stack_;
    stack_->loop().call_after(flow.latency * 2, [self, refusal] {
      if (const auto alive = self.lock()) deliver_datagram(*alive, refusal);
    });
    return {};
  }
  if (flow.verdict != Verdict::kDelivered) return {};
  Datagram datagram{flow.arrived.source,
                    flow.arrived.source_port,
                    flow.arrived.destination,
                    flow.arrived.destination_port,
                    std::move(bytes),
                    std::move(dns),
                    stack_,
                    flow.sent,
                    flow.latency,
                    std::nullopt};
  const std::weak_ptr<NetNamespace> target = flow.target;
  stack_->loop().call_after(flow.latency, [target, datagram = std::move(datagram)] {
    if (const auto alive = target.lock()) deliver_datagram(*alive, datagram);
  });
  return {};
}

void UdpSocket::reply(const Datagram& request, std::string bytes, std::shared_ptr<const DnsMessage> dns) {
  Datagram answer;
  answer.source = request.sent.destination;
  answer.source_port = request.sent.destination_port;
  answer.destination = request.sent.source;
  answer.destination_port = request.sent.source_port;
  answer.bytes = std::move(bytes);
  answer.dns = std::move(dns);
  answer.latency = request.latency;
  const std::weak_ptr<NetNamespace> target = request.origin;
  stack_->loop().call_after(request.latency, [target, answer = std::move(answer)] {
    if (const auto alive = target.lock()) deliver_datagram(*alive, answer);
  });
}

std::optional<Datagram> UdpSocket::try_receive() {
  if (inbox_.empty()) return std::nullopt;
  Datagram datagram = std::move(inbox_.front());
  inbox_.pop_front();
  return datagram;
}

Task<std::optional<Datagram>> UdpSocket::receive(std::optional<TimePoint> deadline) {
  while (inbox_.empty()) {
    if (!deadline)
      co_await changed_.wait();
    else if (!co_await changed_.wait_until(*deadline))
      break;
  }
  co_return try_receive();
}

Task<EchoReply> icmp_echo(std::shared_ptr<NetNamespace> stack, Ipv4 address, Duration timeout, int ttl) {
  EventLoop& loop = stack->loop();
  Packet packet;
  packet.protocol = Protocol::kIcmp;
  packet.destination = address;
  packet.ttl = ttl;
  const FlowTrace flow = stack->trace(packet);
  Network& network = stack->network();
  if (network.observed()) {
    network.report(
        {TrafficEvent::Kind::kEcho, loop.now(), stack.get(), &flow, flow.verdict != Verdict::kDelivered, ""});
  }
  EchoReply reply;
  reply.verdict = flow.verdict;
  reply.ttl = flow.arrived.ttl;
  reply.round_trip = flow.latency * 2;
  switch (flow.verdict) {
    case Verdict::kDelivered:
      reply.from = address;
      break;
    case Verdict::kLost:
      break;
    case Verdict::kNetUnreachable:
      if (flow.hops.empty()) co_return reply;
      [[fallthrough]];
    default:
      reply.from = flow.hops.empty() ? flow.sent.source : flow.hops.back().address;
      break;
  }
  co_await loop.sleep(flow.verdict == Verdict::kLost ? timeout : std::min(timeout, reply.round_trip));
  if (reply.round_trip > timeout) reply.verdict = Verdict::kLost;
  co_return reply;
}

}  // namespace drydock
