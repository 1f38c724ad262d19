#include "core/machinery/fields/field_type.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/fields/field_rules.h"
#include "core/machinery/schema.h"

namespace drydock {
namespace {

using Kind = FieldType::Kind;

FieldType of_kind(Kind kind, bool atomic = false) {
  FieldType type;
  type.kind = kind;
  type.atomic = atomic;
  return type;
}

const FieldType& any_type() {
  static const FieldType type = of_kind(Kind::kAny);
  return type;
}
const FieldType& atomic_any_type() {
  static const FieldType type = of_kind(Kind::kAny, true);
  return type;
}
const FieldType& scalar_type(std::string_view text) {
  static const FieldType string = of_kind(Kind::kString), number = of_kind(Kind::kNumber),
                         boolean = of_kind(Kind::kBool), scalar = of_kind(Kind::kScalar);
  if (text == "string" || text == "time" || text == "bytes") return string;
  if (text == "number") return number;
  return text == "boolean" ? boolean : scalar;
}

// Made as they are needed, and kept.
class BuiltinTypes {
 public:
  const FieldType* of_struct(std::string_view name, bool granular = false) {
    const std::string key = std::string(name) + (granular ? " granular" : "");
    const auto known = structs_.find(key);
    if (known != structs_.end()) return known->second;
    const Schema::Fields* fields = Schema::builtin().find(name);
    if (fields == nullptr) return nullptr;
    FieldType& made = add(of_kind(Kind::kMap, !granular && is_atomic_type(name)));
    structs_.emplace(key, &made);  // first: types hold themselves
    for (const auto& [field, type] : *fields)
      made.add_field(field, of_field(name, field, type), is_always_written(name, field));
    return &made;
  }

 private:
  const FieldType* of_field(std::string_view owner, std::string_view field, std::string_view text) {
    const FieldRule rule = field_rule(owner, field);
    const std::string_view inside = item_type(text);
    if (text.starts_with("Array<")) {
      FieldType& list = add(of_kind(Kind::kList, rule.list == FieldRule::List::kAtomic));
      list.item = of_text(inside);
      if (rule.list != FieldRule::List::kMap) return &list;
      for (const std::string& key : split(rule.map_keys, ',')) {
        list.keys.emplace_back(key);
        const std::string_view absent = key_default(inside, key);
        list.key_defaults.push_back(absent.empty() ? Value() : Value(absent));
      }
      return &list;
    }
    if (text.starts_with("{")) {
      FieldType& map = add(of_kind(Kind::kMap, rule.map_type == "atomic"));
      map.item = of_text(inside);
      return &map;
    }
    if (rule.map_type == "granular") return of_struct(text, true);
    return of_text(text);
  }

  // Types that no rule is about.
  const FieldType* of_text(std::string_view text) {
    if (text.starts_with("Array<")) {
      FieldType& list = add(of_kind(Kind::kList, true));
      list.item = of_text(item_type(text));
      return &list;
    }
    if (text.starts_with("{")) {
      FieldType& map = add(of_kind(Kind::kMap));
      map.item = of_text(item_type(text));
      return &map;
    }
    // Documents without a schema are one field.
    if (text == "any" || text == "object") return &atomic_any_type();
    const FieldType* known = of_struct(text);
    return known != nullptr ? known : &scalar_type(text);
  }

  FieldType& add(FieldType type) {
    type.lasting = true;
    return types_.emplace_back(std::move(type));
  }

  std::list<FieldType> types_;
  std::map<std::string, const FieldType*> structs_;
};

BuiltinTypes& builtin_types() {
  static BuiltinTypes types;
  return types;
}

class CustomBuilder {
 public:
  explicit CustomBuilder(std::list<FieldType>& types) : types_(types) {}

  const FieldType* of(const Value& schema) {
    const std::string_view type = schema["type"].as_string();
    if (schema["x-kubernetes-int-or-string"].as_bool()) return &scalar_type("");
    const bool open = schema["x-kubernetes-preserve-unknown-fields"].as_bool();
    if (type == "array") return of_list(schema);
    if (type == "object" || schema["properties"].is_object()) return of_map(schema, open);
    if (type == "string") return &scalar_type("string");
    if (type == "boolean") return &scalar_type("boolean");
    if (type == "integer" || type == "number") return &scalar_type("number");
    return open ? &any_type() : &atomic_any_type();
  }

  // The whole object: metadata is every object's.
  const FieldType* root(const Value& schema) {
    const bool open = schema["x-kubernetes-preserve-unknown-fields"].as_bool() || !schema.is_object();
    FieldType& made = types_.emplace_back(of_kind(Kind::kMap));
    std::map<std::string, const FieldType*> fields;
    for (const Value::Member& property : schema["properties"].members())
      fields[property.key.str()] = of(property.value);
    fields["apiVersion"] = fields["kind"] = &scalar_type("string");
    fields["metadata"] = builtin_types().of_struct("V1ObjectMeta");
    for (const auto& [name, type] : fields) made.add_field(name, type, name == "metadata");
    if (open) made.item = &any_type();
    return &made;
  }

 private:
  const FieldType* of_list(const Value& schema) {
    const std::string_view list_type = schema["x-kubernetes-list-type"].as_string();
    FieldType& list = types_.emplace_back(of_kind(Kind::kList, list_type != "map" && list_type != "set"));
    list.item = schema["items"].is_object() ? of(schema["items"]) : &any_type();
    if (list_type != "map") return &list;
    for (const Value& key : schema["x-kubernetes-list-map-keys"].items()) {
      list.keys.emplace_back(key.as_string());
      list.key_defaults.push_back(schema["items"]["properties"][key.as_string()]["default"]);
    }
    return &list;
  }

  const FieldType* of_map(const Value& schema, bool open) {
    const bool atomic = schema["x-kubernetes-map-type"].as_string() == "atomic";
    const Value& rest = schema["additionalProperties"];
    const Value& properties = schema["properties"];
    if (properties.empty() && !rest.is_object() && !schema["x-kubernetes-embedded-resource"].as_bool())
      return open || rest.as_bool() ? (atomic ? &atomic_any_type() : &any_type()) : &atomic_any_type();
    FieldType& map = types_.emplace_back(of_kind(Kind::kMap, atomic));
    if (rest.is_object())
      map.item = of(rest);
    else if (open)
      map.item = &any_type();
    std::map<std::string, const FieldType*> fields;
    for (const Value::Member& property : properties.members()) fields[property.key.str()] = of(property.value);
    if (schema["x-kubernetes-embedded-resource"].as_bool()) {
      fields["apiVersion"] = fields["kind"] = &scalar_type("string");
      fields["metadata"] = builtin_types().of_struct("V1ObjectMeta");
    }
    for (const auto& [name, type] : fields) map.add_field(name, type);
    return &map;
  }

  std::list<FieldType>& types_;
};

}  // namespace

void FieldType::add_field(std::string_view name, const FieldType* type, bool always_written) {
  fields.push_back({Key(name), Key("f:" + std::string(name)), type, always_written});
}

const FieldType::Field* FieldType::find(Key name, std::size_t& from) const {
  for (std::size_t at = from; at < fields.size(); ++at) {
    if (!(fields[at].name == name)) continue;
    from = at + 1;
    return &fields[at];
  }
  return nullptr;
}

const FieldType* builtin_field_type(std::string_view api_version, std::string_view kind) {
  return builtin_types().of_struct(Schema::builtin().type_of(api_version, kind));
}

const FieldType& CustomFieldTypes::of(const std::string& kind, const Value& schema) {
  Made& made = made_[kind];
  if (made.types.empty() || !made.schema.same_as(schema)) {
    made.schema = schema;
    made.types.clear();
    CustomBuilder(made.types).root(schema);
  }
  return made.types.front();
}

}  // namespace drydock
