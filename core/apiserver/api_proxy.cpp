// proxy: requests that the API server carries to a port of a pod, a service's endpoint or
// a node's kubelet.
// https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/#manually-constructing-apiserver-proxy-urls
#include "core/apiserver/api_server.h"
#include "core/base/strings.h"

namespace drydock {
namespace {

// "https:web:443", "web:http", "web".
struct ProxyName {
  std::string scheme = "http";
  std::string name;
  std::string port;
};

Result<ProxyName> proxy_name(const std::string& kind, const std::string& text) {
  const std::vector<std::string> parts = split(text, ':');
  ProxyName out;
  if (parts.size() == 3) {
    out.scheme = parts[0].empty() ? "http" : parts[0];
    out.name = parts[1];
    out.port = parts[2];
  } else if (parts.size() == 2) {
    out.name = parts[0];
    out.port = parts[1];
  } else {
    out.name = text;
  }
  if (parts.size() > 3 || (out.scheme != "http" && out.scheme != "https"))
    return Status::bad_request("invalid " + kind + " request " + go_quote(text));
  return out;
}

Status unreachable(const std::string& why) {
  return Status::service_unavailable("error trying to reach service: " + why);
}

Status no_endpoints(const std::string& service) {
  return Status::service_unavailable("no endpoints available for service " + go_quote(service));
}

}  // namespace

Result<Endpoint> ApiServer::pod_endpoint(const ObjectKey& key, const std::string& port) {
  const Object pod = find("", "pods", key);
  if (!pod) return Status::not_found("", "pods", key.name);
  const std::string address = pod.status()["podIP"].str();
  if (address.empty()) return Status::bad_request("address not allowed");
  Endpoint endpoint;
  endpoint.host = address;
  std::int64_t number = parse_int(port).value_or(0);
  for (const Value& container : pod.spec()["containers"].items()) {
    for (const Value& open : container["ports"].items()) {
      // Without a port it is the first that the pod names.
      const bool meant = port.empty() || open["name"].as_string() == port;
      if (number == 0 && meant) number = open["containerPort"].as_int();
    }
  }
  endpoint.port = static_cast<std::uint16_t>(number == 0 ? 80 : number);
  return endpoint;
}

Result<Endpoint> ApiServer::service_endpoint(const ObjectKey& key, const std::string& port) {
  const Object service = find("", "services", key);
  if (!service) return Status::not_found("", "services", key.name);
  const Value& ports = service.spec()["ports"];
  const Value* open = nullptr;
  for (const Value& candidate : ports.items()) {
    const bool only = port.empty() && ports.size() == 1;
    if (only || candidate["name"].as_string() == port || std::to_string(candidate["port"].as_int()) == port) {
      open = &candidate;
      break;
    }
  }
  if (open == nullptr) {
    if (port.empty()) return no_endpoints(key.name);
    return Status::service_unavailable("no service port " + go_quote(port) + " found for service " +
                                       go_quote(key.name));
  }
  std::vector<Endpoint> ready;
  const Objects& slices = all("discovery.k8s.io", "endpointslices");
  for (auto at = slices.lower_bound({key.ns, ""}); at != slices.end() && at->first.ns == key.ns; ++at) {
    if (at->second.label("kubernetes.io/service-name") != key.name) continue;
    for (const Value& endpoint : at->second.doc()["endpoints"].items()) {
      if (!endpoint["conditions"]["ready"].as_bool(true)) continue;
      for (const Value& target : at->second.doc()["ports"].items()) {
        if (target["name"].as_string() != (*open)["name"].as_string()) continue;
        ready.emplace_back();
        ready.back().host = endpoint["addresses"][0].str();
        ready.back().port = static_cast<std::uint16_t>(target["port"].as_int());
      }
    }
  }
  if (ready.empty()) return no_endpoints(key.name);
  return ready[static_cast<std::size_t>(prng_.below(ready.size()))];
}

Result<Endpoint> ApiServer::kubelet_endpoint(const std::string& node, const std::string& port) {
  const Object found = find("", "nodes", {"", node});
  if (!found) return Status::not_found("", "nodes", node);
  Endpoint endpoint = options_.kubelet_client;
  for (const Value& address : found.status()["addresses"].items()) {
    if (address["type"].as_string() == "InternalIP") endpoint.host = address["address"].str();
  }
  const std::int64_t own = found.status()["daemonEndpoints"]["kubeletEndpoint"]["Port"].as_int(10250);
  endpoint.port = static_cast<std::uint16_t>(port.empty() ? own : parse_int(port).value_or(own));
  // Another port than the kubelet's is nobody's that our certificate is for.
  endpoint.tls = endpoint.port == own;
  return endpoint;
}

Task<ApiServer::Answer> ApiServer::proxy(Call& call) {
  const std::string& resource = call.info.resource;
  DRYDOCK_CO_TRY(const ProxyName name, proxy_name(resource == "nodes"  ? "node"
                                                  : resource == "pods" ? "pod"
                                                                       : "service",
                                                  call.info.name));
  Value none;
  DRYDOCK_CO_TRY_VOID(co_await admit_connect(call, Object(), none));
  const ObjectKey key{call.info.ns, name.name};
  Result<Endpoint> endpoint = resource == "pods"       ? pod_endpoint(key, name.port)
                              : resource == "services" ? service_endpoint(key, name.port)
                                                       : kubelet_endpoint(name.name, name.port);
  if (!endpoint) co_return endpoint.error();
  if (resource != "nodes") {
    endpoint->tls = name.scheme == "https";
    endpoint->insecure_skip_verify = true;
  } else if (name.scheme == "https") {
    endpoint->tls = true;
  }
  HttpRequest request;
  request.method = call.http.method;
  request.path = call.info.rest.empty() ? "/" : call.info.rest;
  if (call.http.path.ends_with("/") && !request.path.ends_with("/")) request.path += "/";
  request.query = call.http.query;
  request.body = call.http.body;
  for (const auto& [header, value] : call.http.headers.fields()) {
    const std::string lower = to_lower(header);
    // Who asks is between the client and this server.
    if (lower != "authorization" && lower != "host" && !lower.starts_with("impersonate-"))
      request.headers.add(header, value);
  }
  request.headers.set("X-Forwarded-For", call.http.peer_address.empty() ? "127.0.0.1" : call.http.peer_address);
  request.headers.set("X-Forwarded-Uri", call.http.path);
  Transport& transport = resource == "nodes" || options_.to_services == nullptr ? to_kubelets_ : *options_.to_services;
  Result<HttpResponse> answer = co_await transport.round_trip(*endpoint, std::move(request));
  if (!answer) co_return unreachable(answer.error().message);
  co_return *std::move(answer);
}

}  // namespace drydock
