#include "core/programs/images/web_servers.h"

#include <ctime>
#include <functional>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/machinery/json.h"
#include "core/network/http_server.h"

namespace drydock {
namespace {

using Answer = std::function<HttpResponse(Process&, const HttpRequest&)>;

HttpResponse page(int status, std::string type, std::string body) {
  HttpResponse response;
  response.status = status;
  response.headers.set("Content-Type", std::move(type));
  response.body.bytes = std::move(body);
  return response;
}

// Answers by a function and writes one access-log line a request.
class FunctionHandler final : public HttpHandler {
 public:
  FunctionHandler(Process& process, Answer answer, bool log)
      : process_(process), answer_(std::move(answer)), log_(log) {}
  Task<HttpResponse> handle(HttpRequest request) override {
    HttpResponse response = answer_(process_, request);
    process_.add_cpu_time(microseconds(150));
    if (log_) {
      const std::time_t since =
          std::chrono::duration_cast<std::chrono::seconds>(process_.now().time_since_epoch()).count();
      std::tm parts{};
      gmtime_r(&since, &parts);
      char stamp[40];
      std::strftime(stamp, sizeof stamp, "%d/%b/%Y:%H:%M:%S +0000", &parts);
      const std::string agent =
          request.headers.get("User-Agent").empty() ? "-" : std::string(request.headers.get("User-Agent"));
      co_await process_.out(request.peer_address + " - - [" + stamp + "] \"" + request.method + " " + request.path +
                            " HTTP/1.1\" " + std::to_string(response.status) + " " +
                            std::to_string(response.body.bytes.size()) + " \"-\" \"" + agent + "\" \"-\"\n");
    }
    co_return response;
  }

 private:
  Process& process_;
  Answer answer_;
  bool log_;
};

// Serves until SIGTERM or SIGQUIT.
Task<int> serve(Process& process, std::uint16_t port, Answer answer, bool log) {
  process.on_signal(kSigTerm, Process::Disposition::kCatch);
  process.on_signal(kSigQuit, Process::Disposition::kCatch);
  FunctionHandler handler(process, std::move(answer), log);
  HttpListenerOptions options;
  options.owner = {process.pid(), std::string(process.name())};
  auto listener = HttpListener::open(process.namespaces().network, port, handler, options);
  if (!listener) {
    co_await process.err(std::string(process.name()) + ": bind() to 0.0.0.0:" + std::to_string(port) +
                         " failed (98: Address already in use)\n");
    co_return 1;
  }
  (void)co_await process.wait_signal();
  co_return 0;
}

std::string nginx_error(int status, const std::string& reason, const std::string& version) {
  const std::string title = std::to_string(status) + " " + reason;
  return "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
         "</h1></center>\r\n<hr><center>nginx/" + version + "</center>\r\n</body>\r\n</html>\r\n";
}

// The first value of a directive in nginx's configuration.
std::string directive(std::string_view text, std::string_view name) {
  for (const std::string& raw : split(text, '\n')) {
    const std::vector<std::string> words = split_whitespace(raw);
    if (words.size() >= 2 && words[0] == name)
      return words[1].ends_with(";") ? words[1].substr(0, words[1].size() - 1) : words[1];
  }
  return {};
}

const char* type_of(std::string_view path) {
  if (path.ends_with(".html") || path.ends_with(".htm")) return "text/html";
  if (path.ends_with(".css")) return "text/css";
  if (path.ends_with(".js")) return "application/javascript";
  if (path.ends_with(".json")) return "application/json";
  if (path.ends_with(".txt")) return "text/plain";
  return "application/octet-stream";
}

}  // namespace

Task<int> nginx_main(Process& process) {
  const std::string version = process.program_version().empty() ? "1.29.1" : process.program_version();
  for (const std::string& word : process.arguments()) {
    if (word == "-v" || word == "-V") {
      co_await process.err("nginx version: nginx/" + version + "\n");
      co_return 0;
    }
    if (word == "-t") {
      co_await process.err(
          "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file "
          "/etc/nginx/nginx.conf test is successful\n");
      co_return 0;
    }
  }
  const std::string config = process.read_file("/etc/nginx/conf.d/default.conf").value_or("");
  const std::string root = directive(config, "root").empty() ? "/usr/share/nginx/html" : directive(config, "root");
  const auto port = static_cast<std::uint16_t>(parse_int(directive(config, "listen")).value_or(80));
  co_await process.err("/docker-entrypoint.sh: Configuration complete; ready for start up\n");
  co_return co_await serve(
      process, port,
      [root, version](Process& p, const HttpRequest& request) {
        std::string path = normalize_path(root + "/" + request.path);
        auto info = p.stat(path);
        if (info && info->type == FileType::kDirectory) {
          path += "/index.html";
          if (!p.exists(path)) {
            HttpResponse denied = page(403, "text/html", nginx_error(403, "Forbidden", version));
            denied.headers.set("Server", "nginx/" + version);
            return denied;
          }
        }
        auto content = p.read_file(path);
        HttpResponse response = content ? page(200, type_of(path), *content)
                                        : page(404, "text/html", nginx_error(404, "Not Found", version));
        response.headers.set("Server", "nginx/" + version);
        return response;
      },
      true);
}

Task<int> httpd_main(Process& process) {
  co_return co_await serve(
      process, 80,
      [](Process& p, const HttpRequest& request) {
        if (request.path == "/")
          return page(200, "text/html",
                      p.read_file("/usr/local/apache2/htdocs/index.html")
                          .value_or("<html><body><h1>It works!</h1></body></html>\n"));
        auto content = p.read_file("/usr/local/apache2/htdocs" + request.path);
        if (content) return page(200, type_of(request.path), *content);
        return page(404, "text/html",
                    "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>404 Not "
                    "Found</title>\n</head><body>\n<h1>Not Found</h1>\n<p>The requested URL was not found on this "
                    "server.</p>\n</body></html>\n");
      },
      true);
}

Task<int> simpleservice_main(Process& process) {
  const auto port = static_cast<std::uint16_t>(
      parse_int(process.env("PORT0").empty() ? "9876" : process.env("PORT0")).value_or(9876));
  const std::string version = !process.env("SIMPLE_SERVICE_VERSION").empty()
                                  ? std::string(process.env("SIMPLE_SERVICE_VERSION"))
                                  : process.program_version();
  co_return co_await serve(
      process, port,
      [version, port](Process& p, const HttpRequest& request) {
        const std::string host = request.headers.get("Host").empty() ? "localhost:" + std::to_string(port)
                                                                     : std::string(request.headers.get("Host"));
        const std::string common = "{\"host\": \"" + host + "\", \"version\": \"" + version + "\"";
        if (request.path == "/info")
          return page(200, "application/json", common + ", \"from\": \"" + request.peer_address + "\"}");
        if (request.path == "/health") return page(200, "application/json", "{\"healthy\": true}");
        if (request.path == "/endpoint0")
          return page(200, "application/json", common + ", \"result\": \"all is well\"}");
        if (request.path == "/env") {
          Value variables = Value::object();
          for (const auto& [name, value] : p.environment()) variables.set(name, value);
          return page(200, "application/json", dump_json(Value::object({{"version", version}, {"env", variables}})));
        }
        return page(404, "text/html", "<html><title>404: Not Found</title><body>404: Not Found</body></html>");
      },
      true);
}

Task<int> http_responder_main(Process& process) {
  auto config = parse_json(process.read_file("/etc/http-responder.json").value_or("{}"));
  if (!config) {
    co_await process.err("http-responder: /etc/http-responder.json: " + config.error().message + "\n");
    co_return 1;
  }
  const Value responses = (*config)["responses"];
  co_return co_await serve(
      process, static_cast<std::uint16_t>((*config)["port"].as_int(8080)),
      [responses](Process&, const HttpRequest& request) {
        const Value* body = responses.find(request.path);
        if (body == nullptr) return page(404, "text/plain", "404 page not found\n");
        return page(200, "text/plain", body->is_string() ? body->str() : dump_json(*body));
      },
      true);
}

Task<int> hello_app_main(Process& process) {
  const std::string version = process.program_version() == "2.0" ? "2.0.0" : "1.0.0";
  co_await process.err("Server listening on port 8080\n");
  co_return co_await serve(
      process, 8080,
      [version](Process& p, const HttpRequest&) {
        return page(200, "text/plain", "Hello, world!\nVersion: " + version + "\nHostname: " + p.hostname() + "\n");
      },
      false);
}

Task<int> http_echo_main(Process& process) {
  std::string text = "hello-world";
  std::uint16_t port = 5678;
  for (const std::string& word : process.arguments()) {
    const std::string bare = word.starts_with("--") ? word.substr(1) : word;
    if (bare.starts_with("-text=")) text = bare.substr(6);
    if (bare.starts_with("-listen="))
      port = static_cast<std::uint16_t>(parse_int(bare.substr(bare.rfind(':') + 1)).value_or(5678));
  }
  co_return co_await serve(
      process, port,
      [text](Process&, const HttpRequest&) { return page(200, "text/plain; charset=utf-8", text + "\n"); }, false);
}

}  // namespace drydock
