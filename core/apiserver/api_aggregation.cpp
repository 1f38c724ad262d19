// Aggregated APIs: group versions that another server in the cluster answers. Requests
// are passed on as the user that asked; whether the server is there is looked at now and
// then, and what it serves is part of discovery.
// https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/
#include <algorithm>

#include "core/apiserver/api_server.h"
#include "core/apiserver/outbound/hook_client.h"
#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

constexpr const char* kGroup = "apiregistration.k8s.io";
constexpr Duration kLookInterval = seconds(30);
constexpr Duration kLookTimeout = seconds(5);
constexpr Duration kPassTimeout = seconds(60);

// One look at a server behind an APIService: its condition, and what it serves.
struct Look {
  bool available = false;
  std::string reason, message;
  Value resources;  // an APIResourceList
};

Look unavailable(std::string reason, std::string message) { return {false, std::move(reason), std::move(message), {}}; }

bool has_ready_endpoint(ObjectView& objects, const ObjectKey& service) {
  const ObjectView::Objects& slices = objects.all("discovery.k8s.io", "endpointslices");
  for (auto at = slices.lower_bound({service.ns, ""}); at != slices.end() && at->first.ns == service.ns; ++at) {
    if (at->second.label("kubernetes.io/service-name") != service.name) continue;
    for (const Value& endpoint : at->second.doc()["endpoints"].items()) {
      if (endpoint["conditions"]["ready"].as_bool(true)) return true;
    }
  }
  return false;
}

HookTarget with_trust(HookTarget target, const Value& spec, const ApiServerOptions& options) {
  target.endpoint.certificate_authority_pem = base64_decode(spec["caBundle"].as_string()).value_or("");
  target.endpoint.insecure_skip_verify = spec["insecureSkipTLSVerify"].as_bool();
  target.endpoint.client_certificate_pem = options.aggregator_certificate_pem;
  target.endpoint.client_key_pem = options.aggregator_key_pem;
  return target;
}

Task<Look> look_at(HookClient& client, ObjectView& objects, const ApiServerOptions& options, Object api) {
  const Value spec = api.spec();
  const ObjectKey key{spec["service"]["namespace"].str(), spec["service"]["name"].str()};
  const std::int64_t port = spec["service"]["port"].as_int(443);
  const std::string where = "service/" + key.name + " in " + go_quote(key.ns);
  const Object service = objects.find("", "services", key);
  if (!service) co_return unavailable("ServiceNotFound", where + " is not present");
  if (service.spec()["type"].as_string() != "ExternalName") {
    const bool listens = std::ranges::any_of(service.spec()["ports"].items(),
                                             [&](const Value& open) { return open["port"].as_int() == port; });
    if (!listens)
      co_return unavailable("ServicePortError", where + " is not listening on port " + std::to_string(port));
    if (!has_ready_endpoint(objects, key))
      co_return unavailable("MissingEndpoints", "endpoints for " + where + " have no addresses");
  }
  Result<HookTarget> target = client.service_target(key.ns, key.name, port);
  if (!target) co_return unavailable("FailedDiscoveryCheck", target.error().message);
  HttpRequest request;
  request.path = "/apis/" + spec["group"].str() + "/" + spec["version"].str();
  request.headers.set("Accept", "application/json");
  request.headers.set("X-Remote-User", "system:kube-aggregator");
  request.headers.add("X-Remote-Group", "system:masters");
  const std::string url = target->endpoint.url() + request.path;
  const Result<HttpResponse> answer =
      co_await client.send(with_trust(*std::move(target), spec, options), std::move(request), kLookTimeout);
  if (!answer)
    co_return unavailable("FailedDiscoveryCheck",
                          "failing or missing response from " + url + ": " + answer.error().message);
  if (answer->status < 200 || answer->status >= 300)
    co_return unavailable("FailedDiscoveryCheck", "failing or missing response from " + url + ": bad status from " +
                                                      url + ": " + std::to_string(answer->status));
  Look look{true, "Passed", "all checks passed", answer->body.document};
  if (look.resources.is_null()) look.resources = parse_json(answer->body.bytes).value_or(Value());
  co_return look;
}

}  // namespace

Object ApiServer::remote_api(const std::string& group, const std::string& version) {
  if (remote_apis_.empty() || !remote_apis_.contains({group, version})) return {};
  return find(kGroup, "apiservices", {"", version + "." + group});
}

void ApiServer::note_api_service(const ObjectKey& key, const Object& api) {
  const std::size_t dot = key.name.find('.');
  if (dot == std::string::npos) return;
  const std::pair<std::string, std::string> id{key.name.substr(dot + 1), key.name.substr(0, dot)};
  const bool remote = api && api.spec()["service"].is_object();
  if (!remote) {
    remote_apis_.erase(id);
    return;
  }
  remote_apis_.try_emplace(id);
  look_event_.notify_all();
}

Task<ApiServer::Answer> ApiServer::pass_on(Call& call, Object api) {
  const bool available = std::ranges::any_of(api.status()["conditions"].items(), [](const Value& condition) {
    return condition["type"].as_string() == "Available" && condition["status"].as_string() == "True";
  });
  HttpResponse refused;
  refused.status = 503;
  refused.headers.set("Content-Type", "text/plain; charset=utf-8");
  refused.body.bytes = "service unavailable\n";
  if (!available) co_return refused;
  const Value spec = api.spec();
  Result<HookTarget> target = hooks_->service_target(spec["service"]["namespace"].str(), spec["service"]["name"].str(),
                                                     spec["service"]["port"].as_int(443));
  if (!target) co_return refused;
  HttpRequest request;
  request.method = call.http.method;
  request.path = call.http.path;
  request.query = call.http.query;
  request.body = call.http.body;
  request.upgrade = call.http.upgrade;
  for (const auto& [name, value] : call.http.headers.fields()) {
    const std::string lower = to_lower(name);
    const bool ours = lower == "authorization" || lower.starts_with("x-remote-") || lower.starts_with("impersonate-");
    if (!ours) request.headers.add(name, value);
  }
  request.headers.set("X-Remote-User", call.who.name);
  if (!call.who.uid.empty()) request.headers.set("X-Remote-Uid", call.who.uid);
  for (const std::string& group : call.who.groups) request.headers.add("X-Remote-Group", group);
  request.headers.set("X-Forwarded-For", call.http.peer_address);
  Result<HttpResponse> answer =
      co_await hooks_->send(with_trust(*std::move(target), spec, options_), std::move(request), kPassTimeout);
  if (answer) co_return *std::move(answer);
  refused.body.bytes = "error trying to reach service: " + answer.error().message;
  co_return refused;
}

// Looks at every server once, and again when one comes, when a while has passed.
Task<void> ApiServer::follow_remote_apis() {
  for (;;) {
    std::vector<std::pair<std::string, std::string>> ids;
    for (const auto& [id, resources] : remote_apis_) ids.push_back(id);
    for (const auto& [group, version] : ids) {
      const Object api = remote_api(group, version);
      if (!api) continue;
      Look look = co_await look_at(*hooks_, *this, options_, api);
      const auto at = remote_apis_.find({group, version});
      if (at == remote_apis_.end()) continue;
      if (look.available) at->second = std::move(look.resources);
      co_await set_available(api, look.available, std::move(look.reason), std::move(look.message));
    }
    // Nothing to look at: nothing to wake up for.
    if (remote_apis_.empty())
      (void)co_await look_event_.wait();
    else
      (void)co_await look_event_.wait_until(loop_.now() + kLookInterval);
  }
}

Task<void> ApiServer::set_available(Object api, bool available, std::string reason, std::string message) {
  const char* status = available ? "True" : "False";
  const Value& before = api.status()["conditions"][0];
  if (before["status"].as_string() == status && before["reason"].as_string() == reason &&
      before["message"].as_string() == message)
    co_return;
  const bool turned = before["status"].as_string() != status;
  Value condition = Value::object({
      {"type", "Available"},
      {"status", status},
      {"reason", reason},
      {"message", message},
      {"lastTransitionTime",
       turned ? format_timestamp(loop_.now()) : std::string(before["lastTransitionTime"].as_string())},
  });
  Call call;
  call.resource = registry_.find(kGroup, "v1", "apiservices");
  if (call.resource == nullptr) co_return;
  Result<KeyValue> stored = co_await read(call, api.key());
  if (!stored) co_return;
  Object changed(stored->value);
  changed.mutable_doc().ref("status", "conditions") = Value::array({condition});
  (void)co_await write(call, changed, stored->mod_revision);
}

// What the servers behind APIServices serve, as entries of discovery: by group, each
// with its versions and their APIResourceLists.
std::map<std::string, std::map<std::string, Value>> ApiServer::remote_resources() const {
  std::map<std::string, std::map<std::string, Value>> found;
  for (const auto& [id, resources] : remote_apis_) found[id.first][id.second] = resources;
  return found;
}

}  // namespace drydock
