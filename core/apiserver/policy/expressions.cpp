#include "core/apiserver/policy/expressions.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "core/base/strings.h"

namespace drydock {
namespace {

using cel::Type;
using cel::TypeRef;
using cel::Val;

constexpr int kDeepestVariables = 50;

struct FieldOfType {
  const char* name;
  TypeRef type;
};

TypeRef record(const char* name, std::initializer_list<FieldOfType> fields) {
  std::map<std::string, TypeRef, std::less<>> known;
  for (const FieldOfType& field : fields) known[field.name] = field.type;
  return cel::object_type(name, [known = std::move(known)](std::string_view field) {
    const auto found = known.find(field);
    return found == known.end() ? nullptr : found->second;
  });
}

const TypeRef& request_type() {
  static const TypeRef type = [] {
    const TypeRef text = cel::read_type("s");
    const TypeRef kind = record("kubernetes.GroupVersionKind", {{"group", text}, {"version", text}, {"kind", text}});
    const TypeRef resource =
        record("kubernetes.GroupVersionResource", {{"group", text}, {"version", text}, {"resource", text}});
    const TypeRef user = record(
        "kubernetes.UserInfo",
        {{"username", text}, {"uid", text}, {"groups", cel::read_type("[s]")}, {"extra", cel::read_type("{s[s]}")}});
    return record("kubernetes.AdmissionRequest", {{"kind", kind},
                                                  {"resource", resource},
                                                  {"subResource", text},
                                                  {"requestKind", kind},
                                                  {"requestResource", resource},
                                                  {"requestSubResource", text},
                                                  {"name", text},
                                                  {"namespace", text},
                                                  {"operation", text},
                                                  {"userInfo", user},
                                                  {"dryRun", cel::read_type("o")},
                                                  {"options", cel::read_type("*")}});
  }();
  return type;
}

const TypeRef& namespace_type() {
  static const TypeRef type = [] {
    const TypeRef text = cel::read_type("s");
    const TypeRef texts = cel::read_type("{ss}");
    const TypeRef metadata =
        record("kubernetes.NamespaceMetadata", {{"name", text},
                                                {"generateName", text},
                                                {"namespace", text},
                                                {"labels", texts},
                                                {"annotations", texts},
                                                {"uid", text},
                                                {"creationTimestamp", cel::read_type("t")},
                                                {"deletionTimestamp", cel::read_type("t")},
                                                {"deletionGracePeriodSeconds", cel::read_type("i")},
                                                {"generation", cel::read_type("i")},
                                                {"resourceVersion", text},
                                                {"finalizers", cel::read_type("[s]")}});
    const TypeRef condition = record("kubernetes.NamespaceCondition", {{"status", text},
                                                                       {"type", text},
                                                                       {"lastTransitionTime", cel::read_type("t")},
                                                                       {"message", text},
                                                                       {"reason", text}});
    return record(
        "kubernetes.Namespace",
        {{"metadata", metadata},
         {"spec", record("kubernetes.NamespaceSpec", {{"finalizers", cel::read_type("[s]")}})},
         {"status", record("kubernetes.NamespaceStatus", {{"conditions", cel::list_of(condition)}, {"phase", text}})}});
  }();
  return type;
}

std::string_view kind_name(Type::Kind kind) {
  return kind == Type::Kind::kBool ? "bool" : kind == Type::Kind::kString ? "string" : "null_type";
}

}  // namespace

PolicyEnvironment::PolicyEnvironment(bool with_params, bool with_authorizer, TypeRef object, TypeRef parameters)
    : variables_(std::make_shared<std::map<std::string, TypeRef, std::less<>>>()) {
  const TypeRef dyn = cel::type_of(Type::Kind::kDyn);
  auto& known = environment_.variables;
  known["object"] = known["oldObject"] = object == nullptr ? dyn : object;
  known["request"] = request_type();
  known["namespaceObject"] = namespace_type();
  if (with_params) known["params"] = parameters == nullptr ? dyn : parameters;
  if (with_authorizer) {
    known["authorizer"] = cel::read_type("a");
    known["authorizer.requestResource"] = cel::read_type("k");
  }
  known["variables"] = cel::object_type("kubernetes.variables", [variables = variables_](std::string_view name) {
    const auto found = variables->find(name);
    return found == variables->end() ? nullptr : found->second;
  });
}

void PolicyEnvironment::add_variable(const std::string& name, const PolicyExpression& expression) {
  (*variables_)[name] = expression.program == nullptr ? cel::type_of(Type::Kind::kDyn) : expression.program->type;
}

PolicyExpression PolicyEnvironment::compile(const Value& source, std::string_view field,
                                            const ResultKinds& kinds) const {
  PolicyExpression made;
  made.source = source;
  cel::Compiled compiled = cel::compile(source[field].as_string(), environment_);
  if (compiled.program == nullptr) {
    made.error = "compilation failed: " + compiled.error;
    return made;
  }
  if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), compiled.program->type->kind) == kinds.end()) {
    std::vector<std::string> names;
    for (const Type::Kind kind : kinds) names.emplace_back(kind_name(kind));
    made.error =
        names.size() == 1 ? "must evaluate to " + names[0] : "must evaluate to one of [" + join(names, " ") + "]";
    return made;
  }
  made.program = std::move(compiled.program);
  return made;
}

// variables.NAME: evaluated when first looked at.
struct LazyVariables final : cel::RecordBox {
  PolicyEvaluation* evaluation = nullptr;
  const std::vector<PolicyExpression>* variables = nullptr;
  mutable std::map<std::string, Val, std::less<>> known;

  bool field(std::string_view name, Val& found) const override {
    if (const auto before = known.find(name); before != known.end()) {
      found = before->second;
      return true;
    }
    for (const PolicyExpression& variable : *variables) {
      if (variable.source["name"].as_string() != name) continue;
      const std::string before = "composited variable " + go_quote(name) + " fails to ";
      if (variable.program == nullptr) {
        found = Val::error(before + "compile: " + variable.error);
      } else if (evaluation->depth_ == kDeepestVariables) {
        found = Val::error(before + "evaluate: variables refer to each other too deeply");
      } else {
        ++evaluation->depth_;
        const cel::Outcome outcome = cel::evaluate(*variable.program, evaluation->activation_);
        --evaluation->depth_;
        evaluation->budget_ -= static_cast<std::int64_t>(outcome.cost);
        found = outcome.value.is_error() ? Val::error(before + "evaluate: " + std::string(outcome.value.text()))
                                         : outcome.value;
      }
      known.emplace(name, found);
      return true;
    }
    return false;
  }
};

PolicyEvaluation::PolicyEvaluation(const PolicyInput& input, const Value* params,
                                   const std::vector<PolicyExpression>& variables) {
  auto& known = activation_.variables;
  known["object"] = Val::of_document(input.object);
  known["oldObject"] = Val::of_document(input.old_object);
  known["request"] = Val::of_document(input.request, request_type());
  known["namespaceObject"] = Val::of_document(input.namespace_object, namespace_type());
  known["params"] = params == nullptr ? Val() : Val::of_document(*params);
  if (input.ask) {
    known["authorizer"] = cel::authorizer_value(input.ask);
    const Value& resource = input.request["requestResource"];
    cel::AuthorizerQuery query;
    query.group = resource["group"].str();
    query.version = resource["version"].str();
    query.resource = resource["resource"].str();
    query.subresource = input.request["requestSubResource"].str();
    query.ns = input.request["namespace"].str();
    query.name = input.request["name"].str();
    known["authorizer.requestResource"] = cel::resource_check_value(input.ask, std::move(query));
  }
  if (!variables.empty()) {
    auto lazy = std::make_shared<LazyVariables>();
    lazy->evaluation = this;
    lazy->variables = &variables;
    known["variables"] = Val::of_box(Val::Kind::kRecord, std::move(lazy));
  }
}

Val PolicyEvaluation::evaluate(const PolicyExpression& expression, std::string_view field) {
  if (expression.program == nullptr) return Val::error("compilation error: " + expression.error);
  if (spent())
    return Val::error("validation failed due to running out of cost budget, no further validation rules will be run");
  const cel::Outcome outcome = cel::evaluate(*expression.program, activation_);
  budget_ -= static_cast<std::int64_t>(std::min<std::uint64_t>(outcome.cost, cel::kRuntimeBudget + 1));
  if (!outcome.value.is_error()) return outcome.value;
  return Val::error(std::string(field) + " '" + expression.source[field].str() +
                    "' resulted in error: " + std::string(outcome.value.text()));
}

std::vector<PolicyExpression> compile_conditions(const Value& conditions, const PolicyEnvironment& environment) {
  std::vector<PolicyExpression> compiled;
  for (const Value& condition : conditions.items())
    compiled.push_back(environment.compile(condition, "expression", {Type::Kind::kBool}));
  return compiled;
}

Result<bool> conditions_hold(const std::vector<PolicyExpression>& conditions, PolicyEvaluation& evaluation) {
  std::string failure;
  for (const PolicyExpression& condition : conditions) {
    const Val verdict = evaluation.evaluate(condition, "expression");
    if (verdict.is_false()) return false;
    if (verdict.is_error() && failure.empty()) failure = verdict.text();
  }
  if (!failure.empty()) return Status::plain(failure);
  return true;
}

}  // namespace drydock
