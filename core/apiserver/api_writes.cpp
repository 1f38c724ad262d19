// create, update, patch, delete: from a request body to one transaction.
#include <algorithm>

#include "core/apiserver/api_server.h"
#include "core/apiserver/custom/definition.h"
#include "core/apiserver/openapi/protobuf.h"
#include "core/apiserver/ownership/managed_entries.h"
#include "core/apiserver/ownership/patch_kind.h"
#include "core/apiserver/pod_parts.h"
#include "core/base/strings.h"
#include "core/client/client.h"
#include "core/machinery/defaults.h"
#include "core/machinery/json.h"
#include "core/machinery/timestamp.h"
#include "core/machinery/validation.h"
#include "core/machinery/yaml.h"

namespace drydock {
namespace {

constexpr int kPatchTries = 5;
constexpr const char* kModified =
    "the object has been modified; please apply your changes to the latest version and try again";

// Kinds whose generation counts changes of their spec.
bool has_generation(const ResourceInfo& resource) {
  static constexpr std::string_view kWithout[] = {"pods",
                                                  "nodes",
                                                  "services",
                                                  "endpoints",
                                                  "events",
                                                  "configmaps",
                                                  "secrets",
                                                  "serviceaccounts",
                                                  "namespaces",
                                                  "leases",
                                                  "roles",
                                                  "rolebindings",
                                                  "clusterroles",
                                                  "clusterrolebindings",
                                                  "replicationcontrollers",
                                                  "certificatesigningrequests"};
  return std::find(std::begin(kWithout), std::end(kWithout), resource.resource) == std::end(kWithout) ||
         resource.resource == "pods" || resource.resource == "replicationcontrollers";
}

bool has_status(const ResourceInfo& resource) { return resource.has_subresource("status"); }

// Custom resources count every change that is neither metadata nor status.
bool same_but_status(const Object& old, const Object& updated) {
  Value before = old.doc();
  Value after = updated.doc();
  for (const char* part : {"metadata", "status"}) {
    before.erase(part);
    after.erase(part);
  }
  return before == after;
}

// Carries over what a writer may not change.
void keep_system_fields(const Object& old, Value& document) {
  Value& metadata = document.ref("metadata");
  for (const char* name :
       {"uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"}) {
    if (old.metadata().has(name))
      metadata.set(name, old.metadata()[name]);
    else
      metadata.erase(name);
  }
}

}  // namespace

Result<Value> ApiServer::decode_body(Call& call) {
  if (!call.http.body.document.is_null()) return call.http.body.document;
  const std::string_view type = call.http.headers.get("Content-Type");
  if (contains(type, "yaml")) {
    auto document = parse_yaml(call.http.body.bytes);
    if (!document) return Status::bad_request(document.error().message);
    return document;
  }
  if (call.http.body.bytes.empty()) return Value();
  if (contains(type, kProtobufType)) return decode_protobuf_body(call.http.body.bytes);
  auto document = parse_json(call.http.body.bytes);
  if (!document)
    return Status::bad_request("the object provided is unrecognized (must be of type " + call.resource->kind +
                               "): " + document.error().message);
  return document;
}

Task<Result<Object>> ApiServer::write(Call& call, const Object& object, Revision expected) {
  Object result = object;
  if (call.dry_run) co_return result;
  Value stored = object.doc();
  if (stored["metadata"].has("resourceVersion")) stored.ref("metadata").erase("resourceVersion");
  if (call.resource->definition.is_object()) {
    // One version is stored, whichever was written.
    std::vector<Object> one{Object(std::move(stored))};
    DRYDOCK_CO_TRY_VOID(co_await convert(*call.resource, one, storage_version(definition_of(*call.resource))));
    stored = one[0].doc();
  }
  TxnResult done;
  for (int attempt = 0;; ++attempt) {
    TxnRequest request;
    StoreOp put;
    put.key = store_key(*call.resource, object.key());
    put.value = stored;
    request.compares.push_back({put.key, expected});
    if (!call.claims.empty()) {
      StoreOp look;
      look.type = StoreOp::Type::kGet;
      look.key = put.key;
      request.failure.push_back(std::move(look));
    }
    request.success.push_back(std::move(put));
    if (!call.claims.empty()) add_claims(call, object, request);
    DRYDOCK_CO_TRY(done, co_await store_.txn(std::move(request)));
    if (done.succeeded || call.claims.empty() || attempt == kPatchTries) break;
    const std::string own = store_key(*call.resource, object.key());
    const auto at = std::ranges::find(done.gets, own, &KeyValue::key);
    if ((at == done.gets.end() ? 0 : at->mod_revision) != expected) break;
    DRYDOCK_CO_TRY_VOID(co_await claim_again(call, stored, done));
    result = Object(stored);
  }
  if (!done.succeeded) {
    if (expected == 0) co_return Status::already_exists(call.info.group, call.info.resource, object.name());
    co_return Status::conflict(call.info.group, call.info.resource, object.name(), kModified);
  }
  result.mutable_doc().ref("metadata", "resourceVersion") = std::to_string(done.revision);
  co_return result;
}

// The body's fields against its kind's schema; parts shared with `known` have passed before.
Result<void> ApiServer::check_body(Call& call, Value& document, const Value& known) {
  const ResourceInfo& resource = *call.resource;
  if (resource.definition.is_object()) return check_custom(call, document);
  const std::string_view strictness = call.http.query.get("fieldValidation");
  DRYDOCK_TRY(std::vector<std::string> warnings,
              check_fields(resource.api_version(), resource.kind, document, strictness, known));
  call.warnings.insert(call.warnings.end(), warnings.begin(), warnings.end());
  return {};
}

Result<Object> ApiServer::shape_create(Call& call, Value document) {
  const ResourceInfo& resource = *call.resource;
  const bool custom = resource.definition.is_object();
  if (!document.is_object()) return Status::bad_request("Object 'Kind' is missing in '" + dump_json(document) + "'");
  // The body's kind must be the resource's.
  if (document.has("kind") && document["kind"].as_string() != resource.kind) {
    return Status::bad_request(document["kind"].str() + " in version " + go_quote(resource.version) +
                               " cannot be handled as a " + resource.kind + ": converting (" + document["kind"].str() +
                               ") to (" + resource.kind + "): unknown conversion");
  }
  document.set("kind", resource.kind);
  document.set("apiVersion", resource.api_version());
  DRYDOCK_TRY_VOID(check_body(call, document, Value()));
  if (!document["metadata"].is_object()) document.set("metadata", Value::object());
  Value& metadata = document.ref("metadata");
  if (resource.namespaced) {
    if (metadata["namespace"].empty()) metadata.set("namespace", call.info.ns);
    if (metadata["namespace"].as_string() != call.info.ns) {
      return Status::bad_request(
          "the namespace of the provided object does not match the namespace sent on the request");
    }
  } else {
    metadata.erase("namespace");
  }
  if (metadata["name"].empty() && !metadata["generateName"].empty()) {
    // 63 characters in all, five of them drawn.
    std::string base = metadata["generateName"].str().substr(0, 58);
    metadata.set("name", base + prng_.name_suffix());
  }
  metadata.set("uid", prng_.uuid());
  metadata.set("creationTimestamp", format_timestamp(loop_.now()));
  for (const char* name : {"resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"})
    metadata.erase(name);
  if (has_generation(resource)) metadata.set("generation", 1);
  const bool own_status =
      resource.resource == "namespaces" || resource.resource == "nodes" || resource.resource == "apiservices";
  if (has_status(resource) && !own_status) document.erase("status");
  if (!custom) apply_defaults(document);
  own_fields(call, Value(), document);
  DRYDOCK_TRY_VOID(admit_changes(call, document));
  return Object(std::move(document));
}

Result<void> ApiServer::check_create(Call& call, Object& object) {
  const ResourceInfo& resource = *call.resource;
  std::vector<StatusCause> causes = validate_create(object);
  if (resource.definition.is_object()) {
    for (StatusCause& cause : custom_causes(call, object.doc(), Value())) causes.push_back(std::move(cause));
  }
  for (StatusCause& cause : policy_causes(object)) causes.push_back(std::move(cause));
  if (causes.empty()) {
    note_policy_status(object);
    return admit_checks(call, Object(), object);
  }
  const std::string shown = object.name().empty() && !object.metadata()["generateName"].empty()
                                ? object.metadata()["generateName"].str()
                                : std::string(object.name());
  return Status::invalid(resource.group, resource.kind, shown, std::move(causes));
}

Task<ApiServer::Answer> ApiServer::create(Call& call) {
  DRYDOCK_CO_TRY_VOID(check_options(call, "CreateOptions"));
  DRYDOCK_CO_TRY(Value body, decode_body(call));
  if (call.resource->namespaced) co_await know_surroundings(call, body);
  DRYDOCK_CO_TRY(Object object, co_await admit_create(call, std::move(body)));
  Result<Object> written = co_await write(call, object, 0);
  if (!written) co_return written.error();
  co_return object_response(call, *written, 201);
}

Result<Object> ApiServer::shape_update(Call& call, const Object& old, Value document) {
  const ResourceInfo& resource = *call.resource;
  if (!document.is_object()) return Status::bad_request("Object 'Kind' is missing in '" + dump_json(document) + "'");
  document.set("kind", resource.kind);
  document.set("apiVersion", resource.api_version());
  const bool custom = resource.definition.is_object();
  DRYDOCK_TRY_VOID(check_body(call, document, old.doc()));
  if (!document["metadata"].is_object()) document.set("metadata", Value::object());
  Value& metadata = document.ref("metadata");
  if (metadata["name"].as_string() != old.name()) {
    return Status::bad_request("the name of the object (" + metadata["name"].str() +
                               ") does not match the name on the URL (" + std::string(old.name()) + ")");
  }
  if (resource.namespaced) metadata.set("namespace", old.ns());
  const std::string wanted_uid = metadata["uid"].str();
  if (!wanted_uid.empty() && wanted_uid != old.uid()) {
    return Status::conflict(
        resource.group, resource.resource, old.name(),
        "Precondition failed: UID in precondition: " + wanted_uid + ", UID in object meta: " + std::string(old.uid()));
  }
  keep_system_fields(old, document);
  if (const std::string& part = call.info.subresource; part == "ephemeralcontainers" || part == "resize") {
    DRYDOCK_TRY(Object pod, shape_pod_part(old, document, part));
    own_fields(call, old.doc(), pod.mutable_doc());
    return pod;
  }
  const bool status_only = call.info.subresource == "status" || call.info.subresource == "approval";
  if (status_only) {
    // Only the status (and labels' owner, metadata) may change here.
    Value kept = old.doc();
    if (call.info.subresource == "approval")
      kept.ref("status").set("conditions", document["status"]["conditions"]);
    else
      kept.set("status", document["status"]);
    for (const char* name : {"labels", "annotations", "finalizers", "ownerReferences"}) {
      if (document["metadata"].has(name)) kept.ref("metadata").set(name, document["metadata"][name]);
    }
    document = std::move(kept);
  } else if (has_status(resource)) {
    if (old.doc().has("status"))
      document.set("status", old.doc()["status"]);
    else
      document.erase("status");
  }
  // A status alone leaves the rest as it is, defaults and all.
  if (!custom && !status_only) apply_defaults(document);
  own_fields(call, old.doc(), document);
  if (resource.resource == "customresourcedefinitions" && call.info.subresource.empty() && !old.deleting())
    DRYDOCK_TRY_VOID(admit_definition(document, old));
  if (resource.resource == "services" && call.info.subresource.empty())
    DRYDOCK_TRY_VOID(allocate_service(call, document, old));
  if (resource.kind == "DaemonSet" && !(old.spec()["template"] == document["spec"]["template"])) {
    const auto generation = parse_int(old.annotation("deprecated.daemonset.template.generation")).value_or(1);
    document.ref("metadata", "annotations")
        .set("deprecated.daemonset.template.generation", std::to_string(generation + 1));
  }
  return Object(std::move(document));
}

Result<void> ApiServer::check_update(Call& call, const Object& old, Object& object) {
  if (call.info.subresource.empty()) {
    const ResourceInfo& resource = *call.resource;
    const bool custom = resource.definition.is_object();
    std::vector<StatusCause> causes = validate_update(old, object);
    if (custom) {
      for (StatusCause& cause : custom_causes(call, object.doc(), old.doc())) causes.push_back(std::move(cause));
    }
    for (StatusCause& cause : policy_causes(object)) causes.push_back(std::move(cause));
    if (!causes.empty()) return Status::invalid(resource.group, resource.kind, old.name(), std::move(causes));
    if (has_generation(resource) && (custom ? !same_but_status(old, object) : !(object.spec() == old.spec())))
      object.mutable_doc().ref("metadata", "generation") = old.generation() + 1;
    note_policy_status(object);
  }
  return admit_checks(call, old, object);
}

Task<ApiServer::Answer> ApiServer::update(Call& call) {
  DRYDOCK_CO_TRY_VOID(check_options(call, "UpdateOptions"));
  DRYDOCK_CO_TRY(Value body, decode_body(call));
  const ObjectKey key{call.resource->namespaced ? call.info.ns : "", call.info.name};
  Result<KeyValue> stored = co_await read(call, key);
  if (!stored) co_return stored.error();
  Object old(stored->value);
  const std::string wanted = body["metadata"]["resourceVersion"].str();
  if (!wanted.empty() && wanted != std::to_string(stored->mod_revision))
    co_return Status::conflict(call.info.group, call.info.resource, key.name, kModified);
  DRYDOCK_CO_TRY(Object object, co_await admit_update(call, old, std::move(body)));
  Object compared = object;
  compared.mutable_doc().ref("metadata").erase("resourceVersion");
  if (changes_nothing(old, compared)) {  // no write, the same version
    compared = old;
    compared.mutable_doc().ref("metadata", "resourceVersion") = std::to_string(stored->mod_revision);
    co_return object_response(call, compared);
  }
  // The last finalizer of an object being deleted removes it.
  if (old.deleting() && object.metadata()["finalizers"].empty() && !old.metadata()["finalizers"].empty() &&
      object.metadata()["deletionGracePeriodSeconds"].as_int() == 0) {
    DRYDOCK_CO_TRY(Object gone,
                   co_await delete_object(call, *stored, Value::object({{"gracePeriodSeconds", 0}, {"force", true}})));
    co_return object_response(call, gone);
  }
  Result<Object> written = co_await write(call, object, stored->mod_revision);
  if (!written) co_return written.error();
  co_return object_response(call, *written);
}

Task<ApiServer::Answer> ApiServer::patch(Call& call) {
  DRYDOCK_CO_TRY(Value body, decode_body(call));
  DRYDOCK_CO_TRY(const PatchKind kind, patch_kind(call.http.headers.get("Content-Type")));
  const bool applies = kind == PatchKind::kApply;
  DRYDOCK_CO_TRY_VOID(check_options(call, "PatchOptions"));
  const ObjectKey key{call.resource->namespaced ? call.info.ns : "", call.info.name};
  for (int attempt = 0;; ++attempt) {
    Result<KeyValue> stored = co_await read(call, key);
    if (!stored) {
      if (!applies || !call.info.subresource.empty() || !stored.error().is_not_found()) co_return stored.error();
      DRYDOCK_CO_TRY(Value document, applied(call, Value(), body));
      DRYDOCK_CO_TRY(Object fresh, co_await admit_create(call, std::move(document)));
      Result<Object> created = co_await write(call, fresh, 0);
      if (created) co_return object_response(call, *created, 201);
      // Somebody was faster: the configuration is applied to what they made.
      if (!created.error().is_already_exists() || attempt + 1 >= kPatchTries) co_return created.error();
      continue;
    }
    Object old(stored->value);
    Value current = old.doc();
    current.ref("metadata", "resourceVersion") = std::to_string(stored->mod_revision);
    Result<Value> patched = applies ? applied(call, current, body) : apply_patch(kind, current, body);
    if (!patched && applies) co_return patched.error();
    if (!patched) {
      Status status = Status::plain("the server rejected our request due to an error in our request");
      status.code = 422;
      status.reason = "Invalid";
      if (kind != PatchKind::kJson) status.message = patched.error().message;
      co_return status;
    }
    const std::string wanted = (*patched)["metadata"]["resourceVersion"].str();
    if (wanted != std::to_string(stored->mod_revision))
      co_return Status::conflict(call.info.group, call.info.resource, key.name, kModified);
    DRYDOCK_CO_TRY(Object object, co_await admit_update(call, old, *std::move(patched)));
    Object compared = object;
    compared.mutable_doc().ref("metadata").erase("resourceVersion");
    if (changes_nothing(old, compared)) {
      compared = old;
      compared.mutable_doc().ref("metadata", "resourceVersion") = std::to_string(stored->mod_revision);
      co_return object_response(call, compared);
    }
    if (old.deleting() && object.metadata()["finalizers"].empty() && !old.metadata()["finalizers"].empty() &&
        old.metadata()["deletionGracePeriodSeconds"].as_int() == 0) {
      DRYDOCK_CO_TRY(Object gone, co_await delete_object(call, *stored,
                                                         Value::object({{"gracePeriodSeconds", 0}, {"force", true}})));
      co_return object_response(call, gone);
    }
    Result<Object> written = co_await write(call, object, stored->mod_revision);
    if (written) co_return object_response(call, *written);
    // A patch without a version of its own applies again to what is there now.
    if (!written.error().is_conflict() || body["metadata"].has("resourceVersion") || attempt + 1 >= kPatchTries)
      co_return written.error();
  }
}

// Marks an object as being deleted, or removes it when nothing holds it any more.
Task<Result<Object>> ApiServer::delete_object(Call& call, const KeyValue& stored, const Value& options) {
  Object object(stored.value);
  const Value& preconditions = options["preconditions"];
  const std::string wanted_uid = preconditions["uid"].str();
  if (!wanted_uid.empty() && wanted_uid != object.uid()) {
    co_return Status::conflict(call.info.group, call.info.resource, object.name(),
                               "Precondition failed: UID in precondition: " + wanted_uid +
                                   ", UID in object meta: " + std::string(object.uid()));
  }
  const std::string wanted_version = preconditions["resourceVersion"].str();
  if (!wanted_version.empty() && wanted_version != std::to_string(stored.mod_revision)) {
    co_return Status::conflict(call.info.group, call.info.resource, object.name(),
                               "Precondition failed: ResourceVersion in precondition: " + wanted_version +
                                   ", ResourceVersion in object meta: " + std::to_string(stored.mod_revision));
  }
  std::int64_t grace = 0;
  if (call.info.resource == "pods") {
    const bool started = !object.spec()["nodeName"].empty() && object.status()["phase"].as_string() != "Succeeded" &&
                         object.status()["phase"].as_string() != "Failed";
    grace = options.has("gracePeriodSeconds") ? options["gracePeriodSeconds"].as_int()
                                              : object.spec()["terminationGracePeriodSeconds"].as_int(30);
    if (!started) grace = 0;
  }
  Value metadata = object.metadata();
  Value finalizers = metadata["finalizers"].is_array() ? metadata["finalizers"] : Value::array();
  const std::string_view policy = options["propagationPolicy"].as_string();
  auto add_finalizer = [&](const char* name) {
    if (std::none_of(finalizers.items().begin(), finalizers.items().end(),
                     [&](const Value& item) { return item.as_string() == name; }))
      finalizers.push_back(name);
  };
  if (policy == "Foreground" && !object.deleting()) add_finalizer("foregroundDeletion");
  if (policy == "Orphan" && !object.deleting()) add_finalizer("orphan");
  const bool namespace_held = call.info.resource == "namespaces" && !object.spec()["finalizers"].empty();
  const bool held = !finalizers.empty() || namespace_held;
  const bool waits = grace > 0 || held;
  if (waits && !options["force"].as_bool()) {
    const bool sooner = object.deleting() && call.info.resource == "pods" &&
                        grace < object.metadata()["deletionGracePeriodSeconds"].as_int();
    if (object.deleting() && !sooner) {
      object.mutable_doc().ref("metadata", "resourceVersion") = std::to_string(stored.mod_revision);
      co_return object;
    }
    Value& changed = object.mutable_doc().ref("metadata");
    changed.set("deletionTimestamp", format_timestamp(loop_.now() + seconds(grace)));
    changed.set("deletionGracePeriodSeconds", grace);
    if (!finalizers.empty()) changed.set("finalizers", finalizers);
    if (has_generation(*call.resource)) changed.set("generation", object.generation() + 1);
    if (call.info.resource == "namespaces") object.mutable_doc().ref("status", "phase") = "Terminating";
    co_return co_await write(call, object, stored.mod_revision);
  }
  if (call.dry_run) co_return object;
  if (call.info.resource == "customresourcedefinitions") DRYDOCK_CO_TRY_VOID(co_await remove_instances(object));
  TxnRequest request;
  request.compares.push_back({stored.key, stored.mod_revision});
  StoreOp erase;
  erase.type = StoreOp::Type::kDelete;
  erase.key = stored.key;
  request.success.push_back(std::move(erase));
  if (call.info.resource == "services") {
    release_service(call, object);
    add_claims(call, object, request);
  }
  DRYDOCK_CO_TRY(TxnResult done, co_await store_.txn(std::move(request)));
  if (!done.succeeded) co_return Status::conflict(call.info.group, call.info.resource, object.name(), kModified);
  object.mutable_doc().ref("metadata", "resourceVersion") = std::to_string(done.revision);
  co_return object;
}

Task<ApiServer::Answer> ApiServer::remove(Call& call) {
  DRYDOCK_CO_TRY(Value options, decode_body(call));
  if (call.http.query.has("gracePeriodSeconds"))
    options.set("gracePeriodSeconds", parse_int(call.http.query.get("gracePeriodSeconds")).value_or(0));
  if (call.http.query.has("propagationPolicy"))
    options.set("propagationPolicy", call.http.query.get("propagationPolicy"));
  const ObjectKey key{call.resource->namespaced ? call.info.ns : "", call.info.name};
  if (call.info.resource == "namespaces" &&
      (key.name == "default" || key.name == "kube-system" || key.name == "kube-public")) {
    co_return Status::forbidden("", "namespaces", key.name, "this namespace may not be deleted");
  }
  for (int attempt = 0;; ++attempt) {
    Result<KeyValue> stored = co_await read(call, key);
    if (!stored) co_return stored.error();
    DRYDOCK_CO_TRY_VOID(co_await admit_delete(call, *stored));
    Result<Object> gone = co_await delete_object(call, *stored, options);
    if (!gone) {
      if (gone.error().is_conflict() && !options.has("preconditions") && attempt < kPatchTries) continue;
      co_return gone.error();
    }
    // What is gone answers with a Status, what still waits with itself.
    const bool waits = gone->deleting();
    if (waits || call.info.resource == "pods") co_return object_response(call, *gone);
    HttpResponse response;
    Value details = Value::object({{"name", key.name}, {"kind", call.info.resource}, {"uid", gone->uid()}});
    if (!call.info.group.empty()) details.set("group", call.info.group);
    response.body.document = Value::object({{"kind", "Status"},
                                            {"apiVersion", "v1"},
                                            {"metadata", Value::object()},
                                            {"status", "Success"},
                                            {"details", details}});
    co_return response;
  }
}

Task<ApiServer::Answer> ApiServer::remove_collection(Call& call) {
  DRYDOCK_CO_TRY(Value options, decode_body(call));
  DRYDOCK_CO_TRY(ObjectFilter filter, filter_of(call));
  RangeRequest request;
  request.key = store_key(*call.resource, {filter.ns, ""});
  if (filter.ns.empty() && call.resource->namespaced) request.key.pop_back();  // all namespaces
  request.range_end = prefix_end(request.key);
  DRYDOCK_CO_TRY(RangeResult found, co_await store_.range(request));
  std::vector<Object> removed;
  for (const KeyValue& item : found.items) {
    if (!filter.matches(Object(item.value))) continue;
    DRYDOCK_CO_TRY_VOID(co_await admit_delete(call, item));
    Result<Object> gone = co_await delete_object(call, item, options);
    if (gone)
      removed.push_back(*std::move(gone));
    else if (!gone.error().is_conflict() && !gone.error().is_not_found())
      co_return gone.error();
  }
  HttpResponse response;
  response.body.document = shaped_list(call, removed, std::to_string(seen_), "", 0);
  co_return response;
}

}  // namespace drydock
