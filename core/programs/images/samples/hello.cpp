// Servers of the first tutorials: they say hello and which pod they run in.
#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/timestamp.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/images/entry_points.h"
#include "core/programs/images/serving.h"

namespace drydock {
namespace {

std::string host_header(const HttpRequest& request, const std::string& fallback) {
  const std::string_view host = request.headers.get("Host");
  return host.empty() ? fallback : std::string(host);
}

// Common Log Format, as python's tornado and Go samples print it.
Task<void> log_request(Process& process, const HttpRequest& request, const HttpResponse& response) {
  std::string line = request.peer_address + " - - [" + log_time(process.now()) + "] \"" + request.method + " " +
                     request_target(request) + " HTTP/1.1\" " + std::to_string(response.status) + " " +
                     std::to_string(response.body.text().size()) + "\n";
  co_await process.out(std::move(line));
}

}  // namespace

Task<int> simpleservice_main(Process& process) {
  const std::string given(process.env("PORT0"));
  const auto port = static_cast<std::uint16_t>(parse_int(given.empty() ? "9876" : given).value_or(9876));
  const std::string own(process.env("SIMPLE_SERVICE_VERSION"));
  const std::string version = own.empty() ? process.program_version() : own;
  // Milliseconds that /health waits before it answers: drawn between the two.
  const std::int64_t low = parse_int(process.env("HEALTH_MIN")).value_or(0);
  const std::int64_t high = parse_int(process.env("HEALTH_MAX")).value_or(0);
  ServeOptions options;
  options.port = port;
  co_return co_await serve_http(
      process, options, [&process, port, version, low, high](HttpRequest request) -> Task<HttpResponse> {
        const std::string host = host_header(request, "localhost:" + std::to_string(port));
        const std::string common = "{\"host\": \"" + host + "\", \"version\": \"" + version + "\"";
        HttpResponse response = text_page(404, "text/html; charset=UTF-8",
                                          "<html><title>404: Not Found</title><body>404: Not Found</body></html>");
        if (request.path == "/info") {
          response = text_page(200, "application/json", common + ", \"from\": \"" + request.peer_address + "\"}");
        } else if (request.path == "/health") {
          if (high > low) (void)co_await process.sleep(milliseconds(process.prng().between(low, high)));
          response = text_page(200, "application/json", "{\"healthy\": true}");
        } else if (request.path == "/endpoint0") {
          response = text_page(200, "application/json", common + ", \"result\": \"all is well\"}");
        } else if (request.path == "/env") {
          Value variables = Value::object();
          for (const auto& [name, value] : process.environment()) variables.set(name, value);
          response =
              text_page(200, "application/json", dump_json(Value::object({{"version", version}, {"env", variables}})));
        }
        co_await process.out(format_time(process.now(), "%Y-%m-%dT%I:%M:%S") + " INFO " + request.path +
                             " serving from " + host + " has been invoked from " + request.peer_address +
                             " [at line 101]\n");
        co_await process.out(format_time(process.now(), "%Y-%m-%dT%I:%M:%S") + " INFO " +
                             std::to_string(response.status) + " " + request.method + " " + request_target(request) +
                             " (" + request.peer_address + ") 1.02ms [at line 1946]\n");
        co_return response;
      });
}

Task<int> hello_app_main(Process& process) {
  const std::string version = process.program_version() == "2.0" ? "2.0.0" : "1.0.0";
  const std::string given(process.env("PORT"));
  const auto port = static_cast<std::uint16_t>(parse_int(given.empty() ? "8080" : given).value_or(8080));
  co_await process.err(slash_time(process.now()) + " Server listening on port " + std::to_string(port) + "\n");
  ServeOptions options;
  options.port = port;
  co_return co_await serve_http(process, options, [&process, version](HttpRequest request) -> Task<HttpResponse> {
    co_await process.err(slash_time(process.now()) + " Serving request: " + request.path + "\n");
    co_return text_page(200, "text/plain; charset=utf-8",
                        "Hello, world!\nVersion: " + version + "\nHostname: " + process.hostname() + "\n");
  });
}

Task<int> hello_node_main(Process& process) {
  ServeOptions options;
  options.ignore_term = true;  // node as pid 1 without a handler
  co_return co_await serve_http(process, options, [&process](HttpRequest request) -> Task<HttpResponse> {
    co_await process.out("Received request for URL: " + request_target(request) + "\n");
    co_return text_page(200, "text/plain", "Hello Kubernetes!");
  });
}

Task<int> hello_go_main(Process& process) {
  ServeOptions options;
  options.port = 80;
  co_return co_await serve_http(process, options, [](HttpRequest) -> Task<HttpResponse> {
    co_return text_page(200, "application/json", "{\"message\":\"Hello\"}\n");
  });
}

// Its page is the tutorial's: pod name and version.
Task<int> kubernetes_bootcamp_main(Process& process) {
  const std::string version = process.program_version() == "v2" ? "v=2" : "v=1";
  co_await process.out("Kubernetes Bootcamp App Started At: " + format_timestamp(process.now()) +
                       " | Running On:  " + process.hostname() + " \n");
  auto requests = std::make_shared<std::int64_t>(0);
  const TimePoint started = process.now();
  ServeOptions options;
  options.ignore_term = true;
  co_return co_await serve_http(
      process, options, [&process, version, requests, started](HttpRequest) -> Task<HttpResponse> {
        const std::string body =
            "Hello Kubernetes bootcamp! | Running on: " + process.hostname() + " | " + version + "\n";
        ++*requests;
        const double up = std::chrono::duration<double>(process.now() - started).count();
        co_await process.out("Running On: " + process.hostname() + " | Total Requests: " + std::to_string(*requests) +
                             " | App Uptime: " + format("%.3f", up) +
                             " seconds | Log Time: " + format_timestamp(process.now()) + "\n");
        co_return text_page(200, "text/plain", body);
      });
}

Task<int> http_echo_main(Process& process) {
  if (has_flag(process, "version")) {
    co_await process.out("http-echo v" + process.program_version() + "\n");
    co_return 0;
  }
  std::string text = flag_value(process, "text");
  if (text.empty()) text = std::string(process.env("ECHO_TEXT"));
  const std::string listen = flag_value(process, "listen", ":5678");
  const auto status = static_cast<int>(parse_int(flag_value(process, "status-code", "200")).value_or(200));
  if (text.empty() && !has_flag(process, "text")) {
    if (process.program_version().starts_with("0.")) {
      co_await process.err("Missing -text option!\n");
      co_return 127;
    }
    text = "hello-world";
  }
  const auto port = parse_int(listen.substr(listen.rfind(':') + 1));
  if (!port || *port < 1 || *port > 65535) {
    co_await process.err(slash_time(process.now()) + " [ERR] server exited with: listen tcp: address " + listen +
                         ": invalid port\n");
    co_return 1;
  }
  co_await process.out(slash_time(process.now()) + " [INFO] server is listening on " + listen + "\n");
  ServeOptions options;
  options.port = static_cast<std::uint16_t>(*port);
  const std::string version = process.program_version();
  co_return co_await serve_http(
      process, options, [&process, text, status, version](HttpRequest request) -> Task<HttpResponse> {
        HttpResponse response = text_page(status, "text/plain; charset=utf-8", text + "\n");
        response.headers.add("X-App-Name", "http-echo");
        response.headers.add("X-App-Version", version);
        co_await process.out(slash_time(process.now()) + " " + host_header(request, "-") + " " + request.peer_address +
                             ":" + std::to_string(40000 + static_cast<int>(request.path.size())) + " \"" +
                             request.method + " " + request_target(request) + " HTTP/1.1\" " + std::to_string(status) +
                             " " + std::to_string(text.size() + 1) + " \"" +
                             std::string(request.headers.get("User-Agent")) + "\" 28.1µs\n");
        co_return response;
      });
}

Task<int> goproxy_main(Process& process) {
  // A proxy that refuses what is not a proxy request; probes only look at its port.
  ServeOptions options;
  co_return co_await serve_http(process, options, [](HttpRequest) -> Task<HttpResponse> {
    co_return text_page(500, "text/plain; charset=utf-8",
                        "This is a proxy server. Does not respond to non-proxy requests.\n");
  });
}

// Healthy for ten seconds, then 500: the page about liveness probes.
Task<int> liveness_server_main(Process& process) {
  const TimePoint started = process.now();
  ServeOptions options;
  co_return co_await serve_http(process, options, [&process, started](HttpRequest request) -> Task<HttpResponse> {
    HttpResponse response =
        text_page(200, "text/plain; charset=utf-8", std::to_string((process.now() - started).count()));
    if (request.path == "/healthz") {
      const double up = std::chrono::duration<double>(process.now() - started).count();
      response = up > 10 ? text_page(500, "text/plain; charset=utf-8", format("error: %.9f", up))
                         : text_page(200, "text/plain; charset=utf-8", "ok");
    } else if (request.path.starts_with("/redirect")) {
      response = text_page(302, "text/plain; charset=utf-8", "");
      response.headers.add("Location", std::string(request.query.get("loc")));
    }
    co_await log_request(process, request, response);
    co_return response;
  });
}

}  // namespace drydock
