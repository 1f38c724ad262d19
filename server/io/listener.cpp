#include "server/io/listener.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <vector>

#include "core/base/strings.h"
#include "server/io/network_link.h"
#include "server/io/real_time.h"

namespace drydock::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

using SecureLink = Link<asio::ssl::stream<tcp::socket>>;

// The certificate that the client has proved to hold, when our CA vouches for it.
std::string leaf_pem(SSL* connection) {
  if (SSL_get_verify_result(connection) != X509_V_OK) return "";
  X509* leaf = SSL_get1_peer_certificate(connection);
  if (leaf == nullptr) return "";
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, leaf);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(out);
  X509_free(leaf);
  return pem;
}

std::string chosen_protocol(SSL* connection) {
  const unsigned char* text = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(connection, &text, &size);
  return size == 0 ? "" : std::string(reinterpret_cast<const char*>(text), size);
}

// The first of our protocols that the client offers.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int size, void* argument) {
  for (const std::string& ours : *static_cast<const std::vector<std::string>*>(argument)) {
    for (unsigned int at = 0; at < size; at += 1u + offered[at]) {
      const std::string_view theirs(reinterpret_cast<const char*>(offered) + at + 1, offered[at]);
      if (at + 1u + offered[at] > size || theirs != ours) continue;
      *out = offered + at + 1;
      *out_size = offered[at];
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

struct Listener::State : std::enable_shared_from_this<State> {
  State(RealTime& real_time, ListenerOptions with, Serve how)
      : driver(real_time),
        options(std::move(with)),
        serve(std::move(how)),
        context(asio::ssl::context::tls_server),
        acceptor(real_time.io()),
        tasks(real_time.loop()) {}

  Result<void> prepare_tls();
  void accept() {
    acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
      if (self->closed || error == asio::error::operation_aborted) return;
      if (!error && self->tasks.running() < self->options.connection_limit) self->greet(std::move(socket));
      self->accept();
    });
  }

  static ConnectionFacts facts_of(const tcp::socket& socket) {
    error_code gone;
    ConnectionFacts facts;
    facts.peer_address = socket.remote_endpoint(gone).address().to_string();
    facts.local_address = endpoint_text(socket.local_endpoint(gone));
    return facts;
  }

  void greet(tcp::socket socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    if (!options.tls) {
      ConnectionFacts facts = facts_of(socket);
      auto link = std::make_shared<Link<tcp::socket>>(driver.loop(), std::move(socket));
      tasks.spawn(serve(std::make_shared<LinkStream<Link<tcp::socket>>>(link), std::move(facts)));
      return;
    }
    auto link = std::make_shared<SecureLink>(driver.loop(), std::move(socket), context);
    auto patience = std::make_shared<asio::steady_timer>(driver.io(), options.handshake_timeout);
    patience->async_wait([link](error_code error) {
      if (!error) link->abort();
    });
    link->stream.async_handshake(
        asio::ssl::stream_base::server, [self = shared_from_this(), link, patience](error_code error) {
          patience->cancel();
          if (error || self->closed) {
            link->abort();
            return;
          }
          ConnectionFacts facts = facts_of(link->stream.next_layer());
          facts.client_certificate_pem = leaf_pem(link->stream.native_handle());
          facts.protocol = chosen_protocol(link->stream.native_handle());
          self->tasks.spawn(self->serve(std::make_shared<LinkStream<SecureLink>>(link), std::move(facts)));
        });
  }

  RealTime& driver;
  ListenerOptions options;
  Serve serve;
  std::vector<std::string> protocols;
  asio::ssl::context context;
  tcp::acceptor acceptor;
  bool closed = false;
  TaskGroup tasks;
};

// The context as the options have it: certificate, clients' CA, protocols.
Result<void> Listener::State::prepare_tls() {
  error_code error;
  context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                      asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1 |
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  context.use_certificate_chain(asio::buffer(options.certificate_pem), error);
  if (!error) context.use_private_key(asio::buffer(options.key_pem), asio::ssl::context::pem, error);
  if (!error) context.add_certificate_authority(asio::buffer(options.client_ca_pem), error);
  if (error) return Status::plain("tls: " + error.message());
  // Whoever comes with a certificate of nobody we know is let in as nobody: the API
  // server then answers 401, where a broken handshake would explain nothing.
  context.set_verify_mode(asio::ssl::verify_peer, error);
  context.set_verify_callback([](bool, asio::ssl::verify_context&) { return true; }, error);
  // Clients may resume a session; their certificate is part of it.
  static const unsigned char kSessionContext[] = "drydock";
  SSL_CTX_set_session_id_context(context.native_handle(), kSessionContext, sizeof kSessionContext);
  // The CA's name is sent so that clients with several certificates find theirs.
  if (BIO* authority = BIO_new_mem_buf(options.client_ca_pem.data(), static_cast<int>(options.client_ca_pem.size()))) {
    if (X509* certificate = PEM_read_bio_X509(authority, nullptr, nullptr, nullptr)) {
      SSL_CTX_add_client_CA(context.native_handle(), certificate);
      X509_free(certificate);
    }
    BIO_free(authority);
  }
  protocols = split(options.protocols, ',');
  SSL_CTX_set_alpn_select_cb(context.native_handle(), choose_protocol, &protocols);
  SSL_CTX_set_mode(context.native_handle(), SSL_MODE_RELEASE_BUFFERS);
  return {};
}

Result<std::unique_ptr<Listener>> Listener::open(RealTime& driver, ListenerOptions options, Serve serve) {
  auto state = std::make_shared<State>(driver, std::move(options), std::move(serve));
  const ListenerOptions& wanted = state->options;
  const std::string target = wanted.address + ":" + std::to_string(wanted.port);
  error_code error;
  const asio::ip::address address = asio::ip::make_address(wanted.address, error);
  if (error) return Status::plain("listen tcp " + target + ": " + wanted.address + " is not an address");
  if (wanted.tls) DRYDOCK_TRY_VOID(state->prepare_tls());
  const tcp::endpoint endpoint(address, wanted.port);
  state->acceptor.open(endpoint.protocol(), error);
  if (!error) state->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) state->acceptor.bind(endpoint, error);
  if (!error) state->acceptor.listen(512, error);
  if (error) return Status::plain("listen tcp " + target + ": bind: " + to_lower(error.message()));
  state->accept();
  return std::unique_ptr<Listener>(new Listener(std::move(state)));
}

Listener::~Listener() {
  state_->closed = true;
  error_code ignored;
  state_->acceptor.close(ignored);
  state_->tasks.cancel_all();
}

std::uint16_t Listener::port() const {
  error_code ignored;
  return state_->acceptor.local_endpoint(ignored).port();
}

}  // namespace drydock::server
