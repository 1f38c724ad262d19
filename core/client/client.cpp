#include "core/client/client.h"

#include "core/base/strings.h"
#include "core/machinery/json.h"

namespace drydock {
namespace {

constexpr std::string_view kPatchTypes[] = {"application/json-patch+json", "application/merge-patch+json",
                                            "application/strategic-merge-patch+json", "application/apply-patch+yaml"};

void add_if_set(HttpQuery& query, const char* name, const std::string& value) {
  if (!value.empty()) query.add(name, value);
}

Result<Object> object_of(Result<HttpResponse> answer) {
  if (!answer) return std::move(answer).error();
  if (!answer->body.document.is_null()) return Object(std::move(answer->body.document));
  DRYDOCK_TRY(Value document, parse_json(answer->body.bytes));
  return Object(std::move(document));
}

Result<Value> document_of(Result<HttpResponse> answer) {
  DRYDOCK_TRY(Object object, object_of(std::move(answer)));
  return object.doc();
}

}  // namespace

std::string ResourceRef::path(std::string_view ns, std::string_view name, std::string_view subresource) const {
  std::string out = group.empty() ? "/api/" + version : "/apis/" + group + "/" + version;
  if (!ns.empty()) {
    out += "/namespaces/";
    out += ns;
  }
  out += "/" + resource;
  if (!name.empty()) {
    out += '/';
    out += name;
  }
  if (!subresource.empty()) {
    out += '/';
    out += subresource;
  }
  return out;
}

namespace resources {
const ResourceRef kPods{"", "v1", "pods"};
const ResourceRef kNodes{"", "v1", "nodes"};
const ResourceRef kNamespaces{"", "v1", "namespaces"};
const ResourceRef kServices{"", "v1", "services"};
const ResourceRef kEndpoints{"", "v1", "endpoints"};
const ResourceRef kEvents{"", "v1", "events"};
const ResourceRef kSecrets{"", "v1", "secrets"};
const ResourceRef kConfigMaps{"", "v1", "configmaps"};
const ResourceRef kServiceAccounts{"", "v1", "serviceaccounts"};
const ResourceRef kReplicationControllers{"", "v1", "replicationcontrollers"};
const ResourceRef kPersistentVolumes{"", "v1", "persistentvolumes"};
const ResourceRef kPersistentVolumeClaims{"", "v1", "persistentvolumeclaims"};
const ResourceRef kDeployments{"apps", "v1", "deployments"};
const ResourceRef kReplicaSets{"apps", "v1", "replicasets"};
const ResourceRef kStatefulSets{"apps", "v1", "statefulsets"};
const ResourceRef kDaemonSets{"apps", "v1", "daemonsets"};
const ResourceRef kControllerRevisions{"apps", "v1", "controllerrevisions"};
const ResourceRef kJobs{"batch", "v1", "jobs"};
const ResourceRef kCronJobs{"batch", "v1", "cronjobs"};
const ResourceRef kEndpointSlices{"discovery.k8s.io", "v1", "endpointslices"};
const ResourceRef kLeases{"coordination.k8s.io", "v1", "leases"};
const ResourceRef kStorageClasses{"storage.k8s.io", "v1", "storageclasses"};
const ResourceRef kPodDisruptionBudgets{"policy", "v1", "poddisruptionbudgets"};
const ResourceRef kPriorityClasses{"scheduling.k8s.io", "v1", "priorityclasses"};
const ResourceRef kCertificateSigningRequests{"certificates.k8s.io", "v1", "certificatesigningrequests"};
}  // namespace resources

Client::Client(Transport& transport, Endpoint endpoint, std::string user_agent)
    : transport_(transport), endpoint_(std::move(endpoint)), user_agent_(std::move(user_agent)) {}

Task<Result<HttpResponse>> Client::request(HttpRequest request) {
  request.headers.set("User-Agent", user_agent_);
  if (!request.headers.has("Accept")) request.headers.set("Accept", "application/json");
  if (!bearer_token_.empty()) request.headers.set("Authorization", "Bearer " + bearer_token_);
  // Go words a failed exchange by the method's first letter in capitals: Get "https://…".
  std::string verb = to_lower(request.method);
  if (!verb.empty()) verb[0] = static_cast<char>(verb[0] - 'a' + 'A');
  std::string url = endpoint_.url() + request.path;
  if (!request.query.empty()) url += "?" + request.query.encode();
  Result<HttpResponse> answer = co_await transport_.round_trip(endpoint_, std::move(request));
  if (!answer) co_return Status::plain(verb + " \"" + url + "\": " + answer.error().message);
  if (answer->status < 400) co_return answer;
  Value document = answer->body.document;
  if (document.is_null()) {
    auto parsed = parse_json(answer->body.bytes);
    if (parsed) document = *std::move(parsed);
  }
  if (document["kind"].as_string() == "Status") co_return status_from_document(document, answer->status);
  Status status = Status::plain(std::string(trim(answer->body.bytes)));
  status.code = answer->status;
  co_return status;
}

Task<Result<Object>> Client::get(ResourceRef resource, ObjectKey key) {
  HttpRequest request;
  request.path = resource.path(key.ns, key.name);
  co_return object_of(co_await this->request(std::move(request)));
}

Task<Result<ObjectList>> Client::list(ResourceRef resource, std::string ns, ListOptions options) {
  HttpRequest request;
  request.path = resource.path(ns);
  add_if_set(request.query, "labelSelector", options.label_selector);
  add_if_set(request.query, "fieldSelector", options.field_selector);
  add_if_set(request.query, "resourceVersion", options.resource_version);
  add_if_set(request.query, "resourceVersionMatch", options.resource_version_match);
  add_if_set(request.query, "continue", options.continue_token);
  if (options.limit > 0) request.query.add("limit", std::to_string(options.limit));
  DRYDOCK_CO_TRY(Value document, document_of(co_await this->request(std::move(request))));
  ObjectList list;
  list.resource_version = document["metadata"]["resourceVersion"].str();
  list.continue_token = document["metadata"]["continue"].str();
  list.items.reserve(document["items"].size());
  for (const Value& item : document["items"].items()) list.items.emplace_back(item);
  co_return list;
}

Task<Result<Watch>> Client::watch(ResourceRef resource, std::string ns, WatchOptions options) {
  HttpRequest request;
  request.path = resource.path(ns);
  request.query.add("watch", "true");
  add_if_set(request.query, "labelSelector", options.label_selector);
  add_if_set(request.query, "fieldSelector", options.field_selector);
  add_if_set(request.query, "resourceVersion", options.resource_version);
  if (options.allow_bookmarks) request.query.add("allowWatchBookmarks", "true");
  DRYDOCK_CO_TRY(HttpResponse answer, co_await this->request(std::move(request)));
  if (!answer.stream)
    co_return Status::plain("unable to decode an event from the watch stream: the answer is no stream");
  co_return Watch(std::move(answer.stream));
}

Task<std::optional<WatchEvent>> Watch::next() {
  const std::shared_ptr<StreamEnd> stream = stream_;
  std::optional<StreamMessage> message = co_await stream->receive();
  if (!message) co_return std::nullopt;
  Value document = std::move(message->document);
  if (document.is_null()) {
    auto parsed = parse_json(message->bytes);
    if (!parsed) co_return std::nullopt;
    document = *std::move(parsed);
  }
  WatchEvent event;
  const std::string_view type = document["type"].as_string();
  event.type = type == "ADDED"      ? WatchEvent::Type::kAdded
               : type == "MODIFIED" ? WatchEvent::Type::kModified
               : type == "DELETED"  ? WatchEvent::Type::kDeleted
               : type == "BOOKMARK" ? WatchEvent::Type::kBookmark
                                    : WatchEvent::Type::kError;
  event.object = Object(document["object"]);
  co_return event;
}

Task<Result<Object>> Client::create(ResourceRef resource, Object object) {
  HttpRequest request;
  request.method = "POST";
  request.path = resource.path(object.ns());
  request.headers.set("Content-Type", "application/json");
  request.body.document = object.doc();
  co_return object_of(co_await this->request(std::move(request)));
}

Task<Result<Object>> Client::update(ResourceRef resource, Object object, std::string subresource) {
  HttpRequest request;
  request.method = "PUT";
  request.path = resource.path(object.ns(), object.name(), subresource);
  request.headers.set("Content-Type", "application/json");
  request.body.document = object.doc();
  co_return object_of(co_await this->request(std::move(request)));
}

Task<Result<Object>> Client::patch(ResourceRef resource, ObjectKey key, PatchType type, Value patch,
                                   std::string subresource) {
  HttpRequest request;
  request.method = "PATCH";
  request.path = resource.path(key.ns, key.name, subresource);
  request.headers.set("Content-Type", std::string(kPatchTypes[static_cast<int>(type)]));
  request.body.document = std::move(patch);
  co_return object_of(co_await this->request(std::move(request)));
}

Task<Result<Object>> Client::remove(ResourceRef resource, ObjectKey key, DeleteOptions options) {
  HttpRequest request;
  request.method = "DELETE";
  request.path = resource.path(key.ns, key.name);
  request.headers.set("Content-Type", "application/json");
  Value body = Value::object({{"apiVersion", "v1"}, {"kind", "DeleteOptions"}});
  if (!options.propagation_policy.empty()) body.set("propagationPolicy", options.propagation_policy);
  if (options.grace_period_seconds >= 0) body.set("gracePeriodSeconds", options.grace_period_seconds);
  if (!options.precondition_uid.empty()) body.ref("preconditions", "uid") = options.precondition_uid;
  if (!options.precondition_resource_version.empty())
    body.ref("preconditions", "resourceVersion") = options.precondition_resource_version;
  request.body.document = std::move(body);
  co_return object_of(co_await this->request(std::move(request)));
}

Task<Result<Object>> Client::create_subresource(ResourceRef resource, ObjectKey key, std::string subresource,
                                                Value body) {
  HttpRequest request;
  request.method = "POST";
  request.path = resource.path(key.ns, key.name, subresource);
  request.headers.set("Content-Type", "application/json");
  request.body.document = std::move(body);
  co_return object_of(co_await this->request(std::move(request)));
}

Status status_from_document(const Value& document, int http_status) {
  Status status;
  status.code = static_cast<int>(document["code"].as_int(http_status));
  status.reason = document["reason"].str();
  status.message = document["message"].str();
  const Value& details = document["details"];
  status.name = details["name"].str();
  status.group = details["group"].str();
  status.kind = details["kind"].str();
  status.uid = details["uid"].str();
  status.retry_after_seconds = static_cast<std::int32_t>(details["retryAfterSeconds"].as_int());
  for (const Value& cause : details["causes"].items())
    status.causes.push_back({cause["reason"].str(), cause["message"].str(), cause["field"].str()});
  return status;
}

Value status_to_document(const Status& status) {
  Value document = Value::object({
      {"kind", "Status"},
      {"apiVersion", "v1"},
      {"metadata", Value::object()},
      {"status", "Failure"},
      {"message", status.message},
      {"code", status.code},
  });
  if (!status.reason.empty()) document.set("reason", status.reason);
  Value details = Value::object();
  if (!status.name.empty()) details.set("name", status.name);
  if (!status.group.empty()) details.set("group", status.group);
  if (!status.kind.empty()) details.set("kind", status.kind);
  if (!status.uid.empty()) details.set("uid", status.uid);
  if (status.retry_after_seconds > 0) details.set("retryAfterSeconds", status.retry_after_seconds);
  for (const StatusCause& cause : status.causes) {
    Value entry = Value::object({{"message", cause.message}});
    if (!cause.type.empty()) entry.set("reason", cause.type);
    if (!cause.field.empty()) entry.set("field", cause.field);
    details.ref("causes").push_back(std::move(entry));
  }
  if (!details.empty()) document.set("details", std::move(details));
  return document;
}

}  // namespace drydock
