#include "server/io/dialer.h"

#include <openssl/x509v3.h>

#include <boost/asio/io_context.hpp>
#include <fstream>
#include <vector>

#include "core/base/strings.h"
#include "core/pki/pki.h"
#include "server/io/network_link.h"
#include "server/io/real_time.h"

namespace drydock::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using TlsStream = asio::ssl::stream<tcp::socket>;

// Go names the server that it asked: " on 10.96.0.10:53".
std::string resolver_text() {
  std::ifstream file("/etc/resolv.conf");
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> words = split_whitespace(line);
    if (words.size() >= 2 && words[0] == "nameserver") {
      const bool v6 = contains(words[1], ":");
      return " on " + (v6 ? "[" + words[1] + "]" : words[1]) + ":53";
    }
  }
  return "";
}

std::string pem_of(X509* certificate) {
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(out);
  return pem;
}

std::string last_tls_error() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "handshake failure" : reason;
}

// Why the server's certificate is not taken; "" when it is.
std::string certificate_failure(SSL* connection, const Endpoint& endpoint) {
  if (endpoint.insecure_skip_verify) return "";
  X509* leaf = SSL_get1_peer_certificate(connection);
  if (leaf == nullptr) return "tls: no certificates configured";
  const std::string pem = pem_of(leaf);
  const std::string name = endpoint.server_name.empty() ? endpoint.host : endpoint.server_name;
  error_code no_address;
  asio::ip::make_address(name, no_address);
  const bool fits = no_address ? X509_check_host(leaf, name.data(), name.size(), 0, nullptr) == 1
                               : X509_check_ip_asc(leaf, name.c_str(), 0) == 1;
  X509_free(leaf);
  // Go looks at the name first.
  std::string why;
  const long verdict = SSL_get_verify_result(connection);
  if (!fits) {
    const Result<void> worded = pki::verify_host(pem, name);
    why = worded ? "x509: certificate is not valid for " + name : worded.error().message;
  } else if (verdict == X509_V_ERR_CERT_HAS_EXPIRED || verdict == X509_V_ERR_CERT_NOT_YET_VALID) {
    const Result<void> worded = pki::verify_chain(pem, endpoint.certificate_authority_pem, real_now());
    why = worded ? "x509: certificate has expired or is not yet valid" : worded.error().message;
  } else if (verdict != X509_V_OK) {
    why = "x509: certificate signed by unknown authority";
  }
  return why.empty() ? "" : "tls: failed to verify certificate: " + why;
}

Result<std::shared_ptr<asio::ssl::context>> make_context(const Endpoint& endpoint) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  error_code error;
  context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                       asio::ssl::context::no_tlsv1_1 | SSL_OP_IGNORE_UNEXPECTED_EOF);
  if (endpoint.certificate_authority_pem.empty()) {
    context->set_default_verify_paths(error);
  } else {
    // Each certificate of the bundle is a root.
    BIO* bundle = BIO_new_mem_buf(endpoint.certificate_authority_pem.data(),
                                  static_cast<int>(endpoint.certificate_authority_pem.size()));
    X509_STORE* store = SSL_CTX_get_cert_store(context->native_handle());
    int roots = 0;
    while (X509* root = PEM_read_bio_X509(bundle, nullptr, nullptr, nullptr)) {
      roots += X509_STORE_add_cert(store, root);
      X509_free(root);
    }
    BIO_free(bundle);
    ERR_clear_error();
    if (roots == 0) return Status::plain("unable to load root certificates: unable to parse bytes as PEM block");
    // A root need not be signed by itself: Go takes any certificate of the pool as one.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context->native_handle()), X509_V_FLAG_PARTIAL_CHAIN);
  }
  if (!endpoint.client_certificate_pem.empty()) {
    context->use_certificate_chain(asio::buffer(endpoint.client_certificate_pem), error);
    if (!error) context->use_private_key(asio::buffer(endpoint.client_key_pem), asio::ssl::context::pem, error);
    if (error) {
      ERR_clear_error();
      return Status::plain("tls: failed to find any PEM data in certificate input");
    }
    if (SSL_CTX_check_private_key(context->native_handle()) != 1)
      return Status::plain("tls: private key does not match public key");
  }
  // Judged after the handshake, where the reason can be told.
  context->set_verify_mode(asio::ssl::verify_peer, error);
  context->set_verify_callback([](bool, asio::ssl::verify_context&) { return true; }, error);
  return context;
}

// One asynchronous operation of Asio that a coroutine waits for. `abandon` ends it
// when nobody waits any longer.
struct Outcome {
  explicit Outcome(EventLoop& loop) : done(loop) {}
  drydock::Event done;
  std::optional<error_code> error;
  void set(error_code code) {
    error = code;
    done.notify_all();
  }
};

Task<error_code> wait_for(std::shared_ptr<Outcome> outcome, TimePoint deadline) {
  while (!outcome->error) {
    if (!co_await outcome->done.wait_until(deadline)) break;
  }
  co_return outcome->error.value_or(asio::error::timed_out);
}

std::string connect_text(const tcp::endpoint& target, error_code error) {
  const std::string head = "dial tcp " + endpoint_text(target) + ": ";
  return error == asio::error::timed_out ? head + "i/o timeout" : head + "connect: " + to_lower(error.message());
}

}  // namespace

Result<void> Dialer::check(const Endpoint& endpoint) {
  if (endpoint.tls) DRYDOCK_TRY_VOID(make_context(endpoint));
  return {};
}

Task<Result<std::shared_ptr<ByteStream>>> Dialer::dial(Endpoint endpoint, std::string protocol, Duration patience) {
  EventLoop& loop = driver_.loop();
  asio::io_context& io = driver_.io();
  const TimePoint deadline = loop.now() + patience;
  std::string host = endpoint.host;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  std::shared_ptr<asio::ssl::context> context;
  if (endpoint.tls) {
    DRYDOCK_CO_TRY(context, make_context(endpoint));
  }

  auto found = std::make_shared<std::vector<tcp::endpoint>>();
  error_code no_address;
  const asio::ip::address literal = asio::ip::make_address(host, no_address);
  if (!no_address) {
    found->push_back(tcp::endpoint(literal, endpoint.port));
  } else {
    auto resolver = std::make_shared<tcp::resolver>(io);
    auto looked_up = std::make_shared<Outcome>(loop);
    resolver->async_resolve(host, std::to_string(endpoint.port),
                            [found, looked_up, resolver](error_code error, tcp::resolver::results_type results) {
                              for (const auto& result : results) found->push_back(result.endpoint());
                              looked_up->set(error);
                            });
    const error_code error = co_await wait_for(looked_up, deadline);
    if (error || found->empty()) {
      const bool unknown = !error || error == asio::error::host_not_found || error == asio::error::no_data;
      co_return Status::plain("dial tcp: lookup " + host + resolver_text() + ": " +
                              (unknown ? "no such host" : "server misbehaving"));
    }
  }

  std::optional<std::string> first_failure;
  for (const tcp::endpoint& target : *found) {
    auto connected = std::make_shared<Outcome>(loop);
    std::shared_ptr<Link<tcp::socket>> plain;
    std::shared_ptr<Link<TlsStream>> secure;
    if (endpoint.tls) {
      // The context must outlive the connection.
      secure = std::shared_ptr<Link<TlsStream>>(new Link<TlsStream>(loop, tcp::socket(io), *context),
                                                [context](Link<TlsStream>* link) { delete link; });
    } else {
      plain = std::make_shared<Link<tcp::socket>>(loop, tcp::socket(io));
    }
    auto& socket = endpoint.tls ? secure->stream.next_layer() : plain->stream;
    socket.async_connect(target, [connected, plain, secure](error_code error) { connected->set(error); });
    const error_code error = co_await wait_for(connected, deadline);
    if (error) {
      if (plain) plain->abort();
      if (secure) secure->abort();
      if (!first_failure) first_failure = connect_text(target, error);
      continue;
    }
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    if (plain) {
      std::shared_ptr<ByteStream> stream = std::make_shared<LinkStream<Link<tcp::socket>>>(plain);
      co_return stream;
    }
    const std::string name = endpoint.server_name.empty() ? host : endpoint.server_name;
    SSL* connection = secure->stream.native_handle();
    if (no_address || !endpoint.server_name.empty()) SSL_set_tlsext_host_name(connection, name.c_str());
    const std::string offer = static_cast<char>(protocol.size()) + protocol;
    SSL_set_alpn_protos(connection, reinterpret_cast<const unsigned char*>(offer.data()),
                        static_cast<unsigned>(offer.size()));
    ERR_clear_error();
    auto greeted = std::make_shared<Outcome>(loop);
    auto why = std::make_shared<std::string>();
    secure->stream.async_handshake(asio::ssl::stream_base::client, [greeted, secure, why](error_code failed) {
      if (failed) *why = last_tls_error();
      greeted->set(failed);
    });
    const error_code failed = co_await wait_for(greeted, deadline);
    if (failed) {
      secure->abort();
      if (failed == asio::error::timed_out) co_return Status::plain("net/http: TLS handshake timeout");
      const std::string text = failed.message() + " " + *why;
      if (contains(text, "wrong version number") || contains(text, "packet length") || contains(text, "http request"))
        co_return Status::plain("http: server gave HTTP response to HTTPS client");
      if (failed == asio::error::eof || contains(text, "stream truncated") || contains(text, "unexpected eof"))
        co_return Status::plain("EOF");
      if (failed == asio::error::connection_reset)
        co_return Status::plain("read tcp " + endpoint_text(target) + ": read: connection reset by peer");
      co_return Status::plain("remote error: tls: " + to_lower(*why));
    }
    const std::string refused = certificate_failure(connection, endpoint);
    if (!refused.empty()) {
      secure->abort();
      co_return Status::plain(refused);
    }
    std::shared_ptr<ByteStream> stream = std::make_shared<LinkStream<Link<TlsStream>>>(secure);
    co_return stream;
  }
  co_return Status::plain(first_failure.value_or("dial tcp: lookup " + host + ": no such host"));
}

}  // namespace drydock::server
