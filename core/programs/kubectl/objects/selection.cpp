#include "core/programs/kubectl/objects/selection.h"

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/programs/kubectl/errors.h"

namespace drydock::kubectl {
namespace {

constexpr std::string_view kNothingNamed =
    "You must provide one or more resources by argument or filename.\n"
    "Example resource specifications include:\n"
    "   '-f rsrc.yaml'\n"
    "   '--filename=rsrc.json'\n"
    "   '<resource> <name>'\n"
    "   '<resource>'";

struct NamedType {
  std::string type;
  std::vector<std::string> names;
};

// "pod/a svc/b" → (pod, a), (svc, b); "pod,svc x y" → (pod, x y), (svc, x y).
Result<std::vector<NamedType>> parse_arguments(const std::vector<std::string>& arguments,
                                               const std::string& default_type) {
  std::vector<NamedType> result;
  if (arguments.empty()) return result;
  bool any_slash = false;
  bool all_slash = true;
  for (const std::string& argument : arguments) {
    const bool slash = contains(argument, "/");
    any_slash = any_slash || slash;
    all_slash = all_slash && slash;
  }
  if (!any_slash) {
    if (!default_type.empty()) {
      result.push_back({default_type, arguments});
      return result;
    }
    const std::vector<std::string> names(arguments.begin() + 1, arguments.end());
    for (const std::string& type : split(arguments[0], ',')) {
      if (type.empty()) return Status::plain("arguments in resource/name form may not have more than one slash");
      result.push_back({type, names});
    }
    return result;
  }
  if (!all_slash && default_type.empty()) {
    return Status::plain(
        "there is no need to specify a resource type as a separate argument when passing arguments in resource/name "
        "form "
        "(e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'");
  }
  for (const std::string& argument : arguments) {
    const std::vector<std::string> parts = split(argument, '/');
    if (parts.size() == 1) {
      result.push_back({default_type, {argument}});
      continue;
    }
    if (parts.size() != 2) return Status::plain("arguments in resource/name form may not have more than one slash");
    if (parts[0].empty() || parts[1].empty()) {
      return Status::plain("arguments in resource/name form must have a single resource and name");
    }
    result.push_back({parts[0], {parts[1]}});
  }
  return result;
}

Task<Result<std::vector<ApiResource>>> expand_type(Session& session, std::string type) {
  DRYDOCK_CO_TRY(const Discovery* known, co_await session.discovery());
  std::vector<ApiResource> resources;
  for (const ApiResource* member : known->category(to_lower(type))) resources.push_back(*member);
  if (resources.empty()) {
    DRYDOCK_CO_TRY(ApiResource one, co_await session.resource(type));
    resources.push_back(std::move(one));
  }
  co_return resources;
}

}  // namespace

Task<Result<Query>> query_of_manifest(Session& session, Manifest manifest, bool validates) {
  const Value& document = manifest.document;
  const std::string api_version = document["apiVersion"].str();
  const std::string kind = document["kind"].str();
  const std::string text = dump_json(document);
  validates = validates && session.flags().text("validate") != "false" && session.flags().text("validate") != "ignore";
  auto not_valid = [&](const std::string& why) {
    return Status::plain("error validating " + go_quote(manifest.source) + ": error validating data: " + why +
                         "; if you choose to ignore these errors, turn validation off with --validate=false");
  };
  if (validates && document.is_object() && (kind.empty() || api_version.empty())) {
    co_return not_valid(!kind.empty()          ? "apiVersion not set"
                        : !api_version.empty() ? "kind not set"
                                               : "[apiVersion not set, kind not set]");
  }
  if (validates) {
    // Validation comes first, and needs the server's schema.
    Result<const Discovery*> known = co_await session.discovery(/*quietly=*/true);
    if (!known && known.error().message.starts_with("Get \"http")) {
      const std::string why = known.error().message;
      co_return not_valid("failed to download openapi: " +
                          replace_all(why, "/api?timeout=32s", "/openapi/v2?timeout=32s"));
    }
  }
  if (validates && !document.is_object()) co_return not_valid("invalid object to validate");
  if (!document.is_object())
    co_return Status::plain("unable to decode " + go_quote(manifest.source) + ": json: cannot unmarshal " +
                            (document.is_string() ? "string" : "array") +
                            " into Go value of type map[string]interface {}");
  if (kind.empty())
    co_return Status::plain("unable to decode " + go_quote(manifest.source) + ": Object 'Kind' is missing in '" + text +
                            "'");
  if (api_version.empty())
    co_return Status::plain("unable to decode " + go_quote(manifest.source) + ": Object 'apiVersion' is missing in '" +
                            text + "'");
  Query query;
  Result<ApiResource> resource = co_await session.resource_of_kind(api_version, kind);
  if (!resource) {
    if (!resource.error().message.starts_with("no matches for kind")) {
      co_return Status::plain("unable to recognize " + go_quote(manifest.source) + ": " + resource.error().message);
    }
    co_return Status::plain(
        "resource mapping not found for name: " + go_quote(document["metadata"]["name"].as_string()) +
        " namespace: " + go_quote(document["metadata"]["namespace"].as_string()) + " from " +
        go_quote(manifest.source) + ": " + resource.error().message + "\nensure CRDs are installed first");
  }
  query.resource = *std::move(resource);
  query.name = document["metadata"]["name"].str();
  query.source = manifest.source;
  query.manifest = std::move(manifest.document);
  if (!query.resource.namespaced) co_return query;
  const std::string written = query.manifest["metadata"]["namespace"].str();
  DRYDOCK_CO_TRY(const std::string current, session.ns());
  if (written.empty()) {
    if (!session.flags().on("local")) query.manifest.ref("metadata", "namespace") = current;
    query.ns = current;
    co_return query;
  }
  if (session.ns_enforced() && written != current) {
    co_return Status::plain("the namespace from the provided object " + go_quote(written) +
                            " does not match the namespace " + go_quote(current) +
                            ". You must pass '--namespace=" + written + "' to perform this operation.");
  }
  query.ns = written;
  co_return query;
}

Task<Result<std::vector<Query>>> plan_queries(Session& session, std::vector<std::string> arguments,
                                              SelectionRules rules) {
  const Flags& flags = session.flags();
  std::vector<Query> queries;
  if (has_manifests(session)) {
    if (!arguments.empty())
      co_return Status::plain(
          "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well");
    DRYDOCK_CO_TRY(std::vector<Manifest> manifests, co_await read_manifests(session));
    for (Manifest& manifest : manifests) {
      if (manifest.failed) {
        session.add_error(manifest.error);
        continue;
      }
      Result<Query> query = co_await query_of_manifest(session, std::move(manifest), rules.validates);
      if (query)
        queries.push_back(*std::move(query));
      else
        session.add_error(query.error());
    }
    co_return queries;
  }
  DRYDOCK_CO_TRY(const std::vector<NamedType> types, parse_arguments(arguments, rules.default_type));
  const bool selecting = !flags.text("selector").empty() || !flags.text("field-selector").empty();
  const bool all = flags.on("all");
  if (types.empty()) {
    if (!rules.default_type.empty() && (selecting || all)) {
      DRYDOCK_CO_TRY(ApiResource resource, co_await session.resource(rules.default_type));
      queries.push_back({std::move(resource), "", "", "", {}});
      co_return queries;
    }
    co_return Status::plain(rules.needs_resource.empty() ? std::string(kNothingNamed) : rules.needs_resource);
  }
  const bool across = flags.on("all-namespaces");
  for (const NamedType& type : types) {
    DRYDOCK_CO_TRY(const std::vector<ApiResource> resources, co_await expand_type(session, type.type));
    if (!type.names.empty() && !flags.text("selector").empty())
      co_return Status::plain("name cannot be provided when a selector is specified");
    if (!type.names.empty() && across && resources[0].namespaced)
      co_return Status::plain("a resource cannot be retrieved by name across all namespaces");
    if (type.names.empty() && !selecting && !all && !rules.lists)
      co_return Status::plain("resource(s) were provided, but no name was specified");
    for (const ApiResource& resource : resources) {
      Query query{resource, "", "", "", {}};
      if (resource.namespaced && !across) {
        DRYDOCK_CO_TRY(query.ns, session.ns());
      }
      if (type.names.empty()) queries.push_back(query);
      for (const std::string& name : type.names) {
        query.name = name;
        queries.push_back(query);
      }
    }
  }
  co_return queries;
}

Status list_failure(const ApiResource& resource, const HttpQuery& selectors, Status error) {
  if (!error.is_not_found() && !error.is("BadRequest")) return error;
  const std::string name = go_quote(resource.group + "/" + resource.version + ", Resource=" + resource.plural);
  const std::string labels(selectors.get("labelSelector"));
  const std::string fields(selectors.get("fieldSelector"));
  if (labels.empty() && fields.empty()) return with_prefix(std::move(error), "Unable to list " + name + ": ");
  return with_prefix(std::move(error), "Unable to find " + name + " that match label selector " + go_quote(labels) +
                                           ", field selector " + go_quote(fields) + ": ");
}

Task<Result<std::vector<Value>>> list_all(Session& session, std::string path, HttpQuery query) {
  std::vector<Value> items;
  const std::int64_t chunk = session.flags().known("chunk-size") ? session.flags().number("chunk-size") : 500;
  std::string token;
  do {
    HttpQuery page = query;
    if (chunk > 0) page.add("limit", std::to_string(chunk));
    if (!token.empty()) page.add("continue", token);
    DRYDOCK_CO_TRY(const Value list, co_await session.get(path, page));
    const std::string kind = list["kind"].str();
    for (const Value& item : list["items"].items()) {
      items.push_back(item);
      Value& object = items.back();
      if (object["kind"].empty() && kind.ends_with("List")) {
        object.set("apiVersion", list["apiVersion"]);
        object.set("kind", kind.substr(0, kind.size() - 4));
      }
    }
    token = list["metadata"]["continue"].str();
  } while (!token.empty());
  co_return items;
}

Task<Result<std::vector<Target>>> select_targets(Session& session, std::vector<std::string> arguments,
                                                 SelectionRules rules) {
  const Flags& flags = session.flags();
  const bool fetch = rules.fetch;
  DRYDOCK_CO_TRY(const std::vector<Query> queries,
                 co_await plan_queries(session, std::move(arguments), std::move(rules)));
  std::vector<Target> targets;
  for (const Query& query : queries) {
    if (!query.manifest.is_null() && !fetch) {
      targets.push_back({query.resource, query.ns, query.name, query.source, query.manifest});
      continue;
    }
    if (!query.name.empty()) {
      Result<Value> object = co_await session.get(query.path());
      if (object)
        targets.push_back({query.resource, query.ns, query.name, query.source, *std::move(object)});
      else
        session.add_error(object.error());
      continue;
    }
    HttpQuery selectors;
    if (!flags.text("selector").empty()) selectors.add("labelSelector", flags.text("selector"));
    if (!flags.text("field-selector").empty()) selectors.add("fieldSelector", flags.text("field-selector"));
    Result<std::vector<Value>> items = co_await list_all(session, query.path(), selectors);
    if (!items) co_return list_failure(query.resource, selectors, items.error());
    for (Value& item : *items) {
      std::string ns = item["metadata"]["namespace"].str();
      std::string name = item["metadata"]["name"].str();
      targets.push_back({query.resource, std::move(ns), std::move(name), "", std::move(item)});
    }
  }
  co_return targets;
}

}  // namespace drydock::kubectl
