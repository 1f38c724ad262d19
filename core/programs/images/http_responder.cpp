// The web server of images that a session's person defines: routes from
// /etc/http-responder.json, checked when the image was defined
// (core/runtime/images/definition.h).
#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/programs/images/entry_points.h"
#include "core/programs/images/serving.h"
#include "core/runtime/images/definition.h"

namespace drydock {
namespace {

std::string fill_in(Process& process, const HttpRequest& request, std::string_view text) {
  std::string out;
  for (const TemplatePiece& piece : template_pieces(text)) {
    const std::string_view name = piece.text;
    if (!piece.is_name)
      out += piece.text;
    else if (name == "hostname")
      out += process.hostname();
    else if (name == "path")
      out += request.path;
    else if (name == "method")
      out += request.method;
    else if (name == "client")
      out += request.peer_address;
    else if (name == "body")
      out += request.body.text();
    else if (name.starts_with("env."))
      out += process.env(name.substr(4));
    else if (name.starts_with("query."))
      out += request.query.get(name.substr(6));
    else if (name.starts_with("header."))
      out += request.headers.get(name.substr(7));
  }
  return out;
}

bool route_fits(const Value& route, const HttpRequest& request) {
  const std::string_view method = route["method"].as_string();
  if (!method.empty() && method != request.method && !(method == "GET" && request.method == "HEAD")) return false;
  const std::string_view path = route["path"].as_string();
  if (path.ends_with("*")) return request.path.starts_with(path.substr(0, path.size() - 1));
  return request.path == path;
}

}  // namespace

Task<int> http_responder_main(Process& process) {
  auto config = parse_json(process.read_file("/etc/http-responder.json").value_or("{}"));
  if (!config) {
    co_await process.err("http-responder: /etc/http-responder.json: " + config.error().message + "\n");
    co_return 1;
  }
  const Value routes = (*config)["routes"];
  ServeOptions options;
  options.port = static_cast<std::uint16_t>((*config)["port"].as_int(8080));
  co_await process.out("Listening on port " + std::to_string(options.port) + "\n");
  co_return co_await serve_http(process, options, [&process, routes](HttpRequest request) -> Task<HttpResponse> {
    HttpResponse response = text_page(404, "text/plain; charset=utf-8", "404 page not found\n");
    bool path_known = false;
    for (const Value& route : routes.items()) {
      const std::string_view path = route["path"].as_string();
      path_known = path_known || request.path == path ||
                   (path.ends_with("*") && request.path.starts_with(path.substr(0, path.size() - 1)));
      if (!route_fits(route, request)) continue;
      if (const std::int64_t delay = route["delay"].as_int(); delay > 0)
        co_await process.loop().sleep(nanoseconds(delay));
      response = text_page(static_cast<int>(route["status"].as_int(200)), "text/plain; charset=utf-8",
                           fill_in(process, request, route["body"].as_string()));
      for (const Value::Member& header : route["headers"].members())
        response.headers.set(header.key.str(), fill_in(process, request, header.value.as_string()));
      path_known = false;
      break;
    }
    if (path_known) response = text_page(405, "text/plain; charset=utf-8", "405 method not allowed\n");
    co_await process.out(request.peer_address + " - - [" + log_time(process.now()) + "] \"" + request.method + " " +
                         request_target(request) + " HTTP/1.1\" " + std::to_string(response.status) + " " +
                         std::to_string(response.body.bytes.size()) + "\n");
    co_return response;
  });
}

}  // namespace drydock
