// kubectl port-forward, proxy.
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/machinery/json.h"
#include "core/network/http_server.h"
#include "core/network/net_namespace.h"
#include "core/network/outside_ports.h"
#include "core/network/tcp.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/connection/streaming.h"
#include "core/programs/kubectl/connection/watch.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/text/regex.h"

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
  // A Service's port stands for the pods' port behind it, and no other will do.
  if (service.is_object() && remote) {
    bool known = false;
    for (const Value& port : service["spec"]["ports"].items()) known = known || port["port"].as_int() == *remote;
    if (!known)
      return Status::plain("Service " + service["metadata"]["name"].str() + " does not have a service port " +
                           std::to_string(*remote));
  }
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

// Regular expressions of a flag, one after the other behind commas.
std::vector<Regex> patterns_of(const Flags& flags, std::string_view flag) {
  std::vector<Regex> patterns;
  for (const std::string& text : flags.list(flag)) patterns.push_back(Regex::compile(text, Regex::Syntax::kPerl));
  if (!patterns.empty()) return patterns;
  for (const std::string& text : split(flags.text(flag), ',')) {
    if (!text.empty()) patterns.push_back(Regex::compile(text, Regex::Syntax::kPerl));
  }
  return patterns;
}

bool any_matches(const std::vector<Regex>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const Regex& pattern) { return pattern.ok() && pattern.matches(text); });
}

// Passes requests on to the API server, with this session's credentials: those that the
// filter lets through.
class ApiProxy final : public HttpHandler {
 public:
  explicit ApiProxy(Session& session)
      : session_(session),
        accept_hosts_(patterns_of(session.flags(), "accept-hosts")),
        accept_paths_(patterns_of(session.flags(), "accept-paths")),
        reject_paths_(patterns_of(session.flags(), "reject-paths")),
        reject_methods_(patterns_of(session.flags(), "reject-methods")) {}
  Task<HttpResponse> handle(HttpRequest request) override {
    if (!session_.flags().on("disable-filter") && !accepted(request)) {
      HttpResponse refused;
      refused.status = 403;
      refused.headers.add("Content-Type", "text/plain; charset=utf-8");
      refused.body.bytes = "Forbidden\n";
      co_return refused;
    }
    // Of this connection alone.
    HttpHeaders kept;
    for (const auto& [name, value] : request.headers.fields()) {
      const std::string field = to_lower(name);
      if (field != "host" && field != "connection" && field != "content-length" && field != "accept-encoding" &&
          field != "transfer-encoding")
        kept.add(name, value);
    }
    request.headers = std::move(kept);
    Result<HttpResponse> response = co_await session_.send(std::move(request));
    if (response) {
      HttpHeaders shown;
      for (const auto& [name, value] : response->headers.fields()) {
        const std::string field = to_lower(name);
        if (field != "content-length" && field != "content-encoding" && field != "transfer-encoding" &&
            field != "connection")
          shown.add(name, value);
      }
      response->headers = std::move(shown);
      if (!response->body.document.is_null()) {  // as it came: with its newline
        response->body.bytes = dump_json(response->body.document) + "\n";
        response->body.document = Value();
      }
      co_return *std::move(response);
    }
    HttpResponse failed;
    failed.status = response.error().code == 0 ? 502 : response.error().code;
    failed.body.document = status_to_document(response.error());
    co_return failed;
  }

 private:
  bool accepted(const HttpRequest& request) const {
    std::string host(request.headers.get("Host"));
    if (const std::size_t colon = host.rfind(':'); colon != std::string::npos && !host.ends_with(']'))
      host.resize(colon);
    if (any_matches(reject_methods_, request.method) || any_matches(reject_paths_, request.path)) return false;
    return any_matches(accept_paths_, request.path) && any_matches(accept_hosts_, host);
  }
  Session& session_;
  std::vector<Regex> accept_hosts_;
  std::vector<Regex> accept_paths_;
  std::vector<Regex> reject_paths_;
  std::vector<Regex> reject_methods_;
};

struct Address {
  std::string text;
  bool v6 = false;
  bool optional = false;  // of localhost's two addresses one is enough
};

Result<std::vector<Address>> addresses_of(std::vector<std::string> names) {
  if (names.empty()) names = {"localhost"};
  std::vector<Address> addresses;
  for (const std::string& name : names) {
    if (name == "localhost") {
      addresses.push_back({"127.0.0.1", false, true});
      addresses.push_back({"::1", true, true});
    } else if (contains(name, ":") || Ipv4::parse(name)) {
      addresses.push_back({name, contains(name, ":"), false});
    } else {
      return Status::plain(name + " is not a valid IP");
    }
  }
  return addresses;
}

// Listens for `ports` at the addresses: on the real machine where there is one, else on
// the virtual one, which has no IPv6. Gives ports.local its number when it was 0.
Task<Result<std::unique_ptr<TcpListener>>> listen_on(Session& session, std::vector<Address> addresses, Ports& ports) {
  Process& process = session.process();
  OutsidePorts* outside = process.host().attached<OutsidePorts>();
  std::unique_ptr<TcpListener> listener;
  std::vector<std::string> failures;
  bool needed_one_failed = false;
  for (const Address& address : addresses) {
    if (address.v6 && outside == nullptr) continue;
    const std::shared_ptr<NetNamespace> stack = process.namespaces().network;
    std::optional<Errno> failure;
    if (outside != nullptr) {
      const SysResult<std::uint16_t> port = outside->open(stack, address.text, ports.local);
      if (port)
        ports.local = *port;
      else
        failure = port.error();
    }
    if (!failure && !listener) {
      const bool loopback = outside != nullptr || address.text.starts_with("127.");
      const Ipv4 bind = loopback ? kLoopbackAddress : Ipv4::parse(address.text).value_or(Ipv4{});
      auto opened = TcpListener::open(stack, bind, ports.local);
      if (opened)
        listener = *std::move(opened);
      else
        failure = opened.error();
    }
    if (failure) {
      failures.push_back("unable to create listener: Error listen tcp" + std::string(address.v6 ? "6 [" : "4 ") +
                         address.text + (address.v6 ? "]:" : ":") + std::to_string(ports.local) +
                         ": bind: " + to_lower(errno_text(*failure)));
      needed_one_failed = needed_one_failed || !address.optional;
      continue;
    }
    ports.local = listener->port();
    co_await session.out("Forwarding from " + (address.v6 ? "[" + address.text + "]" : address.text) + ":" +
                         std::to_string(ports.local) + " -> " + std::to_string(ports.remote) + "\n");
  }
  if (!listener || needed_one_failed)
    co_return Status::plain("Listeners failed to create with the following errors: [" + join(failures, " ") + "]");
  co_return std::move(listener);
}

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
  DRYDOCK_CO_TRY(const std::vector<Address> addresses, addresses_of(session.flags().list("address")));
  std::vector<std::unique_ptr<TcpListener>> listeners;
  TaskGroup connections(session.process().loop());
  TaskGroup acceptors(session.process().loop());
  std::vector<std::string> wanted;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    DRYDOCK_CO_TRY(Ports ports, parse_ports(arguments[i], pod, service));
    wanted.push_back("{" + std::to_string(ports.local) + " " + std::to_string(ports.remote) + "}");
    Result<std::unique_ptr<TcpListener>> listener = co_await listen_on(session, addresses, ports);
    if (!listener) {
      co_await session.err("Unable to listen on port " + std::to_string(ports.local) + ": " + listener.error().message +
                           "\n");
      continue;
    }
    listeners.push_back(*std::move(listener));
    acceptors.spawn(accept_connections(session, pod, ports, *listeners.back(), connections));
  }
  if (listeners.empty())
    co_return Status::plain("unable to listen on any of the requested ports: [" + join(wanted, " ") + "]");
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
  const std::string address = session.flags().text("address");
  auto wanted = static_cast<std::uint16_t>(session.flags().number("port"));
  const std::shared_ptr<NetNamespace> stack = session.process().namespaces().network;
  auto refused = [&](Errno error) {
    return Status::plain("listen tcp " + address + ":" + std::to_string(wanted) +
                         ": bind: " + to_lower(errno_text(error)));
  };
  if (OutsidePorts* outside = session.process().host().attached<OutsidePorts>()) {
    const SysResult<std::uint16_t> port = outside->open(stack, address, wanted);
    if (!port) co_return refused(port.error());
    wanted = *port;
  } else if (const auto other = Ipv4::parse(address)) {
    options.address = *other;
  }
  auto listener = HttpListener::open(stack, wanted, handler, options);
  if (!listener) co_return refused(listener.error());
  co_await session.out("Starting to serve on " + address + ":" + std::to_string((*listener)->port()) + "\n");
  Following following(session.process());
  co_await sleep_for_ever(session.process());
  co_return 0;
}

}  // namespace drydock::kubectl
