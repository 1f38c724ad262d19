// Configuration, secrets, quotas, ranges and nodes.
#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/quantity.h"
#include "core/machinery/validation/kinds.h"
#include "core/machinery/validation/names.h"

namespace drydock {
namespace {

constexpr std::size_t kMostBytes = 1024 * 1024;

std::size_t keys_and_size(FieldErrors& errors, const Value& data, const std::string& path) {
  std::size_t bytes = 0;
  for (const Value::Member& entry : data.members()) {
    errors.invalid_for(at(path, entry.key.view()), entry.key.str(), config_key_problems(entry.key.view()));
    bytes += entry.value.size();
  }
  return bytes;
}

}  // namespace

void validate_config_map(FieldErrors& errors, const Object& object) {
  const Value& data = object.doc()["data"];
  const Value& binary = object.doc()["binaryData"];
  const std::size_t bytes = keys_and_size(errors, data, "data") + keys_and_size(errors, binary, "binaryData") * 3 / 4;
  for (const Value::Member& entry : data.members()) {
    if (binary.has(entry.key.view()))
      errors.invalid(at("data", entry.key.view()), entry.key.str(), "duplicate of key present in binaryData");
  }
  if (bytes > kMostBytes) errors.too_long("", kMostBytes);
}

void validate_secret(FieldErrors& errors, const Object& object) {
  const Value& data = object.doc()["data"];
  if (keys_and_size(errors, data, "data") * 3 / 4 > kMostBytes) errors.too_long("data", kMostBytes);
  const std::string_view type = object.doc()["type"].as_string();
  if (type == "kubernetes.io/service-account-token") {
    if (object.annotation("kubernetes.io/service-account.name").empty())
      errors.required("metadata.annotations[kubernetes.io/service-account.name]");
  } else if (type == "kubernetes.io/dockerconfigjson") {
    if (!data.has(".dockerconfigjson"))
      errors.required("data[.dockerconfigjson]");
    else if (!parse_json(base64_decode(data[".dockerconfigjson"].as_string()).value_or("")))
      errors.invalid("data[.dockerconfigjson]", "<secret contents redacted>", "invalid character in JSON text");
  } else if (type == "kubernetes.io/basic-auth") {
    if (!data.has("username") && !data.has("password")) {
      errors.required("data[username]");
      errors.required("data[password]");
    }
  } else if (type == "kubernetes.io/ssh-auth") {
    if (data["ssh-privatekey"].empty()) errors.required("data[ssh-privatekey]");
  } else if (type == "kubernetes.io/tls") {
    for (const char* key : {"tls.crt", "tls.key"}) {
      if (!data.has(key)) errors.required(at("data", key));
    }
  }
}

void validate_resource_quota(FieldErrors& errors, const Object& object) {
  for (const Value::Member& limit : object.spec()["hard"].members()) {
    const std::string field = at("spec.hard", limit.key.view());
    errors.invalid_for(field, limit.key.str(), qualified_name_problems(limit.key.view()));
    const auto amount = Quantity::from(limit.value);
    if (amount && *amount < Quantity()) errors.invalid(field, amount->str(), "must be greater than or equal to 0");
  }
}

void validate_limit_range(FieldErrors& errors, const Object& object) {
  std::set<std::string> types;
  const Value& limits = object.spec()["limits"];
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const Value& limit = limits[i];
    const std::string here = at("spec.limits", i);
    const std::string type = limit["type"].str();
    errors.invalid_for(here + ".type", type, qualified_name_problems(type));
    if (!types.insert(type).second) errors.duplicate(here + ".type", type);
    if (type == "Pod") {
      if (!limit["default"].empty()) errors.forbidden(here + ".default", "may not be specified when `type` is 'Pod'");
      if (!limit["defaultRequest"].empty())
        errors.forbidden(here + ".defaultRequest", "may not be specified when `type` is 'Pod'");
    }
    std::set<std::string> resources;
    for (const char* list : {"min", "max", "default", "defaultRequest"}) {
      for (const Value::Member& entry : limit[list].members()) resources.insert(entry.key.str());
    }
    for (const std::string& resource : resources) {
      auto amount = [&](const char* list) { return Quantity::from(limit[list][resource]); };
      auto ordered = [&](const char* low, const char* high, const std::string& words) {
        if (!amount(low) || !amount(high) || *amount(low) <= *amount(high)) return;
        errors.invalid(at(here + "." + low, resource), amount(low)->str(),
                       words + amount(low)->str() + " is greater than " +
                           (std::string_view(high) == "max"       ? "max value "
                            : std::string_view(high) == "default" ? "default limit value "
                                                                  : "default request value ") +
                           amount(high)->str());
      };
      ordered("min", "max", "min value ");
      ordered("min", "defaultRequest", "min value ");
      ordered("defaultRequest", "max", "default request value ");
      ordered("defaultRequest", "default", "default request value ");
      ordered("default", "max", "default value ");
    }
  }
}

void validate_node(FieldErrors& errors, const Object& object) {
  std::set<std::string> seen;
  const Value& taints = object.spec()["taints"];
  for (std::size_t i = 0; i < taints.size(); ++i) {
    const Value& taint = taints[i];
    const std::string here = at("spec.taints", i);
    errors.invalid_for(here + ".key", taint["key"].str(), label_key_problems(taint["key"].as_string()));
    errors.invalid_for(here + ".value", taint["value"].str(), label_value_problems(taint["value"].as_string()));
    errors.supported(taint, "effect", here, {"NoSchedule", "PreferNoSchedule", "NoExecute"});
    if (!seen.insert(taint["key"].str() + ":" + taint["effect"].str()).second) {
      errors.causes.push_back(
          {"FieldValueDuplicate",
           "Duplicate value: " + dump_json(taint) + ": taints must be unique by key and effect pair", here});
    }
  }
}

}  // namespace drydock
