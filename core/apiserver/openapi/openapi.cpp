#include "core/apiserver/openapi/openapi.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/fields/field_rules.h"

namespace drydock {
namespace {

constexpr std::string_view kMeta = "io.k8s.apimachinery.pkg.apis.meta.v1";
constexpr std::string_view kIntOrString = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
constexpr std::string_view kTime = "io.k8s.apimachinery.pkg.apis.meta.v1.Time";

// Types that every group uses.
constexpr std::string_view kMetaTypes[] = {
    "V1ObjectMeta",    "V1ListMeta",
    "V1Status",        "V1DeleteOptions",
    "V1LabelSelector", "V1Condition",
    "V1APIResource",   "V1APIResourceList",
    "V1APIGroup",      "V1APIGroupList",
    "V1APIVersions",   "V1GroupVersionForDiscovery",
    "V1WatchEvent",    "V1FieldSelectorRequirement",
};

std::string package_of(std::string_view group, std::string_view version) {
  if (group == "apiextensions.k8s.io")
    return "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions." + std::string(version);
  if (group == "apiregistration.k8s.io")
    return "io.k8s.kube-aggregator.pkg.apis.apiregistration." + std::string(version);
  const std::string_view first = group.substr(0, group.find('.'));
  return "io.k8s.api." + std::string(first.empty() ? "core" : first) + "." + std::string(version);
}

// The type inside "Array<T>" and "{[key:string]:T;}", however deep.
std::string_view inner_type(std::string_view type) {
  for (std::string_view inside = item_type(type); !inside.empty(); inside = item_type(type)) type = inside;
  return type;
}

bool primitive(std::string_view type) {
  return type == "string" || type == "number" || type == "boolean" || type == "time" || type == "bytes" ||
         type == "intorstring" || type == "any" || type == "object";
}

// Numbers of 64 bits; all others have 32.
bool is_long(std::string_view field) {
  static constexpr std::string_view kLong[] = {"generation",
                                               "observedGeneration",
                                               "expirationSeconds",
                                               "activeDeadlineSeconds",
                                               "gracePeriodSeconds",
                                               "deletionGracePeriodSeconds",
                                               "terminationGracePeriodSeconds",
                                               "tolerationSeconds",
                                               "runAsUser",
                                               "runAsGroup",
                                               "fsGroup",
                                               "maxLength",
                                               "minLength",
                                               "maxItems",
                                               "minItems",
                                               "maxProperties",
                                               "minProperties",
                                               "remainingItemCount",
                                               "sizeBytes",
                                               "collisionCount64"};
  return std::find(std::begin(kLong), std::end(kLong), field) != std::end(kLong);
}

Value gvk(std::string_view group, std::string_view version, std::string_view kind) {
  return Value::object({{"group", group}, {"version", version}, {"kind", kind}});
}

}  // namespace

OpenApi::OpenApi(const ResourceRegistry& registry, SchemaTexts texts, std::string version)
    : registry_(registry), schema_(Schema::builtin()), texts_(std::move(texts)), version_(std::move(version)) {
  for (const ResourceInfo& info : registry_.all()) {
    const std::string_view type = schema_.type_of(info.api_version(), info.kind);
    if (!type.empty()) kinds_.emplace(type, &info);
  }
  auto claim = [&](std::string_view root, const std::string& package) {
    std::set<std::string_view> reached;
    collect(root, reached);
    for (std::string_view type : reached) packages_.emplace(type, package);
  };
  for (std::string_view type : kMetaTypes) claim(type, std::string(kMeta));
  // A type that several groups use belongs to the first: core's come before all others.
  for (const std::string& group : registry_.groups()) {
    for (const std::string& group_version : registry_.versions(group)) {
      for (std::string_view type : roots(group, group_version)) claim(type, package_of(group, group_version));
    }
  }
}

std::string OpenApi::definition_name(std::string_view type) const {
  const auto at = packages_.find(type);
  return (at == packages_.end() ? std::string(kMeta) : at->second) + "." + std::string(bare_type(type));
}

void OpenApi::collect(std::string_view type, std::set<std::string_view>& types) const {
  const Schema::Fields* fields = schema_.find(type);
  if (fields == nullptr || !types.insert(type).second) return;
  for (const auto& [name, field_type] : *fields) {
    const std::string_view inner = inner_type(field_type);
    if (!primitive(inner)) collect(inner, types);
  }
}

// The kinds of a group and their lists, as names of the schema table.
std::set<std::string_view> OpenApi::roots(std::string_view group, std::string_view version) const {
  std::set<std::string_view> found;
  for (const auto& [type, info] : kinds_) {
    if (info->group != group || info->version != version) continue;
    found.insert(type);
    // The table's own spelling lives as long as the program.
    for (const char* const* line = kSchemaLines; *line != nullptr; ++line) {
      const std::string_view text(*line);
      const std::string_view name = text.substr(0, text.find(' '));
      if (!info->review && name.size() == type.size() + 4 && name.starts_with(type) && name.ends_with("List"))
        found.insert(name);
    }
    if (info->has_subresource("scale")) found.insert("V1Scale");
    if (info->has_subresource("eviction")) found.insert("V1Eviction");
    if (info->has_subresource("token")) found.insert("AuthenticationV1TokenRequest");
  }
  return found;
}

Value OpenApi::reference(std::string_view type, Form form) const {
  const std::string name = type == "intorstring" ? std::string(kIntOrString)
                           : type == "time"      ? std::string(kTime)
                                                 : definition_name(type);
  return Value::object({{"$ref", (form == Form::kV2 ? "#/definitions/" : "#/components/schemas/") + name}});
}

Value OpenApi::field_schema(std::string_view type, Form form, bool in_list) const {
  if (type == "string") return Value::object({{"type", "string"}});
  if (type == "number") return Value::object({{"type", "integer"}, {"format", "int32"}});
  if (type == "boolean") return Value::object({{"type", "boolean"}});
  if (type == "bytes") return Value::object({{"type", "string"}, {"format", "byte"}});
  if (type == "any" || type == "object") return Value::object({{"type", "object"}});
  if (type.starts_with("Array<"))
    return Value::object({{"type", "array"}, {"items", field_schema(type.substr(6, type.size() - 7), form, true)}});
  if (type.starts_with("{")) {
    const std::size_t colon = type.find("]:");
    const std::string_view inner = type.substr(colon + 2, type.rfind(';') - colon - 2);
    return Value::object({{"type", "object"}, {"additionalProperties", field_schema(inner, form, true)}});
  }
  if (form == Form::kV2) return reference(type, form);
  // Beside "$ref" nothing else counts in v3: texts and defaults stand beside a list of one.
  Value schema = Value::object({{"allOf", Value::array({reference(type, form)})}});
  const bool plain = type == "intorstring" || type == "time";
  if (in_list && !plain) schema.set("default", Value::object());
  return schema;
}

void OpenApi::add_list_rules(Value& schema, std::string_view owner, std::string_view field,
                             std::string_view type) const {
  const FieldRule rule = field_rule(owner, field);
  if (!rule.patch_strategy.empty()) schema.set("x-kubernetes-patch-strategy", rule.patch_strategy);
  if (!rule.patch_merge_key.empty()) schema.set("x-kubernetes-patch-merge-key", rule.patch_merge_key);
  if (!rule.map_type.empty()) schema.set("x-kubernetes-map-type", rule.map_type);
  if (!type.starts_with("Array<")) return;
  if (rule.list == FieldRule::List::kMap) {
    Value keys = Value::array();
    for (const std::string& key : split(rule.map_keys, ',')) keys.push_back(key);
    schema.set("x-kubernetes-list-type", "map");
    schema.set("x-kubernetes-list-map-keys", std::move(keys));
  } else if (rule.list == FieldRule::List::kSet) {
    schema.set("x-kubernetes-list-type", "set");
  } else if (field != "items" || !owner.ends_with("List")) {
    schema.set("x-kubernetes-list-type", "atomic");
  }
}

Value OpenApi::definition(std::string_view type, Form form) const {
  Value schema = Value::object({{"type", "object"}});
  if (is_atomic_type(type)) schema.set("x-kubernetes-map-type", "atomic");
  if (texts_.of_type) {
    const std::string_view text = texts_.of_type(type);
    if (!text.empty()) schema.set("description", text);
  }
  Value properties = Value::object();
  Value required = Value::array();
  for (const auto& [name, field_type] : *schema_.find(type)) {
    Value property = field_schema(field_type, form, false);
    if (field_type == "number" && is_long(name)) property.set("format", "int64");
    if (texts_.of_field) {
      const SchemaTexts::Field told = texts_.of_field(type, name);
      if (!told.text.empty()) property.set("description", told.text);
      if (told.required) required.push_back(name);
    }
    if (const std::string_view absent = key_default(type, name); !absent.empty() && form == Form::kV3)
      property.set("default", absent);
    add_list_rules(property, type, name, field_type);
    properties.set(name, std::move(property));
  }
  if (!properties.empty()) schema.set("properties", std::move(properties));
  if (!required.empty()) schema.set("required", std::move(required));
  Value kinds = Value::array();
  const auto [first, last] = kinds_.equal_range(std::string(type));
  for (auto at = first; at != last; ++at)
    kinds.push_back(gvk(at->second->group, at->second->version, at->second->kind));
  if (kinds.empty() && type.ends_with("List")) {
    const auto of_items = kinds_.find(std::string(type.substr(0, type.size() - 4)));
    if (of_items != kinds_.end())
      kinds.push_back(gvk(of_items->second->group, of_items->second->version, of_items->second->kind + "List"));
  }
  if (type == "V1Scale") kinds.push_back(gvk("autoscaling", "v1", "Scale"));
  if (type == "V1Eviction") kinds.push_back(gvk("policy", "v1", "Eviction"));
  if (type == "V1Status") kinds.push_back(gvk("", "v1", "Status"));
  if (type == "V1DeleteOptions") kinds.push_back(gvk("", "v1", "DeleteOptions"));
  if (!kinds.empty()) schema.set("x-kubernetes-group-version-kind", std::move(kinds));
  return schema;
}

namespace {

void add_shared_definitions(Value& definitions, bool v3) {
  Value either = Value::object(
      {{"description", "IntOrString is a type that can hold an int32 or a string."}, {"format", "int-or-string"}});
  if (v3)
    either.set("oneOf", Value::array({Value::object({{"type", "integer"}}), Value::object({{"type", "string"}})}));
  else
    either.set("type", "string");
  definitions.set(kIntOrString, std::move(either));
  definitions.set(kTime, Value::object({{"type", "string"},
                                        {"format", "date-time"},
                                        {"description",
                                         "Time is a wrapper around time.Time which supports correct marshaling to YAML "
                                         "and JSON."}}));
}

}  // namespace

Value OpenApi::index() const {
  Value paths = Value::object();
  for (const std::string& group : registry_.groups()) {
    for (const std::string& version : registry_.versions(group)) {
      const std::string path = group.empty() ? "api/" + version : "apis/" + group + "/" + version;
      paths.set(path, Value::object({{"serverRelativeURL", "/openapi/v3/" + path + "?hash=" + hash(path)}}));
    }
  }
  return Value::object({{"paths", std::move(paths)}});
}

std::string OpenApi::hash(std::string_view group_path) const {
  // The document is a function of these.
  std::string text = version_ + " " + std::string(group_path) + (texts_.of_type ? " told" : "");
  for (const ResourceInfo& info : registry_.all()) text += " " + info.api_version() + "/" + info.resource;
  return to_upper(hex_encode(sha256(text)));
}

Value OpenApi::v3(std::string_view group_path) const {
  const std::vector<std::string> parts = split(group_path, '/');
  const bool core = parts.size() == 2 && parts[0] == "api";
  if (!core && (parts.size() != 3 || parts[0] != "apis")) return {};
  const std::string group = core ? "" : parts[1];
  const std::string& version = parts.back();
  std::set<std::string_view> types;
  const std::set<std::string_view> own = roots(group, version);
  if (own.empty()) return {};
  for (std::string_view type : own) collect(type, types);
  for (std::string_view type : {"V1Status", "V1DeleteOptions"}) collect(type, types);
  Value schemas = Value::object();
  add_shared_definitions(schemas, true);
  for (std::string_view type : types) schemas.set(definition_name(type), definition(type, Form::kV3));
  Value paths = Value::object();
  for (const ResourceInfo& info : registry_.all()) {
    if (info.group == group && info.version == version) add_paths(paths, info, Form::kV3);
  }
  return Value::object(
      {{"openapi", "3.0.0"},
       {"info", Value::object({{"title", "Kubernetes"}, {"version", version_}})},
       {"paths", std::move(paths)},
       {"components",
        Value::object(
            {{"schemas", std::move(schemas)},
             {"securitySchemes",
              Value::object({{"BearerToken", Value::object({{"type", "apiKey"},
                                                            {"name", "authorization"},
                                                            {"in", "header"},
                                                            {"description", "Bearer Token authentication"}})}})}})}});
}

Value OpenApi::v2() const {
  std::set<std::string_view> types;
  Value paths = Value::object();
  for (const ResourceInfo& info : registry_.all()) {
    for (std::string_view type : roots(info.group, info.version)) collect(type, types);
    add_paths(paths, info, Form::kV2);
  }
  for (std::string_view type : kMetaTypes) collect(type, types);
  Value definitions = Value::object();
  add_shared_definitions(definitions, false);
  for (std::string_view type : types) definitions.set(definition_name(type), definition(type, Form::kV2));
  return Value::object({
      {"swagger", "2.0"},
      {"info", Value::object({{"title", "Kubernetes"}, {"version", version_}})},
      {"paths", std::move(paths)},
      {"definitions", std::move(definitions)},
      {"security", Value::array({Value::object({{"BearerToken", Value::array()}})})},
      {"securityDefinitions",
       Value::object({{"BearerToken", Value::object({{"type", "apiKey"},
                                                     {"name", "authorization"},
                                                     {"in", "header"},
                                                     {"description", "Bearer Token authentication"}})}})},
  });
}

}  // namespace drydock
