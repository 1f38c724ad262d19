#include "core/machinery/schema.h"

#include <algorithm>
#include <iterator>

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

class Walker {
 public:
  explicit Walker(const Schema& schema) : schema_(schema) {}
  std::vector<std::string> unknown;  // `unknown field "spec.foo"`
  std::string wrong;                 // the first wrong type, as Go words it

  void object(const Value& document, std::string_view type, const std::string& path) {
    const Schema::Fields* fields = schema_.find(type);
    if (fields == nullptr) return;
    for (const Value::Member& member : document.members()) {
      const std::string here = path.empty() ? member.key.str() : path + "." + member.key.str();
      const auto field = fields->find(member.key.view());
      if (field == fields->end())
        unknown.push_back("unknown field " + go_quote(here));
      else
        value(member.value, field->second, here, type, member.key.view());
    }
  }

 private:
  void mismatch(const Value& found, std::string_view owner, std::string_view field, std::string_view go_type) {
    if (!wrong.empty()) return;
    std::string_view bare = owner;
    while (!bare.empty() && (bare[0] == 'V' || (bare[0] >= '0' && bare[0] <= '9'))) bare.remove_prefix(1);
    wrong = "json: cannot unmarshal " + std::string(json_kind(found)) + " into Go struct field " + std::string(bare) +
            "." + path_ + std::string(field) + " of type " + std::string(go_type);
  }

  // Go reads a quantity from the JSON text of whatever stands there.
  void quantity(const Value& found) {
    if (found.is_null() || !wrong.empty()) return;
    wrong = Quantity::fault(found.is_string() ? std::string(trim(found.as_string())) : dump_json(found));
  }

  void value(const Value& found, std::string_view type, const std::string& path, std::string_view owner,
             std::string_view field) {
    if (found.is_null() || type == "any" || type == "intorstring") return;
    if (type.starts_with("Array<")) {
      if (!found.is_array()) return mismatch(found, owner, field, "[]" + go_name(type.substr(6, type.size() - 7)));
      for (std::size_t i = 0; i < found.size(); ++i)
        value(found[i], type.substr(6, type.size() - 7), path + "[" + std::to_string(i) + "]", owner, field);
      return;
    }
    if (type.starts_with("{")) {
      if (!found.is_object()) return mismatch(found, owner, field, "map[string]string");
      const std::size_t colon = type.find("]:");
      const std::string_view inner = type.substr(colon + 2, type.find(';') - colon - 2);
      const bool quantities = inner == "string" && holds_quantities(owner, field);
      for (const Value::Member& member : found.members()) {
        if (quantities)
          quantity(member.value);
        else
          value(member.value, inner, path + "." + member.key.str(), owner, field);
      }
      return;
    }
    if (type == "string" || type == "time" || type == "bytes") {
      if (type == "string" && holds_quantities(owner, field)) return quantity(found);
      if (!found.is_string()) mismatch(found, owner, field, "string");
    } else if (type == "number") {
      if (!found.is_number()) mismatch(found, owner, field, "int32");
    } else if (type == "boolean") {
      if (!found.is_bool()) mismatch(found, owner, field, "bool");
    } else {
      if (!found.is_object()) return mismatch(found, owner, field, "v1." + go_name(type));
      const std::string outer = path_;
      path_ += std::string(field) + ".";
      object(found, type, path);
      path_ = outer;
    }
  }

  static std::string go_name(std::string_view type) {
    if (type == "string") return "string";
    std::string_view bare = type;
    while (!bare.empty() && (bare[0] == 'V' || (bare[0] >= '0' && bare[0] <= '9'))) bare.remove_prefix(1);
    return std::string(bare);
  }

  const Schema& schema_;
  std::string path_;
};

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

std::string Schema::type_of(std::string_view api_version, std::string_view kind) const {
  const std::size_t slash = api_version.find('/');
  const std::string_view group = slash == std::string_view::npos ? "" : api_version.substr(0, slash);
  std::string version(slash == std::string_view::npos ? api_version : api_version.substr(slash + 1));
  version[0] = 'V';
  // Two groups have an Event.
  std::string name = version + std::string(kind);
  if (kind == "Event") name = group.empty() ? "CoreV1Event" : "EventsV1Event";
  return find(name) != nullptr ? name : "";
}

Result<std::vector<std::string>> check_fields(std::string_view api_version, std::string_view kind,
                                              const Value& document, std::string_view strictness) {
  const std::string type = Schema::builtin().type_of(api_version, kind);
  std::vector<std::string> warnings;
  if (type.empty()) return warnings;
  Walker walker(Schema::builtin());
  walker.object(document, type, "");
  const std::size_t slash = api_version.find('/');
  const std::string version(slash == std::string_view::npos ? api_version : api_version.substr(slash + 1));
  const std::string prefix =
      std::string(kind) + " in version " + go_quote(version) + " cannot be handled as a " + std::string(kind) + ": ";
  if (!walker.wrong.empty()) return Status::bad_request(prefix + walker.wrong);
  if (walker.unknown.empty() || strictness == "Ignore") return warnings;
  if (strictness == "Strict")
    return Status::bad_request(prefix + "strict decoding error: " + join(walker.unknown, ", "));
  return walker.unknown;
}

}  // namespace drydock
