#include "core/programs/kubectl/generators/generators.h"

#include "core/base/strings.h"
#include "core/programs/kubectl/connection/session.h"

namespace drydock::kubectl {

ApiResource built_in(std::string group, std::string version, std::string plural, std::string kind, bool namespaced) {
  ApiResource resource;
  resource.group = std::move(group);
  resource.version = std::move(version);
  resource.plural = std::move(plural);
  resource.kind = std::move(kind);
  resource.singular = to_lower(resource.kind);
  resource.namespaced = namespaced;
  return resource;
}

Value new_object(const ApiResource& resource, std::string_view name) {
  return Value::object(
      {{"apiVersion", resource.api_version()}, {"kind", resource.kind}, {"metadata", Value::object({{"name", name}})}});
}

Result<Value> parse_pairs(std::string_view text, std::string_view what) {
  Value pairs = Value::object();
  if (text.empty()) return pairs;
  for (const std::string& pair : split(text, ',')) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0)
      return Status::plain("unexpected " + std::string(what) + ": " + std::string(text));
    pairs.set(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return pairs;
}

Value int_or_string(std::string_view text) {
  if (const auto number = parse_int(text)) return *number;
  return text;
}

Task<Result<Generated>> generate(Session& session, std::string kind, std::vector<std::string> arguments) {
  const std::string name = arguments[0];
  if (kind == "deployment" || kind == "cronjob") co_return generate_workload(session, kind, arguments);
  if (kind == "job") co_return co_await generate_job(session, std::move(arguments));
  if (kind == "configmap" || kind.starts_with("secret"))
    co_return co_await generate_data(session, std::move(kind), name);
  if (kind.starts_with("service ")) co_return generate_service(session, kind.substr(8), name);
  if (kind == "ingress") co_return generate_ingress(session, name);
  if (contains(kind, "role")) co_return co_await generate_rbac(session, std::move(kind), name);
  co_return generate_policy(session, kind, name);
}

}  // namespace drydock::kubectl
