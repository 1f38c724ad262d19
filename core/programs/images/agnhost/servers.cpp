#include <algorithm>
#include <deque>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/timestamp.h"
#include "core/network/udp.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/images/agnhost/agnhost.h"
#include "core/programs/images/serving.h"
#include "core/programs/net/fetch.h"

namespace drydock::agnhost {
namespace {

constexpr std::string_view kPlain = "text/plain; charset=utf-8";

std::uint16_t port_flag(const Process& process, std::string_view name, std::uint16_t fallback) {
  const auto given = parse_int(flag(process, name));
  return given && *given > 0 && *given <= 65535 ? static_cast<std::uint16_t>(*given) : fallback;
}

HttpResponse plain(std::string text, int status = 200) {
  return text_page(status, std::string(kPlain), std::move(text));
}

// A client's port is not part of a typed request.
std::string client_address(const HttpRequest& request) {
  return request.peer_address + ":" + std::to_string(40000 + sha256(request.peer_address)[1] % 32 * 256 + 77);
}

struct NetexecState {
  bool healthy = true;
  int exit_code = -1;
};

// Runs "sh -c COMMAND" and gives its output as netexec's /shell does.
Task<HttpResponse> run_shell(Process& process, std::string command) {
  auto output = std::make_shared<std::string>();
  SpawnOptions options;
  options.argv = {"/bin/sh", "-c", command};
  const OpenFilePtr sink = make_sink([output](std::string_view bytes) { output->append(bytes); });
  options.files[0] = make_null_file();
  options.files[1] = sink;
  options.files[2] = sink;
  const ExitStatus status = co_await process.run(std::move(options));
  Value answer = Value::object();
  if (status.shell_code() != 0) answer.set("error", "exit status " + std::to_string(status.shell_code()));
  answer.set("output", *output);
  co_return text_page(200, std::string(kPlain), dump_json(answer));
}

// One try of /dial: what the target said, or why not.
Task<void> dial_once(Process& process, std::string host, std::uint16_t port, std::string protocol, std::string command,
                     Value& responses, Value& errors) {
  if (protocol == "http") {
    const auto url = parse_url("http://" + host + ":" + std::to_string(port) + "/" + command);
    if (!url) co_return;
    FetchRequest request;
    request.url = *url;
    request.deadline = process.now() + seconds(5);
    auto got = co_await fetch(process, std::move(request));
    if (got)
      responses.push_back(std::string(trim(fetched_body(got->response))));
    else
      errors.push_back("Get \"" + url->text() + "\": dial tcp " + host + ":" + std::to_string(port) +
                       ": connect: " + to_lower(errno_text(got.error().http.error)));
    co_return;
  }
  const Resolution found = co_await resolve_name(process, host);
  auto socket = UdpSocket::open(process.namespaces().network);
  if (found.kind != Resolution::Kind::kFound || !socket) {
    errors.push_back("lookup " + host + ": no such host");
    co_return;
  }
  (void)(*socket)->send(found.addresses.front(), port, command);
  const std::optional<TimePoint> deadline = process.now() + seconds(5);
  auto reply = co_await (*socket)->receive(deadline);
  if (reply && !reply->error)
    responses.push_back(std::string(trim(reply->bytes)));
  else
    errors.push_back("reading from udp connection failed. err:'read udp: i/o timeout'");
}

Task<HttpResponse> dial(Process& process, HttpRequest request) {
  const std::string host(request.query.get("host"));
  const auto port = parse_int(request.query.get("port"));
  std::string protocol(request.query.get("protocol"));
  std::string command(request.query.get("request"));
  const std::int64_t tries = parse_int(request.query.get("tries")).value_or(1);
  if (host.empty()) co_return plain("missing required parameter: host\n", 400);
  if (!port || *port < 1 || *port > 65535) co_return plain("invalid port parameter\n", 400);
  if (command.empty()) command = "hostname";
  if (protocol.empty()) protocol = "http";
  if (protocol != "http" && protocol != "udp") co_return plain("unsupported protocol: " + protocol + "\n", 400);
  Value responses = Value::array();
  Value errors = Value::array();
  for (std::int64_t i = 0; i < std::clamp<std::int64_t>(tries, 1, 100); ++i)
    co_await dial_once(process, host, static_cast<std::uint16_t>(*port), protocol, command, responses, errors);
  Value answer = Value::object();
  if (!responses.empty()) answer.set("responses", responses);
  if (!errors.empty()) answer.set("errors", errors);
  co_return plain(dump_json(answer));
}

Task<HttpResponse> netexec_answer(Process& process, std::shared_ptr<NetexecState> state, HttpRequest request) {
  const std::string path = request.path;
  const auto code = parse_int(request.query.get("code"));
  if (path == "/")
    co_return plain("NOW: " + format_time(process.now(), "%Y-%m-%d %H:%M:%S.000000000 +0000 UTC m=+") +
                    format("%.9f", std::chrono::duration<double>(process.now() - process.started()).count()));
  if (path == "/hostname" || path == "/hostName") co_return plain(process.hostname());
  if (path == "/clientip") co_return plain(client_address(request));
  if (path == "/header") co_return plain(std::string(request.headers.get(request.query.get("key"))));
  if (path == "/healthz") co_return plain("", state->healthy ? 200 : 412);
  if (path == "/echo") co_return plain(std::string(request.query.get("msg")), static_cast<int>(code.value_or(200)));
  if (path == "/redirect") {
    HttpResponse response = plain("", static_cast<int>(code.value_or(302)));
    response.headers.set("Location", std::string(request.query.get("location")));
    co_return response;
  }
  if (path == "/exit") {
    state->exit_code = static_cast<int>(code.value_or(0));
    (void)process.kill(process.pid(), kSigUsr1);
    co_return plain("");
  }
  if (path == "/shutdown") {
    state->exit_code = 0;
    (void)process.kill(process.pid(), kSigUsr1);
    co_return plain("");
  }
  if (path == "/shell" || path == "/cmd") {
    std::string command(request.query.get(path == "/cmd" ? "cmd" : "shellCommand"));
    if (command.empty()) command = std::string(request.query.get("cmd"));
    co_return co_await run_shell(process, std::move(command));
  }
  if (path == "/dial") co_return co_await dial(process, std::move(request));
  if (path == "/upload" && request.method == "POST") {
    const std::string name = "/uploads/upload" + std::to_string(process.prng().below(1000000000));
    (void)process.make_directories("/uploads");
    (void)process.write_file(name, request.body.text());
    co_return plain("{\"output\":\"" + name + "\"}");
  }
  co_return plain("404 page not found\n", 404);
}

Task<void> serve_udp(Process& process, std::uint16_t port) {
  auto socket = UdpSocket::open(process.namespaces().network, {}, port, {process.host_pid(), "agnhost"});
  if (!socket) co_return;
  while (auto datagram = co_await (*socket)->receive()) {
    if (datagram->error) continue;
    const std::string text(trim(datagram->bytes));
    co_await process.err(klog(process, "Received:'" + text + "' from " + datagram->source.text()));
    std::string answer = "unknown command: " + text;
    if (text == "hostname" || text == "hostName") answer = process.hostname();
    if (text.starts_with("echo ")) answer = text.substr(5);
    if (text == "clientip") answer = datagram->source.text() + ":" + std::to_string(datagram->source_port);
    (*socket)->reply(*datagram, answer);
  }
}

// Sleeps after SIGTERM as --delay-shutdown asks, then ends.
Task<int> wait_for_end(Process& process, std::shared_ptr<NetexecState> state) {
  const std::int64_t delay = parse_int(flag(process, "delay-shutdown", "0")).value_or(0);
  for (;;) {
    const int signal = co_await process.wait_signal();
    if (signal == kSigUsr1 && state->exit_code < 0) continue;
    if (signal == kSigUsr1) co_return state->exit_code;
    if (delay > 0) {
      co_await process.err(klog(process, "Sleeping " + std::to_string(delay) + " seconds before terminating"));
      co_await process.loop().sleep(seconds(delay));
    }
    co_return 0;
  }
}

void catch_ends(Process& process) {
  for (int signal : {kSigTerm, kSigInt, kSigUsr1}) process.on_signal(signal, Process::Disposition::kCatch);
}

Task<int> bind_failed(Process& process, std::uint16_t port) {
  co_await process.err(klog(process, "listen tcp :" + std::to_string(port) + ": bind: address already in use"));
  co_return 255;
}

}  // namespace

Task<int> netexec(Process& process) {
  catch_ends(process);
  auto state = std::make_shared<NetexecState>();
  const std::uint16_t port = port_flag(process, "http-port", 8080);
  const std::uint16_t udp = port_flag(process, "udp-port", 8081);
  FunctionHandler handler([&process, state](HttpRequest request) -> Task<HttpResponse> {
    co_await process.err(klog(process, request.method + " " + request_target(request)));
    HttpResponse response = co_await netexec_answer(process, state, std::move(request));
    co_return response;
  });
  auto listener = open_http(process, port, handler);
  if (!listener) co_return co_await bind_failed(process, port);
  co_await process.err(klog(process, "Started HTTP server on port " + std::to_string(port)));
  process.tasks().spawn(serve_udp(process, udp));
  co_await process.err(klog(process, "Started UDP server on port  " + std::to_string(udp)));
  const int code = co_await wait_for_end(process, state);
  process.tasks().cancel_all();
  co_return code;
}

Task<int> serve_hostname(Process& process) {
  catch_ends(process);
  const std::uint16_t port = port_flag(process, "port", 9376);
  const bool close = flag(process, "close", "false") == "true";
  FunctionHandler handler([&process, close](HttpRequest request) -> Task<HttpResponse> {
    co_await process.err(klog(process, "HTTP request from " + client_address(request)));
    HttpResponse response = plain(process.hostname());
    if (close) response.headers.set("Connection", "close");
    co_return response;
  });
  auto listener = open_http(process, port, handler);
  if (!listener) co_return co_await bind_failed(process, port);
  co_await process.err(klog(process, "Serving on port " + std::to_string(port) + "."));
  auto state = std::make_shared<NetexecState>();
  co_return co_await wait_for_end(process, state);
}

Task<int> liveness(Process& process) {
  catch_ends(process);
  const TimePoint started = process.now();
  FunctionHandler handler([&process, started](HttpRequest request) -> Task<HttpResponse> {
    const double up = std::chrono::duration<double>(process.now() - started).count();
    if (request.path == "/started") co_return plain(std::to_string((process.now() - started).count()));
    if (request.path == "/healthz") co_return up > 10 ? plain(format("error: %.9f", up), 500) : plain("ok");
    if (request.path.starts_with("/redirect")) {
      HttpResponse response = plain("", 302);
      response.headers.set("Location", std::string(request.query.get("loc")));
      co_return response;
    }
    co_return plain("404 page not found\n", 404);
  });
  auto listener = open_http(process, 8080, handler);
  if (!listener) co_return co_await bind_failed(process, 8080);
  auto state = std::make_shared<NetexecState>();
  co_return co_await wait_for_end(process, state);
}

// SERVE_PORT_80=text: that text on port 80.
Task<int> porter(Process& process) {
  catch_ends(process);
  std::deque<FunctionHandler> handlers;
  std::vector<std::unique_ptr<HttpListener>> listeners;
  for (const auto& [name, value] : process.environment()) {
    for (std::string_view prefix : {"SERVE_PORT_", "SERVE_TLS_PORT_"}) {
      if (!name.starts_with(prefix)) continue;
      const auto port = parse_int(std::string_view(name).substr(prefix.size()));
      if (!port) continue;
      const std::string text = value;
      handlers.emplace_back([text](HttpRequest) -> Task<HttpResponse> { co_return plain(text); });
      auto listener = open_http(process, static_cast<std::uint16_t>(*port), handlers.back());
      if (!listener) co_return co_await bind_failed(process, static_cast<std::uint16_t>(*port));
      listeners.push_back(std::move(*listener));
    }
  }
  auto state = std::make_shared<NetexecState>();
  co_return co_await wait_for_end(process, state);
}

Task<int> test_webserver(Process& process) {
  catch_ends(process);
  const std::uint16_t port = port_flag(process, "port", 80);
  FunctionHandler handler([&process](HttpRequest request) -> Task<HttpResponse> {
    const std::string path = normalize_path(request.path);
    const auto info = process.stat(path);
    if (info && info->type == FileType::kDirectory) {
      std::string page = "<!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n";
      for (std::string name : process.list_directory(path).value_or({})) {
        const auto entry = process.stat(join_path(path, name));
        if (entry && entry->type == FileType::kDirectory) name += "/";
        page += "<a href=\"" + name + "\">" + name + "</a>\n";
      }
      co_return text_page(200, "text/html; charset=utf-8", page + "</pre>\n");
    }
    auto bytes = process.read_file(path);
    co_return bytes ? text_page(200, std::string(kPlain), *bytes) : plain("404 page not found\n", 404);
  });
  auto listener = open_http(process, port, handler);
  if (!listener) co_return co_await bind_failed(process, port);
  auto state = std::make_shared<NetexecState>();
  co_return co_await wait_for_end(process, state);
}

// Keys in memory; a replica asks its primary when it is told of one.
Task<int> guestbook(Process& process) {
  catch_ends(process);
  const std::uint16_t port = port_flag(process, "http-port", 80);
  const std::string primary = flag(process, "replicaof");
  const std::string backend = flag(process, "backend-port", "6379");
  // Replicas register with the primary, which sends them what is set.
  auto replicas = std::make_shared<std::vector<std::string>>();
  auto store = std::make_shared<std::string>();
  FunctionHandler handler([&process, store, replicas](HttpRequest request) -> Task<HttpResponse> {
    if (request.path == "/register") {
      replicas->push_back(std::string(request.query.get("host")));
      co_return plain(*store);
    }
    if (request.path == "/set") {
      *store = std::string(request.query.get("value"));
      Value answer = Value::object({{"data", *store}});
      for (const std::string& host : *replicas) {
        const auto url = parse_url("http://" + host + "/set");
        if (!url) continue;
        FetchRequest copy;
        copy.url = *url;
        HttpQuery query;
        query.add("value", *store);
        copy.url.query = query.encode();
        copy.deadline = process.now() + seconds(2);
        (void)co_await fetch(process, std::move(copy));
      }
      co_return plain(dump_json(answer));
    }
    if (request.path == "/get") co_return plain(dump_json(Value::object({{"data", *store}})));
    if (request.path == "/guestbook") {
      const std::string command(request.query.get("cmd"));
      const bool set = command == "set";
      const std::string host = set ? "agnhost-primary" : "agnhost-replica";
      const auto url = parse_url("http://" + host + ":6379/" + (set ? "set" : "get"));
      FetchRequest ask;
      ask.url = *url;
      HttpQuery query;
      query.add("value", std::string(request.query.get("value")));
      if (set) ask.url.query = query.encode();
      ask.deadline = process.now() + seconds(5);
      auto got = co_await fetch(process, std::move(ask));
      co_return got ? plain(fetched_body(got->response)) : plain("unable to reach " + host + "\n", 500);
    }
    co_return plain("404 page not found\n", 404);
  });
  const auto own_port = static_cast<std::uint16_t>(parse_int(backend).value_or(6379));
  auto back = open_http(process, own_port, handler);
  if (!back) co_return co_await bind_failed(process, own_port);
  auto front = open_http(process, port, handler);
  if (!front) co_return co_await bind_failed(process, port);
  if (!primary.empty()) {
    for (;;) {
      const auto url = parse_url("http://" + primary +
                                 ":6379/register?host=" + process.network().primary_address().text() + ":" + backend);
      FetchRequest ask;
      ask.url = *url;
      ask.deadline = process.now() + seconds(5);
      auto got = co_await fetch(process, std::move(ask));
      if (got && got->response.status == 200) {
        *store = fetched_body(got->response);
        co_await process.err(klog(process, "Registered to the primary: " + primary));
        break;
      }
      co_await process.err(klog(process, "failed to register to the primary " + primary + ", will retry"));
      auto slept = co_await process.sleep(seconds(1));
      if (!slept) co_return 0;
    }
  }
  auto state = std::make_shared<NetexecState>();
  co_return co_await wait_for_end(process, state);
}

// Answers with the address that a client seems to have: whether something translated it.
Task<int> no_snat_test(Process& process) {
  catch_ends(process);
  const std::uint16_t port = port_flag(process, "port", 8080);
  FunctionHandler handler([](HttpRequest request) -> Task<HttpResponse> { co_return plain(request.peer_address); });
  auto listener = open_http(process, port, handler);
  if (!listener) co_return co_await bind_failed(process, port);
  auto state = std::make_shared<NetexecState>();
  co_return co_await wait_for_end(process, state);
}

Task<int> fake_gitserver(Process& process) {
  catch_ends(process);
  FunctionHandler handler([](HttpRequest) -> Task<HttpResponse> { co_return plain("I am a fake git server"); });
  auto listener = open_http(process, 8000, handler);
  if (!listener) co_return co_await bind_failed(process, 8000);
  auto state = std::make_shared<NetexecState>();
  co_return co_await wait_for_end(process, state);
}

}  // namespace drydock::agnhost
