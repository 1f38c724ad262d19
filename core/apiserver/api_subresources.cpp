// What stands behind an object's name: status, binding, eviction, token, and
// what is passed on to kubelets: log, exec, attach, portforward.
#include <algorithm>

#include "core/apiserver/api_server.h"
#include "core/base/strings.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

// Of tokens: what admission asks for in every pod's volume, and how long those hold.
constexpr std::int64_t kWarnOnlySeconds = 3607;
constexpr std::int64_t kExtendedSeconds = 365 * 24 * 60 * 60;

HttpResponse success() {
  HttpResponse response;
  response.status = 201;
  response.body.document = Value::object(
      {{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", Value::object()}, {"status", "Success"}, {"code", 201}});
  return response;
}

}  // namespace

Task<ApiServer::Answer> ApiServer::serve_subresource(Call& call) {
  const std::string& name = call.info.subresource;
  if (!call.resource->has_subresource(name)) {
    Status status = Status::plain("the server could not find the requested resource");
    status.code = 404;
    status.reason = "NotFound";
    co_return status;
  }
  const std::string& verb = call.info.verb;
  if (name == "scale") co_return co_await scale(call);
  if (name == "binding") co_return co_await bind(call);
  if (name == "eviction") co_return co_await evict(call);
  if (name == "token") co_return co_await token(call);
  if (name == "log" || name == "exec" || name == "attach" || name == "portforward" || name == "proxy")
    co_return co_await to_kubelet(call);
  if (name == "finalize" && verb == "update") {
    // A namespace's finalizers, and its end when the last is gone.
    DRYDOCK_CO_TRY(Value body, decode_body(call));
    const ObjectKey key{"", call.info.name};
    DRYDOCK_CO_TRY(KeyValue stored, co_await read(call, key));
    Object object(stored.value);
    object.mutable_doc().ref("spec", "finalizers") =
        body["spec"]["finalizers"].is_array() ? body["spec"]["finalizers"] : Value::array();
    if (object.deleting() && object.spec()["finalizers"].empty()) {
      DRYDOCK_CO_TRY(Object gone, co_await delete_object(call, stored, Value::object({{"force", true}})));
      co_return object_response(call, gone);
    }
    DRYDOCK_CO_TRY(Object written, co_await write(call, object, stored.mod_revision));
    co_return object_response(call, written);
  }
  // status, approval, ephemeralcontainers, resize: the object itself, partly writable.
  if (verb == "get") co_return co_await get(call);
  if (name == "status" || name == "approval") {
    if (verb == "update") co_return co_await update(call);
    if (verb == "patch") co_return co_await patch(call);
  }
  if (name == "ephemeralcontainers" || name == "resize") {
    if (verb == "update") co_return co_await update(call);
    if (verb == "patch") co_return co_await patch(call);
  }
  co_return Status::method_not_supported(call.info.group, call.info.resource, verb);
}

Task<ApiServer::Answer> ApiServer::bind(Call& call) {
  DRYDOCK_CO_TRY(Value body, decode_body(call));
  const ObjectKey key{call.info.ns, call.info.name};
  DRYDOCK_CO_TRY(KeyValue stored, co_await read(call, key));
  Object pod(stored.value);
  const std::string node = body["target"]["name"].str();
  if (pod.deleting())
    co_return Status::conflict("", "pods/binding", key.name,
                               "pod " + key.name + " is being deleted, cannot be assigned to a host");
  if (!pod.spec()["nodeName"].empty())
    co_return Status::conflict(
        "", "pods/binding", key.name,
        "pod " + key.name + " is already assigned to node " + go_quote(pod.spec()["nodeName"].as_string()));
  Value& document = pod.mutable_doc();
  document.ref("spec", "nodeName") = node;
  // PodTopologyLabels: where the node stands, for whoever reads the pod.
  const auto& nodes = cache("", "nodes").objects();
  if (const auto at = nodes.find({"", node}); at != nodes.end()) {
    for (const char* label : {"topology.kubernetes.io/region", "topology.kubernetes.io/zone"}) {
      const Value& place = at->second.labels()[label];
      if (!place.is_null() && !document["metadata"]["labels"].has(label))
        document.ref("metadata", "labels").set(label, place);
    }
  }
  Value condition = Value::object({{"type", "PodScheduled"},
                                   {"status", "True"},
                                   {"lastProbeTime", Value()},
                                   {"lastTransitionTime", format_timestamp(loop_.now())},
                                   {"observedGeneration", pod.generation()}});
  Value conditions = Value::array();
  for (const Value& have : pod.status()["conditions"].items()) {
    if (have["type"].as_string() != "PodScheduled") conditions.push_back(have);
  }
  conditions.push_back(std::move(condition));
  document.ref("status", "conditions") = std::move(conditions);
  DRYDOCK_CO_TRY(Object written, co_await write(call, pod, stored.mod_revision));
  (void)written;
  co_return success();
}

Task<ApiServer::Answer> ApiServer::evict(Call& call) {
  DRYDOCK_CO_TRY(Value body, decode_body(call));
  const ObjectKey key{call.info.ns, call.info.name};
  DRYDOCK_CO_TRY(KeyValue stored, co_await read(call, key));
  const Object pod(stored.value);
  const bool counts = pod.status()["phase"].as_string() == "Running" || pod.status()["phase"].as_string() == "Pending";
  if (counts && !pod.deleting()) {
    for (const auto& [budget_key, budget] : cache("policy", "poddisruptionbudgets").objects()) {
      if (budget_key.ns != key.ns) continue;
      auto selector = LabelSelector::from_document(budget.spec()["selector"]);
      if (!selector || !selector->matches(pod.labels())) continue;
      if (budget.status()["disruptionsAllowed"].as_int() > 0) continue;
      Status status = Status::plain("Cannot evict pod as it would violate the pod's disruption budget.");
      status.code = 429;
      status.reason = "TooManyRequests";
      status.causes.push_back({"DisruptionBudget",
                               "The disruption budget " + budget_key.name + " needs " +
                                   std::to_string(budget.status()["desiredHealthy"].as_int()) +
                                   " healthy pods and has " +
                                   std::to_string(budget.status()["currentHealthy"].as_int()) + " currently",
                               ""});
      co_return status;
    }
  }
  Value options = body["deleteOptions"].is_object() ? body["deleteOptions"] : Value::object();
  DRYDOCK_CO_TRY(Object gone, co_await delete_object(call, stored, options));
  (void)gone;
  co_return success();
}

Task<ApiServer::Answer> ApiServer::token(Call& call) {
  DRYDOCK_CO_TRY(Value body, decode_body(call));
  const ObjectKey key{call.info.ns, call.info.name};
  DRYDOCK_CO_TRY(KeyValue stored, co_await read(call, key));
  if (!options_.credentials.sign_token) co_return Status::internal("no service account signing key");
  const Object account(stored.value);
  const std::int64_t lifetime = std::max<std::int64_t>(600, body["spec"]["expirationSeconds"].as_int(3600));
  const std::int64_t now = std::chrono::duration_cast<seconds>(loop_.now().time_since_epoch()).count();
  Value audiences =
      body["spec"]["audiences"].empty() ? Value::array({options_.service_account_issuer}) : body["spec"]["audiences"];
  Value bound = Value::object(
      {{"namespace", key.ns}, {"serviceaccount", Value::object({{"name", key.name}, {"uid", account.uid()}})}});
  const Value& reference = body["spec"]["boundObjectRef"];
  std::int64_t valid = lifetime;
  if (reference["kind"].as_string() == "Pod") {
    bound.set("pod", Value::object({{"name", reference["name"]}, {"uid", reference["uid"]}}));
    // --service-account-extend-token-expiration: whoever never reads its file again keeps
    // access for a year; the kubelet renews by what the answer says.
    if (lifetime == kWarnOnlySeconds && body["spec"]["audiences"].empty()) {
      bound.set("warnafter", now + lifetime);
      valid = kExtendedSeconds;
    }
  }
  const Value claims = Value::object({
      {"aud", audiences},
      {"exp", now + valid},
      {"iat", now},
      {"iss", options_.service_account_issuer},
      {"jti", prng_.uuid()},
      {"kubernetes.io", bound},
      {"nbf", now},
      {"sub", "system:serviceaccount:" + key.ns + ":" + key.name},
  });
  HttpResponse response;
  response.status = 201;
  body.set("kind", "TokenRequest");
  body.set("apiVersion", "authentication.k8s.io/v1");
  body.ref("metadata", "name") = key.name;
  body.ref("metadata", "namespace") = key.ns;
  body.ref("spec", "audiences") = audiences;
  body.ref("spec", "expirationSeconds") = lifetime;
  body.set("status", Value::object({{"token", options_.credentials.sign_token(claims)},
                                    {"expirationTimestamp", format_timestamp(loop_.now() + seconds(lifetime))}}));
  response.body.document = std::move(body);
  co_return response;
}

// Passes a request about a running pod on to the kubelet of its node.
Task<ApiServer::Answer> ApiServer::to_kubelet(Call& call) {
  const ObjectKey key{call.info.ns, call.info.name};
  DRYDOCK_CO_TRY(KeyValue stored, co_await read(call, key));
  const Object pod(stored.value);
  const std::string node_name = pod.spec()["nodeName"].str();
  if (node_name.empty()) co_return Status::bad_request("pod " + key.name + " does not have a host assigned");
  std::string container(call.http.query.get("container"));
  const Value& containers = pod.spec()["containers"];
  const bool needs_container = call.info.subresource != "portforward" && call.info.subresource != "proxy";
  if (needs_container) {
    std::vector<std::string> names;
    for (const Value& each : containers.items()) names.push_back(each["name"].str());
    std::vector<std::string> init_names;
    for (const char* list : {"initContainers", "ephemeralContainers"}) {
      for (const Value& each : pod.spec()[list].items()) init_names.push_back(each["name"].str());
    }
    if (container.empty() && names.size() == 1) container = names[0];
    if (container.empty()) {
      std::string text =
          "a container name must be specified for pod " + key.name + ", choose one of: [" + join(names, " ") + "]";
      if (!init_names.empty()) text += " or one of the init containers: [" + join(init_names, " ") + "]";
      co_return Status::bad_request(text);
    }
    const bool known = std::count(names.begin(), names.end(), container) +
                           std::count(init_names.begin(), init_names.end(), container) >
                       0;
    if (!known) co_return Status::bad_request("container " + container + " is not valid for pod " + key.name);
  }
  const auto& nodes = cache("", "nodes").objects();
  const auto node = nodes.find({"", node_name});
  if (node == nodes.end()) co_return Status::not_found("", "nodes", node_name);
  Endpoint endpoint = options_.kubelet_client;
  for (const Value& address : node->second.status()["addresses"].items()) {
    if (address["type"].as_string() == "InternalIP") endpoint.host = address["address"].str();
  }
  endpoint.port =
      static_cast<std::uint16_t>(node->second.status()["daemonEndpoints"]["kubeletEndpoint"]["Port"].as_int(10250));
  HttpRequest request;
  request.method = call.http.method;
  request.upgrade = call.http.upgrade;
  for (const auto& [name, value] : call.http.query.parameters()) {
    if (name == "container") continue;
    // The kubelet's own names for the streams.
    const bool stream = name == "stdin" || name == "stdout" || name == "stderr" || name == "tty";
    if (stream && (value == "true" || value == "1"))
      request.query.add(name == "stdin"    ? "input"
                        : name == "stdout" ? "output"
                        : name == "stderr" ? "error"
                                           : "tty",
                        "1");
    else if (!stream)
      request.query.add(name, value);
  }
  const std::string where = key.ns + "/" + key.name;
  const std::string& sub = call.info.subresource;
  request.path = sub == "log"      ? "/containerLogs/" + where + "/" + container
                 : sub == "exec"   ? "/exec/" + where + "/" + container
                 : sub == "attach" ? "/attach/" + where + "/" + container
                                   : "/portForward/" + where;
  const std::string url = endpoint.url() + request.path;
  Result<HttpResponse> answer = co_await to_kubelets_.round_trip(endpoint, std::move(request));
  if (!answer) {
    Status status = Status::plain(sub == "log" ? "Get \"" + url + "\": " + answer.error().message
                                               : "error dialing backend: " + answer.error().message);
    status.code = 500;
    co_return status;
  }
  if (answer->status >= 400 && answer->body.document.is_null())
    co_return Status::bad_request(std::string(trim(answer->body.bytes)));
  co_return std::move(*answer);
}

// Reviews are answered, not stored.
Task<ApiServer::Answer> ApiServer::review(Call& call) {
  DRYDOCK_CO_TRY(Value body, decode_body(call));
  body.set("kind", call.resource->kind);
  body.set("apiVersion", call.resource->api_version());
  if (!body["metadata"].is_object()) body.set("metadata", Value::object({{"creationTimestamp", Value()}}));
  HttpResponse response;
  response.status = 201;
  auto user = [](const Identity& who) {
    Value groups = Value::array();
    for (const std::string& group : who.groups) groups.push_back(group);
    return Value::object({{"username", who.name}, {"groups", groups}});
  };
  if (call.info.resource == "selfsubjectreviews") {
    body.set("status", Value::object({{"userInfo", user(call.who)}}));
  } else if (call.info.resource == "selfsubjectrulesreviews") {
    Value resource_rules = Value::array();
    Value url_rules = Value::array();
    visit_rules(call.who, body["spec"]["namespace"].str(), objects(), [&](const Value& rule) {
      if (!rule["nonResourceURLs"].empty())
        url_rules.push_back(Value::object({{"verbs", rule["verbs"]}, {"nonResourceURLs", rule["nonResourceURLs"]}}));
      else
        resource_rules.push_back(rule);
      return true;
    });
    body.set("status", Value::object({{"resourceRules", std::move(resource_rules)},
                                      {"nonResourceRules", std::move(url_rules)},
                                      {"incomplete", false}}));
  } else if (call.info.resource == "tokenreviews") {
    HttpRequest probe;
    probe.headers.set("Authorization", "Bearer " + body["spec"]["token"].str());
    const auto who = authenticate(probe, options_.credentials, objects(), loop_.now());
    Value status = Value::object({{"authenticated", who.has_value()}});
    if (who) status.set("user", user(*who));
    body.set("status", std::move(status));
  } else {
    const Value& spec = body["spec"];
    Identity who = call.who;
    if (!call.info.resource.starts_with("self")) {
      who = {spec["user"].str(), {}, ""};
      for (const Value& group : spec["groups"].items()) who.groups.push_back(group.str());
    }
    RequestInfo info;
    const Value& resource = spec["resourceAttributes"];
    info.is_resource = resource.is_object();
    info.verb = info.is_resource ? resource["verb"].str() : spec["nonResourceAttributes"]["verb"].str();
    info.group = resource["group"].str();
    info.resource = resource["resource"].str();
    info.subresource = resource["subresource"].str();
    info.name = resource["name"].str();
    info.ns = resource["namespace"].str();
    const bool allowed = !options_.rbac || authorize(who, info, spec["nonResourceAttributes"]["path"].str(), objects());
    body.set("status", Value::object({{"allowed", allowed}}));
  }
  response.body.document = std::move(body);
  co_return response;
}

}  // namespace drydock
