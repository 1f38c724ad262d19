// The front end of the guestbook tutorial: a page, and guestbook.php over Redis.
#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/images/entry_points.h"
#include "core/programs/images/redis/resp.h"
#include "core/programs/images/serving.h"

namespace drydock {
namespace {

constexpr std::string_view kPage =
    "<html ng-app=\"redis\">\n  <head>\n    <title>Guestbook</title>\n    <link rel=\"stylesheet\" "
    "href=\"bootstrap.min.css\">\n    <script src=\"controllers.js\"></script>\n  </head>\n  <body "
    "ng-controller=\"RedisCtrl\">\n    <div style=\"width: 50%; margin-left: 20px\">\n      "
    "<h2>Guestbook</h2>\n      <form>\n        <fieldset>\n          <input ng-model=\"msg\" placeholder=\"Messages\" "
    "class=\"form-control\" type=\"text\" name=\"input\"><br>\n          <button type=\"button\" class=\"btn "
    "btn-primary\" ng-click=\"controller.onRedis()\">Submit</button>\n        </fieldset>\n      </form>\n      "
    "<div>\n "
    "       <div ng-repeat=\"msg in messages track by $index\">\n          {{msg}}\n        </div>\n      </div>\n    "
    "</div>\n  </body>\n</html>\n";

std::string redis_host(Process& process, const char* name, const char* variable) {
  if (process.env("GET_HOSTS_FROM") == "env") return std::string(process.env(variable));
  return name;
}

HttpResponse php_failure(const std::string& host, const std::string& why) {
  return text_page(500, "text/html; charset=UTF-8",
                   "<br />\n<b>Fatal error</b>:  Uncaught Predis\\Connection\\ConnectionException: "
                   "php_network_getaddresses or connect failed: " +
                       why + " [tcp://" + host +
                       ":6379] in /usr/local/lib/php/Predis/Connection/AbstractConnection.php:155\n");
}

Task<HttpResponse> guestbook(Process& process, HttpRequest request) {
  const std::string command(request.query.get("cmd"));
  const std::string key(request.query.get("key"));
  if (command != "set" && command != "get") {
    co_return text_page(200, "text/html; charset=UTF-8", "");
  }
  const bool set = command == "set";
  const std::string host = set ? redis_host(process, "redis-leader", "REDIS_LEADER_SERVICE_HOST")
                               : redis_host(process, "redis-follower", "REDIS_FOLLOWER_SERVICE_HOST");
  auto connection = co_await redis::Connection::open(process, host, 6379, process.now() + seconds(5));
  if (!connection) co_return php_failure(host, connection.error().message);
  std::vector<std::string> words{set ? "SET" : "GET", key};
  if (set) words.emplace_back(request.query.get("value"));
  auto reply = co_await (*connection)->call(std::move(words));
  if (!reply) co_return php_failure(host, reply.error().message);
  if (reply->is_error())
    co_return text_page(
        500, "text/html; charset=UTF-8",
        "<br />\n<b>Fatal error</b>:  Uncaught Predis\\Response\\ServerException: " + reply->text + "\n");
  if (set) co_return text_page(200, "application/json", "{\"message\": \"Updated\"}");
  co_return text_page(200, "application/json", "{\"data\": " + dump_json(Value(reply->text)) + "}");
}

}  // namespace

Task<int> guestbook_frontend_main(Process& process) {
  process.set_memory(14 << 20);
  const std::string when = format_time(process.now(), "%a %b %d %H:%M:%S.000000 %Y");
  co_await process.err(
      "AH00558: apache2: Could not reliably determine the server's fully qualified domain name, using " +
      process.network().primary_address().text() +
      ". Set the 'ServerName' directive globally to suppress this message\n[" + when +
      "] [mpm_prefork:notice] [pid 1] AH00163: Apache/2.4.52 (Debian) PHP/7.4.30 configured -- "
      "resuming normal operations\n[" +
      when + "] [core:notice] [pid 1] AH00094: Command line: 'apache2 -D FOREGROUND'\n");
  ServeOptions options;
  options.port = 80;
  co_return co_await serve_http(process, options, [&process](HttpRequest request) -> Task<HttpResponse> {
    HttpResponse response;
    if (request.path == "/guestbook.php")
      response = co_await guestbook(process, request);
    else if (request.path == "/" || request.path == "/index.html")
      response = text_page(200, "text/html", std::string(kPage));
    else
      response = text_page(404, "text/html; charset=iso-8859-1",
                           "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>404 Not "
                           "Found</title>\n</head><body>\n<h1>Not Found</h1>\n<p>The requested URL was not found on "
                           "this server.</p>\n</body></html>\n");
    response.headers.set("Server", "Apache/2.4.52 (Debian)");
    co_await process.out(request.peer_address + " - - [" + log_time(process.now()) + "] \"" + request.method + " " +
                         request_target(request) + " HTTP/1.1\" " + std::to_string(response.status) + " " +
                         std::to_string(response.body.bytes.size()) + " \"-\" \"" +
                         std::string(request.headers.get("User-Agent")) + "\"\n");
    co_return response;
  });
}

}  // namespace drydock
