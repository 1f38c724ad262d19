// The scale subresource: an object's replicas, whatever its kind, as autoscaling/v1 Scale.
// https://kubernetes.io/docs/reference/kubernetes-api/autoscaling-resources/scale-v1/
#include "core/apiserver/api_server.h"
#include "core/apiserver/ownership/field_manager.h"
#include "core/apiserver/ownership/patch_kind.h"
#include "core/base/strings.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

constexpr int kScaleTries = 5;
constexpr const char* kModified =
    "the object has been modified; please apply your changes to the latest version and try again";

// Where a kind keeps what a Scale shows: "spec.replicas".
struct ScalePaths {
  std::string wanted = "spec.replicas";
  std::string current = "status.replicas";
  std::string selector;  // of custom kinds; a text
};

ScalePaths paths_of(const ResourceInfo& resource) {
  ScalePaths paths;
  const Value& told = resource.definition["subresources"]["scale"];
  const auto take = [&](const char* name, std::string& path) {
    const std::string_view text = told[name].as_string();
    if (text.size() > 1) path = text.substr(text[0] == '.' ? 1 : 0);
  };
  take("specReplicasPath", paths.wanted);
  take("statusReplicasPath", paths.current);
  take("labelSelectorPath", paths.selector);
  return paths;
}

const Value& at_path(const Value& document, std::string_view path) {
  const Value* at = &document;
  for (const std::string& name : split(path, '.')) at = &(*at)[name];
  return *at;
}

void set_at_path(Value& document, std::string_view path, const Value& value) {
  Value* at = &document;
  for (const std::string& name : split(path, '.')) at = &at->ref(Key(name));
  *at = value;
}

Value scale_document(const Object& object, const ResourceInfo& resource, const ScalePaths& paths) {
  std::string selector = paths.selector.empty() ? "" : at_path(object.doc(), paths.selector).str();
  const Value& labels = resource.resource == "replicationcontrollers" ? object.spec()["selector"]
                                                                      : object.spec()["selector"]["matchLabels"];
  if (resource.definition.is_null()) {
    for (const Value::Member& label : labels.members())
      selector += (selector.empty() ? "" : ",") + label.key.str() + "=" + label.value.str();
  }
  Value metadata = Value::object({{"name", object.name()},
                                  {"namespace", object.ns()},
                                  {"uid", object.uid()},
                                  {"resourceVersion", object.resource_version()},
                                  {"creationTimestamp", object.metadata()["creationTimestamp"]}});
  Value managed = scale_managed_fields(object.metadata()["managedFields"], paths.wanted);
  if (!managed.is_null()) metadata.set("managedFields", std::move(managed));
  Value status = Value::object({{"replicas", at_path(object.doc(), paths.current).as_int()}});
  if (!selector.empty() || resource.definition.is_null()) status.set("selector", selector);
  return Value::object({
      {"kind", "Scale"},
      {"apiVersion", "autoscaling/v1"},
      {"metadata", std::move(metadata)},
      {"spec", Value::object({{"replicas", at_path(object.doc(), paths.wanted).as_int()}})},
      {"status", std::move(status)},
  });
}

}  // namespace

Task<ApiServer::Answer> ApiServer::scale(Call& call) {
  const std::string verb = call.info.verb;
  if (verb != "get" && verb != "update" && verb != "patch")
    co_return Status::method_not_supported(call.info.group, call.info.resource, verb);
  const ObjectKey key{call.info.ns, call.info.name};
  const ScalePaths paths = paths_of(*call.resource);
  Value body;
  PatchKind kind = PatchKind::kMerge;
  if (verb != "get") {
    DRYDOCK_CO_TRY(body, decode_body(call));
    DRYDOCK_CO_TRY_VOID(check_options(call, verb == "patch" ? "PatchOptions" : "UpdateOptions"));
  }
  if (verb == "patch") {
    DRYDOCK_CO_TRY(kind, patch_kind(call.http.headers.get("Content-Type")));
  }
  FieldWriter writer = field_writer(call);
  writer.api_version = "autoscaling/v1";
  writer.type = builtin_field_type(writer.api_version, "Scale");
  writer.reset = Value();
  for (int attempt = 0;; ++attempt) {
    DRYDOCK_CO_TRY(const KeyValue stored, co_await read(call, key));
    const Object object = with_version(stored);
    const Value current = scale_document(object, *call.resource, paths);
    HttpResponse response;
    response.body.document = current;
    if (verb == "get") co_return response;
    Value wanted = body;
    Value managed;
    if (verb == "patch" && kind == PatchKind::kApply) {
      const bool force = call.http.query.get("force") == "true" || call.http.query.get("force") == "1";
      DRYDOCK_CO_TRY(Applied done, apply_configuration(writer, current, body, force));
      wanted = std::move(done.document);
      managed = std::move(done.managed_fields);
    } else {
      if (verb == "patch") {
        DRYDOCK_CO_TRY(wanted, apply_patch(kind, current, body));
      }
      managed = managed_after_update(writer, current, wanted);
    }
    const Value& replicas = wanted["spec"]["replicas"];
    if (!replicas.is_int() || replicas.as_int() < 0) {
      const std::string why =
          "Invalid value: " + std::to_string(replicas.as_int()) + ": must be greater than or equal to 0";
      const std::vector<StatusCause> causes{{"FieldValueInvalid", why, "spec.replicas"}};
      co_return Status::invalid("autoscaling", "Scale", key.name, causes);
    }
    const std::string version = wanted["metadata"]["resourceVersion"].str();
    if (!version.empty() && version != std::to_string(stored.mod_revision))
      co_return Status::conflict(call.info.group, call.info.resource, key.name, kModified);
    Object changed(stored.value);
    if (!(at_path(changed.doc(), paths.wanted) == replicas)) {
      set_at_path(changed.mutable_doc(), paths.wanted, replicas);
      changed.mutable_doc().ref("metadata", "generation") = changed.generation() + 1;
    }
    if (!(managed == current["metadata"]["managedFields"])) {
      Value owners = object_managed_fields(changed.metadata()["managedFields"], managed, paths.wanted,
                                           call.resource->api_version());
      if (owners.is_null())
        changed.mutable_doc().ref("metadata").erase("managedFields");
      else
        changed.mutable_doc().ref("metadata").set("managedFields", std::move(owners));
    }
    if (changed == Object(stored.value)) co_return response;
    Result<Object> written = co_await write(call, changed, stored.mod_revision);
    if (written) {
      response.body.document = scale_document(*written, *call.resource, paths);
      co_return response;
    }
    const bool names_version = body["metadata"].has("resourceVersion");
    if (!written.error().is_conflict() || names_version || attempt + 1 >= kScaleTries) co_return written.error();
  }
}

}  // namespace drydock
