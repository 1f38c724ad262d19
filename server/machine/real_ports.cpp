#include "server/machine/real_ports.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include "core/network/tcp.h"
#include "server/io/network_link.h"
#include "server/io/real_time.h"
#include "server/machine/real_files.h"

namespace drydock::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kUnsentLimit = 1 << 20;
constexpr Duration kWriteTimeout = seconds(60);

Task<void> pump_in(std::shared_ptr<ByteStream> outer, TcpStreamPtr inner) {
  for (;;) {
    std::string bytes = co_await outer->read();
    if (bytes.empty()) break;
    const SysResult<void> sent = co_await inner->send(std::move(bytes));
    if (!sent) break;
  }
  inner->shutdown_write();
}

Task<void> carry(EventLoop& loop, std::shared_ptr<NetNamespace> stack, std::uint16_t port,
                 std::shared_ptr<ByteStream> outer) {
  SysResult<TcpStreamPtr> connected = co_await tcp_connect(stack, kLoopbackAddress, port);
  if (!connected) {
    outer->abort();
    co_return;
  }
  const TcpStreamPtr inner = *connected;
  TaskGroup other(loop);
  other.spawn(pump_in(outer, inner));
  for (;;) {
    SysResult<std::string> bytes = co_await inner->read();
    if (!bytes || bytes->empty()) break;
    outer->write(*std::move(bytes));
    const TimePoint deadline = loop.now() + kWriteTimeout;
    if (outer->unsent() > kUnsentLimit && !co_await outer->drained(kUnsentLimit / 2, deadline)) break;
  }
  outer->close();
}

}  // namespace

struct RealPorts::Door : std::enable_shared_from_this<Door> {
  explicit Door(asio::io_context& io) : acceptor(io) {}
  void accept(RealPorts& ports) {
    acceptor.async_accept([self = shared_from_this(), &ports](error_code error, tcp::socket socket) {
      if (self->closed || error == asio::error::operation_aborted) return;
      if (!error) {
        EventLoop& loop = ports.driver_.loop();
        auto link = std::make_shared<Link<tcp::socket>>(loop, std::move(socket));
        std::shared_ptr<ByteStream> stream = std::make_shared<LinkStream<Link<tcp::socket>>>(link);
        ports.connections_.spawn(carry(loop, self->stack, self->port, std::move(stream)));
      }
      self->accept(ports);
    });
  }
  tcp::acceptor acceptor;
  std::shared_ptr<NetNamespace> stack;
  std::uint16_t port = 0;
  bool closed = false;
};

RealPorts::RealPorts(RealTime& driver) : driver_(driver), connections_(driver.loop()) {}

RealPorts::~RealPorts() {
  for (const auto& door : doors_) {
    door->closed = true;
    error_code ignored;
    door->acceptor.close(ignored);
  }
  connections_.cancel_all();
}

SysResult<std::uint16_t> RealPorts::open(std::shared_ptr<NetNamespace> stack, const std::string& address,
                                         std::uint16_t port) {
  error_code error;
  const tcp::endpoint endpoint(asio::ip::make_address(address, error), port);
  if (error) return Errno::kAddrNotAvail;
  auto door = std::make_shared<Door>(driver_.io());
  door->acceptor.open(endpoint.protocol(), error);
  if (!error) door->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.protocol() == tcp::v6()) door->acceptor.set_option(asio::ip::v6_only(true), error);
  if (!error) door->acceptor.bind(endpoint, error);
  if (!error) door->acceptor.listen(128, error);
  if (error) return errno_of(error.value());
  door->stack = std::move(stack);
  door->port = door->acceptor.local_endpoint(error).port();
  door->accept(*this);
  doors_.push_back(door);
  return door->port;
}

}  // namespace drydock::server
