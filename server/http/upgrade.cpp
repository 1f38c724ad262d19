#include "server/http/upgrade.h"

#include "core/base/strings.h"
#include "server/http/spdy_streams.h"
#include "server/http/websocket.h"
#include "server/http/websocket_streams.h"

namespace drydock::server {
namespace {

// Every value of a header that may come as a list, on one line or several.
std::vector<std::string> header_list(const HttpHeaders& headers, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& [field, value] : headers.fields()) {
    if (to_lower(field) != to_lower(name)) continue;
    for (const std::string& part : split(value, ',')) values.emplace_back(trim(part));
  }
  return values;
}

HttpResponse refusal(int status, std::string text) {
  HttpResponse response;
  response.status = status;
  response.headers.set("Content-Type", "text/plain; charset=utf-8");
  response.body.bytes = std::move(text);
  return response;
}

std::string switching(const std::vector<std::pair<std::string, std::string>>& headers) {
  std::string out = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n";
  for (const auto& [name, value] : headers) out += name + ": " + value + "\r\n";
  return out + "\r\n";
}

// The first of the client's protocols that we speak.
std::optional<std::string> negotiate(const std::vector<std::string>& offered, Upgrade kind, bool ports) {
  for (const std::string& protocol : offered) {
    if (kind == Upgrade::kSpdy && ports) {
      if (protocol == "portforward.k8s.io") return protocol;
    } else if (ports && protocol == kTunnelProtocol) {
      return protocol;
    } else if (channel_version(unwrapped_protocol(protocol)) > 0) {
      return protocol;
    }
  }
  return std::nullopt;
}

}  // namespace

Upgrade wanted_upgrade(const HttpRequest& request) {
  if (!contains(to_lower(request.headers.get("Connection")), "upgrade")) return Upgrade::kNone;
  const std::string protocol = to_lower(request.headers.get("Upgrade"));
  if (protocol == "websocket") return Upgrade::kWebSocket;
  if (protocol == "spdy/3.1") return Upgrade::kSpdy;
  return Upgrade::kNone;
}

Task<std::optional<HttpResponse>> serve_upgrade(EventLoop& loop, std::shared_ptr<ByteStream> link, std::string rest,
                                                Upgrade kind, HttpRequest request, HttpHandler& handler,
                                                HttpLimits limits) {
  const bool ports = is_port_forward(request);
  const bool spdy = kind == Upgrade::kSpdy;
  const char* header = spdy ? "X-Stream-Protocol-Version" : "Sec-WebSocket-Protocol";
  const std::vector<std::string> offered = header_list(request.headers, header);
  std::optional<std::string> protocol = negotiate(offered, kind, ports);
  // Old clients name none and mean the first.
  const bool unnamed = offered.empty();
  if (unnamed) protocol = "channel.k8s.io";
  const std::string key(request.headers.get("Sec-WebSocket-Key"));
  if (!spdy && (key.empty() || request.headers.get("Sec-WebSocket-Version") != "13"))
    co_return refusal(400, "websocket server handshake failed: bad WebSocket handshake\n");

  auto [ours, theirs] = StreamEnd::make_pair(loop);
  std::shared_ptr<StreamEnd> mine = ours;
  HttpRequest forwarded = request;
  forwarded.upgrade = std::move(theirs);
  if (ports) forwarded.query = HttpQuery();  // asks only whether it may; each port is opened by itself
  HttpResponse answer = co_await handler.handle(std::move(forwarded));
  if (answer.status != 101) co_return answer;
  if (!protocol) {
    co_return refusal(403, "unable to upgrade: unable to negotiate protocol: client supports [" + join(offered, " ") +
                               "], server accepts [" +
                               (ports ? "portforward.k8s.io" : "v5.channel.k8s.io v4.channel.k8s.io") + "]");
  }
  if (spdy) {
    link->write(switching({{"Upgrade", "SPDY/3.1"}, {"X-Stream-Protocol-Version", *protocol}}));
    if (ports)
      co_await forward_ports_over_spdy(loop, link, std::move(rest), std::move(request), handler, limits);
    else
      co_await stream_over_spdy(loop, link, std::move(rest), StreamWishes::of(request.query),
                                channel_version(*protocol), std::move(mine), limits);
  } else {
    std::vector<std::pair<std::string, std::string>> headers{{"Upgrade", "websocket"},
                                                             {"Sec-WebSocket-Accept", websocket_accept(key)}};
    if (!unnamed) headers.emplace_back("Sec-WebSocket-Protocol", *protocol);
    link->write(switching(headers));
    auto socket = std::make_shared<WebSocket>(*link, std::move(rest));
    if (ports && *protocol == kTunnelProtocol)
      co_await forward_ports_over_spdy(loop, make_tunnel(socket, link), "", std::move(request), handler, limits);
    else if (ports)
      co_await forward_ports_over_websocket(loop, link, socket, *protocol, std::move(request), handler, limits);
    else
      co_await stream_over_websocket(loop, link, socket, StreamWishes::of(request.query), *protocol, std::move(mine),
                                     limits);
  }
  link->close();
  co_return std::nullopt;
}

}  // namespace drydock::server
