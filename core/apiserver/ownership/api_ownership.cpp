// Who owns which fields: managedFields of every write, and server-side apply.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/
#include "core/apiserver/api_server.h"
#include "core/apiserver/ownership/field_manager.h"
#include "core/base/strings.h"
#include "core/machinery/timestamp.h"
#include "core/machinery/validation/field_errors.h"

namespace drydock {
namespace {

constexpr std::size_t kLongestManager = 128;

}  // namespace

FieldWriter ApiServer::field_writer(const Call& call) {
  const ResourceInfo& resource = *call.resource;
  FieldWriter writer;
  writer.manager = call.http.query.get("fieldManager");
  if (writer.manager.empty()) writer.manager = manager_of_user_agent(call.http.headers.get("User-Agent"));
  writer.api_version = resource.api_version();
  writer.subresource = call.info.subresource;
  writer.now = format_timestamp(loop_.now());
  writer.type = resource.definition.is_object() ? &custom_types_.of(resource.resource + "." + writer.api_version,
                                                                    resource.definition["schema"]["openAPIV3Schema"])
                                                : builtin_field_type(writer.api_version, resource.kind);
  writer.reset = reset_fields(resource, writer.subresource);
  return writer;
}

void ApiServer::own_fields(Call& call, const Value& live, Value& document) {
  Value managed = call.managed_fields ? *std::exchange(call.managed_fields, std::nullopt)
                                      : managed_after_update(field_writer(call), live, document);
  const Value* had = document["metadata"].find("managedFields");
  if (managed.is_null()) {
    if (had != nullptr) document.ref("metadata").erase("managedFields");
  } else if (had == nullptr || !had->same_as(managed)) {
    document.ref("metadata").set("managedFields", std::move(managed));
  }
}

Result<void> ApiServer::check_options(const Call& call, const char* options) {
  const std::string manager(call.http.query.get("fieldManager"));
  const bool applies = contains(call.http.headers.get("Content-Type"), "apply-patch");
  FieldErrors errors;
  if (applies && manager.empty()) errors.required("fieldManager", "is required for apply patch");
  if (!applies && call.http.query.has("force") && std::string_view(options) == "PatchOptions")
    errors.forbidden("force", "may not be specified for non-apply patch");
  if (manager.size() > kLongestManager) errors.too_long("fieldManager", kLongestManager);
  for (std::size_t i = 0; i < manager.size(); ++i) {
    const auto letter = static_cast<unsigned char>(manager[i]);
    if (letter >= ' ' && letter != 127) continue;
    errors.invalid("fieldManager", manager,
                   "invalid character " + format("U+%04X", letter) + " (at position " + std::to_string(i) + ")");
  }
  if (errors.causes.empty()) return {};
  return Status::invalid("meta.k8s.io", options, "", std::move(errors.causes));
}

Result<Value> ApiServer::applied(Call& call, const Value& live, const Value& config) {
  const ResourceInfo& resource = *call.resource;
  if (!config.is_object()) return Status::bad_request("Object 'Kind' is missing in 'null'");
  for (const char* name : {"apiVersion", "kind"}) {
    if (config[name].empty())
      return Status::bad_request("error decoding apply configuration: " + std::string(name) + " must be set");
  }
  // To apply what does not exist is to create it.
  if (live.is_null() && options_.rbac) {
    RequestInfo creates = call.info;
    creates.verb = "create";
    if (!authorize(call.who, creates, call.http.path, objects()))
      return Status::forbidden(creates.group, creates.resource, creates.name,
                               denial_text(call.who, creates, call.http.path));
  }
  const FieldWriter writer = field_writer(call);
  if (writer.type == nullptr) return Status::method_not_supported(resource.group, resource.resource, "apply");
  const bool force = call.http.query.get("force") == "true" || call.http.query.get("force") == "1";
  DRYDOCK_TRY(Applied done, apply_configuration(writer, live, config, force));
  const Value& metadata = done.document["metadata"];
  const std::string uid = config["metadata"]["uid"].str();
  if (live.is_null() && !uid.empty())
    return Status::conflict(
        resource.group, resource.resource, call.info.name,
        "uid mismatch: the provided object specified uid " + uid + ", and no existing object was found");
  if (metadata["name"].empty())
    return Status::bad_request("the name of the object (" + call.info.name +
                               " based on URL) was undeterminable: name must be provided");
  if (metadata["name"].as_string() != call.info.name)
    return Status::bad_request("the name of the object (" + metadata["name"].str() +
                               ") does not match the name on the URL (" + call.info.name + ")");
  if (resource.namespaced && !metadata["namespace"].empty() && metadata["namespace"].as_string() != call.info.ns)
    return Status::bad_request("the namespace of the provided object does not match the namespace sent on the request");
  if (!live.is_null() && !uid.empty() && uid != live["metadata"]["uid"].as_string())
    return Status::invalid(
        resource.group, resource.kind, call.info.name,
        {{"FieldValueInvalid", "Invalid value: " + go_quote(uid) + ": field is immutable", "metadata.uid"}});
  call.managed_fields = std::move(done.managed_fields);
  return std::move(done.document);
}

}  // namespace drydock
