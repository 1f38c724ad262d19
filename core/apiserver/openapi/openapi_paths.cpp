// The paths of OpenAPI documents: which verbs each resource has, and their parameters.
#include <algorithm>

#include "core/apiserver/openapi/openapi.h"
#include "core/base/strings.h"

namespace drydock {
namespace {

struct ParameterRow {
  std::string_view name;
  std::string_view type;
  std::string_view text;
};
constexpr ParameterRow kPretty[] = {
    {"pretty", "string",
     "If 'true', then the output is pretty printed. Defaults to 'false' unless the user-agent indicates a browser or "
     "command-line HTTP tool (curl and wget)."}};
constexpr ParameterRow kWrite[] = {
    {"dryRun", "string",
     "When present, indicates that modifications should not be persisted. An invalid or unrecognized dryRun directive "
     "will result in an error response and no further processing of the request. Valid values are: - All: all dry run "
     "stages will be processed"},
    {"fieldManager", "string",
     "fieldManager is a name associated with the actor or entity that is making these changes."},
    {"fieldValidation", "string",
     "fieldValidation instructs the server on how to handle objects in the request (POST/PUT/PATCH) containing unknown "
     "or duplicate fields. Valid values are: - Ignore, - Warn, - Strict."}};
constexpr ParameterRow kPatch[] = {
    {"force", "boolean",
     "Force is going to \"force\" Apply requests. It means user will re-acquire conflicting fields owned by other "
     "people. Force flag must be unset for non-apply patch requests."}};
constexpr ParameterRow kDelete[] = {
    {"dryRun", "string", "When present, indicates that modifications should not be persisted."},
    {"gracePeriodSeconds", "integer", "The duration in seconds before the object should be deleted."},
    {"propagationPolicy", "string", "Whether and how garbage collection will be performed."}};
constexpr ParameterRow kList[] = {
    {"allowWatchBookmarks", "boolean", "allowWatchBookmarks requests watch events with type \"BOOKMARK\"."},
    {"continue", "string", "The continue option should be set when retrieving more results from the server."},
    {"fieldSelector", "string", "A selector to restrict the list of returned objects by their fields."},
    {"labelSelector", "string", "A selector to restrict the list of returned objects by their labels."},
    {"limit", "integer", "limit is a maximum number of responses to return for a list call."},
    {"resourceVersion", "string",
     "resourceVersion sets a constraint on what resource versions a request may be served from."},
    {"resourceVersionMatch", "string", "resourceVersionMatch determines how resourceVersion is applied to list calls."},
    {"sendInitialEvents", "boolean", "`sendInitialEvents=true` may be set together with `watch=true`."},
    {"timeoutSeconds", "integer", "Timeout for the list/watch call."},
    {"watch", "boolean",
     "Watch for changes to the described resources and return them as a stream of add, update, and remove "
     "notifications."}};

Value parameter(const ParameterRow& row, std::string_view in, bool v2) {
  Value out = Value::object({{"name", row.name}, {"in", in}, {"description", row.text}});
  if (in == "path") out.set("required", true);
  if (v2) {
    out.set("type", row.type);
    out.set("uniqueItems", true);
  } else {
    out.set("schema", Value::object({{"type", row.type}, {"uniqueItems", true}}));
  }
  return out;
}

struct ActionRow {
  std::string_view action;
  std::string_view verb;  // of the operation id
  std::string_view text;
};
constexpr ActionRow kActions[] = {
    {"get", "read", "read the specified "},
    {"list", "list", "list or watch objects of kind "},
    {"post", "create", "create a "},
    {"put", "replace", "replace the specified "},
    {"patch", "patch", "partially update the specified "},
    {"delete", "delete", "delete a "},
    {"deletecollection", "deleteCollection", "delete collection of "},
    {"connect", "connect", "connect requests to "},
};

std::string title(std::string_view text) {
  std::string out(text);
  if (!out.empty()) out[0] = to_upper(out.substr(0, 1))[0];
  return out;
}

// The type that a subresource is written and read as, when it is not the object's own.
std::string_view subresource_type(std::string_view subresource) {
  if (subresource == "scale") return "V1Scale";
  if (subresource == "eviction") return "V1Eviction";
  if (subresource == "token") return "AuthenticationV1TokenRequest";
  if (subresource == "binding") return "V1Binding";
  return "";
}

Value content(Value schema, bool patch) {
  Value out = Value::object();
  if (patch) {
    for (const char* type : {"application/apply-patch+yaml", "application/json-patch+json",
                             "application/merge-patch+json", "application/strategic-merge-patch+json"})
      out.set(type, Value::object({{"schema", schema}}));
    return out;
  }
  for (const char* type : {"application/json", "application/yaml", "application/vnd.kubernetes.protobuf"})
    out.set(type, Value::object({{"schema", schema}}));
  return out;
}

}  // namespace

Value OpenApi::operation(const ResourceInfo& info, std::string_view action, const std::string& subresource,
                         bool all_namespaces, Form form) const {
  const bool v2 = form == Form::kV2;
  const ActionRow* row = &kActions[0];
  for (const ActionRow& candidate : kActions) {
    if (candidate.action == action) row = &candidate;
  }
  std::string group(info.group.substr(0, info.group.find('.')));
  if (group.empty()) group = "core";
  const std::string scope = info.namespaced && !all_namespaces ? "Namespaced" : "";
  Value out =
      Value::object({{"description", std::string(row->text) + info.kind},
                     {"operationId", std::string(row->verb) + title(group) + title(info.version) + scope + info.kind +
                                         title(subresource) + (all_namespaces ? "ForAllNamespaces" : "")},
                     {"tags", Value::array({group + "_" + info.version})},
                     {"x-kubernetes-action", action}});
  std::string_view type = subresource_type(subresource);
  Value kind = Value::object({{"group", info.group}, {"version", info.version}, {"kind", info.kind}});
  if (subresource == "scale") kind = Value::object({{"group", "autoscaling"}, {"version", "v1"}, {"kind", "Scale"}});
  if (subresource == "eviction") kind = Value::object({{"group", "policy"}, {"version", "v1"}, {"kind", "Eviction"}});
  out.set("x-kubernetes-group-version-kind", std::move(kind));
  const std::string own(schema_.type_of(info.api_version(), info.kind));
  std::string answer = type.empty() ? own : std::string(type);
  if (action == "list") answer = own + "List";
  if (action == "delete" || action == "deletecollection") answer = "V1Status";
  const bool text = action == "connect" || subresource == "log";

  Value parameters = Value::array();
  auto add = [&](const auto& rows) {
    for (const ParameterRow& each : rows) parameters.push_back(parameter(each, "query", v2));
  };
  if (action == "list" || action == "deletecollection") add(kList);
  if (action == "post" || action == "put" || action == "patch") add(kWrite);
  if (action == "patch") add(kPatch);
  if (action == "delete") add(kDelete);
  const bool with_body = action == "post" || action == "put" || action == "patch";
  if (with_body || action == "delete") {
    Value schema = action == "patch" ? Value::object({{"type", "object"}})
                                     : reference(action == "delete" ? "V1DeleteOptions" : answer, form);
    if (v2) {
      parameters.push_back(
          Value::object({{"name", "body"}, {"in", "body"}, {"required", with_body}, {"schema", std::move(schema)}}));
    } else {
      out.set("requestBody", Value::object({{"content", content(std::move(schema), action == "patch")}}));
    }
  }
  if (!parameters.empty()) out.set("parameters", std::move(parameters));
  Value ok = Value::object({{"description", "OK"}});
  const Value schema = text ? Value::object({{"type", "string"}}) : reference(answer, form);
  if (v2)
    ok.set("schema", schema);
  else
    ok.set("content", content(schema, false));
  Value responses = Value::object({{"200", std::move(ok)}, {"401", Value::object({{"description", "Unauthorized"}})}});
  out.set("responses", std::move(responses));
  if (v2) {
    out.set("schemes", Value::array({"https"}));
    out.set("consumes", action == "patch"
                            ? Value::array({"application/json-patch+json", "application/merge-patch+json",
                                            "application/strategic-merge-patch+json", "application/apply-patch+yaml"})
                            : Value::array({"*/*"}));
    out.set("produces",
            text ? Value::array({"*/*"})
                 : Value::array({"application/json", "application/yaml", "application/vnd.kubernetes.protobuf"}));
  }
  return out;
}

void OpenApi::add_paths(Value& paths, const ResourceInfo& info, Form form) const {
  const bool v2 = form == Form::kV2;
  if (schema_.type_of(info.api_version(), info.kind).empty()) return;
  const std::string root = info.group.empty() ? "/api/" + info.version : "/apis/" + info.group + "/" + info.version;
  const std::string all = root + "/" + info.resource;
  const std::string collection = info.namespaced ? root + "/namespaces/{namespace}/" + info.resource : all;
  const std::string one = collection + "/{name}";
  const std::vector<std::string> verbs = info.verbs();
  const auto can = [&](std::string_view verb) { return std::find(verbs.begin(), verbs.end(), verb) != verbs.end(); };
  auto parameters = [&](bool named) {
    Value list = Value::array();
    const std::string text = "name of the " + info.kind;
    if (named) list.push_back(parameter({"name", "string", text}, "path", v2));
    if (info.namespaced)
      list.push_back(
          parameter({"namespace", "string", "object name and auth scope, such as for teams and projects"}, "path", v2));
    list.push_back(parameter(kPretty[0], "query", v2));
    return list;
  };
  Value item = Value::object({{"parameters", parameters(false)}});
  if (can("list")) item.set("get", operation(info, "list", "", false, form));
  if (can("create")) item.set("post", operation(info, "post", "", false, form));
  if (can("deletecollection")) item.set("delete", operation(info, "deletecollection", "", false, form));
  paths.set(collection, std::move(item));
  if (info.namespaced && can("list")) {
    Value everywhere = Value::object({{"get", operation(info, "list", "", true, form)}});
    everywhere.set("parameters", Value::array({parameter(kPretty[0], "query", v2)}));
    paths.set(all, std::move(everywhere));
  }
  if (can("get")) {
    Value single = Value::object({{"parameters", parameters(true)}});
    single.set("get", operation(info, "get", "", false, form));
    if (can("update")) single.set("put", operation(info, "put", "", false, form));
    if (can("patch")) single.set("patch", operation(info, "patch", "", false, form));
    if (can("delete")) single.set("delete", operation(info, "delete", "", false, form));
    paths.set(one, std::move(single));
  }
  for (const std::string& name : info.subresources) {
    Value single = Value::object({{"parameters", parameters(true)}});
    if (name == "log") {
      single.set("get", operation(info, "get", name, false, form));
    } else if (name == "exec" || name == "attach" || name == "portforward" || name == "proxy") {
      single.set("get", operation(info, "connect", name, false, form));
      single.set("post", operation(info, "connect", name, false, form));
    } else if (name == "binding" || name == "eviction" || name == "token") {
      single.set("post", operation(info, "post", name, false, form));
    } else if (name == "finalize") {
      single.set("put", operation(info, "put", name, false, form));
    } else {
      single.set("get", operation(info, "get", name, false, form));
      single.set("put", operation(info, "put", name, false, form));
      single.set("patch", operation(info, "patch", name, false, form));
    }
    paths.set(one + "/" + name, std::move(single));
  }
}

}  // namespace drydock
