// What stands behind an object's name: status, binding, eviction, token, and
// what is passed on to kubelets: log, exec, attach, portforward.
#include <algorithm>

#include "core/apiserver/api_server.h"
#include "core/apiserver/pod_parts.h"
#include "core/base/strings.h"
#include "core/machinery/patch.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

// Of tokens: what admission asks for in every pod's volume, and how long those hold.
constexpr std::int64_t kWarnOnlySeconds = 3607;
constexpr std::int64_t kShortestSeconds = 600;
constexpr std::int64_t kLongestSeconds = std::int64_t{1} << 32;
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
  if (name == "proxy") co_return co_await proxy(call);
  if (name == "log" || name == "exec" || name == "attach" || name == "portforward") co_return co_await to_kubelet(call);
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

Task<ApiServer::Answer> ApiServer::token(Call& call) {
  DRYDOCK_CO_TRY(Value body, decode_body(call));
  const ObjectKey key{call.info.ns, call.info.name};
  DRYDOCK_CO_TRY(KeyValue stored, co_await read(call, key));
  DRYDOCK_CO_TRY_VOID(co_await admit_connect(call, Object(stored.value), body));
  if (!options_.credentials.sign_token) co_return Status::internal("no service account signing key");
  const Object account(stored.value);
  const Value& asked = body["spec"]["expirationSeconds"];
  if (asked.is_int() && (asked.as_int() < kShortestSeconds || asked.as_int() > kLongestSeconds)) {
    const bool low = asked.as_int() < kShortestSeconds;
    co_return Status::invalid("authentication.k8s.io", "TokenRequest", body["metadata"]["name"].as_string(),
                              {{"FieldValueInvalid",
                                "Invalid value: " + std::to_string(asked.as_int()) + ": may not specify a duration " +
                                    (low ? "less than 10 minutes" : "larger than 2^32 seconds"),
                                "spec.expirationSeconds"}});
  }
  const std::int64_t lifetime = asked.as_int(3600);
  const std::int64_t now = std::chrono::duration_cast<seconds>(loop_.now().time_since_epoch()).count();
  Value audiences =
      body["spec"]["audiences"].empty() ? Value::array({options_.service_account_issuer}) : body["spec"]["audiences"];
  Value bound = Value::object(
      {{"namespace", key.ns}, {"serviceaccount", Value::object({{"name", key.name}, {"uid", account.uid()}})}});
  const Value& reference = body["spec"]["boundObjectRef"];
  std::int64_t valid = lifetime;
  if (const std::string kind = reference["kind"].str(); kind == "Pod" || kind == "Secret") {
    const char* resource = kind == "Pod" ? "pods" : "secrets";
    const Object bound_to = find("", resource, {key.ns, reference["name"].str()});
    if (!bound_to) co_return Status::not_found("", resource, reference["name"].as_string());
    if (kind == "Pod" && bound_to.spec()["serviceAccountName"].as_string() != key.name) {
      co_return Status::bad_request("cannot bind token for serviceaccount " + go_quote(key.name) +
                                    " to pod running with different serviceaccount name.");
    }
    if (!reference["uid"].empty() && !(reference["uid"].as_string() == bound_to.uid())) {
      co_return Status::conflict("", resource, bound_to.name(),
                                 "the UID in the bound object reference (" + reference["uid"].str() +
                                     ") does not match the UID in record. The object might have been deleted and then "
                                     "recreated");
    }
    if (const std::string node = bound_to.spec()["nodeName"].str(); kind == "Pod" && !node.empty()) {
      Value facts = Value::object({{"name", node}});
      if (const Object found = find("", "nodes", {"", node})) facts.set("uid", found.uid());
      bound.set("node", std::move(facts));
    }
    if (kind == "Secret") bound.set("secret", Value::object({{"name", bound_to.name()}, {"uid", bound_to.uid()}}));
  } else if (!kind.empty()) {
    co_return Status::bad_request("cannot bind token to object of type " + reference["apiVersion"].str() +
                                  ", Kind=" + kind);
  }
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
  const bool log = call.info.subresource == "log";
  if (log) DRYDOCK_CO_TRY_VOID(check_log_options(call.http.query, key.name));
  const std::string node_name = pod.spec()["nodeName"].str();
  // What has not been placed has said nothing yet.
  if (log && node_name.empty()) {
    HttpResponse nothing;
    nothing.headers.set("Content-Type", "text/plain");
    co_return nothing;
  }
  if (node_name.empty()) co_return Status::bad_request("pod " + key.name + " does not have a host assigned");
  std::string container(call.http.query.get("container"));
  const Value& containers = pod.spec()["containers"];
  const bool needs_container = call.info.subresource != "portforward";
  if (!log) {
    Value options = Value::object({{"kind", call.info.subresource == "exec"     ? "PodExecOptions"
                                            : call.info.subresource == "attach" ? "PodAttachOptions"
                                                                                : "PodPortForwardOptions"},
                                   {"apiVersion", "v1"}});
    for (const auto& [name, value] : call.http.query.parameters()) {
      if (name == "command")
        options.ref("command").push_back(value);
      else if (name == "container")
        options.set(name, value);
      else if (name == "stdin" || name == "stdout" || name == "stderr" || name == "tty")
        options.set(name, value == "true" || value == "1");
    }
    DRYDOCK_CO_TRY_VOID(co_await admit_connect(call, pod, options));
  }
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
  DRYDOCK_CO_TRY(const Endpoint endpoint, kubelet_endpoint(node_name, ""));
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
    Value out = Value::object({{"username", who.name}, {"groups", groups}});
    if (!who.uid.empty()) out.set("uid", who.uid);
    for (const auto& [name, values] : who.extra) {
      for (const std::string& value : values) out.ref("extra", name).push_back(value);
    }
    return out;
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
    if (call.info.resource == "localsubjectaccessreviews" && info.ns != call.info.ns) {
      co_return Status::bad_request("spec.resourceAttributes.namespace must match metadata.namespace: " + info.ns);
    }
    const std::string path = spec["nonResourceAttributes"]["path"].str();
    std::string why;
    const bool allowed = !options_.rbac || authorize(who, info, path, objects(), &why);
    Value status = Value::object({{"allowed", allowed}});
    if (allowed && options_.rbac) why = allowed_reason(who, info, path, objects());
    if (!why.empty()) status.set("reason", why);
    body.set("status", std::move(status));
  }
  response.body.document = std::move(body);
  co_return response;
}

}  // namespace drydock
