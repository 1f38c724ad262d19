// What upstream's controller finds when it holds a policy's expressions against the
// types of the resources that it matches.
#include <memory>
#include <set>

#include "core/apiserver/policy/expressions.h"
#include "core/apiserver/policy/policy.h"
#include "core/base/strings.h"
#include "core/cel/schema_types.h"
#include "core/machinery/schema.h"

namespace drydock {
namespace {

using cel::Type;
using cel::TypeRef;

constexpr std::size_t kMostTypes = 10;

TypeRef builtin_type(std::string_view name);

// "string", "Array<V1Container>", "{[key: string]: string;}", "V1PodSpec".
TypeRef field_type(std::string_view text) {
  if (text.starts_with("Array<")) return cel::list_of(field_type(text.substr(6, text.size() - 7)));
  if (text.starts_with("{")) {
    const std::size_t start = text.find("]:") + 2;
    return cel::map_of(cel::type_of(Type::Kind::kString), field_type(text.substr(start, text.find(';') - start)));
  }
  if (text == "string") return cel::type_of(Type::Kind::kString);
  if (text == "boolean") return cel::type_of(Type::Kind::kBool);
  if (text == "number") return cel::type_of(Type::Kind::kInt);
  if (text == "time") return cel::type_of(Type::Kind::kTimestamp);
  if (text == "bytes") return cel::type_of(Type::Kind::kBytes);
  TypeRef known = builtin_type(text);
  return known == nullptr ? cel::type_of(Type::Kind::kDyn) : known;
}

// Fields are looked up when somebody asks: types hold themselves.
TypeRef builtin_type(std::string_view name) {
  const Schema::Fields* fields = Schema::builtin().find(name);
  if (fields == nullptr) return nullptr;
  auto type = std::make_shared<Type>();
  type->kind = Type::Kind::kObject;
  type->name = name;
  type->field = [fields](std::string_view field) -> TypeRef {
    std::string plain = cel::unescape_property(field);
    const auto found = fields->find(plain);
    return found == fields->end() ? nullptr : field_type(found->second);
  };
  return type;
}

TypeRef type_of_resource(const ResourceInfo& resource) {
  if (resource.definition.is_object()) return cel::schema_type(resource.definition["schema"]["openAPIV3Schema"], true);
  return builtin_type(Schema::builtin().type_of(resource.api_version(), resource.kind));
}

// The kinds that the rules name one by one; a star names none.
std::vector<const ResourceInfo*> matched_kinds(const Value& rules, const ResourceRegistry& registry) {
  std::vector<const ResourceInfo*> found;
  std::set<std::string> seen;
  for (const Value& rule : rules.items()) {
    for (const Value& group : rule["apiGroups"].items()) {
      for (const Value& version : rule["apiVersions"].items()) {
        for (const Value& resource : rule["resources"].items()) {
          const ResourceInfo* info = registry.find(group.as_string(), version.as_string(), resource.as_string());
          if (info == nullptr || !seen.insert(info->api_version() + "/" + info->kind).second) continue;
          if (found.size() < kMostTypes) found.push_back(info);
        }
      }
    }
  }
  return found;
}

}  // namespace

Value policy_status(const Object& policy, const ResourceRegistry& registry) {
  const Value& spec = policy.spec();
  Value warnings = Value::array();
  const std::vector<const ResourceInfo*> kinds = matched_kinds(spec["matchConstraints"]["resourceRules"], registry);
  TypeRef params;
  const bool with_params = spec["paramKind"].is_object();
  if (with_params) {
    const Value& kind = spec["paramKind"];
    const ResourceInfo* info = registry.find_kind(kind["apiVersion"].as_string(), kind["kind"].as_string());
    if (info != nullptr) params = type_of_resource(*info);
  }
  const Value& validations = spec["validations"];
  for (std::size_t i = 0; i < validations.size(); ++i) {
    for (const char* field : {"expression", "messageExpression"}) {
      if (validations[i][field].empty()) continue;
      std::vector<std::string> lines;
      for (const ResourceInfo* kind : kinds) {
        const TypeRef type = type_of_resource(*kind);
        if (type == nullptr) continue;
        PolicyEnvironment environment(with_params, std::string_view(field) == "expression", type, params);
        for (const Value& variable : spec["variables"].items())
          environment.add_variable(variable["name"].str(), environment.compile(variable, "expression", {}));
        const cel::Compiled compiled = cel::compile(validations[i][field].as_string(), environment.cel());
        if (compiled.program != nullptr) continue;
        lines.push_back((kind->group.empty() ? "" : kind->group + "/") + kind->version + ", Kind=" + kind->kind + ": " +
                        compiled.error);
      }
      if (lines.empty()) continue;
      warnings.push_back(Value::object(
          {{"fieldRef", "spec.validations[" + std::to_string(i) + "]." + field}, {"warning", join(lines, "\n")}}));
    }
  }
  Value checked = Value::object();
  if (!warnings.empty()) checked.set("expressionWarnings", std::move(warnings));
  return Value::object({{"observedGeneration", policy.generation()}, {"typeChecking", std::move(checked)}});
}

}  // namespace drydock
