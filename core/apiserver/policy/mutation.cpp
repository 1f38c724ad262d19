#include "core/apiserver/policy/mutation.h"

#include "core/apiserver/policy/expressions.h"
#include "core/apiserver/policy/matching.h"
#include "core/apiserver/remembered.h"
#include "core/base/strings.h"
#include "core/machinery/fields/field_merge.h"
#include "core/machinery/fields/field_type.h"
#include "core/machinery/patch.h"

namespace drydock {
namespace {

using cel::Type;
using cel::TypeRef;
using cel::Val;

constexpr std::size_t kRememberedPolicies = 256;
constexpr std::string_view kPatchType = "JSONPatch";

struct CompiledMutations {
  std::vector<PolicyExpression> conditions, variables, mutations;
};

CompiledMutations compile_mutations(const Value& spec) {
  PolicyEnvironment environment(spec["paramKind"].is_object(), true);
  environment.cel().structure = mutation_type;
  CompiledMutations made;
  made.conditions = compile_conditions(spec["matchConditions"], environment);
  for (const Value& variable : spec["variables"].items()) {
    made.variables.push_back(environment.compile(variable, "expression", {}));
    environment.add_variable(variable["name"].str(), made.variables.back());
  }
  for (const Value& mutation : spec["mutations"].items()) {
    const bool apply = mutation["patchType"].as_string() == "ApplyConfiguration";
    made.mutations.push_back(
        environment.compile(mutation[apply ? "applyConfiguration" : "jsonPatch"], "expression", {}));
  }
  return made;
}

const CompiledMutations& compiled(const Value& spec) {
  static Remembered<CompiledMutations> known(kRememberedPolicies);
  return known.of(spec, compile_mutations);
}

// Fields that say which object it is may not be touched.
std::string forbidden_field(const Value& configuration) {
  for (const char* field : {"apiVersion", "kind"}) {
    if (configuration.has(field)) return field;
  }
  for (const char* field : {"name", "namespace", "uid", "managedFields", "resourceVersion"}) {
    if (configuration["metadata"].has(field)) return std::string("metadata.") + field;
  }
  return "";
}

// The atomic lists, maps and structs that a configuration would replace as a whole.
void find_atomic(const Value& part, const FieldType* type, const std::string& path, std::vector<std::string>& found) {
  if (type == nullptr || (!part.is_object() && !part.is_array())) return;
  if (type->atomic) {
    found.push_back(path);
    return;
  }
  for (const Value& item : part.items()) find_atomic(item, type->item, path, found);
  for (const Value::Member& member : part.members()) {
    const FieldType::Field* field = type->find(member.key);
    find_atomic(member.value, field == nullptr ? type->item : field->type, path + "." + member.key.str(), found);
  }
}

Result<Value> mutated(const Value& document, const Val& value, bool apply, const ResourceInfo& resource) {
  Value result;
  if (!value.to_document(result)) return Status::plain("mutation is not a document");
  if (!apply) return apply_json_patch(document, result);
  if (const std::string field = forbidden_field(result); !field.empty())
    return Status::plain("invalid ApplyConfiguration: may not mutate " + field);
  CustomFieldTypes custom;
  const FieldType* type = resource.definition.is_object()
                              ? &custom.of(resource.kind, resource.definition["schema"]["openAPIV3Schema"])
                              : builtin_field_type(resource.api_version(), resource.kind);
  if (type == nullptr) return apply_merge_patch(document, result);
  std::vector<std::string> atomic;
  find_atomic(result, type, "", atomic);
  if (!atomic.empty()) {
    return Status::plain("invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: " +
                         join(atomic, ", "));
  }
  return merge_fields(document, result, *type);
}

class Mutator {
 public:
  Mutator(const PolicyRequest& request, Value& document)
      : request_(request), call_(request.hooked.call), document_(document) {}

  Result<void> run() {
    const ObjectView::Objects& policies = call_.objects.all(kPolicyGroup, "mutatingadmissionpolicies");
    const ObjectView::Objects& bindings = call_.objects.all(kPolicyGroup, "mutatingadmissionpolicybindings");
    for (const auto& [key, policy] : policies) {
      for (const auto& [name, binding] : bindings) {
        if (binding.spec()["policyName"].as_string() != key.name) continue;
        const Result<void> done = apply(policy, binding);
        if (done || policy.spec()["failurePolicy"].as_string() == "Ignore") continue;
        Status status = admission_forbidden(
            call_, Object(document_),
            "policy '" + key.name + "' with binding '" + name.name + "' denied request: " + done.error().message);
        status.reason = "Invalid";
        status.code = 422;
        return status;
      }
    }
    return {};
  }

 private:
  Result<void> apply(const Object& policy, const Object& binding) {
    const Value& spec = policy.spec();
    DRYDOCK_TRY(const std::string version, policy_match(request_.hooked, spec["matchConstraints"]));
    if (version.empty()) return {};
    const Value& resources = binding.spec()["matchResources"];
    if (resources.is_object()) {
      DRYDOCK_TRY(const std::string bound, policy_match(request_.hooked, resources));
      if (bound.empty()) return {};
    }
    Result<std::vector<Value>> params = policy_params(request_, spec["paramKind"], binding.spec()["paramRef"]);
    if (!params) return Status::plain("failed to configure binding: " + params.error().message);
    const CompiledMutations& mutations = compiled(spec);
    for (const Value& each : *params) {
      PolicyInput input = policy_input(request_, version);
      input.object = document_;
      const Value* param = each.is_null() ? nullptr : &each;
      {
        PolicyEvaluation evaluation(input, param, mutations.variables);
        DRYDOCK_TRY(const bool holds, conditions_hold(mutations.conditions, evaluation));
        if (!holds) continue;
      }
      for (std::size_t i = 0; i < mutations.mutations.size(); ++i) {
        // Each sees what those before it have made.
        input.object = document_;
        PolicyEvaluation evaluation(input, param, mutations.variables);
        const Val value = evaluation.evaluate(mutations.mutations[i], "expression");
        if (value.is_error()) return Status::plain(std::string(value.text()));
        const bool apply = spec["mutations"][i]["patchType"].as_string() == "ApplyConfiguration";
        DRYDOCK_TRY(document_, mutated(document_, value, apply, call_.resource));
      }
    }
    return {};
  }

  const PolicyRequest& request_;
  const AdmissionCall& call_;
  Value& document_;
};

}  // namespace

TypeRef mutation_type(std::string_view name) {
  if (name == kPatchType) {
    return cel::object_type(std::string(kPatchType), [](std::string_view field) -> TypeRef {
      if (field == "op" || field == "path" || field == "from") return cel::type_of(Type::Kind::kString);
      return field == "value" ? cel::type_of(Type::Kind::kDyn) : nullptr;
    });
  }
  if (name != "Object" && !name.starts_with("Object.")) return nullptr;
  // What fits into a field is not known here: the merged object is validated as any other.
  return cel::object_type(std::string(name), [](std::string_view) { return cel::type_of(Type::Kind::kDyn); });
}

std::string mutation_result_fault(const Type& type, bool apply_configuration) {
  if (apply_configuration)
    return type.kind == Type::Kind::kObject && type.name == "Object" ? "" : "must evaluate to Object";
  const bool patches = type.kind == Type::Kind::kList &&
                       (type.params[0]->name == kPatchType || type.params[0]->kind == Type::Kind::kDyn);
  return patches ? "" : "must evaluate to list(JSONPatch)";
}

Result<void> change_by_mutating_policies(const PolicyRequest& request, Value& document) {
  return Mutator(request, document).run();
}

}  // namespace drydock
