#include "core/apiserver/outbound/hook_client.h"

#include "core/base/strings.h"
#include "core/base/sync.h"
#include "core/client/client.h"
#include "core/machinery/json.h"

namespace drydock {
namespace {

// "https://host:8443/path?query" taken apart; query and all stay in the path.
Result<HookTarget> url_target(const std::string& url) {
  HookTarget target;
  std::string_view rest = url;
  const std::size_t scheme = rest.find("://");
  if (scheme == std::string_view::npos) return Status::plain("invalid URL: " + url);
  target.endpoint.tls = rest.substr(0, scheme) == "https";
  rest.remove_prefix(scheme + 3);
  const std::size_t slash = rest.find('/');
  std::string_view authority = rest.substr(0, slash);
  target.path = slash == std::string_view::npos ? "/" : std::string(rest.substr(slash));
  target.base = url.substr(0, scheme + 3) + std::string(authority);
  const std::size_t colon = authority.rfind(':');
  target.endpoint.port = target.endpoint.tls ? 443 : 80;
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    const auto port = parse_int(authority.substr(colon + 1));
    if (!port || *port < 1 || *port > 65535) return Status::plain("invalid URL port: " + url);
    target.endpoint.port = static_cast<std::uint16_t>(*port);
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with("[") && authority.ends_with("]")) authority = authority.substr(1, authority.size() - 2);
  target.endpoint.host = authority;
  return target;
}

// An endpoint that is ready, and the port behind a service's port.
bool pick_endpoint(ObjectView& objects, const ObjectKey& service, const Value& port, Endpoint& endpoint) {
  const ObjectView::Objects& slices = objects.all("discovery.k8s.io", "endpointslices");
  for (auto at = slices.lower_bound({service.ns, ""}); at != slices.end() && at->first.ns == service.ns; ++at) {
    const Object& slice = at->second;
    if (slice.label("kubernetes.io/service-name") != service.name) continue;
    for (const Value& candidate : slice.doc()["endpoints"].items()) {
      if (!candidate["conditions"]["ready"].as_bool(true) || candidate["addresses"].empty()) continue;
      for (const Value& open : slice.doc()["ports"].items()) {
        if (open["name"].as_string() != port["name"].as_string()) continue;
        endpoint.host = candidate["addresses"][0].str();
        endpoint.port = static_cast<std::uint16_t>(open["port"].as_int());
        return true;
      }
    }
  }
  return false;
}

}  // namespace

Result<HookTarget> HookClient::service_target(const std::string& ns, const std::string& name, std::int64_t port) {
  HookTarget target;
  target.service = true;
  target.base = "https://" + name + "." + ns + ".svc:" + std::to_string(port);
  target.endpoint.server_name = name + "." + ns + ".svc";
  const ObjectKey key{ns, name};
  const Object service = objects_.find("", "services", key);
  if (!service) return Status::plain("service " + go_quote(name) + " not found");
  const Value* open = nullptr;
  for (const Value& candidate : service.spec()["ports"].items()) {
    if (candidate["port"].as_int() == port) open = &candidate;
  }
  if (open == nullptr)
    return Status::service_unavailable("no service port " + std::to_string(port) + " found for service " +
                                       go_quote(name));
  const std::string address = service.spec()["clusterIP"].str();
  if (by_endpoint_ || address.empty() || address == "None") {
    if (!pick_endpoint(objects_, key, *open, target.endpoint))
      return Status::service_unavailable("no endpoints available for service " + go_quote(name));
  } else {
    target.endpoint.host = address;
    target.endpoint.port = static_cast<std::uint16_t>(port);
  }
  return target;
}

Result<HookTarget> HookClient::target_of(const Value& config) {
  HookTarget target;
  const Value& service = config["service"];
  if (service.is_object()) {
    DRYDOCK_TRY(target, service_target(service["namespace"].str(), service["name"].str(), service["port"].as_int(443)));
    target.path = service["path"].str();
    if (!target.path.starts_with("/")) target.path = "/" + target.path;
  } else {
    DRYDOCK_TRY(target, url_target(config["url"].str()));
  }
  target.endpoint.certificate_authority_pem = base64_decode(config["caBundle"].as_string()).value_or("");
  return target;
}

Task<Result<HttpResponse>> HookClient::send(HookTarget target, HttpRequest request, Duration timeout) {
  std::string verb = to_lower(request.method);
  verb[0] = request.method[0];
  const std::string query = request.query.encode();
  const std::string url = target.base + request.path + (query.empty() ? "" : "?" + query);
  Transport& transport = target.service ? services_ : urls_;
  const auto answer =
      co_await with_deadline(loop_, loop_.now() + timeout, transport.round_trip(target.endpoint, std::move(request)));
  if (!answer) co_return Status::plain(verb + " " + go_quote(url) + ": context deadline exceeded");
  if (!*answer) co_return Status::plain(verb + " " + go_quote(url) + ": " + answer->error().message);
  co_return **answer;
}

Task<Result<Value>> HookClient::post(Value config, Value review, int timeout_seconds) {
  HttpRequest request;
  request.method = "POST";
  request.query.add("timeout", std::to_string(timeout_seconds) + "s");
  request.headers.set("Content-Type", "application/json");
  request.headers.set("Accept", "application/json, */*");
  request.headers.set("User-Agent", "kube-apiserver-admission");
  request.body.document = std::move(review);
  Result<HookTarget> target = target_of(config);
  if (!target) {
    const Value& service = config["service"];
    std::string path = service["path"].str();
    if (!path.starts_with("/")) path = "/" + path;
    const std::string url = "https://" + service["name"].str() + "." + service["namespace"].str() +
                            ".svc:" + std::to_string(service["port"].as_int(443)) + path +
                            "?timeout=" + std::to_string(timeout_seconds) + "s";
    co_return Status::plain("Post " + go_quote(url) + ": " + target.error().message);
  }
  request.path = target->path;
  const Result<HttpResponse> answer = co_await send(*std::move(target), std::move(request), seconds(timeout_seconds));
  if (!answer) co_return answer.error();
  Result<Value> document = answer->body.document.is_null() ? parse_json(answer->body.bytes) : answer->body.document;
  if (answer->status == 404) co_return Status::plain("the server could not find the requested resource");
  if (answer->status >= 300) {
    const std::string text(trim(answer->body.text()));
    co_return Status::plain("an error on the server (" + go_quote(text.empty() ? "unknown" : text) +
                            ") has prevented the request from succeeding");
  }
  if (!document) co_return Status::plain("couldn't get version/kind; json parse error: " + document.error().message);
  co_return document;
}

}  // namespace drydock
