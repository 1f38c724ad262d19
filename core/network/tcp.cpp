#include "core/network/tcp.h"

#include <algorithm>

#include "core/network/network.h"

namespace drydock {
namespace {

constexpr std::size_t kWindow = 256 * 1024;                 // sent and not yet read, before a sender waits
constexpr Duration kProbeInterval = seconds(1);             // how often a broken way is tried again
constexpr Duration kGiveUp = seconds(924);                  // net.ipv4.tcp_retries2 = 15
constexpr Duration kNeighbourTimeout = milliseconds(3060);  // three unanswered ARP requests
constexpr Duration kSynTimeout = seconds(127);              // net.ipv4.tcp_syn_retries = 6

}  // namespace

TcpStream::TcpStream(std::shared_ptr<NetNamespace> stack, SocketEnds ends, Duration latency)
    : stack_(std::move(stack)),
      id_(stack_->network().next_stream_id()),
      ends_(ends),
      latency_(latency),
      checked_version_(stack_->network().version()),
      changed_(stack_->loop()) {
  stack_->streams_[id_] = this;
}

TcpStream::~TcpStream() { close(); }

std::pair<TcpStreamPtr, TcpStreamPtr> TcpStream::make_pair(const std::shared_ptr<NetNamespace>& client,
                                                           const FlowTrace& flow) {
  const Packet& sent = flow.sent;
  const Packet& arrived = flow.arrived;
  auto near = TcpStreamPtr(
      new TcpStream(client, {sent.source, sent.source_port, sent.destination, sent.destination_port}, flow.latency));
  auto far = TcpStreamPtr(new TcpStream(
      flow.target, {arrived.destination, arrived.destination_port, arrived.source, arrived.source_port}, flow.latency));
  near->peer_ = far.get();
  far->peer_ = near.get();
  // Later checks ask for the translated address: the flow keeps the backend it got.
  near->probe_.destination = arrived.destination;
  near->probe_.destination_port = arrived.destination_port;
  far->probe_.destination = sent.source;
  far->probe_.destination_port = sent.source_port;
  return {std::move(near), std::move(far)};
}

std::optional<SysResult<std::string>> TcpStream::try_read(std::size_t max) {
  if (!inbox_.empty()) {
    std::string bytes = inbox_.substr(0, max);
    inbox_.erase(0, bytes.size());
    if (peer_ != nullptr) peer_->changed_.notify_all();
    return SysResult<std::string>(std::move(bytes));
  }
  if (error_) return SysResult<std::string>(*error_);
  if (peer_ended_ || closed_) return SysResult<std::string>(std::string());
  return std::nullopt;
}

Task<SysResult<std::string>> TcpStream::read(std::size_t max) {
  while (true) {
    if (auto got = try_read(max)) co_return std::move(*got);
    co_await changed_.wait();
  }
}

Task<std::string> TcpStream::read_all() {
  std::string all;
  while (true) {
    auto piece = co_await read();
    if (!piece || piece->empty()) co_return all;
    all += *piece;
  }
}

std::size_t TcpStream::unsent() const {
  if (peer_ == nullptr) return 0;
  std::size_t total = peer_->inbox_.size();
  for (const Piece& piece : peer_->in_flight_) total += piece.bytes.size();
  return total;
}

bool TcpStream::writable() const { return error_ || peer_ == nullptr || write_ended_ || unsent() < kWindow; }

SysResult<void> TcpStream::write(std::string_view bytes) {
  if (error_) return *error_;
  if (closed_ || write_ended_) return Errno::kPipe;
  if (peer_ == nullptr || peer_->closed_) {
    error_ = Errno::kConnReset;
    return Errno::kPipe;
  }
  if (!bytes.empty()) transmit({{}, std::string(bytes), false});
  return {};
}

Task<SysResult<void>> TcpStream::send(std::string bytes) {
  while (!writable()) co_await changed_.wait();
  co_return write(bytes);
}

// Whether packets still find the peer. Asked again only when the world changed.
bool TcpStream::way_stands() {
  Network& network = stack_->network();
  if (!broken_since_ && checked_version_ == network.version()) return true;
  checked_version_ = network.version();
  if (peer_ == nullptr) return true;
  Packet probe = probe_;
  probe.source = ends_.local;
  probe.source_port = ends_.local_port;
  const FlowTrace way = stack_->trace(probe);
  // Behind a translating gateway the way back cannot be asked for; the forward one tells.
  const bool stands = way.verdict == Verdict::kDelivered || way.verdict == Verdict::kRejected ||
                      probe_.destination != peer_->ends_.local;
  if (stands)
    broken_since_.reset();
  else if (!broken_since_)
    broken_since_ = stack_->loop().now();
  return stands;
}

void TcpStream::transmit(Piece piece) {
  TcpStream& to = *peer_;
  const TimePoint now = stack_->loop().now();
  const bool stands = way_stands();
  piece.arrives = std::max(to.last_arrival_, now + (stands ? latency_ : kProbeInterval));
  to.last_arrival_ = piece.arrives;
  to.in_flight_.push_back(std::move(piece));
  if (!to.arrival_) to.arrival_ = stack_->loop().call_at(to.in_flight_.front().arrives, [&to] { to.arrive(); });
}

void TcpStream::arrive() {
  arrival_ = {};
  EventLoop& loop = stack_->loop();
  const TimePoint now = loop.now();
  if (peer_ != nullptr && peer_->broken_since_ && !peer_->way_stands()) {
    if (now - *peer_->broken_since_ > kGiveUp) {
      peer_->fail(Errno::kTimedOut);
      return fail(Errno::kTimedOut);
    }
    arrival_ = loop.call_after(kProbeInterval, [this] { arrive(); });
    return;
  }
  while (!in_flight_.empty() && in_flight_.front().arrives <= now) {
    inbox_ += in_flight_.front().bytes;
    peer_ended_ = peer_ended_ || in_flight_.front().end;
    in_flight_.pop_front();
  }
  if (!in_flight_.empty()) arrival_ = loop.call_at(in_flight_.front().arrives, [this] { arrive(); });
  changed_.notify_all();
}

void TcpStream::shutdown_write() {
  if (write_ended_ || closed_ || error_) return;
  if (peer_ != nullptr) transmit({{}, "", true});
  write_ended_ = true;
}

void TcpStream::fail(Errno error) {
  if (!error_) error_ = error;
  in_flight_.clear();
  stack_->loop().cancel(arrival_);
  arrival_ = {};
  changed_.notify_all();
}

void TcpStream::close() {
  if (closed_) return;
  // Data nobody read: the peer gets a reset instead of an end, as on Linux.
  const bool unread_data = !inbox_.empty();
  if (peer_ != nullptr && !unread_data) shutdown_write();
  closed_ = true;
  stack_->loop().cancel(arrival_);
  stack_->streams_.erase(id_);
  if (peer_ != nullptr) {
    if (unread_data) peer_->fail(Errno::kConnReset);
    peer_->peer_ = nullptr;
    peer_->changed_.notify_all();
    peer_ = nullptr;
  }
  changed_.notify_all();
}

void TcpStream::reset() {
  if (peer_ != nullptr) peer_->fail(Errno::kConnReset);
  fail(Errno::kConnReset);
}

// --- listening ---

TcpListener::TcpListener(std::shared_ptr<NetNamespace> stack, std::size_t backlog)
    : stack_(std::move(stack)), backlog_(backlog), changed_(stack_->loop()) {}

SysResult<std::unique_ptr<TcpListener>> TcpListener::open(std::shared_ptr<NetNamespace> stack, Ipv4 address,
                                                          std::uint16_t port, SocketOwner owner, std::size_t backlog) {
  auto listener = std::unique_ptr<TcpListener>(new TcpListener(stack, backlog));
  NetNamespace::Bound socket{Protocol::kTcp, address, port, std::move(owner), listener.get(), nullptr};
  DRYDOCK_TRY(listener->port_, stack->bind(std::move(socket)));
  return listener;
}

TcpListener::~TcpListener() {
  stack_->unbind(static_cast<TcpAcceptor*>(this));
  for (const TcpStreamPtr& stream : waiting_) stream->reset();
}

bool TcpListener::on_connect(TcpStreamPtr stream) {
  if (waiting_.size() >= backlog_) return false;
  waiting_.push_back(std::move(stream));
  changed_.notify_one();
  return true;
}

std::optional<TcpStreamPtr> TcpListener::try_accept() {
  if (waiting_.empty()) return std::nullopt;
  TcpStreamPtr stream = std::move(waiting_.front());
  waiting_.pop_front();
  return stream;
}

Task<TcpStreamPtr> TcpListener::accept() {
  while (waiting_.empty()) co_await changed_.wait();
  co_return *try_accept();
}

// --- connecting ---

Task<SysResult<TcpArrival>> tcp_handshake(std::shared_ptr<NetNamespace> stack, Ipv4 address, std::uint16_t port,
                                          ConnectOptions options) {
  EventLoop& loop = stack->loop();
  const TimePoint started = loop.now();
  const TimePoint give_up = std::min(options.deadline.value_or(TimePoint::max()), started + kSynTimeout);
  Packet packet;
  packet.destination = address.any() ? kLoopbackAddress : address;
  packet.destination_port = port;
  packet.source_port = stack->take_ephemeral_port(Protocol::kTcp);
  Duration retry = seconds(1);
  bool refused_by_neighbour = false;
  while (true) {
    TcpArrival arrival;
    arrival.flow = stack->trace(packet);
    const FlowTrace& flow = arrival.flow;
    auto report = [&](bool refused) {
      if (options.quiet || !stack->network().observed()) return;
      stack->network().report({TrafficEvent::Kind::kConnect, loop.now(), stack.get(), &flow, refused, ""});
    };
    switch (flow.verdict) {
      case Verdict::kDelivered: {
        // The SYN travels; what listens there is looked up when it arrives.
        co_await loop.sleep(flow.latency);
        const NetNamespace::Bound* socket =
            flow.target->find_bound(Protocol::kTcp, flow.arrived.destination, flow.arrived.destination_port);
        report(socket == nullptr);
        if (socket == nullptr || socket->acceptor == nullptr) {
          co_await loop.sleep(flow.latency);
          co_return Errno::kConnRefused;
        }
        co_await loop.sleep(flow.latency);
        socket = flow.target->find_bound(Protocol::kTcp, flow.arrived.destination, flow.arrived.destination_port);
        if (socket == nullptr || socket->acceptor == nullptr) co_return Errno::kConnReset;
        arrival.acceptor = socket->acceptor;
        co_return arrival;
      }
      case Verdict::kRejected:
        report(true);
        co_await loop.sleep(flow.latency * 2);
        co_return Errno::kConnRefused;
      case Verdict::kNetUnreachable:
        if (flow.hops.empty()) co_return Errno::kNetUnreach;
        co_await loop.sleep(flow.latency * 2);
        co_return Errno::kNetUnreach;
      case Verdict::kTtlExceeded:
        co_return Errno::kHostUnreach;
      case Verdict::kHostUnreachable:
        refused_by_neighbour = true;
        break;
      case Verdict::kLost:
        report(true);
        break;
    }
    // Nobody answers: the SYN is sent again after 1, 2, 4, … seconds.
    const TimePoint now = loop.now();
    if (refused_by_neighbour && now >= started + kNeighbourTimeout) co_return Errno::kHostUnreach;
    TimePoint next = now + retry;
    if (refused_by_neighbour) next = std::min(next, started + kNeighbourTimeout);
    retry *= 2;
    co_await loop.sleep_until(std::min(next, give_up));
    if (loop.now() >= give_up) co_return Errno::kTimedOut;
  }
}

Task<SysResult<TcpStreamPtr>> tcp_connect(std::shared_ptr<NetNamespace> stack, Ipv4 address, std::uint16_t port,
                                          ConnectOptions options) {
  auto arrival = co_await tcp_handshake(stack, address, port, options);
  if (!arrival) co_return arrival.error();
  auto [near, far] = TcpStream::make_pair(stack, arrival->flow);
  near->set_owner(options.owner);
  if (!arrival->acceptor->on_connect(std::move(far))) co_return Errno::kConnRefused;
  co_return near;
}

}  // namespace drydock
