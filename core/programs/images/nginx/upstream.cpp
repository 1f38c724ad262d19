// proxy_pass.
// https://nginx.org/en/docs/http/ngx_http_proxy_module.html
#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/timestamp.h"
#include "core/programs/images/nginx/request.h"
#include "core/programs/images/serving.h"
#include "core/programs/net/fetch.h"

namespace drydock::nginx {
namespace {

constexpr Duration kDefaultTimeout = seconds(60);

struct Target {
  std::string host;
  std::uint16_t port = 80;
  bool secure = false;
  std::string uri;  // "" when proxy_pass has none
};

std::optional<Target> parse_target(std::string_view text) {
  Target target;
  if (text.starts_with("https://")) {
    target.secure = true;
    target.port = 443;
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else {
    return std::nullopt;
  }
  const std::size_t slash = text.find('/');
  std::string_view authority = text.substr(0, slash);
  if (slash != std::string_view::npos) target.uri = std::string(text.substr(slash));
  if (const std::size_t colon = authority.rfind(':'); colon != std::string_view::npos) {
    const auto port = parse_int(authority.substr(colon + 1));
    if (!port || *port < 1 || *port > 65535) return std::nullopt;
    target.port = static_cast<std::uint16_t>(*port);
    authority = authority.substr(0, colon);
  }
  target.host = std::string(authority);
  if (target.host.empty()) return std::nullopt;
  return target;
}

Duration timeout_of(const Request& request, std::string_view name) {
  const Directive* directive = request.scope().find(name);
  if (directive == nullptr) return kDefaultTimeout;
  const std::string& text = directive->argument(0);
  if (const auto number = parse_int(text)) return seconds(*number);
  return parse_go_duration(text).value_or(kDefaultTimeout);
}

// The peers to try, in order: round robin over weights, backups last.
std::vector<const Peer*> order_peers(Upstream& upstream) {
  std::vector<const Peer*> wheel;
  for (const Peer& peer : upstream.peers) {
    if (peer.down || peer.backup) continue;
    for (int i = 0; i < peer.weight; ++i) wheel.push_back(&peer);
  }
  std::vector<const Peer*> order;
  for (std::size_t i = 0; i < wheel.size(); ++i) {
    const Peer* peer = wheel[(upstream.next + i) % wheel.size()];
    if (std::find(order.begin(), order.end(), peer) == order.end()) order.push_back(peer);
  }
  ++upstream.next;
  for (const Peer& peer : upstream.peers) {
    if (peer.backup && !peer.down) order.push_back(&peer);
  }
  return order;
}

bool hop_by_hop(std::string_view name) {
  const std::string lower = to_lower(name);
  return lower == "connection" || lower == "keep-alive" || lower == "transfer-encoding" || lower == "upgrade" ||
         lower == "te" || lower == "host" || lower == "content-length" || lower == "expect";
}

HttpHeaders upstream_headers(const Request& request, const std::string& proxy_host) {
  HttpHeaders headers;
  const std::vector<const Directive*> set = request.scope().all("proxy_set_header");
  auto is_set = [&](std::string_view name) {
    return std::any_of(set.begin(), set.end(),
                       [&](const Directive* line) { return to_lower(line->argument(0)) == to_lower(name); });
  };
  if (!is_set("Host")) headers.add("Host", proxy_host);
  for (const Directive* line : set) {
    const std::string value = line->argument(1) == "$proxy_host" ? proxy_host : expand(request, line->argument(1));
    if (!value.empty()) headers.add(line->argument(0), value);
  }
  if (!is_set("Connection")) headers.add("Connection", "close");
  for (const auto& [name, value] : request.raw->headers.fields()) {
    if (!hop_by_hop(name) && !is_set(name)) headers.add(name, value);
  }
  return headers;
}

std::string upstream_uri(const Request& request, const Target& target, bool has_variables) {
  const std::string arguments = request.arguments.empty() ? "" : "?" + request.arguments;
  auto encoded = [](std::string_view path) {
    std::string out;
    for (const std::string& segment : split(path, '/'))
      out += (out.empty() && segment.empty() ? "" : "/") + url_encode_path_segment(segment);
    return out.empty() ? std::string("/") : out.starts_with("/") ? out : "/" + out;
  };
  if (has_variables && !target.uri.empty()) return target.uri;
  if (target.uri.empty() || request.location == nullptr || request.location->kind == Location::Kind::kRegex ||
      request.location->kind == Location::Kind::kNamed)
    return encoded(request.uri) + arguments;
  const std::size_t matched = std::min(request.location->pattern.size(), request.uri.size());
  return encoded(target.uri + request.uri.substr(matched)) + arguments;
}

// Follows proxy_redirect default: the upstream's own name in Location becomes ours.
std::string fix_location(const Request& request, const Target& target, std::string location) {
  const std::string own = std::string(target.secure ? "https://" : "http://") + target.host +
                          (target.port == (target.secure ? 443 : 80) ? "" : ":" + std::to_string(target.port));
  if (!location.starts_with(own)) return location;
  location = location.substr(own.size());
  if (!target.uri.empty() && location.starts_with(target.uri) && request.location != nullptr)
    location = request.location->pattern + location.substr(target.uri.size());
  const std::string port = variable(request, "server_port");
  return "http://" + variable(request, "host") + (port == "80" ? "" : ":" + port) +
         (location.starts_with("/") ? location : "/" + location);
}

}  // namespace

Task<Result<void, ConfigError>> resolve_upstreams(Process& process, Config& config) {
  for (auto& [name, upstream] : config.upstreams) {
    for (Peer& peer : upstream.peers) {
      if (peer.host.starts_with("unix:")) continue;
      const Resolution found = co_await resolve_name(process, peer.host);
      if (found.kind != Resolution::Kind::kFound) {
        std::string where;
        for (const Directive& directive : config.http.block->block) {
          if (directive.name != "upstream" || directive.argument(0) != name) continue;
          for (const Directive& server : directive.block) {
            if (server.argument(0).starts_with(peer.host)) where = server.where();
          }
        }
        co_return ConfigError{"host not found in upstream \"" + peer.host +
                              (peer.port == 80 ? "" : ":" + std::to_string(peer.port)) + "\"" + where};
      }
      peer.addresses = found.addresses;
    }
  }
  // Every proxy_pass in the tree, named without variables.
  std::vector<const Directive*> pending{&config.main()};
  while (!pending.empty()) {
    const Directive* directive = pending.back();
    pending.pop_back();
    for (const Directive& inner : directive->block) pending.push_back(&inner);
    if (directive->name != "proxy_pass" || contains(directive->argument(0), "$")) continue;
    const auto target = parse_target(directive->argument(0));
    if (!target) co_return ConfigError{"invalid URL prefix" + directive->where()};
    if (config.upstreams.contains(target->host) || config.hosts.contains(target->host)) continue;
    const Resolution found = co_await resolve_name(process, target->host);
    if (found.kind != Resolution::Kind::kFound)
      co_return ConfigError{"host not found in upstream \"" + target->host + "\"" + directive->where()};
    config.hosts[target->host] = found.addresses;
  }
  co_return Result<void, ConfigError>();
}

Task<Content> serve_proxy(Request& request, const Directive& pass) {
  Content content;
  content.status = 502;
  const bool has_variables = contains(pass.argument(0), "$");
  const auto target = parse_target(expand(request, pass.argument(0)));
  if (!target) {
    co_await log_request_error(request, "error", "invalid URL prefix in \"" + expand(request, pass.argument(0)) + "\"");
    content.status = 500;
    co_return content;
  }
  struct Attempt {
    Ipv4 address;
    std::uint16_t port;
  };
  std::vector<Attempt> attempts;
  const auto upstream = request.config->upstreams.find(target->host);
  if (upstream != request.config->upstreams.end()) {
    for (const Peer* peer : order_peers(upstream->second)) {
      for (const Ipv4& address : peer->addresses) attempts.push_back({address, peer->port});
    }
  } else if (const auto host = request.config->hosts.find(target->host); host != request.config->hosts.end()) {
    for (const Ipv4& address : host->second) attempts.push_back({address, target->port});
  } else if (const auto literal = Ipv4::parse(target->host)) {
    attempts.push_back({*literal, target->port});
  } else {
    if (request.scope().find("resolver") == nullptr) {
      co_await log_request_error(request, "error", "no resolver defined to resolve " + target->host);
      co_return content;
    }
    const Resolution found = co_await resolve_name(*request.process, target->host);
    if (found.kind != Resolution::Kind::kFound) {
      co_await log_request_error(request, "error", target->host + " could not be resolved (3: Host not found)");
      co_return content;
    }
    for (const Ipv4& address : found.addresses) attempts.push_back({address, target->port});
  }
  if (attempts.empty()) {
    co_await log_request_error(request, "error", "no live upstreams while connecting to upstream");
    co_return content;
  }
  const std::string default_host =
      target->host + (target->port == (target->secure ? 443 : 80) ? "" : ":" + std::to_string(target->port));
  const std::string uri = upstream_uri(request, *target, has_variables);
  const std::size_t question = uri.find('?');
  for (const Attempt& attempt : attempts) {
    FetchRequest fetched;
    fetched.url.scheme = target->secure ? "https" : "http";
    fetched.url.host = target->host;
    fetched.url.port = attempt.port;
    fetched.url.port_given = true;
    fetched.url.path = uri.substr(0, question);
    if (question != std::string::npos) fetched.url.query = uri.substr(question + 1);
    fetched.method = request.raw->method;
    fetched.headers = upstream_headers(request, default_host);
    fetched.body = request.raw->body.text();
    fetched.insecure = true;
    fetched.addresses = {attempt.address};
    fetched.connect_deadline = request.process->now() + timeout_of(request, "proxy_connect_timeout");
    fetched.deadline = request.process->now() + timeout_of(request, "proxy_read_timeout");
    request.upstream_address = attempt.address.text() + ":" + std::to_string(attempt.port);
    auto got = co_await fetch(*request.process, std::move(fetched));
    if (!got) {
      const HttpFailure& failure = got.error().http;
      content.status = 502;
      std::string why = "upstream prematurely closed connection while reading response header from upstream";
      if (failure.kind == HttpFailure::Kind::kDeadline ||
          (failure.kind == HttpFailure::Kind::kConnect && failure.error == Errno::kTimedOut)) {
        content.status = 504;
        why = failure.kind == HttpFailure::Kind::kDeadline
                  ? "upstream timed out (110: Operation timed out) while reading response header from upstream"
                  : "upstream timed out (110: Operation timed out) while connecting to upstream";
      } else if (failure.kind == HttpFailure::Kind::kConnect) {
        why = "connect() failed (" + std::to_string(static_cast<int>(failure.error)) + ": " +
              std::string(errno_text(failure.error)) + ") while connecting to upstream";
      }
      co_await log_request_error(request, "error", why);
      continue;
    }
    HttpResponse& answer = got->response;
    request.upstream_status = std::to_string(answer.status);
    content.status = 0;
    content.response.status = answer.status;
    for (const auto& [name, value] : answer.headers.fields()) {
      const std::string lower = to_lower(name);
      if (lower == "connection" || lower == "server" || lower == "date" || lower == "transfer-encoding" ||
          lower == "content-length" || lower == "keep-alive")
        continue;
      const std::vector<const Directive*> hidden = request.scope().all("proxy_hide_header");
      if (std::any_of(hidden.begin(), hidden.end(),
                      [&](const Directive* line) { return to_lower(line->argument(0)) == lower; }))
        continue;
      content.response.headers.add(name, lower == "location" ? fix_location(request, *target, value) : value);
    }
    content.response.body.bytes = fetched_body(answer);
    content.response.stream = answer.stream;
    const Directive* intercept = request.scope().find("proxy_intercept_errors");
    if (intercept != nullptr && intercept->argument(0) == "on" && answer.status >= 300) content.status = answer.status;
    co_return content;
  }
  co_return content;
}

}  // namespace drydock::nginx
