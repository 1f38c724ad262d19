// DNS: messages, the resolver of a machine or pod, and the serving side.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/sync.h"
#include "core/base/sys_result.h"
#include "core/network/udp.h"

namespace drydock {

enum class DnsType : std::uint16_t {
  kA = 1,
  kNs = 2,
  kCname = 5,
  kSoa = 6,
  kPtr = 12,
  kMx = 15,
  kTxt = 16,
  kAaaa = 28,
  kSrv = 33,
  kAny = 255
};
std::string_view dns_type_name(DnsType type);  // "A"
std::optional<DnsType> dns_type_of(std::string_view name);

enum class DnsCode : std::uint8_t {
  kNoError = 0,
  kFormErr = 1,
  kServFail = 2,
  kNxDomain = 3,
  kNotImp = 4,
  kRefused = 5
};
std::string_view dns_code_name(DnsCode code);  // "NXDOMAIN"

struct DnsRecord {
  std::string name;  // absolute, lower case, with the final dot
  DnsType type = DnsType::kA;
  std::uint32_t ttl = 30;
  std::string data;  // as dig prints it: "10.96.0.1", "0 100 443 web.default.svc.cluster.local."
};

struct DnsMessage {
  std::uint16_t id = 0;
  std::string name;  // absolute, lower case, with the final dot
  DnsType type = DnsType::kA;
  bool recursion_desired = true;
  // Answers only.
  DnsCode code = DnsCode::kNoError;
  bool authoritative = false;
  std::vector<DnsRecord> answers;
  std::vector<DnsRecord> authority;
  std::vector<DnsRecord> additional;
};

// "Web.Default" -> "web.default."
std::string absolute_dns_name(std::string_view name);
// "10.0.0.2" -> "2.0.0.10.in-addr.arpa."
std::string reverse_dns_name(Ipv4 address);
std::optional<Ipv4> address_of_reverse_name(std::string_view name);

// What answers queries: CoreDNS, the world's nameserver.
class DnsServer {
 public:
  virtual ~DnsServer() = default;
  // `client` is who asks. The answer's id and question are filled in by the service.
  virtual Task<DnsMessage> answer(DnsMessage query, Ipv4 client) = 0;
};

// Serves a DnsServer on UDP port 53 (or another) of a stack.
class DnsService {
 public:
  static SysResult<std::unique_ptr<DnsService>> open(std::shared_ptr<NetNamespace> stack, std::uint16_t port,
                                                     DnsServer& server, SocketOwner owner = {});

 private:
  DnsService(EventLoop& loop, std::unique_ptr<UdpSocket> socket, DnsServer& server);
  Task<void> serve();
  Task<void> answer(Datagram datagram);
  std::unique_ptr<UdpSocket> socket_;
  DnsServer& server_;
  TaskGroup tasks_;
};

// How a machine or pod resolves names: /etc/resolv.conf and /etc/hosts.
struct ResolverConfig {
  std::vector<Ipv4> nameservers;
  std::vector<std::string> search;
  int ndots = 1;
  Duration timeout = seconds(5);
  int attempts = 2;
  std::map<std::string, std::vector<Ipv4>, std::less<>> hosts;
};
ResolverConfig parse_resolver_config(std::string_view resolv_conf, std::string_view hosts);

// Names to try for `name`, in order, absolute.
std::vector<std::string> search_candidates(const ResolverConfig& config, std::string_view name);

struct DnsFailure {
  enum class Kind { kTimeout, kRefused, kUnreachable };
  Kind kind = Kind::kTimeout;
  Ipv4 server;
};
// One question to one server.
Task<Result<DnsMessage, DnsFailure>> dns_query(std::shared_ptr<NetNamespace> stack, Ipv4 server, std::string name,
                                               DnsType type, Duration timeout = seconds(5), int attempts = 2,
                                               std::uint16_t port = 53);

struct Resolution {
  enum class Kind { kFound, kNoSuchHost, kNoData, kTemporary };
  Kind kind = Kind::kNoSuchHost;
  std::vector<Ipv4> addresses;
  std::string canonical_name;  // without the final dot
  Ipv4 server;                 // who answered, or did not
  bool timed_out = false;
};
// As getaddrinfo: literal addresses, hosts, then the servers with the search list.
Task<Resolution> resolve_host(std::shared_ptr<NetNamespace> stack, ResolverConfig config, std::string name);
// For NetworkTransport: errors as Go's resolver words them.
Task<Result<std::vector<Ipv4>>> resolve_for_go(std::shared_ptr<NetNamespace> stack, ResolverConfig config,
                                               std::string name);

}  // namespace drydock
