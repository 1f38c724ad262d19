#include "core/apiserver/api_server.h"

#include "core/apiserver/access/audit.h"
#include "core/apiserver/outbound/hook_client.h"
#include "core/base/strings.h"
#include "core/client/client.h"
#include "core/machinery/json.h"

namespace drydock {
namespace {

constexpr std::size_t kBodyLimit = 3u << 20;  // upstream's limit for one request body

constexpr std::string_view kHealthChecks =
    "ping log informer-sync poststarthook/start-apiserver-admission-initializer "
    "poststarthook/generic-apiserver-start-informers poststarthook/priority-and-fairness-config-consumer "
    "poststarthook/priority-and-fairness-filter poststarthook/storage-object-count-tracker-hook "
    "poststarthook/start-apiextensions-informers poststarthook/start-apiextensions-controllers "
    "poststarthook/crd-informer-synced poststarthook/start-system-namespaces-controller "
    "poststarthook/peer-endpoint-reconciler-controller poststarthook/start-cluster-authentication-info-controller "
    "poststarthook/start-kube-apiserver-identity-lease-controller "
    "poststarthook/start-kube-apiserver-identity-lease-garbage-collector poststarthook/storage-readiness "
    "poststarthook/start-legacy-token-tracking-controller poststarthook/start-service-ip-repair-controllers "
    "poststarthook/rbac/bootstrap-roles poststarthook/scheduling/bootstrap-system-priority-classes "
    "poststarthook/priority-and-fairness-config-producer poststarthook/bootstrap-controller "
    "poststarthook/start-kubernetes-service-cidr-controller poststarthook/start-kube-aggregator-informers "
    "poststarthook/apiservice-status-local-available-controller "
    "poststarthook/apiservice-status-remote-available-controller poststarthook/apiservice-registration-controller "
    "poststarthook/apiservice-wait-for-first-sync poststarthook/apiservice-discovery-controller "
    "poststarthook/kube-apiserver-autoregistration autoregister-completion "
    "poststarthook/apiservice-openapi-controller poststarthook/apiservice-openapiv3-controller shutdown";

constexpr const char* kReason = "authorization.k8s.io/reason";
constexpr const char* kDecision = "authorization.k8s.io/decision";

const char* deprecation(const ResourceInfo& resource) {
  if (!resource.group.empty()) return nullptr;
  if (resource.resource == "endpoints")
    return "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";
  if (resource.resource == "componentstatuses") return "v1 ComponentStatus is deprecated in v1.19+";
  return nullptr;
}

// They are asked when somebody looks, and well whenever this server can answer at all.
std::vector<Object> component_statuses() {
  std::vector<Object> all;
  for (const char* name : {"controller-manager", "etcd-0", "scheduler"}) {
    const Value healthy = Value::object({{"type", "Healthy"}, {"status", "True"}, {"message", "ok"}});
    all.emplace_back(Value::object({{"apiVersion", "v1"},
                                    {"kind", "ComponentStatus"},
                                    {"metadata", Value::object({{"name", name}})},
                                    {"conditions", Value::array({healthy})}}));
  }
  return all;
}

HttpResponse text_response(int status, std::string text) {
  HttpResponse response;
  response.status = status;
  response.headers.set("Content-Type", "text/plain; charset=utf-8");
  response.body.bytes = std::move(text);
  return response;
}

}  // namespace

ApiServer::ApiServer(EventLoop& loop, Prng prng, Store& store, Transport& to_kubelets, ApiServerOptions options)
    : loop_(loop),
      prng_(prng),
      store_(store),
      to_kubelets_(to_kubelets),
      options_(std::move(options)),
      registry_(ResourceRegistry::builtin()),
      seen_event_(loop),
      look_event_(loop),
      relays_(loop) {
  for (const ResourceInfo& resource : registry_.all()) {
    if (!resource.review) cache(resource);
  }
  cache("", "pods").index_nodes();
  Transport& services = options_.to_services == nullptr ? to_kubelets_ : *options_.to_services;
  Transport& urls = options_.to_urls == nullptr ? services : *options_.to_urls;
  hooks_ = std::make_unique<HookClient>(loop_, static_cast<ObjectView&>(*this), services, urls,
                                        options_.services_by_endpoint);
}

// Watches end in an order of ours: that of containers' destructors is each library's own,
// and who hears it first comes back first.
ApiServer::~ApiServer() {
  for (auto& [prefix, cached] : caches_) cached.reset();
}

HttpResponse ApiServer::failure(const Status& status) {
  HttpResponse response;
  response.status = status.code == 0 ? 500 : status.code;
  response.body.document = status_to_document(status);
  if (status.retry_after_seconds > 0) response.headers.set("Retry-After", std::to_string(status.retry_after_seconds));
  return response;
}

HttpResponse ApiServer::respond(Call& call, Answer answer) {
  HttpResponse response = answer ? *std::move(answer) : failure(answer.error());
  if (!response.body.document.is_null() && !response.headers.has("Content-Type"))
    response.headers.set("Content-Type", "application/json");
  for (const std::string& warning : call.warnings) response.headers.add("Warning", "299 - " + go_quote(warning));
  if (call.audit_id.empty()) call.audit_id = prng_.uuid();
  response.headers.set("Audit-Id", call.audit_id);
  if (options_.audit) record(call, response.stream ? "ResponseStarted" : "ResponseComplete", &response);
  return response;
}

Task<HttpResponse> ApiServer::handle(HttpRequest request) {
  Call call;
  call.http = std::move(request);
  call.info = RequestInfo::parse(call.http);
  if (call.http.body.bytes.size() > kBodyLimit) {
    Status status = Status::plain("Request entity too large: limit is " + std::to_string(kBodyLimit));
    status.code = 413;
    status.reason = "RequestEntityTooLarge";
    co_return respond(call, status);
  }
  const std::optional<Identity> who = authenticate(call.http, options_.credentials, objects(), loop_.now());
  if (!who || (!options_.anonymous && who->name == "system:anonymous")) co_return respond(call, Status::unauthorized());
  Result<Identity> acting = impersonated(*who, call.http.headers, objects());
  if (!acting) co_return respond(call, acting.error());
  call.who = *std::move(acting);
  if (options_.audit) record(call, "RequestReceived", nullptr);
  const std::string& path = call.http.path;
  // Health is for everybody, as the real server's always-allow paths.
  const bool open_path = path == "/healthz" || path == "/livez" || path == "/readyz";
  if (std::string why; options_.rbac && !open_path && !authorize(call.who, call.info, path, objects(), &why)) {
    const std::string text = denial_text(call.who, call.info, path) + (why.empty() ? "" : ": " + why);
    if (options_.audit) call.annotations[kDecision] = "forbid";
    if (!call.info.is_resource) {
      Status status = Status::forbidden("", "", "", text);
      status.message = "forbidden: " + text;
      co_return respond(call, status);
    }
    co_return respond(call, Status::forbidden(call.info.group, call.info.resource, call.info.name, text));
  }
  const std::string_view dry_run = call.http.query.get("dryRun");
  if (!dry_run.empty() && dry_run != "All")
    co_return respond(call, Status::bad_request("Invalid value: []string{" + go_quote(dry_run) +
                                                "}: dryRun: Unsupported value: " + go_quote(dry_run) +
                                                ": supported values: \"All\""));
  call.dry_run = dry_run == "All";
  Answer answer = co_await serve(call);
  co_return respond(call, std::move(answer));
}

void ApiServer::record(Call& call, const char* stage, const HttpResponse* response) {
  const AuditDecision decision = audit_decision(options_.audit_policy, call.who, call.info, call.http.path);
  if (response == nullptr) {
    const std::string_view given = call.http.headers.get("Audit-ID");
    call.audit_id = given.empty() ? prng_.uuid() : std::string(given);
    call.received = loop_.now();
  } else {
    const bool allowed = call.annotations.try_emplace(kDecision, "allow").first->second == "allow";
    call.annotations.try_emplace(
        kReason, allowed ? allowed_reason(call.who, call.info, call.http.path, objects()) : std::string());
  }
  if (!decision.wants(stage)) return;
  options_.audit(audit_event(
      decision, {call.http, call.info, call.who, call.audit_id, call.received, loop_.now(), call.annotations}, stage,
      response));
}

Task<ApiServer::Answer> ApiServer::serve(Call& call) {
  if (!remote_apis_.empty()) {
    const std::vector<std::string> parts = split(call.http.path, '/');  // "", "apis", group, version
    if (parts.size() >= 4 && parts[1] == "apis") {
      if (const Object api = remote_api(parts[2], parts[3])) co_return co_await pass_on(call, api);
    }
  }
  if (!call.info.is_resource) co_return serve_path(call);
  call.resource = registry_.find(call.info.group, call.info.version, call.info.resource);
  if (call.resource == nullptr) {
    // /apis/apps/v1 itself, not a resource below it.
    Status status = Status::plain("the server could not find the requested resource");
    status.code = 404;
    status.reason = "NotFound";
    co_return status;
  }
  if (!call.info.subresource.empty()) co_return co_await serve_subresource(call);
  if (call.resource->review) co_return co_await review(call);
  co_return co_await serve_resource(call);
}

Task<ApiServer::Answer> ApiServer::serve_resource(Call& call) {
  const std::string& verb = call.info.verb;
  if (const char* warning = deprecation(*call.resource)) call.warnings.emplace_back(warning);
  if (const Value& definition = call.resource->definition; definition["deprecated"].as_bool()) {
    call.warnings.push_back(definition["deprecationWarning"].is_string()
                                ? definition["deprecationWarning"].str()
                                : call.resource->api_version() + " " + call.resource->kind + " is deprecated");
  }
  if (call.resource->resource == "componentstatuses" && call.resource->group.empty()) {
    const std::vector<Object> components = component_statuses();
    if (verb == "list") {
      HttpResponse response;
      response.body.document = shaped_list(call, components, "", "", 0);
      co_return response;
    }
    for (const Object& component : components) {
      if (verb == "get" && component.name() == call.info.name) co_return object_response(call, component);
    }
    if (verb == "get") co_return Status::not_found("", "componentstatuses", call.info.name);
    co_return Status::method_not_supported("", "componentstatuses", verb);
  }
  if (verb == "get") co_return co_await get(call);
  if (verb == "list") co_return co_await list(call);
  if (verb == "watch") co_return co_await watch(call);
  if (verb == "create") {
    if (!call.info.name.empty()) co_return Status::method_not_supported(call.info.group, call.info.resource, "create");
    co_return co_await create(call);
  }
  if (verb == "update") co_return co_await update(call);
  if (verb == "patch") co_return co_await patch(call);
  if (verb == "delete") co_return co_await remove(call);
  if (verb == "deletecollection") co_return co_await remove_collection(call);
  co_return Status::method_not_supported(call.info.group, call.info.resource, verb);
}

ApiServer::Answer ApiServer::serve_path(Call& call) {
  const std::string& path = call.http.path;
  if (path == "/healthz" || path == "/livez" || path == "/readyz") {
    const bool well = path == "/livez" || ready_;
    if (!call.http.query.has("verbose"))
      return text_response(well ? 200 : 500, well ? "ok"
                                                  : "[-]poststarthook/rbac/bootstrap-roles failed: not finished\n" +
                                                        path.substr(1) + " check failed\n");
    std::string text;
    for (const std::string& check : split_whitespace(kHealthChecks)) {
      const bool done = ready_ || !contains(check, "/");
      text += std::string(done ? "[+]" : "[-]") + check + (done ? " ok\n" : " failed: not finished\n");
    }
    return text_response(well ? 200 : 500, text + path.substr(1) + " check " + (well ? "passed" : "failed") + "\n");
  }
  if (path == "/version" || path == "/version/") {
    const std::vector<std::string> parts = split(std::string_view(options_.version).substr(1), '.');
    HttpResponse response;
    response.body.document = Value::object({
        {"major", parts[0]},
        {"minor", parts.size() > 1 ? parts[1] : ""},
        {"gitVersion", options_.version},
        {"gitCommit", hex_encode(sha256(options_.version)).substr(0, 40)},
        {"gitTreeState", "clean"},
        {"buildDate", "2026-03-10T10:00:00Z"},
        {"goVersion", "go1.25.6"},
        {"compiler", "gc"},
        {"platform", "linux/amd64"},
    });
    return response;
  }
  if (path == "/openapi/v2" || path.starts_with("/openapi/v3")) return openapi(call);
  return discovery(call);
}

}  // namespace drydock
