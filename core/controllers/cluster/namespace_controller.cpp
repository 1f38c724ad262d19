#include "core/controllers/cluster/namespace_controller.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/controllers/shared/conditions.h"
#include "core/machinery/http_message.h"
#include "core/machinery/json.h"

namespace drydock::controllers {

Value namespace_deletion_status(const Object& ns, const NamespaceContent& content, TimePoint now) {
  Value status = ns.status();
  status.set("phase", "Terminating");
  set_condition(
      status,
      {"NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered", "All resources successfully discovered"},
      now);
  set_condition(status,
                {"NamespaceDeletionGroupVersionParsingFailure", "False", "ParsedGroupVersions",
                 "All legacy kube types successfully parsed"},
                now);
  if (content.failures.empty()) {
    set_condition(status,
                  {"NamespaceDeletionContentFailure", "False", "ContentDeleted",
                   "All content successfully deleted, may be waiting on finalization"},
                  now);
  } else {
    const std::string message = "Failed to delete all resource types, " + std::to_string(content.failures.size()) +
                                " remaining: " + join(content.failures, ", ");
    set_condition(status, {"NamespaceDeletionContentFailure", "True", "ContentDeletionFailed", message}, now);
  }
  std::vector<std::string> lines;
  for (const NamespaceContent::Remaining& remaining : content.resources) {
    lines.push_back(remaining.resource + " has " + std::to_string(remaining.count) + " resource instances");
  }
  if (lines.empty()) {
    set_condition(status, {"NamespaceContentRemaining", "False", "ContentRemoved", "All content successfully removed"},
                  now);
  } else {
    const std::string message = "Some resources are remaining: " + join(lines, ", ");
    set_condition(status, {"NamespaceContentRemaining", "True", "SomeResourcesRemain", message}, now);
  }
  lines.clear();
  for (const auto& [finalizer, count] : content.finalizers)
    lines.push_back(finalizer + " in " + std::to_string(count) + " resource instances");
  if (lines.empty()) {
    set_condition(status,
                  {"NamespaceFinalizersRemaining", "False", "ContentHasNoFinalizers",
                   "All content-preserving finalizers finished"},
                  now);
  } else {
    const std::string message = "Some content in the namespace has finalizers remaining: " + join(lines, ", ");
    set_condition(status, {"NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain", message}, now);
  }
  return status;
}

NamespaceController::NamespaceController(ControllerContext& context)
    : KeyedController(context, "namespace-controller"), namespaces_(context.informers.get(resources::kNamespaces)) {
  namespaces_.add_handler([this](const Object&, const Object& current) {
    if (current && current.deleting()) enqueue(current);
  });
}

Task<Result<void>> NamespaceController::reconcile(ObjectKey key) {
  const Object ns = namespaces_.get(key);
  if (!ns || !ns.deleting()) co_return Result<void>();
  const auto& finalizers = ns.spec()["finalizers"].items();
  if (std::ranges::none_of(finalizers, [](const Value& finalizer) { return finalizer.as_string() == "kubernetes"; }))
    co_return Result<void>();
  DRYDOCK_CO_TRY(std::vector<Kind> kinds, co_await discover());
  NamespaceContent content;
  // Pods first: what guards them (network policies, quotas) must outlive them.
  const auto pods = std::ranges::find_if(kinds, [](const Kind& kind) { return kind.resource == resources::kPods; });
  std::rotate(kinds.begin(), pods, pods == kinds.end() ? pods : pods + 1);
  for (const Kind& kind : kinds) {
    const bool pods_left =
        std::ranges::any_of(content.resources, [](const auto& left) { return left.resource == "pods."; });
    if (pods_left) break;
    co_await empty_kind(key.name, kind, content);
  }
  Object current = ns;
  Value status = namespace_deletion_status(ns, content, context_.now());
  if (status != ns.status()) {
    current.mutable_doc().set("status", std::move(status));
    DRYDOCK_CO_TRY(current, co_await context_.client.update_status(resources::kNamespaces, std::move(current)));
  }
  if (!content.resources.empty() || !content.failures.empty()) {
    enqueue_after(key, content.estimate / 2 + seconds(1));
    co_return Result<void>();
  }
  Value kept = Value::array();
  for (const Value& finalizer : current.spec()["finalizers"].items()) {
    if (finalizer.as_string() != "kubernetes") kept.push_back(finalizer);
  }
  current.mutable_doc().ref("spec").set("finalizers", std::move(kept));
  Result<Object> finalized = co_await context_.client.update(resources::kNamespaces, std::move(current), "finalize");
  if (!finalized && !finalized.error().is_not_found()) co_return finalized.error();
  co_return Result<void>();
}

Task<Result<Value>> NamespaceController::get_document(std::string path) {
  HttpRequest request;
  request.path = std::move(path);
  request.headers.set("Accept", "application/json");
  DRYDOCK_CO_TRY(HttpResponse response, co_await context_.client.request(std::move(request)));
  if (!response.body.document.is_null()) co_return response.body.document;
  co_return parse_json(response.body.bytes);
}

Task<Result<std::vector<NamespaceController::Kind>>> NamespaceController::discover() {
  std::vector<std::pair<std::string, std::string>> group_versions = {{"", "v1"}};
  DRYDOCK_CO_TRY(Value groups, co_await get_document("/apis"));
  for (const Value& group : groups["groups"].items()) {
    group_versions.emplace_back(group["name"].str(), group.get("preferredVersion", "version").str());
  }
  std::vector<Kind> kinds;
  for (const auto& [group, version] : group_versions) {
    const std::string path = group.empty() ? "/api/" + version : "/apis/" + group + "/" + version;
    Result<Value> list = co_await get_document(path);
    if (!list) continue;  // an extension server that is down keeps its objects, not the namespace
    for (const Value& resource : (*list)["resources"].items()) {
      const auto has_verb = [&resource](std::string_view verb) {
        return std::ranges::any_of(resource["verbs"].items(),
                                   [verb](const Value& known) { return known.as_string() == verb; });
      };
      const std::string name = resource["name"].str();
      if (!resource["namespaced"].as_bool() || contains(name, "/") || !has_verb("delete") || !has_verb("list"))
        continue;
      kinds.push_back({{group, version, name}, has_verb("deletecollection")});
    }
  }
  co_return kinds;
}

Task<void> NamespaceController::empty_kind(std::string ns, Kind kind, NamespaceContent& content) {
  const std::string name = kind.resource.resource + "." + kind.resource.group;
  Result<ObjectList> before = co_await context_.client.list(kind.resource, ns);
  if (before && before->items.empty()) co_return;
  if (before) {
    for (const Object& object : before->items) {
      if (object.deleting()) continue;
      Result<Object> removed = co_await context_.client.remove(kind.resource, object.key());
      if (!removed && !removed.error().is_not_found())
        content.failures.push_back(name + ": " + removed.error().message);
    }
  }
  Result<ObjectList> after = co_await context_.client.list(kind.resource, ns);
  if (!after) {
    content.failures.push_back(name + ": " + after.error().message);
    co_return;
  }
  if (after->items.empty()) co_return;
  content.resources.push_back({name, static_cast<std::int64_t>(after->items.size())});
  for (const Object& object : after->items) {
    for (const Value& finalizer : object.metadata()["finalizers"].items()) ++content.finalizers[finalizer.str()];
    const Duration grace = seconds(object.metadata()["deletionGracePeriodSeconds"].as_int(0));
    content.estimate = std::max(content.estimate, kind.resource == resources::kPods ? grace : Duration(seconds(15)));
  }
}

}  // namespace drydock::controllers
