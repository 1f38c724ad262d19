#include "core/apiserver/custom/custom_schema.h"

#include <algorithm>
#include <cmath>

#include "core/apiserver/custom/pattern.h"
#include "core/base/strings.h"
#include "core/machinery/json.h"

namespace drydock {
namespace {

// Fields of every object, whether its schema says so or not; also of objects inside.
bool of_every_object(const Value& schema, std::string_view path, std::string_view name) {
  const bool whole = path.empty() || schema["x-kubernetes-embedded-resource"].as_bool();
  return whole && (name == "apiVersion" || name == "kind" || name == "metadata");
}

std::string below(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "." + std::string(name);
}

void prune(const Value& schema, Value& document, const std::string& path, std::vector<std::string>& unknown) {
  if (document.is_array()) {
    for (std::size_t i = 0; i < document.size(); ++i)
      prune(schema["items"], document.mutable_item(i), path + "[" + std::to_string(i) + "]", unknown);
    return;
  }
  if (!document.is_object()) return;
  const Value& properties = schema["properties"];
  const Value& additional = schema["additionalProperties"];
  const bool keeps = schema["x-kubernetes-preserve-unknown-fields"].as_bool() || additional.as_bool();
  const Value before = document;
  for (const Value::Member& member : before.members()) {
    const std::string_view name = member.key.view();
    if (of_every_object(schema, path, name) && !properties.has(name)) continue;
    const std::string here = below(path, name);
    const Value* known = properties.find(name);
    if (known == nullptr && additional.is_object()) known = &additional;
    if (known != nullptr && !(of_every_object(schema, path, name) && name == "metadata")) {
      if (member.value.is_object() || member.value.is_array()) prune(*known, document.ref(member.key), here, unknown);
    } else if (known == nullptr && !keeps) {
      unknown.push_back(here);
      document.erase(name);
    }
  }
}

bool has_type(const Value& value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_bool();
  if (type == "number") return value.is_number();
  if (type == "integer")
    return value.is_int() || (value.is_number() && std::floor(value.as_double()) == value.as_double());
  return true;
}

std::string type_name(const Value& value) {
  if (value.is_object()) return "object";
  if (value.is_array()) return "array";
  if (value.is_string()) return "string";
  if (value.is_bool()) return "boolean";
  return value.is_int() ? "integer" : value.is_number() ? "number" : "null";
}

std::string number_text(const Value& value) {
  return value.is_int() ? std::to_string(value.as_int()) : format_double(value.as_double());
}

void limits(const Value& schema, const Value& value, const std::string& path, FieldErrors& errors) {
  const std::string body = path + " in body should ";
  if (value.is_number()) {
    const double number = value.as_double();
    const Value& low = schema["minimum"];
    const Value& high = schema["maximum"];
    if (low.is_number()) {
      const bool strict = schema["exclusiveMinimum"].as_bool();
      if (strict ? number <= low.as_double() : number < low.as_double())
        errors.invalid(path, value, body + "be greater than " + (strict ? "" : "or equal to ") + number_text(low));
    }
    if (high.is_number()) {
      const bool strict = schema["exclusiveMaximum"].as_bool();
      if (strict ? number >= high.as_double() : number > high.as_double())
        errors.invalid(path, value, body + "be less than " + (strict ? "" : "or equal to ") + number_text(high));
    }
    const Value& step = schema["multipleOf"];
    if (step.is_number() && step.as_double() != 0 && std::fmod(number, step.as_double()) != 0)
      errors.invalid(path, value, body + "be a multiple of " + number_text(step));
  }
  if (value.is_string()) {
    const auto length = static_cast<std::int64_t>(utf8_length(value.as_string()));
    if (schema["minLength"].is_int() && length < schema["minLength"].as_int())
      errors.invalid(path, value, body + "be at least " + number_text(schema["minLength"]) + " chars long");
    if (schema["maxLength"].is_int() && length > schema["maxLength"].as_int())
      errors.causes.push_back(
          {"FieldValueTooLong", "Too long: may not be more than " + number_text(schema["maxLength"]) + " bytes", path});
    if (schema["pattern"].is_string() && !pattern_found(schema["pattern"].as_string(), value.as_string()))
      errors.invalid(path, value, body + "match '" + schema["pattern"].str() + "'");
  }
  if (value.is_array()) {
    const auto count = static_cast<std::int64_t>(value.size());
    if (schema["minItems"].is_int() && count < schema["minItems"].as_int())
      errors.invalid(path, count, body + "have at least " + number_text(schema["minItems"]) + " items");
    if (schema["maxItems"].is_int() && count > schema["maxItems"].as_int())
      errors.too_many(path, value.size(), static_cast<std::size_t>(schema["maxItems"].as_int()));
  }
}

}  // namespace

void apply_schema_defaults(const Value& schema, Value& document) {
  if (document.is_array()) {
    for (std::size_t i = 0; i < document.size(); ++i) apply_schema_defaults(schema["items"], document.mutable_item(i));
    return;
  }
  if (!document.is_object()) return;
  if (const Value& additional = schema["additionalProperties"]; additional.is_object()) {
    const Value before = document;
    for (const Value::Member& member : before.members()) {
      if (member.value.is_object() || member.value.is_array())
        apply_schema_defaults(additional, document.ref(member.key));
    }
  }
  for (const Value::Member& property : schema["properties"].members()) {
    // A null that may not be is as good as nothing.
    const Value* given = document.find(property.key.view());
    const bool absent = given == nullptr || (given->is_null() && !property.value["nullable"].as_bool());
    if (absent && property.value.has("default"))
      document.set(property.key, property.value["default"]);
    else if (absent && given != nullptr)
      document.erase(property.key.view());
    if (document[property.key.view()].is_object() || document[property.key.view()].is_array())
      apply_schema_defaults(property.value, document.ref(property.key));
  }
}

Object presented(const ResourceInfo& resource, const Object& object) {
  if (!resource.definition.is_object()) return object;
  Value document = object.doc();
  apply_schema_defaults(resource.definition["schema"]["openAPIV3Schema"], document);
  return Object(std::move(document));
}

std::vector<std::string> prune_unknown(const Value& schema, Value& document) {
  std::vector<std::string> unknown;
  prune(schema, document, "", unknown);
  return unknown;
}

const Value* old_list_item(const Value& schema, const Value& item, const Value* old) {
  if (old == nullptr || schema["x-kubernetes-list-type"].as_string() != "map") return nullptr;
  const auto key_of = [&](const Value& entry, std::string_view key) {
    const Value* found = entry.find(key);
    return found == nullptr ? schema["items"]["properties"][key]["default"] : *found;
  };
  for (const Value& candidate : old->items()) {
    const auto keys = schema["x-kubernetes-list-map-keys"].items();
    const bool same = std::all_of(keys.begin(), keys.end(), [&](const Value& key) {
      return key_of(candidate, key.as_string()) == key_of(item, key.as_string());
    });
    if (same) return &candidate;
  }
  return nullptr;
}

void validate_against_schema(const Value& schema, const Value& document, const Value* old, const std::string& path,
                             FieldErrors& errors) {
  if (old != nullptr && !path.empty() && *old == document) return;
  if (schema["x-kubernetes-int-or-string"].as_bool()) {
    if (!document.is_int() && !document.is_string())
      errors.invalid(path, document,
                     path + " in body must be of type integer,string: " + go_quote(type_name(document)));
    return;
  }
  if (document.is_null() && schema["nullable"].as_bool()) return;
  const std::string type = schema["type"].str();
  if (!type.empty() && !has_type(document, type)) {
    errors.causes.push_back({"FieldValueTypeInvalid",
                             "Invalid value: " + go_quote(type_name(document)) + ": " + path +
                                 " in body must be of type " + type + ": " + go_quote(type_name(document)),
                             path});
    return;
  }
  if (const Value& choices = schema["enum"]; !choices.empty()) {
    const bool known = std::any_of(choices.items().begin(), choices.items().end(),
                                   [&](const Value& choice) { return choice == document; });
    if (!known) {
      std::vector<std::string> quoted;
      for (const Value& choice : choices.items())
        quoted.push_back(choice.is_string() ? go_quote(choice.as_string()) : dump_json(choice));
      errors.causes.push_back(
          {"FieldValueNotSupported",
           "Unsupported value: " + (document.is_string() ? go_quote(document.as_string()) : dump_json(document)) +
               ": supported values: " + join(quoted, ", "),
           path});
    }
  }
  limits(schema, document, path, errors);
  for (std::size_t i = 0; i < document.items().size(); ++i)
    validate_against_schema(schema["items"], document[i], old_list_item(schema, document[i], old),
                            path + "[" + std::to_string(i) + "]", errors);
  if (!document.is_object()) return;
  for (const Value& name : schema["required"].items()) {
    if (!document.has(name.as_string())) errors.required(below(path, name.as_string()));
  }
  // From the last to the first: upstream walks a map here, in no order of its own.
  const auto properties = schema["properties"].members();
  for (auto property = properties.rbegin(); property != properties.rend(); ++property) {
    const Value* member = document.find(property->key.view());
    if (member == nullptr || (path.empty() && property->key.view() == "metadata")) continue;
    const std::string_view name = property->key.view();
    validate_against_schema(property->value, *member, old == nullptr ? nullptr : old->find(name), below(path, name),
                            errors);
  }
  if (!schema["additionalProperties"].is_object()) return;
  for (const Value::Member& member : document.members()) {
    const std::string_view name = member.key.view();
    if (!schema["properties"].has(name))
      validate_against_schema(schema["additionalProperties"], member.value, old == nullptr ? nullptr : old->find(name),
                              below(path, name), errors);
  }
}

}  // namespace drydock
