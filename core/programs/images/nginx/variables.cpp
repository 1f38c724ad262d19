// https://nginx.org/en/docs/varindex.html
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/images/nginx/request.h"
#include "core/programs/images/serving.h"

namespace drydock::nginx {
namespace {

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string header_value(const HttpHeaders& headers, std::string_view suffix) {
  return std::string(headers.get(replace_all(suffix, "_", "-")));
}

std::string host_of(const Request& request) {
  std::string host = to_lower(request.raw->headers.get("Host"));
  if (const std::size_t colon = host.rfind(':'); colon != std::string::npos) host.resize(colon);
  return host.empty() ? request.server_name() : host;
}

std::string mapped(const Request& request, const Directive& map) {
  const std::string source = expand(request, map.argument(0));
  std::string fallback;
  for (const Directive& entry : map.block) {
    if (entry.name == "default") {
      fallback = entry.argument(0);
    } else if (entry.name.starts_with("~")) {
      const bool fold = entry.name.starts_with("~*");
      const Regex regex = Regex::compile(entry.name.substr(fold ? 2 : 1), Regex::Syntax::kPerl, fold);
      if (regex.ok() && regex.search(source, 0)) return expand(request, entry.argument(0));
    } else if (to_lower(entry.name) == to_lower(source)) {
      return expand(request, entry.argument(0));
    }
  }
  return expand(request, fallback);
}

std::string local_part(const Request& request, bool port) {
  const std::string& local = request.raw->local_address;
  const std::size_t colon = local.rfind(':');
  if (colon == std::string::npos) return port ? "80" : local;
  return port ? local.substr(colon + 1) : local.substr(0, colon);
}

std::string cookie(const Request& request, std::string_view name) {
  for (const std::string& piece : split(request.raw->headers.get("Cookie"), ';')) {
    const std::string_view trimmed = trim(piece);
    const std::size_t equals = trimmed.find('=');
    if (equals != std::string_view::npos && trimmed.substr(0, equals) == name)
      return std::string(trimmed.substr(equals + 1));
  }
  return "";
}

std::string prefixed(const Request& request, std::string_view name, bool& known) {
  known = true;
  if (name.starts_with("arg_")) return std::string(HttpQuery::parse(request.arguments).get(name.substr(4)));
  if (name.starts_with("http_")) return header_value(request.raw->headers, name.substr(5));
  if (name.starts_with("cookie_")) return cookie(request, name.substr(7));
  if (name.starts_with("sent_http_"))
    return request.sent_headers == nullptr ? "" : header_value(*request.sent_headers, name.substr(10));
  known = false;
  return "";
}

}  // namespace

std::string variable(const Request& request, std::string_view name) {
  if (name.size() == 1 && name[0] >= '0' && name[0] <= '9') {
    const auto index = static_cast<std::size_t>(name[0] - '0');
    return index < request.captures.size() ? request.captures[index] : "";
  }
  if (const auto set = request.variables.find(name); set != request.variables.end()) return set->second;
  if (const auto map = request.config->maps.find("$" + std::string(name)); map != request.config->maps.end())
    return mapped(request, *map->second);
  bool known = false;
  std::string value = prefixed(request, name, known);
  if (known) return value;
  Process& process = *request.process;
  const HttpRequest& raw = *request.raw;
  const Duration took = process.now() - request.started;
  const double since = std::chrono::duration<double>(process.now().time_since_epoch()).count();
  if (name == "uri" || name == "document_uri") return request.uri;
  if (name == "request_uri") return request.request_uri;
  if (name == "args" || name == "query_string") return request.arguments;
  if (name == "is_args") return request.arguments.empty() ? "" : "?";
  if (name == "host") return host_of(request);
  if (name == "hostname") return process.hostname();
  if (name == "request_method") return raw.method;
  if (name == "request") return request.request_line;
  if (name == "request_filename") return file_name(request);
  if (name == "document_root" || name == "realpath_root") return document_root(request);
  if (name == "request_body") return raw.body.text();
  if (name == "request_id") return request.id;
  if (name == "request_length") return std::to_string(request.request_line.size() + raw.body.text().size());
  if (name == "remote_addr") return raw.peer_address;
  if (name == "remote_port") return std::to_string(32768 + request.number % 28000);
  if (name == "remote_user") return "";
  if (name == "server_addr") return local_part(request, false);
  if (name == "server_port") return local_part(request, true);
  if (name == "server_name") return request.server_name();
  if (name == "server_protocol") return "HTTP/1.1";
  if (name == "scheme") return "http";
  if (name == "https") return "";
  if (name == "status") return std::to_string(request.status);
  if (name == "body_bytes_sent" || name == "bytes_sent") return std::to_string(request.body_bytes);
  if (name == "time_local") return log_time(process.now());
  if (name == "time_iso8601") return format_time(process.now(), "%Y-%m-%dT%H:%M:%S+00:00");
  if (name == "msec") return format("%.3f", since);
  if (name == "request_time") return format("%.3f", std::chrono::duration<double>(took).count());
  if (name == "upstream_response_time" || name == "upstream_connect_time" || name == "upstream_header_time")
    return request.upstream_address.empty() ? "" : format("%.3f", std::chrono::duration<double>(took).count());
  if (name == "upstream_addr") return request.upstream_address;
  if (name == "upstream_status") return request.upstream_status;
  if (name == "connection") return std::to_string(request.number);
  if (name == "connection_requests") return "1";
  if (name == "nginx_version") return request.shared->version;
  if (name == "pid") return std::to_string(request.shared->worker);
  if (name == "pipe") return ".";
  if (name == "content_type") return std::string(raw.headers.get("Content-Type"));
  if (name == "content_length") return std::string(raw.headers.get("Content-Length"));
  if (name == "proxy_add_x_forwarded_for") {
    const std::string_view before = raw.headers.get("X-Forwarded-For");
    return before.empty() ? raw.peer_address : std::string(before) + ", " + raw.peer_address;
  }
  return "";
}

std::string expand(const Request& request, std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$' || i + 1 >= text.size()) {
      out += text[i];
      continue;
    }
    const bool braces = text[i + 1] == '{';
    std::size_t end = i + (braces ? 2 : 1);
    const std::size_t begin = end;
    while (end < text.size() && name_character(text[end])) {
      ++end;
      if (!braces && end == begin + 1 && text[begin] >= '0' && text[begin] <= '9') break;
    }
    if (end == begin) {
      out += '$';
      continue;
    }
    out += variable(request, text.substr(begin, end - begin));
    i = braces ? end : end - 1;
  }
  return out;
}

}  // namespace drydock::nginx
