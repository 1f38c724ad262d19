#include "core/cel/schema_types.h"

#include <algorithm>
#include <map>

namespace drydock::cel {
namespace {

// What fits into a request, which bounds what no schema bounds.
constexpr std::uint64_t kMostBytes = std::uint64_t{3} * 1024 * 1024;

std::shared_ptr<Type> sized(Type::Kind kind, std::uint64_t most, std::uint64_t least_bytes) {
  auto type = std::make_shared<Type>();
  type->kind = kind;
  type->most = most;
  type->least_bytes = least_bytes;
  return type;
}

std::uint64_t limit_of(const Value& schema, const char* name, std::uint64_t otherwise) {
  const Value& limit = schema[name];
  if (!limit.is_number()) return otherwise;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(limit.as_int(), 0));
}

TypeRef text_type(const Value& schema) {
  const std::string_view format = schema["format"].as_string();
  if (format == "date" || format == "date-time")
    return sized(Type::Kind::kTimestamp, format == "date" ? 10 : 28, format == "date" ? 12 : 22);
  if (format == "duration") return sized(Type::Kind::kDuration, 32, 4);
  std::uint64_t most = kMostBytes - 2;
  if (schema["maxLength"].is_number()) {
    // Characters may take four bytes; those of base64 take one.
    most = limit_of(schema, "maxLength", 0) * (format == "byte" ? 1 : 4);
  } else if (schema["enum"].is_array() && format != "byte") {
    most = 0;
    for (const Value& choice : schema["enum"].items()) most = std::max<std::uint64_t>(most, choice.size());
  }
  return sized(format == "byte" ? Type::Kind::kBytes : Type::Kind::kString, most, 2);
}

TypeRef fields_type(const Value& schema, bool root) {
  std::map<std::string, TypeRef, std::less<>> fields;
  std::uint64_t least = 2;
  for (const Value::Member& property : schema["properties"].members()) {
    if (root && property.key.view() == "metadata") continue;
    TypeRef type = schema_type(property.value, property.value["x-kubernetes-embedded-resource"].as_bool());
    if (type == nullptr) continue;
    const Value& required = schema["required"];
    const bool needed = std::any_of(required.items().begin(), required.items().end(),
                                    [&](const Value& name) { return name.as_string() == property.key.view(); });
    if (needed && !property.value.has("default")) least += property.key.view().size() + type->least_bytes + 4;
    if (std::string name = escape_property(property.key.view()); !name.empty()) fields[name] = std::move(type);
  }
  if (root) {
    const TypeRef text = sized(Type::Kind::kString, kMostBytes - 2, 2);
    for (const char* name : {"apiVersion", "kind"}) fields[name] = text;
    auto metadata = std::make_shared<Type>();
    metadata->kind = Type::Kind::kObject;
    metadata->name = "object";
    metadata->escaped = true;
    metadata->most = 0;
    metadata->field = [text](std::string_view name) {
      return name == "name" || name == "generateName" ? text : nullptr;
    };
    fields["metadata"] = std::move(metadata);
  }
  // Comparing objects is not estimated by their size, as upstream.
  auto type = sized(Type::Kind::kObject, 0, least);
  type->name = "object";
  type->escaped = true;
  type->field = [fields = std::move(fields)](std::string_view name) {
    const auto found = fields.find(name);
    return found == fields.end() ? nullptr : found->second;
  };
  return type;
}

}  // namespace

TypeRef schema_type(const Value& schema, bool root) {
  if (schema["x-kubernetes-int-or-string"].as_bool()) return sized(Type::Kind::kDyn, kMostBytes - 2, 1);
  const std::string_view kind = root ? "object" : schema["type"].as_string();
  if (kind == "boolean") return sized(Type::Kind::kBool, 1, 4);
  if (kind == "number") return sized(Type::Kind::kDouble, 1, 1);
  if (kind == "integer") return sized(Type::Kind::kInt, 1, 1);
  if (kind == "string") return text_type(schema);
  if (kind == "array") {
    const Value& items = schema["items"];
    if (!items.is_object()) return nullptr;
    TypeRef item = schema_type(items, items["x-kubernetes-embedded-resource"].as_bool());
    if (item == nullptr) return nullptr;
    auto list = sized(Type::Kind::kList, limit_of(schema, "maxItems", (kMostBytes - 2) / (item->least_bytes + 1)), 2);
    list->list_type = schema["x-kubernetes-list-type"].str();
    for (const Value& key : schema["x-kubernetes-list-map-keys"].items()) list->map_keys.push_back(key.str());
    list->params = {std::move(item)};
    return list;
  }
  if (kind != "object") return nullptr;
  const Value& additional = schema["additionalProperties"];
  if (!root && additional.is_object()) {
    TypeRef value = schema_type(additional, additional["x-kubernetes-embedded-resource"].as_bool());
    if (value == nullptr) return nullptr;
    auto map =
        sized(Type::Kind::kMap, limit_of(schema, "maxProperties", (kMostBytes - 2) / (value->least_bytes + 6)), 2);
    map->params = {sized(Type::Kind::kString, kMostBytes - 2, 2), std::move(value)};
    return map;
  }
  return fields_type(schema, root);
}

}  // namespace drydock::cel
