#include "core/apiserver/custom/rules.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "core/apiserver/custom/custom_schema.h"
#include "core/apiserver/custom/rule_path.h"
#include "core/apiserver/remembered.h"
#include "core/base/strings.h"
#include "core/cel/cel.h"
#include "core/cel/estimate.h"
#include "core/cel/schema_types.h"

namespace drydock {
namespace {

using cel::Type;
using cel::TypeRef;
using cel::Val;

constexpr std::size_t kRememberedSchemas = 64;
// As k8s.io/apiextensions-apiserver: of one rule, of a whole schema.
constexpr std::uint64_t kRuleCostLimit = 10'000'000;
constexpr std::uint64_t kSchemaCostLimit = 100'000'000;
constexpr std::uint64_t kMostRequestBytes = 3 * 1024 * 1024;
constexpr const char* kCostAdvice =
    " (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are "
    "declared)";
constexpr const char* kEmbedded = "x-kubernetes-embedded-resource";

struct Rule {
  Value rule;  // as it stands in the schema
  std::shared_ptr<const cel::Program> program;
  std::string error;
  std::shared_ptr<const cel::Program> message;  // of messageExpression
  std::string message_error;
  std::string field_path;  // "spec.size", from the rule's place
  bool optional_old() const { return rule["optionalOldSelf"].as_bool(); }
  bool uses_old() const { return program != nullptr && program->uses("oldSelf"); }
};

// The rules of a schema and of what lies below it; parts without any are left out.
struct Rules {
  Value schema;  // of the values here
  TypeRef type;
  std::vector<Rule> rules;
  std::unique_ptr<Rules> items;
  std::unique_ptr<Rules> additional;
  std::map<std::string, std::unique_ptr<Rules>> properties;
  std::vector<std::unique_ptr<Rules>> all_of;
  bool empty() const {
    return rules.empty() && items == nullptr && additional == nullptr && properties.empty() && all_of.empty();
  }
};

std::shared_ptr<const cel::Program> compiled(const Value& source, const cel::Environment& environment,
                                             std::string_view before, Type::Kind wanted, const char* otherwise,
                                             std::string& error) {
  cel::Compiled made = cel::compile(source.as_string(), environment);
  if (made.program == nullptr) {
    error = std::string(before) + "compilation failed: " + made.error;
    return nullptr;
  }
  if (made.program->type->kind != wanted) {
    error = otherwise;
    return nullptr;
  }
  return made.program;
}

Rule compile_rule(const Value& rule, const TypeRef& type, const Value& schema) {
  Rule made;
  made.rule = rule;
  if (trim(rule["rule"].as_string()).empty()) return made;
  cel::Environment environment;
  environment.variables["self"] = type;
  environment.variables["oldSelf"] = made.optional_old() ? cel::optional_of(type) : type;
  made.program =
      compiled(rule["rule"], environment, "", Type::Kind::kBool, "cel expression must evaluate to a bool", made.error);
  if (!rule["messageExpression"].empty()) {
    made.message = compiled(rule["messageExpression"], environment, "messageExpression ", Type::Kind::kString,
                            "messageExpression must evaluate to a string", made.message_error);
  }
  if (!rule["fieldPath"].empty()) {
    const Result<std::string> path = rule_field_path(trim(rule["fieldPath"].as_string()), schema);
    if (path) made.field_path = *path;
  }
  return made;
}

// Is there a rule at all? Most schemas have none: then nothing else is made.
bool has_rules(const Value& schema) {
  if (schema.is_array()) {
    for (const Value& item : schema.items()) {
      if (has_rules(item)) return true;
    }
  }
  if (!schema.is_object()) return false;
  if (schema.has("x-kubernetes-validations")) return true;
  for (const char* part : {"items", "additionalProperties", "allOf"}) {
    if (has_rules(schema[part])) return true;
  }
  for (const Value::Member& property : schema["properties"].members()) {
    if (has_rules(property.value)) return true;
  }
  return false;
}

// `rules_of` has the rules, `schema` the shape: they differ within allOf.
std::unique_ptr<Rules> build(const Value& rules_of, const Value& schema, bool root, const TypeRef& type) {
  if (type == nullptr) return nullptr;
  auto made = std::make_unique<Rules>();
  made->schema = schema;
  made->type = type;
  for (const Value& rule : rules_of["x-kubernetes-validations"].items())
    made->rules.push_back(compile_rule(rule, type, schema));
  const auto below = [](const Value& part, const Value& shape) -> std::unique_ptr<Rules> {
    if (!has_rules(part)) return nullptr;
    const bool embedded = shape[kEmbedded].as_bool();
    std::unique_ptr<Rules> rules = build(part, shape, embedded, cel::schema_type(shape, embedded));
    if (rules != nullptr && rules->empty()) rules.reset();
    return rules;
  };
  if (rules_of["items"].is_object() && schema["items"].is_object())
    made->items = below(rules_of["items"], schema["items"]);
  if (rules_of["additionalProperties"].is_object() && schema["additionalProperties"].is_object())
    made->additional = below(rules_of["additionalProperties"], schema["additionalProperties"]);
  for (const Value::Member& property : rules_of["properties"].members()) {
    const Value* shape = schema["properties"].find(property.key.view());
    if (shape == nullptr || (root && property.key.view() == "metadata")) continue;
    if (std::unique_ptr<Rules> rules = below(property.value, *shape))
      made->properties[property.key.str()] = std::move(rules);
  }
  for (const Value& part : rules_of["allOf"].items()) {
    std::unique_ptr<Rules> rules = build(part, schema, root, type);
    if (rules != nullptr && !rules->empty()) made->all_of.push_back(std::move(rules));
  }
  return made;
}

// The compiled rules of a schema; null when it has none. What was compiled is kept, by
// the schema's own identity: a definition's document is shared by all who look at it.
const Rules* rules_of(const Value& schema) {
  static Remembered<std::unique_ptr<Rules>> known(kRememberedSchemas);
  const auto make = [](const Value& of) -> std::unique_ptr<Rules> {
    return has_rules(of) ? build(of, of, true, cel::schema_type(of, true)) : nullptr;
  };
  return known.of(schema, make).get();
}

std::string rule_text(const Value& rule) {
  return std::string(trim(rule[rule["message"].empty() ? "rule" : "message"].as_string()));
}

// --- of a definition ---

void check_texts(const Value& rule, const std::string& path, const Value& schema, FieldErrors& errors) {
  const std::string_view source = rule["rule"].as_string();
  const std::string_view message = rule["message"].as_string();
  const auto lines = [](std::string_view text) { return text.find('\n') != std::string_view::npos; };
  if (trim(source).empty()) errors.required(path + ".rule", "rule is not specified");
  if (!message.empty() && trim(message).empty())
    errors.invalid(path + ".message", rule["message"], "message must be non-empty if specified");
  else if (lines(trim(message)))
    errors.invalid(path + ".message", rule["message"], "message must not contain line breaks");
  else if (lines(source) && trim(message).empty())
    errors.required(path + ".message", "message must be specified if rule contains line breaks");
  if (!rule["messageExpression"].empty() && trim(rule["messageExpression"].as_string()).empty())
    errors.required(path + ".messageExpression", "messageExpression must be non-empty if specified");
  if (!rule["reason"].is_null()) {
    const std::initializer_list<std::string_view> known = {"FieldValueRequired", "FieldValueInvalid",
                                                           "FieldValueForbidden", "FieldValueDuplicate"};
    errors.supported(rule, "reason", path, known);
  }
  const std::string_view field = rule["fieldPath"].as_string();
  if (field.empty()) return;
  if (trim(field).empty()) {
    errors.invalid(path + ".fieldPath", rule["fieldPath"], "fieldPath must be non-empty if specified");
  } else if (lines(field)) {
    errors.invalid(path + ".fieldPath", rule["fieldPath"], "fieldPath must not contain line breaks");
  } else if (const Result<std::string> found = rule_field_path(trim(field), schema); !found) {
    errors.invalid(path + ".fieldPath", rule["fieldPath"], "fieldPath must be a valid path: " + found.error().message);
  }
}

// How often the values of a part may occur; nullopt: as often as a request has room.
using Cardinality = std::optional<std::uint64_t>;

Cardinality times(Cardinality cardinality, const Value& limit) {
  if (!cardinality || !limit.is_int()) return std::nullopt;
  return cel::saturating_product(*cardinality, static_cast<std::uint64_t>(std::max<std::int64_t>(limit.as_int(), 0)));
}

std::string cost_text(const std::string& what, std::uint64_t cost, std::uint64_t limit) {
  const double factor = static_cast<double>(cost) / static_cast<double>(limit);
  const std::string shown = factor > 100   ? "more than 100x"
                            : factor < 1.5 ? format("%fx", factor)
                                           : format("%.1fx", factor);
  return what + " exceeds budget by factor of " + shown + kCostAdvice;
}

// What the rules of a schema may cost.
struct Costs {
  std::uint64_t total = 0;

  void add(const cel::Program* program, const Type& type, const Cardinality& cardinality, const std::string& path,
           const char* what, FieldErrors& errors) {
    if (program == nullptr) return;
    const std::uint64_t times = cardinality ? *cardinality : kMostRequestBytes / (type.least_bytes + 1);
    const std::uint64_t cost = cel::saturating_product(cel::estimate_cost(*program), times);
    if (cost > kRuleCostLimit) errors.forbidden(path, cost_text(what, cost, kRuleCostLimit));
    total = total > UINT64_MAX - cost ? UINT64_MAX : total + cost;
  }
};

// `uncorrelatable`: the part of the schema, if any, above which nothing tells old values.
void check_rules(const Rules& rules, const Value& source, const std::string& path, const std::string& uncorrelatable,
                 Cardinality cardinality, Costs& costs, FieldErrors& errors) {
  for (std::size_t i = 0; i < rules.rules.size(); ++i) {
    const Rule& rule = rules.rules[i];
    const std::string here = at(path + ".x-kubernetes-validations", i);
    check_texts(rule.rule, here, rules.schema, errors);
    if (!rule.error.empty()) errors.invalid(here + ".rule", rule.rule["rule"], rule.error);
    if (!rule.message_error.empty())
      errors.invalid(here + ".messageExpression", rule.rule["messageExpression"], rule.message_error);
    if (rule.uses_old() && !uncorrelatable.empty()) {
      errors.invalid(here + ".rule", rule.rule["rule"],
                     "oldSelf cannot be used on the uncorrelatable portion of the schema within " + uncorrelatable);
    }
  }
  for (std::size_t i = 0; i < rules.rules.size(); ++i) {
    const Rule& rule = rules.rules[i];
    const std::string here = at(path + ".x-kubernetes-validations", i);
    costs.add(rule.program.get(), *rules.type, cardinality, here + ".rule", "estimated rule cost", errors);
    costs.add(rule.message.get(), *rules.type, cardinality, here + ".messageExpression",
              "estimated messageExpression cost", errors);
  }
  const auto or_here = [&](bool correlatable) {
    return uncorrelatable.empty() && !correlatable ? path : uncorrelatable;
  };
  if (rules.items != nullptr) {
    const bool keyed = rules.schema["x-kubernetes-list-type"].as_string() == "map";
    check_rules(*rules.items, source["items"], path + ".items", or_here(keyed),
                times(cardinality, rules.schema["maxItems"]), costs, errors);
  }
  const bool granular = rules.schema["x-kubernetes-map-type"].as_string() != "atomic";
  if (rules.additional != nullptr)
    check_rules(*rules.additional, source["additionalProperties"], path + ".additionalProperties", or_here(granular),
                times(cardinality, rules.schema["maxProperties"]), costs, errors);
  for (const auto& [name, property] : rules.properties)
    check_rules(*property, source["properties"][name], at(path + ".properties", name), or_here(granular), cardinality,
                costs, errors);
  for (std::size_t i = 0; i < rules.all_of.size(); ++i)
    check_rules(*rules.all_of[i], source["allOf"][i], at(path + ".allOf", i), uncorrelatable, cardinality, costs,
                errors);
}

// --- of a resource ---

class Evaluator {
 public:
  Evaluator(FieldErrors& errors, std::vector<std::string>& warnings) : errors_(errors), warnings_(warnings) {}

  // `old`: what this value was, null when nothing corresponds; `above`: the nearest part
  // above that has an old value is as it was.
  void visit(const Rules& rules, const Value& document, const Value* old, bool above, const std::string& path) {
    if (document.is_null() || stopped_) return;
    const bool unchanged = old != nullptr ? *old == document : above;
    evaluate(rules, document, old, unchanged, path);
    for (const auto& part : rules.all_of) visit(*part, document, old, false, path);
    if (document.is_array() && rules.items != nullptr) {
      for (std::size_t i = 0; i < document.size(); ++i)
        visit(*rules.items, document[i], old_list_item(rules.schema, document[i], old), unchanged, at(path, i));
    }
    if (!document.is_object()) return;
    const bool granular = rules.schema["x-kubernetes-map-type"].as_string() != "atomic";
    for (const Value::Member& member : document.members()) {
      const std::string_view name = member.key.view();
      const Value* before = old == nullptr || !granular ? nullptr : old->find(name);
      const auto property = rules.properties.find(std::string(name));
      if (property != rules.properties.end())
        visit(*property->second, member.value, before, unchanged, below(path, name));
      else if (rules.additional != nullptr)
        visit(*rules.additional, member.value, before, unchanged, path + "[" + std::string(name) + "]");
    }
  }

 private:
  static std::string below(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : path + "." + std::string(name);
  }

  static std::string type_of(const Value& schema) { return schema["type"].str(); }

  // A cause, or a warning when nothing changed here.
  void report(const std::string& path, const Value& schema, const std::string& detail, std::string_view reason,
              bool warn) {
    FieldErrors found;
    const std::string shown = path.empty() ? "<nil>" : path;
    if (reason == "FieldValueForbidden")
      found.forbidden(shown, detail);
    else if (reason == "FieldValueRequired")
      found.required(shown, detail);
    else if (reason == "FieldValueDuplicate")
      found.duplicate(shown, type_of(schema));
    else
      found.invalid(shown, type_of(schema), detail);
    if (warn)
      warnings_.push_back(shown + ": " + found.causes[0].message);
    else
      errors_.causes.push_back(std::move(found.causes[0]));
  }

  bool spend(std::uint64_t cost) {
    budget_ -= static_cast<std::int64_t>(std::min<std::uint64_t>(cost, cel::kRuntimeBudget + 1));
    return budget_ >= 0;
  }

  void evaluate(const Rules& rules, const Value& document, const Value* old, bool unchanged, const std::string& path) {
    for (const Rule& rule : rules.rules) {
      if (stopped_) return;
      if (rule.program == nullptr) continue;
      if (rule.uses_old() && old == nullptr && !rule.optional_old()) continue;
      cel::Activation activation;
      activation.variables["self"] = Val::of_document(document, rules.type);
      if (rule.uses_old()) {
        Val before = old == nullptr ? Val::none() : Val::of_document(*old, rules.type);
        if (rule.optional_old() && old != nullptr) before = Val::some(std::move(before));
        activation.variables["oldSelf"] = std::move(before);
      }
      const cel::Outcome outcome = cel::evaluate(*rule.program, activation);
      const std::string text = rule_text(rule.rule);
      if (!spend(outcome.cost)) {
        stop(path, rules.schema,
             "validation failed due to running out of cost budget, no further validation rules will be run");
        return;
      }
      if (outcome.value.is_error()) {
        const std::string why(outcome.value.text());
        if (why.starts_with("no such overload")) {
          report(
              path, rules.schema,
              "'" + why +
                  "': call arguments did not match a supported operator, function or macro signature for rule: " + text,
              "", false);
        } else if (why.starts_with("operation cancelled")) {
          stop(path, rules.schema,
               "'" + why +
                   "': no further validation rules will be run due to call cost exceeds limit for rule: " + text);
        } else {
          report(path, rules.schema, why + " evaluating rule: " + text, "", false);
        }
        continue;
      }
      if (outcome.value.is_true()) continue;
      std::string detail = message_of(rule, activation);
      if (detail.empty())
        detail =
            rule.rule["message"].empty() ? "failed rule: " + text : std::string(trim(rule.rule["message"].as_string()));
      const std::string place = rule.field_path.empty()
                                    ? path
                                    : path + (path.empty() || rule.field_path[0] == '[' ? "" : ".") + rule.field_path;
      report(place, rules.schema, detail, rule.rule["reason"].as_string(), unchanged && !rule.uses_old());
    }
  }

  // What messageExpression makes; "" when that is no message.
  std::string message_of(const Rule& rule, const cel::Activation& activation) {
    if (rule.message == nullptr) return "";
    const cel::Outcome outcome = cel::evaluate(*rule.message, activation);
    if (!spend(outcome.cost)) budget_ = 0;
    if (!outcome.value.is(Val::Kind::kString)) return "";
    const std::string_view text = trim(outcome.value.text());
    if (text.size() > cel::kMostMessageBytes || text.find('\n') != std::string_view::npos) return "";
    return std::string(text);
  }

  void stop(const std::string& path, const Value& schema, const std::string& why) {
    report(path, schema, why, "", false);
    stopped_ = true;
  }

  FieldErrors& errors_;
  std::vector<std::string>& warnings_;
  std::int64_t budget_ = cel::kRuntimeBudget;
  bool stopped_ = false;
};

// Kinds of causes after which rules are not looked at: they would meet what they cannot read.
bool blocks(const StatusCause& cause) {
  for (const std::string_view type :
       {"FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid"}) {
    if (cause.type == type) return true;
  }
  return false;
}

}  // namespace

void check_schema_rules(const Value& schema, const std::string& path, FieldErrors& errors) {
  const Rules* rules = rules_of(schema);
  if (rules == nullptr) return;
  Costs costs;
  check_rules(*rules, schema, path, "", 1, costs, errors);
  if (costs.total > kSchemaCostLimit) {
    errors.forbidden(path, cost_text("x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema",
                                     costs.total, kSchemaCostLimit));
  }
}

void evaluate_schema_rules(const Value& schema, const Value& document, const Value& old, FieldErrors& errors,
                           std::vector<std::string>& warnings) {
  const Rules* rules = rules_of(schema);
  if (rules == nullptr) return;
  for (const StatusCause& cause : errors.causes) {
    if (!blocks(cause)) continue;
    errors.invalid("<nil>", Value(),
                   "some validation rules were not checked because the object was invalid; correct the existing errors "
                   "to complete validation");
    return;
  }
  Evaluator(errors, warnings).visit(*rules, document, old.is_null() ? nullptr : &old, false, "");
}

}  // namespace drydock
