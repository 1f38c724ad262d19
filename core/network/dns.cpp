#include "core/network/dns.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/network/network.h"

namespace drydock {
namespace {

struct TypeName {
  DnsType type;
  std::string_view name;
};
constexpr TypeName kTypeNames[] = {{DnsType::kA, "A"},     {DnsType::kNs, "NS"},     {DnsType::kCname, "CNAME"},
                                   {DnsType::kSoa, "SOA"}, {DnsType::kPtr, "PTR"},   {DnsType::kMx, "MX"},
                                   {DnsType::kTxt, "TXT"}, {DnsType::kAaaa, "AAAA"}, {DnsType::kSrv, "SRV"},
                                   {DnsType::kAny, "ANY"}};
constexpr std::string_view kCodeNames[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
constexpr int kMaxAliases = 8;

std::string without_dot(std::string name) {
  if (name.size() > 1 && name.back() == '.') name.pop_back();
  return name;
}

}  // namespace

std::string_view dns_type_name(DnsType type) {
  for (const TypeName& entry : kTypeNames) {
    if (entry.type == type) return entry.name;
  }
  return "TYPE";
}

std::optional<DnsType> dns_type_of(std::string_view name) {
  const std::string upper = to_upper(name);
  for (const TypeName& entry : kTypeNames) {
    if (entry.name == upper) return entry.type;
  }
  return std::nullopt;
}

std::string_view dns_code_name(DnsCode code) { return kCodeNames[static_cast<std::size_t>(code)]; }

std::string absolute_dns_name(std::string_view name) {
  std::string out = to_lower(name);
  if (out.empty() || out.back() != '.') out += '.';
  return out;
}

std::string reverse_dns_name(Ipv4 address) {
  return format("%u.%u.%u.%u.in-addr.arpa.", address.bits & 255, address.bits >> 8 & 255, address.bits >> 16 & 255,
                address.bits >> 24);
}

std::optional<Ipv4> address_of_reverse_name(std::string_view name) {
  constexpr std::string_view kZone = ".in-addr.arpa.";
  if (!name.ends_with(kZone)) return std::nullopt;
  std::vector<std::string> parts = split(name.substr(0, name.size() - kZone.size()), '.');
  std::reverse(parts.begin(), parts.end());
  return Ipv4::parse(join(parts, "."));
}

// --- serving ---

DnsService::DnsService(EventLoop& loop, std::unique_ptr<UdpSocket> socket, DnsServer& server)
    : socket_(std::move(socket)), server_(server), tasks_(loop) {}

SysResult<std::unique_ptr<DnsService>> DnsService::open(std::shared_ptr<NetNamespace> stack, std::uint16_t port,
                                                        DnsServer& server, SocketOwner owner) {
  DRYDOCK_TRY(auto socket, UdpSocket::open(stack, Ipv4{}, port, std::move(owner)));
  auto service = std::unique_ptr<DnsService>(new DnsService(stack->loop(), std::move(socket), server));
  service->tasks_.spawn(service->serve());
  return service;
}

Task<void> DnsService::serve() {
  while (auto datagram = co_await socket_->receive()) {
    if (datagram->dns && !datagram->error) tasks_.spawn(answer(std::move(*datagram)));
  }
}

Task<void> DnsService::answer(Datagram datagram) {
  DnsMessage query = *datagram.dns;
  DnsMessage reply = co_await server_.answer(query, datagram.source);
  reply.id = query.id;
  reply.name = query.name;
  reply.type = query.type;
  socket_->reply(datagram, "", std::make_shared<const DnsMessage>(std::move(reply)));
}

// --- resolving ---

ResolverConfig parse_resolver_config(std::string_view resolv_conf, std::string_view hosts) {
  ResolverConfig config;
  for (const std::string& line : split(resolv_conf, '\n')) {
    const std::vector<std::string> words = split_whitespace(line);
    if (words.size() < 2) continue;
    if (words[0] == "nameserver") {
      if (const auto address = Ipv4::parse(words[1]); address && config.nameservers.size() < 3)
        config.nameservers.push_back(*address);
    } else if (words[0] == "search" || words[0] == "domain") {
      config.search.assign(words.begin() + 1, words.end());
    } else if (words[0] == "options") {
      for (const std::string& option : words) {
        const std::size_t colon = option.find(':');
        if (colon == std::string::npos) continue;
        const std::int64_t number = std::clamp<std::int64_t>(parse_int(option.substr(colon + 1)).value_or(0), 0, 30);
        if (option.starts_with("ndots:")) config.ndots = static_cast<int>(std::min<std::int64_t>(number, 15));
        if (option.starts_with("timeout:") && number > 0) config.timeout = seconds(number);
        if (option.starts_with("attempts:") && number > 0)
          config.attempts = static_cast<int>(std::min<std::int64_t>(number, 5));
      }
    }
  }
  for (const std::string& line : split(hosts, '\n')) {
    const std::vector<std::string> words = split_whitespace(line.substr(0, line.find('#')));
    if (words.size() < 2) continue;
    const auto address = Ipv4::parse(words[0]);
    if (!address) continue;
    for (std::size_t i = 1; i < words.size(); ++i) {
      auto& known = config.hosts[to_lower(words[i])];
      if (std::find(known.begin(), known.end(), *address) == known.end()) known.push_back(*address);
    }
  }
  return config;
}

std::vector<std::string> search_candidates(const ResolverConfig& config, std::string_view name) {
  if (name.ends_with(".")) return {to_lower(name)};
  std::vector<std::string> names;
  const bool enough_dots = std::count(name.begin(), name.end(), '.') >= config.ndots;
  if (enough_dots) names.push_back(absolute_dns_name(name));
  for (const std::string& domain : config.search) names.push_back(absolute_dns_name(std::string(name) + "." + domain));
  if (!enough_dots) names.push_back(absolute_dns_name(name));
  return names;
}

Task<Result<DnsMessage, DnsFailure>> dns_query(std::shared_ptr<NetNamespace> stack, Ipv4 server, std::string name,
                                               DnsType type, Duration timeout, int attempts, std::uint16_t port) {
  auto socket = UdpSocket::open(stack);
  if (!socket) co_return DnsFailure{DnsFailure::Kind::kUnreachable, server};
  auto query = std::make_shared<DnsMessage>();
  query->id = static_cast<std::uint16_t>(stack->network().prng().below(65536));
  query->name = absolute_dns_name(name);
  query->type = type;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    auto sent = (*socket)->send(server, port, "", query);
    if (!sent) co_return DnsFailure{DnsFailure::Kind::kUnreachable, server};
    const TimePoint deadline = stack->loop().now() + timeout;
    while (auto datagram = co_await (*socket)->receive(deadline)) {
      if (datagram->error) co_return DnsFailure{DnsFailure::Kind::kRefused, server};
      if (datagram->dns && datagram->dns->id == query->id) co_return *datagram->dns;
    }
  }
  co_return DnsFailure{DnsFailure::Kind::kTimeout, server};
}

Task<Resolution> resolve_host(std::shared_ptr<NetNamespace> stack, ResolverConfig config, std::string name) {
  Resolution found;
  found.canonical_name = name;
  if (const auto literal = Ipv4::parse(name)) {
    found.kind = Resolution::Kind::kFound;
    found.addresses = {*literal};
    co_return found;
  }
  const auto local = config.hosts.find(to_lower(without_dot(name)));
  if (local != config.hosts.end()) {
    found.kind = Resolution::Kind::kFound;
    found.addresses = local->second;
    co_return found;
  }
  if (to_lower(name) == "localhost") {
    found.kind = Resolution::Kind::kFound;
    found.addresses = {kLoopbackAddress};
    co_return found;
  }
  if (config.nameservers.empty()) config.nameservers.push_back(kLoopbackAddress);
  bool answered = false;
  for (const std::string& candidate : search_candidates(config, name)) {
    std::optional<DnsMessage> answer;
    for (Ipv4 server : config.nameservers) {
      found.server = server;
      auto reply = co_await dns_query(stack, server, candidate, DnsType::kA, config.timeout, config.attempts);
      if (!reply) {
        found.timed_out = reply.error().kind == DnsFailure::Kind::kTimeout;
        continue;
      }
      if (reply->code != DnsCode::kNoError && reply->code != DnsCode::kNxDomain) continue;
      answer = std::move(*reply);
      break;
    }
    if (!answer) {
      found.kind = Resolution::Kind::kTemporary;
      co_return found;
    }
    answered = true;
    std::string owner = candidate;
    for (int alias = 0; alias < kMaxAliases; ++alias) {
      const auto at = std::find_if(answer->answers.begin(), answer->answers.end(), [&](const DnsRecord& record) {
        return record.type == DnsType::kCname && record.name == owner;
      });
      if (at == answer->answers.end()) break;
      owner = at->data;
    }
    for (const DnsRecord& record : answer->answers) {
      if (record.type != DnsType::kA) continue;
      if (const auto address = Ipv4::parse(record.data)) found.addresses.push_back(*address);
    }
    if (!found.addresses.empty()) {
      found.kind = Resolution::Kind::kFound;
      found.canonical_name = without_dot(owner);
      co_return found;
    }
    if (answer->code == DnsCode::kNoError) found.kind = Resolution::Kind::kNoData;
  }
  if (!answered) found.kind = Resolution::Kind::kTemporary;
  co_return found;
}

Task<Result<std::vector<Ipv4>>> resolve_for_go(std::shared_ptr<NetNamespace> stack, ResolverConfig config,
                                               std::string name) {
  Resolution found = co_await resolve_host(stack, std::move(config), name);
  const std::string asked = "lookup " + name + " on " + endpoint_text(found.server, 53) + ": ";
  switch (found.kind) {
    case Resolution::Kind::kFound:
      co_return std::move(found.addresses);
    case Resolution::Kind::kNoData:
    case Resolution::Kind::kNoSuchHost:
      co_return Status::plain(asked + "no such host");
    case Resolution::Kind::kTemporary:
      break;
  }
  if (!found.timed_out) co_return Status::plain(asked + "server misbehaving");
  const Ipv4 source = stack->source_for(found.server);
  co_return Status::plain(asked + "read udp " + endpoint_text(source, stack->take_ephemeral_port(Protocol::kUdp)) +
                          "->" + endpoint_text(found.server, 53) + ": i/o timeout");
}

}  // namespace drydock
