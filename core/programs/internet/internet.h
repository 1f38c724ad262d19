// Internet: what lies behind the gateway: names, and web servers that answer under
// well-known URLs (manifests of network add-ons, the examples of kubernetes.io).
// Also the world's nameserver, on the gateway.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/machinery/http_message.h"
#include "core/network/dns.h"
#include "core/network/http_server.h"

namespace drydock {

class Network;

class Internet final : public HttpHandler, public DnsServer {
 public:
  explicit Internet(Network& network);
  ~Internet() override;

  Task<HttpResponse> handle(HttpRequest request) override;
  Task<DnsMessage> answer(DnsMessage query, Ipv4 client) override;
  // The address of a known name; nullopt for names that do not exist.
  std::optional<Ipv4> address_of(std::string_view name) const;

 private:
  std::shared_ptr<NetNamespace> stack_;
  std::map<std::string, Ipv4, std::less<>> addresses_;  // by name
  std::map<Ipv4, std::string> names_;
  std::unique_ptr<HttpListener> http_;
  std::unique_ptr<HttpListener> https_;
  std::unique_ptr<DnsService> dns_;         // on the gateway
  std::unique_ptr<DnsService> public_dns_;  // 8.8.8.8 and its like
};

}  // namespace drydock
