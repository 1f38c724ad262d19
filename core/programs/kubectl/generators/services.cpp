// kubectl create service …, create ingress.
#include "core/base/strings.h"
#include "core/programs/kubectl/connection/session.h"
#include "core/programs/kubectl/generators/generators.h"

namespace drydock::kubectl {
namespace {

const ApiResource kService = built_in("", "v1", "services", "Service");
const ApiResource kIngress = built_in("networking.k8s.io", "v1", "ingresses", "Ingress");

// "5678:8080", "80", "80:http".
Result<Value> parse_port(const std::string& text, std::int64_t node_port) {
  const std::size_t colon = text.find(':');
  const std::string port_text = text.substr(0, colon);
  const auto port = parse_int(port_text);
  if (!port) return Status::plain("strconv.ParseUint: parsing " + go_quote(port_text) + ": invalid syntax");
  if (*port < 1 || *port > 65535) return Status::plain("must be between 1 and 65535, inclusive");
  const std::string target = colon == std::string::npos ? port_text : text.substr(colon + 1);
  Value entry = Value::object({{"name", replace_all(text, ":", "-")},
                               {"port", *port},
                               {"protocol", "TCP"},
                               {"targetPort", int_or_string(target)}});
  if (node_port > 0) entry.set("nodePort", node_port);
  return entry;
}

Value backend(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
  Value service = Value::object({{"name", text.substr(0, colon)}});
  if (const auto number = parse_int(port))
    service.ref("port", "number") = *number;
  else
    service.ref("port", "name") = port;
  return Value::object({{"service", service}});
}

Status bad_rule(const std::string& rule) {
  return Status::plain("rule " + rule + " is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]");
}

}  // namespace

Result<Generated> generate_service(Session& session, const std::string& kind, const std::string& name) {
  const Flags& flags = session.flags();
  Value object = new_object(kService, name);
  const Value labels = Value::object({{"app", name}});
  object.ref("metadata", "labels") = labels;
  Value& spec = object.ref("spec");
  const char* type = kind == "clusterip"      ? "ClusterIP"
                     : kind == "nodeport"     ? "NodePort"
                     : kind == "loadbalancer" ? "LoadBalancer"
                                              : "ExternalName";
  const bool headless = kind == "clusterip" && flags.text("clusterip") == "None";
  if (flags.list("tcp").empty() && kind != "externalname" && !headless)
    return Status::plain("at least one tcp port specifier must be provided");
  for (const std::string& text : flags.list("tcp")) {
    DRYDOCK_TRY(Value port, parse_port(text, flags.number("node-port")));
    spec.ref("ports").push_back(std::move(port));
  }
  spec.set("selector", labels);
  spec.set("type", type);
  if (!flags.text("external-name").empty()) spec.set("externalName", flags.text("external-name"));
  if (!flags.text("clusterip").empty()) spec.set("clusterIP", flags.text("clusterip"));
  object.ref("status", "loadBalancer") = Value::object();
  return Generated{std::move(object), kService, "failed to create " + std::string(type) + " service: "};
}

Result<Generated> generate_ingress(Session& session, const std::string& name) {
  const Flags& flags = session.flags();
  if (flags.list("rule").empty() && flags.text("default-backend").empty()) {
    return Status::plain(
        "not enough information provided: every ingress has to either specify a default-backend (which catches all "
        "traffic) or a list of rules (which catch specific paths)");
  }
  Value object = new_object(kIngress, name);
  for (const std::string& annotation : flags.list("annotation")) {
    const std::size_t equals = annotation.find('=');
    if (equals == std::string::npos)
      return Status::plain("annotation " + annotation + " is invalid and should be in format key=[value]");
    object.ref("metadata", "annotations", annotation.substr(0, equals)) = annotation.substr(equals + 1);
  }
  Value& spec = object.ref("spec");
  spec = Value::object();
  if (!flags.text("class").empty()) spec.set("ingressClassName", flags.text("class"));
  if (!flags.text("default-backend").empty()) {
    if (!contains(flags.text("default-backend"), ":"))
      return Status::plain("default-backend should be in format servicename:serviceport");
    spec.set("defaultBackend", backend(flags.text("default-backend")));
  }
  for (const std::string& rule : flags.list("rule")) {
    const std::vector<std::string> parts = split(rule, ',');
    const std::size_t equals = parts[0].find('=');
    const std::size_t slash = parts[0].find('/');
    if (equals == std::string::npos || slash == std::string::npos || slash > equals ||
        !contains(parts[0].substr(equals), ":"))
      return bad_rule(rule);
    const std::string host = parts[0].substr(0, slash);
    std::string path = parts[0].substr(slash, equals - slash);
    const bool prefix = path.ends_with('*');
    if (prefix) path.pop_back();
    const Value entry = Value::object(
        {{"backend", backend(parts[0].substr(equals + 1))}, {"path", path}, {"pathType", prefix ? "Prefix" : "Exact"}});
    // Paths of one host go together.
    Value& rules = spec.ref("rules");
    bool known = false;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (rules[i]["host"].as_string() != host) continue;
      rules.mutable_item(i).ref("http", "paths").push_back(entry);
      known = true;
    }
    if (!known) {
      Value first = Value::object();
      if (!host.empty()) first.set("host", host);
      first.ref("http", "paths").push_back(entry);
      rules.push_back(std::move(first));
    }
    for (std::size_t i = 1; i < parts.size(); ++i) {
      if (parts[i] != "tls" && !parts[i].starts_with("tls=")) return bad_rule(rule);
      Value tls = Value::object();
      if (!host.empty()) tls.set("hosts", Value::array({Value(host)}));
      if (parts[i].size() > 4) tls.set("secretName", parts[i].substr(4));
      spec.ref("tls").push_back(std::move(tls));
    }
  }
  object.ref("status", "loadBalancer") = Value::object();
  return Generated{std::move(object), kIngress, "failed to create ingress: "};
}

}  // namespace drydock::kubectl
