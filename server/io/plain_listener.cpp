#include "server/io/plain_listener.h"

#include <boost/asio/io_context.hpp>

#include "core/base/strings.h"
#include "server/io/network_link.h"
#include "server/io/real_time.h"

namespace drydock::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kConnectionLimit = 256;

std::string endpoint_text(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(endpoint.port());
}

}  // namespace

struct PlainListener::State : std::enable_shared_from_this<State> {
  State(RealTime& real_time, TlsListener::Serve how)
      : driver(real_time), serve(std::move(how)), acceptor(real_time.io()), tasks(real_time.loop()) {}

  void accept() {
    acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
      if (self->closed || error == asio::error::operation_aborted) return;
      if (!error && self->tasks.running() < kConnectionLimit) {
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        ConnectionFacts facts;
        facts.peer_address = socket.remote_endpoint(ignored).address().to_string();
        facts.local_address = endpoint_text(socket.local_endpoint(ignored));
        auto link = std::make_shared<Link<tcp::socket>>(self->driver.loop(), std::move(socket));
        self->tasks.spawn(self->serve(std::make_shared<LinkStream<Link<tcp::socket>>>(link), std::move(facts)));
      }
      self->accept();
    });
  }

  RealTime& driver;
  TlsListener::Serve serve;
  tcp::acceptor acceptor;
  bool closed = false;
  TaskGroup tasks;
};

Result<std::unique_ptr<PlainListener>> PlainListener::open(RealTime& driver, const std::string& address,
                                                           std::uint16_t port, TlsListener::Serve serve) {
  auto state = std::make_shared<State>(driver, std::move(serve));
  const std::string target = address + ":" + std::to_string(port);
  error_code error;
  const asio::ip::address place = asio::ip::make_address(address, error);
  if (error) return Status::plain("listen tcp " + target + ": " + address + " is not an address");
  const tcp::endpoint endpoint(place, port);
  state->acceptor.open(endpoint.protocol(), error);
  if (!error) state->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) state->acceptor.bind(endpoint, error);
  if (!error) state->acceptor.listen(128, error);
  if (error) return Status::plain("listen tcp " + target + ": bind: " + to_lower(error.message()));
  state->accept();
  return std::unique_ptr<PlainListener>(new PlainListener(std::move(state)));
}

PlainListener::~PlainListener() {
  state_->closed = true;
  error_code ignored;
  state_->acceptor.close(ignored);
  state_->tasks.cancel_all();
}

std::uint16_t PlainListener::port() const {
  error_code ignored;
  return state_->acceptor.local_endpoint(ignored).port();
}

}  // namespace drydock::server
