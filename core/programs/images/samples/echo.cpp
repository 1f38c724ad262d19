// Servers that answer with what they were asked.
#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/programs/images/entry_points.h"
#include "core/programs/images/serving.h"

namespace drydock {
namespace {

// Go writes header names in this form: "user-agent" -> "User-Agent".
std::string canonical_name(std::string_view name) {
  std::string out;
  bool first = true;
  for (char c : to_lower(name)) {
    out += first ? to_upper(std::string_view(&c, 1)) : std::string(1, c);
    first = c == '-';
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> sorted_headers(const HttpRequest& request, bool canonical) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const auto& [name, value] : request.headers.fields()) {
    if (to_lower(name) == "host") continue;
    lines.emplace_back(canonical ? canonical_name(name) : to_lower(name), value);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string host_of(const HttpRequest& request) {
  const std::string_view host = request.headers.get("Host");
  return host.empty() ? request.local_address : std::string(host);
}

std::vector<std::string> own_addresses(Process& process) {
  std::vector<std::string> all{"127.0.0.1"};
  for (const Ipv4& address : process.network().addresses()) all.push_back(address.text());
  return all;
}

// The client's port is not part of a typed request: one that is stable for the client.
std::string peer_with_port(const HttpRequest& request) {
  return request.peer_address + ":" + std::to_string(32768 + sha256(request.peer_address)[0] % 64 * 128 + 4321);
}

std::string whoami_text(Process& process, const HttpRequest& request, const std::string& name) {
  std::string text;
  if (!name.empty()) text += "Name: " + name + "\n";
  text += "Hostname: " + process.hostname() + "\n";
  for (const std::string& address : own_addresses(process)) text += "IP: " + address + "\n";
  text += "RemoteAddr: " + peer_with_port(request) + "\n";
  text += request.method + " " + request_target(request) + " HTTP/1.1\nHost: " + host_of(request) + "\n";
  for (const auto& [header, value] : sorted_headers(request, true)) text += header + ": " + value + "\n";
  return text + "\n";
}

}  // namespace

Task<int> traefik_whoami_main(Process& process) {
  std::string port_text = flag_value(process, "port");
  if (port_text.empty()) port_text = std::string(process.env("WHOAMI_PORT_NUMBER"));
  std::string name = flag_value(process, "name");
  if (name.empty()) name = std::string(process.env("WHOAMI_NAME"));
  ServeOptions options;
  options.port = static_cast<std::uint16_t>(parse_int(port_text.empty() ? "80" : port_text).value_or(80));
  options.ignore_term = true;
  co_await process.err(slash_time(process.now()) + " Starting up on port " + std::to_string(options.port) + "\n");
  auto health = std::make_shared<int>(200);
  co_return co_await serve_http(process, options, [&process, name, health](HttpRequest request) -> Task<HttpResponse> {
    if (request.path == "/health") {
      if (request.method == "POST") {
        *health = static_cast<int>(parse_int(trim(request.body.text())).value_or(200));
        co_return text_page(200, "text/plain; charset=utf-8", "");
      }
      co_return text_page(*health, "text/plain; charset=utf-8", "");
    }
    if (request.path == "/api") {
      Value headers = Value::object();
      for (const auto& [header, value] : sorted_headers(request, true))
        headers.set(header, Value::array({Value(value)}));
      Value addresses = Value::array();
      for (const std::string& address : own_addresses(process)) addresses.push_back(address);
      Value answer = Value::object({{"hostname", process.hostname()},
                                    {"ip", addresses},
                                    {"headers", headers},
                                    {"url", request_target(request)},
                                    {"host", host_of(request)},
                                    {"method", request.method},
                                    {"remoteAddr", peer_with_port(request)}});
      if (!name.empty()) answer.set("name", name);
      co_return text_page(200, "application/json", dump_json(answer) + "\n");
    }
    if (request.path == "/bench") co_return text_page(200, "text/plain", "1");
    if (request.path == "/data") {
      const std::int64_t size = parse_int(request.query.get("size")).value_or(1);
      co_return text_page(200, "application/octet-stream",
                          std::string(static_cast<std::size_t>(std::clamp<std::int64_t>(size, 1, 1 << 20)), '|'));
    }
    const std::string_view wait = request.query.get("wait");
    if (wait.ends_with("ms"))
      (void)co_await process.sleep(milliseconds(parse_int(wait.substr(0, wait.size() - 2)).value_or(0)));
    else if (wait.ends_with("s"))
      (void)co_await process.sleep(seconds(parse_int(wait.substr(0, wait.size() - 1)).value_or(0)));
    co_return text_page(200, "text/plain; charset=utf-8", whoami_text(process, request, name));
  });
}

Task<int> jwilder_whoami_main(Process& process) {
  ServeOptions options;
  options.port = static_cast<std::uint16_t>(parse_int(process.env("PORT")).value_or(8000));
  options.ignore_term = true;
  co_await process.out("Listening on :" + std::to_string(options.port) + "\n");
  co_return co_await serve_http(process, options, [&process](HttpRequest) -> Task<HttpResponse> {
    co_await process.out("I'm " + process.hostname() + "\n");
    co_return text_page(200, "text/plain; charset=utf-8", "I'm " + process.hostname() + "\n");
  });
}

// Tells everything about pod and request in the sections of registry.k8s.io/echoserver.
Task<int> echoserver_main(Process& process) {
  const bool old = process.program_version().size() <= 3 && process.program_version() < "1.5";
  co_await process.out("Generating self-signed cert\n");
  ServeOptions options;
  co_return co_await serve_http(process, options, [&process, old](HttpRequest request) -> Task<HttpResponse> {
    const std::string host = host_of(request);
    const std::string target = request_target(request);
    const std::string uri = "http://" + (contains(host, ":") ? host : host + ":8080") + target;
    std::string text;
    if (old) {
      text = "CLIENT VALUES:\nclient_address=" + request.peer_address + "\ncommand=" + request.method +
             "\nreal path=" + target + "\nquery=" + (request.query.empty() ? "nil" : request.query.encode()) +
             "\nrequest_version=1.1\nrequest_uri=" + uri +
             "\n\nSERVER VALUES:\nserver_version=nginx: 1.10.0 - lua: 10001\n\nHEADERS RECEIVED:\n";
      for (const auto& [name, value] : sorted_headers(request, false)) text += name + "=" + value + "\n";
      text += "host=" + host + "\nBODY:\n" + (request.body.empty() ? "-no body in request-" : request.body.text());
    } else {
      text = "\n\nHostname: " + process.hostname() + "\n\nPod Information:\n";
      std::string pod;
      for (const auto& [label, variable] :
           {std::pair("node name", "NODE_NAME"), std::pair("pod name", "POD_NAME"),
            std::pair("pod namespace", "POD_NAMESPACE"), std::pair("pod IP", "POD_IP")}) {
        const std::string_view value = process.env(variable);
        if (!value.empty()) pod += "\t" + std::string(label) + ":\t" + std::string(value) + "\n";
      }
      text += pod.empty() ? "\t-no pod information available-\n" : pod;
      text +=
          "\nServer values:\n\tserver_version=nginx: 1.13.3 - lua: 10008\n\nRequest Information:\n\tclient_address=" +
          request.peer_address + "\n\tmethod=" + request.method + "\n\treal path=" + target +
          "\n\tquery=" + request.query.encode() +
          "\n\trequest_version=1.1\n\trequest_scheme=http\n\trequest_uri=" + uri + "\n\nRequest Headers:\n";
      std::vector<std::pair<std::string, std::string>> headers = sorted_headers(request, false);
      headers.emplace_back("host", host);
      std::sort(headers.begin(), headers.end());
      for (const auto& [name, value] : headers) text += "\t" + name + "=" + value + "\n";
      text += "\nRequest Body:\n" + (request.body.empty() ? "\t-no body in request-" : request.body.text()) + "\n\n";
    }
    HttpResponse response = text_page(200, "text/plain", text);
    response.headers.set("Server", old ? "nginx/1.10.0" : "echoserver");
    co_await process.out(request.peer_address + " - - [" + log_time(process.now()) + "] \"" + request.method + " " +
                         target + " HTTP/1.1\" 200 " + std::to_string(text.size()) + " \"-\" \"" +
                         std::string(request.headers.get("User-Agent")) + "\"\n");
    co_return response;
  });
}

Task<int> http_https_echo_main(Process& process) {
  ServeOptions options;
  options.port = static_cast<std::uint16_t>(parse_int(process.env("HTTP_PORT")).value_or(8080));
  co_await process.out("Listening on ports " + std::to_string(options.port) + " for http, and 8443 for https.\n");
  co_return co_await serve_http(process, options, [&process](HttpRequest request) -> Task<HttpResponse> {
    Value headers = Value::object();
    for (const auto& [name, value] : request.headers.fields()) headers.set(to_lower(name), value);
    headers.set("host", host_of(request));
    Value query = Value::object();
    for (const auto& [name, value] : request.query.parameters()) query.set(name, value);
    const std::string host = host_of(request);
    Value answer = Value::object({{"path", request.path},
                                  {"headers", headers},
                                  {"method", request.method},
                                  {"body", request.body.text()},
                                  {"fresh", false},
                                  {"hostname", host.substr(0, host.find(':'))},
                                  {"ip", "::ffff:" + request.peer_address},
                                  {"ips", Value::array()},
                                  {"protocol", "http"},
                                  {"query", query},
                                  {"subdomains", Value::array()},
                                  {"xhr", false},
                                  {"os", Value::object({{"hostname", process.hostname()}})},
                                  {"connection", Value::object()}});
    const std::string body = dump_json(answer, {.indent = 2});
    co_await process.out(dump_json(answer) + "\n");
    HttpResponse response = text_page(200, "application/json; charset=utf-8", body);
    response.headers.add("X-Powered-By", "Express");
    co_return response;
  });
}

}  // namespace drydock
