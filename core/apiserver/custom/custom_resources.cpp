// CustomResourceDefinitions: resources that come and go while the server runs.
#include "core/apiserver/api_server.h"
#include "core/apiserver/custom/custom_schema.h"
#include "core/apiserver/custom/definition.h"
#include "core/apiserver/custom/rule_path.h"
#include "core/apiserver/custom/rules.h"
#include "core/base/strings.h"
#include "core/machinery/timestamp.h"
#include "core/machinery/validation/field_errors.h"
#include "core/machinery/validation/names.h"

namespace drydock {
namespace {

const Value& schema_of(const ResourceInfo& resource) { return resource.definition["schema"]["openAPIV3Schema"]; }

constexpr std::size_t kMostSelectableFields = 8;

// What the versions of a definition say of its resources: rules, fields to select by.
void check_versions(const Value& versions, FieldErrors& errors) {
  bool alike = true;
  for (const Value& version : versions.items()) alike = alike && version["schema"] == versions[0]["schema"];
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const std::string here = at("spec.versions", i);
    const Value& schema = versions[i]["schema"]["openAPIV3Schema"];
    // One schema for all versions is the definition's.
    if (alike && i == 0) check_schema_rules(schema, "spec.validation.openAPIV3Schema", errors);
    if (!alike) check_schema_rules(schema, here + ".schema.openAPIV3Schema", errors);
    const Value& fields = versions[i]["selectableFields"];
    const std::string list = alike ? "spec.selectableFields" : here + ".selectableFields";
    if (fields.size() > kMostSelectableFields) errors.too_many(list, fields.size(), kMostSelectableFields);
    for (std::size_t j = 0; j < fields.size(); ++j) {
      const Value& path = fields[j]["jsonPath"];
      const std::string field = at(list, j) + ".jsonPath";
      if (path.empty())
        errors.required(field);
      else if (const Result<std::string> found = rule_field_path(path.as_string(), schema, false); !found)
        errors.invalid(field, path, "is an invalid path: " + found.error().message);
      else if (found->starts_with("metadata.") || *found == "metadata")
        errors.invalid(field, path, "must not point to fields in metadata");
      for (std::size_t k = 0; k < j; ++k) {
        if (fields[k]["jsonPath"] == path) errors.duplicate(field, path);
      }
    }
    const Value& columns = versions[i]["additionalPrinterColumns"];
    for (std::size_t j = 0; j < columns.size(); ++j) {
      const std::string column = at((alike ? std::string("spec") : here) + ".additionalPrinterColumns", j);
      if (columns[j]["name"].empty()) errors.required(column + ".name");
      if (columns[j]["type"].empty())
        errors.required(column + ".type", "must be one of boolean,date,integer,number,string");
      else
        errors.supported(columns[j], "type", column, {"boolean", "date", "integer", "number", "string"});
      if (columns[j]["jsonPath"].empty()) errors.required(column + ".JSONPath");
    }
  }
}

}  // namespace

void ApiServer::define_custom(const Object& definition) {
  if (!is_established(definition)) return;
  const Value& spec = definition.spec();
  const Value& names = spec["names"];
  for (const Value& version : spec["versions"].items()) {
    if (!version["served"].as_bool()) {
      registry_.remove(spec["group"].as_string(), version["name"].as_string(), names["plural"].as_string());
      continue;
    }
    ResourceInfo info;
    info.group = spec["group"].str();
    info.version = version["name"].str();
    info.resource = names["plural"].str();
    info.singular = names["singular"].empty() ? to_lower(names["kind"].as_string()) : names["singular"].str();
    info.kind = names["kind"].str();
    for (const Value& name : names["shortNames"].items()) info.short_names.push_back(name.str());
    for (const Value& category : names["categories"].items()) {
      if (category.as_string() == "all")
        info.in_all = true;
      else
        info.categories.push_back(category.str());
    }
    info.namespaced = spec["scope"].as_string() == "Namespaced";
    for (const char* name : {"scale", "status"}) {
      if (version["subresources"].has(name)) info.subresources.emplace_back(name);
    }
    info.definition = version;
    registry_.add(std::move(info));
  }
  cache(spec["group"].as_string(), names["plural"].as_string());
}

void ApiServer::forget_custom(const Object& definition, const Object& next) {
  if (!is_established(definition)) return;
  for (const Value& version : definition.spec()["versions"].items()) {
    if (!version_of(next, version["name"].as_string()).is_null()) continue;
    registry_.remove(definition.spec()["group"].as_string(), version["name"].as_string(),
                     definition.spec()["names"]["plural"].as_string());
  }
}

// With its definition goes every object of a resource.
Task<Result<void>> ApiServer::remove_instances(Object definition) {
  ResourceInfo resource;
  resource.group = definition.spec()["group"].str();
  resource.resource = definition.spec()["names"]["plural"].str();
  resource.namespaced = definition.spec()["scope"].as_string() == "Namespaced";
  RangeRequest all;
  all.key = store_key(resource, {"", ""});
  if (resource.namespaced) all.key.pop_back();
  all.range_end = prefix_end(all.key);
  DRYDOCK_CO_TRY(const RangeResult found, co_await store_.range(all));
  for (const KeyValue& item : found.items) {
    TxnRequest request;
    StoreOp erase;
    erase.type = StoreOp::Type::kDelete;
    erase.key = item.key;
    request.success.push_back(std::move(erase));
    DRYDOCK_CO_TRY(const TxnResult done, co_await store_.txn(std::move(request)));
    (void)done;
  }
  co_return Result<void>();
}

// A definition's own defaults and the status that its controllers would write.
Result<void> ApiServer::admit_definition(Value& document, const Object& old) {
  // References into a document end with its next change: names are written back whole.
  Value names = document["spec"]["names"];
  if (names["singular"].empty()) names.set("singular", to_lower(names["kind"].as_string()));
  if (names["listKind"].empty()) names.set("listKind", names["kind"].str() + "List");
  document.ref("spec").set("names", names);
  if (!document["spec"]["conversion"].is_object())
    document.ref("spec").set("conversion", Value::object({{"strategy", "None"}}));
  FieldErrors errors;
  validate_definition(document, old, errors);
  check_versions(document["spec"]["versions"], errors);
  if (!errors.causes.empty()) {
    return Status::invalid("apiextensions.k8s.io", "CustomResourceDefinition", document["metadata"]["name"].as_string(),
                           std::move(errors.causes));
  }
  document.set("status", definition_status(document, old, *this, registry_, format_timestamp(loop_.now())));
  return {};
}

Result<void> ApiServer::check_custom(Call& call, Value& document) {
  const ResourceInfo& resource = *call.resource;
  const Value& schema = schema_of(resource);
  const std::string_view strictness = call.http.query.get("fieldValidation");
  std::vector<std::string> unknown;
  for (const std::string& path : prune_unknown(schema, document)) unknown.push_back("unknown field " + go_quote(path));
  if (!unknown.empty() && strictness == "Strict") {
    return Status::bad_request(resource.kind + " in version " + go_quote(resource.version) +
                               " cannot be handled as a " + resource.kind +
                               ": strict decoding error: " + join(unknown, ", "));
  }
  if (strictness != "Ignore") call.warnings.insert(call.warnings.end(), unknown.begin(), unknown.end());
  apply_schema_defaults(schema, document);
  return {};
}

std::vector<StatusCause> ApiServer::custom_causes(Call& call, const Value& document, const Value& old) {
  FieldErrors errors;
  const Value& schema = schema_of(*call.resource);
  validate_against_schema(schema, document, old.is_null() ? nullptr : &old, "", errors);
  evaluate_schema_rules(schema, document, old, errors, call.warnings);
  return std::move(errors.causes);
}

}  // namespace drydock
