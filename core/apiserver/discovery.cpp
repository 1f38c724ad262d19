// Discovery: which groups, versions and resources there are, in both forms.
// https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
#include "core/apiserver/api_server.h"
#include "core/base/strings.h"

namespace drydock {
namespace {

Value strings(const std::vector<std::string>& list) {
  Value out = Value::array();
  for (const std::string& text : list) out.push_back(text);
  return out;
}

Value categories_of(const ResourceInfo& info) {
  Value list = strings(info.categories);
  if (info.in_all) list.push_back("all");
  return list;
}

// What each subresource is written and read as.
struct SubresourceRow {
  const char* name;
  const char* group;
  const char* version;
  const char* kind;
  const char* verbs;
};
constexpr SubresourceRow kSubresources[] = {
    {"attach", "", "v1", "PodAttachOptions", "create get"},
    {"binding", "", "v1", "Binding", "create"},
    {"eviction", "policy", "v1", "Eviction", "create"},
    {"exec", "", "v1", "PodExecOptions", "create get"},
    {"log", "", "v1", "Pod", "get"},
    {"portforward", "", "v1", "PodPortForwardOptions", "create get"},
    {"proxy", "", "v1", "", "create delete get patch update"},
    {"scale", "autoscaling", "v1", "Scale", "get patch update"},
    {"token", "authentication.k8s.io", "v1", "TokenRequest", "create"},
    {"finalize", "", "v1", "Namespace", "update"},
};

const SubresourceRow* row_of(const std::string& name) {
  for (const SubresourceRow& row : kSubresources) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

// An entry of APIResourceList.
Value plain_resource(const ResourceInfo& info) {
  Value entry = Value::object({{"name", info.resource},
                               {"singularName", info.singular},
                               {"namespaced", info.namespaced},
                               {"kind", info.kind},
                               {"verbs", strings(info.verbs())}});
  if (!info.short_names.empty()) entry.set("shortNames", strings(info.short_names));
  if (info.in_all || !info.categories.empty()) entry.set("categories", categories_of(info));
  return entry;
}

Value plain_subresource(const ResourceInfo& info, const std::string& name) {
  const SubresourceRow* row = row_of(name);
  Value entry =
      Value::object({{"name", info.resource + "/" + name}, {"singularName", ""}, {"namespaced", info.namespaced}});
  entry.set("kind", row == nullptr || row->kind[0] == '\0' ? info.kind : std::string(row->kind));
  entry.set("verbs", strings(split_whitespace(row == nullptr ? "get patch update" : row->verbs)));
  if (row != nullptr && row->group[0] != '\0') {
    entry.set("group", row->group);
    entry.set("version", row->version);
  }
  return entry;
}

// An entry of APIGroupDiscovery.
Value aggregated_resource(const ResourceInfo& info) {
  Value entry = Value::object({
      {"resource", info.resource},
      {"responseKind", Value::object({{"group", info.group}, {"version", info.version}, {"kind", info.kind}})},
      {"scope", info.namespaced ? "Namespaced" : "Cluster"},
      {"singularResource", info.singular},
      {"verbs", strings(info.verbs())},
  });
  if (!info.short_names.empty()) entry.set("shortNames", strings(info.short_names));
  if (info.in_all || !info.categories.empty()) entry.set("categories", categories_of(info));
  for (const std::string& name : info.subresources) {
    const SubresourceRow* row = row_of(name);
    Value sub = Value::object({{"subresource", name},
                               {"verbs", strings(split_whitespace(row == nullptr ? "get patch update" : row->verbs))}});
    const bool own = row == nullptr || row->kind[0] == '\0';
    sub.set("responseKind", Value::object({{"group", own ? info.group : std::string(row->group)},
                                           {"version", own ? info.version : std::string(row->version)},
                                           {"kind", own ? info.kind : std::string(row->kind)}}));
    entry.ref("subresources").push_back(std::move(sub));
  }
  return entry;
}

Value aggregated(const ResourceRegistry& registry, bool core, const std::string& api_version) {
  Value items = Value::array();
  for (const std::string& group : registry.groups()) {
    if (group.empty() != core) continue;
    Value versions = Value::array();
    for (const std::string& version : registry.versions(group)) {
      Value resources = Value::array();
      for (const ResourceInfo& info : registry.all()) {
        if (info.group == group && info.version == version) resources.push_back(aggregated_resource(info));
      }
      versions.push_back(Value::object({{"version", version}, {"resources", resources}, {"freshness", "Current"}}));
    }
    Value metadata = Value::object({{"creationTimestamp", Value()}});
    if (!group.empty()) metadata.set("name", group);
    items.push_back(Value::object({{"metadata", metadata}, {"versions", versions}}));
  }
  return Value::object({{"kind", "APIGroupDiscoveryList"},
                        {"apiVersion", api_version},
                        {"metadata", Value::object()},
                        {"items", items}});
}

using RemoteResources = std::map<std::string, std::map<std::string, Value>>;

Value group_document(const ResourceRegistry& registry, const RemoteResources& remote, const std::string& group) {
  Value versions = Value::array();
  const auto add = [&](const std::string& version) {
    versions.push_back(Value::object({{"groupVersion", group + "/" + version}, {"version", version}}));
  };
  for (const std::string& version : registry.versions(group)) add(version);
  if (const auto more = remote.find(group); more != remote.end()) {
    for (const auto& [version, resources] : more->second) add(version);
  }
  return Value::object({{"name", group}, {"versions", versions}, {"preferredVersion", versions[0]}});
}

// An APIResourceList's resources as entries of APIGroupDiscovery.
Value remote_entries(const std::string& group, const std::string& version, const Value& list) {
  Value entries = Value::array();
  for (const Value& resource : list["resources"].items()) {
    const std::string name = resource["name"].str();
    const Value kind = Value::object({{"group", resource["group"].empty() ? group : resource["group"].str()},
                                      {"version", resource["version"].empty() ? version : resource["version"].str()},
                                      {"kind", resource["kind"]}});
    const std::size_t slash = name.find('/');
    if (slash != std::string::npos) {
      if (entries.empty()) continue;
      entries.mutable_item(entries.size() - 1)
          .ref("subresources")
          .push_back(Value::object(
              {{"subresource", name.substr(slash + 1)}, {"responseKind", kind}, {"verbs", resource["verbs"]}}));
      continue;
    }
    Value entry = Value::object({{"resource", name},
                                 {"responseKind", kind},
                                 {"scope", resource["namespaced"].as_bool() ? "Namespaced" : "Cluster"},
                                 {"singularResource", resource["singularName"]},
                                 {"verbs", resource["verbs"]}});
    for (const char* field : {"shortNames", "categories"}) {
      if (!resource[field].empty()) entry.set(field, resource[field]);
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

// Aggregated servers' groups behind our own.
void add_remote(const RemoteResources& remote, Value& items) {
  for (const auto& [group, versions] : remote) {
    Value list = Value::array();
    for (const auto& [version, resources] : versions) {
      const bool known = !resources.is_null();
      list.push_back(Value::object({{"version", version},
                                    {"resources", remote_entries(group, version, resources)},
                                    {"freshness", known ? "Current" : "Stale"}}));
    }
    items.push_back(Value::object(
        {{"metadata", Value::object({{"creationTimestamp", Value()}, {"name", group}})}, {"versions", list}}));
  }
}

}  // namespace

ApiServer::Answer ApiServer::discovery(const Call& call) const {
  const std::string& path = call.http.path;
  const std::string accept(call.http.headers.get("Accept"));
  HttpResponse response;
  const bool root = path == "/api" || path == "/apis" || path == "/api/" || path == "/apis/";
  const bool core = path.starts_with("/api/") || path == "/api";
  if (root && contains(accept, "as=APIGroupDiscoveryList")) {
    const std::string version =
        contains(accept, "v=v2;") || contains(accept, "v=v2,") || accept.ends_with("v=v2") ? "v2" : "v2beta1";
    response.body.document = aggregated(registry_, core, "apidiscovery.k8s.io/" + version);
    if (!core) add_remote(remote_resources(), response.body.document.ref("items"));
    response.headers.set("Content-Type",
                         "application/json;g=apidiscovery.k8s.io;v=" + version + ";as=APIGroupDiscoveryList");
    return response;
  }
  if (root && core) {
    response.body.document = Value::object({
        {"kind", "APIVersions"},
        {"versions", Value::array({"v1"})},
        {"serverAddressByClientCIDRs",
         Value::array(
             {Value::object({{"clientCIDR", "0.0.0.0/0"},
                             {"serverAddress", options_.advertise_address + ":" + std::to_string(options_.port)}})})},
    });
    return response;
  }
  if (root) {
    Value groups = Value::array();
    const RemoteResources remote = remote_resources();
    for (const std::string& group : registry_.groups()) {
      if (!group.empty()) groups.push_back(group_document(registry_, remote, group));
    }
    for (const auto& [group, versions] : remote) {
      if (registry_.versions(group).empty()) groups.push_back(group_document(registry_, remote, group));
    }
    response.body.document = Value::object({{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", groups}});
    return response;
  }
  std::vector<std::string> parts;
  for (std::string& part : split(path, '/')) {
    if (!part.empty()) parts.push_back(std::move(part));
  }
  const bool group_asked = parts.size() == 2 && parts[0] == "apis";
  if (group_asked && (!registry_.versions(parts[1]).empty() || remote_resources().contains(parts[1]))) {
    Value document = group_document(registry_, remote_resources(), parts[1]);
    document.set("kind", "APIGroup");
    document.set("apiVersion", "v1");
    response.body.document = std::move(document);
    return response;
  }
  const bool of_core = parts.size() == 2 && parts[0] == "api";
  if (of_core || (parts.size() == 3 && parts[0] == "apis")) {
    const std::string group = of_core ? "" : parts[1];
    const std::string version = parts.back();
    Value resources = Value::array();
    for (const ResourceInfo& info : registry_.all()) {
      if (info.group != group || info.version != version) continue;
      resources.push_back(plain_resource(info));
      for (const std::string& name : info.subresources) resources.push_back(plain_subresource(info, name));
    }
    if (!resources.empty()) {
      response.body.document = Value::object({{"kind", "APIResourceList"},
                                              {"apiVersion", "v1"},
                                              {"groupVersion", of_core ? version : group + "/" + version},
                                              {"resources", resources}});
      return response;
    }
  }
  if (path == "/") {
    Value paths = Value::array({"/api", "/api/v1", "/apis"});
    for (const std::string& group : registry_.groups()) {
      if (!group.empty()) paths.push_back("/apis/" + group);
    }
    for (const char* other : {"/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"})
      paths.push_back(other);
    response.body.document = Value::object({{"paths", paths}});
    return response;
  }
  Status status = Status::plain("the server could not find the requested resource");
  status.code = 404;
  status.reason = "NotFound";
  return status;
}

}  // namespace drydock
