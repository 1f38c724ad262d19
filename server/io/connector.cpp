#include "server/io/connector.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

#include "core/base/strings.h"
#include "server/io/network_link.h"
#include "server/io/real_time.h"

namespace drydock::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Made = Result<std::shared_ptr<ByteStream>>;
using PlainLink = Link<tcp::socket>;
using SecureLink = Link<asio::ssl::stream<tcp::socket>>;

// One connection on its way; alive as long as an operation of the network holds it.
class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  Attempt(RealTime& driver, asio::ssl::context& context, std::string host, std::uint16_t port, bool secure)
      : done(driver.loop()),
        driver_(driver),
        context_(context),
        host_(std::move(host)),
        port_(port),
        secure_(secure),
        resolver_(driver.io()),
        socket_(driver.io()) {}

  void begin() {
    error_code error;
    const asio::ip::address address = asio::ip::make_address(host_, error);
    if (!error) {
      connect({tcp::endpoint(address, port_)});
      return;
    }
    resolver_.async_resolve(host_, std::to_string(port_),
                            [self = shared_from_this()](error_code failed, const tcp::resolver::results_type& found) {
                              if (failed) {
                                self->fail("lookup " + self->host_ + ": no such host");
                                return;
                              }
                              std::vector<tcp::endpoint> all;
                              for (const auto& entry : found) all.push_back(entry.endpoint());
                              self->connect(std::move(all));
                            });
  }
  void give_up() {
    resolver_.cancel();
    error_code ignored;
    socket_.close(ignored);
    if (secured_) secured_->abort();
    fail("i/o timeout");
  }

  OneShot<Made> done;

 private:
  void fail(const std::string& why) {
    done.set(Status::plain("dial tcp " + host_ + ":" + std::to_string(port_) + ": " + why));
  }
  void connect(std::vector<tcp::endpoint> targets) {
    targets_ = std::move(targets);
    asio::async_connect(socket_, targets_, [self = shared_from_this()](error_code error, const tcp::endpoint&) {
      if (error)
        self->fail("connect: " + to_lower(error.message()));
      else
        self->connected();
    });
  }
  void connected() {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    if (!secure_) {
      done.set(std::shared_ptr<ByteStream>(
          std::make_shared<LinkStream<PlainLink>>(std::make_shared<PlainLink>(driver_.loop(), std::move(socket_)))));
      return;
    }
    secured_ = std::make_shared<SecureLink>(driver_.loop(), std::move(socket_), context_);
    SSL* session = secured_->stream.native_handle();
    error_code literal;
    asio::ip::make_address(host_, literal);
    if (literal) SSL_set_tlsext_host_name(session, host_.c_str());
    secured_->stream.set_verify_callback(asio::ssl::host_name_verification(host_), ignored);
    secured_->stream.async_handshake(asio::ssl::stream_base::client, [self = shared_from_this()](error_code error) {
      if (error) {
        const long verdict = SSL_get_verify_result(self->secured_->stream.native_handle());
        self->secured_->abort();
        self->fail(verdict == X509_V_OK ? "tls: " + error.message()
                                        : std::string("x509: ") + X509_verify_cert_error_string(verdict));
        return;
      }
      self->done.set(std::shared_ptr<ByteStream>(std::make_shared<LinkStream<SecureLink>>(self->secured_)));
    });
  }

  RealTime& driver_;
  asio::ssl::context& context_;
  std::string host_;
  std::uint16_t port_;
  bool secure_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  std::vector<tcp::endpoint> targets_;
  std::shared_ptr<SecureLink> secured_;
};

}  // namespace

struct Connector::State {
  State(RealTime& real_time) : driver(real_time), context(asio::ssl::context::tls_client) {}
  RealTime& driver;
  asio::ssl::context context;
};

Result<std::unique_ptr<Connector>> Connector::open(RealTime& driver, ConnectorOptions options) {
  auto state = std::make_shared<State>(driver);
  asio::ssl::context& context = state->context;
  error_code error;
  context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                      asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1 |
                      SSL_OP_IGNORE_UNEXPECTED_EOF);
  if (options.ca_pem.empty())
    context.set_default_verify_paths(error);
  else
    context.add_certificate_authority(asio::buffer(options.ca_pem), error);
  if (error) return Status::plain("unable to load client CA: " + error.message());
  if (!options.certificate_pem.empty()) {
    context.use_certificate_chain(asio::buffer(options.certificate_pem), error);
    if (!error) context.use_private_key(asio::buffer(options.key_pem), asio::ssl::context::pem, error);
    // As Go's tls.X509KeyPair says it.
    if (error) return Status::plain("tls: failed to find any PEM data in certificate or key input");
    if (SSL_CTX_check_private_key(context.native_handle()) != 1)
      return Status::plain("tls: private key does not match public key");
  }
  context.set_verify_mode(asio::ssl::verify_peer, error);
  if (!options.protocol.empty()) {
    const std::string wire = static_cast<char>(options.protocol.size()) + options.protocol;
    SSL_CTX_set_alpn_protos(context.native_handle(), reinterpret_cast<const unsigned char*>(wire.data()),
                            static_cast<unsigned>(wire.size()));
  }
  SSL_CTX_set_mode(context.native_handle(), SSL_MODE_RELEASE_BUFFERS);
  return std::unique_ptr<Connector>(new Connector(std::move(state)));
}

Connector::~Connector() = default;

Task<Result<std::shared_ptr<ByteStream>>> Connector::connect(std::string host, std::uint16_t port, bool secure,
                                                             TimePoint deadline) {
  RealTime& driver = state_->driver;
  const auto attempt = std::make_shared<Attempt>(driver, state_->context, std::move(host), port, secure);
  attempt->begin();
  // Whoever is destroyed while waiting leaves nothing behind.
  struct Cancel {
    std::shared_ptr<Attempt> attempt;
    EventLoop& loop;
    TimerId timer;
    ~Cancel() {
      loop.cancel(timer);
      if (!attempt->done.is_set()) attempt->give_up();
    }
  } cancel{attempt, driver.loop(), driver.loop().call_at(deadline, [attempt] { attempt->give_up(); })};
  Made made = co_await attempt->done.wait();
  co_return made;
}

}  // namespace drydock::server
