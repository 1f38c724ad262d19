// kubectl port-forward, proxy.
#include "core/base/strings.h"
#include "core/network/http_server.h"
#include "core/network/net_namespace.h"
#include "core/network/tcp.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/connection/streaming.h"
#include "core/programs/kubectl/connection/watch.h"
#include "core/programs/kubectl/errors.h"

namespace drydock::kubectl {
namespace {

struct Ports {
  std::uint16_t local = 0;
  std::uint16_t remote = 0;
};

// "8080:80", ":80", "80", "8080:http" (a name is looked up in the pod).
Result<Ports> parse_ports(const std::string& text, const Target& pod, const Value& service) {
  const std::size_t colon = text.find(':');
  const std::string local_text = colon == std::string::npos ? text : text.substr(0, colon);
  const std::string remote_text = colon == std::string::npos ? text : text.substr(colon + 1);
  auto remote = parse_int(remote_text);
  // A Service's port stands for the pods' port behind it.
  for (const Value& port : service["spec"]["ports"].items()) {
    const bool matches = (remote && port["port"].as_int() == *remote) || port["name"].as_string() == remote_text;
    if (!matches) continue;
    const Value& goal = port["targetPort"];
    if (goal.is_string()) {
      for (const Value& container : pod.object["spec"]["containers"].items()) {
        for (const Value& candidate : container["ports"].items()) {
          if (candidate["name"] == goal) remote = candidate["containerPort"].as_int();
        }
      }
    } else {
      remote = goal.is_null() ? port["port"].as_int() : goal.as_int();
    }
  }
  if (!remote) {
    for (const Value& container : pod.object["spec"]["containers"].items()) {
      for (const Value& candidate : container["ports"].items()) {
        if (candidate["name"].as_string() == remote_text) remote = candidate["containerPort"].as_int();
      }
    }
  }
  if (!remote) return Status::plain("Pod '" + pod.name + "' does not have a named port '" + remote_text + "'");
  auto local = local_text.empty() ? std::optional<std::int64_t>(0) : parse_int(local_text);
  if (colon == std::string::npos && !local) local = remote;
  if (!local || *local < 0 || *local > 65535)
    return Status::plain("error parsing local port '" + local_text + "': strconv.ParseUint: parsing " +
                         go_quote(local_text) + ": invalid syntax");
  if (*remote < 1 || *remote > 65535) return Status::plain("remote port must be > 0");
  return Ports{static_cast<std::uint16_t>(*local), static_cast<std::uint16_t>(*remote)};
}

// One forwarded connection: bytes both ways over an upgraded request (channel 0: data, 1: errors).
Task<void> pump_to_pod(TcpStreamPtr local, std::shared_ptr<StreamEnd> stream) {
  while (true) {
    SysResult<std::string> bytes = co_await local->read();
    if (!bytes || bytes->empty()) break;
    StreamMessage message;
    message.channel = 0;
    message.bytes = *std::move(bytes);
    if (!stream->send(std::move(message))) co_return;
  }
  stream->close();
}

Task<void> forward_connection(Session& session, Target pod, std::uint16_t port, TcpStreamPtr local) {
  auto [mine, theirs] = StreamEnd::make_pair(session.process().loop());
  const std::shared_ptr<StreamEnd> stream = mine;
  HttpRequest request;
  request.path = pod.path("portforward");
  request.query.add("ports", std::to_string(port));
  request.headers.add("Connection", "Upgrade");
  request.headers.add("Upgrade", "websocket");
  request.headers.add("Sec-Websocket-Protocol", "v4.channel.k8s.io");
  request.upgrade = std::move(theirs);
  Result<HttpResponse> response = co_await session.send(std::move(request));
  if (!response) {
    co_await session.err("error: error upgrading connection: " + response.error().message + "\n");
    co_return;
  }
  TaskGroup pumps(session.process().loop());
  pumps.spawn(pump_to_pod(local, stream));
  while (true) {
    std::optional<StreamMessage> message = co_await stream->receive();
    if (!message) break;
    if (message->channel == 1 && !message->bytes.empty()) {
      co_await session.err("E portforward.go] \"Unhandled Error\" err=" +
                           go_quote("an error occurred forwarding: " + message->bytes) + "\n");
      break;
    }
    if (!local->write(message->bytes)) break;
  }
  local->close();
}

Task<void> accept_connections(Session& session, Target pod, Ports ports, TcpListener& listener,
                              TaskGroup& connections) {
  while (true) {
    TcpStreamPtr stream = co_await listener.accept();
    co_await session.out("Handling connection for " + std::to_string(ports.local) + "\n");
    connections.spawn(forward_connection(session, pod, ports.remote, std::move(stream)));
  }
}

// Passes requests on to the API server, with this session's credentials.
class ApiProxy final : public HttpHandler {
 public:
  explicit ApiProxy(Session& session) : session_(session) {}
  Task<HttpResponse> handle(HttpRequest request) override {
    Result<HttpResponse> response = co_await session_.send(std::move(request));
    if (response) co_return *std::move(response);
    HttpResponse failed;
    failed.status = response.error().code == 0 ? 502 : response.error().code;
    failed.body.document = status_to_document(response.error());
    co_return failed;
  }

 private:
  Session& session_;
};

Task<void> sleep_for_ever(Process& process) {
  while (true) (void)co_await process.sleep(std::chrono::hours(24));
}

}  // namespace

Task<Result<int>> run_port_forward(Session& session, Arguments arguments) {
  if (arguments.size() < 2) co_return session.usage_error("TYPE/NAME and list of ports are required for port-forward");
  const Arguments resource = {arguments[0]};
  DRYDOCK_CO_TRY(const Target pod,
                 co_await pod_for(session, resource, "TYPE/NAME and list of ports are required for port-forward"));
  const std::string phase = pod.object["status"]["phase"].str();
  if (phase != "Running")
    co_return Status::plain("unable to forward port because pod is not running. Current status=" + phase);
  Value service;
  if (arguments[0].starts_with("svc/") || arguments[0].starts_with("service")) {
    DRYDOCK_CO_TRY(service, co_await session.get(
                                resources::kServices.path(pod.ns, arguments[0].substr(arguments[0].find('/') + 1))));
  }
  const std::string address =
      session.flags().list("address").empty() ? "localhost" : session.flags().list("address")[0];
  const Ipv4 bind = address == "0.0.0.0" ? Ipv4{} : kLoopbackAddress;
  std::vector<std::unique_ptr<TcpListener>> listeners;
  TaskGroup connections(session.process().loop());
  TaskGroup acceptors(session.process().loop());
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    DRYDOCK_CO_TRY(Ports ports, parse_ports(arguments[i], pod, service));
    auto listener = TcpListener::open(session.process().namespaces().network, bind, ports.local);
    if (!listener) {
      co_await session.out("Unable to listen on port " + std::to_string(ports.local) +
                           ": Listeners failed to create with the following errors: [unable to create listener: Error "
                           "listen tcp4 127.0.0.1:" +
                           std::to_string(ports.local) + ": bind: " + to_lower(errno_text(listener.error())) + "]\n");
      co_return Status::plain("unable to listen on any of the requested ports: [{" + std::to_string(ports.local) + " " +
                              std::to_string(ports.remote) + "}]");
    }
    ports.local = (*listener)->port();
    const std::string shown = address == "0.0.0.0" ? "0.0.0.0" : "127.0.0.1";
    co_await session.out("Forwarding from " + shown + ":" + std::to_string(ports.local) + " -> " +
                         std::to_string(ports.remote) + "\n");
    listeners.push_back(*std::move(listener));
    acceptors.spawn(accept_connections(session, pod, ports, *listeners.back(), connections));
  }
  Following following(session.process());
  co_await sleep_for_ever(session.process());
  co_return 0;
}

Task<Result<int>> run_proxy(Session& session, Arguments) {
  DRYDOCK_CO_TRY(const ResolvedConfig* config, session.config());
  (void)config;
  ApiProxy handler(session);
  HttpListenerOptions options;
  options.address = kLoopbackAddress;
  const auto wanted = static_cast<std::uint16_t>(session.flags().number("port"));
  auto listener = HttpListener::open(session.process().namespaces().network, wanted, handler, options);
  if (!listener)
    co_return Status::plain("listen tcp 127.0.0.1:" + std::to_string(wanted) +
                            ": bind: " + to_lower(errno_text(listener.error())));
  co_await session.out("Starting to serve on 127.0.0.1:" + std::to_string((*listener)->port()) + "\n");
  Following following(session.process());
  co_await sleep_for_ever(session.process());
  co_return 0;
}

}  // namespace drydock::kubectl
