// Custom resources in several versions: objects are stored in one and served in each,
// changed by their apiVersion alone or by a webhook.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/
#include "core/apiserver/api_server.h"
#include "core/apiserver/custom/custom_schema.h"
#include "core/apiserver/custom/definition.h"
#include "core/apiserver/outbound/hook_client.h"
#include "core/base/strings.h"

namespace drydock {
namespace {

constexpr int kTimeoutSeconds = 30;

Status failed(const std::string& what, const std::string& why) {
  Status status = Status::plain("conversion webhook for " + what + " " + why);
  status.code = 500;
  return status;
}

// The objects of a webhook's answer, or why there are none.
Result<Value> converted_objects(const Value& answer, const std::string& uid) {
  if (answer["kind"].as_string() != "ConversionReview" ||
      answer["apiVersion"].as_string() != "apiextensions.k8s.io/v1") {
    return Status::plain("expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got " +
                         answer["apiVersion"].str() + ", Kind=" + answer["kind"].str());
  }
  const Value& response = answer["response"];
  if (!response.is_object()) return Status::plain("no response provided");
  if (response["uid"].as_string() != uid)
    return Status::plain("expected response.uid=" + go_quote(uid) + ", got " + go_quote(response["uid"].as_string()));
  const Value& result = response["result"];
  if (result["status"].as_string() != "Success") {
    return Status::plain(result["message"].empty()
                             ? "response.result.status was '" + result["status"].str() + "', not 'Success'"
                             : result["message"].str());
  }
  return response["convertedObjects"];
}

// Of metadata a webhook changes labels and annotations only.
Result<Object> restored(const Object& original, const Value& converted, const std::string& wanted) {
  if (converted["apiVersion"].as_string() != wanted)
    return Status::plain("invalid groupVersion (expected " + wanted + ", received " + converted["apiVersion"].str() +
                         ")");
  if (converted["kind"].as_string() != original.kind())
    return Status::plain("invalid kind (expected " + std::string(original.kind()) + ", received " +
                         converted["kind"].str() + ")");
  for (const char* field : {"name", "namespace", "uid"}) {
    const std::string was = original.metadata()[field].str();
    const std::string is = converted["metadata"][field].str();
    if (was != is)
      return Status::plain(std::string("must have the same ") + (std::string_view(field) == "uid" ? "UID" : field) +
                           ": " + is + " != " + was);
  }
  Value metadata = original.metadata();
  for (const char* field : {"labels", "annotations"}) {
    const Value& value = converted["metadata"][field];
    if (value.is_object())
      metadata.set(field, value);
    else
      metadata.erase(field);
  }
  Value document = converted;
  document.set("metadata", std::move(metadata));
  return Object(std::move(document));
}

}  // namespace

Object ApiServer::definition_of(const ResourceInfo& resource) {
  return find("apiextensions.k8s.io", "customresourcedefinitions", {"", resource.resource + "." + resource.group});
}

Task<Result<void>> ApiServer::convert(const ResourceInfo& resource, std::vector<Object>& objects, std::string version) {
  if (version.empty()) co_return Result<void>();
  const std::string wanted = resource.group + "/" + version;
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (objects[i].api_version() != wanted) others.push_back(i);
  }
  if (others.empty()) co_return Result<void>();
  const Object definition = definition_of(resource);
  const Value conversion = definition.spec()["conversion"];
  if (conversion["strategy"].as_string() == "Webhook") {
    const std::string uid = prng_.uuid();
    const Object& first = objects[others[0]];
    const std::string what = std::string(first.api_version()) + ", Kind=" + std::string(first.kind());
    Value given = Value::array();
    for (const std::size_t i : others) given.push_back(objects[i].doc());
    Value request = Value::object({{"uid", uid}, {"desiredAPIVersion", wanted}, {"objects", std::move(given)}});
    Value review = Value::object(
        {{"kind", "ConversionReview"}, {"apiVersion", "apiextensions.k8s.io/v1"}, {"request", std::move(request)}});
    const Result<Value> answer =
        co_await hooks_->post(conversion["webhook"]["clientConfig"], std::move(review), kTimeoutSeconds);
    if (!answer) co_return failed(what, "failed: " + answer.error().message);
    const Result<Value> converted = converted_objects(*answer, uid);
    if (!converted) co_return failed(what, "failed: " + converted.error().message);
    if (converted->size() != others.size()) {
      co_return failed(what, "returned " + std::to_string(converted->size()) + " objects, expected " +
                                 std::to_string(others.size()));
    }
    for (std::size_t at = 0; at < others.size(); ++at) {
      Result<Object> object = restored(objects[others[at]], (*converted)[at], wanted);
      if (!object)
        co_return failed(
            what, "returned invalid converted object at index " + std::to_string(at) + ": " + object.error().message);
      objects[others[at]] = *std::move(object);
    }
  } else {
    for (const std::size_t i : others) objects[i].mutable_doc().set("apiVersion", wanted);
  }
  // Each version has what its schema knows.
  const Value schema = version_of(definition, version)["schema"]["openAPIV3Schema"];
  if (schema.is_object()) {
    for (const std::size_t i : others) {
      (void)prune_unknown(schema, objects[i].mutable_doc());
      apply_schema_defaults(schema, objects[i].mutable_doc());
    }
  }
  co_return Result<void>();
}

bool ApiServer::has_versions(const ResourceInfo& resource) {
  return resource.definition.is_object() && definition_of(resource).spec()["versions"].size() > 1;
}

// What a watch of stored objects says, in the version that was asked for.
Task<void> ApiServer::relay_versions(const ResourceInfo* resource, std::shared_ptr<StreamEnd> from,
                                     std::shared_ptr<StreamEnd> to, ResourceCache::Transform transform) {
  const std::string version = resource->version;
  for (;;) {
    std::optional<StreamMessage> message = co_await from->receive();
    if (!message) break;
    std::vector<Object> one{Object(message->document["object"])};
    if (message->document["type"].as_string() == "BOOKMARK")
      one[0].mutable_doc().set("apiVersion", resource->api_version());
    const Result<void> done = co_await convert(*resource, one, version);
    Value document = message->document;
    if (!done) {
      document = Value::object({{"type", "ERROR"}, {"object", failure(done.error()).body.document}});
    } else {
      const bool shape = transform && document["type"].as_string() != "BOOKMARK";
      document.set("object", shape ? transform(one[0]) : one[0].doc());
    }
    if (!to->send({1, "", std::move(document)}) || !done) break;
  }
  to->close();
}

}  // namespace drydock
