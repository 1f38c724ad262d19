// One HTTP exchange as curl and wget see it: URL, name, connection, request.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/machinery/http_message.h"
#include "core/network/dns.h"
#include "core/network/http_client.h"

namespace drydock {

class Process;

struct Url {
  std::string scheme;  // "http"
  std::string user;    // "name:password", or ""
  std::string host;
  std::uint16_t port = 80;
  bool port_given = false;
  std::string path = "/";  // as given, still encoded
  std::string query;       // without '?'
  std::string authority() const { return port_given ? host + ":" + std::to_string(port) : host; }
  std::string text() const { return scheme + "://" + authority() + path + (query.empty() ? "" : "?" + query); }
};
// "web:8080/x" is http. nullopt for what cannot be one.
std::optional<Url> parse_url(std::string_view text);
// A Location header seen from `base`.
std::optional<Url> resolve_location(const Url& base, std::string_view location);

// As the C library resolves for this process: its own /etc/resolv.conf and /etc/hosts.
ResolverConfig process_resolver(Process& process);
Task<Resolution> resolve_name(Process& process, std::string name);

struct FetchRequest {
  Url url;
  std::string method = "GET";
  HttpHeaders headers;
  std::string body;
  bool insecure = false;
  std::string roots_pem;
  std::string client_certificate_pem;
  std::string client_key_pem;
  std::vector<Ipv4> addresses;  // known already; else the name is looked up
  std::optional<TimePoint> connect_deadline;
  std::optional<TimePoint> deadline;
};

struct FetchFailure {
  enum class Stage { kResolve, kExchange };
  Stage stage = Stage::kResolve;
  Resolution::Kind resolution = Resolution::Kind::kNoSuchHost;
  HttpFailure http;
  Ipv4 address;  // last tried
  Duration elapsed{0};
};

struct Fetched {
  HttpResponse response;
  SocketEnds ends;
  Duration name_time{0};
  Duration connect_time{0};
  Duration total_time{0};
};

Task<Result<Fetched, FetchFailure>> fetch(Process& process, FetchRequest request);
// The body as bytes: documents are indented, as API servers do for curl and wget.
std::string fetched_body(const HttpResponse& response);

}  // namespace drydock
