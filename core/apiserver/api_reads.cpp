// get and watch.
#include <algorithm>

#include "core/apiserver/api_server.h"
#include "core/apiserver/custom/custom_schema.h"
#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/table.h"

namespace drydock {
namespace {

// Field selectors that a kind supports besides metadata.name and metadata.namespace.
struct FieldRow {
  std::string_view resource;
  std::string_view fields;
};
constexpr FieldRow kFields[] = {
    {"pods",
     "spec.nodeName spec.restartPolicy spec.schedulerName spec.serviceAccountName spec.hostNetwork status.phase "
     "status.podIP status.podIPs status.nominatedNodeName"},
    {"events",
     "involvedObject.kind involvedObject.namespace involvedObject.name involvedObject.uid involvedObject.apiVersion "
     "involvedObject.resourceVersion involvedObject.fieldPath reason reportingComponent source type"},
    {"nodes", "spec.unschedulable"},
    {"namespaces", "status.phase"},
    {"secrets", "type"},
    {"replicasets", "status.replicas"},
    {"replicationcontrollers", "status.replicas"},
    {"jobs", "status.successful"},
    {"services", "spec.clusterIP spec.type"},
    {"certificatesigningrequests", "spec.signerName"},
};

constexpr std::int64_t kLongestWatchSeconds = 24 * 3600;

bool field_supported(std::string_view resource, const std::string& field) {
  if (field == "metadata.name" || field == "metadata.namespace") return true;
  for (const FieldRow& row : kFields) {
    if (row.resource != resource) continue;
    const std::vector<std::string> known = split_whitespace(row.fields);
    return std::find(known.begin(), known.end(), field) != known.end();
  }
  return false;
}

}  // namespace

Value ApiServer::metadata_only(const Object& object) {
  return Value::object(
      {{"kind", "PartialObjectMetadata"}, {"apiVersion", "meta.k8s.io/v1"}, {"metadata", object.metadata()}});
}

bool ApiServer::wants_table(const Call& call) { return contains(call.http.headers.get("Accept"), "as=Table"); }

bool ApiServer::wants_metadata(const Call& call) {
  const std::string_view accept = call.http.headers.get("Accept");
  return contains(accept, "as=PartialObjectMetadata") && !contains(accept, "as=Table");
}

Value ApiServer::shaped(const Call& call, const Object& object) const {
  if (wants_table(call))
    return table_document(*call.resource, {object}, loop_.now(), std::string(object.resource_version()),
                          call.http.query.get("includeObject"));
  if (wants_metadata(call)) return metadata_only(object);
  return object.doc();
}

HttpResponse ApiServer::object_response(const Call& call, const Object& object, int status) const {
  HttpResponse response;
  response.status = status;
  response.body.document = shaped(call, object);
  return response;
}

Task<Result<KeyValue>> ApiServer::read(const Call& call, const ObjectKey& key) {
  RangeRequest request;
  request.key = store_key(*call.resource, key);
  DRYDOCK_CO_TRY(RangeResult found, co_await store_.range(request));
  if (found.items.empty()) co_return Status::not_found(call.info.group, call.info.resource, key.name);
  if (call.resource->definition.is_object()) {
    std::vector<Object> one{Object(found.items.front().value)};
    DRYDOCK_CO_TRY_VOID(co_await convert(*call.resource, one, call.resource->version));
    found.items.front().value = one[0].doc();
  }
  co_return std::move(found.items.front());
}

Task<ApiServer::Answer> ApiServer::get(Call& call) {
  const ObjectKey key{call.resource->namespaced ? call.info.ns : "", call.info.name};
  DRYDOCK_CO_TRY(const KeyValue item, co_await read(call, key));
  co_return object_response(call, presented(*call.resource, with_version(item)));
}

Result<ObjectFilter> ApiServer::filter_of(const Call& call) const {
  ObjectFilter filter;
  filter.ns = call.resource->namespaced ? call.info.ns : "";
  auto labels = LabelSelector::parse(call.http.query.get("labelSelector"));
  if (!labels) return Status::bad_request(labels.error().message);
  filter.labels = *std::move(labels);
  auto fields = parse_field_selector(call.http.query.get("fieldSelector"));
  if (!fields) return Status::bad_request(fields.error().message);
  for (const FieldTerm& term : *fields) {
    const Value& selectable = call.resource->definition["selectableFields"];
    const bool declared = std::any_of(selectable.items().begin(), selectable.items().end(), [&](const Value& field) {
      return field["jsonPath"].as_string() == "." + term.path;
    });
    if (!declared && !field_supported(call.info.resource, term.path))
      return Status::bad_request("field label not supported: " + term.path);
  }
  filter.fields = *std::move(fields);
  return filter;
}

Task<ApiServer::Answer> ApiServer::watch(Call& call) {
  DRYDOCK_CO_TRY(ObjectFilter filter, filter_of(call));
  const bool initial_events = call.http.query.get("sendInitialEvents") == "true";
  DRYDOCK_CO_TRY(const Revision after, resource_version_of(call.http.query));
  // No revision means the newest state; one that another server has given may be news here.
  if (call.http.query.get("resourceVersion").empty()) DRYDOCK_CO_TRY_VOID(co_await catch_up());
  if (after > seen_) DRYDOCK_CO_TRY_VOID(co_await wait_fresh(after));
  auto [ours, theirs] = StreamEnd::make_pair(loop_);
  if (const auto limit = parse_int(call.http.query.get("timeoutSeconds")); limit && *limit > 0) {
    std::weak_ptr<StreamEnd> stream = ours;
    loop_.call_after(seconds(std::min<std::int64_t>(*limit, kLongestWatchSeconds)), [stream] {
      if (const auto end = stream.lock()) end->close();
    });
  }
  ResourceCache::Transform transform;
  if (wants_table(call)) {
    const ResourceInfo* resource = call.resource;
    const std::string include(call.http.query.get("includeObject"));
    transform = [this, resource, include](const Object& object) {
      return table_document(*resource, {object}, loop_.now(), std::string(object.resource_version()), include);
    };
  } else if (wants_metadata(call)) {
    transform = metadata_only;
  } else if (call.resource->definition.is_object()) {
    const ResourceInfo* resource = call.resource;  // stays where it is, even when it is no longer served
    transform = [resource](const Object& object) { return presented(*resource, object).doc(); };
  }
  if (has_versions(*call.resource)) {
    auto [stored, converted] = StreamEnd::make_pair(loop_);
    relays_.spawn(relay_versions(call.resource, std::move(converted), std::move(ours), std::move(transform)));
    ours = std::move(stored);
    transform = nullptr;
  }
  ResourceCache& cached = cache(*call.resource);
  HttpResponse response;
  response.headers.set("Content-Type", "application/json");
  response.stream = theirs;
  if (after == 0 || initial_events) {
    Value bookmark;
    if (initial_events) {
      bookmark = Value::object({
          {"kind", call.resource->kind},
          {"apiVersion", call.resource->api_version()},
          {"metadata", Value::object({{"resourceVersion", std::to_string(seen_)},
                                      {"annotations", Value::object({{"k8s.io/initial-events-end", "true"}})}})},
      });
    }
    cached.watch_from_state(ours, std::move(filter), std::move(transform), std::move(bookmark));
  } else if (!cached.watch(ours, std::move(filter), after, std::move(transform))) {
    co_return Status::gone("too old resource version: " + std::to_string(after) + " (" + std::to_string(seen_) + ")");
  }
  co_return response;
}

}  // namespace drydock
