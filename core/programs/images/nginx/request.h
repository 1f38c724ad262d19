// One request on its way through nginx' phases: rewrite, access, content, log.
// https://nginx.org/en/docs/dev/development_guide.html#http_phases
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/host/process.h"
#include "core/machinery/http_message.h"
#include "core/programs/images/nginx/config.h"

namespace drydock::nginx {

// What the workers share: counters of stub_status and where log lines go.
struct Shared {
  std::string version;
  std::int64_t connections = 0;
  std::int64_t requests = 0;
  std::int64_t active = 0;
  Pid worker = 0;
};

struct Request {
  Process* process = nullptr;
  Shared* shared = nullptr;
  Config* config = nullptr;
  const HttpRequest* raw = nullptr;
  const Server* server = nullptr;
  const Location* location = nullptr;  // null before one was found
  std::string uri;                     // decoded, normalized; rewrites change it
  std::string arguments;               // without '?'
  std::string request_line;
  std::string request_uri;
  std::string id;
  TimePoint started{};
  std::int64_t number = 0;
  int internal_redirects = 0;
  bool is_internal = false;
  int error_status = 0;                                       // while an error page is made
  std::map<std::string, std::string, std::less<>> variables;  // of `set`
  std::vector<std::string> captures;
  // For the log.
  int status = 0;
  std::int64_t body_bytes = 0;
  std::string upstream_address;
  std::string upstream_status;
  const HttpHeaders* sent_headers = nullptr;

  const Scope& scope() const { return location != nullptr ? location->scope : server->scope; }
  std::string server_name() const { return server->names.front(); }
};

// variables.cpp: "$host/$1" with its values; unknown names give "".
std::string expand(const Request& request, std::string_view text);
std::string variable(const Request& request, std::string_view name);

// log.cpp
// `who` is the process that speaks; 0: this one.
Task<void> log_error(Process& process, const Config& config, std::string level, std::string text, Pid who = 0);
// The same with ", client: …, server: …, request: …" behind it.
Task<void> log_request_error(Request& request, std::string level, std::string text);
Task<void> log_access(Request& request);

// content.cpp
HttpResponse error_response(const Request& request, int status);
std::string_view status_text(int status);  // "Not Found", as nginx words them
// A file, a directory's index or listing; the status alone when it is an error page's turn.
struct Content {
  int status = 0;  // != 0: no response yet, this error
  HttpResponse response;
  std::string redirect;  // != "": an internal redirect to this URI
};
Task<Content> serve_static(Request& request);
std::string document_root(const Request& request);
std::string file_name(const Request& request);  // $request_filename
std::string content_type(const Request& request, std::string_view path);

// upstream.cpp
Task<Content> serve_proxy(Request& request, const Directive& pass);
// Looks up the names of proxy_pass and of upstreams; an error ends the start.
Task<Result<void, ConfigError>> resolve_upstreams(Process& process, Config& config);

// rewrite.cpp: server-level or location-level directives, in order.
struct Rewritten {
  enum class Kind { kGoOn, kReturn, kSearchAgain };
  Kind kind = Kind::kGoOn;
  HttpResponse response;  // of kReturn; its status alone when there is no text
  bool has_text = false;
};
Rewritten run_rewrites(Request& request, const Directive& block);

// phases.cpp: the whole way.
Task<HttpResponse> answer(Request& request);
const Server& choose_server(const Config& config, Ipv4 address, std::uint16_t port, std::string_view host);
const Location* find_location(const std::vector<std::unique_ptr<Location>>& locations, Request& request);
const Location* find_named(const std::vector<std::unique_ptr<Location>>& locations, std::string_view name);

}  // namespace drydock::nginx
