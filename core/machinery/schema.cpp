#include "core/machinery/schema.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <vector>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/quantity.h"
#include "core/machinery/validation.h"

namespace drydock {
namespace {

// What Go calls the kinds of JSON values.
std::string_view json_kind(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return "null";
    case Value::Kind::kBool:
      return "bool";
    case Value::Kind::kInt:
    case Value::Kind::kDouble:
      return "number";
    case Value::Kind::kString:
      return "string";
    case Value::Kind::kArray:
      return "array";
    case Value::Kind::kObject:
      return "object";
  }
  return "";
}

// The fields whose type is Quantity, or a list or map of it: the client's models call them
// strings. Types without their version, so "Counter.value" is that of every version.
constexpr std::string_view kQuantities[] = {
    "CSIStorageCapacity.capacity",
    "CSIStorageCapacity.maximumVolumeSize",
    "CapacityRequestPolicy.default",
    "CapacityRequestPolicy.validValues",
    "CapacityRequestPolicyRange.max",
    "CapacityRequestPolicyRange.min",
    "CapacityRequestPolicyRange.step",
    "CapacityRequirements.requests",
    "ContainerStatus.allocatedResources",
    "Counter.value",
    "DeviceCapacity.value",
    "DeviceRequestAllocationResult.consumedCapacity",
    "EmptyDirVolumeSource.sizeLimit",
    "HPAScalingRules.tolerance",
    "LimitRangeItem.default",
    "LimitRangeItem.defaultRequest",
    "LimitRangeItem.max",
    "LimitRangeItem.maxLimitRequestRatio",
    "LimitRangeItem.min",
    "MetricTarget.averageValue",
    "MetricTarget.value",
    "MetricValueStatus.averageValue",
    "MetricValueStatus.value",
    "NodeAllocatableResourceClaimStatus.resources",
    "NodeAllocatableResourceMapping.allocationMultiplier",
    "NodeStatus.allocatable",
    "NodeStatus.capacity",
    "Overhead.podFixed",
    "PersistentVolumeClaimStatus.allocatedResources",
    "PersistentVolumeClaimStatus.capacity",
    "PersistentVolumeSpec.capacity",
    "PodSpec.overhead",
    "PodStatus.allocatedResources",
    "ResourceFieldSelector.divisor",
    "ResourceQuotaSpec.hard",
    "ResourceQuotaStatus.hard",
    "ResourceQuotaStatus.used",
    "ResourceRequirements.limits",
    "ResourceRequirements.requests",
    "VolumeResourceRequirements.limits",
    "VolumeResourceRequirements.requests",
};

// "V1beta1Counter" is "Counter".
std::string_view without_version(std::string_view type) {
  const std::size_t digits = type.find_first_not_of("0123456789", 1);
  if (!type.starts_with("V") || digits == 1 || digits == std::string_view::npos) return type;
  type.remove_prefix(digits);
  for (const std::string_view stage : {"alpha", "beta"}) {
    if (!type.starts_with(stage)) continue;
    type.remove_prefix(stage.size());
    type.remove_prefix(std::min(type.find_first_not_of("0123456789"), type.size()));
  }
  return type;
}

bool holds_quantities(std::string_view owner, std::string_view field) {
  const std::string name = std::string(without_version(owner)) + "." + std::string(field);
  return std::binary_search(std::begin(kQuantities), std::end(kQuantities), std::string_view(name));
}

struct Type;

// A field's type as the check needs it: the table's texts are taken apart once.
struct Shape {
  enum class Kind { kAny, kString, kQuantity, kNumber, kBool, kArray, kMap, kObject };
  Kind kind = Kind::kAny;
  std::string_view text;        // as the table has it
  std::unique_ptr<Shape> item;  // of arrays and maps
  const Type* object = nullptr;
};

struct Field {
  Key name;
  Shape shape;
};

struct Type {
  std::string_view name;
  std::vector<Field> fields;  // by name

  // `from`: where the last member was found. Members of a document and fields are in the
  // same order, so that most are found at once.
  const Field* find(Key name_wanted, std::size_t& from) const {
    for (std::size_t at = from; at < fields.size(); ++at) {
      if (fields[at].name == name_wanted) {
        from = at + 1;
        return &fields[at];
      }
    }
    return nullptr;
  }
};

// The types that some document needed so far.
class Types {
 public:
  // Null for types that are not known.
  static const Type* find(std::string_view name) {
    static Types types;
    return types.get(name);
  }

 private:
  const Type* get(std::string_view name) {
    const auto known = types_.find(name);
    if (known != types_.end()) return known->second.get();
    const Schema::Fields* fields = Schema::builtin().find(name);
    if (fields == nullptr) return nullptr;
    Type& made = *types_.emplace(name, std::make_unique<Type>()).first->second;  // first: types hold themselves
    made.name = name;
    for (const auto& [field, type] : *fields) made.fields.push_back({Key(field), shape(type, name, field)});
    return &made;
  }

  Shape shape(std::string_view type, std::string_view owner, std::string_view field) {
    Shape made;
    made.text = type;
    if (type.starts_with("Array<")) {
      made.kind = Shape::Kind::kArray;
      made.item = std::make_unique<Shape>(shape(type.substr(6, type.size() - 7), owner, field));
    } else if (type.starts_with("{")) {
      made.kind = Shape::Kind::kMap;
      const std::size_t colon = type.find("]:");
      made.item = std::make_unique<Shape>(shape(type.substr(colon + 2, type.find(';') - colon - 2), owner, field));
    } else if (type == "string" && holds_quantities(owner, field)) {
      made.kind = Shape::Kind::kQuantity;
    } else if (type == "string" || type == "time" || type == "bytes") {
      made.kind = Shape::Kind::kString;
    } else if (type == "number") {
      made.kind = Shape::Kind::kNumber;
    } else if (type == "boolean") {
      made.kind = Shape::Kind::kBool;
    } else if (type != "any" && type != "intorstring") {
      made.kind = Shape::Kind::kObject;
      made.object = get(type);
    }
    return made;
  }

  std::map<std::string_view, std::unique_ptr<Type>> types_;
};

// Where the check is: written out only for what is wrong.
struct Place {
  const Place* outer = nullptr;
  std::string_view name{};  // of a field or of a map's key
  std::size_t index = 0;    // of an array's item
  enum class Kind { kField, kKey, kItem } kind = Kind::kField;

  std::string path() const {  // "spec.containers[0].image"
    const std::string before = outer == nullptr ? "" : outer->path();
    if (kind == Kind::kItem) return before + "[" + std::to_string(index) + "]";
    return (before.empty() ? "" : before + ".") + std::string(name);
  }
  std::string fields() const {  // "spec.containers.image", as Go names a struct's fields
    const std::string before = outer == nullptr ? "" : outer->fields();
    if (kind != Kind::kField) return before;
    return (before.empty() ? "" : before + ".") + std::string(name);
  }
};

class Walker {
 public:
  std::vector<std::string> unknown;  // `unknown field "spec.foo"`
  std::string wrong;                 // the first wrong type, as Go words it

  // Parts that `known` shares have passed before.
  void object(const Value& document, const Type& type, const Place* outer, const Value& known) {
    std::size_t from = 0;
    for (const Value::Member& member : document.members()) {
      const Place here{outer, member.key.view()};
      if (const Field* field = type.find(member.key, from)) {
        const Value& passed = known[member.key.view()];
        if (!passed.same_as(member.value)) value(member.value, field->shape, here, type, passed);
      } else {
        unknown.push_back("unknown field " + go_quote(here.path()));
      }
    }
  }

 private:
  void mismatch(const Value& found, const Type& owner, const Place& place, const std::string& go_type) {
    if (!wrong.empty()) return;
    wrong = "json: cannot unmarshal " + std::string(json_kind(found)) + " into Go struct field " + go_name(owner.name) +
            "." + place.fields() + " of type " + go_type;
  }

  // Go reads a quantity from the JSON text of whatever stands there.
  void quantity(const Value& found) {
    if (found.is_null() || !wrong.empty()) return;
    wrong = Quantity::fault(found.is_string() ? std::string(trim(found.as_string())) : dump_json(found));
  }

  void value(const Value& found, const Shape& shape, const Place& place, const Type& owner, const Value& known) {
    using Kind = Shape::Kind;
    if (found.is_null()) return;
    switch (shape.kind) {
      case Kind::kAny:
        return;
      case Kind::kArray:
        if (!found.is_array()) return mismatch(found, owner, place, "[]" + go_name(shape.item->text));
        for (std::size_t i = 0; i < found.size(); ++i) {
          if (!known[i].same_as(found[i]))
            value(found[i], *shape.item, {&place, {}, i, Place::Kind::kItem}, owner, known[i]);
        }
        return;
      case Kind::kMap:
        if (!found.is_object()) return mismatch(found, owner, place, "map[string]string");
        for (const Value::Member& member : found.members()) {
          const Value& passed = known[member.key.view()];
          if (passed.same_as(member.value)) continue;
          value(member.value, *shape.item, {&place, member.key.view(), 0, Place::Kind::kKey}, owner, passed);
        }
        return;
      case Kind::kQuantity:
        return quantity(found);
      case Kind::kString:
        if (!found.is_string()) mismatch(found, owner, place, "string");
        return;
      case Kind::kNumber:
        if (!found.is_number()) mismatch(found, owner, place, "int32");
        return;
      case Kind::kBool:
        if (!found.is_bool()) mismatch(found, owner, place, "bool");
        return;
      case Kind::kObject:
        if (!found.is_object()) return mismatch(found, owner, place, "v1." + go_name(shape.text));
        if (shape.object != nullptr) object(found, *shape.object, &place, known);
        return;
    }
  }

  // "V1PodSpec" is PodSpec.
  static std::string go_name(std::string_view type) {
    while (!type.empty() && (type[0] == 'V' || (type[0] >= '0' && type[0] <= '9'))) type.remove_prefix(1);
    return std::string(type);
  }
};

// Leaves out what the type does not have, as decoding into a struct does.
void drop_unknown(Value& document, const Type& type);

void drop_unknown(Value& found, const Shape& shape) {
  if (shape.kind == Shape::Kind::kObject && shape.object != nullptr && found.is_object()) {
    drop_unknown(found, *shape.object);
  } else if (shape.kind == Shape::Kind::kArray && found.is_array()) {
    for (std::size_t i = 0; i < found.size(); ++i) drop_unknown(found.mutable_item(i), *shape.item);
  } else if (shape.kind == Shape::Kind::kMap && shape.item->kind == Shape::Kind::kObject && found.is_object()) {
    const Value before = found;
    for (const Value::Member& member : before.members()) drop_unknown(found.ref(member.key), *shape.item);
  }
}

void drop_unknown(Value& document, const Type& type) {
  const Value before = document;
  std::size_t from = 0;
  for (const Value::Member& member : before.members()) {
    if (const Field* field = type.find(member.key, from))
      drop_unknown(document.ref(member.key), field->shape);
    else
      document.erase(member.key.view());
  }
}

}  // namespace

Schema::Schema() {
  for (const char* const* text = kSchemaLines; *text != nullptr; ++text) {
    std::string_view line(*text);
    std::size_t space = line.find(' ');
    Fields& fields = types_[line.substr(0, space)];
    while (space != std::string_view::npos) {
      line.remove_prefix(space + 1);
      space = line.find(' ');
      const std::string_view field = line.substr(0, space);
      const std::size_t equals = field.find('=');
      fields[field.substr(0, equals)] = field.substr(equals + 1);
    }
  }
}

const Schema& Schema::builtin() {
  static const Schema schema;
  return schema;
}

const Schema::Fields* Schema::find(std::string_view type) const {
  const auto at = types_.find(type);
  return at == types_.end() ? nullptr : &at->second;
}

std::string_view Schema::type_of(std::string_view api_version, std::string_view kind) const {
  const std::size_t slash = api_version.find('/');
  const std::string_view group = slash == std::string_view::npos ? "" : api_version.substr(0, slash);
  std::string version(slash == std::string_view::npos ? api_version : api_version.substr(slash + 1));
  version[0] = 'V';
  // Two groups have an Event.
  std::string name = version + std::string(kind);
  if (kind == "Event") name = group.empty() ? "CoreV1Event" : "EventsV1Event";
  const auto at = types_.find(name);
  return at == types_.end() ? std::string_view() : at->first;
}

Result<std::vector<std::string>> check_fields(std::string_view api_version, std::string_view kind, Value& document,
                                              std::string_view strictness, const Value& known) {
  std::vector<std::string> warnings;
  const Type* type = Types::find(Schema::builtin().type_of(api_version, kind));
  if (type == nullptr) return warnings;
  Walker walker;
  walker.object(document, *type, nullptr, known);
  if (walker.wrong.empty() && walker.unknown.empty()) return warnings;
  const std::size_t slash = api_version.find('/');
  const std::string version(slash == std::string_view::npos ? api_version : api_version.substr(slash + 1));
  const std::string prefix =
      std::string(kind) + " in version " + go_quote(version) + " cannot be handled as a " + std::string(kind) + ": ";
  if (!walker.wrong.empty()) return Status::bad_request(prefix + walker.wrong);
  if (strictness == "Strict")
    return Status::bad_request(prefix + "strict decoding error: " + join(walker.unknown, ", "));
  drop_unknown(document, *type);
  return strictness == "Ignore" ? std::move(warnings) : std::move(walker.unknown);
}

}  // namespace drydock
