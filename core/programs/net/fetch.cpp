#include "core/programs/net/fetch.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/process.h"
#include "core/machinery/json.h"
#include "core/programs/certificate_verifier.h"

namespace drydock {

std::optional<Url> parse_url(std::string_view text) {
  Url url;
  url.scheme = "http";
  const std::size_t mark = text.find("://");
  if (mark != std::string_view::npos) {
    url.scheme = to_lower(text.substr(0, mark));
    text.remove_prefix(mark + 3);
  }
  url.port = url.scheme == "https" ? 443 : 80;
  const std::size_t end = text.find_first_of("/?#");
  std::string_view authority = text.substr(0, end);
  std::string_view rest = end == std::string_view::npos ? std::string_view() : text.substr(end);
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    url.user = std::string(authority.substr(0, at));
    authority.remove_prefix(at + 1);
  }
  std::size_t colon = authority.rfind(':');
  if (authority.starts_with("[")) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    url.host = std::string(authority.substr(1, close - 1));
    colon = close + 1 < authority.size() && authority[close + 1] == ':' ? close + 1 : std::string_view::npos;
  } else {
    url.host = std::string(authority.substr(0, colon));
  }
  if (colon != std::string_view::npos) {
    const auto port = parse_int(authority.substr(colon + 1));
    if (!port || *port < 0 || *port > 65535) return std::nullopt;
    url.port = static_cast<std::uint16_t>(*port);
    url.port_given = true;
  }
  if (url.host.empty() || url.host.find_first_of(" \t\"<>") != std::string::npos) return std::nullopt;
  rest = rest.substr(0, rest.find('#'));
  const std::size_t question = rest.find('?');
  url.path = std::string(rest.substr(0, question));
  if (url.path.empty()) url.path = "/";
  if (question != std::string_view::npos) url.query = std::string(rest.substr(question + 1));
  return url;
}

std::optional<Url> resolve_location(const Url& base, std::string_view location) {
  if (contains(location, "://")) return parse_url(location);
  if (location.starts_with("//")) return parse_url(base.scheme + ":" + std::string(location));
  if (location.starts_with("/")) return parse_url(base.scheme + "://" + base.authority() + std::string(location));
  const std::string folder = base.path.substr(0, base.path.rfind('/') + 1);
  return parse_url(base.scheme + "://" + base.authority() + folder + std::string(location));
}

ResolverConfig process_resolver(Process& process) {
  return parse_resolver_config(process.read_file("/etc/resolv.conf").value_or(""),
                               process.read_file("/etc/hosts").value_or(""));
}

Task<Resolution> resolve_name(Process& process, std::string name) {
  co_return co_await resolve_host(process.namespaces().network, process_resolver(process), std::move(name));
}

Task<Result<Fetched, FetchFailure>> fetch(Process& process, FetchRequest request) {
  const TimePoint start = process.now();
  FetchFailure failure;
  if (request.addresses.empty()) {
    Resolution found = co_await resolve_name(process, request.url.host);
    if (found.kind != Resolution::Kind::kFound) {
      failure.resolution = found.kind;
      failure.elapsed = process.now() - start;
      co_return failure;
    }
    request.addresses = std::move(found.addresses);
  }
  Fetched got;
  got.name_time = process.now() - start;
  failure.stage = FetchFailure::Stage::kExchange;
  std::shared_ptr<HttpConnection> connection;
  for (Ipv4 address : request.addresses) {
    HttpDial dial;
    dial.address = address;
    dial.port = request.url.port;
    dial.tls = request.url.scheme == "https";
    dial.server_name = request.url.host;
    dial.roots_pem = request.roots_pem;
    dial.skip_verify = request.insecure;
    dial.client_certificate_pem = request.client_certificate_pem;
    dial.client_key_pem = request.client_key_pem;
    dial.verifier = &CertificateVerifier::shared();
    dial.connect.owner = {process.host_pid(), std::string(process.name())};
    if (request.connect_deadline)
      dial.connect.deadline = request.connect_deadline;
    else
      dial.connect.deadline = request.deadline;
    auto dialled = co_await HttpConnection::dial(process.namespaces().network, std::move(dial));
    if (dialled) {
      connection = std::move(*dialled);
      break;
    }
    failure.http = dialled.error();
    failure.address = address;
    if (failure.http.kind != HttpFailure::Kind::kConnect) break;
  }
  failure.elapsed = process.now() - start;
  if (!connection) co_return failure;
  got.connect_time = process.now() - start;
  got.ends = connection->ends();
  HttpRequest message;
  message.method = request.method;
  message.path = url_decode(request.url.path);
  message.query = HttpQuery::parse(request.url.query);
  message.headers = std::move(request.headers);
  message.body.bytes = std::move(request.body);
  auto response = co_await connection->request(std::move(message), request.url.authority(), request.deadline);
  failure.elapsed = process.now() - start;
  if (!response) {
    failure.http = response.error();
    co_return failure;
  }
  got.response = std::move(*response);
  got.total_time = process.now() - start;
  co_return got;
}

std::string fetched_body(const HttpResponse& response) {
  return response.body.document.is_null() ? response.body.bytes
                                          : dump_json(response.body.document, {.indent = 2}) + "\n";
}

}  // namespace drydock
