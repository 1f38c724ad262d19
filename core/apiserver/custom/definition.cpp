#include "core/apiserver/custom/definition.h"

#include <algorithm>
#include <set>

#include "core/base/strings.h"
#include "core/machinery/validation/names.h"

namespace drydock {
namespace {

constexpr const char* kGroup = "apiextensions.k8s.io";

Value condition(const Object& old, const char* type, bool holds, const std::string& reason, const std::string& message,
                const std::string& now) {
  const char* status = holds ? "True" : "False";
  std::string since = now;
  for (const Value& before : old.status()["conditions"].items()) {
    if (before["type"].as_string() == type && before["status"].as_string() == status)
      since = before["lastTransitionTime"].str();
  }
  return Value::object(
      {{"lastTransitionTime", since}, {"message", message}, {"reason", reason}, {"status", status}, {"type", type}});
}

// Structural schemas say of everything what it is.
void structural(const Value& schema, const std::string& path, bool root, FieldErrors& errors) {
  const std::string type = schema["type"].str();
  const bool open =
      schema["x-kubernetes-int-or-string"].as_bool() || schema["x-kubernetes-preserve-unknown-fields"].as_bool();
  if (root && type.empty()) errors.required(path + ".type", "must not be empty at the root");
  if (root && !type.empty() && type != "object") errors.invalid(path + ".type", type, "must be object at the root");
  for (const Value::Member& property : schema["properties"].members()) {
    const std::string here = path + ".properties[" + property.key.str() + "]";
    const Value& inner = property.value;
    const bool inner_open =
        inner["x-kubernetes-int-or-string"].as_bool() || inner["x-kubernetes-preserve-unknown-fields"].as_bool();
    if (inner["type"].empty() && !inner_open)
      errors.required(here + ".type", "must not be empty for specified object fields");
    structural(inner, here, false, errors);
  }
  const Value& items = schema["items"];
  if (items.is_object()) {
    if (items["type"].empty() && !items["x-kubernetes-int-or-string"].as_bool() &&
        !items["x-kubernetes-preserve-unknown-fields"].as_bool())
      errors.required(path + ".items.type", "must not be empty for specified array items");
    structural(items, path + ".items", false, errors);
  } else if (type == "array" && !open) {
    errors.required(path + ".items", "must be specified");
  }
  const Value& additional = schema["additionalProperties"];
  if (additional.is_object()) {
    if (!schema["properties"].empty())
      errors.forbidden(path + ".additionalProperties", "additionalProperties and properties are mutual exclusive");
    if (additional["type"].empty() && !additional["x-kubernetes-int-or-string"].as_bool() &&
        !additional["x-kubernetes-preserve-unknown-fields"].as_bool())
      errors.required(path + ".additionalProperties.type", "must not be empty for specified object fields");
    structural(additional, path + ".additionalProperties", false, errors);
  }
  if (schema["uniqueItems"].as_bool())
    errors.forbidden(path + ".uniqueItems",
                     "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
  if (schema.has("$ref")) errors.forbidden(path + ".$ref", "$ref is not supported");
  for (const char* name : {"definitions", "dependencies", "id", "patternProperties"}) {
    if (schema.has(name)) errors.forbidden(path + "." + name, std::string(name) + " is not supported");
  }
  const std::string list_type = schema["x-kubernetes-list-type"].str();
  if (list_type == "map" && schema["x-kubernetes-list-map-keys"].empty())
    errors.required(path + ".x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map");
}

void conversion(const Value& spec, FieldErrors& errors) {
  const Value& given = spec["conversion"];
  const std::string strategy = given["strategy"].str();
  const std::string path = "spec.conversion";
  if (strategy.empty()) {
    errors.required(path + ".strategy");
  } else if (strategy == "Webhook") {
    const Value& hook = given["webhook"];
    if (!hook["clientConfig"].is_object()) {
      errors.required(path + ".webhookClientConfig", "required when strategy is set to Webhook");
    } else {
      const bool url = !hook["clientConfig"]["url"].empty();
      const bool service = hook["clientConfig"]["service"].is_object();
      if (url == service) errors.required(path + ".webhookClientConfig", "exactly one of url or service is required");
    }
    const Value& versions = hook["conversionReviewVersions"];
    if (versions.empty()) {
      errors.required(path + ".conversionReviewVersions");
    } else if (std::ranges::none_of(versions.items(), [](const Value& version) {
                 return version.as_string() == "v1" || version.as_string() == "v1beta1";
               })) {
      errors.invalid(path + ".conversionReviewVersions", versions, "must include at least one of v1, v1beta1");
    }
  } else if (strategy != "None") {
    errors.unsupported(path + ".strategy", strategy, {"None", "Webhook"});
  } else if (given.has("webhook")) {
    errors.forbidden(path + ".webhookClientConfig", "should not be set when strategy is not set to Webhook");
  }
}

// What may not change once objects may be stored.
void unchanged(const Value& definition, const Object& old, FieldErrors& errors) {
  if (!is_established(old)) return;
  const Value& before = old.spec();
  const Value& after = definition["spec"];
  const auto fixed = [&](const char* field, const Value& was, const Value& is) {
    if (!(was == is)) errors.invalid(field, is, "field is immutable");
  };
  fixed("spec.scope", before["scope"], after["scope"]);
  fixed("spec.names.kind", before["names"]["kind"], after["names"]["kind"]);
  fixed("spec.names.plural", before["names"]["plural"], after["names"]["plural"]);
  fixed("spec.group", before["group"], after["group"]);
  const Value& stored = old.status()["storedVersions"];
  for (std::size_t i = 0; i < stored.size(); ++i) {
    if (!version_of(Object(definition), stored[i].as_string()).is_null()) continue;
    const std::string name = stored[i].str();
    errors.invalid(at("status.storedVersions", i), name,
                   "missing from spec.versions; " + name +
                       " was previously a storage version, and must remain in spec.versions until a storage migration "
                       "ensures no data remains persisted in " +
                       name + " and removes " + name + " from status.storedVersions");
  }
}

// Names that somebody else of the group has.
struct NamesTaken {
  std::set<std::string> resources;  // plurals, singulars and short names
  std::set<std::string> kinds;
};

NamesTaken taken(const Value& definition, ObjectView& objects, const ResourceRegistry& registry) {
  NamesTaken found;
  const Value& spec = definition["spec"];
  const std::string own = definition["metadata"]["name"].str();
  for (const auto& [key, other] : objects.all(kGroup, "customresourcedefinitions")) {
    if (key.name == own || !(other.spec()["group"] == spec["group"])) continue;
    const Value& names = other.status()["acceptedNames"];
    for (const char* field : {"plural", "singular"}) {
      if (!names[field].empty()) found.resources.insert(names[field].str());
    }
    for (const Value& name : names["shortNames"].items()) found.resources.insert(name.str());
    for (const char* field : {"kind", "listKind"}) {
      if (!names[field].empty()) found.kinds.insert(names[field].str());
    }
  }
  for (const ResourceInfo& resource : registry.all()) {
    if (resource.group != spec["group"].as_string() || resource.definition.is_object()) continue;
    found.resources.insert(resource.resource);
    found.kinds.insert(resource.kind);
  }
  return found;
}

}  // namespace

const Value& version_of(const Object& definition, std::string_view name) {
  static const Value none;
  for (const Value& version : definition.spec()["versions"].items()) {
    if (version["name"].as_string() == name) return version;
  }
  return none;
}

std::string storage_version(const Object& definition) {
  for (const Value& version : definition.spec()["versions"].items()) {
    if (version["storage"].as_bool()) return version["name"].str();
  }
  return "";
}

bool is_established(const Object& definition) {
  return std::ranges::any_of(definition.status()["conditions"].items(), [](const Value& each) {
    return each["type"].as_string() == "Established" && each["status"].as_string() == "True";
  });
}

void validate_definition(const Value& definition, const Object& old, FieldErrors& errors) {
  const Value& spec = definition["spec"];
  const Value& names = spec["names"];
  const std::string name = definition["metadata"]["name"].str();
  const std::string group = spec["group"].str();
  if (name != names["plural"].str() + "." + group)
    errors.invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group");
  const bool guarded =
      group == "k8s.io" || group == "kubernetes.io" || group.ends_with(".k8s.io") || group.ends_with(".kubernetes.io");
  if (guarded && definition["metadata"]["annotations"]["api-approved.kubernetes.io"].empty())
    errors.required("metadata.annotations[api-approved.kubernetes.io]",
                    "protected groups must have approval annotation \"api-approved.kubernetes.io\", see "
                    "https://github.com/kubernetes/enhancements/pull/1111");
  if (group.empty())
    errors.required("spec.group");
  else if (const Problems problems = dns_subdomain_problems(group); !problems.empty())
    errors.invalid_for("spec.group", group, problems);
  else if (!contains(group, "."))
    errors.invalid("spec.group", spec["group"], "should be a domain with at least one dot");
  errors.supported(spec, "scope", "spec", {"Cluster", "Namespaced"});
  if (spec["preserveUnknownFields"].as_bool())
    errors.invalid("spec.preserveUnknownFields", true,
                   "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema "
                   "instead");
  const Value& versions = spec["versions"];
  // What all versions share is the definition's own.
  const auto alike = [&](const char* part) {
    return std::ranges::all_of(versions.items(),
                               [&](const Value& version) { return version[part] == versions[0][part]; });
  };
  const bool one_schema = alike("schema");
  const bool one_scale = alike("subresources");
  int storage = 0;
  std::set<std::string> seen;
  bool unique = true;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const Value& version = versions[i];
    const std::string here = at("spec.versions", i);
    unique = seen.insert(version["name"].str()).second && unique;
    errors.invalid_for(here + ".name", version["name"].str(), dns_1035_problems(version["name"].as_string()));
    storage += version["storage"].as_bool() ? 1 : 0;
    const Value& schema = version["schema"]["openAPIV3Schema"];
    if (!schema.is_object())
      errors.required(here + ".schema.openAPIV3Schema", "schemas are required");
    else if (!one_schema)
      structural(schema, here + ".schema.openAPIV3Schema", true, errors);
    else if (i == 0)
      structural(schema, "spec.validation.openAPIV3Schema", true, errors);
    const Value& scale = version["subresources"]["scale"];
    if (!scale.is_object() || (one_scale && i > 0)) continue;
    const std::string scale_path = (one_scale ? "spec" : here) + ".subresources.scale";
    for (const auto& [field, prefix] :
         {std::pair("specReplicasPath", ".spec."), std::pair("statusReplicasPath", ".status.")}) {
      const std::string path = scale[field].str();
      if (path.empty())
        errors.required(scale_path + "." + field);
      else if (!path.starts_with(prefix))
        errors.invalid(
            scale_path + "." + field, path,
            "should be a json path under " + std::string(prefix).substr(0, std::string_view(prefix).size() - 1));
    }
  }
  if (versions.empty()) {
    errors.required("spec.versions");
  } else {
    if (!unique) errors.invalid("spec.versions", versions, "must contain unique version names");
    if (storage != 1)
      errors.invalid("spec.versions", versions, "must have exactly one version marked as storage version");
  }
  for (const char* field : {"plural", "kind"}) {
    if (names[field].empty()) errors.required("spec.names." + std::string(field));
  }
  for (const char* field : {"plural", "singular"}) {
    if (names[field].empty()) continue;
    errors.invalid_for("spec.names." + std::string(field), names[field], dns_1035_problems(names[field].as_string()));
  }
  for (const char* field : {"kind", "listKind"}) {
    if (names[field].empty()) continue;
    errors.invalid_for("spec.names." + std::string(field), names[field],
                       dns_1035_problems(to_lower(names[field].as_string())));
  }
  const Value& short_names = names["shortNames"];
  for (std::size_t i = 0; i < short_names.size(); ++i)
    errors.invalid_for(at("spec.names.shortNames", i), short_names[i], dns_1035_problems(short_names[i].as_string()));
  if (!names["kind"].empty() && names["kind"] == names["listKind"])
    errors.invalid("spec.names.listKind", names["listKind"], "kind and listKind may not be the same");
  conversion(spec, errors);
  if (old) unchanged(definition, old, errors);
}

Value definition_status(const Value& definition, const Object& old, ObjectView& objects,
                        const ResourceRegistry& registry, const std::string& now) {
  const Value& names = definition["spec"]["names"];
  const NamesTaken others = taken(definition, objects, registry);
  // The last name that is taken is the one that is told.
  std::string reason = "NoConflicts";
  std::string message = "no conflicts found";
  bool accepted = true;
  const auto check = [&](const std::set<std::string>& used, const Value& name, const char* why) {
    if (name.empty() || !used.contains(name.str())) return;
    message = go_quote(name.as_string()) + " is already in use";
    reason = why;
    accepted = false;
  };
  check(others.resources, names["plural"], "PluralConflict");
  check(others.resources, names["singular"], "SingularConflict");
  for (const Value& name : names["shortNames"].items()) check(others.resources, name, "ShortNamesConflict");
  check(others.kinds, names["kind"], "KindConflict");
  check(others.kinds, names["listKind"], "ListKindConflict");
  // Once established, a definition stays so.
  const bool established = accepted || is_established(old);
  Value stored = old.status()["storedVersions"].is_array() ? old.status()["storedVersions"] : Value::array();
  const std::string storage = storage_version(Object(definition));
  const bool known =
      std::ranges::any_of(stored.items(), [&](const Value& version) { return version.as_string() == storage; });
  if (!known && !storage.empty()) stored.push_back(storage);
  return Value::object({
      {"acceptedNames", accepted                                    ? names
                        : old.status()["acceptedNames"].is_object() ? old.status()["acceptedNames"]
                                                                    : Value::object({{"kind", ""}, {"plural", ""}})},
      {"conditions",
       Value::array(
           {condition(old, "NamesAccepted", accepted, reason, message, now),
            condition(old, "Established", established, established ? "InitialNamesAccepted" : "NotAccepted",
                      established ? "the initial names have been accepted" : "not all names are accepted", now)})},
      {"storedVersions", stored},
  });
}

}  // namespace drydock
