#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/images/nginx/request.h"
#include "core/programs/images/serving.h"

namespace drydock::nginx {
namespace {

constexpr int kMostRedirects = 10;
constexpr std::int64_t kDefaultBodyLimit = 1 << 20;

// allow and deny: the first that fits decides.
bool access_allowed(const Request& request) {
  const auto client = Ipv4::parse(request.raw->peer_address);
  for (const Scope* scope = &request.scope(); scope != nullptr; scope = scope->parent) {
    bool any = false;
    for (const Directive& directive : scope->block->block) {
      if (directive.name != "allow" && directive.name != "deny") continue;
      any = true;
      const std::string& text = directive.argument(0);
      bool fits = text == "all";
      if (!fits && client) {
        if (const auto range = Cidr::parse(contains(text, "/") ? text : text + "/32")) fits = range->contains(*client);
      }
      if (fits) return directive.name == "allow";
    }
    if (any) return true;
  }
  return true;
}

// Basic authentication with {PLAIN} or bare passwords in the user file.
bool authorized(const Request& request) {
  const Directive* file = request.scope().find("auth_basic_user_file");
  const std::string_view given = request.raw->headers.get("Authorization");
  if (file == nullptr || !given.starts_with("Basic ")) return false;
  const std::string credentials = base64_decode(given.substr(6)).value_or("");
  for (const std::string& line : split(request.process->read_file(file->argument(0)).value_or(""), '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    std::string password = line.substr(colon + 1);
    if (password.starts_with("{PLAIN}")) password = password.substr(7);
    if (credentials == line.substr(0, colon) + ":" + password) return true;
  }
  return false;
}

std::int64_t body_limit(const Request& request) {
  const Directive* directive = request.scope().find("client_max_body_size");
  if (directive == nullptr) return kDefaultBodyLimit;
  std::string text = to_lower(directive->argument(0));
  std::int64_t unit = 1;
  if (text.ends_with("k")) unit = 1 << 10;
  if (text.ends_with("m")) unit = 1 << 20;
  if (text.ends_with("g")) unit = 1 << 30;
  if (unit != 1) text.pop_back();
  return parse_int(text).value_or(1) * unit;
}

bool method_limited(const Request& request) {
  const Directive* limit = request.scope().own("limit_except");
  if (limit == nullptr) return false;
  for (const std::string& method : limit->arguments) {
    if (method == request.raw->method || (method == "GET" && request.raw->method == "HEAD")) return false;
  }
  for (const Directive& inner : limit->block) {
    if (inner.name == "deny") return true;
  }
  return false;
}

std::string stub_status(const Shared& shared) {
  return "Active connections: " + std::to_string(shared.active) + " \nserver accepts handled requests\n " +
         std::to_string(shared.connections) + " " + std::to_string(shared.connections) + " " +
         std::to_string(shared.requests) + " \nReading: 0 Writing: " + std::to_string(shared.active) + " Waiting: 0 \n";
}

// "" and 0: go on with the file found (request.uri is changed); else a status.
struct Tried {
  int status = 0;
  std::string redirect;
};
Tried try_files(Request& request, const Directive& directive) {
  for (std::size_t i = 0; i + 1 < directive.arguments.size(); ++i) {
    std::string wanted = expand(request, directive.arguments[i]);
    const bool directory = wanted.ends_with("/");
    const std::string before = std::exchange(request.uri, wanted);
    const auto info = request.process->stat(file_name(request));
    if (info && (info->type == FileType::kDirectory) == directory) return {};
    request.uri = before;
  }
  const std::string& last = directive.arguments.back();
  if (last.starts_with("=")) return {static_cast<int>(parse_int(last.substr(1)).value_or(404)), ""};
  return {0, expand(request, last)};
}

void set_location(Request& request, std::string target) {
  const std::size_t question = target.find('?');
  if (question != std::string::npos) {
    request.arguments = target.substr(question + 1);
    target.resize(question);
  }
  request.uri = target;
  request.is_internal = true;
}

// Content of one location; a redirect stays inside the server.
Task<Content> run_content(Request& request) {
  const Scope& scope = request.scope();
  if (const Directive* tries = request.location != nullptr ? scope.own("try_files") : scope.find("try_files")) {
    Tried tried = try_files(request, *tries);
    if (tried.status != 0 || !tried.redirect.empty()) co_return Content{tried.status, {}, std::move(tried.redirect)};
  }
  if (scope.own("stub_status") != nullptr)
    co_return Content{0, text_page(200, "text/plain", stub_status(*request.shared)), ""};
  const Directive* pass = scope.own("proxy_pass");
  for (const Directive& directive : scope.block->block) {
    if (pass == nullptr && directive.name == "if") pass = directive.child("proxy_pass");
  }
  if (pass != nullptr) co_return co_await serve_proxy(request, *pass);
  for (std::string_view gateway : {"fastcgi_pass", "uwsgi_pass", "grpc_pass", "scgi_pass"}) {
    if (scope.own(gateway) == nullptr) continue;
    co_await log_request_error(request, "error",
                               "connect() failed (111: Connection refused) while connecting to upstream");
    co_return Content{502, {}, ""};
  }
  co_return co_await serve_static(request);
}

// The error_page directive for this status, if any.
const Directive* error_page_for(const Request& request, int status) {
  for (const Directive* directive : request.scope().all("error_page")) {
    for (std::size_t i = 0; i + 1 < directive->arguments.size(); ++i) {
      if (directive->arguments[i] == std::to_string(status)) return directive;
    }
  }
  return nullptr;
}

void finish_headers(Request& request, HttpResponse& response) {
  HttpHeaders headers;
  const Directive* tokens = request.scope().find("server_tokens");
  headers.add("Server",
              tokens != nullptr && tokens->argument(0) == "off" ? "nginx" : "nginx/" + request.shared->version);
  headers.add("Date", http_time(request.process->now()));
  const bool bodyless = response.status == 304 || response.status == 204;
  std::string type(response.headers.get("Content-Type"));
  if (const Directive* charset = request.scope().find("charset");
      charset != nullptr && charset->argument(0) != "off" && type.starts_with("text/") && !contains(type, "charset"))
    type += "; charset=" + charset->argument(0);
  if (!type.empty() && !bodyless) headers.add("Content-Type", type);
  if (!response.stream && !bodyless) headers.add("Content-Length", std::to_string(response.body.bytes.size()));
  if (response.headers.has("Last-Modified"))
    headers.add("Last-Modified", std::string(response.headers.get("Last-Modified")));
  if (response.headers.has("Location")) headers.add("Location", std::string(response.headers.get("Location")));
  const bool close = to_lower(request.raw->headers.get("Connection")) == "close";
  headers.add("Connection", close ? "close" : "keep-alive");
  for (const auto& [name, value] : response.headers.fields()) {
    const std::string lower = to_lower(name);
    if (lower != "content-type" && lower != "last-modified" && lower != "location" && lower != "content-length")
      headers.add(name, value);
  }
  const bool good = response.status == 200 || response.status == 201 || response.status == 204 ||
                    response.status == 206 || (response.status >= 301 && response.status <= 304) ||
                    response.status == 307 || response.status == 308;
  if (const Directive* expires = request.scope().find("expires"); expires != nullptr && good) {
    const std::string& text = expires->argument(0);
    if (text == "-1") {
      headers.add("Expires", http_time(request.process->now() - seconds(1)));
      headers.add("Cache-Control", "no-cache");
    } else if (text == "max") {
      headers.add("Expires", "Thu, 31 Dec 2037 23:55:55 GMT");
      headers.add("Cache-Control", "max-age=315360000");
    } else if (text == "epoch") {
      headers.add("Expires", "Thu, 01 Jan 1970 00:00:01 GMT");
      headers.add("Cache-Control", "no-cache");
    } else if (text != "off" && text.size() > 1) {
      const std::int64_t number = parse_int(text.substr(0, text.size() - 1)).value_or(0);
      const char unit = text.back();
      const std::int64_t age = number * (unit == 'm'   ? 60
                                         : unit == 'h' ? 3600
                                         : unit == 'd' ? 86400
                                         : unit == 'y' ? 31536000
                                         : unit == 'M' ? 2592000
                                         : unit == 'w' ? 604800
                                                       : 1);
      headers.add("Expires", http_time(request.process->now() + seconds(age)));
      headers.add("Cache-Control", "max-age=" + std::to_string(age));
    }
  }
  request.sent_headers = &response.headers;
  for (const Directive* line : request.scope().all("add_header")) {
    if (!good && line->argument(2) != "always") continue;
    const std::string value = expand(request, line->argument(1));
    if (!value.empty()) headers.add(line->argument(0), value);
  }
  request.sent_headers = nullptr;
  response.headers = std::move(headers);
}

// Runs the phases until there is a response.
Task<HttpResponse> process_request(Request& request) {
  Rewritten first = run_rewrites(request, *request.server->scope.block);
  if (first.kind == Rewritten::Kind::kReturn && first.has_text) co_return std::move(first.response);
  int status = first.kind == Rewritten::Kind::kReturn ? first.response.status : 0;
  const Location* named = nullptr;
  for (int round = 0; round <= kMostRedirects; ++round) {
    if (status == 0) {
      if (named != nullptr) {
        request.location = std::exchange(named, nullptr);
      } else {
        request.location = find_location(request.server->locations, request);
      }
      if (request.location != nullptr) {
        if (request.scope().own("internal") != nullptr && !request.is_internal) {
          status = 404;
        } else {
          Rewritten rewritten = run_rewrites(request, *request.location->scope.block);
          if (rewritten.kind == Rewritten::Kind::kReturn && rewritten.has_text) co_return std::move(rewritten.response);
          if (rewritten.kind == Rewritten::Kind::kSearchAgain) continue;
          if (rewritten.kind == Rewritten::Kind::kReturn) status = rewritten.response.status;
        }
      }
    }
    if (status == 0 && static_cast<std::int64_t>(request.raw->body.text().size()) > body_limit(request) &&
        body_limit(request) > 0) {
      co_await log_request_error(
          request, "error",
          "client intended to send too large body: " + std::to_string(request.raw->body.text().size()) + " bytes");
      status = 413;
    }
    if (status == 0 && (!access_allowed(request) || method_limited(request))) {
      co_await log_request_error(request, "error", "access forbidden by rule");
      status = 403;
    }
    const Directive* realm = request.scope().find("auth_basic");
    if (status == 0 && realm != nullptr && realm->argument(0) != "off" && !authorized(request)) {
      HttpResponse refused = error_response(request, 401);
      refused.headers.set("WWW-Authenticate", "Basic realm=\"" + expand(request, realm->argument(0)) + "\"");
      co_return refused;
    }
    Content content;
    content.status = status;
    if (status == 0) content = co_await run_content(request);
    if (!content.redirect.empty()) {
      if (content.redirect.starts_with("@")) {
        named = find_named(request.server->locations, content.redirect);
        if (named == nullptr) {
          co_await log_request_error(request, "error", "could not find named location \"" + content.redirect + "\"");
          status = 500;
        }
      } else {
        set_location(request, content.redirect);
      }
      continue;
    }
    if (content.status == 0) {
      if (request.error_status != 0 && content.response.status == 200) content.response.status = request.error_status;
      co_return std::move(content.response);
    }
    status = content.status;
    if (status == 444) co_return HttpResponse{};
    const Directive* page = request.error_status == 0 ? error_page_for(request, status) : nullptr;
    if (page == nullptr) {
      HttpResponse response = error_response(request, request.error_status != 0 ? request.error_status : status);
      if (!content.response.headers.fields().empty() && content.response.status == status)
        co_return std::move(content.response);
      co_return response;
    }
    request.error_status = status;
    for (const std::string& word : page->arguments) {
      if (word.starts_with("=") && word.size() > 1)
        request.error_status = static_cast<int>(parse_int(word.substr(1)).value_or(status));
      if (word == "=") request.error_status = 200;
    }
    const std::string target = expand(request, page->arguments.back());
    status = 0;
    if (target.starts_with("@")) {
      named = find_named(request.server->locations, target);
      if (named == nullptr) status = 500;
    } else if (target.starts_with("/")) {
      set_location(request, target);
    } else {
      HttpResponse response = error_response(request, 302);
      response.headers.set("Location", target);
      co_return response;
    }
  }
  co_await log_request_error(request, "error",
                             "rewrite or internal redirection cycle while processing \"" + request.uri + "\"");
  co_return error_response(request, 500);
}

}  // namespace

const Server& choose_server(const Config& config, Ipv4 address, std::uint16_t port, std::string_view host) {
  const Server* fallback = nullptr;
  bool fallback_is_default = false;
  const Server* wildcard = nullptr;
  const Server* pattern = nullptr;
  const std::string name = to_lower(host.substr(0, host.find(':')));
  for (const auto& server : config.servers) {
    bool listens = false;
    for (const Listen& listen : server->listens) {
      if (listen.port != port || (!listen.address.any() && listen.address != address)) continue;
      listens = true;
      if (fallback == nullptr || (listen.default_server && !fallback_is_default)) {
        fallback = server.get();
        fallback_is_default = listen.default_server;
      }
    }
    if (!listens) continue;
    for (const std::string& candidate : server->names) {
      if (candidate == name) return *server;
      const bool fits = (candidate.starts_with("*.") && name.ends_with(candidate.substr(1))) ||
                        (candidate.starts_with(".") && (name.ends_with(candidate) || name == candidate.substr(1))) ||
                        (candidate.ends_with(".*") && name.starts_with(candidate.substr(0, candidate.size() - 1)));
      if (fits && wildcard == nullptr) wildcard = server.get();
    }
    for (const auto& [text, regex] : server->name_patterns) {
      if (pattern == nullptr && regex.ok() && regex.search(name, 0)) pattern = server.get();
    }
  }
  if (wildcard != nullptr) return *wildcard;
  if (pattern != nullptr) return *pattern;
  return fallback != nullptr ? *fallback : *config.servers.front();
}

const Location* find_named(const std::vector<std::unique_ptr<Location>>& locations, std::string_view name) {
  for (const auto& location : locations) {
    if (location->kind == Location::Kind::kNamed && location->pattern == name) return location.get();
  }
  return nullptr;
}

const Location* find_location(const std::vector<std::unique_ptr<Location>>& locations, Request& request) {
  const Location* best = nullptr;
  for (const auto& location : locations) {
    if (location->kind == Location::Kind::kExact && location->pattern == request.uri) return location.get();
    const bool prefix = location->kind == Location::Kind::kPrefix || location->kind == Location::Kind::kNoRegex;
    if (prefix && request.uri.starts_with(location->pattern) &&
        (best == nullptr || location->pattern.size() > best->pattern.size()))
      best = location.get();
  }
  if (best != nullptr && !best->children.empty()) {
    if (const Location* inner = find_location(best->children, request)) return inner;
  }
  if (best != nullptr && best->kind == Location::Kind::kNoRegex) return best;
  for (const auto& location : locations) {
    if (location->kind != Location::Kind::kRegex || !location->regex->ok()) continue;
    const auto match = location->regex->search(request.uri, 0);
    if (!match) continue;
    request.captures.clear();
    for (const Regex::Group& group : *match)
      request.captures.push_back(
          group.begin == std::string_view::npos ? "" : request.uri.substr(group.begin, group.end - group.begin));
    if (!location->children.empty()) {
      if (const Location* inner = find_location(location->children, request)) return inner;
    }
    return location.get();
  }
  return best;
}

Task<HttpResponse> answer(Request& request) {
  HttpResponse response = co_await process_request(request);
  finish_headers(request, response);
  request.status = response.status;
  const bool bodyless = request.raw->method == "HEAD" || response.status == 304 || response.status == 204;
  request.body_bytes = bodyless ? 0 : static_cast<std::int64_t>(response.body.bytes.size());
  if (request.raw->method == "HEAD") response.body.bytes.clear();
  request.sent_headers = &response.headers;
  co_await log_access(request);
  request.sent_headers = nullptr;
  co_return response;
}

}  // namespace drydock::nginx
